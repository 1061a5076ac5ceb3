"""Courses in calendar feeds: for those who lead, run or have places on them, and never with how to join."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from marketplace.bookings.actions import courses
from marketplace.kernel.access import Actor
from marketplace.notifications import actions
from tests.builders import a_course, a_course_scene, places_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


def events(actor: Actor, **which: Any) -> list[Any]:
    _, token = actions.issue_feed(actor=actor, **which)
    answer = Client().get(reverse("messages:calendar_feed", args=[token]))
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_course_is_in_the_calendars_of_who_leads_it_and_who_has_ordered_places() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    places_for(event, scene.school, scene.head)

    for actor in (scene.person, scene.head):
        [entry] = events(actor, shows_details=True)
        assert entry["SUMMARY"] == event.title
        assert entry["UID"].startswith(event.reference)
        assert "Ring the bell" not in entry.to_ical().decode()
    assert events(scene.buyer) == []


def test_the_calendar_of_the_school_and_of_the_provider_say_busy() -> None:
    scene = a_course_scene()
    places_for(a_course(scene), scene.school, scene.head)

    for actor, organisation in (
        (scene.head, scene.school.organisation),
        (scene.provider_lead, scene.provider),
    ):
        [entry] = events(actor, organisation=organisation)
        assert entry["SUMMARY"] == "Busy"


def test_a_course_called_off_is_cancelled_under_the_same_uid() -> None:
    scene = a_course_scene()
    event = a_course(scene)
    [before] = events(scene.person)

    courses.cancel_event(actor=scene.provider_lead, event=event, reason="Too few places were sold.")

    [after] = events(scene.person)
    assert after["UID"] == before["UID"]
    assert after["STATUS"] == "CANCELLED"
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
