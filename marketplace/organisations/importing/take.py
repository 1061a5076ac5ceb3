"""Applying a batch and taking it back: its changes into the tables, and out of them again."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.organisations.errors import PreviewOutOfDate
from marketplace.organisations.importing.compare import CHUNK
from marketplace.organisations.importing.dependents import pointing_at, relied_on
from marketplace.organisations.importing.record import BLANK, CLOSED, Record
from marketplace.organisations.importing.standing import standing_records
from marketplace.organisations.importing.write import Writer, make_areas, make_groups
from marketplace.organisations.models import (
    Area,
    ChangeKind,
    Organisation,
    RegisterChange,
    RegisterImport,
    School,
)

Tell = Callable[[int], None]
KEPT = "Kept, as closed: other records rely on it"


def put_in(batch: RegisterImport, *, by: Actor, tell: Tell) -> dict[str, Any]:
    """Write the batch's changes; the areas and groups it made come back. Raises `PreviewOutOfDate` before anything is written
    for a school that is no longer as the preview found it."""
    made = _make_newcomers(batch, by)
    writer = Writer()
    done = 0
    for changes in _pieces(batch):
        standing = standing_records([change.urn for change in changes])
        _check_up_to_date(changes, standing)
        added = {c.urn: BLANK | c.after for c in changes if c.kind == ChangeKind.ADD}
        changed = {c.urn: standing[c.urn] | c.after for c in changes if c.kind != ChangeKind.ADD}
        for records, write in ((added, writer.add), (changed, writer.change)):
            if records:
                history.write_many(write(records), verb="register_import", by=by, note=batch.reference)
        done += len(changes)
        tell(done)
    return made


def _make_newcomers(batch: RegisterImport, by: Actor) -> dict[str, Any]:
    """Those of the file's areas and groups that nobody made meanwhile."""
    known = set(Area.objects.values_list("code", flat=True))
    areas = {code: told for code, told in batch.newcomers["areas"].items() if code not in known}
    make_areas(areas, by=by)
    return {"areas": areas, "groups": make_groups(batch.newcomers["groups"], by=by)}


def _check_up_to_date(changes: list[RegisterChange], standing: dict[int, Record]) -> None:
    for change in changes:
        now = standing.get(change.urn)
        if change.kind == ChangeKind.ADD:
            same = now is None
        else:
            same = now is not None and all(now[name] == value for name, value in change.before.items())
        if not same:
            raise PreviewOutOfDate(
                f"{change.name} ({change.urn}) has changed since the file was read, so the preview is out of date.",
                remedy="Nothing was changed. Upload the file again to see what it would do now.",
            )


def take_back(batch: RegisterImport, *, by: Actor, tell: Tell) -> None:
    """Put back what was before the batch, last change first.

    A value that something else changed since keeps that later value. A school that the batch added is removed, unless other
    records rely on it: then it is closed, and its change says so.
    """
    writer = Writer()
    done = 0
    for changes in _pieces(batch, backwards=True):
        standing = standing_records([change.urn for change in changes])
        back = {
            c.urn: standing[c.urn] | _still_as_set(c, standing[c.urn])
            for c in changes
            if c.kind != ChangeKind.ADD and c.urn in standing
        }
        if back:
            history.write_many(writer.change(back), verb="register_undo", by=by, note=batch.reference)
        added = [c for c in changes if c.kind == ChangeKind.ADD and c.urn in standing]
        _take_out(batch, added, writer, standing, by)
        done += len(changes)
        tell(done)
    _remove_newcomers(batch)


def _still_as_set(change: RegisterChange, now: Record) -> Record:
    return {name: value for name, value in change.before.items() if now[name] == change.after[name]}


def _take_out(
    batch: RegisterImport,
    changes: list[RegisterChange],
    writer: Writer,
    standing: dict[int, Record],
    by: Actor,
) -> None:
    keys = dict(School.objects.filter(urn__in=[c.urn for c in changes]).values_list("urn", "pk"))
    relied = relied_on(keys.values())
    keep = [c for c in changes if keys[c.urn] in relied]
    if keep:
        closed = writer.change({c.urn: standing[c.urn] | {"status_code": CLOSED} for c in keep})
        history.write_many(closed, verb="register_undo", by=by, after="closed", note=batch.reference)
        for change in keep:
            change.note = KEPT
        RegisterChange.objects.bulk_update(keep, ["note"])
    Organisation.objects.filter(pk__in=set(keys.values()) - relied).delete()


def _remove_newcomers(batch: RegisterImport) -> None:
    """Groups and areas the batch made go too, where nobody came to rely on them."""
    codes = [group["code"] for group in batch.newcomers["groups"]]
    made = {(group["kind"], group["code"]) for group in batch.newcomers["groups"]}
    groups = {
        organisation.pk
        for organisation in Organisation.objects.filter(register_code__in=codes)
        if (organisation.kind, organisation.register_code) in made
    }
    Organisation.objects.filter(pk__in=groups - relied_on(groups)).delete()
    areas = Area.objects.filter(code__in=batch.newcomers["areas"], schools=None, wards=None, clusters=None)
    authorities = Organisation.objects.filter(area__in=areas, register_code__in=areas.values("code"))
    unused = set(authorities.values_list("pk", flat=True))
    Organisation.objects.filter(pk__in=unused - relied_on(unused)).delete()
    _unused(areas).delete()


def _unused(areas: QuerySet[Area]) -> QuerySet[Area]:
    """Areas that no row of any capability points to."""
    for rows, column in pointing_at(Area):
        areas = areas.exclude(pk__in=rows.filter(**{f"{column}__isnull": False}).values(column))
    return areas


def _pieces(batch: RegisterImport, *, backwards: bool = False) -> Iterator[list[RegisterChange]]:
    """The batch's changes to schools in order, a piece at a time, so that a whole country fits in memory."""
    changes = batch.changes.exclude(kind=ChangeKind.MISSING)
    last: int | None = None
    while True:
        page = changes.order_by("-id" if backwards else "id")
        if last is not None:
            page = page.filter(id__lt=last) if backwards else page.filter(id__gt=last)
        piece = list(page[:CHUNK])
        if not piece:
            return
        yield piece
        last = piece[-1].pk
