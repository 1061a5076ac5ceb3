"""Verbs of rounds: have many areas worked out, work one of them out."""

from collections.abc import Iterable

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.coverage import actions
from marketplace.coverage.models import Round, RoundArea
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotFound, NotNow
from marketplace.organisations.models import Area


class NothingToWorkOut(NotNow):
    """A round was asked for without an area in it."""

    code = "nothing_to_work_out"


@action
def ask_for_round(*, actor: Actor, areas: Iterable[Area], because: str) -> Round:
    """Have these areas worked out by workers, a job for each; only areas the person convenes. Raises `NothingToWorkOut`."""
    chosen = list(areas)
    if not all(actor.convenes(area.pk) for area in chosen):
        raise NotFound
    if not chosen:
        raise NothingToWorkOut(
            "There is no area to work out.", remedy="Choose areas that have schools, and that you convene."
        )
    made = Round.objects.create(
        because=because[:200], asked_by_id=actor.user_id, asked_by_name=actor.name, asked_at=timezone.now()
    )
    rows = RoundArea.objects.bulk_create([RoundArea(round=made, area=area) for area in chosen])
    for row in rows:
        job = app.configure_task(
            "work_out_area_of_round", queue="coverage", lock=f"coverage of area {row.area_id}"
        )
        job.defer(round_area_id=row.pk)
    return made


@action
def work_out(*, actor: Actor, row: RoundArea) -> RoundArea:
    """Work one area of a round out. What the rules refuse is noted with it; the other areas go on."""
    if not actor.is_system:
        raise NotFound
    row = locked(RoundArea.objects.select_related("area", "round"), pk=row.pk)
    if row.done_at is None:
        try:
            actions.recompute(actor=SYSTEM, area=row.area, because=row.round.because)
        except DomainError as error:
            row.problem = str(error)[:300]
        row.done_at = timezone.now()
        row.save(update_fields=["done_at", "problem"])
    return row
