"""Who sees the coverage of which area, and which snapshots."""

from dataclasses import dataclass

from django.db.models import QuerySet

from marketplace.coverage.measures import Settings
from marketplace.coverage.models import CoverageSettings, Snapshot
from marketplace.coverage.parameters import settings_from
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area

READERS = (Role.CONVENOR, Role.BOARD_MEMBER, Role.SCRUTINY)


@dataclass(frozen=True)
class Sight:
    """An area as one person sees its coverage: `exact` for a convenor, rounded and with cells hidden for the board and scrutiny."""

    area: Area
    exact: bool


def may_see(actor: Actor, area: Area) -> bool:
    """Whether the person sees anything of the area's coverage."""
    return actor.is_system or area.pk in actor.in_area(*READERS)


def areas_of(actor: Actor) -> QuerySet[Area]:
    """The areas whose coverage the person sees."""
    return Area.objects.all() if actor.is_system else Area.objects.filter(pk__in=actor.in_area(*READERS))


def sight_of(actor: Actor, code: str = "") -> Sight:
    """The area with this code as the person sees it; without a code the one they act in, else their first. Raises `NotFound`."""
    areas = areas_of(actor)
    if code:
        area = areas.filter(code=code).first()
    else:
        area = areas.filter(organisations=actor.current).first() if actor.current else None
        area = area or areas.order_by("name").first()
    if area is None:
        raise NotFound
    return Sight(area, exact=actor.convenes(area.pk))


def latest(sight: Sight) -> Snapshot | None:
    """The newest snapshot; `None` before the first."""
    return Snapshot.objects.filter(area=sight.area).first()


def snapshots_of(sight: Sight) -> QuerySet[Snapshot]:
    """Every snapshot for a convenor, newest first; only the newest for others, since two of them could be subtracted."""
    snapshots = Snapshot.objects.filter(area=sight.area)
    return snapshots if sight.exact else snapshots.filter(pk__in=snapshots.order_by("-id").values("pk")[:1])


def settings_of(area: Area, version: int | None = None) -> tuple[int, Settings]:
    """The area's parameters and their version: the newest, or those of a version; 0 for the defaults."""
    rows = CoverageSettings.objects.filter(area=area).order_by("-version")
    found = rows.first() if version is None else rows.filter(version=version).first()
    return (found.version, settings_from(found.values, found.version)) if found else (0, Settings())
