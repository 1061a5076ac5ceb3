"""An edit of a scenario as data: what it is made of, what may be in it, and what it costs.

    {"kind": "add", "theme": "phonics", "phase": "primary", "days": 20, "ward": "E05001234", "km": 25, "pence": 40000}

Schools, offers, themes and wards go by their public references, so that a line outlives the snapshot it was written for. `label`
keeps what the thing was called then. Money is whole pence; `pence` is the price of a day, `cost_pence` what is paid once.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.db import models

from marketplace.catalogue.models import DeliveryMode
from marketplace.coverage.errors import ScenarioEditInvalid
from marketplace.organisations.models import Phase

VERSION = 1
"""How lines are written. Raise it when old ones need reading in another way."""

MOST_DAYS = 5_000
MOST_KM = 500
MOST_PENCE = 100_000_000


class Kind(models.TextChoices):
    """What an edit does."""

    ADD = "add", "A new offer"
    EXTEND = "extend", "More days of an offer"
    REACH = "reach", "A wider reach"
    REMOTE = "remote", "Remote or not"
    REDIRECT = "redirect", "Another theme for an offer"
    REMOVE = "remove", "Take an offer away"
    NEED = "need", "A need of a school"


REQUIRED: Mapping[Kind, frozenset[str]] = {
    Kind.ADD: frozenset({"theme", "phase", "days"}),
    Kind.EXTEND: frozenset({"offer", "days"}),
    Kind.REACH: frozenset({"offer", "km"}),
    Kind.REMOTE: frozenset({"offer"}),
    Kind.REDIRECT: frozenset({"offer", "theme"}),
    Kind.REMOVE: frozenset(),
    Kind.NEED: frozenset({"school", "theme", "phase", "days"}),
}
OPTIONAL: Mapping[Kind, frozenset[str]] = {
    Kind.ADD: frozenset({"ward", "km", "mode", "pence"}),
    Kind.EXTEND: frozenset({"pence"}),
    Kind.REACH: frozenset({"cost_pence"}),
    Kind.REMOTE: frozenset({"remote", "cost_pence"}),
    Kind.REDIRECT: frozenset({"cost_pence"}),
    Kind.REMOVE: frozenset({"offer", "provider"}),
    Kind.NEED: frozenset({"remote"}),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One edit. `id` is its number within the scenario and never used again; fields a kind has no use for are None."""

    id: int
    kind: Kind
    theme: str | None = None
    phase: str | None = None
    ward: str | None = None
    offer: str | None = None
    provider: str | None = None
    school: int | None = field(default=None)
    days: float | None = None
    km: float | None = None
    mode: str | None = None
    remote: bool | None = None
    pence: int | None = None
    cost_pence: int | None = None
    label: str = ""

    @property
    def of_phase(self) -> Phase:
        """The phase of a line whose kind has one."""
        return Phase(self.phase or "")

    @property
    def spent_pence(self) -> int:
        """What it would cost."""
        by_the_day = round((self.days or 0) * self.pence) if self.pence else 0
        return by_the_day + (self.cost_pence or 0)

    def as_data(self) -> dict[str, Any]:
        """As it is stored and told: without the fields its kind has no use for."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def read(data: Mapping[str, Any], *, number: int) -> Line:
    """The line that `data` describes, as edit `number`. Raises `ScenarioEditInvalid`, naming the field."""
    kind = _kind(data.get("kind"))
    given = {
        name: value
        for name, value in data.items()
        if name not in ("id", "kind", "label") and value is not None
    }
    allowed = REQUIRED[kind] | OPTIONAL[kind]
    for name in sorted({str(name) for name in given} - allowed):
        raise ScenarioEditInvalid(
            f"“{name[:40]}” says nothing about an edit of the kind “{kind}”.",
            remedy=f"Give {', '.join(sorted(allowed))}.",
            field=name[:40],
        )
    for name in sorted(REQUIRED[kind] - set(given)):
        raise ScenarioEditInvalid(f"The {NAMES[name]} is missing.", remedy="Fill it in.", field=name)
    values: dict[str, Any] = {name: READ[name](name, value) for name, value in given.items()}
    if kind is Kind.REMOVE and ("offer" in values) == ("provider" in values):
        raise ScenarioEditInvalid(
            "Which offer to take away is missing.",
            remedy="Choose one offer, or one provider for all of its offers.",
            field="offer",
        )
    if kind is Kind.REMOTE:
        values.setdefault("remote", True)
    return Line(id=number, kind=kind, **values)


def stored(data: Mapping[str, Any]) -> Line:
    """A line as `Line.as_data` wrote it."""
    known = {each.name for each in fields(Line)}
    return Line(
        **{name: value for name, value in data.items() if name in known} | {"kind": Kind(data["kind"])}
    )


NAMES = {
    "theme": "theme", "phase": "phase", "ward": "ward", "offer": "offer", "provider": "provider", "school": "school",
    "days": "number of days", "km": "number of kilometres", "mode": "way of delivery", "remote": "answer",
    "pence": "price of a day", "cost_pence": "cost",
}  # fmt: skip


def _kind(value: Any) -> Kind:
    if not isinstance(value, str) or value not in list(Kind):
        raise ScenarioEditInvalid(
            "That is not a kind of edit.", remedy=f"Use one of {', '.join(Kind)}.", field="kind"
        )
    return Kind(value)


def _code(name: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", value):
        raise ScenarioEditInvalid(
            f"That is not a {NAMES[name]}.", remedy="Choose one from the list.", field=name
        )
    return value


def _one_of(choices: Any) -> Callable[[str, Any], str]:
    def read_choice(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices.values:
            raise ScenarioEditInvalid(
                f"That is not a {NAMES[name]}.", remedy=f"Use one of {', '.join(choices.values)}.", field=name
            )
        return value

    return read_choice


def _number(most: int, step: float) -> Callable[[str, Any], float]:
    def read_number(name: str, value: Any) -> float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not 0 < value <= most or value % step:
            raise ScenarioEditInvalid(
                f"The {NAMES[name]} must be above 0 and at most {most:,}, in steps of {step:g}.",
                remedy="Write it in digits.",
                field=name,
            )
        return float(value)

    return read_number


def _pence(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PENCE:
        raise ScenarioEditInvalid(
            f"The {NAMES[name]} must be between £0 and £{MOST_PENCE // 100:,}.",
            remedy="Write it in pounds and pence.",
            field=name,
        )
    return value


def _urn(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10_000_000:
        raise ScenarioEditInvalid("That is not a school.", remedy="Give its URN, six digits.", field=name)
    return value


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ScenarioEditInvalid(
            "Say whether it can be had remotely.", remedy="Use true or false.", field=name
        )
    return value


READ: Mapping[str, Callable[[str, Any], Any]] = {
    "theme": _code,
    "phase": _one_of(Phase),
    "ward": _code,
    "offer": _code,
    "provider": _code,
    "school": _urn,
    "days": _number(MOST_DAYS, 0.25),
    "km": _number(MOST_KM, 0.5),
    "mode": _one_of(DeliveryMode),
    "remote": _yes_or_no,
    "pence": _pence,
    "cost_pence": _pence,
}
