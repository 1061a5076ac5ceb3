"""From rows to the measures' columns: what counts, where it stands, and whose it is."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

import numpy as np

from marketplace.catalogue.models import ActivityBasis, DeliveryMode, OfferScope, Theme
from marketplace.catalogue.pricing import DataInvalid, PriceCannotBeWorkedOut, SchoolFacts
from marketplace.catalogue.quotes import quote
from marketplace.coverage.gathering.gathered import (
    CommissionKey,
    Gathered,
    NeedKey,
    PoolKey,
    SchoolKey,
    ThemeKey,
)
from marketplace.coverage.gathering.latent import LatentNeed, latent_needs
from marketplace.coverage.gathering.places import Sides, is_approximate, place_of_school, places_of_offer
from marketplace.coverage.gathering.reading import Read, read
from marketplace.coverage.gathering.rows import NeedRow, OfferRow, SchoolRow
from marketplace.coverage.measures import (
    NONE,
    PHASES_OF_OFFERS,
    Choices,
    Inputs,
    Layer,
    Mode,
    Needs,
    Offers,
    Pools,
    Schools,
    Settings,
    Sites,
    Themes,
)
from marketplace.coverage.measures import Phase as MeasuredPhase
from marketplace.coverage.measures.demand import choice_weight
from marketplace.kernel.dates import local
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.organisations.models import Area, OrganisationKind, Phase
from marketplace.partnership.queries import CommissionedNeed

PHASES = {
    Phase.EARLY_YEARS: MeasuredPhase.NURSERY,
    Phase.PRIMARY: MeasuredPhase.PRIMARY,
    Phase.SECONDARY: MeasuredPhase.SECONDARY,
    Phase.POST_16: MeasuredPhase.POST_16,
    Phase.SPECIAL_AP: MeasuredPhase.SPECIAL,
}
MODES = {
    DeliveryMode.IN_PERSON: Mode.IN_PERSON,
    DeliveryMode.REMOTE: Mode.REMOTE,
    DeliveryMode.BOTH: Mode.BOTH,
}
MOST_DISADVANTAGED = 5
NEVER = float("nan")
T = TypeVar("T")


def gather(area: Area, *, today: date, settings: Settings) -> Gathered:
    """What the area's coverage is worked out from on a day."""
    choices = settings.choices
    found = read(area, today, radius_m=settings.radius_m, window=choices.window)
    themes = _Themes(found.themes, choices)
    schools = _SchoolRows(found, Sides(found.ward_places, choices))
    pools = [_pool_key(offer, found, themes) for offer in found.offers]
    commissioned = _counted(found, schools, themes)
    latent = [
        each
        for each in latent_needs(found, themes.rows, settings)
        if (each.school, each.phase) in schools.row_of
    ]
    return Gathered(
        inputs=Inputs(
            schools=schools.table(),
            themes=themes.table(),
            needs=_needs(found, commissioned, latent, schools, themes, choices),
            pools=_pools(found, pools, schools),
            sites=_sites(found, schools.sides),
            offers=_offers(found, pools, themes),
            conflicts=np.array(schools.own_offers(found.offers), dtype=np.int64).reshape(-1, 2),
        ),
        academic_year=found.year,
        term=None if found.window.is_whole_year else found.window.period,
        themes=tuple(ThemeKey(theme.pk, theme.name) for theme in themes.rows),
        schools=tuple(schools.keys),
        needs=tuple(
            NeedKey(need.id, _stated(need, found, choices), _days(found.booked.get(need.id, 0)))
            for need in found.needs
        ),
        pools=tuple(pools),
        wards=found.wards,
        commissioned=tuple(
            CommissionKey(each.id, each.school, _days(each.stated), _days(each.booked))
            for each in commissioned
        ),
    )


def _filled(table: type[T], **columns: Any) -> T:
    """A table of the measures from plain lists, which it turns into arrays."""
    return table(**columns)


def _days(half_days: int) -> float:
    return half_days / HALF_DAYS_IN_A_DAY


class _Themes:
    """Themes needs are declared in: those under a heading. An offer for a heading is for all under it."""

    def __init__(self, themes: list[Theme], choices: Choices) -> None:
        self.choices = choices
        headings = {theme.parent_id for theme in themes}
        self.rows = [theme for theme in themes if theme.pk not in headings]
        self.row_of = {theme.pk: row for row, theme in enumerate(self.rows)}
        self._under: dict[int, list[int]] = {}
        for theme in self.rows:
            self._under.setdefault(theme.parent_id or theme.pk, []).append(theme.pk)

    def within(self, theme_ids: Iterable[int]) -> list[int]:
        """Ids of the themes meant, headings taken for what is under them."""
        found = [
            leaf for pk in theme_ids for leaf in ([pk] if pk in self.row_of else self._under.get(pk, ()))
        ]
        return sorted(set(found))

    def table(self) -> Themes:
        fit, radius = dict(self.choices.remote_fit), dict(self.choices.radius_m)
        return _filled(
            Themes,
            remote_fit=[fit.get(theme.code, theme.remote_fit / 100) for theme in self.rows],
            radius_m=[radius.get(theme.code, theme.max_km * 1000.0) for theme in self.rows],
        )

    def priorities(self) -> set[int]:
        """Ids of the themes the area puts first; a heading stands for all under it."""
        first = set(self.choices.priority_themes)
        return {
            theme.pk
            for theme in self.rows
            if theme.code in first or (theme.parent and theme.parent.code in first)
        }


class _SchoolRows:
    """One row for each school and phase; a need of a phase the register no longer gives the school adds one."""

    def __init__(self, found: Read, sides: Sides) -> None:
        self.found, self.sides, wards = found, sides, found.wards
        self.rows: list[tuple[SchoolRow, str]] = []
        asked: dict[int, set[str]] = {}
        for need in found.needs:
            asked.setdefault(need.school, set()).add(need.phase)
        for school in found.schools:
            inside = school.area == found.area.pk
            phases = asked.get(school.id, set()) | (set(school.phases) if inside else set())
            self.rows += [(school, phase) for phase in PHASES if phase in phases]
        self.row_of = {(school.id, phase): row for row, (school, phase) in enumerate(self.rows)}
        self.keys = [
            SchoolKey(
                school.id,
                school.ward if school.ward in wards else None,
                school.area == found.area.pk,
                is_approximate(school, found),
            )
            for school, _ in self.rows
        ]

    def table(self) -> Schools:
        places = [place_of_school(school, self.found) for school, _ in self.rows]
        fifths = _fsm_fifths(self.found)
        replied = self.found.replied
        return _filled(
            Schools,
            x=[x for x, _ in places],
            y=[y for _, y in places],
            phase=[PHASES[Phase(phase)] for _, phase in self.rows],
            area=[key.ward or NONE for key in self.keys],
            trust=[school.trust or school.federation or NONE for school, _ in self.rows],
            inside=[key.inside for key in self.keys],
            barrier=[
                self.sides.of_school(school.ward, *place)
                for (school, _), place in zip(self.rows, places, strict=True)
            ],
            approximate=[key.approximate for key in self.keys],
            fsm_fifth=[fifths.get(school.id, 0) for school, _ in self.rows],
            replied_days_ago=[_age(replied.get(school.id), self.found.today) for school, _ in self.rows],
        )

    def first_row(self, school: int | None) -> int:
        return next((self.row_of[school, p] for p in PHASES if school and (school, p) in self.row_of), NONE)

    def own_offers(self, offers: list[OfferRow]) -> list[tuple[int, int]]:
        """(school row, pool) of a provider's own offers in the rows of its other phases, which `home_school` does not name."""
        return [
            (row, pool)
            for pool, offer in enumerate(offers)
            for phase in PHASES
            if offer.school and (row := self.row_of.get((offer.school, phase))) is not None
        ]


def _age(moment: datetime | None, today: date) -> float:
    """Whole days since, NaN for never."""
    return NEVER if moment is None else max(0, (today - local(moment).date()).days)


def _fsm_fifths(found: Read) -> dict[int, int]:
    """Fifth of each school among those of the area by free school meals: 1 least, 5 most disadvantaged."""
    known = sorted((s.fsm, s.id) for s in found.schools if s.fsm is not None and s.area == found.area.pk)
    return {school: 1 + 5 * rank // len(known) for rank, (_, school) in enumerate(known)}


def _stated(need: NeedRow, found: Read, choices: Choices) -> float:
    """Days the school said, or those its level stands for here: what of them falls in the window."""
    days = choices.assumed_days[need.level] if need.half_days is None else _days(need.half_days)
    part = found.window.part_of_need(need.urgency)
    return found.window.counted(days, part=part, elsewhere=_days(found.booked_elsewhere.get(need.id, 0)))


def _counted(found: Read, schools: _SchoolRows, themes: _Themes) -> list[CommissionedNeed]:
    """Commissions of schools that are open and still have the phase, on themes that still are one."""
    return [
        each
        for each in found.commissioned
        if (each.school, each.phase) in schools.row_of and each.theme in themes.row_of
    ]


def _needs(
    found: Read,
    commissioned: list[CommissionedNeed],
    latent: list[LatentNeed],
    schools: _SchoolRows,
    themes: _Themes,
    choices: Choices,
) -> Needs:
    """Declared needs, after them commissioned and then modelled ones, told apart by their layer: only the first are the headline."""
    fifths, first = _fsm_fifths(found), themes.priorities()
    rows: list[NeedRow | CommissionedNeed | LatentNeed] = [*found.needs, *commissioned, *latent]
    layers = [Layer.DECLARED] * len(found.needs) + [Layer.COMMISSIONED] * len(commissioned)
    layers += [Layer.LATENT] * len(latent)
    undeclared = len(commissioned) + len(latent)
    left = [
        max(0.0, _stated(need, found, choices) - _days(found.booked.get(need.id, 0))) for need in found.needs
    ]
    left += [_days(each.half_days) for each in commissioned] + [each.days for each in latent]
    return _filled(
        Needs,
        school=[schools.row_of[need.school, need.phase] for need in rows],
        theme=[themes.row_of[need.theme] for need in rows],
        days=left,
        phase=[PHASES[Phase(need.phase)] for need in rows],
        remote_ok=[need.remote_ok for need in found.needs] + [False] * undeclared,
        max_price_pence=[need.max_price_pence or NONE for need in found.needs] + [NONE] * undeclared,
        layer=layers,
        choice_weight=[
            choice_weight(
                priority_theme=need.theme in first,
                risk=found.risks.get(need.school, "low"),
                most_disadvantaged=fifths.get(need.school) == MOST_DISADVANTAGED,
                priority_weight=choices.priority_weight,
                disadvantage_weight=choices.disadvantage_weight,
            )
            for need in rows
        ],
        id=[need.id for need in rows],
    )


def _pool_key(offer: OfferRow, found: Read, themes: _Themes) -> PoolKey:
    return PoolKey(
        offer=offer.id,
        provider=offer.provider,
        owner=offer.trust or offer.provider,
        owner_name=offer.trust_name or offer.provider_name,
        themes=tuple(themes.within(found.themes_of.get(offer.version, ()))),
        phases=tuple(offer.phases),
        offered=_offered(offer, found),
        committed=_days(found.committed.get(offer.id, 0)),
        held=_days(found.held.get(offer.id, 0)),
    )


def _offered(offer: OfferRow, found: Read) -> float | None:
    """Days stated for the year: what of them falls in the window."""
    if offer.capacity_half_days is None:
        return None
    elsewhere = _days(found.taken_elsewhere.get(offer.id, 0))
    return found.window.counted(_days(offer.capacity_half_days), part=found.window.part, elsewhere=elsewhere)


def _pools(found: Read, keys: list[PoolKey], schools: _SchoolRows) -> Pools:
    offers = found.offers
    return _filled(
        Pools,
        owner=[key.owner for key in keys],
        days_offered=[NEVER if key.offered is None else key.offered for key in keys],
        days_committed=[key.committed for key in keys],
        days_held=[key.held for key in keys],
        trust=[_trust(offer) for offer in offers],
        home_school=[schools.first_row(offer.school) for offer in offers],
        area=[offer.ward or NONE for offer in offers],
        inside=[found.area.pk in (offer.area, offer.school_area) or offer.area is None for offer in offers],
    )


def _trust(offer: OfferRow) -> int:
    """The trust or federation whose schools it may not help for pay: the provider's, or the provider itself."""
    if offer.kind in (OrganisationKind.TRUST, OrganisationKind.FEDERATION):
        return offer.provider
    return offer.trust or offer.federation or NONE


def _sites(found: Read, sides: Sides) -> Sites:
    """One site for each place a pool comes from; the measures take the nearest."""
    sites = [
        (pool, place) for pool, offer in enumerate(found.offers) for place in places_of_offer(offer, found)
    ]
    return _filled(
        Sites,
        pool=[pool for pool, _ in sites],
        x=[x for _, (x, _) in sites],
        y=[y for _, (_, y) in sites],
        barrier=[sides.of_place(*place) for _, place in sites],
    )


def _offers(found: Read, keys: list[PoolKey], themes: _Themes) -> Offers:
    offers = found.offers
    covers = np.zeros((len(offers), len(themes.rows)), dtype=np.bool_)
    phases = np.zeros((len(offers), PHASES_OF_OFFERS), dtype=np.bool_)
    for row, key in enumerate(keys):
        covers[row, [themes.row_of[theme] for theme in key.themes]] = True
        phases[row, [PHASES[Phase(phase)] for phase in key.phases]] = True
    return _filled(
        Offers,
        pool=np.arange(len(offers)),
        themes=covers,
        phases=phases,
        reach_m=[offer.reach_km * 1000.0 for offer in offers],
        mode=[MODES[DeliveryMode(offer.mode)] for offer in offers],
        price_pence=[price_of_a_day(offer, found.today) or 0 for offer in offers],
        internal=[offer.scope == OfferScope.TRUST for offer in offers],
        area_wide=[_area_wide(offer, found.area) for offer in offers],
        confirmed_days_ago=[_age(offer.confirmed_at, found.today) for offer in offers],
    )


def _area_wide(offer: OfferRow, area: Area) -> bool:
    """What the authority must do, or does for all, is promised to every school of its area, wherever it lies."""
    return offer.activity_basis != ActivityBasis.TRADED and offer.area == area.pk


def price_of_a_day(offer: OfferRow, today: date) -> int | None:
    """What any school pays for a day, in pence before VAT, rounded up.

    `None` where the price depends on the school, or is not for days: such an offer is not excluded by what a school would
    pay at most, since nobody can say.
    """
    try:
        quoted = quote(
            offer.price_rule,
            offer.brokerage_fee,
            SchoolFacts(name="Any school"),
            on_date=today,
            half_days=HALF_DAYS_IN_A_DAY,
            minimum_half_days=offer.minimum_half_days,
        )
    except (PriceCannotBeWorkedOut, DataInvalid):
        return None
    half_days = quoted.quantity.half_days
    return -(-quoted.total_pence * HALF_DAYS_IN_A_DAY // half_days) if half_days else None
