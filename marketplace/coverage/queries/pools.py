"""Pools of days beside each other: whose overlap, who could withdraw unnoticed, and where idle days lie near unmet need.

What a provider has free is commercial: all of this is a convenor's, and each reading is recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import DeliveryMode, OfferScope, Theme
from marketplace.coverage.gathering import Sides, ward_places
from marketplace.coverage.measures.layout import layout
from marketplace.coverage.measures.nearby import NEAR_M, NONE_NEAR, distances, nearest
from marketplace.coverage.models import NeedOutcome, PoolOutcome, PoolOverlap, Share, Snapshot
from marketplace.coverage.queries.access import Sight, settings_of
from marketplace.kernel import audit
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase

A_TRIFLE = 0.05
"""Days: less than this is not worth naming."""
ANYWHERE = float("inf")


@dataclass
class Node:
    """A pool in the graph, at (`x`, `y`) of the unit square; `partners` are the pools it overlaps with, the closest first."""

    pool: PoolOutcome
    x: float = 0.5
    y: float = 0.5
    partners: list[tuple[PoolOutcome, float]] = field(default_factory=list)

    @property
    def lost_share(self) -> float | None:
        """Part of its days for this area that nobody else could give, 0 to 1; `None` without any."""
        return self.pool.lost_without / self.pool.usable if self.pool.usable > 0 else None

    @property
    def unnoticed(self) -> bool:
        """Whether it has free days and could withdraw without any school of the area losing a day."""
        return self.pool.replaceable


@dataclass(frozen=True)
class Graph:
    """`nodes` that could withdraw unnoticed come first, then by free days; `edges` as pairs of places in `nodes` with the overlap."""

    nodes: list[Node]
    edges: list[tuple[int, int, float]]


def overlap_graph(
    actor: Actor, sight: Sight, snapshot: Snapshot, *, theme: str = "", phase: str = ""
) -> Graph:
    """Pools with free days, of one theme or phase or of all. `NotFound` for anybody but a convenor."""
    pools = _pools(actor, sight, snapshot, "coverage overlaps", theme, phase)
    nodes = [Node(pool) for pool in sorted(pools, key=lambda p: (not p.replaceable, -p.days, p.pk))]
    at = {node.pool.pk: number for number, node in enumerate(nodes)}
    rows = PoolOverlap.objects.filter(snapshot=snapshot).order_by("-jaccard", "pk")
    edges = [
        (at[first], at[second], jaccard)
        for first, second, jaccard in rows.values_list("first_id", "second_id", "jaccard")
        if first in at and second in at
    ]
    ends = np.array([edge[:2] for edge in edges], dtype=np.int64).reshape(-1, 2)
    places = layout(len(nodes), ends[:, 0], ends[:, 1], np.array([edge[2] for edge in edges]))
    for node, (x, y) in zip(nodes, places.tolist(), strict=True):
        node.x, node.y = x, y
    for first, second, jaccard in edges:
        nodes[first].partners.append((nodes[second].pool, jaccard))
        nodes[second].partners.append((nodes[first].pool, jaccard))
    return Graph(nodes, edges)


@dataclass(frozen=True)
class Lead:
    """An unmet need near a pool: how far its school is, and whether the pool is offered for it already."""

    need: NeedOutcome
    km: float
    offered_for_it: bool

    @property
    def unmet(self) -> float:
        return self.need.days - self.need.met


@dataclass(frozen=True)
class Redirect:
    """A theme and phase (in words) that a pool is not offered for, with the days unmet of so many schools nearby."""

    theme: Theme
    phase: str
    days: float
    schools: int


@dataclass(frozen=True)
class IdleLine:
    """A pool with days nobody would miss, and `leads` within the distance asked for, the nearest first."""

    pool: PoolOutcome
    leads: Sequence[Lead]

    @property
    def nearest(self) -> Lead | None:
        return self.leads[0] if self.leads else None

    @property
    def redirects(self) -> list[Redirect]:
        """Themes and phases its people might turn to, those with most days unmet nearby first."""
        found: dict[tuple[int, str], list[Lead]] = {}
        for lead in self.leads:
            if not lead.offered_for_it:
                found.setdefault((lead.need.theme_id, lead.need.phase), []).append(lead)
        hints = [
            Redirect(
                theme=leads[0].need.theme,
                phase=leads[0].need.get_phase_display(),
                days=sum(lead.unmet for lead in leads),
                schools=len({lead.need.school_id for lead in leads}),
            )
            for leads in found.values()
        ]
        return sorted(hints, key=lambda hint: (-hint.days, hint.theme.name))

    @property
    def unmet(self) -> float:
        """Days unmet at all its leads."""
        return sum(lead.unmet for lead in self.leads)


def idle_pools(
    actor: Actor,
    sight: Sight,
    snapshot: Snapshot,
    *,
    within_m: float = NEAR_M,
    theme: str = "",
    phase: str = "",
) -> list[IdleLine]:
    """Pools with idle days, those near unmet need first, the most idle first among them. `NotFound` for anybody but a convenor.

    A need of a theme the pool is offered for counts where the pool is shared out to it; one of another theme where the pool might be
    turned to it (`_Ways`). With `within_m` infinite every pool with idle days is listed, with the nearest need wherever it lies.
    """
    pools = [
        pool
        for pool in _pools(actor, sight, snapshot, "coverage idle days", theme, phase)
        if pool.idle > A_TRIFLE
    ]
    needs = [need for need in _located_needs(snapshot) if need.days - need.met > A_TRIFLE]
    lines = [
        IdleLine(pool, leads)
        for pool, leads in zip(pools, _leads(pools, needs, _Ways(snapshot), within_m), strict=True)
        if leads or within_m == ANYWHERE
    ]
    return sorted(lines, key=lambda line: (not line.leads, -line.pool.idle, line.pool.pk))


def idle_together(pools: Iterable[PoolOutcome]) -> float:
    """Days nobody would miss of several offers of one snapshot together: of those that share needs no more than all need leaves over."""
    by_group: dict[int, list[PoolOutcome]] = {}
    alone = 0.0
    for pool in pools:
        if pool.group is None:
            alone += pool.idle
        else:
            by_group.setdefault(pool.group, []).append(pool)
    return alone + sum(
        min(sum(pool.idle for pool in group), group[0].group_idle) for group in by_group.values()
    )


class _Ways:
    """From which pool to which need help could go, near or far."""

    def __init__(self, snapshot: Snapshot) -> None:
        rows = Share.objects.filter(snapshot=snapshot)
        self.shares = set(rows.values_list("pool_outcome_id", "need_outcome_id"))
        choices = settings_of(snapshot.area, snapshot.settings_version)[1].choices
        self.sides = Sides(ward_places(snapshot.area), choices)

    def may_help(self, pool: PoolOutcome, need: NeedOutcome) -> bool:
        """Whether it is shared out to the need or, of another theme, could be turned to it: not its own school's, nor across water."""
        own = {need.school_id, need.school.school.trust_id, need.school.school.federation_id}
        if need.phase not in pool.phases or own & {pool.provider_id, pool.owner_id}:
            return False
        if need.theme_id in pool.themes:
            return (pool.pk, need.pk) in self.shares
        offer = pool.offer.current
        return offer is None or (
            offer.scope != OfferScope.TRUST
            and (offer.mode != DeliveryMode.IN_PERSON or self._on_one_side(pool, need))
        )

    def _on_one_side(self, pool: PoolOutcome, need: NeedOutcome) -> bool:
        here = self.sides.of_school(need.ward_id, *_place(need))
        return any(self.sides.of_place(x, y) == here for x, y in _places(pool))


def _leads(
    pools: list[PoolOutcome], needs: list[NeedOutcome], ways: _Ways, within_m: float
) -> list[list[Lead]]:
    """By pool, the unmet needs near any of its places; without a limit only the nearest."""
    places = [(row, x, y) for row, pool in enumerate(pools) for x, y in _places(pool)]
    found: list[list[Lead]] = [[] for _ in pools]
    if not places or not needs:
        return found
    owner, x, y = (np.array(column, dtype=float) for column in zip(*places, strict=True))
    apart = distances(x, y, *_coordinates(needs))
    metres = np.full((len(pools), len(needs)), np.inf)
    np.minimum.at(metres, owner.astype(int), apart)
    allowed = np.array([[ways.may_help(pool, need) for need in needs] for pool in pools])
    if within_m == ANYWHERE:
        closest = nearest(metres, allowed)
        pairs = [(row, int(need)) for row, need in enumerate(closest) if need != NONE_NEAR]
    else:
        pairs = [(int(row), int(need)) for row, need in np.argwhere(allowed & (metres <= within_m))]
    for row, need in sorted(pairs, key=lambda pair: (pair[0], metres[pair])):
        pool = pools[row]
        found[row].append(
            Lead(needs[need], float(metres[row, need]) / 1000, needs[need].theme_id in pool.themes)
        )
    return found


def _coordinates(needs: list[NeedOutcome]) -> tuple[np.ndarray, np.ndarray]:
    places = [_place(need) for need in needs]
    return np.array([x for x, _ in places], dtype=float), np.array([y for _, y in places], dtype=float)


def _place(need: NeedOutcome) -> tuple[float, float]:
    """The school's own place, or the middle of its ward; not a number where neither is known."""
    school = need.school.school
    for x, y in (
        (school.easting, school.northing),
        (need.ward.easting, need.ward.northing) if need.ward else (None, None),
    ):
        if x is not None and y is not None:
            return float(x), float(y)
    return float("nan"), float("nan")


def _places(pool: PoolOutcome) -> list[tuple[int, int]]:
    return list(zip(pool.sites[::2], pool.sites[1::2], strict=True))


def _located_needs(snapshot: Snapshot) -> list[NeedOutcome]:
    rows = NeedOutcome.objects.filter(snapshot=snapshot).select_related("school__school", "theme", "ward")
    return [need for need in rows.defer("ward__geometry").order_by("pk") if not need.unlocated]


def _pools(
    actor: Actor, sight: Sight, snapshot: Snapshot, what: str, theme: str, phase: str
) -> list[PoolOutcome]:
    """Pools of a snapshot with free days for its area; reading them is recorded, and so is the refusal."""
    audit.record(by=actor, what=what, subject=snapshot, allowed=sight.exact)
    if not sight.exact or snapshot.area_id != sight.area.pk or not snapshot.has_rows:
        raise NotFound
    rows = PoolOutcome.objects.filter(snapshot=snapshot, usable__gt=0, confirmed=True)
    if phase in Phase.values:
        rows = rows.filter(phases__contains=[phase])
    if theme:
        chosen = [each.pk for each in catalogue.themes() if each.code == theme]
        rows = rows.filter(themes__overlap=chosen)
    return list(rows.select_related("offer__current", "provider", "owner").order_by("pk"))
