"""Who is told of courses, places and waiting lists, once each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.bookings.actions import courses
from marketplace.bookings.models import WaitingEntry
from marketplace.kernel.access import Actor, Role
from marketplace.notifications.models import Notification
from tests.builders import (
    a_course,
    a_course_scene,
    a_person,
    a_practitioner,
    a_waiting_school,
    actor_of,
    places_for,
)

pytestmark = pytest.mark.django_db


def told(actor: Actor) -> list[str]:
    return list(Notification.objects.filter(user=actor.user_id).order_by("pk").values_list("kind", flat=True))


def test_those_who_wait_hear_of_an_offer_and_of_its_end(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=1)
    order = places_for(event, scene.school, scene.head)
    entry, head = a_waiting_school(scene, event)
    courses.cancel_place(actor=scene.head, order=order.reference, number=1)
    run_jobs()
    assert told(head) == ["place_offered"]

    WaitingEntry._rows.filter(pk=entry.pk).update(
        offered_at=timezone.now() - timedelta(hours=2), offer_expires_at=timezone.now() - timedelta(minutes=1)
    )
    courses.sweep_courses()
    run_jobs()

    assert told(head) == ["place_offered", "waiting_ended"]


def test_a_course_called_off_is_told_to_every_school_and_to_those_who_lead(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene()
    event = a_course(scene)
    places_for(event, scene.school, scene.head)
    other, other_head = scene.another_school()
    places_for(event, other, other_head)
    run_jobs()
    Notification.objects.all().delete()

    courses.cancel_event(actor=scene.provider_lead, event=event.reference, reason="Too few people")
    run_jobs()

    assert told(scene.head) == told(other_head) == told(scene.person) == ["booking_ended"]
    assert "Too few people" in Notification.objects.filter(user=scene.head.user_id).get().body
    assert told(scene.provider_lead) == []


def test_the_budget_holder_is_asked_and_the_person_who_ordered_hears_the_answer(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene()
    event = a_course(scene)
    holder = actor_of(a_person(Role.BUDGET_HOLDER, at=scene.school))
    order = places_for(event, scene.school, scene.buyer)
    run_jobs()
    assert told(holder) == ["approval_wanted"]

    courses.approve_places(actor=scene.head, order=order.reference)
    run_jobs()

    assert told(scene.buyer) == ["booking_confirmed"]


def test_the_headteacher_of_somebody_who_should_lead_is_asked(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_course_scene()
    school, head = scene.another_school()
    person = a_practitioner(school.organisation)
    scene.offer.shown.practitioners.add(person)

    a_course(scene, leaders=[person])
    run_jobs()

    assert told(head) == ["release_wanted"]
