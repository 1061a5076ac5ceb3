"""Bookings and diaries in the admin: to be looked at. Changes go through actions, which lock, check and write history."""

from django.contrib import admin

from marketplace.bookings.models import (
    Blackout,
    Booking,
    BookingOrder,
    Diary,
    DiaryException,
    SchoolClosure,
    TermDate,
    WeeklyPattern,
)
from marketplace.organisations.admin import ReadOnly


@admin.register(Booking)
class BookingAdmin(ReadOnly):
    list_display = ("reference", "status", "day", "session", "practitioner", "receiving_school", "provider")
    list_filter = ("status", "session", "route")
    search_fields = ("reference", "practitioner__name", "receiving_school__name", "provider__name")
    list_select_related = ("practitioner", "receiving_school", "provider")


@admin.register(Diary)
class DiaryAdmin(ReadOnly):
    list_display = ("practitioner", "minimum_notice_days", "travel_minutes", "term_time_only")


@admin.register(WeeklyPattern, DiaryException)
class DiaryRowAdmin(ReadOnly):
    list_display = ("practitioner", "__str__")


@admin.register(TermDate, Blackout)
class CalendarAdmin(ReadOnly):
    list_display = ("__str__", "area", "first_day", "last_day")


@admin.register(BookingOrder)
class BookingOrderAdmin(ReadOnly):
    list_display = ("reference", "receiving_school", "requested_by", "created_at")


@admin.register(SchoolClosure)
class SchoolClosureAdmin(ReadOnly):
    list_display = ("__str__", "declared_by", "declared_at")
