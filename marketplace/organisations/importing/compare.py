"""Reading a register file against what stands: which schools it adds, changes and closes, and which rows it can't use."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from marketplace.organisations.importing.copying import copy_in
from marketplace.organisations.importing.places import KnownWards
from marketplace.organisations.importing.record import (
    BLANK,
    CLOSED,
    Record,
    differences,
    is_open,
    recorded,
)
from marketplace.organisations.importing.standing import standing_records
from marketplace.organisations.models import (
    Area,
    ChangeKind,
    Organisation,
    OrganisationKind,
    RegisterChange,
    RegisterImport,
    RegisterRefusal,
    School,
)
from marketplace.organisations.register import Reading, Refusal, RegisterRow
from marketplace.organisations.register.location import points

CHUNK = 1000
GROUP_KINDS = {
    "trust": OrganisationKind.TRUST,
    "federation": OrganisationKind.FEDERATION,
    "diocese": OrganisationKind.DIOCESE,
}


@dataclass
class Comparison:
    """One pass over a file for a batch. `run` stores changes and refusals; the counts are here when it is done."""

    batch: RegisterImport
    reading: Reading[RegisterRow]
    tell: Callable[[int], None]
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("read", "added", "changed", "closed", "unchanged", "refused"), 0
        )
    )
    la_codes: set[str] = field(default_factory=set)
    newcomers: "Newcomers" = field(default_factory=lambda: Newcomers())
    missing: int = 0
    _in_file: dict[str, set[int]] = field(default_factory=dict)

    def run(self) -> None:
        """Go through the file in pieces, each stored in a transaction of its own; `tell` hears how many rows are done."""
        self._wards = KnownWards()
        self._own = self.batch.area.code if self.batch.area else ""
        for rows in _in_pieces(self.reading):
            with transaction.atomic():
                self._piece(rows)
            self.tell(self.counts["read"])
        with transaction.atomic():
            self._find_missing()

    def tallies(self) -> dict[str, Any]:
        """The counts, by the names of the batch's fields."""
        return dict(self.counts)

    def _piece(self, rows: list[RegisterRow | Refusal]) -> None:
        schools = [row for row in rows if isinstance(row, RegisterRow)]
        refusals = [row for row in rows if isinstance(row, Refusal)]
        standing = standing_records([row.urn for row in schools])
        placed = points([row.easting for row in schools], [row.northing for row in schools])
        changes: list[RegisterChange] = []
        for row, point in zip(schools, placed, strict=True):
            before = standing.get(row.urn)
            self._in_file.setdefault(row.la_code, set()).add(row.urn)
            if before is not None and self._own and before["area"] != self._own:
                refusals.append(
                    Refusal(
                        row.line,
                        row.urn,
                        "is a school of another area here; only a whole register can move it",
                    )
                )
                continue
            after = recorded(row, self.reading.header.fields, before, point=point, wards=self._wards)
            change = self._change(row, before, after)
            if change is not None:
                changes.append(change)
                self.newcomers.meet(row, after)
                self.la_codes |= {after["area"], before["area"]} if before else {after["area"]}
        copy_in(changes)
        RegisterRefusal.objects.bulk_create(
            RegisterRefusal(
                batch=self.batch, line=each.line, urn=str(each.urn or ""), reason=each.reason[:300]
            )
            for each in refusals
        )
        self.counts["read"] += len(rows)
        self.counts["refused"] += len(refusals)

    def _change(self, row: RegisterRow, before: Record | None, after: Record) -> RegisterChange | None:
        was, will_be = differences(before or BLANK, after)
        if not was:
            self.counts["unchanged"] += 1
            return None
        if before is None:
            kind, was = ChangeKind.ADD, {}
        elif is_open(before) and after["status_code"] == CLOSED:
            kind = ChangeKind.CLOSE
        else:
            kind = ChangeKind.CHANGE
        self.counts[_COUNTED[kind]] += 1
        return RegisterChange(
            batch=self.batch,
            kind=kind,
            line=row.line,
            urn=row.urn,
            name=after["name"],
            la_code=after["area"],
            before=was,
            after=will_be,
            doubts=list(row.doubts),
        )

    def _find_missing(self) -> None:
        """Our open schools of the areas in the file that it leaves out. Extracts may be partial, so nothing closes them."""
        codes = {self._own} if self._own else set(self._in_file)
        there: set[int] = set().union(*self._in_file.values())
        open_here = School.objects.filter(area__code__in=codes, status_code__in=School.OPEN_STATUSES)
        missing = [
            RegisterChange(batch=self.batch, kind=ChangeKind.MISSING, urn=urn, name=name, la_code=code)
            for urn, name, code in open_here.order_by("urn").values_list(
                "urn", "organisation__name", "area__code"
            )
            if urn not in there
        ]
        RegisterChange.objects.bulk_create(missing, batch_size=CHUNK, ignore_conflicts=True)
        self.missing = len(missing)


_COUNTED = {ChangeKind.ADD: "added", ChangeKind.CHANGE: "changed", ChangeKind.CLOSE: "closed"}


class Newcomers:
    """Areas and groups of schools that the file names, by code; those we do not have will be made with the batch."""

    def __init__(self) -> None:
        self._areas: dict[str, tuple[str, str]] = {}
        self._groups: dict[tuple[str, str], tuple[str, set[str]]] = {}

    def meet(self, row: RegisterRow, record: Record) -> None:
        self._areas.setdefault(row.la_code, (row.la_name, row.gss_la_code))
        for kind in GROUP_KINDS:
            if code := record[kind]:
                told_name = getattr(row, f"{kind}_name")
                name, areas = self._groups.get((kind, code), ("", set()))
                self._groups[kind, code] = (name or told_name, areas | {row.la_code})

    def to_data(self) -> dict[str, Any]:
        """As the batch keeps it: only what is not here yet."""
        known = set(Area.objects.values_list("code", flat=True))
        held = known_groups(code for _, code in self._groups)
        return {
            "areas": {
                code: {"name": name or f"Local authority {code}", "gss_code": gss}
                for code, (name, gss) in self._areas.items()
                if code not in known
            },
            "groups": [
                {
                    "kind": GROUP_KINDS[kind],
                    "code": code,
                    "name": (name or f"{kind.capitalize()} {code}")[:200],
                    # A group at work in one area only belongs to it.
                    "area": min(areas) if len(areas) == 1 else "",
                }
                for (kind, code), (name, areas) in self._groups.items()
                if (GROUP_KINDS[kind], code) not in held
            ],
        }


def known_groups(codes: Collection[str] | Iterator[str]) -> dict[tuple[str, str], int]:
    """(kind, register code) → primary key of the groups of schools we have."""
    rows = Organisation.objects.filter(kind__in=GROUP_KINDS.values(), register_code__in=list(codes))
    return {(kind, code): pk for kind, code, pk in rows.values_list("kind", "register_code", "pk")}


def _in_pieces(reading: Reading[RegisterRow]) -> Iterator[list[RegisterRow | Refusal]]:
    rows = iter(reading)
    while piece := list(islice(rows, CHUNK)):
        yield piece
