"""The API of notifications."""

import pytest
from django.test import Client

from marketplace.kernel.access import Role
from tests.builders import a_person, a_school
from tests.builders.notifications import a_notification

pytestmark = pytest.mark.django_db


def test_a_person_lists_their_own_newest_first(client: Client) -> None:
    person = a_person(Role.STAFF, at=(school := a_school()))
    older = a_notification(person, organisation=school.organisation)
    newer = a_notification(person)
    a_notification(a_person())
    client.force_login(person)

    answer = client.get("/api/notifications/").json()

    assert [row["reference"] for row in answer["results"]] == [newer.reference, older.reference]
    assert answer["results"][1]["organisation"] == school.organisation.reference


def test_unread_ones_can_be_asked_for(client: Client) -> None:
    person = a_person()
    unread, read = a_notification(person), a_notification(person)
    client.force_login(person)
    client.post(f"/api/notifications/{read.reference}/read/")

    answer = client.get("/api/notifications/?unread=true").json()

    assert [row["reference"] for row in answer["results"]] == [unread.reference]


def test_somebody_elses_is_not_there(client: Client) -> None:
    other = a_notification(a_person())
    client.force_login(a_person())

    for answer in (
        client.get(f"/api/notifications/{other.reference}/"),
        client.post(f"/api/notifications/{other.reference}/read/"),
    ):
        assert answer.status_code == 404 and answer.json()["code"] == "not_found"
    other.refresh_from_db()
    assert other.read_at is None


def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/api/notifications/").status_code == 401
