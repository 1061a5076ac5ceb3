"""Concerns about a deployment by the API: raised, answered, closed and opened again by those who may."""

from typing import Any

import pytest
from django.test import Client

from marketplace.brokerage import actions
from marketplace.kernel.access import Actor
from marketplace.organisations.models import User
from tests.builders import a_deployment, the_parties

pytestmark = pytest.mark.django_db


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def test_a_concern_is_raised_answered_closed_and_opened_again() -> None:
    parties = the_parties()
    path = f"/api/deployments/{a_deployment(parties).reference}/concerns/"
    head, lead = client_of(parties.scene.receiving_head), client_of(parties.scene.provider_lead)

    raised = post(head, path, text="Nobody came twice.")
    assert (raised.status_code, raised.json()["number"], raised.json()["verbs"]) == (201, 1, [])
    assert post(head, f"{path}1/answer/", answer="Myself").status_code == 403
    answered = post(lead, f"{path}1/answer/", answer="A new person comes.")
    assert (answered.json()["status"], answered.json()["verbs"]) == ("answered", ["close"])
    assert post(lead, f"{path}1/close/").json()["status"] == "closed"
    assert post(head, f"{path}1/reopen/", reason="Still nobody.").json()["status"] == "open"
    assert head.get(path).json()["count"] == 1


def test_who_need_not_know_finds_no_concern() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    actions.raise_concern(
        actor=parties.scene.receiving_head, deployment=row, text="Private", listener="authority"
    )
    path = f"/api/deployments/{row.reference}/concerns/"

    assert client_of(parties.scene.provider_lead).get(path).json()["count"] == 0
    assert client_of(parties.scene.provider_lead).get(f"{path}1/").status_code == 404
    assert client_of(the_parties().scene.receiving_head).get(path).status_code == 404


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_of_concerns_takes_the_same_few_queries(
    count: int, django_assert_max_num_queries: Any
) -> None:
    parties = the_parties()
    row = a_deployment(parties)
    for number in range(count):
        actions.raise_concern(actor=parties.scene.receiving_head, deployment=row, text=f"Worry {number}")
    client = client_of(parties.convenor)

    with django_assert_max_num_queries(12):
        client.get(f"/api/deployments/{row.reference}/concerns/")
