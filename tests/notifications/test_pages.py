"""The notification centre, and asking for news."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.notifications import live
from marketplace.notifications.live import Audience
from tests.builders import a_person
from tests.builders.notifications import a_notification

pytestmark = pytest.mark.django_db
LIST = "/notifications/"


def test_a_person_sees_their_own_newest_first_and_can_keep_to_the_unread(client: Client) -> None:
    person = a_person()
    older, newer = a_notification(person, title="The older"), a_notification(person, title="The newer")
    a_notification(a_person(), title="Somebody else’s")
    client.force_login(person)

    page = client.get(LIST).content.decode()
    assert page.index(newer.title) < page.index(older.title) and "Somebody else" not in page

    client.post(reverse("notifications:read", args=[older.reference]))
    page = client.get(LIST + "?show=unread").content.decode()
    assert newer.title in page and older.title not in page


def test_opening_one_marks_it_read_and_leads_to_what_it_is_about(client: Client) -> None:
    person = a_person()
    notification = a_notification(person, path="/cookies/")
    client.force_login(person)

    answer = client.post(reverse("notifications:read", args=[notification.reference]), {"open": "1"})

    notification.refresh_from_db()
    assert answer.url == "/cookies/" and notification.read_at is not None


def test_marking_one_read_goes_back_to_the_list_as_it_was(client: Client) -> None:
    person = a_person()
    notification = a_notification(person)
    client.force_login(person)

    answer = client.post(
        reverse("notifications:read", args=[notification.reference]), {"next": LIST + "?show=unread"}
    )

    assert answer.url == LIST + "?show=unread"


def test_all_can_be_marked_read(client: Client) -> None:
    person = a_person()
    for _ in range(3):
        a_notification(person)
    client.force_login(person)

    page = client.post(reverse("notifications:read_all"), follow=True).content.decode()

    assert "All notifications are marked as read." in page and "Mark all as read" not in page


def test_somebody_elses_is_not_there(client: Client) -> None:
    other = a_notification(a_person())
    client.force_login(a_person())

    assert client.post(reverse("notifications:read", args=[other.reference])).status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_a_long_list_comes_in_pages(client: Client, django_assert_max_num_queries: object) -> None:
    person = a_person()
    for _ in range(60):
        a_notification(person)
    client.force_login(person)
    client.get(LIST)

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = client.get(LIST + "?page=3").content.decode()

    assert "Showing 51 to 60 of 60 notifications" in page


def test_an_open_page_asks_for_the_frames_it_missed(client: Client) -> None:
    person = a_person()
    seen = live.broadcast("notification", Audience(user=person.pk), {"unread": 1})
    missed = live.broadcast("notification", Audience(user=person.pk), {"unread": 2, "text": "Approved"})
    live.broadcast("notification", Audience(user=a_person().pk))
    client.force_login(person)

    answer = client.get(f"/live/poll/?since={seen.pk}")

    assert answer.json() == {
        "frames": [{"kind": "notification", "id": missed.pk, "unread": 2, "text": "Approved"}]
    }
    assert "no-store" in answer["Cache-Control"]


def test_a_visitor_asking_for_news_gets_none(client: Client) -> None:
    answer = client.get("/live/poll/?since=0")

    assert (answer.status_code, answer.json()) == (401, {"frames": []})


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30])
def test_nonsense_in_asking_for_news_is_refused(client: Client, since: str) -> None:
    client.force_login(a_person())

    assert client.get("/live/poll/", {"since": since}).status_code == 400
