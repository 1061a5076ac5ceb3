"""The rows behind the measures, read as plain tuples through the queries of the capabilities that own them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Max, Min, Q, QuerySet, Sum

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import UNCONFIRMED, USED, BookingStatus
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import Need, NeedBooking, NeedsReturn, NeedStatus
from marketplace.brokerage.queries import Promise
from marketplace.brokerage.rules.deployments import share_of
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import DeliveryMode, Offer, OfferVersion, Theme
from marketplace.coverage.gathering.rows import Box, NeedRow, OfferRow, Place, SchoolRow, WardPlace
from marketplace.coverage.gathering.window import Window, window_on
from marketplace.coverage.measures.choices import YEAR
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, Period, academic_year, contract_year
from marketplace.organisations.models import Area, LocationSource, OrganisationKind, School, Ward
from marketplace.partnership import queries as partnership
from marketplace.partnership.queries import CommissionedNeed

COMMITTED = (*USED, BookingStatus.CONFIRMED)
HELD = (BookingStatus.HELD, *UNCONFIRMED)


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
    postcodes: dict[str, Place]
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
    """Read what the area's coverage is made of. Neighbours within `radius_m` may help, within twice that they compete.

    Offers that help from afar may come from anywhere; then schools anywhere compete whose needs they are for.
    """
    year = academic_year(today)
    box = _box(area)
    themes = list(catalogue.themes())
    schools = _schools(area, year, box.wider(2 * radius_m) if box else None)
    needs = _needs(year, [school.id for school in schools])
    offers = _offers(area, box.wider(radius_m) if box else None)
    remote = _remote_offers(_asked_remotely(area, schools, needs, themes), beside=offers)
    if remote:
        elsewhere = _schools_asking(year, remote, themes, beside=schools)
        schools += elsewhere
        needs = sorted(needs + _needs(year, [school.id for school in elsewhere]))
        offers = sorted(offers + remote)
    offer_ids = [offer.id for offer in offers]
    counted = _window(area, today, kind=window)
    need_ids = [need.id for need in needs]
    promises = brokerage.open_promises(needs=need_ids, offers=offer_ids, today=today)
    booked = _booked(need_ids, promises, None if counted.is_whole_year else counted.period)
    committed = _committed(offer_ids, promises, counted.period)
    held = _half_days(offer_ids, HELD, counted.period)
    booked_elsewhere: dict[int, int] = {}
    taken_elsewhere: dict[int, int] = {}
    if not counted.is_whole_year:
        year_of_today = contract_year(ACADEMIC, today)
        taken = _sum(
            _committed(offer_ids, promises, year_of_today), _half_days(offer_ids, HELD, year_of_today)
        )
        booked_elsewhere = _less(_booked(need_ids, promises), booked)
        taken_elsewhere = _less(taken, committed, held)
    return Read(
        area=area,
        today=today,
        year=year,
        window=counted,
        themes=themes,
        ward_places=ward_places(area),
        schools=schools,
        postcodes=_postcodes(schools),
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


def ward_places(area: Area) -> list[WardPlace]:
    """The area's wards with their middles."""
    rows = Ward.objects.filter(area=area).values_list("pk", "code", "name", "easting", "northing")
    return [WardPlace(*row) for row in rows]


def _window(area: Area, today: date, *, kind: str) -> Window:
    stretches = bookings.school_days_of(area, today) if kind != YEAR else []
    return window_on(today, stretches, kind=kind)


def _sum(*parts: Mapping[int, int]) -> dict[int, int]:
    total: Counter[int] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


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
    return _school_rows(_open_schools().filter(wanted))


def _schools_asking(
    year: str, offers: list[OfferRow], themes: list[Theme], *, beside: list[SchoolRow]
) -> list[SchoolRow]:
    """Schools anywhere with an open need that one of the offers could be for, as they want the same days."""
    meant = {theme for found in _themes_of([offer.version for offer in offers]).values() for theme in found}
    under = [theme.pk for theme in themes if theme.pk in meant or theme.parent_id in meant]
    asking = _open_needs(year).filter(theme__in=under).values("school_id")
    known = [school.id for school in beside]
    return _school_rows(_open_schools().filter(pk__in=asking).exclude(pk__in=known))


def _school_rows(schools: QuerySet[School]) -> list[SchoolRow]:
    return [
        SchoolRow(*row)
        for row in schools.order_by("pk").values_list(
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
            "postcode",
            "pupils",
        )
    ]


def _postcodes(schools: list[SchoolRow]) -> dict[str, Place]:
    """Where the postcodes lie of schools the register has no place for: the middle of the schools it has a place for there."""
    wanted = {s.postcode for s in schools if s.postcode and s.location != LocationSource.REGISTER}
    if not wanted:
        return {}
    rows = School.objects.filter(postcode__in=wanted, location_source=LocationSource.REGISTER).order_by()
    middles = rows.values_list("postcode").annotate(Avg("easting"), Avg("northing"))
    return {postcode: (round(x), round(y)) for postcode, x, y in middles}


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


def _booked(needs: list[int], promises: list[Promise], window: Period | None = None) -> dict[int, int]:
    """Half-days of confirmed and delivered bookings made for each need, and those that running deployments promise it beside
    them, whenever they are or in the window."""
    made = NeedBooking.objects.filter(need__in=needs, booking__status__in=brokerage.COUNTED_STATUSES)
    if window is not None:
        made = made.filter(booking__day__range=tuple(window))
    promised = [
        {each.need: share_of(each.for_need, each.period, window or each.period)}
        for each in promises
        if each.need is not None
    ]
    return _sum(dict(made.values_list("need_id").annotate(Sum("booking__half_days"))), *promised)


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


def _asked_remotely(
    area: Area, schools: list[SchoolRow], needs: list[NeedRow], themes: list[Theme]
) -> set[int]:
    """Themes, headings among them, in which a school of the area would take support from afar."""
    inside = {school.id for school in schools if school.area == area.pk}
    asked = {need.theme for need in needs if need.remote_ok and need.school in inside}
    return asked | {theme.parent_id for theme in themes if theme.pk in asked and theme.parent_id}


def _remote_offers(asked: set[int], *, beside: list[OfferRow]) -> list[OfferRow]:
    """Published offers that help from afar in these themes, wherever their provider is."""
    if not asked:
        return []
    rows = catalogue.published(SYSTEM).filter(
        current__mode__in=[DeliveryMode.REMOTE, DeliveryMode.BOTH], current__themes__in=asked
    )
    return _offer_rows(rows.exclude(pk__in=[offer.id for offer in beside]).distinct())


def _offers(area: Area, box: Box | None) -> list[OfferRow]:
    """Published offers of providers in the area, near it, or of no area."""
    wanted = Q(provider__area=area) | Q(provider__school__area=area) | Q(provider__area__isnull=True)
    if box:
        wanted |= box.around("provider__school__") | box.around("provider__")
    return _offer_rows(catalogue.published(SYSTEM).filter(wanted))


def _offer_rows(rows: QuerySet[Offer]) -> list[OfferRow]:
    return [
        OfferRow(*row)
        for row in rows.order_by("pk").values_list(
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


def _committed(offers: list[int], promises: list[Promise], window: Period) -> dict[int, int]:
    """Half-days of each offer in the window that are booked or that running deployments promise."""
    promised = [{each.offer: share_of(each.of_offer, each.period, window)} for each in promises]
    return _sum(_half_days(offers, COMMITTED, window), *promised)


def _half_days(offers: list[int], statuses: tuple[BookingStatus, ...], window: Period) -> dict[int, int]:
    made = bookings.visible_to(SYSTEM).filter(
        offer_version__offer__in=offers, status__in=statuses, day__range=tuple(window)
    )
    return dict(made.order_by().values_list("offer_version__offer_id").annotate(Sum("half_days")))
