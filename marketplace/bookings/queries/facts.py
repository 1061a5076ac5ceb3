"""All that decides when people can be booked and schools visited, each read in one statement.

Whoever asks for a time asks for these, and whoever comes too late asks again for the next ones: several statements of the ORM took most of
the time of a lost booking. The statements only read diaries and which times are taken; what anybody may see of it is decided elsewhere.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from marketplace.bookings.models import OCCUPYING, BookingStatus
from marketplace.bookings.rules import Closure, Departure, DiaryFacts, Moments, Stretch, Visited
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.dates import ACADEMIC, Period, contract_year, to_utc
from marketplace.organisations.models import Organisation, School

_DIARIES = """
    SELECT 'settings', practitioner_id, jsonb_build_array(minimum_notice_days, travel_minutes, term_time_only)
    FROM bookings_diary WHERE practitioner_id = ANY(%(people)s)
  UNION ALL
    SELECT 'pattern', practitioner_id, jsonb_build_array(weekday, starts, ends, valid_from, valid_to)
    FROM bookings_weeklypattern WHERE practitioner_id = ANY(%(people)s)
  UNION ALL
    SELECT 'departures', practitioner_id, jsonb_build_array(first_day, last_day, is_open, starts, ends, reason)
    FROM bookings_diaryexception
    WHERE practitioner_id = ANY(%(people)s) AND first_day <= %(last_day)s AND last_day >= %(first_day)s
  UNION ALL
    SELECT 'closures of organisation', organisation_id, jsonb_build_array(first_day, last_day, reason)
    FROM bookings_blackout
    WHERE organisation_id = ANY(%(organisations)s) AND first_day <= %(last_day)s AND last_day >= %(first_day)s
  UNION ALL
    SELECT 'closures of area', area_id, jsonb_build_array(first_day, last_day, reason)
    FROM bookings_blackout
    WHERE area_id = ANY(%(areas)s) AND first_day <= %(last_day)s AND last_day >= %(first_day)s
  UNION ALL
    SELECT 'terms', area_id, jsonb_build_array(first_day, last_day)
    FROM bookings_termdate
    WHERE area_id = ANY(%(areas)s) AND first_day <= %(years_end)s AND last_day >= %(years_start)s
"""
# A hold whose time has run out takes nothing, swept or not.
_BUSY = """
  UNION ALL
    SELECT 'busy', practitioner_id, jsonb_build_array(lower(during), upper(during))
    FROM bookings_booking
    WHERE practitioner_id = ANY(%(people)s) AND status = ANY(%(occupying)s)
      AND during && tstzrange(%(from)s, %(until)s) AND NOT (status = %(held)s AND hold_expires_at <= %(now)s)
  UNION ALL
    SELECT 'busy', practitioner_id, jsonb_build_array(lower(during), upper(during))
    FROM bookings_leadtime
    WHERE practitioner_id = ANY(%(people)s) AND during && tstzrange(%(from)s, %(until)s)
"""
_VISITED = """
    SELECT 'terms', area_id, jsonb_build_array(first_day, last_day)
    FROM bookings_termdate
    WHERE area_id = %(area)s AND first_day <= %(years_end)s AND last_day >= %(years_start)s
  UNION ALL
    SELECT 'closures', NULL, jsonb_build_array(day, day, reason)
    FROM bookings_schoolclosure
    WHERE (school_id = %(school)s OR area_id = %(area)s) AND day BETWEEN %(first_day)s AND %(last_day)s
"""
_IN_ORDER = " ORDER BY 1, 2, 3"
_SETTINGS = ("minimum_notice_days", "travel_minutes", "term_time_only")
"""What a diary says of itself; where none was filled in, the rules’ own defaults hold."""

_Rows = Mapping[tuple[str, int | None], list[list[Any]]]
"""What was read: by what it is and whose, the columns of each row in the order of the statement."""


def facts_of(
    practitioners: Iterable[Practitioner],
    first_day: date,
    last_day: date,
    *,
    now: datetime,
    with_bookings: bool = True,
) -> dict[int, DiaryFacts]:
    """By practitioner id, all that decides what is free between two days.

    One statement, however many people, where they come with their releasing organisation. `with_bookings=False` leaves out the times
    already taken.
    """
    people = list(practitioners)
    asked = _between(first_day, last_day) | {
        "people": [person.pk for person in people],
        "organisations": list({person.releasing_organisation_id for person in people}),
        "areas": list({person.releasing_organisation.area_id for person in people} - {None}),
    }
    if not with_bookings:
        rows = _read(_DIARIES, asked)
    else:
        taken = {
            "occupying": [str(status) for status in OCCUPYING],
            "held": BookingStatus.HELD,
            "from": to_utc(first_day, time()),
            "until": to_utc(last_day + timedelta(days=1), time()),
            "now": now,
        }
        rows = _read(_DIARIES + _BUSY, asked | taken)
    return {person.pk: _facts(person, rows) for person in people}


def visited_school(
    school: School | Organisation | None, first_day: date, last_day: date, *, remote: bool
) -> Visited | None:
    """What closes a school for visitors between two days; nothing where no school is known or nobody travels. One statement."""
    if school is None or remote:
        return None
    if isinstance(school, School):
        school = school.organisation
    asked = _between(first_day, last_day) | {"school": school.pk, "area": school.area_id}
    rows = _read(_VISITED, asked)
    return Visited(terms=_terms(rows, school.area_id), closures=_closures(rows, "closures", None))


def _between(first_day: date, last_day: date) -> dict[str, Any]:
    """The days asked for, and the school years they fall in: whose holidays are known shows only in all terms of a year."""
    return {
        "first_day": first_day,
        "last_day": last_day,
        "years_start": contract_year(ACADEMIC, first_day).start,
        "years_end": contract_year(ACADEMIC, last_day).end,
    }


def _read(statement: str, asked: dict[str, Any]) -> _Rows:
    rows: dict[tuple[str, int | None], list[list[Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement + _IN_ORDER, asked)
        for what, whose, columns in cursor.fetchall():
            rows[what, whose].append(json.loads(columns))
    return rows


# From rows to what rules understand ---------------------------------------------------------------------------------


def _facts(person: Practitioner, rows: _Rows) -> DiaryFacts:
    employer = person.releasing_organisation
    settings: list[Any] = next(iter(rows.get(("settings", person.pk), ())), [])
    return DiaryFacts(
        pattern=tuple(_stretch(*columns) for columns in rows.get(("pattern", person.pk), ())),
        departures=tuple(_departure(*columns) for columns in rows.get(("departures", person.pk), ())),
        closures=_closures(rows, "closures of organisation", employer.pk)
        + _closures(rows, "closures of area", employer.area_id),
        terms=_terms(rows, employer.area_id),
        busy=tuple(_moments(*columns) for columns in rows.get(("busy", person.pk), ())),
        **dict(zip(_SETTINGS, settings, strict=False)),
    )


def _stretch(weekday: int, starts: str, ends: str, valid_from: str | None, valid_to: str | None) -> Stretch:
    return Stretch(
        weekday, time.fromisoformat(starts), time.fromisoformat(ends), _day(valid_from), _day(valid_to)
    )


def _departure(
    first_day: str, last_day: str, is_open: bool, starts: str | None, ends: str | None, reason: str
) -> Departure:
    return Departure(_period(first_day, last_day), is_open, _time(starts), _time(ends), reason)


def _moments(starts_at: str, ends_at: str) -> Moments:
    return Moments(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))


def _closures(rows: _Rows, what: str, whose: int | None) -> tuple[Closure, ...]:
    return tuple(Closure(_period(first, last), reason) for first, last, reason in rows.get((what, whose), ()))


def _terms(rows: _Rows, area_id: int | None) -> tuple[Period, ...]:
    return tuple(_period(first, last) for first, last in rows.get(("terms", area_id), ()))


def _period(first_day: str, last_day: str) -> Period:
    return Period(date.fromisoformat(first_day), date.fromisoformat(last_day))


def _day(words: str | None) -> date | None:
    return None if words is None else date.fromisoformat(words)


def _time(words: str | None) -> time | None:
    return None if words is None else time.fromisoformat(words)
