"""Who hears of agreements: what waits, what begins and ends, and what will cost something else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marketplace.buyback import actions
from marketplace.kernel.access import SYSTEM, Role
from marketplace.notifications.agreements import remind_of_ending_agreements
from marketplace.notifications.models import Notification
from tests.builders import a_person, a_school, actor_of
from tests.builders.buyback import a_basket, a_window, an_edition
from tests.buyback.test_agreement_endings import lead_of, month, on_sale_again, running
from tests.buyback.test_agreements import head_of, on_the, waiting

pytestmark = pytest.mark.django_db

Jobs = Callable[[], list[str]]


def told(user_id: Any) -> list[str]:
    """The titles of what a person was told, oldest first."""
    return list(Notification.objects.filter(user=user_id).order_by("pk").values_list("title", flat=True))


def test_whom_the_ladder_names_is_asked_and_not_who_ordered(run_jobs: Jobs) -> None:
    school = a_school()
    head = head_of(school)
    budget_holder = a_person(Role.BUDGET_HOLDER, at=school)
    staff = actor_of(a_person(Role.STAFF, at=school))
    window = a_window(school.area)
    basket = a_basket(school, window=window, editions=[an_edition(window=window)])

    actions.submit_basket(actor=staff, basket=basket)
    run_jobs()

    (title,) = told(budget_holder.pk)
    assert title.startswith("Approve:")
    assert told(head.user_id)[0].startswith("Approve:")  # nobody has accepted the terms yet: the head can
    assert told(staff.user_id) == []


def test_approval_is_told_to_who_ordered_and_to_the_seller(run_jobs: Jobs) -> None:
    orderer = a_person(Role.STAFF, at=(school := a_school()))
    agreement = waiting(school=school, requested_by=orderer)
    lead = lead_of(agreement)

    actions.approve_agreement(actor=head_of(school), agreement=agreement)
    run_jobs()

    assert told(orderer.pk)[0].startswith("Approved:")
    assert told(lead.user_id)[0].startswith("Ordered:")


def test_a_refusal_carries_its_reason(run_jobs: Jobs) -> None:
    orderer = a_person(Role.STAFF, at=(school := a_school()))
    agreement = waiting(school=school, requested_by=orderer)

    actions.refuse_agreement(actor=head_of(school), agreement=agreement, reason="Not in the budget")
    run_jobs()

    note = Notification.objects.get(user=orderer)
    assert note.title.startswith("Not approved:") and "Not in the budget" in note.body


def test_notice_is_told_to_the_other_side_and_so_is_that_it_was_taken_back(run_jobs: Jobs) -> None:
    agreement = running()
    head, lead = head_of(agreement.buyer.school), lead_of(agreement)
    with on_the(month(2)):
        actions.terminate_agreement(
            actor=head, agreement=agreement, ground="buyer_notice", last_day=month(6), reason="Perhaps"
        )
        run_jobs()
        actions.take_back_ending(actor=head, agreement=agreement)
        run_jobs()

    first, second = told(lead.user_id)
    assert first.startswith("Ends on") and second.startswith("Notice taken back")
    assert told(head.user_id) == []


def test_an_agreement_about_to_end_is_told_once_with_the_way_to_the_same_again() -> None:
    agreement = running()
    head = head_of(agreement.buyer.school)

    for days in (61, 60, 59):
        with on_the(agreement.ends_on - timedelta(days=days)):
            remind_of_ending_agreements(0)

    note = Notification.objects.get(user=head.user_id)
    assert note.title.startswith("Ends on") and note.path.endswith(f"/{agreement.reference}/renew/")


def test_another_price_is_told_to_those_who_decide_and_pay(run_jobs: Jobs) -> None:
    agreement = running()
    on_sale_again(agreement, price_rule={"kind": "fixed", "amount_pence": 126_000})
    edition = agreement.lines.get().edition.package.editions.latest("pk")
    head = head_of(agreement.buyer.school)
    governor = a_person(Role.GOVERNOR, at=agreement.buyer)

    for _ in range(2):
        actions.notice_price_changes(actor=SYSTEM, edition=edition)
        run_jobs()

    note = Notification.objects.get(user=head.user_id)
    assert note.title.startswith("Another price from") and "£1,260.00 next year" in note.body
    assert told(governor.pk) == []


def test_both_sides_hear_that_it_has_ended(run_jobs: Jobs) -> None:
    agreement = running()
    head, lead = head_of(agreement.buyer.school), lead_of(agreement)

    with on_the(agreement.ends_on + timedelta(days=1)):
        actions.run_agreements()
        run_jobs()

    assert told(head.user_id)[0].startswith("Ended:") and told(lead.user_id)[0].startswith("Ended:")
