"""Calls for offers and commissions, brought by their own actions to the state a test begins with."""

import itertools
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from marketplace.catalogue.models import SupportType
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import local
from marketplace.organisations.models import Area, Organisation, School
from marketplace.partnership import actions
from marketplace.partnership.models import CallResponse, Commission, OfferCall
from marketplace.partnership.rules import CallTerms, CommissionTerms, ResponseTerms
from tests.builders.approvals import a_stream
from tests.builders.brokerage import a_level_2_theme
from tests.builders.catalogue import a_support_type, an_offer
from tests.builders.organisations import a_convenor, a_person, a_provider, a_school, actor_of, an_area

_count = itertools.count(1)

__all__ = [
    "a_call",
    "a_commission",
    "a_led_provider",
    "an_answer",
    "answer_terms",
    "call_terms",
    "commission_terms",
    "convenor_of",
    "in_days",
]


def in_days(ahead: int) -> date:
    return local(timezone.now()).date() + timedelta(days=ahead)


def convenor_of(area: Area) -> Actor:
    return actor_of(a_convenor(area))


def a_led_provider(area: Area | None = None, **fields: Any) -> tuple[Organisation, Actor]:
    """A provider of the area and its lead."""
    provider = a_provider(area, **fields)
    return provider, actor_of(a_person(Role.PROVIDER_LEAD, at=provider))


def call_terms(**changes: Any) -> CallTerms:
    """Twenty days for primary schools at up to £450 a day, open for three weeks."""
    defaults: dict[str, Any] = {
        "title": "Early reading",
        "words": "Too few people can coach reading leads.",
        "phases": ("primary",),
        "half_days": 40,
        "ceiling_pence": 45_000,
        "closes_on": in_days(21),
    }
    return CallTerms(**defaults | changes)


def a_call(
    area: Area | None = None, *, actor: Actor | None = None, themes: Any = None, **terms: Any
) -> OfferCall:
    area = area or an_area()
    return actions.publish_call(
        actor=actor or SYSTEM, area=area, terms=call_terms(**terms), themes=themes or [a_level_2_theme()]
    )


def answer_terms(**changes: Any) -> ResponseTerms:
    """Ten days at £400 a day."""
    defaults: dict[str, Any] = {
        "half_days": 20,
        "pence_a_day": 40_000,
        "mode": "in_person",
        "reach_km": 30,
        "approach": "Our two reading leads coach yours, a day every fortnight.",
    }
    return ResponseTerms(**defaults | changes)


def an_answer(
    call: OfferCall,
    lead: Actor,
    provider: Organisation,
    *,
    support_type: SupportType | None = None,
    **terms: Any,
) -> CallResponse:
    return actions.respond_to_call(
        actor=lead,
        call=call,
        provider=provider,
        terms=answer_terms(**terms),
        support_type=support_type or a_support_type(),
    )


def commission_terms(**changes: Any) -> CommissionTerms:
    """Six days at £500 a day."""
    defaults: dict[str, Any] = {
        "half_days": 12,
        "pence_a_day": 50_000,
        "reason": "Results have fallen two years running.",
    }
    return CommissionTerms(**defaults | changes)


def a_commission(
    school: School | None = None,
    *,
    actor: Actor | None = None,
    status: str = "active",
    level: str = "high",
    academy: bool = False,
    provider: Organisation | None = None,
    stream_pence: int = 1_000_000,
    theme: Any = None,
    **terms: Any,
) -> Commission:
    """A running commission of six days for £3,000 out of a stream of £10,000; `draft` or `ready` where it has not begun."""
    school = school or a_school(academy=academy)
    actor = actor or convenor_of(school.area)
    if provider is None:
        provider = a_provider(school.area)
        an_offer(provider)
    row = actions.open_commission(
        actor=actor,
        school=school,
        theme=theme or a_level_2_theme(),
        phase=school.phases[0],
        terms=commission_terms(**terms),
        provider=provider,
        stream=a_stream(school.area, pence=stream_pence, name=f"Commissioned {next(_count)}"),
    )
    if level:
        actions.set_category(
            actor=actor, commission=row, level=level, since=in_days(0), reason="Marked CATEGORYREASON"
        )
    if status == "draft":
        return row
    if row.is_academy:
        body = "trust" if school.trust else "diocese" if school.diocese else "other"
        actions.record_notice(
            actor=actor,
            commission=row,
            body=body,
            body_name="Elm Trust",
            person="The chief executive",
            informed_on=in_days(0),
        )
        row.refresh_from_db()
    else:
        row = actions.decide_commission(actor=actor, commission=row)
    if status == "ready":
        return row
    row = actions.start_commission(actor=actor, commission=row)
    if status == "paused":
        row = actions.pause_commission(actor=actor, commission=row, reason="A new head begins")
    return row
