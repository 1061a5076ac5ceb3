"""Who sees the country, which areas it has, and how far rounds have come."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

from marketplace.coverage.models import Release, Round, RoundArea, Snapshot
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, AreaOutline

ROUNDS_SHOWN = 5


@dataclass(frozen=True)
class Country:
    """The areas of a region, or of all (`region` empty); `own` are convened by the person.

    `snapshots` has by area the newest for the person's own, and what was last released for others, with its release in `releases`.
    """

    region: str
    regions: tuple[str, ...]
    areas: tuple[Area, ...]
    own: frozenset[int]
    snapshots: dict[int, Snapshot]
    releases: dict[int, Release]

    @property
    def name(self) -> str:
        return self.region or "all areas"

    @property
    def of_a_term(self) -> list[Area]:
        """Areas that count the days of a term, where the others count the school year."""
        return [area for area in self.areas if area.pk in self.snapshots and self.snapshots[area.pk].term]

    @property
    def not_worked_out(self) -> list[Area]:
        return [area for area in self.areas if area.pk not in self.snapshots]


def country_of(actor: Actor, region: str = "") -> Country:
    """The country as a convenor sees it; a region not known means all of it. Raises `NotFound` for everybody else."""
    convened = actor.in_area(Role.CONVENOR)
    if not actor.is_system and not convened:
        raise NotFound
    with_schools = list(Area.objects.filter(schools__isnull=False).distinct())
    regions = tuple(sorted({area.region for area in with_schools if area.region}))
    region = region if region in regions else ""
    areas = tuple(area for area in with_schools if region in ("", area.region))
    own = frozenset(area.pk for area in areas if actor.convenes(area.pk))
    newest = Snapshot.objects.filter(area__in=own).order_by("area_id", "-id").distinct("area_id")
    told = Release.objects.filter(area__in=[area.pk for area in areas if area.pk not in own])
    releases = {
        release.area_id: release
        for release in told.order_by("area_id", "-id")
        .distinct("area_id")
        .defer("contents", "pattern")
        .select_related("snapshot")
    }
    snapshots = {area: release.snapshot for area, release in releases.items()}
    return Country(region, regions, areas, own, snapshots | {s.area_id: s for s in newest}, releases)


def outlines_of(areas: Iterable[Area]) -> dict[str, dict[str, object]]:
    """GeoJSON geometry by area code, of the areas whose outline is here."""
    rows = AreaOutline.objects.filter(area__in=[area.pk for area in areas])
    return dict(rows.values_list("area__code", "geometry"))


def _rounds(actor: Actor) -> QuerySet[Round]:
    """Rounds a person may follow: those that have an area they convene."""
    rows = Round.objects.all()
    if not actor.is_system:
        of_areas = RoundArea.objects.filter(area__in=actor.in_area(Role.CONVENOR))
        rows = rows.filter(pk__in=of_areas.values("round"))
    return rows.annotate(
        total=Count("areas"),
        done=Count("areas", filter=Q(areas__done_at__isnull=False)),
        failed=Count("areas", filter=~Q(areas__problem="")),
        ended=Max("areas__done_at"),
    ).order_by("-id")


def latest_rounds(actor: Actor) -> list[Round]:
    """The last few rounds, each with `total`, `done` and `failed` areas."""
    return list(_rounds(actor)[:ROUNDS_SHOWN])


def round_of(actor: Actor, number: int) -> Round:
    """One round with its counts. Raises `NotFound`."""
    found = _rounds(actor).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found
