"""From what a school said to the days that are counted.

A need is stated in days or only as an intensity; days already deployed are taken off. A need without a phase gets its school's, and
an all-through school's is split by its pupils. Needs of closed schools, and layers of need that were not asked for, are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from .choices import ASSUMED_DAYS, DISADVANTAGE_WEIGHT, PRIORITY_WEIGHT
from .errors import MeasureError
from .inputs import Floats, Inputs, Needs, Phase, Schools, Settings

RISK_WEIGHTS: Mapping[str, float] = {"low": 1.0, "medium": 1.25, "high": 1.5, "intervention": 2.0}

_PHASES_OF_REGISTER = {
    1: Phase.NURSERY,
    2: Phase.PRIMARY,
    3: Phase.PRIMARY,  # middle deemed primary
    4: Phase.SECONDARY,
    5: Phase.SECONDARY,  # middle deemed secondary
    6: Phase.POST_16,
    7: Phase.ALL_THROUGH,
}


def phase_of_register(code: int, *, special_or_alternative: bool) -> Phase:
    """Phase of a school from its `PhaseOfEducation` code in the register; 0 (not applicable) gives BLANK."""
    if special_or_alternative:
        return Phase.SPECIAL
    return _PHASES_OF_REGISTER.get(code, Phase.BLANK)


def counted_days(
    *,
    stated: float | None,
    intensity: str = "",
    deployed: float = 0.0,
    assumed: Mapping[str, float] = ASSUMED_DAYS,
) -> float:
    """D: days wanted less days of confirmed deployments, never below zero, in quarters of a day.

    Raises MeasureError if neither days nor a known intensity is given.
    """
    if stated is None and intensity not in assumed:
        raise MeasureError(
            [f"a need says neither days nor how intensive it is: give days or one of {', '.join(assumed)}"]
        )
    wanted = assumed[intensity] if stated is None else stated
    return round(max(0.0, wanted - deployed) * 4) / 4


def latent_days(*, pupils: float, days_per_100_pupils: float, risk: float) -> float:
    """Modelled need of a school that declared none: shown hatched, never added to the headline."""
    return round(pupils / 100 * days_per_100_pupils * risk * 4) / 4


def choice_weight(
    *,
    priority_theme: bool,
    risk: str,
    most_disadvantaged: bool,
    priority_weight: float = PRIORITY_WEIGHT,
    disadvantage_weight: float = DISADVANTAGE_WEIGHT,
) -> float:
    """pi: which need to help first where not all can be, between 1 and 3. It never changes counted days."""
    weight = RISK_WEIGHTS[risk]
    weight *= priority_weight if priority_theme else 1.0
    weight *= disadvantage_weight if most_disadvantaged else 1.0
    return min(3.0, max(1.0, weight))


def prepared(inputs: Inputs, settings: Settings) -> Inputs:
    """The snapshot as it is counted: open schools, the layers asked for, every need with a phase."""
    needs = inputs.needs
    counted = inputs.schools.open[needs.school] & np.isin(needs.layer, settings.layers)
    return replace(inputs, needs=with_phases(needs.take(counted), inputs.schools))


def with_phases(needs: Needs, schools: Schools) -> Needs:
    """Needs with no blank phase, where the school tells one: the school's own; an all-through school's blank need becomes two rows.

    The split follows pupils (reception to year 6 against years 7 to 13), half and half where they are unknown. Both rows keep
    the `id`. A need whose school has no phase either keeps BLANK, and no offer matches it.
    """
    blank = needs.phase == Phase.BLANK
    of_school = schools.phase[needs.school]
    split = blank & (of_school == Phase.ALL_THROUGH)
    phase = np.where(blank, of_school, needs.phase)
    if not split.any():
        return replace(needs, phase=phase)
    younger = _share_of_younger(schools)[needs.school]
    lower = replace(
        needs,
        phase=np.where(split, Phase.PRIMARY, phase),
        days=np.where(split, needs.days * younger, needs.days),
    )
    upper = replace(
        needs,
        phase=np.where(split, Phase.SECONDARY, phase),
        days=needs.days * (1 - younger),
    )
    return _stacked(lower, upper.take(split))


def _share_of_younger(schools: Schools) -> Floats:
    pupils = schools.pupils_younger + schools.pupils_older
    known = pupils > 0
    return np.where(known, schools.pupils_younger / np.where(known, pupils, 1.0), 0.5)


def _stacked(first: Needs, second: Needs) -> Needs:
    columns: dict[str, Any] = {
        c.name: np.concatenate([getattr(first, c.name), getattr(second, c.name)]) for c in fields(Needs)
    }
    return Needs(**columns)
