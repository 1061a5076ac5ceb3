"""Reminding schools that have not confirmed their needs."""

from django.utils import timezone

from marketplace.brokerage import queries, rules
from marketplace.brokerage.errors import NudgedLately
from marketplace.brokerage.events import NeedsNudged
from marketplace.brokerage.models import NeedsNudge, NudgeRound
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import academic_year, local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, School


@action
def nudge_silent_schools(*, actor: Actor) -> int:
    """The year's rounds: remind every school without a return, once in each round; how many. Nothing outside the rounds."""
    now = timezone.now()
    today = local(now).date()
    on = rules.round_on(today)
    if not on:
        return 0
    year = academic_year(today)
    done = NeedsNudge.objects.filter(academic_year=year, round=on).values("school")
    silent = queries.schools_without_return(year).exclude(organisation__in=done)
    rows = [
        NeedsNudge(school_id=pk, academic_year=year, round=on, sent_at=now)
        for pk in silent.order_by("pk").values_list("pk", flat=True)
    ]
    # Another worker may be at it: whose row is there first tells the school.
    NeedsNudge.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    mine = NeedsNudge.objects.filter(academic_year=year, round=on, sent_at=now).values_list("pk", flat=True)
    for pk in mine:
        events.publish(NeedsNudged(pk))
    return len(mine)


@action
def nudge_school(*, actor: Actor, school: School) -> NeedsNudge:
    """Remind one silent school, as convenor of its area. Raises `NudgedLately` within a week of the last reminder."""
    row: School = locked(School.objects.select_related("organisation"), pk=school.pk)
    if not actor.convenes(row.area_id):
        raise NotFound
    now = timezone.now()
    year = academic_year(local(now).date())
    if not queries.silent_schools(actor, row.area, year).filter(pk=row.pk).exists():
        raise NotFound(f"{row.organisation} has confirmed its needs for {year}.")
    again_at = rules.may_nudge_again_at(queries.last_nudge(row.pk, year))
    if again_at is not None and now < again_at:
        raise NudgedLately(
            f"{row.organisation} was reminded less than a week ago.",
            remedy=f"You can remind it again on {long_date(local(again_at).date())}.",
        )
    return _nudge(actor, row, year)


@action
def nudge_all_silent(*, actor: Actor, area: Area) -> int:
    """Remind every silent school of an area that has not been reminded within a week; how many."""
    now = timezone.now()
    year = academic_year(local(now).date())
    locked(Area.objects.all(), pk=area.pk)
    due = list(queries.schools_to_nudge(actor, area, year, now=now))
    for school in due:
        _nudge(actor, school, year)
    return len(due)


def _nudge(actor: Actor, school: School, year: str) -> NeedsNudge:
    nudge = NeedsNudge.objects.create(
        school=school.organisation,
        academic_year=year,
        round=NudgeRound.BY_HAND,
        sent_by_id=actor.user_id,
        sent_at=timezone.now(),
    )
    events.publish(NeedsNudged(nudge.pk))
    return nudge
