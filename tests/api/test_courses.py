"""Courses by the API: found, booked, waited for, given back; what is refused says so to a program."""

from typing import Any

import pytest
from django.test import Client

from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Actor
from marketplace.organisations.models import User
from tests.builders import (
    CourseScene,
    a_booking_day,
    a_course,
    a_course_scene,
    a_waiting_school,
    places_for,
    some_places_of_a_package,
)

pytestmark = pytest.mark.django_db


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def a_scene() -> CourseScene:
    return a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())


def test_a_program_finds_a_course_books_it_and_gives_a_place_back() -> None:
    scene = a_scene()
    event = a_course(scene, day=a_booking_day(days_ahead=12))
    client = client_of(scene.head)

    [found] = client.get("/api/courses/").json()["results"]
    order = post(
        client,
        f"/api/courses/{found['reference']}/book/",
        school=scene.school.urn,
        attendees=[{"name": "Ada Lovelace"}, {}],
    )
    assert order.status_code == 201
    reference = order.json()["reference"]
    quote = client.get(f"/api/place-orders/{reference}/cancellation-quote/", {"number": 1}).json()
    after = post(client, f"/api/place-orders/{reference}/give-back/", number=1).json()

    assert (found["seats_left"], "joining" in found) == (10, False)
    assert quote["charge_pence"] == after["places"][0]["charge_pence"] == 75_00
    assert [place["status"] for place in after["places"]] == ["cancelled_by_buyer", "booked"]
    event.refresh_from_db()
    assert event.seats_taken == 1


def test_a_full_course_tells_how_many_seats_are_left_and_lets_one_wait() -> None:
    scene = a_scene()
    event = a_course(scene, seats=2)
    places_for(event, scene.school, scene.head)
    school, head = scene.another_school()
    client = client_of(head)

    refused = post(client, f"/api/courses/{event.reference}/book/", school=school.urn, attendees=[{}, {}])
    entry = post(client, f"/api/courses/{event.reference}/wait/", school=school.urn, places=2)

    assert (refused.status_code, refused.json()["seats_left"]) == (409, 1)
    assert (entry.status_code, entry.json()["status"], entry.json()["offered_places"]) == (201, "offered", 1)
    taken = post(client, f"/api/waiting/{entry.json()['reference']}/take/", attendees=[{"name": "Ada"}])
    assert taken.json()["status"] == "confirmed"
    left = post(client, f"/api/waiting/{entry.json()['reference']}/leave/")
    assert left.json()["status"] == "left"


def test_places_are_drawn_from_a_package_of_one_s_own_only() -> None:
    scene = a_scene()
    event = a_course(scene)
    entitlement = some_places_of_a_package(scene)
    address = f"/api/courses/{event.reference}/book/"
    body = {"attendees": [{}], "entitlement": entitlement.pk}

    own = post(client_of(scene.head), address, school=scene.school.urn, **body)
    school, head = scene.another_school()
    other = post(client_of(head), address, school=school.urn, **body)

    assert (own.status_code, own.json()["route"], own.json()["purchase_order_number"]) == (
        201,
        "entitlement",
        "",
    )
    assert other.status_code == 404


def test_names_are_not_told_to_the_convenor_and_orders_not_to_strangers() -> None:
    scene = a_scene()
    event = a_course(scene, seats=1)
    order = places_for(event, scene.school, scene.head)
    _, stranger = a_waiting_school(scene, event)

    assert client_of(stranger).get(f"/api/place-orders/{order.reference}/").status_code == 404
    assert client_of(stranger).get("/api/place-orders/").json()["count"] == 0
    seen = client_of(scene.person).get("/api/waiting/").json()
    assert seen["count"] == 0  # leading a course shows its register, not who waits


def test_a_provider_puts_a_course_on_its_dates_and_calls_it_off() -> None:
    scene = a_scene()
    client = client_of(scene.provider_lead)
    day = a_booking_day(days_ahead=30)
    body = {
        "offer": scene.offer.reference,
        "dates": [{"day": day.isoformat(), "starts": "09:00", "ends": "12:00"}],
        "mode": "in_person",
        "venue": "The Old Hall",
        "seats": 12,
        "closing_day": a_booking_day(days_ahead=20).isoformat(),
        "leaders": [scene.practitioner.reference],
    }

    made = post(client, "/api/courses/", **body)
    again = post(client, "/api/courses/", **body)
    assert (made.status_code, made.json()["status"], made.json()["seats"]) == (201, "open", 12)
    assert (again.status_code, again.json()["code"]) == (409, "lead_taken")
    ended = post(client, f"/api/courses/{made.json()['reference']}/call-off/", reason="Too few people")

    assert ended.json()["status"] == "cancelled"


def test_only_a_provider_schedules_and_with_people_of_the_offer() -> None:
    scene = a_scene()
    body: dict[str, Any] = {
        "offer": scene.offer.reference,
        "dates": [{"day": "2030-01-08", "starts": "09:00", "ends": "12:00"}],
        "mode": "remote",
        "seats": 5,
        "closing_day": "2030-01-07",
        "leaders": ["PR-NOBODY"],
    }

    assert post(client_of(scene.head), "/api/courses/", **body).status_code == 404
    refused = post(client_of(scene.provider_lead), "/api/courses/", **body)

    assert refused.status_code in (400, 422) and "leaders" in str(refused.json())
