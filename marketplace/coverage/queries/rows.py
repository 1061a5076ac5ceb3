"""The rows behind a cell: which schools need what, which pools of days reach them, and the share of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from marketplace.catalogue.models import Theme
from marketplace.coverage.models import NeedOutcome, PoolOutcome, Share, Snapshot
from marketplace.coverage.queries.access import Sight
from marketplace.kernel import audit
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound


@dataclass(frozen=True)
class PoolLine:
    """A pool as it bears on one cell: what of it falls there, and how many of its days could be given instead by others."""

    pool: PoolOutcome
    days_here: float
    schools: int
    weakest: float
    strongest: float


@dataclass(frozen=True)
class Behind:
    """`needs` of the cell, the largest first; `shares` between them and pools; `uncounted` offers for the cell that do not count."""

    needs: Sequence[NeedOutcome]
    shares: Sequence[Share]
    uncounted: Sequence[PoolOutcome]

    @cached_property
    def pools(self) -> list[PoolLine]:
        """Pools that reach the cell, by the days of them that fall there."""
        by_pool: dict[int, list[Share]] = {}
        for share in self.shares:
            by_pool.setdefault(share.pool_outcome_id, []).append(share)
        lines = [
            PoolLine(
                pool=of_pool[0].pool_outcome,
                days_here=sum(share.days for share in of_pool),
                schools=len({share.need_outcome.school_id for share in of_pool}),
                weakest=min(share.weight for share in of_pool),
                strongest=max(share.weight for share in of_pool),
            )
            for of_pool in by_pool.values()
        ]
        return sorted(lines, key=lambda line: (-line.days_here, line.pool.pk))

    @property
    def idle(self) -> list[PoolLine]:
        """Pools that reach the cell and have days nobody would miss, the most first."""
        spare = [line for line in self.pools if line.pool.spare > 0.005]
        return sorted(spare, key=lambda line: (-line.pool.spare, line.pool.pk))


def behind(
    actor: Actor, sight: Sight, snapshot: Snapshot, *, theme: Theme, phase: str, ward: str = ""
) -> Behind:
    """The rows behind a cell, for a convenor; the reading is audited, and so is the refusal of anybody else (`NotFound`)."""
    what = f"{theme.code}/{phase}" + (f" in {ward}" if ward else "")
    audit.record(by=actor, what="coverage rows", subject=snapshot, allowed=sight.exact, detail=what)
    if not sight.exact or snapshot.area_id != sight.area.pk or not snapshot.has_rows:
        raise NotFound
    of_cell = Q(theme=theme, phase=phase) & (Q(ward__code=ward) if ward else Q())
    needs = (
        NeedOutcome.objects.filter(of_cell, snapshot=snapshot)
        .select_related("school__school", "ward")
        .defer("ward__geometry")
        .order_by("-days", "school__name")
    )
    shares = list(
        Share.objects.filter(snapshot=snapshot, need_outcome__in=needs.values("pk").order_by())
        .select_related(
            "need_outcome__school__school",
            "pool_outcome__offer__current",
            "pool_outcome__provider",
            "pool_outcome__owner",
        )
        .order_by("need_outcome__school__name", "-days", "pk")
    )
    return Behind(list(needs), shares, _uncounted(snapshot, theme, phase, shares))


def _uncounted(snapshot: Snapshot, theme: Theme, phase: str, shares: Sequence[Share]) -> list[PoolOutcome]:
    """Offers for the theme and phase that reach no need of the cell: out of reach, no days left, not confirmed, barred."""
    counted = {share.pool_outcome_id for share in shares}
    return list(
        PoolOutcome.objects.filter(snapshot=snapshot, themes__contains=[theme.pk], phases__contains=[phase])
        .exclude(pk__in=counted)
        .select_related("offer__current", "provider", "owner")
        .order_by("-days", "pk")
    )
