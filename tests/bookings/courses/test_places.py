"""Booking places: the price a place, the approval ladder, substitutes, giving one back by the tariff, and what becomes of the money."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.billing.models import Document
from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import Attendee
from marketplace.bookings.course_errors import CourseClosed, CourseInvalid, NoSubstitute, SeatsTaken
from marketplace.bookings.errors import NotBookable, NotYet
from marketplace.bookings.models import CourseEvent, PlaceOrder
from marketplace.bookings.queries import courses as queries
from marketplace.buyback.ledgers import accounts_of
from marketplace.buyback.models import Entitlement
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.kernel.verification import verify
from marketplace.organisations.actions import suspend_organisation
from tests.builders import (
    a_booking_day,
    a_convenor,
    a_course,
    a_course_scene,
    a_person,
    a_stream,
    actor_of,
    attendees,
    it_is_over,
    places_for,
    some_places_of_a_package,
)

pytestmark = pytest.mark.django_db

FLAT = {
    "tiers": [
        {
            "at_most": 3,
            "unit": "working",
            "full_day_pence": 110_00,
            "half_day_pence": 75_00,
            "evening_pence": 50_00,
        }
    ],
    "waived_if_refilled": True,
}
MULTI_BUY = {
    "kind": "per_place",
    "amount_pence": 100_00,
    "modifiers": [{"kind": "multi_buy", "percent_off_bp": 2000, "from_number": 2}],
}


def lying(entitlement: Entitlement) -> dict[str, int]:
    found = {purpose: row.balance for purpose, row in accounts_of(entitlement).items()}
    return {purpose: balance for purpose, balance in found.items() if balance and purpose != "granted"}


def all_agrees() -> None:
    assert [line for verdict in verify() for line in verdict.disagreements] == []


def finished(event: CourseEvent, scene: Any, came: list[int]) -> CourseEvent:
    it_is_over(event)
    courses.take_register(actor=scene.person, event=event.reference, number=1, came=came)
    return courses.finish_event(actor=scene.person, event=event.reference)


def test_places_cost_what_the_offer_says_the_second_one_less() -> None:
    scene = a_course_scene(price_rule=MULTI_BUY)
    event = a_course(scene)

    order = places_for(event, scene.school, scene.head, 3)

    assert order.net_pence == 260_00
    assert [place.net_pence for place in order.places.all()] == [86_67, 86_67, 86_66]
    assert "20%" in str(order.price["lines"])


def test_whoever_may_commit_the_amount_confirms_with_the_order_and_staff_ask() -> None:
    scene = a_course_scene()
    event = a_course(scene)

    at_once = places_for(event, scene.school, scene.head)
    asked = places_for(event, scene.school, scene.buyer)

    assert (at_once.status, asked.status) == ("confirmed", "awaiting_approval")
    assert asked.places.get().status == "reserved"
    courses.approve_places(actor=scene.head, order=asked.reference)
    assert asked.places.get().status == "booked"
    event.refresh_from_db()
    assert event.seats_taken == 2
    all_agrees()


def test_no_more_places_than_seats() -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=3)
    places_for(event, scene.school, scene.head, 2)

    with pytest.raises(SeatsTaken) as refused:
        places_for(event, scene.school, scene.head, 2)

    assert refused.value.extensions == {"seats_left": 1}


def test_a_refused_order_frees_its_seats() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    order = places_for(event, scene.school, scene.buyer, 2)

    courses.refuse_places(actor=scene.head, order=order.reference, reason="Not this year")

    event.refresh_from_db()
    assert event.seats_taken == 0
    assert {place.status for place in order.places.all()} == {"let_go"}


def test_an_order_nobody_approves_in_time_is_let_go() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    order = places_for(event, scene.school, scene.buyer)
    PlaceOrder._rows.filter(pk=order.pk).update(approve_by=timezone.now() - timedelta(minutes=1))

    with pytest.raises(CourseClosed):
        courses.approve_places(actor=scene.head, order=order.reference)
    courses.sweep_courses()

    order.refresh_from_db()
    assert order.status == "expired"
    all_agrees()


def test_a_person_has_one_place_on_a_course() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    places_for(event, scene.school, scene.head, attendees=[Attendee("Ada Lovelace")])

    with pytest.raises(CourseInvalid, match="has a place"):
        places_for(event, scene.school, scene.head, attendees=[Attendee("ada lovelace")])


def test_the_same_person_named_twice_in_one_order_is_told_so() -> None:
    scene = a_course_scene()
    event = a_course(scene)

    with pytest.raises(CourseInvalid, match="Ann Other is named twice"):
        places_for(event, scene.school, scene.head, attendees=[Attendee("Ann Other"), Attendee("ann other")])


def test_nobody_books_for_another_school_or_once_bookings_have_closed() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    with pytest.raises(NotAllowed):
        places_for(event, scene.another_school()[0], scene.head)
    CourseEvent._rows.filter(pk=event.pk).update(closes_at=timezone.now() - timedelta(hours=1))

    with pytest.raises(CourseClosed):
        places_for(event, scene.school, scene.head)


# Substitutes --------------------------------------------------------------------------------------------------------


def test_a_colleague_comes_instead_free_of_charge_until_the_start() -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, day=a_booking_day(days_ahead=2), closing_day=a_booking_day(days_ahead=2))
    order = places_for(event, scene.school, scene.head, attendees=[Attendee("Ada Lovelace")])

    place = courses.name_attendee(actor=scene.buyer, order=order.reference, number=1, name="Grace Hopper")

    assert (place.attendee, place.charge_pence) == ("Grace Hopper", None)
    it_is_over(event)
    with pytest.raises(NoSubstitute):
        courses.name_attendee(actor=scene.buyer, order=order.reference, number=1, name="Somebody")


def test_a_tariff_may_allow_no_substitute_but_naming_somebody_is_always_free() -> None:
    scene = a_course_scene(cancellation_tariff={"substitution_allowed": False})
    order = places_for(a_course(scene), scene.school, scene.head, attendees=[Attendee()])

    courses.name_attendee(actor=scene.head, order=order.reference, number=1, name="Ada")

    with pytest.raises(NoSubstitute, match="no substitutes"):
        courses.name_attendee(actor=scene.head, order=order.reference, number=1, name="Grace")


# Giving back --------------------------------------------------------------------------------------------------------


def test_a_place_given_back_costs_a_share_of_the_price_by_the_notice() -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    day = a_booking_day(days_ahead=12)
    event = a_course(scene, day=day)
    order = places_for(event, scene.school, scene.head, 2)

    shown = queries.cancellation_quote(
        order.places.select_related("event", "order").get(number=1), by="buyer", now=timezone.now()
    )
    place = courses.cancel_place(actor=scene.head, order=order.reference, number=1)

    assert (place.status, place.charge_pence) == ("cancelled_by_buyer", 75_00)
    assert shown.charge_pence == place.charge_pence
    event.refresh_from_db()
    assert event.seats_taken == 1
    with pytest.raises(NotNow):
        courses.cancel_place(actor=scene.head, order=order.reference, number=1)


def test_a_flat_fee_counts_working_days_and_a_package_gets_its_place_back() -> None:
    scene = a_course_scene(cancellation_tariff=FLAT)
    day = a_booking_day(days_ahead=2)
    event = a_course(scene, day=day, closing_day=day)
    entitlement = some_places_of_a_package(scene)
    order = places_for(event, scene.school, scene.head, 2, pay_by="entitlement", entitlement=entitlement)
    assert lying(entitlement) == {"available": 4, "reserved": 2}

    place = courses.cancel_place(actor=scene.head, order=order.reference, number=2)

    assert (place.charge_pence, place.keeps_place) == (75_00, False)
    assert lying(entitlement) == {"available": 5, "reserved": 1}
    all_agrees()


def test_a_package_s_place_is_kept_where_the_tariff_asks_for_half_or_more() -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, day=a_booking_day(days_ahead=20))
    entitlement = some_places_of_a_package(scene)
    order = places_for(event, scene.school, scene.head, 1, pay_by="entitlement", entitlement=entitlement)

    place = courses.cancel_place(actor=scene.head, order=order.reference, number=1)

    assert (place.charge_pence, place.keeps_place) == (0, True)
    assert lying(entitlement) == {"available": 5, "reserved": 1}
    all_agrees()
    courses.waive_place_charge(actor=scene.provider_lead, order=order.reference, number=1, reason="A funeral")
    assert lying(entitlement) == {"available": 6}
    all_agrees()


# How it ends --------------------------------------------------------------------------------------------------------


def test_a_course_that_took_place_is_billed_once_for_all_each_school_owes(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, day=a_booking_day(days_ahead=12))
    order = places_for(event, scene.school, scene.head, 3)
    first = order.places.first()
    courses.cancel_place(actor=scene.head, order=order.reference, number=3)

    finished(event, scene, came=[first.pk])
    run_jobs()

    document = Document.objects.get()
    assert document.kind == "journal"
    assert [(line.net_pence) for line in document.lines.all()] == [100_00, 100_00, 75_00]
    assert [place.status for place in order.places.all()] == ["attended", "absent", "cancelled_by_buyer"]
    all_agrees()
    courses.waive_place_charge(actor=scene.provider_lead, order=order.reference, number=3, reason="Snow")
    run_jobs()
    assert Document.objects.get(kind="credit_note").net_pence == -75_00
    all_agrees()


def test_a_course_paid_from_a_package_uses_its_places_and_sends_no_bill(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene)
    entitlement = some_places_of_a_package(scene)
    order = places_for(event, scene.school, scene.head, 2, pay_by="entitlement", entitlement=entitlement)

    finished(event, scene, came=[order.places.first().pk])
    run_jobs()

    assert lying(entitlement) == {"available": 4, "used": 2}
    assert not Document.objects.exists()
    all_agrees()


def test_a_course_called_off_costs_nobody_anything_and_everything_comes_back(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, day=a_booking_day(days_ahead=12))
    entitlement = some_places_of_a_package(scene)
    paid = places_for(event, scene.school, scene.head, 2)
    drawn = places_for(event, scene.school, scene.head, 2, pay_by="entitlement", entitlement=entitlement)
    courses.cancel_place(actor=scene.head, order=paid.reference, number=1)
    courses.cancel_place(actor=scene.head, order=drawn.reference, number=1)

    courses.cancel_event(actor=scene.provider_lead, event=event.reference, reason="Too few people")
    run_jobs()

    assert {order.status for order in queries.orders_visible_to(scene.head)} == {"cancelled_by_provider"}
    assert lying(entitlement) == {"available": 6}
    assert not Document.objects.exists()
    assert not any(place.is_charged for place in paid.places.all())
    all_agrees()


def test_the_authority_pays_from_a_stream_what_the_places_cost_and_gets_the_rest_back(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, day=a_booking_day(days_ahead=20))
    order = places_for(event, scene.school, scene.head, 2)
    convenor = actor_of(a_convenor(scene.area))
    stream = a_stream(scene.area, financial_year=_year_of(event))

    courses.commission_places(actor=convenor, order=order.reference, stream=stream)
    courses.cancel_place(actor=scene.head, order=order.reference, number=2)
    all_agrees()
    finished(event, scene, came=[order.places.first().pk])
    run_jobs()

    from marketplace.buyback.queries import budget_of

    budget = budget_of(stream)
    assert (budget.committed, budget.spent) == (0, 150_00)
    all_agrees()


def test_the_register_is_for_those_who_lead_and_not_before_the_day() -> None:
    scene = a_course_scene()
    event = a_course(scene)

    with pytest.raises(NotYet):
        courses.take_register(actor=scene.person, event=event.reference, number=1, came=[])
    with pytest.raises(NotAllowed):
        courses.take_register(actor=scene.head, event=event.reference, number=1, came=[])
    with pytest.raises(NotYet):
        courses.finish_event(actor=scene.person, event=event.reference)


def test_how_to_join_is_told_to_those_with_a_place_alone() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    stranger = actor_of(a_person(Role.STAFF, at=scene.another_school()[0]))

    before = queries.joins(scene.buyer, event)
    places_for(event, scene.school, scene.head)

    assert (before, queries.joins(scene.buyer, event), queries.joins(stranger, event)) == (False, True, False)
    assert queries.joins(scene.person, event)


def test_a_school_gives_no_places_to_itself() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    CourseEvent._rows.filter(pk=event.pk).update(provider=scene.school.organisation)

    with pytest.raises(NotBookable, match="itself"):
        places_for(event, scene.school, scene.head, attendees=attendees(1))


def _year_of(event: CourseEvent) -> str:
    from marketplace.kernel.dates import financial_year, local

    return financial_year(local(event.starts_at).date())


def test_no_order_is_approved_while_the_provider_is_suspended_and_a_place_is_given_back_free_of_charge() -> (
    None
):
    scene = a_course_scene(cancellation_tariff=FLAT)
    event = a_course(scene, day=a_booking_day(days_ahead=2))
    places_for(event, scene.school, scene.head)
    waiting = places_for(event, scene.school, scene.buyer)
    convenor = actor_of(a_convenor(scene.area))
    suspend_organisation(actor=convenor, organisation=scene.provider, reason="Complaints")

    with pytest.raises(CourseClosed, match="takes no bookings"):
        courses.approve_places(actor=scene.head, order=waiting)
    assert "approve" not in queries.order_verbs(
        scene.head, queries.order_for(scene.head, waiting.reference), now=timezone.now()
    )
    confirmed = queries.orders_visible_to(scene.head).get(status="confirmed")
    place = courses.cancel_place(actor=scene.head, order=confirmed, number=1)

    assert place.charge_pence == 0 and "is suspended" in place.charge_explanation
