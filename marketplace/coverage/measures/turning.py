"""What would change a status: how many days there are between a cell and the limits its status hangs on.

Each line says one thing that alone lifts or breaks one rule of `status`; everything else is taken to stay as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .confidence import ENOUGH_REPLIES
from .inputs import Thresholds
from .status import Status, percent

_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the rules of status look at, of one cell; days, and shares from 0 to 1 (of no meaning where nothing is needed)."""

    status: Status
    need_days: float
    met: float
    best_days: float
    brokerable: float
    supply_days: float
    without_largest: float
    owners: int
    replied: int
    asked: int
    enough_information: bool = True


@dataclass(frozen=True)
class Turn:
    """`words` say what would have to happen, `to` what the cell would then no longer be, or become."""

    to: str
    words: str


def what_would_change(standing: Standing, limits: Thresholds) -> list[Turn]:
    """For a cell below a limit what is missing, for one above it how much it can lose."""
    if not standing.enough_information:
        wanted = math.ceil(ENOUGH_REPLIES * standing.asked - _SLACK)
        missing = wanted - standing.replied
        who = "more school says what it needs" if missing == 1 else "more schools say what they need"
        words = f"{missing} {who}, be it nothing: {wanted} of {standing.asked} is a fifth."
        return [Turn("shown with a status", words)]
    rules = {
        Status.GAP: _gap,
        Status.THIN: _thin,
        Status.ADEQUATE: _adequate,
        Status.DUPLICATED: _duplicated,
    }
    found = rules.get(standing.status)
    return found(standing, limits) if found else _no_need(standing)


def _no_need(standing: Standing) -> list[Turn]:
    return [Turn("needed", "A school of the phase declares a need.")]


def _gap(standing: Standing, limits: Thresholds) -> list[Turn]:
    missing = limits.gap_best * standing.need_days - standing.best_days
    turns = [
        Turn(
            "no longer a gap",
            f"{_days(missing)} more that reach the schools left short: the best case would be {percent(limits.gap_best)}.",
        )
    ]
    if standing.best_days > 0:
        fewer = standing.need_days - standing.best_days / limits.gap_best
        turns.append(
            Turn(
                "no longer a gap",
                f"{_days(fewer)} of those left short no longer needed, or met from elsewhere.",
            )
        )
    return turns


def _thin(standing: Standing, limits: Thresholds) -> list[Turn]:
    turns = []
    missing = limits.thin_expected * standing.need_days - standing.met
    if missing > _SLACK:
        can = min(missing, standing.brokerable)
        words = f"{_days(missing)} more met as things stand, which is {percent(limits.thin_expected)}."
        if can > _SLACK:
            words += f" Brokering could meet {_days(can)} of these from what is offered already."
        turns.append(Turn("no longer thin in cover", words))
    missing = limits.thin_k * standing.need_days - standing.supply_days
    if missing > _SLACK:
        turns.append(
            Turn(
                "no longer thin in days",
                f"{_days(missing)} more falling here: {limits.thin_k:g} for each day needed.",
            )
        )
    missing = (limits.thin_without_largest - standing.without_largest) * standing.need_days
    if missing > _SLACK:
        turns.append(
            Turn(
                "no longer hanging on one provider",
                f"{_days(missing)} of what the largest provider meets met by others, so that"
                f" {percent(limits.thin_without_largest)} is met without it.",
            )
        )
    return turns


def _adequate(standing: Standing, limits: Thresholds) -> list[Turn]:
    turns = [_growth(standing, limits)]
    spare = standing.supply_days - limits.thin_k * standing.need_days
    turns.append(
        Turn("thin", f"More than {_days(spare)} of those falling here withdrawn or booked for others.")
    )
    left = (standing.without_largest - limits.thin_without_largest) * standing.need_days
    turns.append(Turn("thin", f"More than {_days(left)} lost with providers other than the largest."))
    wanting = _wanting_for_duplicated(standing, limits)
    if wanting:
        turns.append(Turn("duplicated", f"{'; '.join(wanting)}."))
    return turns


def _growth(standing: Standing, limits: Thresholds) -> Turn:
    more = standing.supply_days / limits.thin_k - standing.need_days if limits.thin_k else 0.0
    return Turn("thin", f"More than {_days(more)} needed on top of today’s, with nothing more offered.")


def _duplicated(standing: Standing, limits: Thresholds) -> list[Turn]:
    surplus = min(
        standing.supply_days - limits.duplicated_k * standing.need_days,
        standing.supply_days - standing.need_days - limits.duplicated_spare_days,
    )
    more = standing.supply_days / limits.duplicated_k - standing.need_days if limits.duplicated_k else 0.0
    return [
        Turn(
            "adequate",
            f"More than {_days(surplus)} of those falling here used elsewhere: they would not be missed.",
        ),
        Turn("adequate", f"More than {_days(more)} needed on top of today’s."),
    ]


def _wanting_for_duplicated(standing: Standing, limits: Thresholds) -> list[str]:
    wanting = []
    missing = limits.duplicated_k * standing.need_days - standing.supply_days
    if missing > _SLACK:
        wanting.append(f"{_days(missing)} more falling here ({limits.duplicated_k:g} for each day needed)")
    missing = (limits.duplicated_without_largest - standing.without_largest) * standing.need_days
    if missing > _SLACK:
        wanting.append(f"{_days(missing)} more met without the largest provider")
    if standing.owners < limits.duplicated_owners:
        wanting.append(f"{_count(limits.duplicated_owners - standing.owners, 'more owner')}")
    missing = limits.duplicated_spare_days - (standing.supply_days - standing.need_days)
    if missing > _SLACK:
        wanting.append(f"{_days(missing)} more to spare")
    return wanting


def _days(days: float) -> str:
    """Up to a tenth of a day, so that what is said is enough."""
    up = math.ceil(max(0.0, days) * 10 - 1e-6) / 10
    return f"{up:g} day" if up == 1 else f"{up:g} days"


def _count(number: float, what: str) -> str:
    return f"{number:g} {what}" if number == 1 else f"{number:g} {what}s"
