"""Who has declared an interest in those who are paid commits no money to them: others do, and it is on record."""

from collections.abc import Callable

import pytest

from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.notifications.models import Notification
from marketplace.organisations import actions as organisations
from marketplace.organisations.errors import InterestInTheWay
from tests.builders import Scene, a_booking, a_person, a_scene, actor_of, an_interest
from tests.builders.organisations import User

pytestmark = pytest.mark.django_db


def an_order(scene: Scene) -> Booking:
    return a_booking(
        status="awaiting_approval",
        school=scene.school,
        offer=scene.offer,
        practitioner=scene.practitioner,
        requested_by=User.objects.get(pk=scene.buyer.user_id),
    )


def holder_of(scene: Scene) -> User:
    return User.objects.get(pk=scene.budget_holder.user_id)


@pytest.mark.parametrize("side", ["provider", "releasing"])
def test_a_budget_holder_with_an_interest_in_who_is_paid_cannot_approve(side: str) -> None:
    scene = a_scene()
    booking = an_order(scene)
    an_interest(holder_of(scene), getattr(scene, side))

    with pytest.raises(InterestInTheWay) as refused:
        actions.approve_booking(actor=scene.budget_holder, booking=booking)

    assert "Somebody else has to" in refused.value.remedy
    assert "headteacher" in refused.value.remedy
    booking.refresh_from_db()
    assert booking.status == "awaiting_approval"


def test_the_refusal_is_a_line_of_the_bookings_history() -> None:
    scene = a_scene()
    booking = an_order(scene)
    an_interest(holder_of(scene), scene.provider)

    with pytest.raises(InterestInTheWay):
        actions.approve_booking(actor=scene.budget_holder, booking=booking)

    line = history.of(booking).last()
    assert line is not None
    assert line.verb == "interest_noted"
    assert line.by_id == scene.budget_holder.user_id


def test_another_approver_of_the_ladder_can() -> None:
    scene = a_scene()
    booking = an_order(scene)
    an_interest(holder_of(scene), scene.provider)

    approved = actions.approve_booking(actor=scene.receiving_head, booking=booking)

    assert approved.status == "awaiting_release"


def test_an_order_of_somebody_with_an_interest_waits_for_another() -> None:
    scene = a_scene()
    an_interest(holder_of(scene), scene.provider)
    booking = actions.hold_session(**scene.wish(actor=scene.budget_holder))

    booking = actions.order_booking(actor=scene.budget_holder, booking=booking)

    assert booking.status == "awaiting_approval"
    assert "interest_noted" in [line.verb for line in history.of(booking)]


def test_their_work_list_and_their_buttons_leave_it_out() -> None:
    scene = a_scene()
    booking = an_order(scene)
    asked = [item.verb for item in queries.awaiting(scene.budget_holder)]
    an_interest(holder_of(scene), scene.provider)

    assert "Approve" in asked
    assert "Approve" not in [item.verb for item in queries.awaiting(scene.budget_holder)]
    assert "Approve" in [item.verb for item in queries.awaiting(scene.receiving_head)]
    now = booking.created_at
    assert "approve" not in queries.verbs_for(scene.budget_holder, booking, now=now)
    assert "refuse_approval" in queries.verbs_for(scene.budget_holder, booking, now=now)


def test_the_other_approvers_are_told(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_scene()
    an_interest(holder_of(scene), scene.provider)
    booking = actions.hold_session(**scene.wish())

    actions.order_booking(actor=scene.buyer, booking=booking)
    run_jobs()

    told = set(Notification.objects.filter(kind="approval_wanted").values_list("user", flat=True))
    assert told == {scene.receiving_head.user_id}


def test_they_are_told_again_when_somebody_is_turned_away(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_scene()
    second = a_person(Role.BUDGET_HOLDER, at=scene.school)
    booking = an_order(scene)
    an_interest(holder_of(scene), scene.provider)

    with pytest.raises(InterestInTheWay):
        actions.approve_booking(actor=scene.budget_holder, booking=booking)
    run_jobs()

    told = set(Notification.objects.filter(kind="approval_wanted").values_list("user", flat=True))
    assert told == {scene.receiving_head.user_id, second.pk}


def test_who_declares_an_interest_hands_what_waits_to_the_others(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_scene()
    an_order(scene)

    organisations.declare_interest(actor=scene.budget_holder, organisation=scene.provider, kind="governance")
    run_jobs()

    told = Notification.objects.get(kind="approval_wanted")
    assert told.user_id == scene.receiving_head.user_id
    assert "declared an interest" in told.body


def test_an_interest_elsewhere_changes_nothing() -> None:
    scene = a_scene()
    booking = an_order(scene)
    an_interest(actor_user := holder_of(scene))

    approved = actions.approve_booking(actor=actor_of(actor_user), booking=booking)

    assert approved.status == "awaiting_release"
