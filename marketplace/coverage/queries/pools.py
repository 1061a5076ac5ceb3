"""Pools of days beside each other: whose overlap, who could withdraw unnoticed, and where idle days lie near unmet need.

What a provider has free is commercial: all of this is a convenor's, and each reading is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Theme
from marketplace.coverage.measures.layout import layout
from marketplace.coverage.measures.nearby import NEAR_M, NONE_NEAR, distances, nearest
from marketplace.coverage.models import NeedOutcome, PoolOutcome, PoolOverlap, Snapshot
from marketplace.coverage.queries.access import Sight
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
        """Part of its free days that nobody else could give, 0 to 1; `None` without free days."""
        return self.pool.lost_without / self.pool.days if self.pool.days > 0 else None

    @property
    def unnoticed(self) -> bool:
        """Whether it has free days and could withdraw without any school losing a day."""
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
    """A pool with `idle` days nobody would miss, and `leads` within the distance asked for, the nearest first."""

    pool: PoolOutcome
    idle: float
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

    A need counts where the pool is offered for its phase, whatever its theme, and its school is not the provider's own or of the same
    owner. With `within_m` infinite every pool with idle days is listed, with the nearest need wherever it lies.
    """
    pools = [
        (pool, idle)
        for pool in _pools(actor, sight, snapshot, "coverage idle days", theme, phase)
        if (idle := _idle(pool)) > A_TRIFLE
    ]
    needs = [need for need in _located_needs(snapshot) if need.days - need.met > A_TRIFLE]
    lines = [
        IdleLine(pool, idle, leads)
        for (pool, idle), leads in zip(pools, _leads([p for p, _ in pools], needs, within_m), strict=True)
        if leads or within_m == ANYWHERE
    ]
    return sorted(lines, key=lambda line: (not line.leads, -line.idle, line.pool.pk))


def _idle(pool: PoolOutcome) -> float:
    """Days nobody would miss: all of a pool that no school needs, else no more than its group leaves over at best."""
    if pool.group is None:
        return pool.days
    return max(0.0, min(pool.days - pool.lost_without, pool.group_idle))


def _leads(pools: list[PoolOutcome], needs: list[NeedOutcome], within_m: float) -> list[list[Lead]]:
    """By pool, the unmet needs near any of its places; without a limit only the nearest."""
    places = [(row, x, y) for row, pool in enumerate(pools) for x, y in _places(pool)]
    found: list[list[Lead]] = [[] for _ in pools]
    if not places or not needs:
        return found
    owner, x, y = (np.array(column, dtype=float) for column in zip(*places, strict=True))
    apart = distances(x, y, *_coordinates(needs))
    metres = np.full((len(pools), len(needs)), np.inf)
    np.minimum.at(metres, owner.astype(int), apart)
    allowed = np.array([[_may_help(pool, need) for need in needs] for pool in pools])
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


def _may_help(pool: PoolOutcome, need: NeedOutcome) -> bool:
    own = {need.school_id, need.school.school.trust_id, need.school.school.federation_id}
    return need.phase in pool.phases and not own & {pool.provider_id, pool.owner_id}


def _located_needs(snapshot: Snapshot) -> list[NeedOutcome]:
    rows = NeedOutcome.objects.filter(snapshot=snapshot).select_related("school__school", "theme", "ward")
    return [need for need in rows.defer("ward__geometry").order_by("pk") if not need.unlocated]


def _pools(
    actor: Actor, sight: Sight, snapshot: Snapshot, what: str, theme: str, phase: str
) -> list[PoolOutcome]:
    """Pools of a snapshot with free days; reading them is recorded, and so is the refusal."""
    audit.record(by=actor, what=what, subject=snapshot, allowed=sight.exact)
    if not sight.exact or snapshot.area_id != sight.area.pk or not snapshot.has_rows:
        raise NotFound
    rows = PoolOutcome.objects.filter(snapshot=snapshot, days__gt=0, confirmed=True)
    if phase in Phase.values:
        rows = rows.filter(phases__contains=[phase])
    if theme:
        chosen = [each.pk for each in catalogue.themes() if each.code == theme]
        rows = rows.filter(themes__overlap=chosen)
    return list(rows.select_related("offer__current", "provider", "owner").order_by("pk"))
