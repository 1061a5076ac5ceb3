"""What calls and commissions add to the world: calls with an answer of the provider's, and a commission in each state a verb needs."""

from typing import Any

from marketplace.kernel.access import Role
from marketplace.organisations.queries import actor_for
from marketplace.partnership import actions
from tests.builders import (
    a_call,
    a_commission,
    a_person,
    a_school,
    a_support_type,
    an_answer,
    in_days,
    some_terms,
)


def lay_out(world: Any) -> None:
    """Calls of the area, answered by the scene's provider; commissions of the buying school and of another."""
    convenor = actor_for(world.people["convenor"])
    lead = actor_for(world.people["provider_lead"])
    provider, school = world.scene.provider, world.scene.school
    world.call = a_call(world.area, actor=convenor, themes=[world.theme])
    world.call_to_answer = a_call(world.area, actor=convenor, themes=[world.theme])
    world.call_type = a_support_type()
    world.call_answer = an_answer(world.call, lead, provider, support_type=world.call_type)
    about = {"actor": convenor, "provider": provider, "theme": world.scene.theme}
    world.commission = a_commission(school, **about)
    world.commission_draft = a_commission(a_school(world.area), status="draft", **about)
    world.commission_ready = a_commission(a_school(world.area), status="ready", **about)
    world.commission_paused = a_commission(a_school(world.area), status="paused", **about)
    officer = a_person(Role.SUPPORT, at=world.authority)
    world.reader = actions.name_reader(
        actor=convenor, commission=world.commission, user=officer, why="Keeps the minutes"
    )


def _days(**ahead: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, days in ahead.items():
        on = in_days(days)
        fields |= {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}
    return fields


def _call(world: Any) -> dict[str, Any]:
    return {
        "area": world.area.pk,
        "title": "Reading",
        "themes": [world.theme.code],
        "phases": ["primary"],
        "ward": "",
        "days": "10",
        "ceiling": "450",
        "words": "Too few",
        "origin": "",
        **_days(closes_on=20),
    }


def _answer(world: Any) -> dict[str, Any]:
    return {
        "provider": world.scene.provider.reference,
        "days": "10",
        "half_days": 20,
        "price": "400",
        "pence_a_day": 40_000,
        "mode": "in_person",
        "reach_km": "25",
        "approach": "We come",
    }


def _commission(world: Any) -> dict[str, Any]:
    return {
        "school": world.scene.school.urn,
        "theme": world.theme.code,
        "phase": "primary",
        "days": "6",
        "provider": "",
        "stream": "",
        "price": "500",
        "reason": "Results",
    }


def _agreement(world: Any) -> dict[str, Any]:
    terms = some_terms()
    aim = terms["objectives"][0]
    return {
        "focus": terms["focus"],
        "half_days": "4",
        "confidentiality": "All of it",
        "aim_1": aim["aim"],
        "measure_1": aim["success_measure"],
        "baseline_1": aim["baseline"],
        "area_1": aim["area"],
        **_days(starts_on=2, ends_on=90),
    }


READY, PAUSED = ("start",), ("resume",)
DRAFT = ("change_commission", "decide", "withdraw_commission")

VALUES: dict[str, Any] = {
    "partnership reference": lambda w: w.commission.reference,
    **{
        f"partnership:{name} reference": lambda w: w.call.reference
        for name in ("call", "extend_call", "close_call", "withdraw_call", "take_back", "pass_over")
    },
    "partnership:respond reference": lambda w: w.call_to_answer.reference,
    "partnership:take_back answer": lambda w: w.call_answer.reference,
    "partnership:pass_over answer": lambda w: w.call_answer.reference,
    **{f"partnership:{name} reference": lambda w: w.commission_draft.reference for name in DRAFT},
    **{f"partnership:{name} reference": lambda w: w.commission_ready.reference for name in READY},
    **{f"partnership:{name} reference": lambda w: w.commission_paused.reference for name in PAUSED},
    "partnership:remove_person number": lambda w: w.reader.pk,
    "offer-call-detail reference": lambda w: w.call.reference,
    "offer-call-respond reference": lambda w: w.call_to_answer.reference,
}

QUERIES: dict[str, Any] = {
    "partnership:write_deployment": lambda w: {
        "offer": w.scene.offer.reference,
        "person": w.scene.practitioner.reference,
    },
}

BODIES: dict[str, Any] = {
    "partnership:new_call": _call,
    "partnership:extend_call": lambda w: _days(closes_on=40),
    "partnership:close_call": lambda w: {"reason": "Thanks"},
    "partnership:withdraw_call": lambda w: {"reason": "A mistake"},
    "partnership:respond": lambda w: _answer(w) | {"support_type": w.call_type.pk},
    "partnership:pass_over": lambda w: {"reason": "Too far"},
    "partnership:new_commission": _commission,
    "partnership:change_commission": _commission,
    "partnership:tell": lambda w: {
        "body": "governing_body",
        "person": "The chair",
        **_days(informed_on=0),
    },
    "partnership:start": lambda w: _days(next_review_on=30),
    "partnership:pause": lambda w: {"reason": "A new head"},
    "partnership:withdraw_commission": lambda w: {"reason": "No"},
    "partnership:review": lambda w: {
        "rag": "green",
        "findings": "Good",
        "next_steps": "Go on",
        **_days(reviewed_on=0, next_review_on=60),
    },
    "partnership:exit": lambda w: {"reason": "Done", "evidence": "Results", **_days(ended_on=0)},
    "partnership:category": lambda w: {"level": "low", "reason": "Better", **_days(since=0)},
    "partnership:people": lambda w: {"email": w.people["headteacher"].email, "why": "Works with us"},
    "partnership:deployment": lambda w: {"deployment": ""},
    "partnership:write_deployment": _agreement,
    "partnership:visits": lambda w: {"booking": w.confirmed.reference},
    "offer-call-respond": lambda w: _answer(w) | {"support_type": w.call_type.code},
}
