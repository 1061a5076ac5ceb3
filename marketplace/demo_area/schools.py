"""The schools of a fictional authority: a mix of kinds, sizes, trusts and churches like that of a northern borough.

Shares are those of a real borough of about 130 schools; other numbers keep the mix. Everything follows from the random
numbers handed in, so the same seed makes the same schools.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count, cycle, islice
from random import Random

from . import names
from .geography import Geography, Ward


@dataclass(frozen=True)
class Trust:
    """A trust that runs academies. `code` is its number in the register, `group_id` its reference."""

    code: str
    group_id: str
    name: str
    companies_house: str
    is_multi_academy: bool


@dataclass(frozen=True)
class Federation:
    """Schools under one governing body."""

    code: str
    name: str


@dataclass(frozen=True)
class Diocese:
    """The church authority that answers for church schools."""

    code: str
    name: str
    faith: str


@dataclass(frozen=True)
class Kind:
    """What schools of one kind have in common. `shares` says how many of them have which type of establishment."""

    title: str
    share: int
    phase_code: str
    ages: tuple[tuple[int, int], ...]
    sizes: tuple[int, int]
    shares: Mapping[str, int]
    numbers_from: int


PRIMARY_AGES = ((3, 11), (4, 11)) * 4 + ((4, 7), (7, 11), (3, 11))

KINDS: Mapping[str, Kind] = {
    "primary": Kind("Primary", 95, "2", PRIMARY_AGES, (105, 630), {
        "01": 38, "03": 10, "02 CE": 6, "02 RC": 9, "05": 1, "34": 18, "34 CE": 4, "34 RC": 1, "28": 7, "35": 1,
    }, 2001),
    "secondary": Kind("Secondary", 16, "4", ((11, 16), (11, 18)), (700, 1700), {
        "01": 3, "05": 1, "02 RC": 1, "34": 7, "34 CE": 1, "28": 3,
    }, 4001),
    "special": Kind("Special", 6, "0", ((2, 19), (4, 16), (11, 19)), (60, 240), {"07": 3, "44": 2, "08": 1}, 7001),
    "independent": Kind("Independent", 4, "0", ((3, 16), (11, 18), (7, 18)), (40, 420), {"11": 3, "10": 1}, 6001),
    "nursery": Kind("Nursery", 3, "1", ((2, 5),), (60, 130), {"15": 1}, 1001),
    "referral": Kind("Alternative", 2, "0", ((5, 16), (11, 16)), (40, 110), {"14": 1, "42": 1}, 1101),
    "all_through": Kind("All-through", 1, "7", ((3, 16), (4, 18)), (1100, 1700), {"34": 1}, 4901),
    "sixth_form": Kind("Sixth form", 1, "6", ((16, 19),), (900, 2200), {"18": 1}, 8001),
    "further": Kind("Further education", 1, "6", ((16, 99),), (0, 0), {"18": 1}, 8501),
    "technical": Kind("Technical", 1, "4", ((14, 19),), (280, 600), {"40": 1}, 4951),
}  # fmt: skip

ACADEMY_TYPES = frozenset({"28", "34", "35", "40", "42", "44"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSchool:
    """A fictional school, in the words of the generator; `register_file.register_row` puts it in those of the register.

    `free_meals` is the share of pupils with free school meals in tenths of a per cent. A school without a grid reference has
    None for both halves; one has 0 and 0, as the register sometimes does.
    """

    urn: int
    kind: str
    name: str
    number: str
    type_code: str
    faith: str
    status_code: str
    low_age: int
    high_age: int
    gender_code: str
    capacity: int
    pupils: int
    free_meals: int
    opened: date | None
    street: str
    locality: str
    postcode: str
    website: str
    telephone: str
    ward: Ward
    easting: int | None
    northing: int | None
    trust: Trust | None
    federation: Federation | None
    diocese: Diocese | None
    inspected: date | None
    rating: str


def quota(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """`total` split into whole numbers in proportion to the shares, by largest remainder."""
    whole = sum(shares.values())
    exact = {key: total * share / whole for key, share in shares.items()}
    parts = {key: int(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (parts[key] - exact[key], key))
    for key in by_remainder[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


@dataclass(frozen=True)
class Bodies:
    """Trusts, federations and dioceses of one authority."""

    trusts: tuple[Trust, ...]
    federations: tuple[Federation, ...]
    dioceses: tuple[Diocese, ...]


def make_bodies(rng: Random, geography: Geography, *, index: int, schools: int) -> Bodies:
    """About six multi-academy and two single-academy trusts, two federations and two dioceses to 130 schools."""
    places = names.place_names(rng)
    multi, single, federations = (max(1, round(schools * share / 130)) for share in (6, 2, 2))
    trusts = tuple(
        Trust(
            code=str(90_001 + index * 200 + number),
            group_id=f"TR{90_001 + index * 200 + number}",
            name=name,
            companies_house=f"{99_000_000 + index * 200 + number}",
            is_multi_academy=number < multi,
        )
        for number, name in enumerate(islice(names.trust_names(rng, places), multi + single))
    )
    return Bodies(
        trusts=trusts,
        federations=tuple(
            Federation(code=str(80_001 + index * 50 + number), name=f"{next(places)} Schools Federation")
            for number in range(federations)
        ),
        dioceses=(
            Diocese(f"CE{100 + index}", f"Diocese of {geography.name}", "Church of England"),
            Diocese(f"RC{100 + index}", f"Diocese of {next(places)}", "Roman Catholic"),
        ),
    )


def make_schools(
    rng: Random, geography: Geography, bodies: Bodies, *, schools: int, first_urn: int, index: int
) -> list[DemoSchool]:
    """The schools, in the order of their URNs, which begin at `first_urn`."""
    maker = _Maker(rng, geography, bodies, index)
    asked = [
        (kind, type_and_faith)
        for kind, number in quota(schools, {key: kind.share for key, kind in KINDS.items()}).items()
        for type_and_faith, times in quota(number, KINDS[kind].shares).items()
        for _ in range(times)
    ]
    rng.shuffle(asked)
    return [
        maker.school(first_urn + place, kind, type_and_faith)
        for place, (kind, type_and_faith) in enumerate(asked)
    ]


class _Maker:
    """Makes one school after another, keeping names, numbers and trusts apart."""

    def __init__(self, rng: Random, geography: Geography, bodies: Bodies, index: int) -> None:
        wards = list(geography.wards)
        rng.shuffle(wards)
        self._rng = rng
        self._geography = geography
        self._postcode_area = f"X{'ABCDEFGHJKLMNOPRSTUWXYZ'[index % 23]}"
        self._wards = {kind: cycle(wards[offset:] + wards[:offset]) for offset, kind in enumerate(KINDS)}
        self._ages = {key: cycle(kind.ages) for key, kind in KINDS.items()}
        self._numbers = {key: count(kind.numbers_from) for key, kind in KINDS.items()}
        self._taken: set[str] = set()
        self._multi = cycle([trust for trust in bodies.trusts if trust.is_multi_academy])
        self._single = [trust for trust in bodies.trusts if not trust.is_multi_academy]
        self._federate = [federation for federation in bodies.federations for _ in range(2)]
        self._dioceses = {"CE": bodies.dioceses[0], "RC": bodies.dioceses[1]}
        self._made = 0

    def school(self, urn: int, kind: str, type_and_faith: str) -> DemoSchool:
        rng = self._rng
        type_code, _, faith = type_and_faith.partition(" ")
        ward = next(self._wards[kind])
        place = rng.choice(ward.places)
        low, high = next(self._ages[kind])
        name = self._name(kind, type_code, faith, (low, high), place)
        capacity = self._capacity(kind, low, high)
        easting, northing = self._grid_reference(ward)
        inspected, rating = self._inspection(kind)
        self._made += 1
        return DemoSchool(
            urn=urn,
            kind=kind,
            name=name,
            number=f"{next(self._numbers[kind]) % 10_000:04d}",
            type_code=type_code,
            faith=faith,
            status_code="3" if self._made == 40 else "1",
            low_age=low,
            high_age=high,
            gender_code="2" if kind == "independent" and rng.random() < 0.2 else "3",
            capacity=capacity,
            pupils=round(capacity * rng.uniform(0.78, 1.03)),
            free_meals=self._free_meals(kind, ward),
            opened=self._opened(type_code),
            street=names.street(rng, place),
            locality=place,
            postcode=self._postcode(ward),
            website=f"www.{_slug(name)}.example.org",
            telephone=f"01632960{urn % 1000:03d}",  # numbers Ofcom keeps for drama
            ward=ward,
            easting=easting,
            northing=northing,
            trust=self._trust(kind, type_code),
            federation=self._federation(kind, type_code),
            diocese=self._dioceses.get(faith),
            inspected=inspected,
            rating=rating,
        )

    def _name(self, kind: str, type_code: str, faith: str, ages: tuple[int, int], place: str) -> str:
        """A name nobody in this authority has yet."""
        stems = chain(
            (place,),
            (names.school_stem(self._rng, place) for _ in range(30)),
            (f"{place} {number}" for number in count(2)),
        )
        spoken = (self._spoken(kind, type_code, faith, ages, stem) for stem in stems)
        name = next(name for name in spoken if name not in self._taken)
        self._taken.add(name)
        return name

    def _spoken(self, kind: str, type_code: str, faith: str, ages: tuple[int, int], stem: str) -> str:
        academy = type_code in ACADEMY_TYPES
        if kind == "primary":
            stage = {(4, 7): "Infant", (7, 11): "Junior"}.get(ages, "Primary")
            body = f"{stage} Academy" if academy and self._rng.random() < 0.6 else f"{stage} School"
        elif kind == "secondary":
            body = "Academy" if academy else self._rng.choice(("High School", "School", "Community College"))
        else:
            body = self._rng.choice(_BODIES[kind])
        if faith == "RC":
            return f"{names.saint(self._rng)} Catholic {body}, {stem}"
        return f"{stem} CofE {body}" if faith == "CE" else f"{stem} {body}"

    def _capacity(self, kind: str, low: int, high: int) -> int:
        smallest, largest = KINDS[kind].sizes
        if kind == "primary":
            places_a_year = self._rng.choice((15, 30, 30, 30, 45, 60, 60, 90))
            return places_a_year * (high - max(low, 4))
        return round(self._rng.uniform(smallest, largest) / 10) * 10

    def _free_meals(self, kind: str, ward: Ward) -> int:
        """Tenths of a per cent, round the share in the ward; higher where pupils have had a hard time."""
        if kind in ("independent", "further"):
            return 0
        extra = 0.12 if kind in ("special", "referral") else 0.0
        return round(1000 * min(0.8, max(0.01, ward.deprivation * self._rng.uniform(0.7, 1.3) + extra)))

    def _opened(self, type_code: str) -> date | None:
        """Academies opened when they became one; for most others the register has no date."""
        if type_code in ACADEMY_TYPES:
            return date(self._rng.randint(2011, 2023), self._rng.choice((1, 4, 9, 9, 9)), 1)
        return date(self._rng.randint(1950, 2005), 9, 1) if self._rng.random() < 0.2 else None

    def _postcode(self, ward: Ward) -> str:
        """No real postcode area begins with X."""
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        district = 1 + int(ward.code[-3:]) % 20
        return f"{self._postcode_area}{district} {self._rng.randint(1, 9)}{self._rng.choice(letters)}{self._rng.choice(letters)}"

    def _grid_reference(self, ward: Ward) -> tuple[int | None, int | None]:
        """Somewhere in the ward; a few schools go without, and one has noughts, as in the real register."""
        spot = ward.spot(self._rng)
        if self._made == 3:
            return 0, 0
        return (None, None) if self._made in (20, 57, 91) else spot

    def _trust(self, kind: str, type_code: str) -> Trust | None:
        if type_code not in ACADEMY_TYPES:
            return None
        if kind in ("secondary", "technical") and self._single:
            return self._single.pop()
        return next(self._multi)

    def _federation(self, kind: str, type_code: str) -> Federation | None:
        may = kind == "primary" and type_code in ("01", "03") and self._federate
        return self._federate.pop() if may else None

    def _inspection(self, kind: str) -> tuple[date | None, str]:
        """The latest graded inspection, before overall grades were abolished in September 2024."""
        if kind == "independent" or self._rng.random() < 0.06:
            return None, ""
        on = date(2016, 9, 6) + timedelta(days=7 * self._rng.randint(0, 400))
        rating = self._rng.choices(
            ("Outstanding", "Good", "Requires improvement", "Inadequate"), (10, 72, 15, 3)
        )[0]
        return on, rating


_BODIES: Mapping[str, tuple[str, ...]] = {
    "special": ("School", "Special School"),
    "independent": ("House School", "Hall School", "Grammar School"),
    "nursery": ("Nursery School",),
    "referral": ("Centre", "Pupil Referral Service"),
    "all_through": ("Academy",),
    "sixth_form": ("Sixth Form College",),
    "further": ("College",),
    "technical": ("University Technical College",),
}


def _slug(name: str) -> str:
    return "-".join("".join(letter for letter in word if letter.isalnum()) for word in name.lower().split())
