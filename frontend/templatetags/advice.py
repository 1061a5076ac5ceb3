"""Words of commissioning advice: `{% load advice %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

from frontend.templatetags.coverage import number
from marketplace.coverage.models import Advice, AdviceState
from marketplace.kernel.money import pounds

register = template.Library()


@register.filter
def per_day(pence: int, days: float) -> int | None:
    """Pence for each day."""
    return round(pence / days) if days else None


@register.filter
def gap_words(line: Mapping[str, Any]) -> str:
    """Which part of the need a line closes."""
    parts = (
        ("capacity_gap", "too few were offered"),
        ("reach_gap", "no offer reached"),
        ("unlocated", "place of the school not known"),
    )
    said = [(line[name], words) for name, words in parts if line[name] >= 0.05]
    if len(said) == 1:
        return said[0][1]
    return ", ".join(f"{number(days)} {words}" for days, words in said)


@register.filter
def is_dear(line: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether each extra day costs more than twice what one from outside does."""
    return bool((line["pence_per_day"] or 0) > 2 * answer["outside_day_pence"])


@register.filter
def beside(line: Mapping[str, Any], which: str) -> str:
    """What becomes of a line with the smaller or the larger budget."""
    blocks, kept = line["blocks"], line[which]
    if kept == blocks:
        return "Stays"
    if not kept:
        return "Left out"
    bought = line["bought"] / blocks
    change = "Only " if kept < blocks else "Even "
    return f"{change}{number(kept * bought)} days instead of {number(line['bought'])}"


@register.filter
def how_good(advice: Advice) -> list[str]:
    """How the choice came about, and how much better any other could be."""
    answer = advice.result
    greedy, exact = answer["greedy"], answer["exact"]
    tried = (
        f"{answer['candidates']} possibilities were weighed. Taking again and again what closes most days for its cost"
        f" closes {number(greedy['days'])} days for {pounds(greedy['cost_pence'])}."
    )
    if advice.state == AdviceState.AT_ONCE:
        return [
            tried,
            "This is the first answer. Whether another combination closes more is being looked into now; the page"
            " changes by itself in about half a minute.",
        ]
    return [tried, " ".join([_found(exact), _bound(advice, exact)])]


def _found(exact: Mapping[str, Any]) -> str:
    search = "A search through all combinations"
    if not exact["proved"]:
        search += f", stopped after {exact['limit']:g} seconds,"
    if exact["value"] is None:
        return f"{search} found none by itself in that time."
    return f"{search} found one that closes {number(exact['days'])} days for {pounds(exact['cost_pence'])}."


def _bound(advice: Advice, exact: Mapping[str, Any]) -> str:
    bound, value = exact["bound"], exact["value_chosen"]
    if bound is None:
        return "How much better another combination might be is not known."
    left = max(0.0, bound - value)
    if advice.ward_floor_percent:
        percent = 100 * left / bound if bound else 0
        return f"With the wards’ part first, no combination can be more than {percent:.1f}% better than the one above."
    kind = "days, weighted by priority," if advice.result["weighted"] else "days"
    if left < 0.05:
        return f"It is proved that no combination closes more {kind} than the one above."
    return (
        f"It is proved that none can close more than {number(bound)} {kind} where the one above closes {number(value)}:"
        f" at most {number(left)} could be gained by choosing otherwise."
    )
