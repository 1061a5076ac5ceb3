"""What a price is worked out from, and what comes out: values that explain themselves and can be kept as snapshots."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Self

from marketplace.catalogue.pricing.described import Described
from marketplace.catalogue.pricing.fields import DataInvalid, Day, Flag, Text, Whole
from marketplace.kernel.dates import month_and_year
from marketplace.kernel.days import HalfDays
from marketplace.kernel.errors import DomainError


class PriceRuleInvalid(DataInvalid):
    """A price rule is incomplete or contradicts itself."""

    code = "price_rule_invalid"


class PriceInputInvalid(DataInvalid):
    """A fact of a school or a quantity asked for is impossible."""

    code = "price_input_invalid"


class PriceCannotBeWorkedOut(DomainError):
    """The rule is sound, but something it needs is not known about the school or was not asked for."""

    code = "price_cannot_be_worked_out"


class PupilPhase(StrEnum):
    """Groups of pupils that tariffs price apart. Sixth formers count as secondary."""

    NURSERY = "nursery"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    SPECIAL = "special"

    @classmethod
    def of_support(cls, phases: Iterable[str]) -> "tuple[PupilPhase, ...]":
        """The groups of pupils that stand for phases of support (`early_years`, `post_16`, `special_ap` …)."""
        return tuple(dict.fromkeys(_OF_SUPPORT[phase] for phase in phases if phase in _OF_SUPPORT))


_OF_SUPPORT = {
    "early_years": PupilPhase.NURSERY,
    "primary": PupilPhase.PRIMARY,
    "secondary": PupilPhase.SECONDARY,
    "post_16": PupilPhase.SECONDARY,
    "special_ap": PupilPhase.SPECIAL,
}


@dataclass(frozen=True, kw_only=True)
class SchoolFacts(Described):
    """What is known of a school when it is quoted a price.

    Pupils are given by phase where they are known so (then their sum counts), otherwise as a total, which belongs to
    the one phase of `phases` when there is just one; children of a primary school's nursery class count as primary,
    since the register does not tell them apart. 0 and `None` both mean that the register does not say.
    """

    INVALID = PriceInputInvalid

    name: Annotated[str, Text("School", longest=300)]
    phases: tuple[PupilPhase, ...] = ()
    nursery: Annotated[int | None, Whole("Nursery pupils")] = None
    primary: Annotated[int | None, Whole("Primary pupils")] = None
    secondary: Annotated[int | None, Whole("Secondary pupils")] = None
    special: Annotated[int | None, Whole("Special school pupils")] = None
    pupils_total: Annotated[int | None, Whole("Pupils on roll")] = None
    census_date: Annotated[date | None, Day("Census date")] = None
    staff_heads: Annotated[int | None, Whole("Members of staff")] = None
    is_member: Annotated[bool, Flag("Member of the provider’s network")] = False
    is_academy: Annotated[bool, Flag("Academy")] = False
    trust_pupils: Annotated[int | None, Whole("Pupils in the whole trust", maximum=10_000_000)] = None

    @property
    def pupils_by_phase(self) -> dict[PupilPhase, int]:
        """Pupils of each phase that has any; empty when only an undivided total is known, or nothing."""
        counted = {phase: getattr(self, phase.value) or 0 for phase in PupilPhase}
        phases = set(self.phases)
        if PupilPhase.PRIMARY in phases:
            phases.discard(PupilPhase.NURSERY)
        if not any(counted.values()) and self.pupils_total and len(phases) == 1:
            counted[phases.pop()] = self.pupils_total
        return {phase: count for phase, count in counted.items() if count}

    @property
    def pupils(self) -> int | None:
        """All pupils on roll, or `None` where the register does not say."""
        return sum(self.pupils_by_phase.values()) or self.pupils_total or None

    @property
    def census(self) -> str:
        """Where the pupil numbers come from: `January 2026 census`."""
        return (
            f"{month_and_year(self.census_date)} census" if self.census_date else "census date not recorded"
        )

    def to_data(self) -> dict[str, Any]:
        """JSON for a snapshot."""
        return super().to_data() | {"phases": [phase.value for phase in self.phases]}

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The facts of a snapshot."""
        if not isinstance(data, Mapping):
            return super().from_data(data)
        known = {phase.value for phase in PupilPhase}
        phases = data.get("phases") or ()
        if any(phase not in known for phase in phases):
            raise cls.refuse(
                "A phase is not one this service knows.", f"Use {', '.join(known)}.", field="phases"
            )
        facts = super().from_data({name: value for name, value in data.items() if name != "phases"})
        return cls(**{**vars(facts), "phases": tuple(PupilPhase(phase) for phase in phases)})


@dataclass(frozen=True, kw_only=True)
class Quantity(Described):
    """What a school asks for. Only what the kind of price needs is looked at.

    `years` is the length of the agreement and `year_of_agreement` the year that is priced, counted from 1 and on through
    renewals; `starts_on` is the first session, for discounts on orders placed well ahead.
    """

    INVALID = PriceInputInvalid

    half_days: Annotated[HalfDays, Whole("Half-days", maximum=10_000)] = 0
    sessions: Annotated[int, Whole("Sessions", maximum=10_000)] = 0
    places: Annotated[int, Whole("Places", maximum=10_000)] = 0
    level: Annotated[str | None, Text("Level")] = None
    years: Annotated[int, Whole("Years of the agreement", minimum=1, maximum=25)] = 1
    year_of_agreement: Annotated[int, Whole("Year of the agreement", minimum=1, maximum=25)] = 1
    starts_on: Annotated[date | None, Day("First session")] = None


class PriceLine(NamedTuple):
    """One step of a price: a sentence for a school business manager, and its pence (below zero for a reduction)."""

    sentence: str
    pence: int


@dataclass(frozen=True, kw_only=True)
class PriceExplanation:
    """A price before VAT, the steps that made it, and everything needed to work it out again."""

    lines: tuple[PriceLine, ...]
    rule: Mapping[str, Any]
    school: SchoolFacts
    quantity: Quantity
    on_date: date

    @property
    def total_pence(self) -> int:
        """The price: the sum of the lines."""
        return sum(line.pence for line in self.lines)

    @property
    def inputs(self) -> dict[str, Any]:
        """What went in, as JSON: the facts of the school with pupil count and census date, the quantity, the day."""
        return {
            "pupils": self.school.pupils,
            "census_date": self.school.census_date.isoformat() if self.school.census_date else None,
            "school": self.school.to_data(),
            "quantity": self.quantity.to_data(),
            "on_date": self.on_date.isoformat(),
        }

    def to_data(self) -> dict[str, Any]:
        """The snapshot that an agreement or a booking keeps."""
        return {
            "lines": [{"sentence": line.sentence, "pence": line.pence} for line in self.lines],
            "total_pence": self.total_pence,
            "inputs": self.inputs,
            "rule": dict(self.rule),
        }
