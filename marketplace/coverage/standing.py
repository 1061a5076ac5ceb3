"""How pools stand to each other and on the map, as rows of a snapshot: who overlaps with whom, and where each comes from."""

from collections.abc import Mapping

from marketplace.coverage.measures import Result
from marketplace.coverage.models import PoolOutcome, PoolOverlap, Snapshot


def sites_by_pool(result: Result) -> dict[int, list[int]]:
    """By pool row: easting and northing of each of its places, one after the other."""
    found: dict[int, list[int]] = {}
    sites = result.inputs.sites
    for pool, x, y in zip(sites.pool.tolist(), sites.x.tolist(), sites.y.tolist(), strict=True):
        found.setdefault(pool, []).extend((round(x), round(y)))
    return found


def overlaps_of(snapshot: Snapshot, result: Result, pools: Mapping[int, PoolOutcome]) -> list[PoolOverlap]:
    """The strongest overlaps between pools that are kept."""
    edges = result.pools.overlaps
    return [
        PoolOverlap(snapshot=snapshot, first=pools[first], second=pools[second], jaccard=jaccard)
        for first, second, jaccard in zip(
            edges.first.tolist(), edges.second.tolist(), edges.jaccard.tolist(), strict=True
        )
        if first in pools and second in pools
    ]
