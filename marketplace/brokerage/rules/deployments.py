"""Rules of deployments: what an agreement says, who signs it, when things are due, how many days it promises in a year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from marketplace.brokerage.errors import NeedInvalid, TermsInvalid
from marketplace.kernel.dates import (
    ACADEMIC,
    Period,
    academic_year,
    add_working_days,
    contract_year,
    long_date,
)
from marketplace.kernel.days import HalfDays, format_days
from marketplace.kernel.money import pounds

OBJECTIVE_AREAS = {
    "quality_of_education": "Quality of education",
    "leadership_and_management": "Leadership and management",
    "behaviour_and_attitudes": "Behaviour and attitudes",
    "attendance": "Attendance",
    "personal_development": "Personal development",
}
"""Areas an objective can belong to (domain 3.4)."""

MOST_OBJECTIVES = 5
MOST_HALF_DAYS = 120
LONGEST_TERMS = {"focus": 2_000, "background": 3_000, "confidentiality": 3_000, "payer_note": 300}
"""The most characters of each part of the text, and of each part of an objective."""
LONGEST_OF_OBJECTIVE = 1_000
FIRST_REVIEW_AFTER = timedelta(weeks=6)
REVIEW_SHOWN_BEFORE = timedelta(weeks=1)
DEPLOYMENT_EVALUATION_DUE_WORKING_DAYS = 15
WHOLE = 100
CONFIDENTIALITY = (
    "What is seen and said on visits stays between those who sign and the broker. Nobody is named in a record of visit but staff "
    "who agreed to it, and never a pupil. A concern about a child’s safety is passed on at once to the receiving school’s "
    "designated safeguarding lead."
)
"""What the confidentiality clause says unless the parties write something else."""


class Capacity(StrEnum):
    """The four who sign, in the order in which pages list them. They may sign in any order."""

    RECEIVING_HEAD = "receiving_head"
    RELEASING_HEAD = "releasing_head"
    PRACTITIONER = "practitioner"
    BROKER = "broker"

    @property
    def label(self) -> str:
        """Who that is, in words."""
        return {
            "receiving_head": "Receiving headteacher",
            "releasing_head": "Releasing headteacher or employer",
            "practitioner": "Practitioner",
            "broker": "Broker",
        }[self.value]


HEADS = (Capacity.RECEIVING_HEAD, Capacity.RELEASING_HEAD)
"""The two who agree that a case study may be shared."""


class Payer(StrEnum):
    """Who pays for the days agreed."""

    SCHOOL = "school"
    AUTHORITY = "authority"
    SPLIT = "split"

    @property
    def label(self) -> str:
        """The answer as a sentence."""
        return {
            "school": "The receiving school pays",
            "authority": "The local authority pays",
            "split": "The school and the local authority share the price",
        }[self.value]


@dataclass(frozen=True)
class ObjectiveTerms:
    """An aim, how one will know that it was reached, and where it started. `number` stays the same through all versions."""

    number: int
    aim: str
    success_measure: str
    baseline: str
    area: str


@dataclass(frozen=True)
class Terms:
    """The text the parties sign. `price` is the snapshot of the offer's price for the school, `route` how the school pays.

    `background` is for those who sign and no one else; days are half-days, `net_pence` is before VAT.
    """

    focus: str
    background: str
    objectives: tuple[ObjectiveTerms, ...]
    half_days: HalfDays
    starts_on: date
    ends_on: date
    mid_point_on: date
    confidentiality: str
    payer: str
    school_percent: int
    payer_note: str
    price: Mapping[str, Any]
    net_pence: int
    route: str
    route_reason: str

    def to_data(self) -> dict[str, Any]:
        """The text as a version keeps it."""
        data = asdict(self) | {name: getattr(self, name).isoformat() for name in _DATES}
        return data | {"objectives": [asdict(each) for each in self.objectives], "price": dict(self.price)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Terms":
        """The text of a version."""
        known = {field.name: data[field.name] for field in fields(cls)}
        known |= {name: date.fromisoformat(data[name]) for name in _DATES}
        known["objectives"] = tuple(ObjectiveTerms(**each) for each in data["objectives"])
        return cls(**known)

    @property
    def period(self) -> Period:
        """First and last day."""
        return Period(self.starts_on, self.ends_on)

    @property
    def paid_by(self) -> str:
        """Who pays what, in a sentence."""
        if self.payer != Payer.SPLIT:
            return Payer(self.payer).label
        school = self.net_pence * self.school_percent // WHOLE
        return (
            f"The school pays {self.school_percent}% ({pounds(school)}), the local authority {WHOLE - self.school_percent}%"
            f" ({pounds(self.net_pence - school)})"
        )


_DATES = ("starts_on", "ends_on", "mid_point_on")


def check_agreement_terms(terms: Terms) -> None:
    """Raise `TermsInvalid` where the text lacks something or contradicts itself; `field` names what."""
    if not terms.focus.strip():
        raise TermsInvalid("Say what the deployment is about.", field="focus")
    for name, longest in LONGEST_TERMS.items():
        _check_length(getattr(terms, name), longest, name)
    if not terms.objectives:
        raise TermsInvalid("Write at least one objective.", field="aim_1")
    if len(terms.objectives) > MOST_OBJECTIVES:
        raise TermsInvalid(
            f"There are more than {MOST_OBJECTIVES} objectives.", remedy="Choose the ones that matter most."
        )
    for each in terms.objectives:
        _check_objective(each)
    if not 1 <= terms.half_days <= MOST_HALF_DAYS:
        raise TermsInvalid(f"Agree between half a day and {format_days(MOST_HALF_DAYS)}.", field="half_days")
    if terms.ends_on < terms.starts_on:
        raise TermsInvalid("The last day is before the first.", field="ends_on")
    if terms.ends_on > terms.starts_on + timedelta(days=731):
        raise TermsInvalid(
            "A deployment lasts two years at most.", remedy="Agree another one afterwards.", field="ends_on"
        )
    if terms.mid_point_on not in terms.period:
        raise TermsInvalid("The mid-point is between the first and the last day.", field="mid_point_on")
    if terms.payer == Payer.SPLIT and not 0 < terms.school_percent < WHOLE:
        raise TermsInvalid("Give the school’s share between 1 and 99 percent.", field="school_percent")
    if not terms.confidentiality.strip():
        raise TermsInvalid("Say what is confidential.", field="confidentiality")


def _check_length(text: str, longest: int, field: str) -> None:
    if len(text) > longest:
        raise TermsInvalid("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)


def check_not_over(ends_on: date, today: date) -> None:
    """Raise `TermsInvalid` where an agreement nobody is bound by yet would be over before it is signed."""
    if ends_on < today:
        raise TermsInvalid(
            f"The last day, {long_date(ends_on)}, has passed.",
            remedy="Agree on a last day to come. Support that is over is booked and recorded as single visits.",
            field="ends_on",
        )


def _check_objective(objective: ObjectiveTerms) -> None:
    n = objective.number
    for text, name in (
        (objective.aim, "aim"),
        (objective.success_measure, "measure"),
        (objective.baseline, "baseline"),
    ):
        _check_length(text, LONGEST_OF_OBJECTIVE, f"{name}_{n}")
    if not objective.aim.strip():
        raise TermsInvalid(f"Objective {n}: say what should change.", field=f"aim_{n}")
    if not objective.success_measure.strip():
        raise TermsInvalid(f"Objective {n}: say how you will know that it did.", field=f"measure_{n}")
    if not objective.baseline.strip():
        raise TermsInvalid(f"Objective {n}: say where it stands now.", field=f"baseline_{n}")
    if objective.area not in OBJECTIVE_AREAS:
        raise TermsInvalid(f"Objective {n}: choose the area it belongs to.", field=f"area_{n}")


def middle_of(starts_on: date, ends_on: date) -> date:
    """The day half-way: when the broker looks in, unless the parties agree on another."""
    return starts_on + (ends_on - starts_on) / 2


def changes(before: Terms, after: Terms) -> list[str]:
    """What differs between two versions, a short sentence each; empty where nothing does."""
    found = [
        f"{words} changed" for name, words in _TEXTS.items() if getattr(before, name) != getattr(after, name)
    ]
    if before.half_days != after.half_days:
        found.append(f"days {format_days(before.half_days)} → {format_days(after.half_days)}")
    if before.net_pence != after.net_pence:
        found.append(f"price {pounds(before.net_pence)} → {pounds(after.net_pence)} before VAT")
    for name, words in (("starts_on", "first day"), ("ends_on", "last day"), ("mid_point_on", "mid-point")):
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            found.append(f"{words} {long_date(one)} → {long_date(other)}")
    if before.paid_by != after.paid_by:
        found.append(f"who pays: {after.paid_by}")
    return found + _objectives_changed(before, after)


_TEXTS = {
    "focus": "focus",
    "background": "background",
    "confidentiality": "confidentiality",
    "payer_note": "note on payment",
}


def _objectives_changed(before: Terms, after: Terms) -> list[str]:
    old = {each.number: each for each in before.objectives}
    new = {each.number: each for each in after.objectives}
    found = [f"objective {n} taken out" for n in sorted(old.keys() - new.keys())]
    found += [f"objective {n} added" for n in sorted(new.keys() - old.keys())]
    return found + [f"objective {n} changed" for n in sorted(old.keys() & new.keys()) if old[n] != new[n]]


def still_to_sign(signed: Iterable[str]) -> tuple[Capacity, ...]:
    """Those whose signature is missing, in the usual order."""
    done = set(signed)
    return tuple(capacity for capacity in Capacity if capacity not in done)


# Days ----------------------------------------------------------------------------------------------------------------


def days_left(agreed: HalfDays, taken: HalfDays) -> HalfDays:
    """Half-days that can still be booked; never below zero."""
    return max(0, agreed - taken)


def share_of_year(half_days: HalfDays, period: Period, year: str) -> HalfDays:
    """How many of the half-days fall into an academic year (`2026/27`), in proportion to its days within the period.

    Over all years the shares add up to the half-days: each year takes what is rounded up to its end, less what the years before took.
    """
    return share_of(half_days, period, contract_year(ACADEMIC, date(int(year[:4]), ACADEMIC.first_month, 1)))


def share_of(half_days: HalfDays, period: Period, within: Period) -> HalfDays:
    """How many of the half-days of a period fall within another, in proportion to its days; adds up as `share_of_year` does."""
    total = period.days

    def up_to(day: date) -> HalfDays:
        passed = min(max((day - period.start).days + 1, 0), total)
        return -(-half_days * passed // total)

    return up_to(within.end) - up_to(within.start - timedelta(days=1))


def years_of(period: Period) -> tuple[str, ...]:
    """The academic years a period touches, the first one first."""
    years, day = [academic_year(period.start)], period.start
    while (end := contract_year(ACADEMIC, day).end) < period.end:
        day = end + timedelta(days=1)
        years.append(academic_year(day))
    return tuple(years)


def first_day_uncovered(period: Period, spans: Sequence[tuple[date, date]]) -> date | None:
    """The first day of the period that no assurance (first and last day of each in `spans`) covers; `None` where all are."""
    day = period.start
    for first, last in sorted(spans):
        if first > day:
            break
        day = max(day, last + timedelta(days=1))
    return day if day <= period.end else None


# What is due when ----------------------------------------------------------------------------------------------------


def review_due_on(starts_on: date, ends_on: date, next_review_on: date | None) -> date:
    """When the next progress review is due: as the last one said, or six weeks into the deployment, and by its last day."""
    return min(next_review_on or starts_on + FIRST_REVIEW_AFTER, ends_on)


def check_review_days(reviewed_on: date, next_review_on: date | None, period: Period, today: date) -> None:
    """Raise `NeedInvalid`, naming the field, unless the review and the next one fall into the time of the deployment."""
    if reviewed_on > today:
        raise NeedInvalid("The review can’t be in the future.", field="reviewed_on")
    if reviewed_on < period.start:
        raise NeedInvalid(
            f"The deployment runs from {long_date(period.start)}.",
            remedy="A review is on that day or later.",
            field="reviewed_on",
        )
    if next_review_on is None:
        return
    if next_review_on <= reviewed_on:
        raise NeedInvalid("The next review comes after this one.", field="next_review_on")
    if next_review_on > period.end:
        raise NeedInvalid(
            f"The deployment ends on {long_date(period.end)}.",
            remedy="Look again by then, or leave it blank if this was the last review.",
            field="next_review_on",
        )


def evaluation_due_by(ends_on: date) -> date:
    """The day by which the receiving head is asked to have evaluated the deployment."""
    return add_working_days(ends_on, DEPLOYMENT_EVALUATION_DUE_WORKING_DAYS)


def may_be_evaluated(*, today: date, ends_on: date, agreed: HalfDays, delivered: HalfDays) -> bool:
    """Whether it is time for the final evaluation: the last day has passed, or all days agreed were given."""
    return today > ends_on or delivered >= agreed


def headline(rags: Iterable[str]) -> str:
    """The worst of several ratings, which a list shows; empty where there is none."""
    given = set(rags)
    return next((rag for rag in ("red", "amber", "green") if rag in given), "")
