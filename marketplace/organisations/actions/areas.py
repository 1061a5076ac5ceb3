"""Areas: making them, their wards and their clusters."""

from collections.abc import Collection, Mapping

from django.db import IntegrityError, transaction

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations import queries
from marketplace.organisations.boundaries import (
    WardBoundary,
    put_together,
    read_outlines,
    read_wards,
    replaced_by,
)
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.events import RegisterChanged
from marketplace.organisations.importing.places import KnownWards
from marketplace.organisations.importing.record import differences, settled
from marketplace.organisations.importing.standing import standing_records
from marketplace.organisations.importing.write import Writer, make_areas
from marketplace.organisations.models import Area, AreaOutline, Cluster, School, Ward


@action
def create_area(*, actor: Actor, code: str, name: str, gss_code: str = "") -> Area:
    """Make an area with its local authority, or give back the one there is. `code` is the DfE's. For operators."""
    if not actor.is_system:
        raise NotAllowed("Only an operator can add an area.")
    if not (len(code) == 3 and code.isdigit()):
        raise InvalidDetails(f"“{code}” is not a local authority code of three digits.", field="code")
    [area] = make_areas({code: {"name": name, "gss_code": gss_code}}, by=actor)
    return area


@action
def import_wards(*, actor: Actor, area: Area, content: bytes | str) -> list[Ward]:
    """Take the area's ward boundaries from GeoJSON and place its schools by them.

    A ward whose ground the new boundaries cover is replaced; others stay. Raises `BoundariesUnusable`.
    """
    _check_convenes(actor, area, "change its wards")
    boundaries = read_wards(content, district=area.gss_code)
    area = locked(Area.objects.all(), pk=area.pk)
    _check_not_elsewhere(area, boundaries)
    codes = [boundary.code for boundary in boundaries]
    new = [boundary.geometry for boundary in boundaries]
    gone = [
        ward.pk
        for ward in Ward.objects.filter(area=area).exclude(code__in=codes)
        if replaced_by(ward.geometry, new)
    ]
    Ward.objects.filter(pk__in=gone).delete()
    fields = ["name", "geometry", "easting", "northing", "latitude", "longitude"]
    Ward.objects.bulk_create(
        [Ward(area=area, code=b.code, **{name: getattr(b, name) for name in fields}) for b in boundaries],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=fields,
    )
    _outline_by_wards(area)
    _place_schools(area, actor)
    history.write(area, verb="import_wards", by=actor, note=f"{len(boundaries)} wards, {len(gone)} replaced")
    events.publish(RegisterChanged(batch_id=None, area_ids=(area.pk,)))
    return list(Ward.objects.filter(area=area))


@action
def import_outlines(
    *, actor: Actor, content: bytes | str, regions: Mapping[str, str] | None = None
) -> list[Area]:
    """Take the outlines of the areas there are from GeoJSON, and their regions (by the area's code) if told. For operators.

    Areas of the file that are not here are passed over. Raises `BoundariesUnusable`.
    """
    if not actor.is_system:
        raise NotAllowed("Only an operator can change the outlines of areas.")
    outlines, named = read_outlines(content), regions or {}
    changed = []
    for area in Area.objects.select_for_update().order_by("pk"):
        outline = outlines.get(area.code) or outlines.get(area.gss_code)
        if outline or area.code in named:
            if outline:
                AreaOutline.objects.update_or_create(
                    area=area, defaults={"geometry": outline, "from_wards": False}
                )
            area.region = named.get(area.code, area.region)[:40]
            area.save(update_fields=["region"])
            history.write(area, verb="import_outline", by=actor, note=area.region)
            changed.append(area)
    return changed


def _outline_by_wards(area: Area) -> None:
    """Have the wards stand for the area's outline, unless an operator has brought one."""
    if AreaOutline.objects.filter(area=area, from_wards=False).exists():
        return
    wards = Ward.objects.filter(area=area).values_list("geometry", flat=True)
    AreaOutline.objects.update_or_create(
        area=area, defaults={"geometry": put_together(wards), "from_wards": True}
    )


def _check_not_elsewhere(area: Area, boundaries: list[WardBoundary]) -> None:
    elsewhere = Ward.objects.filter(code__in=[b.code for b in boundaries]).exclude(area=area)
    if ward := elsewhere.select_related("area").first():
        raise InvalidDetails(
            f"{ward.name} ({ward.code}) is a ward of {ward.area}.",
            remedy="Upload the wards of this area only.",
        )


def _place_schools(area: Area, actor: Actor) -> None:
    """Ward and, where the register gives no point, place of each school, by the wards there are now."""
    wards = KnownWards()
    urns = School.objects.filter(area=area).values_list("urn", flat=True)
    changed = {
        urn: after
        for urn, before in standing_records(urns).items()
        if differences(before, after := settled(before, wards))[0]
    }
    if changed:
        Writer().change(changed)


@action
def create_cluster(*, actor: Actor, area: Area, name: str, urns: Collection[int] = ()) -> Cluster:
    """Make a cluster of the area's open schools."""
    _check_convenes(actor, area, "make clusters")
    cluster = Cluster(area=area)
    _fill(cluster, name, urns)
    history.write(cluster, verb="create", by=actor, note=cluster.name)
    return cluster


@action
def change_cluster(*, actor: Actor, cluster: Cluster | str, name: str, urns: Collection[int]) -> Cluster:
    """Rename a cluster and choose its schools anew."""
    row = _own_cluster(actor, cluster)
    before = f"{row.name} ({row.schools.count()} schools)"
    _fill(row, name, urns)
    history.write(row, verb="change", by=actor, note=f"{before} → {row.name} ({len(set(urns))} schools)")
    return row


@action
def delete_cluster(*, actor: Actor, cluster: Cluster | str) -> None:
    """Delete a cluster; its schools stay as they are."""
    row = _own_cluster(actor, cluster)
    history.write(row.area, verb="delete_cluster", by=actor, note=row.name)
    row.delete()


def _own_cluster(actor: Actor, cluster: Cluster | str) -> Cluster:
    reference = cluster if isinstance(cluster, str) else cluster.reference
    row: Cluster = locked(queries.clusters_visible_to(actor).select_related("area"), reference=reference)
    _check_convenes(actor, row.area, "change its clusters")
    return row


def _fill(cluster: Cluster, name: str, urns: Collection[int]) -> None:
    cluster.name = " ".join(name.split())
    if not cluster.name or len(cluster.name) > 100:
        raise InvalidDetails("Enter a name of up to 100 characters.", field="name")
    schools = list(queries.open_schools(cluster.area).filter(urn__in=urns))
    if unknown := set(urns) - {school.urn for school in schools}:
        raise InvalidDetails(
            f"There is no open school with the URN {min(unknown)} in {cluster.area}.", field="schools"
        )
    try:
        with transaction.atomic():
            cluster.save()
    except IntegrityError:
        raise InvalidDetails(
            f"There is a cluster called {cluster.name} already.", remedy="Choose another name.", field="name"
        ) from None
    cluster.schools.set(schools)


def _check_convenes(actor: Actor, area: Area, to: str) -> None:
    if not actor.convenes(area.pk):
        raise NotAllowed(f"You can’t {to} in {area}.", remedy="Ask a convenor of the area to do it.")
