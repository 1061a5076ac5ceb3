"""The rules of the catalogue: what may be written, who may judge an offer, and how results are ordered.

Pure functions of values. The weights of `WEIGHTS` are the published ranking: the page that explains the order of results prints
these constants, and the scores are worked out from them.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from marketplace.kernel.errors import DomainError, NotAllowed

CONFIRMED_FOR_DAYS = 180
"""An offer not confirmed for longer is listed but not counted in coverage (coverage.md 2)."""

ASSURANCE_WARNING_DAYS = 30
"""An assurance that ends within so many days is on the releasing headteacher's list."""

# What may be written -------------------------------------------------------------------------------------------------


class LooksLikeCertificateNumber(DomainError):
    """A text holds what looks like the number of a DBS certificate, which this service never stores."""

    code = "looks_like_certificate_number"


_TWELVE_DIGITS = re.compile(r"(?<![\d+])(?<!\+\d)(?<!\+\d\d)\d(?:[ .\-–]?\d){11}(?![ .\-–]?\d)")


def refuse_certificate_numbers(text: str, field: str) -> None:
    """Raise `LooksLikeCertificateNumber` where `text` holds twelve digits in a row, spaces and dashes between them or not.

    A telephone number with its country code (`+44 …`) has twelve digits too and passes.
    """
    if _TWELVE_DIGITS.search(text):
        raise LooksLikeCertificateNumber(
            "This holds a number of 12 digits, which looks like the number of a DBS certificate.",
            remedy="Take it out. Certificate numbers are never stored here: the employer’s assurance says that the checks "
            "were done. Write a telephone number with its leading 0 or +44.",
            field=field,
        )


# Who may judge an offer ----------------------------------------------------------------------------------------------


class OwnInterest(NotAllowed):
    """Somebody with an interest in an offer was about to judge it."""

    code = "own_interest"


def check_reviewer(
    *, user_id: int | None, authors: Collection[int | None], holds_role_at_provider: bool, la_service: bool
) -> None:
    """Raise `OwnInterest` where a convenor may not judge an offer.

    Nobody judges what they wrote or submitted. Whoever holds a role at the provider can't judge its offers; the one exception is the
    local authority's own service, since its offers would otherwise find no judge: they carry a banner instead.
    """
    if user_id is not None and user_id in authors:
        raise OwnInterest(
            "You wrote or submitted this version, so you can’t judge it.",
            remedy="Ask another convenor of the area.",
        )
    if holds_role_at_provider and not la_service:
        raise OwnInterest(
            "You hold a role at this provider, so you can’t judge its offers.",
            remedy="Ask another convenor of the area.",
        )


def is_confirmed(confirmed_on: date | None, today: date) -> bool:
    """Whether the provider said within the last 180 days that the offer still stands."""
    return confirmed_on is not None and today - confirmed_on <= timedelta(days=CONFIRMED_FOR_DAYS)


# How results are ordered ---------------------------------------------------------------------------------------------


class Weight(NamedTuple):
    """One part of the score: its weight in hundredths, its name, and how it is worked out in words."""

    key: str
    hundredths: int
    name: str
    words: str


WEIGHTS = (
    Weight(
        "text",
        25,
        "Your words",
        "How well the offer’s text matches what you typed, measured against the best match. Words in the title count most, then "
        "the summary, themes and support type, then the description, then the themes of its people.",
    ),
    Weight(
        "theme",
        20,
        "Theme",
        "1 where the offer is for a theme you chose or named, 0.6 where it is for another theme under the same heading, else 0.",
    ),
    Weight(
        "phase",
        10,
        "Phase",
        "1 where the offer is for a phase you chose or your school has, 0.5 for a neighbouring phase, else 0.",
    ),
    Weight(
        "nearness",
        20,
        "Nearness",
        "1 up to 10 km in a straight line, then falling evenly to 0 at 40 km but never below 0.05 within the offer’s reach, and 0 "
        "beyond it. Where the support can be given remotely, never below how well the theme works at a distance.",
    ),
    Weight(
        "quality",
        15,
        "Quality",
        "Ratings of receiving headteachers from 0 to 1: five ratings of 0.7 are added to each offer’s own, so that one visit "
        "neither makes nor breaks an offer.",
    ),
    Weight(
        "price",
        10,
        "Price for your school",
        "1 for the cheapest tenth of the results, 0 for the dearest tenth, evenly in between.",
    ),
)

NEAR_METRES = 10_000
FAR_METRES = 40_000
LEAST_NEARNESS = 0.05
ADJACENT_THEME = 0.6
NEIGHBOURING_PHASE = 0.5
PSEUDO_RATINGS = 5
PSEUDO_RATING = 70  # hundredths
ROAD_FACTOR = "1.3"

_PHASES_IN_ORDER = ("early_years", "primary", "secondary", "post_16")


class Part(NamedTuple):
    """One part of one offer's score: from 0 to 1."""

    weight: Weight
    share: float


@dataclass(frozen=True)
class Fit:
    """How well an offer fits what was asked for: the parts in play, and the score out of 100."""

    parts: tuple[Part, ...]

    @property
    def score(self) -> float:
        """The weighted mean of the parts in play, out of 100: a part nobody asked about counts for nothing."""
        total = sum(part.weight.hundredths for part in self.parts)
        return 100 * sum(part.weight.hundredths * part.share for part in self.parts) / total if total else 0.0


def fit(**shares: float | None) -> Fit:
    """A fit from its parts by key (`text=…, theme=…`); a part given as `None` is not in play."""
    unknown = shares.keys() - {weight.key for weight in WEIGHTS}
    if unknown:
        raise ValueError(f"no such part of the score: {', '.join(sorted(unknown))}")
    return Fit(
        tuple(Part(weight, share) for weight in WEIGHTS if (share := shares.get(weight.key)) is not None)
    )


def theme_share(themes: Collection[int], wanted: Collection[int], adjacent: Collection[int]) -> float | None:
    """1 for a wanted theme, .6 for one under the same heading, else 0; `None` where no theme is wanted."""
    if not wanted:
        return None
    if not set(themes).isdisjoint(wanted):
        return 1.0
    return ADJACENT_THEME if not set(themes).isdisjoint(adjacent) else 0.0


def phase_share(phases: Collection[str], wanted: Collection[str]) -> float | None:
    """1 for a wanted phase, .5 for a neighbouring one, else 0; `None` where no phase is known."""
    if not wanted:
        return None
    if not set(phases).isdisjoint(wanted):
        return 1.0
    near = {neighbour for phase in wanted for neighbour in _neighbours(phase)}
    return NEIGHBOURING_PHASE if not near.isdisjoint(phases) else 0.0


def _neighbours(phase: str) -> Sequence[str]:
    if phase not in _PHASES_IN_ORDER:
        return ()
    place = _PHASES_IN_ORDER.index(phase)
    return _PHASES_IN_ORDER[max(0, place - 1) : place] + _PHASES_IN_ORDER[place + 1 : place + 2]


def nearness_share(
    metres: int | None, *, reach_metres: int, far_metres: int = FAR_METRES, remote_fit: int | None = None
) -> float | None:
    """The weight of a distance (coverage.md 3), from 0 to 1.

    `remote_fit` in hundredths where the offer can be given remotely, else `None`. An unknown distance gives `None`, unless the offer
    is remote.
    """
    floor = 0.0 if remote_fit is None else remote_fit / 100
    if metres is None:
        return None if remote_fit is None else floor
    if metres > min(reach_metres, far_metres):
        return floor
    if metres <= NEAR_METRES:
        return 1.0
    fall = (FAR_METRES - metres) / (FAR_METRES - NEAR_METRES)
    return max(LEAST_NEARNESS, fall, floor)


def is_beyond_reach(metres: int | None, *, reach_km: int, in_person_only: bool) -> bool:
    """Whether a school is farther than an offer travels, for support that is given in person only."""
    return in_person_only and metres is not None and metres > reach_km * 1000


def quality_hundredths(rating_total: int, rating_count: int) -> int:
    """(5 × .7 + sum of ratings) / (5 + number of ratings), in hundredths, rounded half up."""
    total, count = PSEUDO_RATINGS * PSEUDO_RATING + rating_total, PSEUDO_RATINGS + rating_count
    return (2 * total + count) // (2 * count)


def rating_of(mark: int) -> int:
    """A headteacher's mark from 1 to 5 in the hundredths that offers keep: 5 is 100, 1 is 20."""
    return mark * 20


def price_shares(prices: Iterable[int | None]) -> list[float | None]:
    """For each price in pence its place between the 10th and the 90th percentile: 1 cheap, 0 dear; `None` stays `None`."""
    given = list(prices)
    known = sorted(price for price in given if price is not None)
    if not known:
        return [None] * len(given)
    low, high = _percentile(known, 10), _percentile(known, 90)
    if low == high:
        return [None if price is None else 1.0 for price in given]
    return [None if price is None else min(1.0, max(0.0, (high - price) / (high - low))) for price in given]


def _percentile(ordered: Sequence[int], percent: int) -> int:
    return ordered[round((len(ordered) - 1) * percent / 100)]
