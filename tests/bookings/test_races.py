"""Thirty-two people at once, each on a connection of their own.

Every race has a twin with the guard taken away, which must show the fault: so we know that the test can fail.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from marketplace.bookings import actions, queries, rules
from marketplace.bookings.actions import PatternStretch, deciding, diaries, ending, holding
from marketplace.bookings.errors import AssuranceMissing, BookingsInTheWay, NotAvailable, SlotTaken
from marketplace.bookings.models import Booking
from marketplace.bookings.states import BOOKING
from marketplace.bookings.verification import nobody_is_in_two_places
from marketplace.catalogue import actions as catalogue
from marketplace.catalogue.models import EmployerAssurance, Practitioner
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from tests.builders import Scene, a_booking, a_booking_day, a_person, a_scene, a_school, actor_of

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

THREADS = 32
PATIENCE = 60
CONSTRAINT = "a_person_is_in_one_place_at_a_time"


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run the jobs together from one starting line; what each returned, or the error it raised."""
    line = threading.Barrier(len(jobs), timeout=PATIENCE)
    results: list[Any] = [None] * len(jobs)

    def run(number: int, job: Callable[[], Any]) -> None:
        try:
            line.wait()
            results[number] = job()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody is still waiting"
    return results


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def meet(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, number: int) -> None:
    """Make `number` callers wait for each other after `module.name`: each has read before any writes."""
    original = getattr(module, name)
    meeting = threading.Barrier(number, timeout=PATIENCE)

    def wait_for_the_others(*args: Any, **kwargs: Any) -> Any:
        answer = original(*args, **kwargs)
        meeting.wait()
        return answer

    monkeypatch.setattr(module, name, wait_for_the_others)


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)


@contextmanager
def no_constraint() -> Iterator[None]:
    """The table without its exclusion constraint; rows that overlap are taken out before it comes back."""
    constraint = next(c for c in Booking._meta.constraints if c.name == CONSTRAINT)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Booking, constraint)
    try:
        yield
    finally:
        queries.visible_to(SYSTEM).delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Booking, constraint)


# I1: one person in one place -----------------------------------------------------------------------------------------


def wishes(scene: Scene, number: int, **changes: Any) -> list[Callable[[], Booking]]:
    """As many schools, each wanting the same person on the same day."""

    def wish(n: int) -> Callable[[], Booking]:
        school = a_school(scene.area)
        actor = actor_of(a_person(Role.STAFF, at=school))
        session = ["day", "morning", "afternoon", "day"][n % 4]
        arguments = scene.wish(school=school, actor=actor, session=session) | changes
        return lambda: actions.hold_session(**arguments)

    return [wish(n) for n in range(number)]


def test_of_thirty_two_schools_wanting_one_session_exactly_one_gets_it() -> None:
    scene = a_scene()

    results = at_once(wishes(scene, THREADS, session="day"))

    assert kinds(results) == {"Booking": 1, "SlotTaken": THREADS - 1}
    assert all(len(r.next_free) == 3 for r in results if isinstance(r, SlotTaken))
    assert nobody_is_in_two_places() == []
    assert Booking.objects.scoped().count() == 1


def test_overlapping_sessions_never_end_in_two_places_at_once() -> None:
    scene = a_scene()

    results = at_once(wishes(scene, THREADS))

    assert set(kinds(results)) == {"Booking", "SlotTaken"}
    assert kinds(results)["Booking"] in {1, 2}  # a full day, or a morning and an afternoon
    assert nobody_is_in_two_places() == []


def test_with_lock_and_constraint_away_a_person_is_in_two_places(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    jobs = wishes(scene, 8, session="day")
    meet(monkeypatch, holding, "sweep_and_find_own", 8)

    with no_constraint():
        results = at_once(jobs)

        assert kinds(results) == {"Booking": 8}
        assert nobody_is_in_two_places() != []


def test_with_the_lock_away_the_constraint_still_lets_only_one_through(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    jobs = wishes(scene, 8, session="day")
    meet(monkeypatch, holding, "check_diary", 8)

    results = at_once(jobs)

    assert kinds(results)["Booking"] == 1
    assert nobody_is_in_two_places() == []
    refused = [r for r in results if not isinstance(r, Booking)]
    assert all(isinstance(r, SlotTaken | OperationalError | threading.BrokenBarrierError) for r in refused)
    assert any(isinstance(r, SlotTaken) for r in refused)


def test_a_double_click_makes_one_hold() -> None:
    scene = a_scene()

    results = at_once([lambda: actions.hold_session(**scene.wish()) for _ in range(8)])

    assert len({booking.pk for booking in results}) == 1


# I2: inside what is published ----------------------------------------------------------------------------------------


def close_the_diary(scene: Scene) -> Callable[[], Any]:
    return lambda: actions.set_weekly_pattern(
        actor=scene.person,
        practitioner=scene.practitioner,
        stretches=[PatternStretch(weekday, time(13), time(18)) for weekday in range(5)],
    )


def is_outside(scene: Scene) -> bool:
    """Whether a live booking lies outside what is published now."""
    booking = Booking.objects.scoped().filter(status="held").first()
    person = Practitioner.objects.get(pk=scene.practitioner.pk)
    facts = queries.facts_of([person], scene.day, scene.day, now=timezone.now(), with_bookings=False)
    return booking is not None and rules.why_closed(facts[person.pk], booking.day, booking.session) != ""


def test_booking_and_closing_the_diary_never_both_succeed() -> None:
    for _ in range(12):
        scene = a_scene()

        edited, held = at_once([close_the_diary(scene), lambda s=scene: actions.hold_session(**s.wish())])

        outcomes = (isinstance(edited, list), isinstance(held, Booking))
        assert outcomes in {(True, False), (False, True)}
        assert isinstance(edited, list | BookingsInTheWay)
        assert isinstance(held, Booking | NotAvailable)
        assert not is_outside(scene)
        Booking.objects.scoped().filter(status="held").update(status="expired")


def test_without_the_practitioners_lock_a_booking_is_left_outside_the_diary(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    meeting = threading.Barrier(2, timeout=PATIENCE)

    def after(original: Callable[..., Any]) -> Callable[..., Any]:
        def wait(*args: Any, **kwargs: Any) -> Any:
            answer = original(*args, **kwargs)
            meeting.wait()
            return answer

        return wait

    # One has looked at the diary and the other at the bookings before either has written for good.
    monkeypatch.setattr(holding, "check_diary", after(holding.check_diary))
    monkeypatch.setattr(diaries, "_refuse_to_strand_bookings", after(diaries._refuse_to_strand_bookings))

    edited, held = at_once([close_the_diary(scene), lambda: actions.hold_session(**scene.wish())])

    assert (type(edited), type(held)) == (list, Booking)
    assert is_outside(scene)


# I6 and I7: one move, one charge ---------------------------------------------------------------------------------------


def a_waiting_order(scene: Scene) -> Booking:
    return a_booking(
        status="awaiting_approval", school=scene.school, practitioner=scene.practitioner, offer=scene.offer
    )


def approvals(scene: Scene, booking: Booking, number: int) -> list[Callable[[], Booking]]:
    actors = [actor_of(a_person(Role.BUDGET_HOLDER, at=scene.school)) for _ in range(number)]
    return [
        lambda actor=actor: actions.approve_booking(actor=actor, booking=booking.reference)  # type: ignore[misc]
        for actor in actors
    ]


def times_in_history(booking: Booking, verb: str) -> int:
    return history.of(booking).filter(verb=verb).count()


def compare_without_swapping(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `move` that reads, decides and writes, as programs do that know nothing of races."""

    def move(row: Any, verb: str, *, by: Any, note: str = "", **also: Any) -> None:
        before = row.status
        after = BOOKING.target(before, verb)
        Booking.objects.scoped().filter(pk=row.pk).update(status=after, **also)
        row.status = after
        history.write(row, verb=verb, before=before, after=after, by=by, note=note)

    monkeypatch.setattr(BOOKING, "move", move)


def test_of_thirty_two_approvals_one_counts_and_the_others_are_told() -> None:
    scene = a_scene()
    booking = a_waiting_order(scene)

    results = at_once(approvals(scene, booking, THREADS))

    assert kinds(results) == {"Booking": 1, "NotNow": THREADS - 1}
    assert times_in_history(booking, "approve") == 1


def test_with_the_lock_away_the_swap_still_lets_only_one_approval_through(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    booking = a_waiting_order(scene)
    jobs = approvals(scene, booking, 8)
    meet(monkeypatch, deciding, "must", 8)

    results = at_once(jobs)

    assert kinds(results) == {"Booking": 1, "NotNow": 7}
    assert times_in_history(booking, "approve") == 1


def test_with_lock_and_swap_away_one_order_is_approved_many_times(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    booking = a_waiting_order(scene)
    jobs = approvals(scene, booking, 8)
    meet(monkeypatch, deciding, "must", 8)
    compare_without_swapping(monkeypatch)

    at_once(jobs)

    assert times_in_history(booking, "approve") == 8


def cancellations(scene: Scene, booking: Booking) -> list[Callable[[], Booking]]:
    sides = [("buyer", scene.budget_holder), ("provider", scene.provider_lead)]
    return [
        lambda by=by, actor=actor: actions.cancel_booking(  # type: ignore[misc]
            actor=actor, booking=booking.reference, by=by, reason="Illness"
        )
        for by, actor in sides * (THREADS // 2)
    ]


def a_visit_to_cancel(scene: Scene) -> Booking:
    return a_booking(
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=a_booking_day(days_ahead=20),
        cancellation_tariff=STANDARD_TARIFF.to_data(),
    )


def test_of_thirty_two_cancellations_one_is_charged() -> None:
    scene = a_scene()
    booking = a_visit_to_cancel(scene)

    results = at_once(cancellations(scene, booking))

    assert kinds(results) == {"Booking": 1, "NotNow": THREADS - 1}
    booking.refresh_from_db()
    expected = {"cancelled_by_buyer": 17_500, "cancelled_by_provider": 0}
    assert booking.cancellation_charge_pence == expected[booking.status]
    assert history.of(booking).count() == 5


def test_with_lock_and_swap_away_one_visit_is_cancelled_and_charged_many_times(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    booking = a_visit_to_cancel(scene)
    jobs = cancellations(scene, booking)[:8]
    meet(monkeypatch, ending, "must", 8)
    compare_without_swapping(monkeypatch)

    at_once(jobs)

    charges = times_in_history(booking, "cancel_by_buyer") + times_in_history(booking, "cancel_by_provider")
    assert charges == 8


def test_ordering_and_running_out_of_time_never_both_happen() -> None:
    for _ in range(6):
        scene = a_scene()
        booking = a_booking(
            status="held",
            school=scene.school,
            practitioner=scene.practitioner,
            hold_expires_at=timezone.now(),
        )

        ordered, _expired = at_once(
            [
                lambda b=booking, s=scene: actions.order_booking(actor=s.buyer, booking=b),  # type: ignore[misc]
                actions.expire_holds,
            ]
        )

        booking.refresh_from_db()
        assert booking.status in {"held", "expired"}
        assert not isinstance(ordered, Booking)


# I19: nobody goes unassured --------------------------------------------------------------------------------------------


def withdrawal(scene: Scene) -> Callable[[], EmployerAssurance]:
    assurance = scene.practitioner.assurances.get()
    return lambda: catalogue.withdraw_assurance(actor=scene.releasing_head, assurance=assurance)


def consent(scene: Scene, booking: Booking) -> Callable[[], Booking]:
    return lambda: actions.consent_to_release(actor=scene.releasing_head, booking=booking)


def a_visit_to_release(scene: Scene) -> Booking:
    return a_booking(status="awaiting_release", practitioner=scene.practitioner, school=scene.school)


def test_no_visit_is_confirmed_after_the_employer_took_its_word_back() -> None:
    for _ in range(8):
        scene = a_scene()
        booking = a_visit_to_release(scene)

        consented, withdrawn = at_once([consent(scene, booking), withdrawal(scene)])

        assert isinstance(withdrawn, EmployerAssurance) and withdrawn.withdrawn_at is not None
        if isinstance(consented, Booking):
            assert consented.released_at is not None and consented.released_at <= withdrawn.withdrawn_at
        else:
            assert isinstance(consented, AssuranceMissing)


def test_without_the_lock_a_visit_is_confirmed_after_the_word_was_taken_back(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene()
    booking = a_visit_to_release(scene)
    looked, taken_back = threading.Event(), threading.Event()
    look = deciding.is_assured

    def look_and_wait(booking: Booking) -> bool:
        answer = look(booking)
        looked.set()
        assert taken_back.wait(PATIENCE)
        return answer

    def take_back() -> None:
        assert looked.wait(PATIENCE)
        withdrawal(scene)()
        taken_back.set()

    monkeypatch.setattr(deciding, "is_assured", look_and_wait)

    at_once([consent(scene, booking), take_back])

    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert not look(booking)


def test_with_the_check_away_an_unassured_visit_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = a_scene()
    scene.practitioner.assurances.all().delete()
    booking = a_visit_to_release(scene)
    monkeypatch.setattr(deciding, "_check_can_be_confirmed", lambda booking: None)

    actions.consent_to_release(actor=scene.releasing_head, booking=booking)

    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_nobody_waits_for_each_other_for_ever() -> None:
    """Holds, orders, edits and cancellations of one person at once: every call answers, none with a deadlock."""
    scene = a_scene()
    orders = [
        a_booking(
            status="awaiting_approval", practitioner=scene.practitioner, school=scene.school, session=session
        )
        for session in ("morning", "afternoon")
    ]
    jobs: list[Callable[[], Any]] = []
    for n in range(8):
        jobs += wishes(scene, 1, session="twilight")
        jobs.append(lambda b=orders[n % 2]: actions.approve_booking(actor=scene.budget_holder, booking=b))  # type: ignore[misc]
        jobs.append(
            lambda b=orders[n % 2]: actions.consent_to_release(  # type: ignore[misc]
                actor=scene.releasing_head, booking=b, beyond_agreed=True, note="Yes"
            )
        )
        jobs.append(
            lambda: actions.change_diary(
                actor=scene.person,
                practitioner=scene.practitioner,
                minimum_notice_days=5,
                travel_minutes=30,
                term_time_only=False,
            )
        )

    results = at_once(jobs)

    assert not [r for r in results if isinstance(r, OperationalError | threading.BrokenBarrierError)]
    assert {type(r).__name__ for r in results} <= {"Booking", "Diary", "SlotTaken", "NotNow"}
    assert nobody_is_in_two_places() == []
