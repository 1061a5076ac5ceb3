"""Delivered, evaluated, called off, or nobody came."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import NoLongerPossible, NotYet, ReasonMissing, WhoIsNotKnown
from marketplace.bookings.models import Booking
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import NotAllowed, NotNow
from tests.builders import Scene, a_booking, a_booking_day, a_person, a_scene, actor_of

pytestmark = pytest.mark.django_db


def confirmed(scene: Scene, **fields: object) -> Booking:
    return a_booking(
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        cancellation_tariff=STANDARD_TARIFF.to_data(),
        **fields,  # type: ignore[arg-type]
    )


def happened(scene: Scene, **fields: object) -> Booking:
    return confirmed(scene, day=a_booking_day(days_ahead=-7), **fields)


def test_what_cancelling_costs_is_shown_first_and_then_kept() -> None:
    scene = a_scene()
    booking = confirmed(
        scene, day=a_booking_day(days_ahead=20), requested_by=a_person(Role.STAFF, at=scene.school)
    )

    shown = queries.cancellation_quote(booking, by="buyer", now=timezone.now())
    booking = actions.cancel_booking(
        actor=scene.budget_holder, booking=booking, by="buyer", reason="Inset moved"
    )

    assert shown.charge_pence == 17_500
    assert booking.status == "cancelled_by_buyer"
    assert booking.cancellation_charge_pence == 17_500
    assert booking.cancellation_explanation == shown.explanation
    last = history.of(booking).last()
    assert last is not None and "Inset moved" in last.note and shown.explanation in last.note


@pytest.mark.parametrize(
    ("by", "status"),
    [("provider", "cancelled_by_provider"), ("releasing_school", "cancelled_by_releasing_school")],
)
def test_when_the_other_side_cancels_the_school_pays_nothing(by: str, status: str) -> None:
    scene = a_scene()
    booking = confirmed(scene, day=a_booking_day(days_ahead=1))
    actor = scene.provider_lead if by == "provider" else scene.releasing_head

    booking = actions.cancel_booking(actor=actor, booking=booking, by=by, reason="Illness")

    assert (booking.status, booking.cancellation_charge_pence) == (status, 0)


def test_each_side_cancels_for_itself_only() -> None:
    scene = a_scene()
    booking = confirmed(scene)

    for actor, by in (
        (scene.buyer, "buyer"),  # staff who did not order it
        (scene.budget_holder, "provider"),
        (scene.provider_lead, "releasing_school"),
        (scene.releasing_head, "buyer"),
    ):
        with pytest.raises(NotAllowed):
            actions.cancel_booking(actor=actor, booking=booking, by=by, reason="No")


def test_who_ordered_may_cancel() -> None:
    scene = a_scene()
    user = a_person(Role.STAFF, at=scene.school)
    booking = confirmed(scene, requested_by=user)

    booking = actions.cancel_booking(actor=actor_of(user), booking=booking, by="buyer", reason="Moved")

    assert booking.status == "cancelled_by_buyer"


def test_cancelling_needs_a_reason_and_a_side() -> None:
    scene = a_scene()
    booking = confirmed(scene)

    with pytest.raises(ReasonMissing):
        actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="")
    with pytest.raises(WhoIsNotKnown):
        actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="nobody", reason="No")
    with pytest.raises(WhoIsNotKnown):
        actions.record_no_show(actor=scene.budget_holder, booking=booking, absent="nobody", reason="No")


def test_a_charge_is_written_once() -> None:
    """I7."""
    scene = a_scene()
    booking = confirmed(scene)
    actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="Moved")

    with pytest.raises(NotNow):
        actions.cancel_booking(actor=scene.provider_lead, booking=booking, by="provider", reason="Illness")

    booking.refresh_from_db()
    assert booking.status == "cancelled_by_buyer"


def test_a_session_that_has_begun_is_not_cancelled_but_recorded() -> None:
    scene = a_scene()
    booking = happened(scene)

    with pytest.raises(NoLongerPossible):
        actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="Late")


def test_each_side_records_that_the_other_was_not_there() -> None:
    scene = a_scene()
    unready, alone = happened(scene, session="morning"), happened(scene, session="afternoon")

    with pytest.raises(NotAllowed):
        actions.record_no_show(actor=scene.buyer, booking=unready, absent="buyer", reason="No")
    unready = actions.record_no_show(
        actor=scene.person, booking=unready, absent="buyer", reason="Nobody at reception knew"
    )
    alone = actions.record_no_show(actor=scene.buyer, booking=alone, absent="provider", reason="Nobody came")

    assert (unready.status, unready.cancellation_charge_pence) == ("no_show_buyer", 17_500)
    assert (alone.status, alone.cancellation_charge_pence) == ("no_show_provider", 0)


def test_nobody_is_missed_or_has_delivered_before_the_day() -> None:
    scene = a_scene()
    booking = confirmed(scene)

    with pytest.raises(NotYet):
        actions.record_no_show(actor=scene.person, booking=booking, absent="buyer", reason="No")
    with pytest.raises(NotYet):
        actions.mark_delivered(actor=scene.person, booking=booking)


def test_a_visit_is_delivered_and_then_evaluated() -> None:
    scene = a_scene()
    booking = happened(scene)

    booking = actions.mark_delivered(actor=scene.person, booking=booking)
    assert (booking.status, booking.delivered_at is not None) == ("delivered", True)
    with pytest.raises(NotAllowed):
        actions.mark_evaluated(actor=scene.buyer, booking=booking)
    assert actions.mark_evaluated(actor=scene.receiving_head, booking=booking).status == "evaluated"


def test_a_visit_nobody_evaluates_is_closed_after_two_months() -> None:
    scene = a_scene()
    now = timezone.now()
    old = a_booking(status="delivered", day=date(2026, 1, 13), delivered_at=now - timedelta(days=61))
    young = a_booking(status="delivered", practitioner=scene.practitioner, delivered_at=now)

    assert (actions.complete_unevaluated(), actions.complete_unevaluated()) == (1, 0)

    old.refresh_from_db(), young.refresh_from_db()
    assert (old.status, young.status) == ("completed", "delivered")


def test_a_cancelled_time_can_be_booked_again() -> None:
    scene = a_scene()
    booking = confirmed(scene, day=scene.day)
    actions.cancel_booking(actor=scene.provider_lead, booking=booking, by="provider", reason="Illness")

    assert actions.hold_session(**scene.wish()).status == "held"


def test_the_exchange_itself_may_do_what_a_side_may() -> None:
    booking = happened(a_scene())

    assert actions.mark_delivered(actor=SYSTEM, booking=booking).status == "delivered"
