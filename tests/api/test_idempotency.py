"""A POST to the API with an Idempotency-Key is done once, whatever happens to its answer."""

import pytest
from django.test import Client

from marketplace.notifications import actions
from marketplace.notifications.models import Notification
from marketplace.organisations.models import User
from tests.builders import a_person
from tests.builders.notifications import a_notification

pytestmark = pytest.mark.django_db
READ_ALL = "/api/notifications/read-all/"


@pytest.fixture
def person() -> User:
    return a_person()


@pytest.fixture
def api(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def test_the_same_request_gets_the_same_answer_and_is_done_once(api: Client, person: User) -> None:
    a_notification(person)
    first = api.post(READ_ALL, headers={"Idempotency-Key": "k"})
    a_notification(person)

    second = api.post(READ_ALL, headers={"Idempotency-Key": "k"})

    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (200, {"marked": 1})
    assert second["Idempotency-Replayed"] == "true"
    assert Notification.objects.filter(read_at=None).count() == 1


def test_another_request_with_the_same_key_is_refused(api: Client) -> None:
    api.post(READ_ALL, headers={"Idempotency-Key": "k"})

    answer = api.post(READ_ALL + "?page=2", headers={"Idempotency-Key": "k"})

    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "idempotency_key_reused" and answer.json()["detail"]


def test_a_refusal_of_the_request_itself_is_final(api: Client, person: User) -> None:
    url = "/api/notifications/NT-NOTHERE/read/"
    first = api.post(url, headers={"Idempotency-Key": "k"})
    a_notification(person, reference="NT-NOTHERE")

    second = api.post(url, headers={"Idempotency-Key": "k"})

    assert first.status_code == second.status_code == 404
    assert second["Content-Type"] == "application/problem+json"


def test_a_failure_of_ours_is_not_final_and_leaves_nothing_done(
    api: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_notification(person)
    mark = actions.mark_all_read

    def mark_and_fail(**arguments: object) -> int:
        mark(**arguments)  # type: ignore[arg-type]
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions, "mark_all_read", mark_and_fail)
    assert api.post(READ_ALL, headers={"Idempotency-Key": "k"}).status_code == 500
    assert Notification.objects.get().read_at is None
    monkeypatch.undo()

    answer = api.post(READ_ALL, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()) == (200, {"marked": 1})


def test_a_refusal_that_is_about_the_caller_is_not_final(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    a_notification(person)
    assert strict.post(READ_ALL, headers={"Idempotency-Key": "k"}).status_code == 403
    lenient = Client()
    lenient.force_login(person)

    assert lenient.post(READ_ALL, headers={"Idempotency-Key": "k"}).json() == {"marked": 1}


def test_an_unusable_key_is_refused_with_a_reason(api: Client) -> None:
    answer = api.post(READ_ALL, headers={"Idempotency-Key": "x" * 101})

    assert answer.status_code == 400 and answer.json()["code"] == "idempotency_key_unusable"


def test_without_a_key_a_request_is_done_each_time(api: Client, person: User) -> None:
    for _ in range(2):
        a_notification(person)
        assert api.post(READ_ALL).json() == {"marked": 1}
