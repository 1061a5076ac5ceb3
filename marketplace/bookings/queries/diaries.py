"""Diaries as rules understand them, read for many people at once.

Every answer about free time goes through `facts_of`, so that search, the calendar and the booking itself can't disagree.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone

from marketplace.bookings import rules
from marketplace.bookings.errors import FreeTime
from marketplace.bookings.models import (
    OCCUPYING,
    Blackout,
    Booking,
    BookingStatus,
    Diary,
    DiaryException,
    LeadTime,
    SchoolClosure,
    TermDate,
    WeeklyPattern,
)
from marketplace.bookings.rules import Closure, DayAnswer, Departure, DiaryFacts, Moments, Stretch, Visited
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ACADEMIC, Period, contract_year, local, to_utc
from marketplace.organisations.models import Area, Organisation, School

LOOK_AHEAD_DAYS = 90


def facts_of(
    practitioners: Iterable[Practitioner],
    first_day: date,
    last_day: date,
    *,
    now: datetime,
    with_bookings: bool = True,
) -> dict[int, DiaryFacts]:
    """By practitioner id, all that decides what is free between two days.

    Five queries, however many people, where they come with their releasing organisation and diary.
    """
    people = list(practitioners)
    ids = [person.pk for person in people]
    areas = {person.releasing_organisation.area_id for person in people} - {None}
    diaries = _diaries(people)
    patterns = _patterns(ids)
    departures = _departures(ids, first_day, last_day)
    closures = _closures(people, first_day, last_day)
    terms = _terms(areas, first_day, last_day)
    busy = _busy(ids, first_day, last_day, now) if with_bookings else {}
    return {
        person.pk: DiaryFacts(
            pattern=tuple(patterns.get(person.pk, ())),
            departures=tuple(departures.get(person.pk, ())),
            closures=tuple(closures.get(person.pk, ())),
            terms=tuple(terms.get(person.releasing_organisation.area_id, ())),
            busy=tuple(busy.get(person.pk, ())),
            minimum_notice_days=diaries[person.pk].minimum_notice_days,
            travel_minutes=diaries[person.pk].travel_minutes,
            term_time_only=diaries[person.pk].term_time_only,
        )
        for person in people
    }


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


def visited_school(
    school: School | Organisation | None, first_day: date, last_day: date, *, remote: bool
) -> Visited | None:
    """What closes a school for visitors between two days; nothing where no school is known or nobody travels. One query."""
    if school is None or remote:
        return None
    if isinstance(school, School):
        school = school.organisation
    year = Period(contract_year(ACADEMIC, first_day).start, contract_year(ACADEMIC, last_day).end)
    terms = TermDate.objects.filter(
        area=school.area_id, first_day__lte=year.end, last_day__gte=year.start
    ).values_list("first_day", "last_day", Value(""))
    closed = SchoolClosure.objects.filter(
        Q(school=school.pk) | Q(area=school.area_id, area__isnull=False), day__range=(first_day, last_day)
    ).values_list("day", F("day"), "reason")
    rows = list(terms.order_by().union(closed.order_by(), all=True))
    return Visited(
        terms=tuple(Period(first, last) for first, last, reason in rows if not reason),
        closures=tuple(Closure(Period(first, last), reason) for first, last, reason in rows if reason),
    )


def first_free_days(
    practitioner_ids: Collection[int], *, first_day: date, last_day: date, now: datetime
) -> dict[int, date]:
    """By practitioner id, the first day with anything free; people without one are left out. Six queries for all of them."""
    people = Practitioner.objects.filter(pk__in=practitioner_ids).select_related(
        "releasing_organisation", "diary"
    )
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
    area_id = practitioner.releasing_organisation.area_id
    terms = _terms({area_id} - {None}, day, day).get(area_id, [])
    return not rules.term_dates_known(terms, day)


def school_days_of(area: Area, day: date) -> list[Period]:
    """The stretches of days on which the area's schools are open in the school year of a day, as far as they were entered."""
    return _terms({area.pk}, day, day).get(area.pk, [])


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


# One table each -----------------------------------------------------------------------------------------------------


def _diaries(people: list[Practitioner]) -> Mapping[int, Diary]:
    unread = [person for person in people if "diary" not in person._state.fields_cache]
    read = (
        {diary.pk: diary for diary in Diary.objects.filter(pk__in=[p.pk for p in unread])} if unread else {}
    )
    cached = {person.pk: person._state.fields_cache.get("diary") for person in people}
    return {person.pk: read.get(person.pk) or cached[person.pk] or Diary() for person in people}


def _patterns(ids: list[int]) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = defaultdict(list)
    rows = WeeklyPattern.objects.filter(practitioner__in=ids).values_list(
        "practitioner_id", "weekday", "starts", "ends", "valid_from", "valid_to"
    )
    for pk, weekday, starts, ends, valid_from, valid_to in rows:
        found[pk].append(Stretch(weekday, starts, ends, valid_from, valid_to))
    return found


def _departures(ids: list[int], first_day: date, last_day: date) -> dict[int, list[Departure]]:
    found: dict[int, list[Departure]] = defaultdict(list)
    rows = DiaryException.objects.filter(
        practitioner__in=ids, first_day__lte=last_day, last_day__gte=first_day
    ).values_list("practitioner_id", "first_day", "last_day", "is_open", "starts", "ends", "reason")
    for pk, first, last, is_open, starts, ends, reason in rows:
        found[pk].append(Departure(Period(first, last), is_open, starts, ends, reason))
    return found


def _closures(people: list[Practitioner], first_day: date, last_day: date) -> dict[int, list[Closure]]:
    organisations = {person.releasing_organisation_id for person in people}
    areas = {person.releasing_organisation.area_id for person in people} - {None}
    rows = list(
        Blackout.objects.filter(first_day__lte=last_day, last_day__gte=first_day)
        .filter(Q(organisation__in=organisations) | Q(area__in=areas))
        .values_list("organisation_id", "area_id", "first_day", "last_day", "reason")
    )
    found: dict[int, list[Closure]] = defaultdict(list)
    for person in people:
        ours = (person.releasing_organisation_id, person.releasing_organisation.area_id)
        for organisation_id, area_id, first, last, reason in rows:
            if organisation_id == ours[0] or (area_id is not None and area_id == ours[1]):
                found[person.pk].append(Closure(Period(first, last), reason))
    return found


def _terms(areas: set[int | None], first_day: date, last_day: date) -> dict[int | None, list[Period]]:
    """All terms of the school years that the days fall in."""
    if not areas:
        return {}
    start, end = contract_year(ACADEMIC, first_day).start, contract_year(ACADEMIC, last_day).end
    found: dict[int | None, list[Period]] = defaultdict(list)
    rows = TermDate.objects.filter(area__in=areas, first_day__lte=end, last_day__gte=start).values_list(
        "area_id", "first_day", "last_day"
    )
    for area_id, first, last in rows:
        found[area_id].append(Period(first, last))
    return found


def _busy(ids: list[int], first_day: date, last_day: date, now: datetime) -> dict[int, list[Moments]]:
    """Times taken by bookings and by courses the people lead; a hold whose time has run out takes nothing, swept or not."""
    span = (to_utc(first_day, time()), to_utc(last_day + timedelta(days=1), time()))
    rows = (
        Booking.objects.scoped()
        .filter(practitioner__in=ids, status__in=OCCUPYING, during__overlap=span)
        .exclude(status=BookingStatus.HELD, hold_expires_at__lte=now)
        .order_by()
        .values_list("practitioner_id", "during")
    )
    leading = LeadTime.objects.filter(practitioner__in=ids, during__overlap=span)
    rows = rows.union(leading.order_by().values_list("practitioner_id", "during"), all=True)
    found: dict[int, list[Moments]] = defaultdict(list)
    for pk, during in rows:
        found[pk].append(Moments(during.lower, during.upper))
    return found
