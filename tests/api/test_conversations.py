"""The API of conversations, of choices about e-mail, and of calendar addresses."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.kernel.access import Role
from marketplace.notifications.models import CalendarFeed
from marketplace.organisations.models import Membership, User
from tests.builders import a_conversation, a_file, a_message, a_person, a_scene, a_scenes_booking, a_school
from tests.builders.bookings import Scene

pytestmark = pytest.mark.django_db
CONVERSATIONS = "/api/conversations/"


def signed_in(actor: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


@pytest.fixture
def scene() -> Scene:
    return a_scene()


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(path, body, content_type="application/json", **headers)


def test_the_first_message_begins_a_conversation_and_others_answer(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    body = {"about": "booking", "reference": booking.reference, "text": "Nine?"}
    made = post(signed_in(scene.buyer), CONVERSATIONS, body)
    assert (made.status_code, made.json()["number"]) == (201, 1)

    lead = signed_in(scene.provider_lead)
    [row] = lead.get(CONVERSATIONS).json()["results"]
    assert row["unread"] == 1 and row["path"] == f"/bookings/{booking.reference}/"
    assert {side["name"] for side in row["between"]} >= {str(scene.provider)}
    messages = f"{CONVERSATIONS}{row['reference']}/messages/"
    assert post(lead, messages, {"text": "Nine."}).status_code == 201
    assert [m["text"] for m in lead.get(messages).json()["results"]] == ["Nine?", "Nine."]

    assert lead.get(CONVERSATIONS, {"unread": "true"}).json()["count"] == 1
    read = post(lead, f"{CONVERSATIONS}{row['reference']}/read/", {})
    assert read.json()["unread"] == 0
    assert lead.get(CONVERSATIONS, {"unread": "true"}).json()["count"] == 0
    assert lead.get(CONVERSATIONS, {"about": "booking"}).json()["count"] == 1


def test_a_message_sent_again_with_its_key_is_there_once(scene: Scene) -> None:
    conversation = a_conversation(scene.buyer, a_scenes_booking(scene))
    a_message(scene.buyer, conversation)
    path, client = f"{CONVERSATIONS}{conversation.reference}/messages/", signed_in(scene.buyer)

    answers = [post(client, path, {"text": "Once"}, HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)]

    assert answers[0] == answers[1] and conversation.messages.count() == 2


def test_refusals_say_what_is_wrong(scene: Scene) -> None:
    conversation = a_conversation(scene.buyer, a_scenes_booking(scene))
    a_message(scene.buyer, conversation)
    path, client = f"{CONVERSATIONS}{conversation.reference}/messages/", signed_in(scene.buyer)

    assert post(client, path, {"text": ""}).status_code == 400
    unseen = post(client, path, {"text": "\u200b"})
    assert (unseen.status_code, unseen.json()["code"]) == (422, "message_unusable")


def test_who_takes_no_part_or_has_left_finds_nothing(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    conversation = a_conversation(scene.buyer, booking)
    file = a_file(scene.buyer, conversation, name="Canary file.pdf")
    a_message(scene.buyer, conversation, "Canary text", files=[file.reference])
    outsider = signed_in(_actor(a_person(Role.HEADTEACHER, at=a_school(scene.area))))
    lead = signed_in(scene.provider_lead)
    [message] = lead.get(f"{CONVERSATIONS}{conversation.reference}/messages/").json()["results"]
    assert message["files"][0]["name"] == "Canary file.pdf"

    Membership.objects.filter(user=scene.provider_lead.user_id).update(ended_at=timezone.now())
    for client in (outsider, lead):
        assert client.get(CONVERSATIONS).json()["results"] == []
        one = f"{CONVERSATIONS}{conversation.reference}/"
        for answer in (
            client.get(one),
            client.get(f"{one}messages/"),
            post(client, f"{one}messages/", {"text": "x"}),
            post(client, f"{one}read/", {}),
            post(client, CONVERSATIONS, {"about": "booking", "reference": booking.reference, "text": "x"}),
        ):
            assert answer.status_code == 404 and "Canary" not in answer.content.decode()


def _actor(user: User) -> Any:
    from tests.builders import actor_of

    return actor_of(user)


def test_a_long_list_costs_the_same(scene: Scene, django_assert_max_num_queries: Any) -> None:
    for week in range(12):
        a_message(
            scene.buyer,
            a_conversation(scene.buyer, a_scenes_booking(scene, day=scene.day + timedelta(days=7 * week))),
        )
    client = signed_in(scene.provider_lead)
    client.get(CONVERSATIONS)

    with django_assert_max_num_queries(7):
        assert client.get(CONVERSATIONS).json()["count"] == 12


def test_choices_about_e_mail_are_read_and_changed(scene: Scene) -> None:
    client = signed_in(scene.buyer)
    path = "/api/notification-preferences/"
    chosen = {row["kind"]: row for row in client.get(path).json()}
    assert chosen["message_waiting"]["choice"] == "at_once"
    assert chosen["approval_wanted"]["offered"] == ["at_once", "daily"]

    def put(kind: str, choice: str) -> Any:
        return client.put(f"{path}{kind}/", {"choice": choice}, content_type="application/json")

    assert put("message_waiting", "daily").json()["choice"] == "daily"
    assert put("approval_wanted", "never").status_code == 422
    assert put("message_waiting", "sometimes").status_code == 400
    assert put("weather", "daily").status_code == 404


def test_a_calendar_address_is_made_listed_without_it_and_taken_back(scene: Scene) -> None:
    client, path = signed_in(scene.buyer), "/api/calendar-feeds/"
    made = post(client, path, {"organisation": scene.school.organisation.reference})
    assert made.status_code == 201 and made.json()["address"].endswith(".ics")
    address = made.json()["address"].split("8000")[-1]

    [row] = client.get(path).json()["results"]
    assert "address" not in row and row["organisation"] == scene.school.organisation.reference
    assert post(client, path, {"organisation": scene.provider.reference}).status_code == 404
    assert signed_in(scene.provider_lead).delete(f"{path}{row['reference']}/").status_code == 404

    assert client.get("/" + address.split("/", 1)[1] if address[0] != "/" else address).status_code == 200
    assert client.delete(f"{path}{row['reference']}/").status_code == 204
    assert not CalendarFeed.objects.filter(revoked_at=None).exists()
