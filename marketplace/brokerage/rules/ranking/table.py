"""The offers that might help, as columns: what a score is worked out from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from marketplace.brokerage.rules.ranking.reasons import HARD_REASONS, HardReason

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
NO_REASON = -1


class Facts(NamedTuple):
    """One offer. Shares run from 0 to 1; half-days and pence are `None` where they are not known.

    `free_half_days` are what is left this school year, `price_pence` what the school pays before VAT for what it needs, ratings are in
    hundredths, `deployments` the bookings of this school year.
    """

    id: int
    expertise: float
    phase: float
    distance: float
    free_half_days: int | None
    rating_total: int
    rating_count: int
    price_pence: int | None
    context: float
    deployments: int = 0
    reason: HardReason | None = None


@dataclass(frozen=True, eq=False)
class Table:
    """Offers as columns of one length; NaN stands for what is not known, `reasons` for what leaves an offer out (−1: nothing)."""

    ids: Whole
    expertise: Floats
    phase: Floats
    distance: Floats
    free: Floats
    rating_total: Whole
    rating_count: Whole
    price: Floats
    context: Floats
    deployments: Whole
    reasons: Whole

    @classmethod
    def of(cls, rows: Iterable[Facts]) -> Self:
        """The table of some offers, in their order."""
        rows = list(rows)

        def floats(values: Iterable[float | None]) -> Floats:
            return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

        def whole(values: Iterable[int]) -> Whole:
            return np.array(list(values), dtype=np.int64)

        return cls(
            ids=whole(row.id for row in rows),
            expertise=floats(row.expertise for row in rows),
            phase=floats(row.phase for row in rows),
            distance=floats(row.distance for row in rows),
            free=floats(row.free_half_days for row in rows),
            rating_total=whole(row.rating_total for row in rows),
            rating_count=whole(row.rating_count for row in rows),
            price=floats(row.price_pence for row in rows),
            context=floats(row.context for row in rows),
            deployments=whole(row.deployments for row in rows),
            reasons=whole(
                NO_REASON if row.reason is None else HARD_REASONS.index(row.reason) for row in rows
            ),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def can_help(self) -> NDArray[np.bool_]:
        """Which rows nothing leaves out."""
        free: NDArray[np.bool_] = self.reasons == NO_REASON
        return free

    def changed(self, place: int, **values: float | None) -> Self:
        """The table with other values in one row."""
        columns: dict[str, Any] = {}
        for name, value in values.items():
            columns[name] = getattr(self, name).copy()
            columns[name][place] = np.nan if value is None else value
        return replace(self, **columns)
