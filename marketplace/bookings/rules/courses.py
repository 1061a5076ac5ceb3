"""Rules of courses: how long dates count, when bookings close, who of those waiting is offered what, and what a place costs after all."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from marketplace.catalogue.prepaid import kept_of
from marketplace.catalogue.tariffs import CancellationTariff, CancelledBy, decide
from marketplace.kernel.dates import add_working_days, local, to_utc
from marketplace.kernel.days import HalfDays
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import CannotSplit, percent, pounds, split_pence

LONGEST_HALF_DAY = timedelta(hours=4)
EVENING_FROM = time(15, 45)
MOST_DATES = 12
MOST_SEATS = 500
MOST_PLACES = 30


class Stretch(NamedTuple):
    """One date of a course as London clocks show it."""

    day: date
    starts: time
    ends: time

    @property
    def starts_at(self) -> datetime:
        """The start in UTC."""
        return to_utc(self.day, self.starts)

    @property
    def ends_at(self) -> datetime:
        """The end in UTC."""
        return to_utc(self.day, self.ends)

    @property
    def half_days(self) -> HalfDays:
        """What the date counts for: half a day up to four hours, a day beyond."""
        return 1 if self.ends_at - self.starts_at <= LONGEST_HALF_DAY else 2

    @property
    def is_evening(self) -> bool:
        """Whether it begins after school."""
        return self.starts >= EVENING_FROM


class DatesInvalid(DomainError):
    """The dates of a course contradict each other."""

    code = "course_dates_invalid"


def check_dates(stretches: Sequence[Stretch]) -> None:
    """Raise `DatesInvalid` unless there is a date, each ends after it starts, and none overlaps another."""
    if not 1 <= len(stretches) <= MOST_DATES:
        raise DatesInvalid(
            "Give the dates of the course.", remedy=f"A course has 1 to {MOST_DATES} dates.", field="dates"
        )
    for stretch in stretches:
        if stretch.ends <= stretch.starts:
            raise DatesInvalid(
                f"The date {stretch.day:%d/%m/%Y} ends before it starts.",
                remedy="Correct one of the two times.",
                field="dates",
            )
    ordered = sorted(stretches)
    for one, next_one in itertools.pairwise(ordered):
        if next_one.starts_at < one.ends_at:
            raise DatesInvalid(
                f"Two dates of the course overlap on {next_one.day:%d/%m/%Y}.",
                remedy="Correct the times.",
                field="dates",
            )


def closing_moment(closing_day: date, first: Stretch) -> datetime:
    """When bookings end: at the end of the closing day, and never later than the course begins."""
    return min(to_utc(closing_day + timedelta(days=1), time()), first.starts_at)


def decide_by(tariff: CancellationTariff, first_day: date) -> date:
    """The last day on which the provider can call the course off with the notice its tariff promises."""
    return add_working_days(first_day, -(tariff.provider_notice_working_days or 0))


# The waiting list ----------------------------------------------------------------------------------------------------


def offers_of(free: int, wanted: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Who is offered how many of `free` seats, in the order of the list: `wanted` and the answer are pairs of key and places.

    Nobody is passed over: who is first is offered what there is, though it be fewer than they want.
    """
    made = []
    for key, places in wanted:
        if free <= 0:
            break
        made.append((key, min(places, free)))
        free -= made[-1][1]
    return made


def offer_expires_at(now: datetime, closes_at: datetime, hours: int) -> datetime:
    """Until when an offered place is kept: so many hours, and never longer than bookings are open."""
    return min(now + timedelta(hours=hours), closes_at)


# What a place costs after all ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceOutcome:
    """What is owed in pence before VAT for a place nobody sits on, whether a package's place is kept, and why."""

    charge_pence: int
    keeps_place: bool
    explanation: str


def outcome_of(
    tariff: CancellationTariff,
    *,
    price_pence: int,
    half_days: HalfDays,
    evening: bool,
    is_prepaid: bool,
    first_day: date,
    now: datetime,
    ordered_at: datetime,
    by: CancelledBy,
) -> PlaceOutcome:
    """What the tariff says of one place. Of a place from a package a share of half or more keeps it; a flat charge is due in money."""
    found = decide(
        tariff,
        price_pence=price_pence,
        session_date=first_day,
        cancelled_on=local(now).date(),
        by=by,
        ordered_on=local(ordered_at).date(),
    )
    if found.charge is None:
        back = "the place goes back to the package" if is_prepaid else "nothing to pay"
        return PlaceOutcome(0, False, f"{found.why}: {back}.")
    share = found.charge.percent_bp
    if is_prepaid and share is not None:
        keeps = kept_of(1, share) >= 1
        words = "counts as used" if keeps else "goes back to the package"
        return PlaceOutcome(0, keeps, f"{found.why}: {percent(share)} of the place, so it {words}.")
    owed = found.charge.on(price_pence, half_days, evening=evening)
    words = (
        f"{pounds(owed)}, and the place goes back to the package"
        if is_prepaid
        else found.charge.comes_to(owed)
    )
    return PlaceOutcome(owed, False, f"{found.why}: {words}.")


# Sharing a price -----------------------------------------------------------------------------------------------------


class ShareOut(NamedTuple):
    """What each of several schools pays of one price, in order, and how it was shared out."""

    pence: tuple[int, ...]
    words: str


def share_out(
    total_pence: int, by: str, *, places: Sequence[int], pupils: Sequence[int | None], shares: Sequence[int]
) -> ShareOut:
    """Split one price between schools, to the penny: odd pennies go to the largest remainders.

    `by` is `equally`, `pupils`, `places` or `shares`. Raises `CannotSplit` where the weights make no split.
    """
    if by == "equally":
        return ShareOut(tuple(split_pence(total_pence, [1] * len(places))), "equal shares")
    if by == "places":
        return ShareOut(tuple(split_pence(total_pence, places)), "by places")
    if by == "pupils":
        if not all(pupils):
            raise CannotSplit(
                "The register does not say how many pupils each school has.",
                remedy="Share the price out another way.",
            )
        return ShareOut(
            tuple(split_pence(total_pence, [count or 0 for count in pupils])), "by pupils on roll"
        )
    if len(shares) != len(places) or any(share < 1 for share in shares):
        raise CannotSplit(
            "A stated share is missing.", remedy="Give each school its share as a whole number of 1 or more."
        )
    return ShareOut(
        tuple(split_pence(total_pence, shares)), f"by stated shares {' : '.join(map(str, shares))}"
    )
