"""Verbs of courses. Each is one transaction; every one that touches seats locks the course's row before anything else of it."""

from marketplace.bookings.actions.courses.commissioning import commission_places
from marketplace.bookings.actions.courses.deciding import (
    approve_places,
    refuse_places,
    withdraw_places,
)
from marketplace.bookings.actions.courses.ending import (
    cancel_event,
    finish_event,
    take_register,
)
from marketplace.bookings.actions.courses.giving_back import cancel_place, waive_place_charge
from marketplace.bookings.actions.courses.grouping import GroupShare, book_as_group
from marketplace.bookings.actions.courses.naming import name_attendee
from marketplace.bookings.actions.courses.ordering import Attendee, book_places
from marketplace.bookings.actions.courses.releasing import consent_to_lead, refuse_to_release_lead
from marketplace.bookings.actions.courses.scheduling import change_joining, schedule_event
from marketplace.bookings.actions.courses.sweeping import offer_again, sweep_courses
from marketplace.bookings.actions.courses.waiting import (
    decline_offer,
    join_waiting,
    leave_waiting,
    take_offer,
)

__all__ = [
    "Attendee",
    "GroupShare",
    "approve_places",
    "book_as_group",
    "book_places",
    "cancel_event",
    "cancel_place",
    "change_joining",
    "commission_places",
    "consent_to_lead",
    "decline_offer",
    "finish_event",
    "join_waiting",
    "leave_waiting",
    "name_attendee",
    "offer_again",
    "refuse_places",
    "refuse_to_release_lead",
    "schedule_event",
    "sweep_courses",
    "take_offer",
    "take_register",
    "waive_place_charge",
    "withdraw_places",
]
