"""Courses, their places and waiting lists. Courses are scheduled by their action, so that all that belongs to one is there."""

import itertools
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import Attendee
from marketplace.bookings.models import CourseDate, CourseEvent, LeadTime, PlaceOrder, WaitingEntry
from marketplace.bookings.rules.courses import Stretch
from marketplace.buyback import actions as buyback
from marketplace.buyback.models import Entitlement, InclusionKind
from marketplace.catalogue.models import Offer, Practitioner, SupportType
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.organisations.models import Area, Organisation, School
from tests.builders.bookings import a_booking_day
from tests.builders.buyback import a_package, a_window, an_agreement, an_edition
from tests.builders.catalogue import a_practitioner, a_support_type, an_offer
from tests.builders.organisations import a_person, a_provider, a_school, actor_of, an_area

__all__ = [
    "CourseScene",
    "a_course",
    "a_course_scene",
    "a_waiting_school",
    "attendees",
    "it_is_over",
    "places_for",
    "some_places_of_a_package",
]

_names = itertools.count(1)


@dataclass
class CourseScene:
    """A provider with a course offer and a person who leads it, and a school that buys."""

    area: Area
    provider: Organisation
    provider_lead: Actor
    person: Actor
    practitioner: Practitioner
    offer: Offer
    school: School
    buyer: Actor
    head: Actor

    def another_school(self) -> tuple[School, Actor]:
        """One more school of the area and its headteacher."""
        school = a_school(self.area)
        return school, actor_of(a_person(Role.HEADTEACHER, at=school))


def a_course_scene(**offer: Any) -> CourseScene:
    """The council's service gives a course at £100 a place, led by somebody it employs itself; a maintained school buys."""
    area = an_area()
    provider = a_provider(area)
    person = a_person(Role.PRACTITIONER, at=provider)
    practitioner = a_practitioner(provider, user=person)
    school = a_school(area)
    given = {
        "support_type": _course_type(),
        "price_rule": {"kind": "per_place", "amount_pence": 100_00},
        "mode": "both",
    }
    return CourseScene(
        area=area,
        provider=provider,
        provider_lead=actor_of(a_person(Role.PROVIDER_LEAD, at=provider)),
        person=actor_of(person),
        practitioner=practitioner,
        offer=an_offer(provider, practitioners=[practitioner], **given | offer),
        school=school,
        buyer=actor_of(a_person(Role.STAFF, at=school)),
        head=actor_of(a_person(Role.HEADTEACHER, at=school)),
    )


def _course_type() -> SupportType:
    return a_support_type(service_kind="course")


def a_course(scene: CourseScene, *, day: date | None = None, **changes: Any) -> CourseEvent:
    """A morning six weeks ahead with ten seats, open until the day before; `day` or any argument of `schedule_event` may differ."""
    day = day or a_booking_day(days_ahead=42)
    given: dict[str, Any] = {
        "actor": scene.provider_lead,
        "offer": scene.offer,
        "dates": [Stretch(day, time(9), time(12))],
        "mode": "in_person",
        "venue": "The Old Hall",
        "joining": "Ring the bell at the side door",
        "seats": 10,
        "minimum_places": 1,
        "closing_day": day - timedelta(days=1),
        "leaders": [scene.practitioner],
    }
    return courses.schedule_event(**given | changes)


def attendees(number: int) -> list[Attendee]:
    """So many people with names of their own."""
    return [Attendee(f"Attendee {next(_names):04d}", "Teacher") for _ in range(number)]


def places_for(event: CourseEvent, school: School, actor: Actor, number: int = 1, **how: Any) -> PlaceOrder:
    """Places a school ordered: confirmed at once where the person may commit the amount."""
    given = {"attendees": attendees(number)} | how
    return courses.book_places(actor=actor, event=event, school=school, **given)


def a_waiting_school(scene: CourseScene, event: CourseEvent, places: int = 1) -> tuple[WaitingEntry, Actor]:
    """A new school that waits for places on a full course, and its headteacher."""
    school, head = scene.another_school()
    return courses.join_waiting(actor=head, event=event, school=school, places=places), head


def some_places_of_a_package(scene: CourseScene, quantity: int = 6) -> Entitlement:
    """Places the school holds in a package of the scene's provider, usable for a year either way."""
    edition = an_edition(
        a_package(scene.provider), window=a_window(scene.area), includes=((InclusionKind.PLACES, quantity),)
    )
    agreement = an_agreement(school=scene.school, seller=scene.provider, editions=[edition])
    [entitlement] = buyback.grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get())
    today = timezone.now().date()
    entitlement.valid_from, entitlement.valid_to = today - timedelta(days=300), today + timedelta(days=300)
    entitlement.save()
    return entitlement


def it_is_over(event: CourseEvent, days_ago: int = 1) -> CourseEvent:
    """The same course with its dates in the past, so that a register can be filled in."""
    shift = timezone.now() - timedelta(days=days_ago) - event.ends_at
    event.starts_at, event.ends_at, event.closes_at = (
        moment + shift for moment in (event.starts_at, event.ends_at, event.closes_at)
    )
    event.save(update_fields=["starts_at", "ends_at", "closes_at"])
    for row in CourseDate.objects.filter(event=event):
        row.starts_at, row.ends_at = row.starts_at + shift, row.ends_at + shift
        row.day = row.starts_at.date()
        row.save(update_fields=["starts_at", "ends_at", "day"])
    for taken in LeadTime.objects.filter(lead__event=event):
        taken.during = (taken.during.lower + shift, taken.during.upper + shift)
        taken.save(update_fields=["during"])
    return event
