"""Calls for offers: what can be asked and answered, and which neighbours are near enough to answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from marketplace.kernel.dates import long_date
from marketplace.kernel.errors import NotNow
from marketplace.kernel.money import pounds
from marketplace.partnership.errors import CallInvalid

LONGEST_OPEN_DAYS = 180
LONGEST_TITLE = 120
LONGEST_ORIGIN = 300
LONGEST_TEXT = 5_000
MOST_THEMES = 8
MOST_HALF_DAYS = 2_000
MOST_PENCE_A_DAY = 1_000_000
MOST_REACH_KM = 500
CLOSING_SOON_DAYS = 3
NEIGHBOURS_WITHIN_M = 40_000
"""A provider so far from an area's schools still counts for it in coverage; beyond that it is no neighbour (coverage.md 3)."""


class Box(NamedTuple):
    """The rectangle around an area's schools on the National Grid, metres."""

    west: int
    south: int
    east: int
    north: int

    def is_near(self, easting: int | None, northing: int | None, metres: int = NEIGHBOURS_WITHIN_M) -> bool:
        """Whether a place lies within so many metres of the rectangle; an unknown place does not."""
        if easting is None or northing is None:
            return False
        return (
            self.west - metres <= easting <= self.east + metres
            and self.south - metres <= northing <= self.north + metres
        )


@dataclass(frozen=True, kw_only=True)
class CallTerms:
    """What a call says beside its area, ward and themes. Days in half-days; the ceiling is pence a day before VAT, or none."""

    title: str
    words: str
    phases: tuple[str, ...]
    half_days: int
    ceiling_pence: int | None
    closes_on: date
    origin: str = ""


@dataclass(frozen=True, kw_only=True)
class ResponseTerms:
    """What a provider answers: half-days in an academic year, pence a day before VAT, how, and how far from its base."""

    half_days: int
    pence_a_day: int
    mode: str
    reach_km: int
    approach: str


def check_call(terms: CallTerms, *, themes: int, today: date) -> None:
    """Raise `CallInvalid`, naming the field, unless the call can be published today."""
    _text(terms.title, "title", "Give the call a title.", LONGEST_TITLE)
    _text(terms.words, "words", "Say what is missing and what would help.", LONGEST_TEXT)
    if len(terms.origin) > LONGEST_ORIGIN:
        raise CallInvalid(
            "That is too long.", remedy=f"Use {LONGEST_ORIGIN} characters or fewer.", field="origin"
        )
    if not themes:
        raise CallInvalid("The call names no theme.", remedy="Choose at least one.", field="themes")
    if themes > MOST_THEMES:
        raise CallInvalid(
            f"The call names {themes} themes.",
            remedy=f"Choose at most {MOST_THEMES}, or publish two calls.",
            field="themes",
        )
    if not terms.phases:
        raise CallInvalid("The call names no phase.", remedy="Choose at least one.", field="phases")
    _half_days(terms.half_days)
    if terms.ceiling_pence is not None:
        _price(terms.ceiling_pence, "ceiling")
    check_close(terms.closes_on, today=today)


def check_close(closes_on: date, *, today: date) -> None:
    """Raise `CallInvalid` unless answers can be taken until that day."""
    if closes_on <= today:
        raise CallInvalid(
            "The call would close before anybody can answer.", remedy="Choose a later day.", field="closes_on"
        )
    if closes_on > today + timedelta(days=LONGEST_OPEN_DAYS):
        raise CallInvalid(
            f"A call is open for {LONGEST_OPEN_DAYS} days at most.",
            remedy="Choose an earlier day; you can extend it.",
            field="closes_on",
        )


def check_response(
    terms: ResponseTerms,
    *,
    ceiling_pence: int | None,
    closes_on: date,
    today: date,
    modes: Collection[str],
) -> None:
    """Raise `CallInvalid`, naming the field, unless the answer is whole, in time and within the ceiling; `NotNow` after the last day."""
    if is_over(closes_on, today):
        raise NotNow(
            f"Answers were taken until {long_date(closes_on)}.",
            remedy="You can still list an offer: look at “Provide”.",
        )
    _half_days(terms.half_days)
    _price(terms.pence_a_day, "price")
    if ceiling_pence is not None and terms.pence_a_day > ceiling_pence:
        raise CallInvalid(
            f"{pounds(terms.pence_a_day)} a day is above the ceiling of {pounds(ceiling_pence)}.",
            remedy="Offer a lower price, or list the offer without the call.",
            field="price",
        )
    if terms.mode not in modes:
        raise CallInvalid("Say how it is delivered.", remedy="Choose one.", field="mode")
    if not 1 <= terms.reach_km <= MOST_REACH_KM:
        raise CallInvalid(
            "That distance is out of range.",
            remedy=f"Give from 1 to {MOST_REACH_KM} kilometres.",
            field="reach_km",
        )
    _text(terms.approach, "approach", "Say who would come and how you would go about it.", LONGEST_TEXT)


def is_over(last_day: date, today: date) -> bool:
    """Whether a last day has passed: all of the day itself counts."""
    return today > last_day


def _half_days(half_days: int) -> None:
    if not 0 < half_days <= MOST_HALF_DAYS:
        raise CallInvalid(
            "The days must be between half a day and 1,000 days.", remedy="Write a number.", field="days"
        )


def _price(pence: int, field: str) -> None:
    if not 0 <= pence <= MOST_PENCE_A_DAY:
        raise CallInvalid(
            "That price is out of range.",
            remedy=f"Give the price of one day, at most {pounds(MOST_PENCE_A_DAY)}.",
            field=field,
        )


def _text(text: str, field: str, message: str, longest: int) -> None:
    if not text.strip():
        raise CallInvalid(message, remedy="A sentence or two is enough.", field=field)
    if len(text) > longest:
        raise CallInvalid("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)
