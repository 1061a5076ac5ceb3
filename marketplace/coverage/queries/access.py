"""Who sees the coverage of which area, and which snapshots."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.coverage.measures import Settings
from marketplace.coverage.measures.advice import Costs
from marketplace.coverage.models import CoverageSettings, PublicPage, Release, Snapshot
from marketplace.coverage.parameters import advice_costs, settings_from
from marketplace.kernel import audit
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import AuditEntry
from marketplace.organisations.models import Area

READERS = (Role.CONVENOR, Role.BOARD_MEMBER, Role.SCRUTINY)
A_LOOK_LASTS = timedelta(hours=12)
"""Looking at exact numbers again within this time is the same look: it is recorded once."""
EXACT_LOOK = "exact coverage"


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
    sight = Sight(area, exact=actor.convenes(area.pk))
    if sight.exact and not actor.is_system:
        _record_look(actor, area)
    return sight


def _record_look(actor: Actor, area: Area) -> None:
    """Write into the audit trail that somebody looks at exact numbers, unless they have been at it."""
    lately = timezone.now() - A_LOOK_LASTS
    looks = AuditEntry.objects.filter(by=actor.user_id, what=EXACT_LOOK, subject_id=area.pk, at__gt=lately)
    if not looks.exists():
        audit.record(by=actor, what=EXACT_LOOK, subject=area)


def latest(sight: Sight) -> Snapshot | None:
    """The newest snapshot, or for those who read releases the one last released; `None` before the first."""
    return snapshots_of(sight).first()


def snapshots_of(sight: Sight) -> QuerySet[Snapshot]:
    """Every snapshot for a convenor, newest first; only the one last released for others."""
    snapshots = Snapshot.objects.filter(area=sight.area)
    if sight.exact:
        return snapshots
    released = Release.objects.filter(area=sight.area).order_by("-id").values("snapshot")[:1]
    return snapshots.filter(pk__in=released)


def released(area: Area, by: Snapshot | None = None) -> Release | None:
    """What is told of the area by now, or was told by the time of a snapshot, without what it is made of."""
    rows = Release.objects.filter(area=area, **({"snapshot__lte": by} if by else {}))
    return rows.defer("contents", "pattern").select_related("snapshot").first()


def is_public(area: Area) -> bool:
    """Whether the area shows its statuses to everybody."""
    return PublicPage.objects.filter(area=area, is_on=True).exists()


def public_area(code: str) -> Area:
    """The area with this code, for everybody. Raises `NotFound` unless it shows its statuses to everybody."""
    area = Area.objects.filter(code=code, public_coverage__is_on=True).first()
    if area is None:
        raise NotFound
    return area


def settings_of(area: Area, version: int | None = None) -> tuple[int, Settings]:
    """The area's parameters and their version: the newest, or those of a version; 0 for the defaults."""
    rows = CoverageSettings.objects.filter(area=area).order_by("-version")
    found = rows.first() if version is None else rows.filter(version=version).first()
    return (found.version, settings_from(found.values, found.version)) if found else (0, Settings())


def costs_of(area: Area) -> Costs:
    """What the area's advice on commissioning reckons with, of the newest version."""
    found = CoverageSettings.objects.filter(area=area).order_by("-version").first()
    return advice_costs(found.values if found else {})
