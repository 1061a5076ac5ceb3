"""Snapshots ready for edits. What a snapshot was worked out from never changes, so each process keeps the last few by number.

Several processes agree without telling each other anything: all read the same kept inputs (`SnapshotInputs`) of the same snapshot.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from marketplace.catalogue import queries as catalogue
from marketplace.coverage import disclosure, queries
from marketplace.coverage.errors import ScenarioCannotBeWorkedOut
from marketplace.coverage.gathering import Gathered, unpacked
from marketplace.coverage.measures.scenario import Ground
from marketplace.coverage.models import Cell, Snapshot, SnapshotInputs
from marketplace.organisations.models import Ward

KEPT = 8
"""Snapshots a process keeps ready: about two megabytes each for a borough."""

Key = tuple[int | None, str, int | None]
"""Theme, phase and ward of a cell, as `Cell` has them."""


@dataclass(frozen=True)
class Standing:
    """What a scenario takes from the cells of its base: whether enough schools replied, and what the board must not see.

    The board sees what the last release tells it, and of that only what the base still says, in days and in status: a change that may
    not be told yet stays untold here, too.
    """

    replies: float | None
    hidden: bool


@dataclass(frozen=True)
class Footing:
    """A snapshot to try edits on, the names of its rows, and how its cells stand."""

    snapshot_id: int
    gathered: Gathered
    ground: Ground
    standing: dict[Key, Standing]
    theme_codes: dict[int, str]
    ward_codes: dict[int, str]

    def replies(self, key: Key) -> float | None:
        """The share of schools that replied behind a cell, or behind the next wider one that is there."""
        theme, phase, ward = key
        for wider in ((theme, phase, ward), (None, phase, ward), (None, "", ward), (None, "", None)):
            standing = self.standing.get(wider)
            if standing is not None and standing.replies is not None:
                return standing.replies
        return None

    def hidden(self, key: Key) -> bool:
        """Whether the board must not see a cell. One that the base does not show is not for it either."""
        standing = self.standing.get(key)
        return standing is None or standing.hidden


_ready: OrderedDict[tuple[int, str], Footing] = OrderedDict()
_guard = Lock()


def is_kept(snapshot: Snapshot) -> bool:
    """Whether edits can still be tried on a snapshot."""
    return SnapshotInputs.objects.filter(snapshot=snapshot).exists()


def footing(snapshot: Snapshot) -> Footing:
    """The snapshot ready for edits. Raises `ScenarioCannotBeWorkedOut` where what it was made of is no longer kept."""
    key = (snapshot.pk, snapshot.inputs_hash)
    with _guard:
        if key in _ready:
            _ready.move_to_end(key)
            return _ready[key]
    made = _made(snapshot)
    with _guard:
        _ready[key] = made
        while len(_ready) > KEPT:
            _ready.popitem(last=False)
    return made


def _made(snapshot: Snapshot) -> Footing:
    content = SnapshotInputs.objects.filter(snapshot=snapshot).values_list("content", flat=True).first()
    if content is None:
        raise ScenarioCannotBeWorkedOut
    gathered = unpacked(bytes(content))
    settings = queries.settings_of(snapshot.area, snapshot.settings_version)[1]
    cells = Cell.objects.filter(snapshot=snapshot).values_list(
        "theme_id", "phase", "ward_id", "status", "measures__q1", *queries.PARTS
    )
    told = queries.told_cells(snapshot.area)
    return Footing(
        snapshot_id=snapshot.pk,
        gathered=gathered,
        ground=Ground(gathered.inputs, settings),
        standing={
            (theme, phase, ward): Standing(
                replies, hidden=told.get((theme, phase, ward)) != (disclosure.rounded_parts(parts), status)
            )
            for theme, phase, ward, status, replies, *parts in cells
        },
        theme_codes=dict(catalogue.themes().values_list("pk", "code")),
        ward_codes=dict(Ward.objects.filter(area=snapshot.area).values_list("pk", "code")),
    )
