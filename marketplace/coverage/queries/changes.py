"""What changed between two snapshots of an area, cell by cell."""

from dataclasses import dataclass

from marketplace.coverage.models import Snapshot
from marketplace.coverage.queries.access import Sight
from marketplace.coverage.queries.cells import cells_of
from marketplace.coverage.queries.shown import PARTS, ShownCell
from marketplace.kernel.errors import NotFound

NOTICEABLE = 0.005
"""Days: less than this is rounding."""


@dataclass(frozen=True)
class Change:
    """A cell before and after; either is `None` where there was neither need nor any day offered."""

    before: ShownCell | None
    after: ShownCell | None

    @property
    def cell(self) -> ShownCell:
        cell = self.after or self.before
        assert cell is not None
        return cell

    def of(self, part: str) -> float:
        """How many days more (or fewer) there are of a part."""
        return (getattr(self.after, part) if self.after else 0) - (
            getattr(self.before, part) if self.before else 0
        )

    @property
    def need(self) -> float:
        return self.of("need")

    @property
    def met(self) -> float:
        return self.of("met")

    @property
    def brokerable(self) -> float:
        return self.of("brokerable")

    @property
    def capacity_gap(self) -> float:
        return self.of("capacity_gap")

    @property
    def reach_gap(self) -> float:
        return self.of("reach_gap")

    @property
    def status_changed(self) -> bool:
        return (self.before.status if self.before else "none") != (
            self.after.status if self.after else "none"
        )

    @property
    def is_one(self) -> bool:
        return self.status_changed or any(abs(self.of(part)) > NOTICEABLE for part in ("need", *PARTS))


@dataclass(frozen=True)
class Changes:
    """`cells` that changed, those with another status first, then by days of unmet need; `total` of the whole area."""

    since: Snapshot
    until: Snapshot
    total: Change
    cells: list[Change]

    @property
    def counted_otherwise(self) -> str:
        """See `counted_otherwise`."""
        return counted_otherwise(self.since, self.until)


def counted_otherwise(since: Snapshot, until: Snapshot) -> str:
    """What besides needs and offers is another in the later snapshot, in sentences: rules that changed are no change of coverage."""
    said = []
    if since.academic_year != until.academic_year:
        said.append(
            f"A school year began in between: needs and days of {since.academic_year} are not counted in {until.academic_year}."
        )
    if since.settings_version != until.settings_version:
        said.append(
            "The area’s parameters were changed in between, and a status may be another by that alone."
        )
    return " ".join(said)


def changes_between(sight: Sight, since: Snapshot, until: Snapshot) -> Changes:
    """For a convenor. Raises `NotFound` for others: two releases subtracted could give a school away."""
    if not sight.exact:
        raise NotFound
    before, after = ({_key(cell): cell for cell in cells_of(sight, s)} for s in (since, until))
    changes = {key: Change(before.get(key), after.get(key)) for key in {**before, **after}}
    total = changes.pop(("", ""), Change(None, None))
    proper = [change for (theme, phase), change in changes.items() if theme and phase and change.is_one]
    proper.sort(key=lambda each: (not each.status_changed, -abs(each.need - each.met), _key(each.cell)))
    return Changes(since, until, total, proper)


def _key(cell: ShownCell) -> tuple[str, str]:
    return cell.theme, cell.phase
