"""Ordering, approving and releasing."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from marketplace.bookings import actions
from marketplace.bookings.errors import (
    AssuranceMissing,
    BeyondAgreedDays,
    HoldExpired,
    NoLongerPossible,
    NotBookable,
    NotYourDecision,
    ReasonMissing,
)
from marketplace.bookings.models import Booking
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from tests.builders import Scene, a_booking, a_ladder, a_person, a_scene, a_school, actor_of

pytestmark = pytest.mark.django_db


def threshold(scene: Scene, pence: int) -> None:
    a_ladder(scene.school, second_person_from=pence)


def held(scene: Scene, **changes: object) -> Booking:
    return actions.hold_session(**scene.wish(**changes))


def ordered(scene: Scene, **changes: object) -> Booking:
    booking = held(scene, **changes)
    return actions.order_booking(
        actor=changes.get("actor", scene.buyer),  # type: ignore[arg-type]
        booking=booking,
    )


def approved(scene: Scene) -> Booking:
    return actions.approve_booking(actor=scene.budget_holder, booking=ordered(scene))


def verbs(booking: Booking) -> list[str]:
    return [entry.verb for entry in history.of(booking)]


def test_an_order_by_staff_waits_for_the_budget_holder() -> None:
    scene = a_scene()

    booking = actions.order_booking(
        actor=scene.buyer, booking=held(scene), purchase_order_number=" PO-17 ", focus="Phonics"
    )

    assert booking.status == "awaiting_approval"
    assert (booking.purchase_order_number, booking.focus) == ("PO-17", "Phonics")
    assert (booking.approved_by, booking.approved_at) == (None, None)


def test_a_budget_holders_order_below_the_threshold_is_approved_at_once_and_on_record() -> None:
    scene = a_scene()

    booking = ordered(scene, actor=scene.budget_holder)

    assert booking.status == "awaiting_release"
    assert booking.approved_by_id == scene.budget_holder.user_id
    assert verbs(booking) == ["hold", "order", "approve"]


def test_at_the_threshold_nobody_approves_their_own_order() -> None:
    scene = a_scene()
    threshold(scene, 35_000)
    booking = ordered(scene, actor=scene.budget_holder)

    assert booking.status == "awaiting_approval"
    with pytest.raises(NotYourDecision, match=r"£350\.00"):
        actions.approve_booking(actor=scene.budget_holder, booking=booking)

    second = actor_of(a_person(Role.BUDGET_HOLDER, at=scene.school))
    assert actions.approve_booking(actor=second, booking=booking).status == "awaiting_release"


def test_the_threshold_is_compared_with_the_most_vat_on_top() -> None:
    scene = a_scene(academy=True)
    threshold(scene, 42_000)

    assert ordered(scene, actor=scene.budget_holder).status == "awaiting_approval"


def test_the_person_ordering_counts_as_requesting_whoever_held_the_time() -> None:
    scene = a_scene()
    threshold(scene, 0)
    booking = actions.order_booking(actor=scene.budget_holder, booking=held(scene))

    with pytest.raises(NotYourDecision):
        actions.approve_booking(actor=scene.budget_holder, booking=booking)


def test_only_those_who_may_commit_money_approve() -> None:
    scene = a_scene()
    booking = ordered(scene)

    for actor in (scene.buyer, scene.provider_lead):
        with pytest.raises(NotAllowed):
            actions.approve_booking(actor=actor, booking=booking)
    with pytest.raises(NotFound):
        actions.approve_booking(actor=actor_of(a_person(Role.BUDGET_HOLDER, at=a_school())), booking=booking)


def test_of_two_approvals_the_second_is_told() -> None:
    scene = a_scene()
    booking = ordered(scene)
    actions.approve_booking(actor=scene.budget_holder, booking=booking.reference)

    with pytest.raises(NotNow, match="stands at “Waiting for the releasing headteacher”"):
        actions.approve_booking(actor=scene.budget_holder, booking=booking.reference)


def test_a_refused_order_is_withdrawn_with_the_reason() -> None:
    scene = a_scene()
    booking = ordered(scene)

    with pytest.raises(ReasonMissing):
        actions.refuse_approval(actor=scene.budget_holder, booking=booking, reason=" ")
    booking = actions.refuse_approval(actor=scene.budget_holder, booking=booking, reason="No budget left")

    assert booking.status == "withdrawn"
    assert history.of(booking).last().note == "No budget left"  # type: ignore[union-attr]


def test_a_hold_whose_time_is_over_cannot_be_ordered() -> None:
    scene = a_scene()
    booking = held(scene)
    Booking.objects.scoped().update(hold_expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(HoldExpired):
        actions.order_booking(actor=scene.buyer, booking=booking)
    actions.expire_holds()
    with pytest.raises(HoldExpired):
        actions.order_booking(actor=scene.buyer, booking=booking)


def test_a_teacher_is_never_booked_without_the_releasing_headteacher() -> None:
    scene = a_scene()
    booking = approved(scene)

    for actor in (scene.provider_lead, scene.budget_holder, scene.person):
        with pytest.raises(NotAllowed):
            actions.consent_to_release(actor=actor, booking=booking)
    booking = actions.consent_to_release(actor=scene.releasing_head, booking=booking)

    assert booking.status == "confirmed"
    assert booking.released_by_id == scene.releasing_head.user_id


def test_who_works_for_the_provider_itself_is_released_without_being_asked() -> None:
    scene = a_scene(own_employee=True)

    booking = approved(scene)

    assert booking.status == "confirmed"
    assert verbs(booking)[-1] == "release"
    assert booking.released_by is None


def test_without_the_assurance_even_the_providers_own_people_wait() -> None:
    scene = a_scene(own_employee=True)
    scene.practitioner.assurances.all().delete()

    booking = approved(scene)

    assert booking.status == "awaiting_release"
    with pytest.raises(AssuranceMissing):
        actions.consent_to_release(actor=scene.provider_lead, booking=booking)


@pytest.mark.parametrize("gap", ["none", "ended", "not_begun", "withdrawn"])
def test_no_visit_is_confirmed_without_the_assurance_valid_on_its_day(gap: str) -> None:
    """I19."""
    scene = a_scene()
    booking = approved(scene)
    assurances = scene.practitioner.assurances
    if gap == "none":
        assurances.all().delete()
    elif gap == "ended":
        assurances.update(valid_to=scene.day - timedelta(days=1))
    elif gap == "not_begun":
        assurances.update(valid_from=scene.day + timedelta(days=1))
    else:
        assurances.update(withdrawn_at=timezone.now(), withdrawn_by_name="A headteacher")

    with pytest.raises(AssuranceMissing, match="has not confirmed its checks"):
        actions.consent_to_release(actor=scene.releasing_head, booking=booking)

    booking.refresh_from_db()
    assert booking.status == "awaiting_release"


def test_an_assurance_for_exactly_that_day_is_enough() -> None:
    scene = a_scene()
    booking = approved(scene)
    scene.practitioner.assurances.update(valid_from=scene.day, valid_to=scene.day)

    assert actions.consent_to_release(actor=scene.releasing_head, booking=booking).status == "confirmed"


def test_beyond_the_agreed_days_consent_needs_to_be_said_with_a_note() -> None:
    scene = a_scene()
    booking = approved(scene)
    scene.practitioner.agreed_half_days = 1
    scene.practitioner.save()
    head = scene.releasing_head

    for given in ({}, {"beyond_agreed": True}, {"note": "Fine"}):
        with pytest.raises(BeyondAgreedDays, match="takes 1 day"):
            actions.consent_to_release(actor=head, booking=booking, **given)  # type: ignore[arg-type]
    booking = actions.consent_to_release(
        actor=head, booking=booking, beyond_agreed=True, note="One more day this year"
    )

    assert booking.status == "confirmed"


def test_the_releasing_head_can_keep_the_person_with_a_reason() -> None:
    scene = a_scene()

    booking = actions.refuse_release(
        actor=scene.releasing_head, booking=approved(scene), reason="Inspection expected"
    )

    assert booking.status == "cancelled_by_releasing_school"
    assert booking.cancellation_reason == "Inspection expected"


def test_a_suspended_provider_gets_no_visit_confirmed() -> None:
    scene = a_scene()
    booking = approved(scene)
    scene.provider.suspended_at = timezone.now()
    scene.provider.save()

    with pytest.raises(NotBookable):
        actions.consent_to_release(actor=scene.releasing_head, booking=booking)


def test_the_provider_can_decline_before_it_is_confirmed() -> None:
    scene = a_scene()
    booking = ordered(scene)

    with pytest.raises(NotAllowed):
        actions.decline_booking(actor=scene.buyer, booking=booking, reason="No")
    booking = actions.decline_booking(actor=scene.provider_lead, booking=booking, reason="Illness")

    assert booking.status == "declined"


@pytest.mark.parametrize("status", ["held", "awaiting_approval", "awaiting_release"])
def test_a_school_withdraws_free_of_charge_before_it_is_confirmed(status: str) -> None:
    scene = a_scene()
    booking = a_booking(status=status, school=scene.school, practitioner=scene.practitioner)

    booking = actions.withdraw_booking(actor=scene.buyer, booking=booking, reason="Changed plans")

    assert booking.status == "withdrawn"
    assert booking.cancellation_charge_pence is None


def test_nothing_is_approved_or_released_after_its_day() -> None:
    scene = a_scene()
    past = {"school": scene.school, "day": date(2026, 1, 13)}
    waiting = a_booking(status="awaiting_approval", practitioner=scene.practitioner, **past)

    with pytest.raises(NoLongerPossible):
        actions.approve_booking(actor=scene.budget_holder, booking=waiting)
