"""What one may read of areas, organisations and schools. What the register publishes, anybody signed in may see."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import (
    Area,
    Cluster,
    LocationSource,
    Organisation,
    OrganisationKind,
    School,
    SchoolLink,
    Ward,
)


def areas_convened_by(actor: Actor) -> QuerySet[Area]:
    """The areas the person convenes."""
    if actor.is_system:
        return Area.objects.all()
    return Area.objects.filter(pk__in=actor.in_area(Role.CONVENOR))


def area_convened_now(actor: Actor) -> Area:
    """The area that the organisation they act for convenes, else the first by name; `NotFound` for who convenes none."""
    areas = areas_convened_by(actor).order_by("name")
    found = areas.filter(organisations=actor.current).first() if actor.current else None
    found = found or areas.first()
    if found is None:
        raise NotFound
    return found


def open_schools(area: Area) -> QuerySet[School]:
    """The area's open schools: what the register publishes, so anybody may see them."""
    return School.objects.filter(area=area, status_code__in=School.OPEN_STATUSES).select_related(
        "organisation", "ward", "trust"
    )


def organisations_of(actor: Actor, *roles: Role) -> QuerySet[Organisation]:
    """Organisations where the person holds any of `roles`, those reached through a trust included."""
    return Organisation.objects.filter(pk__in=actor.organisations(*roles)).select_related("school", "area")


def schools_buying_for(actor: Actor) -> QuerySet[School]:
    """Open schools the person may order for."""
    return School.objects.filter(
        Q(organisation_id__in=actor.organisations(*SCHOOL_BUYERS)), status_code__in=School.OPEN_STATUSES
    ).select_related("organisation", "ward", "trust", "area")


def areas(actor: Actor) -> QuerySet[Area]:
    """All areas, with the number of their open schools."""
    return Area.objects.annotate(
        schools_open=Count("schools", filter=Q(schools__status_code__in=School.OPEN_STATUSES))
    ).order_by("name")


def areas_of(actor: Actor) -> list[int]:
    """Ids of the areas the person's organisations lie in, those they convene first."""
    convened = areas_convened_by(actor).order_by("name").values_list("pk", flat=True)
    own = Organisation.objects.filter(pk__in=actor.organisations(), area__isnull=False)
    return list(dict.fromkeys([*convened, *own.order_by("area__name").values_list("area", flat=True)]))


def wards(area: Area) -> QuerySet[Ward]:
    """The area's wards, without their boundaries."""
    return Ward.objects.filter(area=area).defer("geometry")


def schools(actor: Actor) -> QuerySet[School]:
    """All schools of the register, open and closed, with what a list shows of them."""
    return School.objects.select_related("organisation", "area", "ward", "trust").order_by(
        "organisation__name", "urn"
    )


def schools_matching(rows: QuerySet[School], words: str) -> QuerySet[School]:
    """Those of `rows` with every one of `words` in their name, or whose postcode or URN begins with them."""
    code = "".join(words.split()).upper()
    by_name = Q()
    for word in words.split():
        by_name &= Q(organisation__name__icontains=word)
    wanted = by_name | Q(postcode__istartswith=words.strip())
    if code.isdigit() and len(code) <= 6:
        wanted |= Q(urn=int(code))
    return rows.filter(wanted) if code else rows


def all_wards(actor: Actor) -> QuerySet[Ward]:
    """Every ward, without its boundary."""
    return Ward.objects.defer("geometry").select_related("area").order_by("name", "code")


def wards_as_geojson(area: Area) -> dict[str, Any]:
    """The boundaries of the area's wards as a GeoJSON feature collection."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry}
            for code, name, geometry in Ward.objects.filter(area=area).values_list("code", "name", "geometry")
        ],
    }


def organisations(actor: Actor) -> QuerySet[Organisation]:
    """All organisations, with what their page shows."""
    return Organisation.objects.select_related(
        "area",
        "supervising_authority",
        "school__area",
        "school__ward",
        "school__trust",
        "school__federation",
        "school__diocese",
    )


def areas_with_schools(actor: Actor) -> QuerySet[Area]:
    """The areas that have schools, by name."""
    return Area.objects.filter(Exists(School.objects.filter(area=OuterRef("pk")))).order_by("name")


def wards_in(code: str, own_areas: list[int]) -> QuerySet[Ward]:
    """Wards of the area with this code, or of the own areas where none is given."""
    rows = Ward.objects.defer("geometry").order_by("name")
    return rows.filter(area__code=code) if code else rows.filter(area__in=own_areas)


def trusts_in(code: str, own_areas: list[int]) -> QuerySet[Organisation]:
    """Trusts with open schools in the area with this code, or in the own areas where none is given."""
    schools_there = School.objects.filter(status_code__in=School.OPEN_STATUSES, trust__isnull=False)
    schools_there = (
        schools_there.filter(area__code=code) if code else schools_there.filter(area__in=own_areas)
    )
    return Organisation.objects.filter(pk__in=schools_there.values("trust")).order_by("name")


def wards_with_schools(area: Area) -> QuerySet[Ward]:
    """The area's wards with the number of their open schools and of the pupils in them."""
    is_open = Q(schools__status_code__in=School.OPEN_STATUSES)
    return wards(area).annotate(
        schools_open=Count("schools", filter=is_open),
        pupils=Coalesce(Sum("schools__pupils", filter=is_open), 0),
    )


@dataclass(frozen=True)
class Places:
    """How well the open schools of an area are placed on the map."""

    schools: int
    wards: int
    approximate: int
    not_located: int
    without_ward: int


def places_of_schools(area: Area) -> Places:
    """Counts of the area's open schools, and of those whose place is approximate or unknown."""
    counted = open_schools(area).aggregate(
        schools=Count("pk"),
        approximate=Count("pk", filter=Q(location_source=LocationSource.WARD)),
        not_located=Count("pk", filter=Q(location_source=LocationSource.NONE)),
        without_ward=Count("pk", filter=Q(ward=None)),
    )
    return Places(wards=Ward.objects.filter(area=area).count(), **counted)


def schools_of_group(actor: Actor, group: Organisation) -> QuerySet[School]:
    """Open schools of a trust, federation or diocese."""
    return (
        schools(actor)
        .filter(Q(trust=group) | Q(federation=group) | Q(diocese=group))
        .filter(status_code__in=School.OPEN_STATUSES)
    )


def with_sizes(rows: QuerySet[Cluster]) -> QuerySet[Cluster]:
    """The clusters with the number of their schools, `schools_in`."""
    return rows.annotate(schools_in=Count("schools"))


def clusters_matching(rows: QuerySet[Cluster], words: str) -> QuerySet[Cluster]:
    """Those of `rows` that have `words` in their name or in that of one of their schools."""
    named = Cluster.objects.filter(Q(name__icontains=words) | Q(schools__organisation__name__icontains=words))
    return rows.filter(pk__in=named.values("pk"))


def providers_added(actor: Actor, area: Area) -> QuerySet[Organisation]:
    """The area's organisations other than its schools."""
    return (
        Organisation.objects.filter(area=area)
        .exclude(kind=OrganisationKind.SCHOOL)
        .select_related("supervising_authority")
        .order_by("name")
    )


def local_authorities(actor: Actor) -> QuerySet[Organisation]:
    """The local authorities themselves: they supervise school companies."""
    return Organisation.objects.filter(kind=OrganisationKind.LOCAL_AUTHORITY).order_by("name")


def clusters_visible_to(actor: Actor) -> QuerySet[Cluster]:
    """Clusters of the areas that the person convenes or has an organisation in."""
    rows = Cluster.objects.select_related("area").prefetch_related(
        Prefetch("schools", School.objects.select_related("organisation").order_by("organisation__name"))
    )
    return rows if actor.is_system else rows.filter(area__in=areas_of(actor))


@dataclass(frozen=True)
class LinkedSchool:
    """A school that came before or after another, as the register links them. `name` is empty for one we do not have."""

    urn: int
    name: str
    reference: str
    link_type: str
    on: date | None


def links_of(urn: int) -> dict[str, list[LinkedSchool]]:
    """The `predecessors` and `successors` of a school, each once, however the register wrote the link."""
    found: dict[str, dict[int, tuple[str, date | None]]] = {"predecessors": {}, "successors": {}}
    turned = {"predecessor": "successors", "successor": "predecessors"}
    for link in SchoolLink.objects.filter(Q(urn=urn) | Q(linked_urn=urn), kind__in=turned).order_by("pk"):
        own = link.urn == urn
        other = link.linked_urn if own else link.urn
        way = f"{link.kind}s" if own else turned[link.kind]
        words, on = found[way].get(other, ("", None))
        found[way][other] = (link.link_type if own or not words else words, on or link.established_on)
    urns = [*found["predecessors"], *found["successors"]]
    known = {
        school.urn: school.organisation
        for school in School.objects.filter(urn__in=urns).select_related("organisation")
    }
    return {
        way: [
            LinkedSchool(
                other,
                known[other].name if other in known else "",
                known[other].reference if other in known else "",
                words,
                on,
            )
            for other, (words, on) in sorted(links.items())
        ]
        for way, links in found.items()
    }


def history_urns(urn: int) -> list[int]:
    """The URNs under which one school is known, oldest first: those it grew out of, its own, those it grew into.

    A school that was split off the same predecessor is another school and is not among them.
    """
    before, after = _chain(urn, "predecessor", "successor"), _chain(urn, "successor", "predecessor")
    return [*reversed(before), urn, *after]


def _chain(urn: int, kind: str, seen_from_there: str) -> list[int]:
    """URNs reached by following links of `kind` (or the same links told from the other side), nearest first."""
    table = SchoolLink._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE step (urn, linked) AS (
                SELECT urn, linked_urn FROM {table} WHERE kind = %(kind)s
                UNION SELECT linked_urn, urn FROM {table} WHERE kind = %(other)s
            ), chain (urn, depth) AS (
                SELECT %(urn)s::bigint, 0
                UNION SELECT step.linked, chain.depth + 1 FROM chain JOIN step ON step.urn = chain.urn
                WHERE chain.depth < 20
            )
            SELECT urn FROM chain WHERE urn <> %(urn)s GROUP BY urn ORDER BY min(depth), urn
            """,  # noqa: S608 – our own table's name
            {"urn": urn, "kind": kind, "other": seen_from_there},
        )
        return [row[0] for row in cursor.fetchall()]
