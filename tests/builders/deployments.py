"""Deployments, brought by their own actions to the state a test begins with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from marketplace.bookings.models import Booking
from marketplace.brokerage import actions
from marketplace.brokerage.actions import Judged, Rating
from marketplace.brokerage.models import Deployment, DeploymentVisit, Need
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from tests.builders.bookings import Scene, a_booking, a_booking_day, a_scene
from tests.builders.brokerage import a_need
from tests.builders.organisations import a_convenor, actor_of

__all__ = [
    "OBJECTIVE_FOR_TESTS",
    "Parties",
    "a_deployment",
    "a_deployment_visit",
    "some_terms",
    "the_parties",
]

STATES = ["draft", "to_sign", "active"]
OBJECTIVE_FOR_TESTS = {
    "number": None,
    "aim": "Every child in Year 1 reads the words of phase 4",
    "success_measure": "Nine in ten pass the check in June",
    "baseline": "Six in ten in September",
    "area": "quality_of_education",
}


@dataclass
class Parties:
    """Who signs, with the scene they belong to, the school's need and the convenor who oversees."""

    scene: Scene
    need: Need
    convenor: Actor
    signers: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signers = {
            "receiving_head": self.scene.receiving_head,
            "releasing_head": self.scene.releasing_head,
            "practitioner": self.scene.person,
            "broker": self.scene.provider_lead,
        }


def the_parties(scene: Scene | None = None, **need: Any) -> Parties:
    """A scene whose school has an open need for what the offer is about."""
    scene = scene or a_scene()
    return Parties(scene, a_need(scene.school, scene.theme, **need), actor_of(a_convenor(scene.area)))


def some_terms(**changes: Any) -> dict[str, Any]:
    """Four days in the three months from today for one objective; begun three weeks ago, so that visits can be behind it."""
    today = local(timezone.now()).date()
    return {
        "focus": "Early reading in Reception and Year 1",
        "background": "",
        "objectives": [dict(OBJECTIVE_FOR_TESTS)],
        "half_days": 8,
        "starts_on": today - timedelta(days=21),
        "ends_on": today + timedelta(days=90),
    } | changes


def a_deployment(
    parties: Parties | None = None,
    *,
    status: str = "active",
    signed: Iterable[str] = (),
    brokered_by: str = "provider",
    with_need: bool = True,
    **terms: Any,
) -> Deployment:
    """An active deployment of four days, written by the school and signed by all four; `to_sign` with those in `signed`."""
    parties = parties or the_parties()
    scene = parties.scene
    row = actions.draft_deployment(
        actor=scene.buyer,
        school=scene.school,
        offer=scene.offer,
        practitioner=scene.practitioner,
        theme=scene.theme,
        phase="primary",
        need=parties.need if with_need else None,
        brokered_by=brokered_by,
        **some_terms(**terms),
    )
    if brokered_by == "authority":
        parties.signers["broker"] = parties.convenor
    if status != "draft":
        row = actions.send_deployment(actor=scene.buyer, deployment=row)
    if status not in STATES[:2]:
        signed = tuple(parties.signers)
    for capacity in signed:
        row = actions.sign_deployment(
            actor=parties.signers[capacity], deployment=row, capacity=capacity, version=row.version
        )
    if status == "paused":
        row = actions.pause_deployment(actor=scene.receiving_head, deployment=row, reason="Inspection")
    if status == "stopped":
        row = actions.stop_deployment(actor=scene.receiving_head, deployment=row, reason="The lead has left")
    if status == "finished":
        _finish(parties, row)
    row.refresh_from_db()
    return row


def _finish(parties: Parties, row: Deployment) -> None:
    """As if its last day had been yesterday."""
    yesterday = local(timezone.now()).date() - timedelta(days=1)
    Deployment.objects.scoped().filter(pk=row.pk).update(
        starts_on=min(row.starts_on, yesterday), mid_point_on=yesterday, ends_on=yesterday
    )
    actions.review_progress(
        actor=parties.scene.person,
        deployment=row,
        ratings={1: Rating("amber", "Six classes of ten")},
        next_steps="Two more lessons together",
    )
    actions.evaluate_deployment(
        actor=parties.scene.receiving_head,
        deployment=row,
        outcomes={1: Judged("partly", "Eight in ten passed", "Two pupils joined late")},
        overall=4,
        effectiveness=5,
        value_for_money="yes",
        what_lasts="Daily sessions in both classes",
    )


def a_deployment_visit(
    parties: Parties,
    deployment: Deployment,
    *,
    kind: str = "visit",
    status: str = "confirmed",
    day: date | None = None,
    **booking: Any,
) -> DeploymentVisit:
    """A visit of the deployment's person, two days ago unless told otherwise."""
    row: Booking = a_booking(
        status=status,
        school=parties.scene.school,
        practitioner=parties.scene.practitioner,
        offer=parties.scene.offer,
        day=day or a_booking_day(days_ahead=-2),
        **booking,
    )
    return actions.tie_visit(actor=parties.scene.buyer, deployment=deployment, booking=row, kind=kind)
