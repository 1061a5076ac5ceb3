"""When people are free: every answer goes through `facts_of`, so that search, the calendar and the booking itself can’t disagree."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.bookings import rules
from marketplace.bookings.errors import FreeTime
from marketplace.bookings.models import (
    Diary,
    TermDate,
)
from marketplace.bookings.queries.facts import facts_of, visited_school
from marketplace.bookings.rules import DayAnswer
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ACADEMIC, Period, contract_year, local
from marketplace.organisations.models import Area, Organisation, School

LOOK_AHEAD_DAYS = 90


def free_sessions(
    practitioner: Practitioner,
    first_day: date,
    last_day: date,
    *,
    now: datetime,
    sessions: Iterable[str] = tuple(rules.SESSIONS),
    remote: bool = False,
    school: School | Organisation | None = None,
) -> tuple[DayAnswer, ...]:
    """Every day between two days (both included) with its sessions, each free or with the reason why not.

    Where the school is known, its own holidays and closed days are not free for whoever would travel there.
    """
    facts = facts_of([practitioner], first_day, last_day, now=now)[practitioner.pk]
    visited = visited_school(school, first_day, last_day, remote=remote)
    return rules.free_sessions(
        facts, first_day, last_day, now=now, sessions=sessions, remote=remote, visited=visited
    )


def next_free_sessions(
    practitioner: Practitioner | Iterable[Practitioner],
    session: str,
    *,
    after: date,
    now: datetime,
    count: int = 3,
    remote: bool = False,
    school: School | Organisation | None = None,
) -> list[FreeTime]:
    """The next free times of a person, or of any of several, for a session of that kind, soonest first, within three months.

    Where the school is known, they are times at which it can be visited.
    """
    people = [practitioner] if isinstance(practitioner, Practitioner) else list(practitioner)
    last_day = after + timedelta(days=LOOK_AHEAD_DAYS)
    diaries = facts_of(people, after, last_day, now=now).values()
    visited = visited_school(school, after, last_day, remote=remote)
    found: list[FreeTime] = []
    for day in rules.days_from(after, last_day):
        if any(
            not rules.why_not_free(facts, day, session, now=now, remote=remote, visited=visited)
            for facts in diaries
        ):
            found.append(FreeTime(day, session, *rules.moments_of(day, session)))
            if len(found) == count:
                break
    return found


def first_free_days(
    practitioner_ids: Collection[int], *, first_day: date, last_day: date, now: datetime
) -> dict[int, date]:
    """By practitioner id, the first day with anything free; people without one are left out. Two queries for all of them."""
    people = Practitioner.objects.filter(pk__in=practitioner_ids).select_related("releasing_organisation")
    facts = facts_of(people, first_day, last_day, now=now)
    days = {pk: rules.first_free_day(diary, first_day, last_day, now=now) for pk, diary in facts.items()}
    return {pk: day for pk, day in days.items() if day is not None}


def free_between(practitioner_ids: Collection[int], first_day: date, last_day: date) -> set[int]:
    """The ids of the people with anything free between two days: what search asks when dates are chosen."""
    return set(first_free_days(practitioner_ids, first_day=first_day, last_day=last_day, now=timezone.now()))


def next_free(practitioner_ids: Collection[int]) -> dict[int, date]:
    """The first free day of each of the people within three months: what search shows beside an offer."""
    now = timezone.now()
    today = local(now).date()
    last_day = today + timedelta(days=LOOK_AHEAD_DAYS)
    return first_free_days(practitioner_ids, first_day=today, last_day=last_day, now=now)


def term_dates_missing(practitioner: Practitioner, day: date) -> bool:
    """Whether nobody has entered the terms of the day's school year, so that holidays can't be taken out."""
    terms = _terms_of(practitioner.releasing_organisation.area_id, day)
    return not rules.term_dates_known(terms, day)


def school_days_of(area: Area, day: date) -> list[Period]:
    """The stretches of days on which the area's schools are open in the school year of a day, as far as they were entered."""
    return _terms_of(area.pk, day)


def diary_of(practitioner: Practitioner) -> Diary:
    """The person's diary settings; those of a new diary where none was saved."""
    try:
        return practitioner.diary
    except Diary.DoesNotExist:
        return Diary(practitioner=practitioner)


def diaries_editable_by(actor: Actor) -> QuerySet[Practitioner]:
    """The people whose diary the person may edit: their own, and those of the people they keep the page of."""
    people = Practitioner.objects.select_related("releasing_organisation", "diary")
    if actor.is_system:
        return people
    if actor.user_id is None:
        return people.none()
    managed = catalogue.practitioners_managed_by(actor).values("pk")
    return people.filter(Q(user=actor.user_id) | Q(pk__in=managed))


def _terms_of(area_id: int | None, day: date) -> list[Period]:
    year = contract_year(ACADEMIC, day)
    rows = TermDate.objects.filter(area=area_id, first_day__lte=year.end, last_day__gte=year.start)
    return [Period(first, last) for first, last in rows.values_list("first_day", "last_day")]
