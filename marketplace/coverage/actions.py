"""Verbs of coverage: work an area out afresh, change its parameters."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from marketplace.coverage import parameters, queries, recording
from marketplace.coverage.events import CoverageRecomputed
from marketplace.coverage.gathering import gather
from marketplace.coverage.measures import measure
from marketplace.coverage.models import Cell, CoverageSettings, NeedOutcome, PoolOutcome, Share, Snapshot
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area

KEEP_ROWS = 3
"""The rows behind the numbers are kept for this many snapshots of an area."""


@action
def recompute(*, actor: Actor, area: Area, because: str) -> Snapshot:
    """Work out the coverage of an area from what is there now; the newest snapshot as it stands where nothing has changed.

    The area's row is locked meanwhile, so that two at once come one after the other. `because` says in words what set it off.
    """
    _must_convene(actor, area)
    area = locked(Area.objects.all(), pk=area.pk)
    started, now = perf_counter(), timezone.now()
    version, settings = queries.settings_of(area)
    gathered = gather(area, today=local(now).date(), settings=settings)
    fingerprint = gathered.fingerprint(settings)
    newest = Snapshot.objects.filter(area=area).first()
    if newest is not None and newest.inputs_hash == fingerprint:
        return newest
    result = measure(gathered.inputs, settings)
    snapshot = Snapshot.objects.create(
        area=area,
        number=newest.number + 1 if newest else 1,
        computed_at=now,
        because=because[:200],
        inputs_hash=fingerprint,
        settings_version=version,
        academic_year=gathered.academic_year,
        milliseconds=0,
        totals=recording.totals(gathered, result),
    )
    recording.record(snapshot, area, gathered, result)
    _prune(area)
    snapshot.milliseconds = round(1000 * (perf_counter() - started))
    snapshot.save(update_fields=["milliseconds"])
    events.publish(CoverageRecomputed(area.pk, snapshot.pk))
    return snapshot


@action
def ask_for_recompute(*, actor: Actor, area: Area, because: str) -> None:
    """Have the area worked out by a worker soon. Asking again before it has begun changes nothing: a burst makes one."""
    if not actor.is_system and not queries.may_see(actor, area):
        raise NotFound
    name = f"coverage of area {area.pk}"
    job = app.configure_task("recompute_coverage", queue="coverage", lock=name, queueing_lock=name)
    try:
        with transaction.atomic():  # the refusal must not spoil the transaction around us
            job.defer(area_id=area.pk, because=because)
    except AlreadyEnqueued:
        pass


@action
def change_settings(*, actor: Actor, area: Area, values: Mapping[str, Any]) -> CoverageSettings:
    """Set the area's parameters (what differs from the defaults, see `parameters`) as a new version, and have it worked out.

    Raises `CoverageSettingsInvalid`.
    """
    _must_convene(actor, area)
    area = locked(Area.objects.all(), pk=area.pk)
    parameters.settings_from(values)
    last = CoverageSettings.objects.filter(area=area).aggregate(last=Max("version"))["last"] or 0
    changed = CoverageSettings.objects.create(
        area=area, version=last + 1, values=dict(values), changed_by_name=actor.name
    )
    history.write(changed, verb="change", by=actor, note=f"version {changed.version}")
    ask_for_recompute(actor=SYSTEM, area=area, because="The parameters of coverage were changed")
    return changed


def _must_convene(actor: Actor, area: Area) -> None:
    if not actor.convenes(area.pk):
        raise NotFound


def _prune(area: Area) -> None:
    """Let go of the rows behind older snapshots, and of their wards but for the last of each day: totals stay for ever."""
    with_rows = Snapshot.objects.filter(area=area, has_rows=True).order_by("-id")
    for old in with_rows[KEEP_ROWS:]:
        for rows in (Share, NeedOutcome, PoolOutcome):
            rows.objects.filter(snapshot=old).delete()
        day = local(old.computed_at).date()
        later = (
            Snapshot.objects.filter(area=area, id__gt=old.pk)
            .order_by("id")
            .values_list("computed_at", flat=True)
        )
        if any(local(at).date() == day for at in later[:1]):
            Cell.objects.filter(snapshot=old, ward__isnull=False).delete()
        old.has_rows = False
        old.save(update_fields=["has_rows"])
