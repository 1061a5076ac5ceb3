"""A close against responses, and two choices, at the same moment.

Each race has a twin with the guard taken away, which must show the fault: so we know that the test can fail.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from marketplace.brokerage import actions
from marketplace.brokerage.actions.requests import closing, deciding, responding
from marketplace.brokerage.models import LossReason, RequestStatus, SupportRequest
from marketplace.brokerage.queries.requests import WITH_RESPONSE
from marketplace.brokerage.states import SUPPORT_REQUEST
from marketplace.buyback.models import QuotesEvidence
from marketplace.kernel import history
from marketplace.kernel.access import Role
from tests.bookings.test_races import PATIENCE, THREADS, at_once, kinds, meet
from tests.builders import (
    a_person,
    a_request,
    a_response,
    actor_of,
    an_asked_provider,
    lead_of_provider,
    response_terms,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)


@contextmanager
def no_trigger() -> Iterator[None]:
    """The table of responses without its trigger."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE brokerage_requestresponse DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE brokerage_requestresponse ENABLE TRIGGER USER")


def close_later() -> int:
    return actions.close_due_requests(now=timezone.now() + timedelta(days=21))


def counted(request: SupportRequest) -> tuple[int, str]:
    """How many responses there are, and how many the close has counted."""
    line = history.of(request).filter(verb__in=("close", "lapse")).get()
    return request.invitations.filter(status__in=WITH_RESPONSE).count(), line.note


def test_a_close_and_thirty_one_responses_at_once_leave_no_response_behind_the_close() -> None:
    area_provider = an_asked_provider()
    request = a_request(providers=[area_provider, *(an_asked_provider() for _ in range(THREADS - 2))])
    leads = [
        (each, lead_of_provider(each.provider)) for each in request.invitations.select_related("provider")
    ]
    jobs: list[Any] = [
        close_later,
        *(
            lambda each=each, lead=lead: actions.respond_to_request(
                actor=lead, invitation=each, terms=response_terms()
            )
            for each, lead in leads
        ),
    ]

    results = at_once(jobs)

    there, note = counted(request)
    assert note == f"{there} of {THREADS - 1} responded"
    assert kinds(results)["RequestResponse"] == there
    assert kinds(results)["NotNow"] == THREADS - 1 - there


def test_without_lock_and_trigger_a_response_would_slip_in_behind_the_close(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = a_request(asked=1)
    invitation = request.invitations.select_related("provider").get()
    lead = lead_of_provider(invitation.provider)
    meeting = threading.Barrier(2, timeout=PATIENCE)
    for module, name in ((responding, "lock_invitation"), (closing, "_close")):
        monkeypatch.setattr(module, name, _after(getattr(module, name), meeting, first=name == "_close"))
    monkeypatch.setattr(closing, "INVITATION", _NoMoves())

    with no_trigger():
        at_once(
            [
                close_later,
                lambda: actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms()),
            ]
        )

        request.refresh_from_db()
        invitation.refresh_from_db()
        assert request.status == RequestStatus.UNSUCCESSFUL
        assert invitation.status == "responded"


def _after(step: Any, meeting: threading.Barrier, *, first: bool) -> Any:
    """The step of one side between two meetings, of the other before both: what this one goes on with it has read before that step."""

    def wait(*args: Any, **kwargs: Any) -> Any:
        if first:
            meeting.wait()
        answer = step(*args, **kwargs)
        if not first:
            meeting.wait()
        meeting.wait()
        return answer

    return wait


class _NoMoves:
    """A state machine that moves nothing: the compare-and-swap taken away."""

    def move(self, *args: Any, **kwargs: Any) -> None:
        return


def closed_with_two_responses() -> tuple[SupportRequest, list[Any]]:
    request = a_request(asked=2)
    invitations = list(request.invitations.select_related("provider"))
    for each in invitations:
        a_response(each)
    request.status, request.closed_at = RequestStatus.CLOSED, timezone.now()
    request.save()
    return request, invitations


def choice(request: SupportRequest, chosen: Any, other: Any) -> Any:
    head = actor_of(a_person(Role.HEADTEACHER, at=request.school))
    return lambda: actions.award_request(
        actor=head,
        request=request,
        chosen=chosen,
        losses={other.pk: LossReason.CLOSE},
        conflicts="None",
    )


def test_of_thirty_two_who_choose_at_once_one_succeeds() -> None:
    request, [first, second] = closed_with_two_responses()
    jobs = [choice(request, *pair) for pair in ((first, second), (second, first)) * (THREADS // 2)]

    results = at_once(jobs)

    assert kinds(results) == {"SupportRequest": 1, "NotNow": THREADS - 1}
    assert QuotesEvidence.objects.count() == 1
    assert sorted(each.status for each in request.invitations.all()) == ["chosen", "not_chosen"]


def test_without_lock_and_compare_and_swap_it_would_be_decided_twice(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, [first, second] = closed_with_two_responses()
    meet(monkeypatch, deciding, "_responses_to_decide", 2)

    def move(row: Any, verb: str, **also: Any) -> None:
        also.pop("by"), also.pop("note", "")
        target = {"choose": "chosen", "pass_over": "not_chosen", "award": "awarded"}[verb]
        type(row)._base_manager.filter(pk=row.pk).update(status=target, **also)

    monkeypatch.setattr(deciding, "INVITATION", type("Moves", (), {"move": staticmethod(move)}))
    awarding = type("Moves", (), {"move": staticmethod(move), "target": SUPPORT_REQUEST.target})
    monkeypatch.setattr(deciding, "SUPPORT_REQUEST", awarding)

    # Both write the rows in one order: the other way round the database would stop one of them for a deadlock.
    results = at_once([choice(request, first, second), choice(request, first, second)])

    assert kinds(results) == {"SupportRequest": 2}
    assert QuotesEvidence.objects.count() == 2
