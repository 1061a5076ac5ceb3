"""Who hears of deployments: who is to sign, what came about, what is due, and of concerns only those who need to know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.brokerage import actions
from marketplace.brokerage.models import Deployment
from marketplace.brokerage.rules import record_due_on
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.notifications.deployments import remind_of_deployments, remind_of_late_records
from marketplace.notifications.models import Notification
from tests.builders import a_booking_day, a_deployment, a_deployment_visit, some_terms, the_parties

pytestmark = pytest.mark.django_db
Jobs = Callable[[], list[str]]
CANARY = "CANARY-category"


def told(actor: Actor) -> list[str]:
    """What a person was told of, oldest first, without names."""
    titles = Notification.objects.filter(user=actor.user_id).order_by("pk").values_list("title", flat=True)
    return [title.split(":")[0] for title in titles]


def test_all_four_are_asked_to_sign_and_hear_that_it_is_agreed(run_jobs: Jobs) -> None:
    parties = the_parties(note=CANARY)
    row = a_deployment(parties, status="to_sign")
    run_jobs()
    run_jobs()
    for actor in parties.signers.values():
        assert told(actor) == ["Sign"]

    for capacity, actor in parties.signers.items():
        actions.sign_deployment(actor=actor, deployment=row, capacity=capacity, version=1)
    run_jobs()

    for actor in parties.signers.values():
        assert told(actor)[-1] == "Agreed"
    assert not Notification.objects.filter(body__contains=CANARY).exists()


def test_who_had_signed_is_asked_again_after_a_change(run_jobs: Jobs) -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["broker"])
    actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=6))

    run_jobs()

    lead = parties.scene.provider_lead
    last = Notification.objects.filter(user=lead.user_id).latest("pk")
    assert last.title.startswith("Sign:") and "has changed" in last.body
    assert last.path.endswith("/sign/broker/")


def test_the_others_hear_that_it_rests_and_not_who_paused_it(run_jobs: Jobs) -> None:
    parties = the_parties()
    a_deployment(parties, status="paused")

    run_jobs()

    assert "Paused" in told(parties.scene.person)
    assert "Paused" not in told(parties.scene.receiving_head)


def test_a_review_is_told_to_the_other_parties(run_jobs: Jobs) -> None:
    parties = the_parties()
    row = a_deployment(parties)
    actions.review_progress(
        actor=parties.scene.person,
        deployment=row,
        ratings={1: actions.Rating("green", "Good")},
        next_steps="Go on",
    )

    run_jobs()

    assert "Progress review" in told(parties.scene.receiving_head)
    assert "Progress review" not in told(parties.scene.person)


@pytest.mark.parametrize(("listener", "broker_hears"), [("broker", True), ("authority", False)])
def test_of_a_concern_hear_only_those_it_was_raised_with(
    run_jobs: Jobs, listener: str, broker_hears: bool
) -> None:
    parties = the_parties()
    row = a_deployment(parties)
    concern = actions.raise_concern(
        actor=parties.scene.person, deployment=row, text=CANARY, listener=listener
    )
    run_jobs()

    assert ("A concern to answer" in told(parties.scene.provider_lead)) == broker_hears
    assert "A concern to answer" in told(parties.convenor)
    assert "A concern to answer" not in told(parties.scene.receiving_head)
    actions.answer_concern(actor=parties.convenor, concern=concern, answer="We have talked")
    run_jobs()
    assert told(parties.scene.person)[-1] == "Your concern is answered"
    assert not Notification.objects.filter(body__contains=CANARY).exists()


def test_a_visit_of_a_deployment_is_not_to_be_evaluated_by_itself(run_jobs: Jobs) -> None:
    parties = the_parties()
    visit = a_deployment_visit(parties, a_deployment(parties))
    actions.record_visit(
        actor=parties.scene.person, booking=visit.booking, happened="A visit.", next_steps="None."
    )

    run_jobs()

    assert not [title for title in told(parties.scene.receiving_head) if "valuat" in title]


def test_practitioners_are_reminded_of_a_record_on_its_last_day_and_once_it_is_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parties = the_parties()
    visit = a_deployment_visit(parties, a_deployment(parties), day=a_booking_day(days_ahead=-2))
    day = visit.booking.day
    due = record_due_on(day)
    now = timezone.now()
    for number in (-1, 0, 0, 1, 2):
        moment = now + (due - local(now).date()) + timedelta(days=number)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        remind_of_late_records(0)

    assert told(parties.scene.person) == ["Record of visit due today", "Record of visit late"]
    assert told(parties.scene.provider_lead) == ["Record of visit late"]


def test_reviews_mid_points_and_evaluations_are_reminded_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parties = the_parties()
    row = a_deployment(parties)
    start = timezone.now()

    def morning(days: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: start + timedelta(days=days))
        remind_of_deployments(0)

    for days in (10, 43, 44, 46, 47, 91, 92):
        morning(days)

    assert told(parties.scene.person) == ["Review due"]
    assert told(parties.scene.provider_lead) == ["Look in half-way"]
    assert told(parties.scene.receiving_head) == ["Evaluate"]
    Deployment.objects.scoped().filter(pk=row.pk).update(status="paused")
    morning(93)
    assert told(parties.scene.receiving_head) == ["Evaluate"]


def test_reminders_name_the_page_to_act_on() -> None:
    parties = the_parties()
    row: Any = a_deployment(parties)
    yesterday = local(timezone.now()).date() - timedelta(days=1)
    Deployment.objects.scoped().filter(pk=row.pk).update(
        starts_on=yesterday, mid_point_on=yesterday, ends_on=yesterday
    )

    remind_of_deployments(0)

    paths = set(Notification.objects.values_list("path", flat=True))
    assert f"/deployments/{row.reference}/evaluate/" in paths
    assert f"/deployments/{row.reference}/mid-point/" in paths
