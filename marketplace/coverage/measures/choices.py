"""What an area has decided for itself about its own needs, themes and map: judgement that goes into the inputs.

Weights order choices only and never change a counted day. Names are the caller's: codes of themes and wards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import MeasureError

ASSUMED_DAYS: Mapping[str, float] = {"light": 1.0, "focused": 6.0, "intensive": 15.0}
"""Days assumed for a need stated only as an intensity: an assumption, editable for each LA."""

YEAR, TERM = "year", "term"
"""The days that are counted: those of a school year, or those of one term."""

PRIORITY_WEIGHT = 1.5
DISADVANTAGE_WEIGHT = 1.2


@dataclass(frozen=True, kw_only=True)
class Choices:
    """`remote_fit` (0 to 1) and `radius_m` by theme, `sides` by ward: two wards on different sides have water between them;
    `latent_days` for each 100 pupils by theme, of schools that said nothing.

    Pairs instead of dictionaries, sorted by name, so that equal choices are written alike.
    """

    light_days: float = ASSUMED_DAYS["light"]
    focused_days: float = ASSUMED_DAYS["focused"]
    intensive_days: float = ASSUMED_DAYS["intensive"]
    priority_themes: tuple[str, ...] = ()
    priority_weight: float = PRIORITY_WEIGHT
    disadvantage_weight: float = DISADVANTAGE_WEIGHT
    remote_fit: tuple[tuple[str, float], ...] = ()
    radius_m: tuple[tuple[str, float], ...] = ()
    sides: tuple[tuple[str, int], ...] = ()
    latent_days: tuple[tuple[str, float], ...] = ()
    window: str = YEAR

    def __post_init__(self) -> None:
        problems = [
            f"choices.{name} must be above 0"
            for name in ("light_days", "focused_days", "intensive_days")
            if getattr(self, name) <= 0
        ]
        problems += [
            f"choices.{name} must be from 1 to 3, for weights only order choices"
            for name in ("priority_weight", "disadvantage_weight")
            if not 1 <= getattr(self, name) <= 3
        ]
        problems += [
            f"choices.remote_fit of {theme} must be from 0 to 1"
            for theme, fit in self.remote_fit
            if not 0 <= fit <= 1
        ]
        problems += [
            f"choices.radius_m of {theme} must be above 0" for theme, metres in self.radius_m if metres <= 0
        ]
        problems += [
            f"choices.latent_days of {theme} must not be below 0"
            for theme, days in self.latent_days
            if days < 0
        ]
        if self.window not in (YEAR, TERM):
            problems.append(f"choices.window must be {YEAR} or {TERM}")
        if problems:
            raise MeasureError(problems)

    @property
    def assumed_days(self) -> Mapping[str, float]:
        """Days a need stands for that says only how intensive it is."""
        return {
            "light": self.light_days,
            "focused": self.focused_days,
            "intensive": self.intensive_days,
        }
