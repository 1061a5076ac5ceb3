"""Sessions drawn from a package or paid in credits: what is set aside, used, kept and given back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import NotPayableSo
from marketplace.bookings.models import Booking
from marketplace.bookings.verification import (
    credits_reserve_what_is_booked,
    packages_reserve_what_is_booked,
)
from marketplace.buyback import actions as buyback
from marketplace.buyback import queries as balances
from marketplace.buyback.actions import DoesNotFit, NotEnoughCredits, NothingLeft
from marketplace.buyback.ledgers import Credit, accounts_of, credit_accounts
from marketplace.buyback.models import Entitlement
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.kernel.transfers import Movement
from tests.builders import Scene, a_booking, a_booking_day, a_scene, an_agreement

pytestmark = pytest.mark.django_db

FLAT = {
    "tiers": [
        {
            "at_most": 30,
            "unit": "working",
            "full_day_pence": 110_00,
            "half_day_pence": 75_00,
            "evening_pence": 50_00,
        }
    ],
    "no_show": {"full_day_pence": 110_00},
    "waived_if_refilled": True,
}


def a_package_of(scene: Scene, **changes: Any) -> Entitlement:
    """Four days of the scene's provider, usable a year around the scene's day."""
    agreement = an_agreement(school=scene.school, seller=scene.provider)
    [entitlement] = buyback.grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get())
    values = {
        "valid_from": scene.day - timedelta(days=200),
        "valid_to": scene.day + timedelta(days=200),
    } | changes
    for name, value in values.items():
        setattr(entitlement, name, value)
    entitlement.save()
    return entitlement


def credits_for(scene: Scene, quantity: int) -> None:
    accounts = credit_accounts(scene.school.pk)
    source, target = accounts[scene.school.pk, Credit.CONVERTED], accounts[scene.school.pk, Credit.BALANCE]
    transfers.move(
        by=SYSTEM,
        movements=[Movement(source, target, quantity, "Test", "test")],
        on=local(timezone.now()).date(),
    )


def ordered(scene: Scene, entitlement: Entitlement | None, **how: Any) -> Booking:
    booking = actions.hold_session(**scene.wish())
    pay_by = "entitlement" if entitlement else "exchange"
    return actions.order_booking(
        actor=scene.budget_holder, booking=booking, pay_by=pay_by, entitlement=entitlement, **how
    )


def confirmed(scene: Scene, entitlement: Entitlement | None, tariff: dict[str, Any] | None = None) -> Booking:
    booking = ordered(scene, entitlement)
    actions.consent_to_release(actor=scene.releasing_head, booking=booking)
    Booking._rows.filter(pk=booking.pk).update(cancellation_tariff=tariff or STANDARD_TARIFF.to_data())
    return queries.booking_for(scene.budget_holder, booking.reference)


def lying(entitlement: Entitlement) -> dict[str, int]:
    agreed = packages_reserve_what_is_booked() + transfers.disagreements()
    assert agreed == []
    found = {purpose: row.balance for purpose, row in accounts_of(entitlement).items()}
    return {purpose: n for purpose, n in found.items() if n and purpose != "granted"}


# From a package ------------------------------------------------------------------------------------------------------


def test_an_order_from_a_package_reserves_its_half_days_and_costs_nothing() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)

    booking = ordered(scene, entitlement)

    assert lying(entitlement) == {"available": 6, "reserved": 2}
    assert (booking.route, booking.entitlement) == ("entitlement", entitlement)
    assert (booking.committed_pence, booking.status) == (0, "awaiting_release")


def test_what_is_offered_to_choose_from_is_what_fits() -> None:
    scene = a_scene()
    fits = a_package_of(scene)
    booking = actions.hold_session(**scene.wish())

    [usual, package] = queries.ways_to_pay(booking)

    assert (usual.value, package.value) == ("standard", f"entitlement-{fits.pk}")
    assert package.label.startswith("1 day of ")
    assert package.hint.startswith("4 days left to use until") and "3 days left after this" in package.hint


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "places"}, "not for days"),
        ({"closed_at": timezone.now()}, "settled"),
        ({"valid_to_days": -1}, "can be used from"),
        ({"other_theme": True}, "another theme"),
        ({"other_provider": True}, "another provider"),
        ({"other_school": True}, "another school"),
    ],
)
def test_days_that_do_not_fit_are_refused_with_the_reason_and_not_offered(
    changes: dict[str, Any], why: str
) -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    if changes.pop("other_theme", False):
        changes["theme"] = (
            type(scene.theme).objects.exclude(pk__in=[scene.theme.pk, scene.theme.parent_id]).first()
        )
    if days := changes.pop("valid_to_days", 0):
        changes["valid_to"] = scene.day + timedelta(days=days)
    if changes.pop("other_provider", False):
        entitlement = a_package_of(scene)
        entitlement.agreement.seller = a_scene().provider
        entitlement.agreement.save()
    if changes.pop("other_school", False):
        changes["holder"] = a_scene().school.organisation
    for name, value in changes.items():
        setattr(entitlement, name, value)
    entitlement.save()
    booking = actions.hold_session(**scene.wish())

    with pytest.raises(DoesNotFit, match=why):
        actions.order_booking(
            actor=scene.buyer, booking=booking, pay_by="entitlement", entitlement=entitlement
        )
    if why not in ("another provider",):
        assert [way.value for way in queries.ways_to_pay(booking)][1:] == []


def test_with_too_little_left_the_order_is_refused_and_the_time_stays_held() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    buyback.use  # noqa: B018
    accounts = accounts_of(entitlement)
    gone = Movement(accounts["available"], accounts["used"], 7, "Gone", "gone")
    transfers.move(by=SYSTEM, movements=[gone], on=scene.day)
    booking = actions.hold_session(**scene.wish())

    with pytest.raises(NothingLeft, match="half a day left, and this takes 1 day"):
        actions.order_booking(
            actor=scene.buyer, booking=booking, pay_by="entitlement", entitlement=entitlement
        )
    booking.refresh_from_db()
    assert (booking.status, booking.route) == ("held", "journal")


def test_another_way_to_pay_is_not_known() -> None:
    scene = a_scene()
    booking = actions.hold_session(**scene.wish())
    with pytest.raises(NotPayableSo):
        actions.order_booking(actor=scene.buyer, booking=booking, pay_by="cheque")


@pytest.mark.parametrize("end", ["withdraw", "decline", "refuse_release", "expire"])
def test_what_is_not_confirmed_gives_everything_back(end: str) -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = ordered(scene, entitlement)

    if end == "withdraw":
        actions.withdraw_booking(actor=scene.buyer, booking=booking)
    elif end == "decline":
        actions.decline_booking(actor=scene.provider_lead, booking=booking, reason="No")
    elif end == "refuse_release":
        actions.refuse_release(actor=scene.releasing_head, booking=booking, reason="No")
    else:
        actions.expire_holds(now=booking.starts_at + timedelta(minutes=1))

    assert lying(entitlement) == {"available": 8}


@pytest.mark.parametrize(
    ("by", "used"),
    [("buyer", 2), ("provider", 0), ("releasing_school", 0)],
)
def test_cancelling_gives_back_what_the_tariff_does_not_keep(by: str, used: int) -> None:
    """14 days' notice: 75% of a day, rounded to the half-day, is the whole day; the other side's doing costs nothing."""
    scene = a_scene()
    scene.day = a_booking_day(days_ahead=9)
    entitlement = a_package_of(scene)
    booking = confirmed(scene, entitlement)
    actor = {"buyer": scene.budget_holder, "provider": scene.provider_lead}.get(by, scene.releasing_head)

    shown = queries.cancellation_quote(booking, by=by, now=timezone.now())
    booking = actions.cancel_booking(actor=actor, booking=booking, by=by, reason="Illness")

    assert shown.kept_half_days == booking.cancellation_charge_half_days == used
    assert booking.cancellation_charge_pence == 0
    assert lying(entitlement) == {k: v for k, v in {"available": 8 - used, "used": used}.items() if v}


def test_a_session_drawn_from_a_package_is_cancelled_by_the_tariff_of_its_agreement() -> None:
    scene = a_scene(cancellation_tariff=FLAT)
    entitlement = a_package_of(scene)

    drawn = ordered(scene, entitlement)

    assert drawn.cancellation_tariff == entitlement.line.cancellation_tariff
    assert drawn.cancellation_tariff["tiers"] != FLAT["tiers"]


def test_half_of_a_day_is_kept_with_28_days_notice() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    scene.day = a_booking_day(days_ahead=20)
    booking = confirmed(scene, entitlement)

    booking = actions.cancel_booking(
        actor=scene.budget_holder, booking=booking, by="buyer", reason="Inset moved"
    )

    assert booking.cancellation_charge_half_days == 1
    assert (
        "50% of 1 day: half a day counts as used, half a day comes back" in booking.cancellation_explanation
    )
    assert lying(entitlement) == {"available": 7, "used": 1}


def test_a_flat_charge_is_paid_in_money_and_all_half_days_come_back() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = confirmed(scene, entitlement, FLAT)

    booking = actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="Illness")

    assert (booking.cancellation_charge_pence, booking.cancellation_charge_half_days) == (110_00, 0)
    assert lying(entitlement) == {"available": 8}


def past(scene: Scene, entitlement: Entitlement | None, tariff: dict[str, Any] | None = None) -> Booking:
    booking = confirmed(scene, entitlement, tariff)
    then = timezone.now() - timedelta(days=1)
    Booking._rows.filter(pk=booking.pk).update(starts_at=then - timedelta(hours=6), ends_at=then)
    return queries.booking_for(scene.budget_holder, booking.reference)


def test_delivery_uses_and_not_being_ready_does_too() -> None:
    for act in (
        lambda scene, booking: actions.mark_delivered(actor=scene.person, booking=booking),
        lambda scene, booking: actions.record_no_show(
            actor=scene.provider_lead, booking=booking, absent="buyer", reason="Closed"
        ),
    ):
        scene = a_scene()
        entitlement = a_package_of(scene)
        act(scene, past(scene, entitlement))
        assert lying(entitlement) == {"available": 6, "used": 2}


def test_when_nobody_came_everything_comes_back() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = past(scene, entitlement)
    actions.record_no_show(actor=scene.buyer, booking=booking, absent="provider", reason="Nobody came")
    assert lying(entitlement) == {"available": 8}


# In credits ----------------------------------------------------------------------------------------------------------


def test_credits_are_set_aside_earned_by_the_releasing_school_and_never_overdrawn() -> None:
    scene = a_scene()
    credits_for(scene, 3)
    booking = past(scene, None)
    assert balances.credits_of(scene.school.pk) == (1, 2)
    assert credits_reserve_what_is_booked() == []

    actions.mark_delivered(actor=scene.person, booking=booking)

    assert balances.credits_of(scene.school.pk) == (1, 0)
    assert balances.credits_of(scene.releasing.pk) == (2, 0)
    scene.day = a_booking_day(days_ahead=21)
    with pytest.raises(NotEnoughCredits, match="1 credit in the bank of days and this takes 2 credits"):
        ordered(scene, None)


def test_credits_the_tariff_keeps_go_to_the_releasing_school() -> None:
    scene = a_scene()
    credits_for(scene, 3)
    scene.day = a_booking_day(days_ahead=20)
    booking = confirmed(scene, None)

    actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="Illness")

    assert balances.credits_of(scene.school.pk) == (2, 0)
    assert balances.credits_of(scene.releasing.pk) == (1, 0)


def test_only_people_of_schools_can_be_paid_in_credits() -> None:
    scene = a_scene(own_employee=True)
    credits_for(scene, 3)
    booking = actions.hold_session(**scene.wish())
    assert [way.value for way in queries.ways_to_pay(booking)] == ["standard"]
    with pytest.raises(NotPayableSo, match="only schools earn credits"):
        actions.order_booking(actor=scene.buyer, booking=booking, pay_by="exchange")


def test_a_booking_for_money_moves_nothing() -> None:
    booking = a_booking()
    entitlement = a_package_of(a_scene())
    actions.cancel_booking(actor=SYSTEM, booking=booking, by="provider", reason="Illness")
    assert lying(entitlement) == {"available": 8}
