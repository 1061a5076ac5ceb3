"""Several dates decided on as one: ordering, approving, releasing, withdrawing."""

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import HoldExpired, NotYourDecision
from marketplace.bookings.models import Booking
from marketplace.buyback.actions import NothingLeft
from marketplace.buyback.rules import Approver, Step
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotNow
from tests.bookings.test_paying import a_package_of, lying
from tests.builders import (
    Team,
    a_booking,
    a_ladder,
    a_person,
    a_team,
    actor_of,
    an_order_of_dates,
    head_of,
    some_days,
)

pytestmark = pytest.mark.django_db


def held(team: Team, number: int = 3) -> str:
    reference: str = actions.hold_dates(**team.dates(some_days(number))).reference
    return reference


def states(reference: str) -> list[str]:
    rows = Booking.objects.scoped().filter(order__reference=reference)
    return sorted(rows.values_list("status", flat=True))


def test_one_order_one_approval_one_consent() -> None:
    team = a_team(1)
    scene, order = team.scene, held(team)

    actions.order_together(actor=scene.buyer, order=order, purchase_order_number="PO-7")
    assert states(order) == ["awaiting_approval"] * 3
    actions.approve_together(actor=scene.budget_holder, order=order)
    assert states(order) == ["awaiting_release"] * 3
    released = actions.consent_together(actor=scene.releasing_head, order=order)

    assert states(order) == ["confirmed"] * 3
    assert {row.purchase_order_number for row in released} == {"PO-7"}
    verbs = [line.verb for line in history.of(released[0].order)]
    assert verbs == ["hold", "order", "approve", "consent"]


def test_the_ladder_looks_at_the_total_with_vat() -> None:
    team = a_team(1)
    scene = team.scene
    order = held(team, 3)
    total = sum(row.committed_pence for row in queries.order_for(scene.buyer, order).bookings)
    a_ladder(scene.school, Step(0, Approver.ANY_ORDERER), Step(total, Approver.HEADTEACHER))

    first = queries.order_for(scene.buyer, order).bookings[0]
    assert queries.requirement_of(first).approver == "headteacher"
    actions.order_together(actor=scene.buyer, order=order)
    with pytest.raises(NotAllowed):
        actions.approve_together(actor=scene.budget_holder, order=order)
    actions.approve_together(actor=scene.receiving_head, order=order)
    assert states(order) == ["awaiting_release"] * 3


def test_each_head_is_asked_for_their_own_person() -> None:
    team = a_team(2)
    one, other = some_days(2)
    a_booking(practitioner=team.people[0], day=other)
    a_booking(practitioner=team.people[1], day=one)
    order = actions.hold_dates(**team.dates([one, other])).reference
    actions.order_together(actor=team.scene.buyer, order=order)
    actions.approve_together(actor=team.scene.budget_holder, order=order)

    actions.consent_together(actor=team.scene.releasing_head, order=order)
    assert states(order) == ["awaiting_release", "confirmed"]
    with pytest.raises(NotAllowed):
        actions.consent_together(actor=team.scene.budget_holder, order=order)
    actions.refuse_release_together(actor=head_of(team.people[1]), order=order, reason="Inspection")
    assert states(order) == ["cancelled_by_releasing_school", "confirmed"]


def test_all_dates_are_withdrawn_that_are_not_confirmed() -> None:
    team = a_team(1)
    order = held(team)

    actions.withdraw_together(actor=team.scene.buyer, order=order)

    assert states(order) == ["withdrawn"] * 3
    with pytest.raises(NotNow):
        actions.withdraw_together(actor=team.scene.buyer, order=order)


def test_refusing_refuses_all_with_the_reason() -> None:
    team = a_team(1)
    order = held(team)
    actions.order_together(actor=team.scene.buyer, order=order)

    actions.refuse_together(actor=team.scene.budget_holder, order=order, reason="No money left")

    assert states(order) == ["withdrawn"] * 3


def test_dates_whose_time_ran_out_are_not_ordered() -> None:
    team = a_team(1)
    order = held(team)
    Booking.objects.scoped().filter(order__reference=order).update(hold_expires_at="2026-01-01T00:00Z")

    with pytest.raises(HoldExpired):
        actions.order_together(actor=team.scene.buyer, order=order)


def test_nobody_approves_an_order_of_their_own_above_the_first_step() -> None:
    team = a_team(1)
    scene = team.scene
    a_ladder(scene.school, second_person_from=0)
    order = actions.hold_dates(**team.dates(some_days(2), actor=scene.budget_holder)).reference
    actions.order_together(actor=scene.budget_holder, order=order)

    assert states(order) == ["awaiting_approval"] * 2
    with pytest.raises(NotYourDecision):
        actions.approve_together(actor=scene.budget_holder, order=order)
    first = queries.order_for(scene.budget_holder, order).bookings[0]
    assert "approve" not in queries.verbs_for(scene.budget_holder, first, now=timezone.now())
    assert "approve" in queries.verbs_for(scene.receiving_head, first, now=timezone.now())


def test_an_order_is_one_item_of_work() -> None:
    team = a_team(1)
    scene, order = team.scene, held(team)
    actions.order_together(actor=scene.buyer, order=order)

    [item] = queries.awaiting(scene.budget_holder)
    assert (item.url_name, item.url_args) == ("bookings:approve_dates", (order,))
    actions.approve_together(actor=scene.budget_holder, order=order)
    [item] = queries.awaiting(scene.releasing_head)
    assert item.url_name == "bookings:consent_dates"


def test_a_list_with_orders_asks_for_their_totals_once(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    team = a_team(1)
    days = some_days(8)
    for n in range(4):
        an_order_of_dates(team.scene, days[2 * n : 2 * n + 2], status="awaiting_approval")
    governor = actor_of(a_person(Role.BUDGET_HOLDER, at=team.scene.school))

    with django_assert_num_queries(6):
        assert len(queries.awaiting(governor)) == 4


def test_a_package_pays_for_all_dates_or_for_none() -> None:
    team = a_team(1)
    scene, order = team.scene, held(team, 3)
    entitlement = a_package_of(scene)

    ways = queries.ways_to_pay_together(queries.order_for(scene.buyer, order))
    assert [way.pay_by for way in ways] == ["", "entitlement"]
    actions.order_together(actor=scene.buyer, order=order, pay_by="entitlement", entitlement=entitlement)
    assert lying(entitlement) == {"available": 2, "reserved": 6}

    later = actions.hold_dates(**team.dates(some_days(2, days_ahead=60))).reference
    with pytest.raises(NothingLeft):
        actions.order_together(actor=scene.buyer, order=later, pay_by="entitlement", entitlement=entitlement)
    assert states(later) == ["held"] * 2
    assert lying(entitlement) == {"available": 2, "reserved": 6}
