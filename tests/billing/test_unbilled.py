"""What could not be billed on its day: kept with its reason, tried again each morning, billed once."""

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.billing import actions, queries
from marketplace.billing.models import (
    BillingFailure,
    Document,
)
from marketplace.billing.queries.desk import desk
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute
from marketplace.kernel import events
from marketplace.kernel.access import Role
from marketplace.organisations.models import OrganisationKind
from tests.billing.settling import Brokered, held
from tests.builders import (
    a_person,
    a_provider,
    actor_of,
    an_area,
    an_organisation,
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
