"""Days called off by the API: closed schools and people who can't come; what isn't one's own is not there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.bookings.models import BookingStatus
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.organisations.models import User
from tests.builders import a_booking, a_booking_day, a_scene

pytestmark = pytest.mark.django_db


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def test_a_head_closes_the_school_and_its_visits_are_called_off_free_of_charge() -> None:
    scene = a_scene()
    day = a_booking_day(days_ahead=3)
    visit = a_booking(
        status=BookingStatus.CONFIRMED,
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=day,
    )
    client = client_of(scene.receiving_head)
    school = scene.school.organisation.reference

    made = post(client, "/api/school-closures/", school=school, day=day.isoformat(), reason="No heating")

    assert (made.status_code, made.json()["school"]) == (201, school)
    visit.refresh_from_db()
    assert (visit.status, visit.cancellation_charge_pence) == ("cancelled_by_closure", 0)
    assert client.get("/api/school-closures/").json()["count"] == 1
    again = post(client, "/api/school-closures/", school=school, day=day.isoformat(), reason="Snow")
    assert (again.status_code, "day" in str(again.json())) == (400, True)


def test_a_school_of_others_can_not_be_closed_and_the_place_has_to_be_said() -> None:
    scene = a_scene()
    day = local(timezone.now()).date() + timedelta(days=2)
    body = {"day": day.isoformat(), "reason": "Snow"}
    school = scene.school.organisation.reference

    assert (
        post(client_of(scene.provider_lead), "/api/school-closures/", school=school, **body).status_code
        == 404
    )
    assert post(client_of(scene.receiving_head), "/api/school-closures/", **body).status_code in (400, 422)


def test_a_provider_calls_the_days_of_a_person_off() -> None:
    scene = a_scene()
    day = a_booking_day(days_ahead=10)
    visit = a_booking(
        status=BookingStatus.CONFIRMED,
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=day,
    )
    path = f"/api/practitioners/{scene.practitioner.reference}/cancel-days/"
    body = {"first_day": day.isoformat(), "last_day": day.isoformat(), "by": "provider", "reason": "Ill"}

    assert post(client_of(scene.receiving_head), path, **body).status_code == 404
    ended = post(client_of(scene.provider_lead), path, **body)

    assert ended.json() == {"bookings": [visit.reference]}
    visit.refresh_from_db()
    assert visit.status == "cancelled_by_provider"
