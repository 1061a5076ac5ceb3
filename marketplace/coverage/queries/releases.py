"""The last release of an area as those see it who may not see exact numbers: the board, providers, everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from marketplace.catalogue.models import Theme
from marketplace.coverage.models import CellStatus, Release, Snapshot
from marketplace.coverage.queries.access import public_area, released
from marketplace.coverage.queries.shown import ShownCell, Where, hidden, status_label, told, told_status
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Cluster, Phase, Ward

PROVIDING = (Role.PROVIDER_LEAD, Role.PRACTITIONER)
Told = dict[str, Any]


def cells_of(
    area: Area,
    by: Snapshot | None = None,
    *,
    ward: str = "",
    theme: str | None = None,
    phase: str | None = None,
) -> list[ShownCell]:
    """The cells of the whole area, as told by the time of a snapshot; of a ward its total alone, since nothing deeper is told."""
    release = _Release(area, released(area, by))
    if ward:
        cells = [release.wards[ward]] if ward in release.wards and not theme and not phase else []
    else:
        cells = list(release.whole.values())
    return [cell for cell in cells if theme in (None, cell.theme) and phase in (None, cell.phase)]


def wards_of(area: Area, *, theme: str = "", phase: str = "") -> dict[str, ShownCell]:
    """By ward code its total; of a theme or a phase wards are hidden, with what is told of the cluster or area instead."""
    release = _Release.of(area)
    if not theme and not phase:
        return release.wards
    return release.deeper(theme, phase)


@dataclass(frozen=True)
class Wanted:
    """A theme and phase that schools need: about how many days (fives), and how many schools there are at least."""

    theme: str
    theme_name: str
    phase: str
    days: int
    schools: int

    @property
    def phase_label(self) -> str:
        return Phase(self.phase).label if self.phase else "All phases"


@dataclass(frozen=True)
class WantedThere:
    """What is wanted in an area, the most days first, as told with a release (`None` before the first)."""

    area: Area
    snapshot: Snapshot | None
    lines: list[Wanted]


def wanted_by_providers(actor: Actor) -> list[WantedThere]:
    """What providers may know of the areas they are based in, so that they learn where supply is wanted.

    Raises `NotFound` for people who provide nothing in an area.
    """
    areas = Area.objects.filter(organisations__in=actor.organisations(*PROVIDING)).distinct()
    found = [_wanted_in(area) for area in areas]
    if not found:
        raise NotFound
    return found


def provides_somewhere(actor: Actor) -> bool:
    """Whether the person provides something in an area, and so may know what is wanted there."""
    providers = actor.organisations(*PROVIDING)
    return bool(providers) and Area.objects.filter(organisations__in=providers).exists()


def _wanted_in(area: Area) -> WantedThere:
    release = _Release.of(area)
    if release.row is None:
        return WantedThere(area, None, [])
    told_to = [
        cell for cell in release.row.cells if cell.get("providers") and cell["theme"] and cell["schools"]
    ]
    by_phase = {cell["theme"] for cell in told_to if cell["phase"]}
    lines = [
        Wanted(theme.code, theme.name, cell["phase"], sum(cell["parts"]), cell["schools"])
        for cell in told_to
        for theme in [release.themes[cell["theme"]]]
        if cell["phase"] or cell["theme"] not in by_phase  # a total where no phase of it may be told
    ]
    lines.sort(key=lambda line: (-line.days, line.theme_name, line.phase))
    return WantedThere(area, release.row.snapshot, lines)


@dataclass(frozen=True)
class PublicStatuses:
    """An area’s statuses by theme and phase, as everybody may see them."""

    area: Area
    snapshot: Snapshot | None
    phases: list[Phase]
    rows: list[tuple[Theme, list[str]]]


def public_statuses(code: str) -> PublicStatuses:
    """For everybody. Raises `NotFound` unless the area shows them; a status that may not be told is empty."""
    area = public_area(code)
    release = _Release.of(area)
    if release.row is None:
        return PublicStatuses(area, None, [], [])
    by_key = {
        (cell["theme"], cell["phase"]): told_status(cell) if cell.get("providers") else ""
        for cell in release.row.cells
        if "place" not in cell and cell["ward"] is None and cell["theme"] and cell["phase"]
    }
    phases = [phase for phase in Phase if any(status for (_, p), status in by_key.items() if p == phase)]
    themes = {theme for theme, _ in by_key}
    rows = [
        (release.themes[pk], [_label(by_key.get((pk, phase), CellStatus.NONE)) for phase in phases])
        for pk in release.themes
        if pk in themes
    ]
    return PublicStatuses(area, release.row.snapshot, phases, rows)


def _label(status: str) -> str:
    return status_label(status) if status else ""


def told_cells(area: Area) -> dict[tuple[int | None, str, int | None], tuple[list[float], str]]:
    """What the last release tells the board: days by part (`PARTS`, in fives) and the status, by theme, phase and ward; hidden cells
    are not there."""
    release = released(area)
    return {
        (cell["theme"], cell["phase"], cell["ward"]): (cell["parts"], told_status(cell))
        for cell in (release.cells if release else ())
        if "place" not in cell and "parts" in cell
    }


class _Release:
    """A release with the names of what it is about."""

    def __init__(self, area: Area, row: Release | None) -> None:
        self.area, self.row = area, row

    @classmethod
    def of(cls, area: Area) -> "_Release":
        return cls(area, released(area))

    @property
    def cells(self) -> list[Told]:
        return self.row.cells if self.row else []

    @cached_property
    def themes(self) -> dict[int, Theme]:
        """By key, in the order of the list of themes."""
        return {theme.pk: theme for theme in Theme.objects.select_related("parent")}

    @cached_property
    def ward_names(self) -> dict[int, Ward]:
        return {ward.pk: ward for ward in Ward.objects.filter(area=self.area).defer("geometry")}

    @cached_property
    def whole(self) -> dict[tuple[str, str], ShownCell]:
        """The area's cells, by theme code and phase."""
        found = [
            told(cell, self._where(cell))
            for cell in self.cells
            if "place" not in cell and cell["ward"] is None
        ]
        return {(cell.theme, cell.phase): cell for cell in found}

    @cached_property
    def wards(self) -> dict[str, ShownCell]:
        """Each ward's total, by code."""
        found = {}
        for cell in self.cells:
            if cell.get("ward") in self.ward_names:
                ward = self.ward_names[cell["ward"]]
                shown = told(cell, self._where(cell), instead=self._instead(ward, "", ""))
                found[ward.code] = shown
        return found

    def deeper(self, theme: str, phase: str) -> dict[str, ShownCell]:
        """Wards by a theme, a phase or both: hidden, since too few schools are behind nearly all of them."""
        if not self.row or (theme, phase) not in self.whole:
            return {}
        of = self.whole[theme, phase]
        return {
            ward.code: hidden(
                Where(theme, of.theme_name, phase, ward.code, ward.name),
                instead=self._instead(ward, theme, phase),
            )
            for ward in self.ward_names.values()
        }

    def _where(self, cell: Mapping[str, Any]) -> Where:
        theme, ward = self.themes.get(cell["theme"]), self.ward_names.get(cell["ward"])
        return Where(
            theme.code if theme else "",
            theme.name if theme else "",
            cell["phase"],
            ward.code if ward else "",
            ward.name if ward else "",
        )

    def _instead(self, ward: Ward, theme: str, phase: str) -> str:
        """What is told of the place the ward lies in: its cluster, or else the area."""
        place = self._lies_in.get(ward.pk, "")
        cluster, cell = self._clusters.get(place), self._of_places.get((theme, place))
        if cluster and cell and not phase:
            return f"In {cluster} as a whole about {sum(cell['parts'])} days are needed."
        of_area = self.whole.get((theme, phase))
        if of_area is None or of_area.hidden:
            return ""
        return f"In {self.area} as a whole about {of_area.need:g} days are needed."

    @cached_property
    def _of_places(self) -> dict[tuple[str, str], Told]:
        """By theme code and place what is told of a theme, or of all, in a cluster."""
        return {
            (self.themes[cell["theme"]].code if cell["theme"] else "", cell["place"]): cell
            for cell in self.cells
            if "place" in cell
        }

    @cached_property
    def _clusters(self) -> dict[str, Cluster]:
        return {f"cluster {cluster.pk}": cluster for cluster in Cluster.objects.filter(area=self.area)}

    @cached_property
    def _lies_in(self) -> dict[int, str]:
        """By ward the place whose numbers stand for it."""
        return {cell["ward"]: cell["lies_in"] for cell in self.cells if "lies_in" in cell}
