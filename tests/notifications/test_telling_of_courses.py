"""Who is told of courses, places and waiting lists, once each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.bookings.actions import courses
from marketplace.bookings.models import WaitingEntry
from marketplace.bookings.queries import courses as queries
from marketplace.kernel.access import Actor, Role
from marketplace.notifications.models import Notification
from marketplace.organisations.actions import suspend_organisation
from marketplace.organisations.models import Cluster
from tests.bookings.courses.test_groups import a_family, a_group
from tests.builders import (
    a_convenor,
    a_course,
    a_course_scene,
    a_person,
    a_practitioner,
    a_waiting_school,
    actor_of,
    an_interest,
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


@pytest.mark.parametrize("is_yes", [True, False])
def test_every_school_of_a_group_hears_what_became_of_it(
    run_jobs: Callable[[], list[str]], is_yes: bool
) -> None:
    scene = a_course_scene()
    approves, heads = a_family(scene)
    school, head = a_family(scene)
    cluster = Cluster.objects.create(area=scene.area, name="The three")
    cluster.schools.set([scene.school, approves, school])
    group = a_group(scene, a_course(scene), approves, school)
    share, last = (queries.orders_visible_to(each).get(group=group) for each in (heads, head))
    courses.approve_places(actor=heads, order=share)
    run_jobs()
    Notification.objects.all().delete()

    if is_yes:
        courses.approve_places(actor=head, order=last)
    else:
        courses.refuse_places(actor=head, order=last, reason="Not us")
    run_jobs()

    outcome = ["booking_confirmed"] if is_yes else ["booking_ended"]
    assert told(heads) == outcome


def test_nobody_with_an_interest_in_the_provider_is_asked_to_approve_places(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene()
    tied, free = (a_person(Role.BUDGET_HOLDER, at=scene.school) for _ in range(2))
    an_interest(tied, scene.provider)

    places_for(a_course(scene), scene.school, scene.buyer)
    run_jobs()

    assert (told(actor_of(tied)), told(actor_of(free))) == ([], ["approval_wanted"])


def test_a_school_with_places_only_hears_that_its_provider_is_suspended(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_course_scene()
    places_for(a_course(scene), scene.school, scene.head)
    run_jobs()
    Notification.objects.all().delete()

    suspend_organisation(
        actor=actor_of(a_convenor(scene.area)), organisation=scene.provider, reason="Complaints"
    )
    run_jobs()

    notice = Notification.objects.get(user=scene.head.user_id)
    assert (notice.kind, notice.path) == ("suspension", "/courses/mine/")
    assert "places on courses" in notice.body
