"""Who has declared an interest in a seller approves no agreement with it: others do, and it is on record."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone

from marketplace.buyback import actions, queries
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.notifications.models import Notification
from marketplace.organisations.errors import InterestInTheWay
from marketplace.organisations.models import User
from tests.builders import a_person, a_school, actor_of, an_interest
from tests.buyback.test_agreements import head_of, waiting

pytestmark = pytest.mark.django_db


def work_of(actor: Actor, now: datetime) -> list[str]:
    return [item.verb for item in queries.awaiting(actor, now=now)]


def test_an_interest_in_the_seller_bars_the_approval_and_the_history_says_so(
    run_jobs: Callable[[], list[str]],
) -> None:
    school = a_school()
    holder: User = a_person(Role.BUDGET_HOLDER, at=school)
    agreement = waiting(school=school)
    head = head_of(school)
    now = timezone.now()
    assert "Approve" in work_of(actor_of(holder), now)
    an_interest(holder, agreement.seller)

    with pytest.raises(InterestInTheWay, match="declared an interest in"):
        actions.approve_agreement(actor=actor_of(holder), agreement=agreement)
    run_jobs()

    line = history.of(agreement).last()
    assert line is not None
    assert (line.verb, line.by_id) == ("interest_noted", holder.pk)
    assert "Approve" not in work_of(actor_of(holder), now)
    assert "Approve" in work_of(head, now)
    verbs = queries.agreement_verbs_for(actor_of(holder), agreement, today=now.date())
    assert "approve" not in verbs and "refuse_approval" in verbs
    told = set(Notification.objects.filter(kind="approval_wanted").values_list("user", flat=True))
    assert head.user_id in told and holder.pk not in told

    actions.approve_agreement(actor=head, agreement=agreement)

    agreement.refresh_from_db()
    assert agreement.approved_by_id == head.user_id
