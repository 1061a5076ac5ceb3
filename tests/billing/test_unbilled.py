"""What could not be billed on its day: kept with its reason, tried again each morning, billed once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marketplace.billing import actions, queries
from marketplace.billing.actions import papers
from marketplace.billing.actions.courses import bill_courses
from marketplace.billing.models import (
    BillingFailure,
    Document,
)
from marketplace.billing.queries.desk import desk
from marketplace.bookings.actions import courses
from marketplace.bookings.events import BookingMoved, BookingRescheduled
from marketplace.bookings.models import Booking, BookingMove, BookingStatus, PaymentRoute, PlaceOrder
from marketplace.kernel import events
from marketplace.kernel.access import Role
from marketplace.organisations.models import OrganisationKind
from tests.billing.settling import Brokered, held
from tests.billing.test_course_shares import Lent, is_finished
from tests.builders import (
    a_person,
    a_provider,
    actor_of,
    an_area,
    an_organisation,
    places_for,
)

pytestmark = pytest.mark.django_db


def test_what_could_not_be_billed_on_the_day_is_billed_the_next_morning() -> None:
    scene = Brokered()
    booking = scene.a_day(route=PaymentRoute.COMMISSIONED, issue=False)
    assert actions.bill_what_was_missed() == 0

    [kept] = queries.unbilled_in_books(scene.finance, booking.day)
    assert kept == booking and "no local authority" in kept.billing_failure.error
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)

    assert actions.bill_what_was_missed() == 1
    assert Document.objects.filter(booking=booking).exists()
    assert not BillingFailure.objects.exists() and not queries.unbilled_bookings().exists()
    assert actions.bill_what_was_missed() == 0


MISSED = {
    "a charge": {"cancellation_charge_pence": 17_500},
    "the share of a package day": {"route": PaymentRoute.ENTITLEMENT},
    "the share of a cancelled package day": {
        "route": PaymentRoute.ENTITLEMENT,
        "cancellation_charge_half_days": 1,
    },
}


@pytest.mark.parametrize("what", MISSED)
def test_whatever_a_booking_calls_for_is_made_up_for_once(what: str) -> None:
    scene = Brokered()
    booking = scene.a_day(issue=False)
    fields = dict(MISSED[what])
    if what != "the share of a package day":
        fields |= {"status": BookingStatus.CANCELLED_BY_BUYER}
    Booking.objects.scoped().filter(pk=booking.pk).update(**fields)

    assert [actions.bill_what_was_missed() for _ in range(2)] == [1, 0]

    share = {"a charge": 17_500, "the share of a cancelled package day": 14_875}.get(what, 29_750)
    assert held(scene.broker, "payable") == share
    assert Document.objects.count() == (what == "a charge")


@pytest.mark.parametrize(
    "fields",
    [
        {"route": PaymentRoute.EXCHANGE},
        {"status": BookingStatus.CANCELLED_BY_BUYER},
        {"status": BookingStatus.CANCELLED_BY_BUYER, "cancellation_charge_pence": 5_000, "waived": True},
        {"status": BookingStatus.CONFIRMED},
    ],
)
def test_what_calls_for_nothing_is_not_billed_as_missed(fields: dict[str, Any]) -> None:
    scene = Brokered()
    booking = scene.a_day(issue=False)
    fields = dict(fields)
    if fields.pop("waived", False):
        fields |= {"charge_waived_by": a_person(), "charge_waiver_reason": "Snow."}
    Booking.objects.scoped().filter(pk=booking.pk).update(**fields)

    assert not queries.unbilled_bookings().exists()


def test_a_delivery_that_can_not_be_billed_is_on_the_desk_with_its_reason(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = Brokered()
    booking = scene.a_day(route=PaymentRoute.COMMISSIONED, issue=False)

    events.publish(BookingMoved(booking.pk, "deliver", "confirmed", "delivered"))
    run_jobs()

    [section] = [each for each in desk(scene.finance, booking.day) if each.key == "documents"]
    [entry] = section.entries
    assert section.count == 1 and booking.reference in entry.text and "no local authority" in entry.detail
    stranger = actor_of(a_person(Role.FINANCE, at=a_provider(an_area())))
    assert [each for each in desk(stranger, booking.day) if each.key == "documents"] == []


def test_a_late_move_that_can_not_be_billed_is_on_the_desk_and_is_billed_the_next_morning(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = Brokered()
    booking = scene.a_day(route=PaymentRoute.COMMISSIONED, issue=False)
    Booking.objects.scoped().filter(pk=booking.pk).update(status=BookingStatus.CONFIRMED)
    move = BookingMove.objects.create(
        booking=booking,
        from_day=booking.day - timedelta(days=1),
        from_session=booking.session,
        from_starts_at=booking.starts_at - timedelta(days=1),
        to_day=booking.day,
        to_session=booking.session,
        to_starts_at=booking.starts_at,
        reason="Illness",
        charge_pence=17_500,
    )

    events.publish(BookingRescheduled(move.pk, "confirmed"))
    run_jobs()

    [section] = [each for each in desk(scene.finance, booking.day) if each.key == "documents"]
    [entry] = section.entries
    assert "moving the booking" in entry.text and "no local authority" in entry.detail
    assert (section.count, entry.pence) == (1, 17_500)
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    assert [actions.bill_what_was_missed() for _ in range(2)] == [1, 0]
    assert Document.objects.get(booking=booking).net_pence == 17_500
    assert not queries.unbilled_moves().exists() and not BillingFailure.objects.exists()


def test_places_that_can_not_be_billed_are_on_the_desk_until_they_are(
    run_jobs: Callable[[], list[str]],
) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 2)
    PlaceOrder.objects.scoped().filter(pk=order.pk).update(route=PaymentRoute.COMMISSIONED)
    is_finished(lent.scene, lent.event, order, came=1)
    run_jobs()

    tomorrow = papers.today() + timedelta(days=1)
    [section] = [each for each in desk(lent.finance, tomorrow) if each.key == "documents"]
    [entry] = section.entries
    assert section.count == 1 and order.reference in entry.text
    assert entry.url_name == "courses:order" and entry.url_args == (order.reference,)
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=lent.scene.area)
    assert bill_courses() == 1
    assert not [each for each in desk(lent.finance, tomorrow) if each.key == "documents"]


def test_places_for_which_nothing_is_owed_are_not_missed(run_jobs: Callable[[], list[str]]) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 1)
    courses.cancel_place(actor=lent.scene.head, order=order.reference, number=1)
    courses.waive_place_charge(actor=lent.scene.provider_lead, order=order.reference, number=1, reason="Snow")
    is_finished(lent.scene, lent.event, order, came=0)
    run_jobs()

    assert not Document.objects.exists() and not queries.unbilled_orders().exists()
