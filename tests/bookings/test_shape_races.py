"""Thirty-two at once, in every shape: any suitable person, several dates, moves. Each with a twin that shows the fault without its guard."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from marketplace.bookings import actions, consent_links
from marketplace.bookings.actions import anybody, moving
from marketplace.bookings.actions.steps import lock_people
from marketplace.bookings.errors import LinkDead, NotMovable, SlotTaken
from marketplace.bookings.models import Booking, BookingMove, BookingOrder
from marketplace.bookings.verification import nobody_is_in_two_places
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotNow
from tests.bookings.test_races import (
    PATIENCE,
    THREADS,
    at_once,
    kinds,
    meet,
    no_constraint,
    no_locks,
    times_in_history,
)
from tests.builders import (
    Team,
    a_booking,
    a_booking_day,
    a_person,
    a_school,
    a_team,
    actor_of,
    some_days,
)

__all__ = ["no_locks"]  # a fixture

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def wishes(team: Team, number: int) -> list[Callable[[], Booking]]:
    """As many schools, each wanting anybody on the same day."""

    def wish() -> Callable[[], Booking]:
        school = a_school(team.scene.area)
        asked = team.wish(school=school, actor=actor_of(a_person(Role.STAFF, at=school)))
        return lambda: actions.hold_any_person(**asked)

    return [wish() for _ in range(number)]


def test_of_thirty_two_schools_wanting_anybody_as_many_win_as_there_are_people() -> None:
    team = a_team(5)
    busy = team.people[2]
    a_booking(practitioner=busy, day=team.scene.day)

    results = at_once(wishes(team, THREADS))

    assert kinds(results) == {"Booking": 4, "SlotTaken": THREADS - 4}
    sent = [result.practitioner for result in results if isinstance(result, Booking)]
    assert len(set(sent)) == 4 and busy not in sent
    assert all(len(r.next_free) == 3 for r in results if isinstance(r, SlotTaken))
    assert nobody_is_in_two_places() == []


def test_without_the_peoples_locks_several_are_sent_the_same_person(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = a_team(3)
    jobs = wishes(team, 3)
    meet(monkeypatch, anybody, "_send", 3)

    with no_constraint():
        results = at_once(jobs)

        assert kinds(results) == {"Booking": 3}
        assert len({result.practitioner for result in results}) == 1
        assert nobody_is_in_two_places() != []


def sets_of_dates(
    team: Team, days: list[date], number: int, *, anybody: bool
) -> list[Callable[[], BookingOrder]]:
    """As many schools, each wanting two or three of the days, some in one order of them and some in the other."""

    def wish(n: int) -> Callable[[], BookingOrder]:
        school = a_school(team.scene.area)
        mine = [days[n % len(days)], days[(n + 1) % len(days)]]
        person = None if anybody else team.people[n % len(team.people)]
        asked = team.dates(
            mine[:: 1 if n % 2 else -1],
            school=school,
            actor=actor_of(a_person(Role.STAFF, at=school)),
            practitioner=person,
        )
        return lambda: actions.hold_dates(**asked)

    return [wish(n) for n in range(number)]


@pytest.mark.parametrize("anybody", [False, True])
def test_dates_are_held_together_or_not_at_all_and_nobody_waits_for_ever(anybody: bool) -> None:
    team = a_team(3)
    days = some_days(4)

    results = at_once(sets_of_dates(team, days, THREADS, anybody=anybody))

    assert set(kinds(results)) == {"BookingOrder", "SlotTaken"}
    for order in BookingOrder.objects.scoped():
        assert order.bookings.count() == 2
    assert BookingOrder.objects.scoped().count() == kinds(results)["BookingOrder"]
    assert Booking.objects.scoped().filter(order=None).count() == 0
    assert nobody_is_in_two_places() == []


def test_people_locked_as_they_come_wait_for_each_other() -> None:
    team = a_team(2)
    one, other = (person.pk for person in team.people)
    line = threading.Barrier(2, timeout=PATIENCE)

    def lock(*pks: int) -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic():
                for pk in pks:
                    lock_people([pk])
                    if pk == pks[0]:
                        line.wait()

        return run

    results = at_once([lock(one, other), lock(other, one)])

    assert [type(r).__name__ for r in results if r is not None] == ["OperationalError"]  # a deadlock
    assert at_once([lambda: _both(one, other), lambda: _both(other, one)]) == [2, 2]


def _both(*pks: int) -> int:
    with transaction.atomic():
        return len(lock_people(pks))


# Moves ----------------------------------------------------------------------------------------------------------------


def visits_to_move(team: Team, number: int) -> list[Booking]:
    scene = team.scene
    return [
        a_booking(
            school=a_school(scene.area),
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=a_booking_day(days_ahead=40 + 2 * n),
            session="morning" if n % 2 else "12:30+180",
        )
        for n in range(number)
    ]


def moves(team: Team, bookings: list[Booking], day: date) -> list[Callable[[], Booking]]:
    def job(booking: Booking) -> Callable[[], Booking]:
        head = actor_of(a_person(Role.HEADTEACHER, at=booking.receiving_school))
        return lambda: actions.reschedule_booking(
            actor=head, booking=booking.reference, day=day, session="morning", reason="Inset"
        )

    return [job(booking) for booking in bookings]


def test_of_thirty_two_visits_moved_to_one_time_one_gets_it_and_the_others_stay() -> None:
    team = a_team(1)
    visits = visits_to_move(team, 12)
    day = a_booking_day(days_ahead=20)
    rivals = [
        lambda wish=team.scene.wish(  # type: ignore[misc]
            day=day, session="morning", school=school, actor=actor_of(a_person(Role.STAFF, at=school))
        ): actions.hold_session(**wish)
        for school in (a_school(team.scene.area) for _ in range(THREADS - 12))
    ]

    results = at_once([*moves(team, visits, day), *rivals])

    assert kinds(results) == {"Booking": 1, "SlotTaken": THREADS - 1}
    assert nobody_is_in_two_places() == []
    moved = BookingMove.objects.count()
    assert moved in (0, 1)
    for booking in visits:
        was = booking.day
        booking.refresh_from_db()
        assert (booking.day == was) != booking.moves.exists()


def test_without_lock_and_constraint_two_visits_move_to_one_time(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = a_team(1)
    visits = visits_to_move(team, 4)
    jobs = moves(team, visits, a_booking_day(days_ahead=20))
    meet(monkeypatch, moving, "_free_time", 4)

    with no_constraint():
        results = at_once(jobs)

        assert kinds(results) == {"Booking": 4}
        assert nobody_is_in_two_places() != []
        with connection.cursor() as cursor:  # moves are never changed: only here, so that the rows can go
            cursor.execute("SET session_replication_role = replica; DELETE FROM bookings_bookingmove")
            cursor.execute("SET session_replication_role = DEFAULT")


def test_one_visit_is_moved_once_however_often_it_is_asked() -> None:
    team = a_team(1)
    [visit] = visits_to_move(team, 1)
    [job] = moves(team, [visit], a_booking_day(days_ahead=20))

    results = at_once([job] * 8)

    assert kinds(results) == {"Booking": 1, "NotMovable": 7}
    assert all("when it is already" in str(r) for r in results if isinstance(r, NotMovable))
    assert times_in_history(visit, "reschedule") == 1


def test_a_link_used_by_many_at_once_consents_once() -> None:
    scene = a_team(1).scene
    booking = a_booking(
        status="awaiting_release", school=scene.school, practitioner=scene.practitioner, offer=scene.offer
    )
    assert scene.releasing_head.user_id is not None
    token = consent_links.token_for(scene.releasing_head.user_id, [booking])

    results = at_once([lambda: consent_links.consent(token)] * 8)

    assert kinds(results)["Question"] == 1
    assert all(isinstance(r, consent_links.Question | LinkDead | NotNow) for r in results)
    assert times_in_history(booking, "consent") == 1


def test_a_day_that_is_called_off_takes_nothing_new() -> None:
    for _ in range(4):
        team = a_team(1)
        scene = team.scene

        def close(scene: Any = scene) -> Any:
            return actions.cancel_days(
                actor=scene.provider_lead,
                practitioner=scene.practitioner,
                first_day=scene.day,
                last_day=scene.day,
                by="provider",
                reason="Away",
            )

        held, closed = at_once([lambda s=scene: actions.hold_session(**s.wish()), close])  # type: ignore[misc]

        assert isinstance(closed, list)
        row = Booking.objects.scoped().filter(practitioner=scene.practitioner).first()
        assert row is None or row.status == "expired"
        assert (row is not None) == isinstance(held, Booking)
