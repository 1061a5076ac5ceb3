"""Reminding silent schools: once in each round, by hand once a week, and never one that has answered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import NudgedLately
from marketplace.brokerage.models import NeedsNudge, NudgeRound
from marketplace.brokerage.rules import round_on
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import NotFound
from tests.bookings.test_races import at_once
from tests.builders import a_convenor, a_person, a_school, actor_of, an_area

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Any:
    def on_day(day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return on_day


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 9, 7), ""),
        (date(2026, 9, 8), "first"),
        (date(2026, 10, 5), "first"),
        (date(2026, 10, 6), "second"),
        (date(2026, 10, 31), "second"),
        (date(2026, 11, 1), ""),
        (date(2027, 1, 15), ""),
    ],
)
def test_the_rounds_are_in_september_and_four_weeks_later(day: date, expected: str) -> None:
    assert round_on(day) == expected


def test_a_silent_school_is_reminded_once_in_each_round_and_one_that_answered_is_not(on_day: Any) -> None:
    on_day(date(2026, 9, 9))
    silent, answered = a_school(), a_school()
    a_school(status_code="2")  # closed
    actions.confirm_needs(actor=actor_of(a_person(Role.HEADTEACHER, at=answered)), school=answered)

    for _ in range(2):
        actions.nudge_silent_schools(actor=SYSTEM)
    on_day(date(2026, 10, 7))
    actions.nudge_silent_schools(actor=SYSTEM)
    on_day(date(2026, 11, 7))
    assert actions.nudge_silent_schools(actor=SYSTEM) == 0

    rows = NeedsNudge.objects.order_by("pk").values_list("school", "academic_year", "round")
    assert list(rows) == [
        (silent.pk, "2026/27", NudgeRound.FIRST),
        (silent.pk, "2026/27", NudgeRound.SECOND),
    ]


def test_a_convenor_reminds_a_school_of_the_area_once_a_week(on_day: Any) -> None:
    on_day(date(2026, 11, 9))
    area = an_area()
    school = a_school(area)
    convenor = actor_of(a_convenor(area))
    actions.nudge_school(actor=convenor, school=school)

    with pytest.raises(NudgedLately, match="16 November 2026"):
        actions.nudge_school(actor=convenor, school=school)
    on_day(date(2026, 11, 16))
    actions.nudge_school(actor=convenor, school=school)

    assert NeedsNudge.objects.filter(school=school.organisation, sent_by=convenor.user_id).count() == 2
    with pytest.raises(NotFound):
        actions.nudge_school(actor=actor_of(a_convenor(an_area())), school=school)


def test_a_school_that_answered_can_not_be_reminded(on_day: Any) -> None:
    on_day(date(2026, 11, 9))
    area = an_area()
    school = a_school(area)
    actions.confirm_needs(actor=actor_of(a_person(Role.HEADTEACHER, at=school)), school=school)

    with pytest.raises(NotFound, match="has confirmed its needs"):
        actions.nudge_school(actor=actor_of(a_convenor(area)), school=school)


def test_all_are_reminded_but_those_reminded_this_week_and_those_nobody_speaks_for(on_day: Any) -> None:
    on_day(date(2026, 11, 9))
    area = an_area()
    convenor = actor_of(a_convenor(area))
    schools = [a_school(area) for _ in range(3)]
    for school in schools[:2]:
        a_person(Role.HEADTEACHER, at=school)
    actions.nudge_school(actor=convenor, school=schools[0])

    assert actions.nudge_all_silent(actor=convenor, area=area) == 1

    assert [(s.pk, s.has_head) for s in queries.silent_schools(convenor, area, "2026/27")] == [
        (schools[0].pk, True),
        (schools[1].pk, True),
        (schools[2].pk, False),
    ]
    assert queries.answered_share(convenor, area, "2026/27") == (0, 3)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_convenors_who_remind_a_school_at_once_remind_it_once() -> None:
    area = an_area()
    school = a_school(area)
    convenors = [actor_of(a_convenor(area)) for _ in range(8)]

    at_once([lambda c=c: actions.nudge_school(actor=c, school=school) for c in convenors])

    assert NeedsNudge.objects.count() == 1
    assert NeedsNudge.objects.get().sent_at > timezone.now() - timedelta(minutes=5)
