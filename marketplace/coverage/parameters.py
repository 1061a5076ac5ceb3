"""An area's parameters of the measures: data with what differs from the defaults, read into the measures' own `Settings`.

    {"full_weight_km": 8, "confirmed_within_days": 120, "thresholds": {"thin_k": 1.3}}

They are judgement, to be calibrated with a convenor, so each change is a new version and each snapshot names the one it used.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from marketplace.coverage.errors import CoverageSettingsInvalid
from marketplace.coverage.measures import MeasureError, Settings, Thresholds

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


def settings_from(values: Mapping[str, Any], version: int = 0) -> Settings:
    """The measures' settings that `values` stands for. Raises `CoverageSettingsInvalid`, naming the field."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name == "thresholds":
            given["thresholds"] = _thresholds(value)
        elif name in IN_METRES:
            given[IN_METRES[name]] = 1000 * _number(name, value)
        elif name in AS_THEY_ARE:
            given[name] = _number(name, value)
        else:
            raise _unknown(name, [*IN_METRES, *sorted(AS_THEY_ARE), "thresholds"])
    try:
        return Settings(version=str(version), **given)
    except MeasureError as error:
        raise CoverageSettingsInvalid(str(error), remedy="Correct the number and save again.") from error


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


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10_000:
        raise CoverageSettingsInvalid(
            f"“{name}” must be a number from 0 to 10,000.", remedy="Write it in digits.", field=name
        )
    return value


def _unknown(name: str, known: list[str]) -> CoverageSettingsInvalid:
    return CoverageSettingsInvalid(
        f"There is no parameter called “{name}”.", remedy=f"Use one of: {', '.join(known)}.", field=name
    )
