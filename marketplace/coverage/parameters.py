"""An area's parameters of the measures: data with what differs from the defaults, read into the measures' own `Settings`.

    {"full_weight_km": 8, "thresholds": {"thin_k": 1.3}, "priority_themes": ["phonics"], "remote_fit": {"governance": 0.8},
     "pool_the_region": true, "advice": {"day_pence": 38000}}

They are judgement, to be calibrated with a convenor, so each change is a new version and each snapshot names the one it used.
`PARAMETERS` lists every single number with its words, its default and the reason for it, `options.OPTIONS` what is chosen between
a few ways of counting; a settings page is written from the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from marketplace.coverage.errors import CoverageSettingsInvalid
from marketplace.coverage.measures import Choices, MeasureError, Settings, Thresholds
from marketplace.coverage.measures.advice import Costs, costs_from
from marketplace.coverage.options import BY_OPTION, Answer, checked

IN_METRES = {
    "full_weight_km": "full_weight_m",
    "radius_km": "radius_m",
    "default_reach_km": "default_reach_m",
}
"""People think in kilometres, the measures in metres."""

AS_THEY_ARE = frozenset(
    {"min_weight", "confirmed_within_days", "replied_within_days", "replaceable_share", "overlap_edge"}
)
THRESHOLDS = frozenset(field.name for field in fields(Thresholds))
WEIGHTS_AND_LEVELS = frozenset(
    {"light_days", "focused_days", "intensive_days", "priority_weight", "disadvantage_weight"}
)
BY_NAME = {
    "remote_fit": ("remote_fit", 1.0),
    "theme_radius_km": ("radius_m", 1000.0),
    "latent_days": ("latent_days", 1.0),
    "sides": ("sides", 1),
}
"""Records of numbers by the code of a theme or a ward: the choice each becomes, and what its numbers are multiplied by."""

PRIORITY_THEMES = "priority_themes"
KNOWN = [
    *IN_METRES,
    *sorted(AS_THEY_ARE | WEIGHTS_AND_LEVELS),
    *BY_NAME,
    PRIORITY_THEMES,
    *BY_OPTION,
    "thresholds",
    "advice",
]


@dataclass(frozen=True)
class Parameter:
    """One number an area may set. `unit` is written behind it; `share` says that it is kept as a share and shown in percent."""

    name: str
    group: str
    label: str
    reason: str
    default: float
    least: float
    most: float
    unit: str = ""
    share: bool = False
    threshold: bool = False


_T, _S, _C = Thresholds(), Settings(), Choices()
_STATUS, _DISTANCE, _TRUST, _NEED = (
    "When a cell is called a gap, thin or duplicated",
    "How far support reaches",
    "What counts, and for how long",
    "What a need stands for, and who comes first",
)


def _limit(name: str, label: str, reason: str, least: float, most: float, **more: Any) -> Parameter:
    return Parameter(name, _STATUS, label, reason, getattr(_T, name), least, most, threshold=True, **more)


PARAMETERS = (
    _limit(
        "gap_best", "Gap: best case below",
        "Below this even perfect brokering of what is offered leaves a fifth of the days unmet.", 0, 1,
        unit="%", share=True,
    ),
    _limit(
        "thin_expected", "Thin: met as things stand below",
        "The same four fifths, without anybody brokering.", 0, 1, unit="%", share=True,
    ),
    _limit(
        "thin_k", "Thin: days offered for each day needed, below",
        "About one divided by 85%: people who deliver are rarely free for more than 85% of their stated days.",
        0, 10, unit="days",
    ),
    _limit(
        "thin_without_largest", "Thin: met without the largest provider, below",
        "One withdrawal would halve what is met.", 0, 1, unit="%", share=True,
    ),
    _limit(
        "duplicated_k", "Duplicated: days offered for each day needed, from",
        "Every day could be met twice.", 0, 10, unit="days",
    ),
    _limit(
        "duplicated_without_largest", "Duplicated: met without the largest provider, from",
        "Nobody would miss the largest provider.", 0, 1, unit="%", share=True,
    ),
    _limit(
        "duplicated_owners", "Duplicated: owners at least",
        "One provider cannot duplicate itself; two alone are a backup, so the other three limits must be met as well.",
        1, 20, unit="owners",
    ),
    _limit(
        "duplicated_spare_days", "Duplicated: days to spare at least",
        "Fewer than a working week to spare is not worth a conversation.", 0, 1000, unit="days",
    ),
    Parameter(
        "full_weight_km", _DISTANCE, "A day counts in full up to",
        "About a quarter of an hour by road: nearer than this, distance decides nothing.",
        _S.full_weight_m / 1000, 1, 200, unit="km",
    ),
    Parameter(
        "radius_km", _DISTANCE, "and not at all beyond",
        "From the distance above the weight of a day falls, as chosen below. Each theme may have a distance of its own, further down.",
        _S.radius_m / 1000, 1, 400, unit="km",
    ),
    Parameter(
        "min_weight", _DISTANCE, "The least a day within reach counts",
        "An offer that promises to come so far is not worth nothing.", _S.min_weight, 0.01, 1, unit="%", share=True,
    ),
    Parameter(
        "confirmed_within_days", _TRUST, "Offers count when confirmed within",
        "Half a year: an older offer is listed, but its days are not counted.",
        _S.confirmed_within_days, 1, 3650, unit="days",
    ),
    Parameter(
        "replied_within_days", _TRUST, "Schools have replied when they confirmed their needs within",
        "Needs are asked for once a year.", _S.replied_within_days, 1, 3650, unit="days",
    ),
    Parameter(
        "replaceable_share", _TRUST, "A provider could withdraw unnoticed when no more of its days would be lost than",
        "One hundredth is rounding, not support.", _S.replaceable_share, 0, 1, unit="%", share=True,
    ),
    Parameter(
        "overlap_edge", _TRUST, "Two offers overlap when they share at least",
        "More than half of the need that either of them reaches.", _S.overlap_edge, 0.05, 1, unit="%", share=True,
    ),
    Parameter(
        "light_days", _NEED, "A light need stands for",
        "An assumption, used only where a school does not say days: one visit.", _C.light_days, 0.25, 200, unit="days",
    ),
    Parameter(
        "focused_days", _NEED, "A focused need stands for",
        "An assumption: a day in each half term.", _C.focused_days, 0.25, 200, unit="days",
    ),
    Parameter(
        "intensive_days", _NEED, "An intensive need stands for",
        "An assumption: fifteen days a year is what is expected of a specialist leader.",
        _C.intensive_days, 0.25, 200, unit="days",
    ),
    Parameter(
        "priority_weight", _NEED, "A need in a priority theme weighs",
        "It goes first where not all can be helped. Weights order choices; they never change a counted day.",
        _C.priority_weight, 1, 3, unit="times",
    ),
    Parameter(
        "disadvantage_weight", _NEED, "A need of the fifth of schools with most free school meals weighs",
        "It goes a little before others. It never changes a counted day either.",
        _C.disadvantage_weight, 1, 3, unit="times",
    ),
)  # fmt: skip
BY_PARAMETER = {parameter.name: parameter for parameter in PARAMETERS}


def settings_from(values: Mapping[str, Any], version: int = 0) -> Settings:
    """The measures' settings that `values` stands for. Raises `CoverageSettingsInvalid`, naming the field."""
    given: dict[str, Any] = {}
    chosen: dict[str, Any] = {}
    for name, value in values.items():
        if name == "thresholds":
            given["thresholds"] = _thresholds(value)
        elif name == "advice":
            advice_costs(values)
        elif name in IN_METRES:
            given[IN_METRES[name]] = 1000 * _number(name, value)
        elif name in AS_THEY_ARE:
            given[name] = _number(name, value)
        elif name in WEIGHTS_AND_LEVELS:
            chosen[name] = _number(name, value)
        elif name in BY_NAME:
            choice, times = BY_NAME[name]
            chosen[choice] = tuple((key, times * number) for key, number in _numbers(name, value))
        elif name == PRIORITY_THEMES:
            chosen[PRIORITY_THEMES] = _codes(value)
        elif name in BY_OPTION:
            option = BY_OPTION[name]
            (chosen if option.is_choice else given)[name] = checked(option, value)
        else:
            raise _unknown(name, KNOWN)
    try:
        settings = Settings(version=str(version), choices=Choices(**chosen), **given)
        _must_fade(settings)
        return settings
    except MeasureError as error:
        raise CoverageSettingsInvalid(str(error), remedy="Correct the number and save again.") from error


def advice_costs(values: Mapping[str, Any]) -> Costs:
    """What the advice reckons with, from the same record. Raises `CoverageSettingsInvalid`."""
    given = values.get("advice", {})
    if not isinstance(given, Mapping):
        raise CoverageSettingsInvalid(
            "The figures of the advice are not a record.",
            remedy="Give an object of names and numbers.",
            field="advice",
        )
    try:
        return costs_from(given)
    except MeasureError as error:
        raise CoverageSettingsInvalid(
            f"The figures of the advice can’t be used: {error}.", remedy="Correct them.", field="advice"
        ) from error


def _must_fade(settings: Settings) -> None:
    if settings.radius_m <= settings.full_weight_m:
        raise CoverageSettingsInvalid(
            "The distance beyond which a day counts nothing must be larger than the one up to which it counts in full.",
            remedy="Make it larger, or the other smaller.",
            field="radius_km",
        )


def value_of(values: Mapping[str, Any], parameter: Parameter) -> float:
    """What `values` make of a parameter: its default where they say nothing."""
    within = values.get("thresholds", {}) if parameter.threshold else values
    return float(within.get(parameter.name, parameter.default))


def values_from(
    numbers: Mapping[str, float], answers: Mapping[str, Answer] | None = None, **others: Any
) -> dict[str, Any]:
    """`values` from the number of every parameter and the answer to options by name, and records by theme or ward.

    What is as by default is left out.
    """
    values: dict[str, Any] = {}
    for parameter in PARAMETERS:
        number = numbers[parameter.name]
        if number != parameter.default:
            within = values.setdefault("thresholds", {}) if parameter.threshold else values
            within[parameter.name] = number
    for name, answer in (answers or {}).items():
        if answer != BY_OPTION[name].default:
            values[name] = answer
    return values | {name: value for name, value in others.items() if value}


def _thresholds(values: Any) -> Thresholds:
    if not isinstance(values, Mapping):
        raise CoverageSettingsInvalid(
            "The thresholds are not a record.",
            remedy="Give an object of names and numbers.",
            field="thresholds",
        )
    for name in values:
        if name not in THRESHOLDS:
            raise _unknown(name, sorted(THRESHOLDS))
    given: dict[str, Any] = {name: _number(name, value) for name, value in values.items()}
    return Thresholds(**given)


def _numbers(name: str, values: Any) -> list[tuple[str, Any]]:
    if not isinstance(values, Mapping):
        raise CoverageSettingsInvalid(
            f"“{name}” is not a record.", remedy="Give an object of codes and numbers.", field=name
        )
    return sorted((str(key), _number(name, value)) for key, value in values.items())


def _codes(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise CoverageSettingsInvalid(
            f"“{PRIORITY_THEMES}” is not a list of codes.",
            remedy="Give the codes of themes, as a list.",
            field=PRIORITY_THEMES,
        )
    return tuple(sorted(set(values)))


def _number(name: str, value: Any) -> float:
    known = BY_PARAMETER.get(name)
    least, most = (known.least, known.most) if known else (0, 10_000)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise CoverageSettingsInvalid(
            f"“{name}” must be a number from {least:,g} to {most:,g}.",
            remedy="Write it in digits.",
            field=name,
        )
    return value


def _unknown(name: str, known: list[str]) -> CoverageSettingsInvalid:
    return CoverageSettingsInvalid(
        f"There is no parameter called “{name}”.", remedy=f"Use one of: {', '.join(known)}.", field=name
    )
