"""Addresses of bookings, diaries, closed days, term dates and the approval rule."""

from django.urls import path

from frontend.views.bookings import choosing, deciding, diaries, ending, lists, ordering, rules, terms

app_name = "bookings"
urlpatterns = [
    path("bookings/", lists.bookings, name="list"),
    path("bookings/new/", choosing.new, name="new"),
    path("bookings/new/dates/", choosing.dates, name="dates"),
    path("bookings/approval-rule/", rules.approval_rule, name="approval_rule"),
    path("bookings/<str:reference>/", lists.booking, name="booking"),
    path("bookings/<str:reference>/calendar.ics", lists.calendar, name="calendar"),
    path("bookings/<str:reference>/order/", ordering.order, name="order"),
    path("bookings/<str:reference>/ordered/", ordering.ordered, name="ordered"),
    path("bookings/<str:reference>/approve/", deciding.approve, name="approve"),
    path("bookings/<str:reference>/consent/", deciding.consent, name="consent"),
    path("bookings/<str:reference>/decline/", ending.decline, name="decline"),
    path("bookings/<str:reference>/withdraw/", ending.withdraw, name="withdraw"),
    path("bookings/<str:reference>/cancel/<slug:by>/", ending.cancel, name="cancel"),
    path("bookings/<str:reference>/no-show/<slug:absent>/", ending.no_show, name="no_show"),
    path("provide/people/<str:reference>/diary/", diaries.diary, name="diary"),
    path("provide/people/<str:reference>/diary/week/", diaries.week, name="week"),
    path("provide/people/<str:reference>/diary/settings/", diaries.settings, name="diary_settings"),
    path("provide/people/<str:reference>/diary/exceptions/", diaries.add_exception, name="add_exception"),
    path(
        "provide/people/<str:reference>/diary/exceptions/<int:number>/remove/",
        diaries.remove_exception,
        name="remove_exception",
    ),
    path("provide/closed-days/", terms.closed_days, name="closed_days"),
    path("provide/closed-days/<str:reference>/", terms.closed_days_of, name="closed_days_of"),
    path(
        "provide/closed-days/<str:reference>/<int:number>/remove/",
        terms.remove_closed_days_of,
        name="remove_closed_days_of",
    ),
    path("areas/term-dates/", terms.term_dates, name="term_dates"),
    path("areas/term-dates/closed-days/", terms.area_closed_days, name="area_closed_days"),
    path(
        "areas/term-dates/closed-days/<int:number>/remove/",
        terms.remove_area_closed_days,
        name="remove_area_closed_days",
    ),
]
