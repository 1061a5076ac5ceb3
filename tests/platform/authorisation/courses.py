"""What courses add to the world: one open, one full that a school waits for, one past, one planned, and orders in the states that count."""

from datetime import time, timedelta
from typing import Any

from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import Attendee, GroupShare
from marketplace.bookings.models import CourseEvent
from marketplace.bookings.rules.courses import Stretch
from marketplace.kernel.dates import financial_year, local
from marketplace.organisations.queries import actor_for
from tests.builders import (
    a_booking_day,
    a_stream,
    a_support_type,
    an_offer,
    it_is_over,
    places_for,
)
from tests.builders.organisations import a_school


def lay_out(world: Any) -> None:
    """Courses of the scene's provider, led by its practitioner, and places of the buying school."""
    scene = world.scene
    world.course_offer = an_offer(
        scene.provider,
        practitioners=[scene.practitioner],
        support_type=a_support_type(service_kind="course"),
        price_rule={"kind": "per_place", "amount_pence": 100_00},
        cancellation_tariff={"tiers": [{"at_most": 300, "percent_bp": 5000}]},
        mode="both",
    )
    world.planned_course = _course(world, 100, release=False)
    world.open_course = _course(world, 107)
    world.full_course = _course(world, 114, seats=2)
    world.past_course = _course(world, 121)
    head, staff = actor_for(world.people["headteacher"]), actor_for(world.people["staff"])
    world.places = places_for(
        world.open_course, scene.school, head, 2, attendees=[Attendee("Ada"), Attendee("Joan")]
    )
    world.places_to_approve = places_for(world.open_course, scene.school, staff, 1)
    world.full_places = places_for(world.full_course, scene.school, head, 2)
    courses.cancel_place(actor=head, order=world.places.reference, number=2)
    # Who waits: the school itself, once offered and once not.
    world.waiting_entry = courses.join_waiting(
        actor=head, event=world.full_course, school=scene.school, places=1
    )
    world.offered_course = _course(world, 128, seats=1)
    taken = places_for(world.offered_course, scene.school, head, 1)
    world.offered = courses.join_waiting(
        actor=head, event=world.offered_course, school=scene.school, places=1
    )
    courses.cancel_place(actor=head, order=taken.reference, number=1)
    world.past_places = places_for(world.past_course, scene.school, head, 1)
    it_is_over(world.past_course)
    courses.take_register(
        actor=actor_for(world.people["provider_lead"]), event=world.past_course, number=1, came=[]
    )
    world.sibling_of_group = a_school(world.area)
    world.sibling_of_group.trust = world.trust
    world.sibling_of_group.save()
    world.group = courses.book_as_group(
        actor=staff,
        event=world.open_course,
        lead_school=scene.school,
        shares=[GroupShare(scene.school, 1), GroupShare(world.sibling_of_group, 1)],
        split_by="equally",
    )
    starts = local(world.open_course.starts_at).date()
    world.course_stream = a_stream(world.area, name="Places", financial_year=financial_year(starts))


def _course(world: Any, days_ahead: int, *, seats: int = 10, release: bool = True) -> CourseEvent:
    day = a_booking_day(days_ahead=days_ahead)
    event = courses.schedule_event(
        actor=actor_for(world.people["provider_lead"]),
        offer=world.course_offer,
        dates=[Stretch(day, time(16, 30), time(18))],
        mode="remote",
        joining="Link",
        seats=seats,
        minimum_places=1,
        closing_day=day,
        leaders=[world.scene.practitioner],
    )
    if release:
        courses.consent_to_lead(
            actor=actor_for(world.people["releasing_head"]),
            event=event,
            practitioner=world.scene.practitioner.reference,
            beyond_agreed=True,
            note="Yes",
        )
    return event


def _schedule(world: Any) -> dict[str, Any]:
    day = a_booking_day(days_ahead=150)
    return {
        "day_1": day.isoformat(),
        "starts_1": "16:30",
        "ends_1": "18:00",
        "mode": "remote",
        "seats": "10",
        "minimum_places": "1",
        "closing_day": (day - timedelta(days=1)).isoformat(),
        "leaders": [world.scene.practitioner.reference],
    }


VALUES: dict[str, Any] = {
    "courses reference": lambda w: w.open_course.reference,
    "courses number": lambda w: 1,
    "courses person": lambda w: w.scene.practitioner.reference,
    "courses:new reference": lambda w: w.course_offer.reference,
    "courses:order reference": lambda w: w.places.reference,
    "courses:decide reference": lambda w: w.places_to_approve.reference,
    "courses:withdraw reference": lambda w: w.places_to_approve.reference,
    "courses:commission reference": lambda w: w.places.reference,
    "courses:name reference": lambda w: w.places.reference,
    "courses:give_back reference": lambda w: w.places.reference,
    "courses:waive reference": lambda w: w.places.reference,
    "courses:waive number": lambda w: 2,
    "courses:waiting reference": lambda w: w.offered.reference,
    "courses:group reference": lambda w: w.group.reference,
    "courses:finish reference": lambda w: w.past_course.reference,
    "courses:register reference": lambda w: w.past_course.reference,
    "courses:release reference": lambda w: w.planned_course.reference,
    "course reference": lambda w: w.open_course.reference,
    "place reference": lambda w: w.places.reference,
    "place-order-approve reference": lambda w: w.places_to_approve.reference,
    "place-order-refuse reference": lambda w: w.places_to_approve.reference,
    "place-order-withdraw reference": lambda w: w.places_to_approve.reference,
    "waiting reference": lambda w: w.waiting_entry.reference,
    "waiting-take reference": lambda w: w.offered.reference,
}

QUERIES: dict[str, Any] = {
    "courses:book": lambda w: {"school": w.scene.school.urn, "places": 1},
    "place-order-cancellation-quote": lambda w: {"number": 1},
}

BODIES: dict[str, Any] = {
    "courses:new": _schedule,
    "courses:book": lambda w: {"attendees": "", "pay_by": "standard"},
    "courses:wait": lambda w: {"school": w.scene.school.urn, "places": "10"},
    "courses:waiting": lambda w: {"decline": "yes"},
    "courses:decide": lambda w: {"decision": "yes"},
    "courses:release": lambda w: {"decision": "yes", "beyond_agreed": "on", "note": "Yes"},
    "courses:name": lambda w: {"name": "Grace"},
    "courses:commission": lambda w: {"stream": w.course_stream.reference},
    "courses:register": lambda w: {"came": [str(w.past_places.places.get().pk)]},
    "courses:book_group": lambda w: {
        f"places_{w.scene.school.urn}": "1",
        f"places_{w.sibling_of_group.urn}": "1",
        "split_by": "equally",
    },
    "course-book": lambda w: {"school": w.scene.school.urn, "attendees[0]name": "Grace"},
    "course-wait": lambda w: {"school": w.scene.school.urn, "places": 10},
    "place-order-name": lambda w: {"number": 1, "name": "Grace"},
    "place-order-give-back": lambda w: {"number": 1},
    "waiting-take": lambda w: {"attendees[0]name": "Grace"},
}
