"""Concerns: raised by any party at any time, seen by those who need to know, answered by whom they were raised with."""

from typing import Any

import pytest

from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import NeedInvalid
from marketplace.brokerage.models import DeploymentConcern
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from tests.builders import Parties, a_deployment, the_parties

pytestmark = pytest.mark.django_db


def a_concern(parties: Parties, by: Actor, **more: Any) -> DeploymentConcern:
    row = a_deployment(parties)
    return actions.raise_concern(actor=by, deployment=row, text="Nobody is free on the day", **more)


def readers(parties: Parties, concern: DeploymentConcern) -> set[str]:
    people = parties.signers | {"convenor": parties.convenor, "staff": parties.scene.buyer}
    return {who for who, actor in people.items() if concern in queries.concerns_visible_to(actor)}


@pytest.mark.parametrize(
    ("by", "listener", "seen_by"),
    [
        ("person", "broker", {"practitioner", "broker", "convenor"}),
        ("person", "authority", {"practitioner", "convenor"}),
        ("releasing_head", "broker", {"releasing_head", "broker", "convenor"}),
        ("buyer", "authority", {"staff", "receiving_head", "convenor"}),
        ("provider_lead", "authority", {"broker", "convenor"}),
    ],
)
def test_a_concern_is_seen_by_those_who_need_to_know(by: str, listener: str, seen_by: set[str]) -> None:
    parties = the_parties()

    concern = a_concern(parties, getattr(parties.scene, by), listener=listener)

    assert readers(parties, concern) == seen_by
    stranger = the_parties()
    assert readers(stranger, concern) == set()


def test_the_history_of_the_deployment_says_nothing_of_concerns() -> None:
    parties = the_parties()
    concern = a_concern(parties, parties.scene.person)

    verbs = [each.verb for each in history.of(concern.deployment)]

    assert "raise" not in verbs and not any("concern" in verb for verb in verbs)


def test_the_broker_answers_and_closes_and_who_raised_it_opens_it_again() -> None:
    parties = the_parties()
    person, broker = parties.scene.person, parties.scene.provider_lead
    concern = a_concern(parties, person)

    with pytest.raises(NotAllowed):
        actions.answer_concern(actor=person, concern=concern, answer="All is well")
    with pytest.raises(NeedInvalid):
        actions.answer_concern(actor=broker, concern=concern, answer=" ")
    concern = actions.answer_concern(actor=broker, concern=concern, answer="I spoke with the head")
    concern = actions.close_concern(actor=broker, concern=concern)
    with pytest.raises(NotAllowed):
        actions.reopen_concern(actor=broker, concern=concern, reason="Because")
    concern = actions.reopen_concern(actor=person, concern=concern, reason="It happened again")

    assert (concern.status, concern.answer) == ("open", "")
    notes = [each.note for each in history.of(concern)]
    assert "I spoke with the head" in notes and "It happened again" in notes
    with pytest.raises(NotNow):
        actions.close_concern(actor=broker, concern=concern)


def test_a_concern_about_the_broker_is_answered_by_a_convenor() -> None:
    parties = the_parties()
    concern = a_concern(parties, parties.scene.receiving_head, listener="authority")

    with pytest.raises(NotFound):
        actions.answer_concern(actor=parties.scene.provider_lead, concern=concern, answer="Not mine")
    actions.answer_concern(actor=parties.convenor, concern=concern, answer="We have talked")


@pytest.mark.parametrize("status", ["to_sign", "paused", "stopped", "finished"])
def test_a_concern_can_be_raised_at_any_time(status: str) -> None:
    parties = the_parties()
    row = a_deployment(parties, status=status)

    assert actions.raise_concern(actor=parties.scene.person, deployment=row, text="A word").number == 1


def test_the_page_says_beforehand_who_will_read_it() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    said = queries.who_sees_concern(row, "practitioner", "broker")

    assert said == [
        "you",
        f"the leads of {parties.scene.provider}, who broker this deployment",
        f"the convenors of {parties.scene.area}",
    ]
