"""Verbs of coverage: work an area out afresh, change its parameters, advise on what to commission, say what a board was shown."""

from collections.abc import Mapping
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from marketplace.catalogue.models import Theme
from marketplace.coverage import advising, parameters, queries, recording, releasing
from marketplace.coverage.errors import AdviceImpossible, BoardDateInvalid
from marketplace.coverage.events import AdviceRefined, CoverageRecomputed
from marketplace.coverage.gathering import gather, packed
from marketplace.coverage.measures import measure
from marketplace.coverage.models import (
    Advice,
    AdviceState,
    BoardDate,
    Cell,
    CoverageSettings,
    NeedOutcome,
    PoolOutcome,
    PoolOverlap,
    PublicPage,
    Release,
    Share,
    Snapshot,
    SnapshotInputs,
)
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Area, Phase, Ward

LONGEST_MEETING = 100
MEETING_AHEAD = timedelta(weeks=8)
"""Papers go out before a meeting, but not longer than this."""

KEEP_ROWS = 3
"""The rows behind the numbers are kept for this many snapshots of an area."""

MOST_BUDGET = 500_000_00
"""Pence: half a million pounds, up to which the first answer is there while one waits."""

SEARCH_SECONDS = 10.0
"""How long the best choice is searched for, and half as long for each of the budgets beside it."""


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
        releasing.release(newest, now)
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
    SnapshotInputs.objects.create(snapshot=snapshot, content=packed(gathered))
    releasing.release(snapshot, now)
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


@action
def ask_for_advice(
    *,
    actor: Actor,
    area: Area,
    budget_pence: int,
    theme: Theme | None = None,
    phase: str = "",
    ward: Ward | None = None,
    limit_owners: bool = False,
    ward_floor_percent: int | None = None,
) -> Advice:
    """Advise on what to do about the area's gaps with a budget: a first answer now, and a worker refines it.

    Theme, phase and ward narrow down which gaps count. Raises `AdviceImpossible`.
    """
    _must_convene(actor, area)
    _check_question(area, budget_pence, theme, phase, ward, ward_floor_percent)
    snapshot = recompute(actor=actor, area=area, because="Advice was asked for")
    advice = Advice(
        area=area,
        snapshot=snapshot,
        settings_version=snapshot.settings_version,
        budget_pence=budget_pence,
        theme=theme,
        phase=phase,
        ward=ward,
        limit_owners=limit_owners,
        ward_floor_percent=ward_floor_percent,
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        asked_at=timezone.now(),
    )
    advice.result = advising.answered(advising.plan_for(advice))
    advice.save()
    history.write(advice, verb="ask", by=actor, note=pounds(budget_pence))
    app.configure_task("refine_advice", queue="coverage").defer(advice_id=advice.pk)
    return advice


def refine_advice(*, actor: Actor, advice_id: int) -> None:
    """Search for the best choice and put it in place of the first answer; nothing where that was done already.

    The search takes many seconds, so no transaction is open meanwhile.
    """
    advice = queries.advice_of(actor).filter(pk=advice_id, state=AdviceState.AT_ONCE).first()
    if advice is not None:
        asked = advising.plan_for(advice, seconds=SEARCH_SECONDS)
        _keep_refined(actor=actor, advice_id=advice_id, asked=asked)


@action
def _keep_refined(*, actor: Actor, advice_id: int, asked: advising.Asked) -> None:
    advice: Advice = locked(queries.advice_of(actor), pk=advice_id)
    if advice.state == AdviceState.REFINED:
        return
    _, settings = queries.settings_of(advice.area, advice.settings_version or None)
    fingerprint = asked.gathered.fingerprint(settings)
    same = Snapshot.objects.filter(area=advice.area, inputs_hash=fingerprint).first()
    if same is not None:
        advice.snapshot = same
    advice.result = advising.answered(asked)
    advice.state, advice.refined_at = AdviceState.REFINED, timezone.now()
    advice.save(update_fields=["snapshot", "result", "state", "refined_at"])
    history.write(
        advice, verb="refine", by=actor, before=AdviceState.AT_ONCE.value, after=AdviceState.REFINED.value
    )
    events.publish(AdviceRefined(advice.area_id, advice.pk))


def _check_question(
    area: Area, budget_pence: int, theme: Theme | None, phase: str, ward: Ward | None, floor: int | None
) -> None:
    if not 0 <= budget_pence <= MOST_BUDGET:
        raise AdviceImpossible(
            "The budget can’t be used.",
            remedy=f"Give from £0 to {pounds(MOST_BUDGET)}, or ask part by part.",
            field="budget",
        )
    if theme is not None and Theme.objects.filter(parent=theme).exists():
        raise AdviceImpossible(
            f"“{theme}” is a heading.", remedy="Choose one of the themes under it.", field="theme"
        )
    if phase and phase not in Phase.values:
        raise AdviceImpossible("There is no such phase.", remedy="Choose one of the list.", field="phase")
    if ward is not None and ward.area_id != area.pk:
        raise AdviceImpossible(
            "That ward is in another area.", remedy="Choose one of this area.", field="ward"
        )
    if floor is not None and not 1 <= floor <= 100:
        raise AdviceImpossible(
            "The part of each ward’s need can’t be used.", remedy="Give from 1 to 100 percent.", field="floor"
        )


@action
def show_to_board(*, actor: Actor, area: Area, number: int, day: date, meeting: str) -> BoardDate:
    """Say that a snapshot of the area was shown to a board meeting of a day; several meetings may have been shown the same one.

    Saying the same again changes nothing but who said it. Raises `NotFound` for an unknown snapshot, `BoardDateInvalid` for a
    meeting without a name, before the snapshot was made, or later than `MEETING_AHEAD`.
    """
    _must_convene(actor, area)
    snapshot = locked(Snapshot.objects.filter(area=area), number=number)
    meeting = " ".join(meeting.split())
    if not meeting or len(meeting) > LONGEST_MEETING:
        raise BoardDateInvalid(
            "A meeting needs a name.",
            remedy=f"Say which one it was, in at most {LONGEST_MEETING} letters.",
            field="meeting",
        )
    if day < local(snapshot.computed_at).date():
        raise BoardDateInvalid(
            "A meeting cannot have seen what was worked out after it.",
            remedy="Choose an earlier snapshot, or correct the day.",
            field="day",
        )
    latest = local(timezone.now()).date() + MEETING_AHEAD
    if day > latest:
        raise BoardDateInvalid(
            f"{long_date(day)} is too far ahead for a meeting to be shown what is there now.",
            remedy=f"Check the year, or give a day up to {long_date(latest)}.",
            field="day",
        )
    shown, _ = BoardDate.objects.update_or_create(
        snapshot=snapshot, meeting=meeting, day=day, defaults={"marked_by_name": actor.name}
    )
    history.write(snapshot, verb="show to board", by=actor, note=str(shown))
    return shown


@action
def take_back_board_date(*, actor: Actor, area: Area, pk: int) -> None:
    """Say that a meeting was not shown a snapshot after all; `pk` of the `BoardDate`. Raises `NotFound` where nobody said so."""
    _must_convene(actor, area)
    shown = locked(BoardDate.objects.filter(snapshot__area=area), pk=pk)
    history.write(shown.snapshot, verb="take back board date", by=actor, note=str(shown))
    shown.delete()


@action
def show_to_public(*, actor: Actor, area: Area, is_on: bool) -> PublicPage:
    """Switch the area's public page of statuses on or off; a convenor's decision."""
    _must_convene(actor, area)
    page, _ = PublicPage.objects.update_or_create(
        area=area, defaults={"is_on": is_on, "changed_by_name": actor.name}
    )
    history.write(page, verb="switch on" if is_on else "switch off", by=actor)
    return page


def _must_convene(actor: Actor, area: Area) -> None:
    if not actor.convenes(area.pk):
        raise NotFound


def _prune(area: Area) -> None:
    """Let go of the rows behind older snapshots, and of their wards but for the last of each day and what a board saw.

    Totals stay for ever.
    """
    with_rows = Snapshot.objects.filter(area=area, has_rows=True).order_by("-id")
    for old in with_rows[KEEP_ROWS:]:
        for rows in (PoolOverlap, Share, NeedOutcome, PoolOutcome):
            rows.objects.filter(snapshot=old).delete()
        day = local(old.computed_at).date()
        later = (
            Snapshot.objects.filter(area=area, id__gt=old.pk)
            .order_by("id")
            .values_list("computed_at", flat=True)
        )
        seen = BoardDate.objects.filter(snapshot=old).exists()
        if not seen and any(local(at).date() == day for at in later[:1]):
            Cell.objects.filter(snapshot=old, ward__isnull=False).delete()
        old.has_rows = False
        old.save(update_fields=["has_rows"])
    _let_inputs_go(area)


def _let_inputs_go(area: Area) -> None:
    """The board's what-ifs stand on what was last released, so its inputs stay until the next release."""
    last = Release.objects.filter(area=area).values("snapshot")[:1]
    SnapshotInputs.objects.filter(snapshot__area=area, snapshot__has_rows=False).exclude(
        snapshot__in=last
    ).delete()
