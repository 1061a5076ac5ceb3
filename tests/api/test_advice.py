"""The API of commissioning advice."""

from typing import Any

import pytest
from django.test import Client

from marketplace.catalogue.models import Theme
from marketplace.organisations.models import Area, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_needy_school,
    a_provider_at,
    an_area,
    days_of_help,
    worked_out,
)

pytestmark = pytest.mark.django_db
PATH = "/api/coverage/advice/"


@pytest.fixture
def area() -> Area:
    area, phonics = an_area(), Theme.objects.get(code="phonics")
    a_needy_school(area, 20, phonics)
    days_of_help(a_provider_at(area), 8, phonics)
    worked_out(area)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, body: Any) -> Any:
    return client.post(PATH, body, content_type="application/json")


def test_a_convenor_asks_and_reads_the_answer(area: Area) -> None:
    convenor = client_of(a_convenor(area))

    made = post(convenor, {"area": area.code, "budget_pence": 400_000, "theme": "phonics"})

    assert made.status_code == 201, made.content
    answer = made.json()
    assert (answer["state"], answer["theme"], answer["ward"]) == ("at_once", "phonics", "")
    assert answer["result"]["days"] == 5 and answer["result"]["exact"] is None
    assert convenor.get(f"{PATH}{answer['reference']}/").json() == answer
    [listed] = convenor.get(PATH).json()["results"]
    assert listed["reference"] == answer["reference"] and "result" not in listed


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"budget_pence": "lots"},
        {"budget_pence": -1},
        {"budget_pence": 5, "theme": "nonsense"},
        {"budget_pence": 5, "ward_floor_percent": 0},
    ],
)
def test_what_cannot_be_used_is_refused(body: Any, area: Area) -> None:
    assert post(client_of(a_convenor(area)), body).status_code == 400


def test_the_board_and_strangers_find_nothing(area: Area) -> None:
    made = post(client_of(a_convenor(area)), {"budget_pence": 0}).json()
    body = {"area": area.code, "budget_pence": 0}

    assert Client().get(PATH).status_code == 401
    for person in (a_board_member(area), a_convenor(an_area())):
        client = client_of(person)
        assert post(client, body).status_code == 404
        assert client.get(f"{PATH}{made['reference']}/").status_code == 404
        assert client.get(PATH).json()["results"] == []


def test_the_list_keeps_to_its_budget_of_queries(area: Area, django_assert_max_num_queries: Any) -> None:
    convenor = client_of(a_convenor(area))
    for _ in range(4):
        post(convenor, {"budget_pence": 0})

    with django_assert_max_num_queries(8):
        assert convenor.get(PATH).status_code == 200
