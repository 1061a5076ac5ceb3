"""What a convenor looks back on: coverage as it was in earlier weeks, the board meeting that saw it, parameters agreed, and what was
looked for in vain month by month.

Coverage of an earlier day is worked out from the needs declared by then, the rest being as it is today.
"""

from datetime import timedelta

from marketplace.brokerage.actions import mark_need_met
from marketplace.brokerage.models import NeedStatus, UnmetDemand
from marketplace.brokerage.queries import COUNTED_STATUSES, needs_visible_to
from marketplace.coverage import actions
from marketplace.coverage.models import BoardDate, CoverageSettings, Release, Snapshot
from marketplace.demo_area.stage import Chance, Today, write
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.organisations.models import Area, School, User
from marketplace.organisations.queries import actor_for

DAYS_AGO = (70, 56, 42, 28, 14)
SHOWN_TO_THE_BOARD = 42
MET_SINCE = 4
MEETING = "Partnership board, autumn"
AGREED = {"priority_themes": ["attendance", "phonics"], "full_weight_km": 8}
"""What the board agreed: two themes come first, and eight kilometres are near."""

IN_VAIN = (
    ({"theme": ["attendance"], "phase": ["primary"]}, (1, 2, 2, 4, 5, 6)),
    ({"theme": ["mental-health"], "phase": ["secondary"]}, (2, 3, 3, 3, 4, 4)),
    ({"theme": ["eal"], "phase": ["primary"], "q": ["new arrivals"]}, (5, 4, 3, 2, 1, 1)),
    ({"theme": ["careers"], "phase": ["secondary"], "q": ["work experience"]}, (1, 0, 1, 0, 0, 1)),
)
"""Searches, and how often in each of the last six months, the earliest first."""


def look_back(area: Area, convenor: User, chance: Chance, today: Today) -> None:
    """Snapshots of earlier weeks, one of which a board meeting was shown; the needs are afterwards as they were."""
    _look_for_in_vain(area, chance, today)
    actor = actor_for(convenor)
    for days in DAYS_AGO:
        at = today.ago(days)
        later = needs_visible_to(SYSTEM).filter(
            school__school__area=area, status=NeedStatus.OPEN, declared_at__gt=at
        )
        set_aside = list(later.order_by().values_list("pk", flat=True))
        needs_visible_to(SYSTEM).filter(pk__in=set_aside).update(status=NeedStatus.WITHDRAWN)
        snapshot = actions.recompute(actor=SYSTEM, area=area, because="A new day")
        needs_visible_to(SYSTEM).filter(pk__in=set_aside).update(status=NeedStatus.OPEN)
        Snapshot.objects.filter(pk=snapshot.pk).update(computed_at=at)
        of_snapshot = Release.objects.filter(snapshot=snapshot)
        if days == SHOWN_TO_THE_BOARD:
            of_snapshot.update(released_at=at)
        else:  # an exchange of some weeks: it released what the meeting was shown, and what is there now
            of_snapshot.delete()
        if days == SHOWN_TO_THE_BOARD:
            actions.show_to_board(
                actor=actor,
                area=area,
                number=snapshot.number,
                day=local(at).date() + timedelta(days=3),
                meeting=MEETING,
            )
            BoardDate.objects.filter(snapshot=snapshot).update(marked_at=at + timedelta(days=3))
    _some_are_met(area)
    agreed = CoverageSettings(
        area=area, version=1, values=AGREED, changed_by_name=actor.name, created_at=today.ago(30)
    )
    write([agreed])  # by its action it would ask the worker for what is worked out here anyway


def _some_are_met(area: Area) -> None:
    """The smallest needs that somebody came for, each of another school, are called met by those who declared them."""
    helped = (
        needs_visible_to(SYSTEM)
        .filter(
            school__school__area=area,
            status=NeedStatus.OPEN,
            need_bookings__booking__status__in=COUNTED_STATUSES,
            requests__isnull=True,
        )
        .order_by("half_days", "pk")
    )
    schools: set[int] = set()
    for need in helped:
        if need.declared_by and len(schools) < MET_SINCE and need.school_id not in schools:
            schools.add(need.school_id)
            mark_need_met(actor=actor_for(need.declared_by), need=need)


def _look_for_in_vain(area: Area, chance: Chance, today: Today) -> None:
    schools = list(School.objects.filter(area=area).select_related("organisation").order_by("pk"))
    rows: list[UnmetDemand] = [
        UnmetDemand(
            area=area,
            organisation=chance.one_of(schools).organisation,
            query=query,
            at=chance.between(today.ago(30 * months_ago + 26), today.ago(30 * months_ago + 1)),
        )
        for query, counts in IN_VAIN
        for months_ago, count in enumerate(reversed(counts))
        for _ in range(count)
    ]
    rows.sort(key=lambda row: row.at)
    write(rows)
