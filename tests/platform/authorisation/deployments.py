"""What deployments add to the world: one in each state that a person could do something with, and what to send."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from marketplace.brokerage import actions
from marketplace.brokerage.models import Deployment
from marketplace.organisations.queries import actor_for
from tests.builders import (
    Parties,
    a_booking,
    a_booking_day,
    a_deployment,
    a_deployment_visit,
    a_need,
)


def lay_out(world: Any) -> None:
    """A draft, one to sign, an active one with a visit to record and a concern, one to evaluate, a paused and a finished one."""
    scene = world.scene
    need = a_need(scene.school, scene.theme)
    parties = Parties(scene, need, actor_for(world.people["convenor"]))
    scene.practitioner.agreed_half_days = 200
    scene.practitioner.save()
    world.deployment_need = need
    world.draft_deployment = a_deployment(parties, status="draft", half_days=2)
    world.deployment_to_sign = a_deployment(parties, status="to_sign", half_days=2)
    world.deployment = a_deployment(parties, starts_on=timezone.localdate() - timedelta(days=42))
    world.deployment_visit = a_deployment_visit(
        parties, world.deployment, day=a_booking_day(days_ahead=-30), session="morning"
    )
    world.deployment_concern = actions.raise_concern(
        actor=scene.receiving_head, deployment=world.deployment, text="A word"
    )
    world.paused_deployment = a_deployment(parties, status="paused", half_days=2)
    world.finished_deployment = a_deployment(parties, status="finished", half_days=2)
    world.deployment_to_evaluate = a_deployment(parties, half_days=2)
    yesterday = timezone.localdate() - timedelta(days=1)
    Deployment.objects.scoped().filter(pk=world.deployment_to_evaluate.pk).update(
        starts_on=yesterday, mid_point_on=yesterday, ends_on=yesterday
    )
    world.booking_to_take_in = a_booking(
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=a_booking_day(days_ahead=-35),
        session="morning",
    )
    world.changed_deployment = a_deployment(parties, half_days=2)
    actions.change_terms(
        actor=scene.buyer, deployment=world.changed_deployment, version=1, **_terms(world.changed_deployment)
    )


def _terms(row: Deployment) -> dict[str, Any]:
    return {
        "focus": row.focus,
        "objectives": [
            {
                "number": 1,
                "aim": "Read",
                "success_measure": "The check",
                "baseline": "Six in ten",
                "area": "attendance",
            }
        ],
        "half_days": 3,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
    }


def _text(world: Any) -> dict[str, Any]:
    today = timezone.localdate()
    last = today + timedelta(days=50)
    return {
        "version": 1,
        "focus": "Early reading",
        "half_days": "6",
        "starts_on": (today - timedelta(days=42)).isoformat(),
        "ends_on": last.isoformat(),
        "payer": "school",
        "confidentiality": "Between us",
        "brokered_by": "provider",
        "aim_1": "All read",
        "measure_1": "The check",
        "baseline_1": "Six in ten",
        "area_1": "attendance",
    }


def _chosen(world: Any) -> dict[str, Any]:
    scene = world.scene
    return {
        "offer": scene.offer.reference,
        "person": scene.practitioner.reference,
        "school": scene.school.urn,
    }


QUERIES: dict[str, Any] = {
    "deployments:new": lambda w: {"offer": w.scene.offer.reference},
    "deployments:write": _chosen,
    "deployments:book": lambda w: {
        "kind": "visit",
        "session": "morning",
        "mode": "in_person",
        "first_day": a_booking_day(days_ahead=62).isoformat(),
    },
}

VALUES: dict[str, Any] = {
    "deployments reference": lambda w: w.deployment.reference,
    "deployments:send reference": lambda w: w.draft_deployment.reference,
    "deployments:sign reference": lambda w: w.deployment_to_sign.reference,
    "deployments:sign capacity": lambda w: "receiving_head",
    "deployments:end verb": lambda w: "pause",
    "deployments:resume reference": lambda w: w.paused_deployment.reference,
    "deployments:visit booking": lambda w: w.deployment_visit.booking.reference,
    "deployments:evaluate reference": lambda w: w.deployment_to_evaluate.reference,
    "deployments:comment_on_evaluation reference": lambda w: w.finished_deployment.reference,
    "deployments:case_study reference": lambda w: w.finished_deployment.reference,
    "deployments:concern number": lambda w: w.deployment_concern.number,
    "deployment reference": lambda w: w.deployment.reference,
    "deployment-sign reference": lambda w: w.deployment_to_sign.reference,
}

RATINGS = {"rag_1": "green", "details_1": "On the way", "reviewed_on": timezone.localdate().isoformat()}

BODIES: dict[str, Any] = {
    "deployments:new": lambda w: {
        "school": w.scene.school.urn,
        "who": f"{w.scene.offer.reference}.{w.scene.practitioner.reference}",
    },
    "deployments:write": _text,
    "deployments:change": _text,
    "deployments:sign": lambda w: {"version": 1, "declared": "on"},
    "deployments:book": lambda w: {"day": a_booking_day(days_ahead=62).isoformat()},
    "deployments:tie": lambda w: {"booking": w.booking_to_take_in.reference, "kind": "visit"},
    "deployments:visit": lambda w: {"note_1": "Two routines"},
    "deployments:review": lambda w: RATINGS,
    "deployments:mid_point": lambda w: {"on_course": "yes", "value": "Much"},
    "deployments:evaluate": lambda w: {
        "outcome_1": "achieved",
        "evidence_1": "The check",
        "overall": 4,
        "effectiveness": 4,
        "value_for_money": "yes",
        "what_lasts": "The routines",
    },
    "deployments:comment_on_evaluation": lambda w: {"text": "Thank you"},
    "deployments:case_study": lambda w: {"agreed": "yes"},
    "deployments:new_concern": lambda w: {"text": "A worry", "listener": "broker"},
    "deployments:concern": lambda w: {"answer": "We have talked"},
    "deployment-sign": lambda w: {"capacity": "receiving_head", "version": 1},
    "deployment-visits": lambda w: {"booking": w.booking_to_take_in.reference, "kind": "visit"},
    "deployment-reviews": lambda w: {
        "ratings[0]objective": 1,
        "ratings[0]rag": "green",
        "ratings[0]details": "On the way",
        "next_steps": "More",
    },
}
