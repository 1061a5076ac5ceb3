"""The tabs over the pages of approvals: quotes, ladders and funding, each for whom they are."""

from typing import Any

from django import template
from django.urls import reverse

from marketplace.buyback.queries import LADDER_MAKERS
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role

register = template.Library()

TABS = (
    ("Quotes", "approvals:evidence_list", "/approvals/quotes/", SCHOOL_BUYERS | {Role.GOVERNOR}),
    ("Who approves orders", "approvals:ladder", "/approvals/ladder/", LADDER_MAKERS | {Role.CONVENOR}),
    ("Funding streams", "approvals:streams", "/funding/", frozenset({Role.CONVENOR})),
)


@register.simple_tag(takes_context=True)
def approval_tabs(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The tabs of this person, the one of this page marked."""
    request = context["request"]
    actor: Actor = request.actor
    held = frozenset().union(*actor.roles.values())
    return [
        {"text": text, "href": reverse(name), "current": request.path.startswith(prefix)}
        for text, name, prefix, roles in TABS
        if held & roles or (name == "approvals:streams" and actor.in_area(Role.FINANCE))
    ]
