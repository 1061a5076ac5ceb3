"""A cell in one sentence, its parts adding up as shown.

Phonics, primary, Wath ward: 40 days needed by 7 schools. 24 would be met as things stand; 6 more by brokering capacity already
offered; 8 need more capacity; 2 are beyond every offer's reach. Without Provider P expected cover falls from 60% to 25%.
Confidence B: 5 of 9 schools replied; same answer in 6 of 9 checks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .grouping import Cell

QUARTERS = 4


def sentence(cell: Cell, *, theme: str = "", phase: str = "", area: str = "", largest: str = "") -> str:
    """Say the cell in words; names are given by the caller, `largest` is the name of the cell's largest owner."""
    place = ", ".join(name for name in (theme, phase, area) if name)
    said = [_need(cell), *_without_largest(cell, largest), *_confidence(cell)]
    return f"{place}: {' '.join(said)}" if place else " ".join(said)


def in_quarters(parts: Sequence[float]) -> tuple[float, ...]:
    """Parts rounded to quarters of a day so that they still add up to the rounded total (largest remainders go up)."""
    wanted = round(sum(parts) * QUARTERS)
    whole = [math.floor(part * QUARTERS + 1e-9) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: (whole[at] - parts[at] * QUARTERS, at))
    for at in by_remainder[: max(0, wanted - sum(whole))]:
        whole[at] += 1
    return tuple(quarters / QUARTERS for quarters in whole)


def _need(cell: Cell) -> str:
    if cell.need_days <= 0:
        offered = in_quarters([cell.days_in_reach])[0]
        return (
            f"No need declared; {_days(offered)} offered."
            if offered
            else "No need declared and nothing offered."
        )
    met, brokerable, capacity, reach, unlocated = in_quarters(
        [cell.met, cell.brokerable, cell.capacity_gap, cell.reach_gap, cell.unlocated]
    )
    needed = met + brokerable + capacity + reach + unlocated
    by = f"{cell.schools} school" + ("" if cell.schools == 1 else "s")
    clauses = [f"{_number(met)} would be met as things stand"]
    if brokerable:
        clauses.append(f"{_number(brokerable)} more by brokering capacity already offered")
    if capacity:
        clauses.append(f"{_number(capacity)} {_verb(capacity, 'needs', 'need')} more capacity")
    if reach:
        clauses.append(f"{_number(reach)} {_verb(reach, 'is', 'are')} beyond every offer's reach")
    if unlocated:
        clauses.append(
            f"{_number(unlocated)} {_verb(unlocated, 'is', 'are')} for schools whose place is not known"
        )
    return f"{_days(needed)} needed by {by}. {'; '.join(clauses)}."


def _without_largest(cell: Cell, largest: str) -> list[str]:
    if cell.expected is None or cell.without_largest is None or cell.top_owner is None:
        return []
    name = largest or "the largest provider"
    before, after = round(cell.expected * 100), round(cell.without_largest * 100)
    if before == after:
        return [f"Without {name} expected cover stays at {before}%."]
    return [f"Without {name} expected cover falls from {before}% to {after}%."]


def _confidence(cell: Cell) -> list[str]:
    sure = cell.confidence
    if sure is None:
        return []
    replied = f"{sure.replied} of {sure.asked} schools replied"
    if not sure.enough_information:
        return [f"Not enough information: {replied}."]
    return [f"Confidence {sure.letter}: {replied}; same answer in {sure.agreeing} of {sure.checks} checks."]


def _number(days: float) -> str:
    return f"{days:.2f}".rstrip("0").rstrip(".")


def _days(days: float) -> str:
    return f"{_number(days)} {_verb(days, 'day', 'days')}"


def _verb(days: float, one: str, many: str) -> str:
    return one if days <= 1 else many
