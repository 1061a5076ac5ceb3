"""Who is told of requests for support and of needs not confirmed, once, and in which words."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.brokerage import actions
from marketplace.brokerage.models import RequestStatus, SupportRequest
from marketplace.kernel.access import Role
from marketplace.notifications.models import Notification
from marketplace.notifications.requests import remind_of_requests
from tests.builders import (
    a_convenor,
    a_person,
    a_request,
    a_response,
    a_school,
    actor_of,
    an_area,
    an_invitation_to_answer,
    lead_of_provider,
)

pytestmark = pytest.mark.django_db


def told(actor: Any) -> list[str]:
    rows = Notification.objects.filter(user=actor.user_id).order_by("pk")
    return [row.title for row in rows]


def test_those_asked_are_told_when_it_is_sent_and_when_it_is_withdrawn_with_the_reason(run_jobs: Any) -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=1, budget_pence=100_000)
    staff = actor_of(a_person(Role.STAFF, at=request.school))
    lead = lead_of_provider(request.invitations.select_related("provider").get().provider)
    actions.open_request(actor=staff, request=request)
    run_jobs()
    request.refresh_from_db()
    actions.withdraw_request(actor=staff, request=request, reason="The post was filled.")
    run_jobs()

    assert told(lead) == [f"{request.school} asks for support: Early reading", "Withdrawn: Early reading"]
    last = Notification.objects.filter(user=lead.user_id).latest("pk")
    assert "The post was filled." in last.body


def test_a_question_is_told_to_the_school_without_who_asked_and_its_answer_to_all_asked(
    run_jobs: Any,
) -> None:
    request = a_request(asked=2)
    head = actor_of(a_person(Role.HEADTEACHER, at=request.school))
    first, second = request.invitations.select_related("provider")
    leads = [lead_of_provider(each.provider) for each in (first, second)]
    question = actions.ask_question(actor=leads[0], invitation=first, text="How many classes?")
    run_jobs()
    actions.answer_question(actor=head, question=question, text="Fourteen.")
    run_jobs()

    [asked] = Notification.objects.filter(user=head.user_id)
    assert "How many classes?" in asked.body
    assert str(first.provider) not in asked.body + asked.title
    assert [told(lead) for lead in leads] == [["A question was answered: Early reading"]] * 2


def test_a_decline_is_told_at_once_and_a_response_is_not(run_jobs: Any) -> None:
    invitation, lead = an_invitation_to_answer()
    head = actor_of(a_person(Role.HEADTEACHER, at=invitation.request.school))

    actions.decline_request(actor=lead, invitation=invitation, reason="dates", note="All of May is full.")
    run_jobs()

    [row] = Notification.objects.filter(user=head.user_id)
    assert row.title == f"{invitation.provider} declined: Early reading"
    assert "All of May is full." in row.body


def test_those_who_have_not_answered_are_reminded_once_two_days_before_the_close(run_jobs: Any) -> None:
    request = a_request(
        asked=2,
        responses_close_on=timezone.localdate() + timedelta(days=2),
        questions_close_on=timezone.localdate(),
    )
    first, second = request.invitations.select_related("provider")
    a_response(first)
    for _ in range(2):
        remind_of_requests(0)

    assert told(lead_of_provider(first.provider)) == []
    assert len(told(lead_of_provider(second.provider))) == 1


@pytest.mark.parametrize(("answers", "title"), [(1, "Responses are in"), (0, "No response")])
def test_the_close_is_told_to_those_who_decide(answers: int, title: str, run_jobs: Any) -> None:
    request = a_request(asked=1)
    holder = actor_of(a_person(Role.BUDGET_HOLDER, at=request.school))
    if answers:
        a_response(request.invitations.get())

    actions.close_due_requests(now=timezone.now() + timedelta(days=21))
    run_jobs()

    assert told(holder) == [f"{title}: Early reading"]
    assert SupportRequest._rows.get().status != RequestStatus.OPEN


def test_a_nudge_is_told_to_the_headteacher_unless_the_school_has_answered_meanwhile(run_jobs: Any) -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    silent, answered = a_school(area), a_school(area)
    heads = [actor_of(a_person(Role.HEADTEACHER, at=school)) for school in (silent, answered)]
    for school in (silent, answered):
        actions.nudge_school(actor=convenor, school=school)
    actions.confirm_needs(actor=heads[1], school=answered)

    run_jobs()

    assert told(heads[0])[0].startswith(f"What support does {silent.organisation} need in")
    assert told(heads[1]) == []
