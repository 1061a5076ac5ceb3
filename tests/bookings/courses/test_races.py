"""Thirty-two people at once: seats are never oversold, a freed seat is offered once, and who leads a course is in one place."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from marketplace.bookings import actions
from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import giving_back, ordering, steps
from marketplace.bookings.course_verification import (
    nobody_leads_in_two_places,
    seats_are_counted,
    waiting_lists_move,
)
from marketplace.bookings.models import OCCUPYING, SEATED, CourseEvent, Place, WaitingEntry
from marketplace.bookings.queries import courses as queries
from marketplace.bookings.rules.courses import Stretch
from marketplace.kernel.access import Role
from tests.bookings.test_races import THREADS, at_once, kinds, meet
from tests.builders import (
    CourseScene,
    a_booking_day,
    a_course,
    a_course_scene,
    a_diary,
    a_person,
    a_school,
    a_waiting_school,
    actor_of,
    an_offer,
    places_for,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)


@contextmanager
def no_check() -> Iterator[None]:
    """The table of courses without the check on its seats."""
    check = next(
        c for c in CourseEvent._meta.constraints if c.name == "a_course_has_no_more_people_than_seats"
    )
    with connection.schema_editor() as editor:
        editor.remove_constraint(CourseEvent, check)
    try:
        yield
    finally:
        CourseEvent._rows.update(seats_taken=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(CourseEvent, check)


def bookers(scene: CourseScene, event: CourseEvent, number: int) -> list[Callable[[], Any]]:
    """As many schools, each wanting one place."""

    def booker() -> Callable[[], Any]:
        school = a_school(scene.area)
        head = actor_of(a_person(Role.HEADTEACHER, at=school))
        return lambda: places_for(event, school, head)

    return [booker() for _ in range(number)]


def test_of_thirty_two_schools_wanting_a_place_as_many_get_one_as_there_are_seats() -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=5)

    results = at_once(bookers(scene, event, THREADS))

    assert kinds(results) == {"PlaceOrder": 5, "SeatsTaken": THREADS - 5}
    assert Place.objects.filter(event=event, status__in=SEATED).count() == 5
    assert seats_are_counted() == []


def test_without_lock_and_check_seats_are_oversold(no_locks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: with the guards away the fault must show."""
    scene = a_course_scene()
    event = a_course(scene, seats=1)
    meet(monkeypatch, ordering, "must_be_open", 2)

    with no_check():
        results = at_once(bookers(scene, event, 2))
        sold = Place.objects.filter(event=event, status__in=SEATED).count()

    assert (kinds(results), sold) == ({"PlaceOrder": 2}, 2)


def test_the_check_alone_refuses_too(no_locks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=1)
    meet(monkeypatch, ordering, "must_be_open", 2)

    results = at_once(bookers(scene, event, 2))

    assert kinds(results) == {"PlaceOrder": 1, "SeatsTaken": 1}


def test_two_freed_seats_and_many_who_wait_each_seat_is_offered_once_and_in_order() -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=4)
    order = places_for(event, scene.school, scene.head, 4)
    waiting = [a_waiting_school(scene, event) for _ in range(8)]
    give = [
        lambda n=n: courses.cancel_place(actor=scene.head, order=order.reference, number=n) for n in (1, 2)
    ]
    sweep = [courses.sweep_courses] * 6

    results = at_once([*give, *sweep])

    offered = [entry for entry, _ in waiting if WaitingEntry._rows.get(pk=entry.pk).status == "offered"]
    assert offered == [entry for entry, _ in waiting[:2]]
    assert not any(isinstance(result, Exception) for result in results)
    assert (seats_are_counted(), waiting_lists_move()) == ([], [])


def test_without_lock_and_counting_in_the_database_freed_seats_get_lost(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: two who give a place back at once, each counting from what it read, free one seat between them."""
    scene = a_course_scene()
    event = a_course(scene, seats=4)
    order = places_for(event, scene.school, scene.head, 4)
    meet(monkeypatch, giving_back, "lock_order", 2)
    monkeypatch.setattr(
        steps,
        "_shift",
        lambda row, number: CourseEvent._rows.filter(pk=row.pk).update(seats_taken=row.seats_taken + number),
    )

    results = at_once(
        [lambda n=n: courses.cancel_place(actor=scene.head, order=order.reference, number=n) for n in (1, 2)]
    )

    assert kinds(results) == {"Place": 2}
    assert len(seats_are_counted()) == 1


def test_two_freed_at_once_are_both_offered() -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=4)
    order = places_for(event, scene.school, scene.head, 4)
    for _ in range(3):
        a_waiting_school(scene, event)

    results = at_once(
        [lambda n=n: courses.cancel_place(actor=scene.head, order=order.reference, number=n) for n in (1, 2)]
    )

    assert kinds(results) == {"Place": 2}
    assert WaitingEntry.objects.scoped().filter(event=event, status="offered").count() == 2


def test_a_place_is_given_back_once_however_many_try() -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=2)
    order = places_for(event, scene.school, scene.head, 2)

    results = at_once([lambda: courses.cancel_place(actor=scene.head, order=order.reference, number=1)] * 8)

    assert kinds(results) == {"Place": 1, "NotNow": 7}
    event.refresh_from_db()
    assert event.seats_taken == 1


# I1: who leads a course ---------------------------------------------------------------------------------------------


def a_leader_s_scene() -> tuple[CourseScene, Any, Any]:
    """A course scene whose leader can also be booked for sessions, a day, and the offer of those sessions."""
    scene = a_course_scene()
    a_diary(scene.practitioner)
    return scene, an_offer(scene.provider, practitioners=[scene.practitioner]), a_booking_day(days_ahead=42)


def holders(scene: CourseScene, offer: Any, day: Any, number: int) -> list[Callable[[], Any]]:
    def holder() -> Callable[[], Any]:
        school = a_school(scene.area)
        actor = actor_of(a_person(Role.STAFF, at=school))
        return lambda: actions.hold_session(
            actor=actor,
            offer=offer,
            practitioner=scene.practitioner,
            school=school,
            day=day,
            session="day",
            theme=offer.current.themes.get(),
            phase="primary",
            mode="in_person",
        )

    return [holder() for _ in range(number)]


def test_of_sessions_and_courses_that_want_one_person_exactly_one_gets_them() -> None:
    scene, offer, day = a_leader_s_scene()
    schedulers = [lambda: a_course(scene, day=day)] * 16

    results = at_once([*schedulers, *holders(scene, offer, day, 16)])

    won = Counter(kinds(results))
    assert won["CourseEvent"] + won["Booking"] == 1
    assert set(won) <= {"CourseEvent", "Booking", "LeadTaken", "SlotTaken", "NotAvailable"}
    assert nobody_leads_in_two_places() == []


def test_the_triggers_alone_keep_a_person_in_one_place(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked before either writes: only the database is left to refuse."""
    from marketplace.bookings.actions import holding
    from marketplace.bookings.actions.courses import scheduling

    scene, offer, day = a_leader_s_scene()
    _meet_in(monkeypatch, [(holding, "check_diary"), (scheduling, "_check_free")])

    results = at_once([lambda: a_course(scene, day=day), *holders(scene, offer, day, 1)])

    assert sum(kinds(results)[name] for name in ("CourseEvent", "Booking")) == 1
    assert sum(kinds(results)[name] for name in ("LeadTaken", "SlotTaken")) == 1


def test_without_locks_and_triggers_a_person_is_in_two_places(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: with the guards away the fault must show, and `verify` finds it."""
    from marketplace.bookings.actions import holding
    from marketplace.bookings.actions.courses import scheduling

    scene, offer, day = a_leader_s_scene()
    _meet_in(monkeypatch, [(holding, "check_diary"), (scheduling, "_check_free")])

    with no_triggers():
        results = at_once([lambda: a_course(scene, day=day), *holders(scene, offer, day, 1)])
        found = nobody_leads_in_two_places()

    assert kinds(results) == {"CourseEvent": 1, "Booking": 1}
    assert len(found) == 1


def _meet_in(monkeypatch: pytest.MonkeyPatch, places: list[tuple[Any, str]]) -> None:
    """Callers of different functions wait for each other after them."""
    import threading

    meeting = threading.Barrier(len(places), timeout=60)
    for module, name in places:
        original = getattr(module, name)

        def wait(*args: Any, original: Callable[..., Any] = original, **kwargs: Any) -> Any:
            answer = original(*args, **kwargs)
            meeting.wait()
            return answer

        monkeypatch.setattr(module, name, wait)


@contextmanager
def no_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        for table in ("bookings_booking", "bookings_leadtime"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in ("bookings_booking", "bookings_leadtime"):
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_person_leads_one_course_at_a_time_and_may_be_booked_beside_it() -> None:
    scene, offer, day = a_leader_s_scene()
    a_course(scene, day=day)

    with pytest.raises(Exception, match="booked already"):
        a_course(scene, day=day, dates=[Stretch(day, time(11), time(13))])
    [hold] = holders(scene, offer, day + timedelta(days=7), 1)

    assert hold().status == "held"
    assert queries.event_for(scene.provider_lead, CourseEvent._rows.get().reference)


def test_the_triggers_know_the_states_in_which_a_booking_takes_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'booking_made_leaves_courses_alone'"
        )
        [definition] = cursor.fetchone()

    assert all(f"'{status}'" in definition for status in OCCUPYING)
    assert definition.count("::character varying") == len(OCCUPYING) or definition.count("'") == 2 * len(
        OCCUPYING
    )
