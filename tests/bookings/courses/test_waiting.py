"""The waiting list: in order, in time, and never after bookings have closed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.bookings.actions import courses
from marketplace.bookings.course_errors import CourseClosed, NotForWaiting, OfferEnded
from marketplace.bookings.models import CourseEvent, Place, WaitingEntry
from marketplace.bookings.queries import courses as queries
from marketplace.bookings.rules.courses import offer_expires_at, offers_of
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Role
from marketplace.kernel.verification import verify
from marketplace.organisations.actions import lift_suspension, suspend_organisation
from tests.builders import (
    CourseScene,
    a_booking_day,
    a_convenor,
    a_course,
    a_course_scene,
    a_person,
    a_waiting_school,
    actor_of,
    attendees,
    it_is_over,
    places_for,
)

pytestmark = pytest.mark.django_db


def all_agrees() -> None:
    assert [line for verdict in verify() for line in verdict.disagreements] == []


def a_full_course(seats: int = 2, **changes: object) -> tuple[CourseScene, CourseEvent]:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, seats=seats, **changes)
    places_for(event, scene.school, scene.head, seats)
    return scene, event


def give_back(scene: CourseScene, number: int = 1) -> Place:
    order = queries.orders_visible_to(scene.head).get()
    return courses.cancel_place(actor=scene.head, order=order.reference, number=number)


def test_one_waits_for_a_full_course_and_sees_where_one_stands() -> None:
    scene, event = a_full_course()

    first, _ = a_waiting_school(scene, event)
    second, _ = a_waiting_school(scene, event)

    assert (queries.position_of(first), queries.position_of(second)) == (1, 2)
    with pytest.raises(NotForWaiting, match="already"):
        courses.join_waiting(
            actor=actor_of(a_person(Role.STAFF, at=first.school)),
            event=event,
            school=first.school.school,
            places=1,
        )


def test_nobody_waits_while_there_are_seats() -> None:
    scene = a_course_scene()

    with pytest.raises(NotForWaiting, match="seats left"):
        a_waiting_school(scene, a_course(scene))


def test_a_freed_seat_is_offered_to_the_first_in_the_same_moment_and_is_not_for_others() -> None:
    scene, event = a_full_course()
    first, _ = a_waiting_school(scene, event)
    second, _ = a_waiting_school(scene, event)

    give_back(scene)

    first.refresh_from_db()
    second.refresh_from_db()
    event.refresh_from_db()
    assert (first.status, second.status, event.seats_left) == ("offered", "waiting", 0)
    all_agrees()


def test_an_offer_is_taken_declined_or_runs_out_and_goes_to_the_next() -> None:
    scene, event = a_full_course()
    first, first_head = a_waiting_school(scene, event)
    second, _ = a_waiting_school(scene, event)
    third, third_head = a_waiting_school(scene, event)
    give_back(scene)

    courses.decline_offer(actor=first_head, entry=first.reference)
    second.refresh_from_db()
    assert second.status == "offered"
    WaitingEntry._rows.filter(pk=second.pk).update(
        offered_at=timezone.now() - timedelta(hours=2), offer_expires_at=timezone.now() - timedelta(minutes=1)
    )
    courses.sweep_courses()
    order = courses.take_offer(actor=third_head, entry=third.reference, attendees=attendees(1))

    states = dict(WaitingEntry.objects.scoped().values_list("pk", "status"))
    assert states == {first.pk: "declined", second.pk: "lapsed", third.pk: "taken"}
    assert order.status == "confirmed"
    all_agrees()


def test_an_offer_that_ran_out_can_t_be_taken_though_no_job_has_run() -> None:
    scene, event = a_full_course()
    entry, head = a_waiting_school(scene, event)
    give_back(scene)
    WaitingEntry._rows.filter(pk=entry.pk).update(
        offered_at=timezone.now() - timedelta(hours=2), offer_expires_at=timezone.now() - timedelta(minutes=1)
    )

    with pytest.raises(OfferEnded):
        courses.take_offer(actor=head, entry=entry.reference, attendees=attendees(1))


def test_who_is_offered_fewer_than_wanted_keeps_the_front_of_the_list_for_the_rest() -> None:
    scene, event = a_full_course()
    entry, head = a_waiting_school(scene, event, places=2)
    a_waiting_school(scene, event)
    give_back(scene)

    courses.take_offer(actor=head, entry=entry.reference, attendees=attendees(1))
    entry.refresh_from_db()
    assert (entry.status, entry.places, queries.position_of(entry)) == ("waiting", 1, 1)
    give_back(scene, number=2)

    entry.refresh_from_db()
    assert (entry.status, entry.offered_places) == ("offered", 1)
    all_agrees()


def test_the_seat_of_a_late_cancellation_that_somebody_takes_costs_nothing() -> None:
    scene, event = a_full_course(day=a_booking_day(days_ahead=12))
    entry, head = a_waiting_school(scene, event)
    place = give_back(scene)
    assert place.is_charged

    order = courses.take_offer(actor=head, entry=entry.reference, attendees=attendees(1))

    place.refresh_from_db()
    assert place.refilled_by == order.places.get()
    assert not place.is_charged
    all_agrees()


def test_nothing_is_offered_once_bookings_have_closed_and_the_list_ends() -> None:
    scene, event = a_full_course()
    entry, _ = a_waiting_school(scene, event)
    CourseEvent._rows.filter(pk=event.pk).update(closes_at=timezone.now() - timedelta(minutes=1))

    give_back(scene)
    entry.refresh_from_db()
    assert entry.status == "waiting"
    courses.sweep_courses()

    entry.refresh_from_db()
    assert entry.status == "closed"
    with pytest.raises(CourseClosed):
        a_waiting_school(scene, event)


def test_a_course_that_has_begun_offers_nothing() -> None:
    scene, event = a_full_course()
    entry, _ = a_waiting_school(scene, event)
    it_is_over(event)

    courses.sweep_courses()

    entry.refresh_from_db()
    assert entry.status == "closed"


def test_offers_go_down_the_list_and_end_with_the_bookings() -> None:
    now = timezone.now()
    closes = now + timedelta(hours=3)

    assert offers_of(3, [(1, 2), (2, 2), (3, 1)]) == [(1, 2), (2, 1)]
    assert offers_of(0, [(1, 1)]) == []
    assert offer_expires_at(now, closes, 48) == closes
    assert offer_expires_at(now, closes, 2) == now + timedelta(hours=2)


def test_the_provider_s_cancellation_ends_the_list() -> None:
    scene, event = a_full_course()
    entry, _ = a_waiting_school(scene, event)
    give_back(scene)

    courses.cancel_event(actor=scene.provider_lead, event=event.reference, reason="The room is flooded")

    entry.refresh_from_db()
    event.refresh_from_db()
    assert (entry.status, event.seats_taken) == ("closed", 0)
    all_agrees()


def test_while_the_provider_is_suspended_no_seat_is_offered_and_the_list_stays(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene, event = a_full_course()
    first, _ = a_waiting_school(scene, event)
    second, _ = a_waiting_school(scene, event)
    give_back(scene)
    first.refresh_from_db()
    assert first.offer_expires_at
    convenor = actor_of(a_convenor(scene.area))
    suspend_organisation(actor=convenor, organisation=scene.provider, reason="Complaints")

    give_back(scene, 2)
    courses.sweep_courses(now=first.offer_expires_at)

    second.refresh_from_db()
    event.refresh_from_db()
    assert (second.status, event.seats_left) == ("waiting", 2)
    with pytest.raises(CourseClosed, match="takes no bookings"):
        places_for(event, scene.school, scene.head)

    lift_suspension(actor=convenor, organisation=scene.provider, reason="A new lead")
    run_jobs()
    second.refresh_from_db()
    assert (second.status, second.offered_places) == ("offered", 1)
    all_agrees()
