"""The rows behind the measures, read as plain tuples through the queries of the capabilities that own them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q, QuerySet, Sum

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import UNCONFIRMED, USED, BookingStatus
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import Need, NeedBooking, NeedsReturn, NeedStatus
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import OfferVersion, Theme
from marketplace.coverage.gathering.window import Window, window_on
from marketplace.coverage.measures.choices import YEAR
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, Period, academic_year, contract_year
from marketplace.organisations.models import Area, OrganisationKind, School, Ward
from marketplace.partnership import queries as partnership
from marketplace.partnership.queries import CommissionedNeed

COMMITTED = (*USED, BookingStatus.CONFIRMED)
HELD = (BookingStatus.HELD, *UNCONFIRMED)


Place = tuple[int, int]
"""Easting and northing, in metres of the national grid."""


class SchoolRow(NamedTuple):
    id: int
    area: int
    phases: list[str]
    ward: int | None
    trust: int | None
    federation: int | None
    easting: int | None
    northing: int | None
    location: str
    fsm: int | None
    ward_easting: int | None
    ward_northing: int | None


class WardPlace(NamedTuple):
    """A ward of the area and its middle."""

    id: int
    code: str
    name: str
    easting: int
    northing: int


class NeedRow(NamedTuple):
    id: int
    school: int
    theme: int
    phase: str
    level: str
    half_days: int | None
    remote_ok: bool
    max_price_pence: int | None
    urgency: str


class OfferRow(NamedTuple):
    id: int
    confirmed_at: datetime | None
    provider: int
    provider_name: str
    kind: str
    area: int | None
    easting: int | None
    northing: int | None
    school: int | None
    school_area: int | None
    school_easting: int | None
    school_northing: int | None
    ward: int | None
    ward_easting: int | None
    ward_northing: int | None
    trust: int | None
    trust_name: str | None
    federation: int | None
    version: int
    phases: list[str]
    mode: str
    reach_km: int
    capacity_half_days: int | None
    minimum_half_days: int
    activity_basis: str
    scope: str
    price_rule: dict[str, Any]
    brokerage_fee: dict[str, Any]


class Box(NamedTuple):
    """A rectangle on the National Grid, metres."""

    west: int
    south: int
    east: int
    north: int

    def wider(self, metres: float) -> "Box":
        by = round(metres)
        return Box(self.west - by, self.south - by, self.east + by, self.north + by)

    def around(self, prefix: str = "") -> Q:
        """The condition that `easting` and `northing` of the row at `prefix` lie inside."""
        return Q(
            **{
                f"{prefix}easting__range": (self.west, self.east),
                f"{prefix}northing__range": (self.south, self.north),
            }
        )


@dataclass(frozen=True)
class Read:
    """Everything read. Half-days by need and by offer; the latest word of a school on its needs by school.

    `booked`, `committed` and `held` are those of the window; `booked_elsewhere` and `taken_elsewhere` those of the year outside it.
    `commissioned` and `risks` (the level of concern by school) are restricted: what is shown of them is for the area's convenors.
    """

    area: Area
    today: date
    year: str
    window: Window
    themes: list[Theme]
    ward_places: list[WardPlace]
    schools: list[SchoolRow]
    needs: list[NeedRow]
    booked: dict[int, int]
    booked_elsewhere: dict[int, int]
    replied: dict[int, datetime]
    offers: list[OfferRow]
    group_sites: dict[int, list[Place]]
    themes_of: dict[int, list[int]]
    committed: dict[int, int]
    held: dict[int, int]
    taken_elsewhere: dict[int, int]
    commissioned: list[CommissionedNeed]
    risks: dict[int, str]

    @property
    def wards(self) -> dict[int, str]:
        """The area's wards, id → name."""
        return {ward.id: ward.name for ward in self.ward_places}


def read(area: Area, today: date, *, radius_m: float, window: str = YEAR) -> Read:
    """Read what the area's coverage is made of. Neighbours within `radius_m` may help, within twice that they compete."""
    year = academic_year(today)
    box = _box(area)
    schools = _schools(area, year, box.wider(2 * radius_m) if box else None)
    needs = _needs(year, [school.id for school in schools])
    offers = _offers(area, box.wider(radius_m) if box else None)
    offer_ids = [offer.id for offer in offers]
    counted = _window(area, today, kind=window)
    need_ids = [need.id for need in needs]
    booked = _booked(need_ids, None if counted.is_whole_year else counted.period)
    committed, held = (_half_days(offer_ids, statuses, counted.period) for statuses in (COMMITTED, HELD))
    booked_elsewhere: dict[int, int] = {}
    taken_elsewhere: dict[int, int] = {}
    if not counted.is_whole_year:
        of_year = _half_days(offer_ids, (*COMMITTED, *HELD), contract_year(ACADEMIC, today))
        booked_elsewhere = _less(_booked(need_ids), booked)
        taken_elsewhere = _less(of_year, committed, held)
    return Read(
        area=area,
        today=today,
        year=year,
        window=counted,
        themes=list(catalogue.themes()),
        ward_places=[
            WardPlace(*row)
            for row in Ward.objects.filter(area=area).values_list("pk", "code", "name", "easting", "northing")
        ],
        schools=schools,
        needs=needs,
        booked=booked,
        booked_elsewhere=booked_elsewhere,
        replied=_replied(area, today),
        offers=offers,
        group_sites=_group_sites(offers),
        themes_of=_themes_of([offer.version for offer in offers]),
        committed=committed,
        held=held,
        taken_elsewhere=taken_elsewhere,
        commissioned=partnership.commissioned_needs(SYSTEM, area),
        risks=partnership.risks_in(SYSTEM, area),
    )


def _window(area: Area, today: date, *, kind: str) -> Window:
    stretches = bookings.school_days_of(area, today) if kind != YEAR else []
    return window_on(today, stretches, kind=kind)


def _less(whole: dict[int, int], *parts: dict[int, int]) -> dict[int, int]:
    return {key: total - sum(part.get(key, 0) for part in parts) for key, total in whole.items()}


def _box(area: Area) -> Box | None:
    ends = (
        _open_schools()
        .filter(area=area)
        .aggregate(Min("easting"), Min("northing"), Max("easting"), Max("northing"))
    )
    return None if None in ends.values() else Box(*ends.values())


def _open_schools() -> QuerySet[School]:
    return School.objects.filter(status_code__in=School.OPEN_STATUSES)


def _schools(area: Area, year: str, box: Box | None) -> list[SchoolRow]:
    """The area's schools, and neighbours' with an open need."""
    wanted = Q(area=area)
    if box:
        wanted |= box.around() & Q(pk__in=_open_needs(year).values("school_id"))
    rows = _open_schools().filter(wanted).order_by("pk")
    return [
        SchoolRow(*row)
        for row in rows.values_list(
            "pk",
            "area_id",
            "phases",
            "ward_id",
            "trust_id",
            "federation_id",
            "easting",
            "northing",
            "location_source",
            "fsm_basis_points",
            "ward__easting",
            "ward__northing",
        )
    ]


def _open_needs(year: str) -> QuerySet[Need]:
    return (
        brokerage.needs_visible_to(SYSTEM).filter(status=NeedStatus.OPEN, academic_year=year).order_by("pk")
    )


def _needs(year: str, schools: list[int]) -> list[NeedRow]:
    rows = _open_needs(year).filter(school__in=schools)
    return [
        NeedRow(*row)
        for row in rows.values_list(
            "pk",
            "school_id",
            "theme_id",
            "phase",
            "level",
            "half_days",
            "remote_ok",
            "max_price_pence",
            "urgency",
        )
    ]


def _booked(needs: list[int], window: Period | None = None) -> dict[int, int]:
    """Half-days of confirmed and delivered bookings made for each need, whenever they are or in the window."""
    made = NeedBooking.objects.filter(need__in=needs, booking__status__in=brokerage.COUNTED_STATUSES)
    if window is not None:
        made = made.filter(booking__day__range=tuple(window))
    return dict(made.values_list("need_id").annotate(Sum("booking__half_days")))


def _replied(area: Area, today: date) -> dict[int, datetime]:
    """When each school last said what it needs: its yearly word, or a need it declared."""
    since = today - timedelta(days=2 * 366)
    returned = NeedsReturn.objects.filter(school__school__area=area, confirmed_at__date__gte=since)
    declared = brokerage.needs_visible_to(SYSTEM).filter(
        school__school__area=area, declared_at__date__gte=since
    )
    latest: dict[int, datetime] = {}
    for rows, moment in ((returned, "confirmed_at"), (declared, "declared_at")):
        for school, at in rows.order_by().values_list("school_id").annotate(Max(moment)):
            latest[school] = max(at, latest.get(school, at))
    return latest


def _offers(area: Area, box: Box | None) -> list[OfferRow]:
    """Published offers of providers in the area, near it, or of no area."""
    wanted = Q(provider__area=area) | Q(provider__school__area=area) | Q(provider__area__isnull=True)
    if box:
        wanted |= box.around("provider__school__") | box.around("provider__")
    rows = catalogue.published(SYSTEM).filter(wanted).order_by("pk")
    return [
        OfferRow(*row)
        for row in rows.values_list(
            "pk",
            "confirmed_at",
            "provider_id",
            "provider__name",
            "provider__kind",
            "provider__area_id",
            "provider__easting",
            "provider__northing",
            "provider__school__pk",
            "provider__school__area_id",
            "provider__school__easting",
            "provider__school__northing",
            "provider__school__ward_id",
            "provider__school__ward__easting",
            "provider__school__ward__northing",
            "provider__school__trust_id",
            "provider__school__trust__name",
            "provider__school__federation_id",
            "current_id",
            "current__phases",
            "current__mode",
            "current__reach_km",
            "current__capacity_half_days",
            "current__minimum_half_days",
            "current__activity_basis",
            "current__scope",
            "current__price_rule",
            "current__brokerage_fee",
        )
    ]


def _group_sites(offers: list[OfferRow]) -> dict[int, list[Place]]:
    """Where the open schools of each trust and federation that offers lie: a group without a place of its own comes from them."""
    found: dict[int, list[Place]] = {}
    for kind, link in ((OrganisationKind.TRUST, "trust"), (OrganisationKind.FEDERATION, "federation")):
        groups = {offer.provider for offer in offers if offer.kind == kind and offer.easting is None}
        if groups:
            schools = School.objects.filter(
                **{f"{link}__in": groups}, status_code__in=School.OPEN_STATUSES, easting__isnull=False
            )
            for group, x, y in schools.order_by("pk").values_list(link, "easting", "northing"):
                found.setdefault(group, []).append((x, y))
    return found


def _themes_of(versions: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = OfferVersion.themes.through.objects.filter(offerversion__in=versions).order_by("theme_id")
    for version, theme in rows.values_list("offerversion_id", "theme_id"):
        found.setdefault(version, []).append(theme)
    return found


def _half_days(offers: list[int], statuses: tuple[BookingStatus, ...], window: Period) -> dict[int, int]:
    made = bookings.visible_to(SYSTEM).filter(
        offer_version__offer__in=offers, status__in=statuses, day__range=tuple(window)
    )
    return dict(made.order_by().values_list("offer_version__offer_id").annotate(Sum("half_days")))
