"""What must agree in coverage: the parts with the need, the shares with the pools, the status with the measures."""

from collections.abc import Iterator

import numpy as np
from django.db.models import Count, F, FloatField, Max, Q, Sum, Value
from django.db.models.functions import Abs, Coalesce

from marketplace.coverage import queries
from marketplace.coverage.measures import Thresholds
from marketplace.coverage.measures.confidence import enough_information
from marketplace.coverage.measures.status import STATUSES, statuses
from marketplace.coverage.models import Cell, CellStatus, PoolOutcome, Snapshot
from marketplace.coverage.recording import STATUS_OF
from marketplace.kernel.verification import must_agree

A_TRIFLE = 0.001
"""Days: sums of floats differ by less."""


@must_agree("The parts of each cell of coverage add up to its need")
def parts_add_up() -> list[str]:
    parts = F("met") + F("brokerable") + F("capacity_gap") + F("reach_gap") + F("unlocated")
    wrong = Cell.objects.annotate(off=Abs(parts - F("need"))).filter(off__gt=A_TRIFLE)
    return [
        f"Cell {cell} of {cell.snapshot}: parts are {cell.off:.3f} days off its need of {cell.need:g}."
        for cell in wrong.select_related("snapshot__area", "theme", "ward").iterator()
    ]


@must_agree("Shares of a pool of days that anybody needs add up to the pool")
def shares_add_up() -> list[str]:
    given = Coalesce(Sum("shares__days"), Value(0.0), output_field=FloatField())
    pools = PoolOutcome.objects.annotate(off=Abs(given + F("elsewhere") - F("days")))
    wrong = pools.filter(weighted_need__gt=0, off__gt=A_TRIFLE)
    return [
        f"{pool.offer} in {pool.snapshot}: shares are {pool.off:.3f} days off its {pool.days:g}."
        for pool in wrong.select_related("snapshot__area", "offer").iterator()
    ]


@must_agree("The status of each cell of coverage follows from its measures")
def statuses_follow() -> list[str]:
    found = []
    for snapshot in Snapshot.objects.filter(has_rows=True).select_related("area"):
        thresholds = queries.settings_of(snapshot.area, snapshot.settings_version)[1].thresholds
        cells = list(snapshot.cells.select_related("theme", "ward"))
        for cell, status in zip(cells, _worked_out(cells, thresholds), strict=True):
            if cell.status != status:
                found.append(
                    f"Cell {cell} of {snapshot}: shown as {cell.status}, its measures make it {status}."
                )
    return found


@must_agree("The wards of a theme and phase hold no more need than the whole area")
def wards_within_area() -> list[str]:
    in_wards = Sum("need", filter=Q(ward__isnull=False))
    whole = Max("need", filter=Q(ward__isnull=True))
    lines = (
        Cell.objects.filter(snapshot__has_rows=True)
        .values("snapshot_id", "theme__code", "phase")
        .annotate(in_wards=in_wards, whole=whole, count=Count("pk"))
        .filter(in_wards__gt=F("whole") + A_TRIFLE)
    )
    return [
        f"Snapshot {line['snapshot_id']}, {line['theme__code']} {line['phase']}: wards need {line['in_wards']:g}"
        f" days, the area {line['whole']:g}."
        for line in lines
    ]


def _worked_out(cells: list[Cell], thresholds: Thresholds) -> Iterator[str]:
    def column(name: str) -> np.ndarray:
        return np.array([np.nan if cell.measures[name] is None else cell.measures[name] for cell in cells])

    if not cells:
        return
    codes = statuses(
        need_days=np.array([cell.need for cell in cells]),
        days_in_reach=column("days_in_reach"),
        supply_days=np.array([cell.share for cell in cells]),
        expected=column("expected"),
        best=column("best"),
        k=column("k"),
        without_largest=column("without_largest"),
        owners=np.array([cell.measures["owners"] for cell in cells]),
        thresholds=thresholds,
    )
    for cell, code in zip(cells, codes.tolist(), strict=True):
        known = enough_information(cell.measures["q1"])
        yield STATUS_OF[STATUSES[code]].value if known else CellStatus.UNKNOWN.value
