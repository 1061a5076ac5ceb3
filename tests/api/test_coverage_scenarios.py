"""What-ifs through the API."""

from typing import Any

import pytest
from django.test import Client

from marketplace.catalogue.models import Theme
from marketplace.coverage.models import Scenario
from marketplace.organisations.models import Area, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_needy_school,
    a_provider_at,
    an_area,
    days_of_help,
    replied,
    worked_out,
)
from tests.builders.scenarios import a_scenario, an_added_offer

pytestmark = pytest.mark.django_db
AT = "/api/coverage/scenarios/"


@pytest.fixture
def area() -> Area:
    """Four schools that need 10 days of phonics each and 15 days offered to two of them."""
    area, phonics = an_area(), Theme.objects.get(code="phonics")
    for n in range(4):
        replied(a_needy_school(area, 10, phonics, east=3 * n).school)
    days_of_help(a_provider_at(area), 15, phonics, reach_km=4, mode="in_person")
    worked_out(area)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def test_edits_are_tried_without_keeping_anything(area: Area) -> None:
    convenor = client_of(a_convenor(area))

    found = post(convenor, AT + "evaluate/", {"area": area.code, "edits": [an_added_offer()]}).json()

    assert (found["closed"], found["spent_pence"], found["pence_a_day"], found["gained"]) == (
        20,
        800_000,
        40_000,
        4,
    )
    assert found["before"]["need"] == found["after"]["need"] == 40
    assert [(c["theme"], c["status_before"]) for c in found["cells"] if not c["ward"]] == [("phonics", "gap")]
    assert not Scenario.objects.scoped().exists()


def test_a_what_if_is_kept_listed_and_read(area: Area) -> None:
    user = a_convenor(area)
    convenor = client_of(user)

    made = post(convenor, AT, {"area": area.code, "edits": [an_added_offer()], "name": "Plan"})

    assert made.status_code == 201
    reference = made.json()["reference"]
    [listed] = convenor.get(AT).json()["results"]
    read = convenor.get(f"{AT}{reference}/").json()
    assert listed["reference"] == read["reference"] == reference
    assert read["edits"][0]["days"] == 20 and not read["overtaken"]
    assert read["outcome"]["closed"] == 20


def test_the_board_reads_what_is_shared_in_fives_and_without_edits(area: Area) -> None:
    scenario = a_scenario(area, a_convenor(area), an_added_offer(days=7), name="Plan", shared_with="board")
    board = client_of(a_board_member(area))

    read = board.get(f"{AT}{scenario.reference}/").json()

    assert read["edits"] == [] and not read["outcome"]["exact"]
    assert all(days % 5 == 0 for days in read["outcome"]["after"].values())
    assert post(board, AT, {"area": area.code, "edits": [an_added_offer()]}).status_code == 404
    assert post(board, AT + "evaluate/", {"area": area.code, "edits": [an_added_offer()]}).status_code == 404
    assert client_of(a_convenor(an_area())).get(f"{AT}{scenario.reference}/").status_code == 404


def test_days_of_an_area_too_small_to_tell_are_left_empty_and_not_nought() -> None:
    area, phonics = an_area(), Theme.objects.get(code="phonics")
    replied(a_needy_school(area, 10, phonics).school)
    worked_out(area)
    scenario = a_scenario(area, a_convenor(area), an_added_offer(days=7), name="Plan", shared_with="board")
    path = f"{AT}{scenario.reference}/"

    told = client_of(a_board_member(area)).get(path).json()["outcome"]
    exact = client_of(a_convenor(area)).get(path).json()["outcome"]

    assert not told["days_are_told"]
    assert [told[name] for name in ("before", "after", "closed", "pence_a_day")] == [None] * 4
    assert exact["days_are_told"] and exact["before"]["need"] == 10


@pytest.mark.parametrize(
    "edits",
    [
        [],
        "all of them",
        [{"kind": "bribe"}],
        [{"kind": "add", "theme": "phonics"}],
        [an_added_offer(days=-3)],
        [an_added_offer(theme="no-such-theme")],
        [an_added_offer(pence=10**12)],
        [{"kind": "remove"}],
        [an_added_offer()] * 41,
    ],
)
def test_edits_that_make_no_sense_are_refused(edits: Any, area: Area) -> None:
    convenor = client_of(a_convenor(area))

    answer = post(convenor, AT, {"area": area.code, "edits": edits})

    assert answer.status_code in (400, 422)
    assert not Scenario.objects.scoped().exists()
