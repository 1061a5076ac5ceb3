"""What ways of closing a gap cost, how much each can bring, and how long it takes: an area's own figures, or these.

Published prices are dated and say whose they are; what nobody publishes is an assumption and says so. They are judgement, to be
calibrated with a convenor, so they are versioned with the area's other parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from marketplace.coverage.measures.errors import MeasureError

ASSUMPTION = "An assumption"


def _figure(default: float, label: str, unit: str, source: str) -> Any:
    return field(default=default, metadata={"label": label, "unit": unit, "source": source})


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Figures by name, with their words in the fields' metadata. Money is in whole pence."""

    day_pence: int = _figure(
        350_00,
        "A day of a provider whose price is not known",
        "pence",
        "Yarlside teaching school: £300 to the school, £50 for brokering",
    )
    outside_day_pence: int = _figure(
        483_00,
        "A day of a provider from outside",
        "pence",
        "Northern Alliance 2015/16: £420 and 15% for brokering",
    )
    practitioner_days: float = _figure(
        15, "Days a year of a new practitioner", "days", "Yarlside teaching school: what it expects"
    )
    practitioner_setup_pence: int = _figure(
        1_000_00,
        "Finding, preparing and releasing a new practitioner",
        "pence",
        f"{ASSUMPTION}: two days’ release and £300 of training",
    )
    training_pence: int = _figure(
        1_000_00,
        "Preparing somebody for another theme under the same heading",
        "pence",
        f"{ASSUMPTION}: two days’ release and £300 of training, to level 1",
    )
    remote_setup_pence: int = _figure(
        400_00, "Making an offer fit to be given remotely", "pence", f"{ASSUMPTION}: equipment and a trial"
    )
    mile_pence: int = _figure(45, "A mile by car", "pence", "HMRC approved mileage rate")
    travel_hour_pence: int = _figure(
        50_00, "An hour of travelling", "pence", f"{ASSUMPTION}: a seventh of a day at £350"
    )
    road_kmh: float = _figure(50, "Kilometres travelled in an hour", "km", ASSUMPTION)
    by_road: float = _figure(1.3, "Distance by road over the straight line", "times", ASSUMPTION)
    block_days: float = _figure(5, "Days bought at a time", "days", ASSUMPTION)
    stretch: float = _figure(
        0.5,
        "Most days a provider could add, as a part of those offered",
        "times",
        f"{ASSUMPTION}; one block can always be asked for",
    )
    owner_share: float = _figure(
        0.4, "Most of the budget for one provider, where that is limited", "times", "A choice of policy"
    )
    more_days_weeks: int = _figure(4, "Until more days can be had", "weeks", ASSUMPTION)
    wider_reach_weeks: int = _figure(3, "Until a provider travels farther", "weeks", ASSUMPTION)
    remote_weeks: int = _figure(4, "Until an offer can be given remotely", "weeks", ASSUMPTION)
    redirect_weeks: int = _figure(10, "Until somebody can turn to another theme", "weeks", ASSUMPTION)
    outside_weeks: int = _figure(
        12, "Until a provider from outside can start", "weeks", f"{ASSUMPTION}: a call for offers and checks"
    )
    practitioner_weeks: int = _figure(
        16, "Until a new practitioner can start", "weeks", f"{ASSUMPTION}: found one term, at work the next"
    )

    def travel_pence(self, km: float) -> int:
        """Going `km` in a straight line and coming back, in pence: mileage and time."""
        road = 2 * km * self.by_road
        return round(road / 1.609344 * self.mile_pence + road / self.road_kmh * self.travel_hour_pence)


WHOLE = frozenset(each.name for each in fields(Costs) if each.metadata["unit"] in ("pence", "weeks"))
LEAST = {"block_days": 0.5, "road_kmh": 1, "by_road": 1, "owner_share": 0.01}
LARGEST = 100_000_00


def costs_from(values: Mapping[str, Any]) -> Costs:
    """The figures with what differs from the defaults put in. Raises MeasureError, naming what is wrong."""
    known = {each.name for each in fields(Costs)}
    problems = [f"there is no figure called {name}" for name in values if name not in known]
    for name, value in values.items():
        if name in known and not _makes_sense(name, value):
            kind = "a whole number" if name in WHOLE else "a number"
            problems.append(f"{name} must be {kind} of {LEAST.get(name, 0):g} or more")
    if problems:
        raise MeasureError(problems)
    return Costs(**dict(values))


def _makes_sense(name: str, value: Any) -> bool:
    kinds = (int,) if name in WHOLE else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return False
    most = 1 if name == "owner_share" else LARGEST
    return bool(LEAST.get(name, 0) <= value <= most)
