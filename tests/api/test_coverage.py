"""The API of coverage."""

from typing import Any

import pytest
from django.test import Client

from marketplace.catalogue.models import Theme
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_needy_school,
    a_person,
    a_provider_at,
    a_ward,
    an_area,
    days_of_help,
    worked_out,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    """Five schools need phonics and one needs maths, in one ward."""
    area = an_area()
    ward = a_ward(area)
    phonics, maths = (Theme.objects.get(code=code) for code in ("phonics", "maths"))
    for n in range(5):
        a_needy_school(area, 4, phonics, east=n, ward=ward)
    a_needy_school(area, 4, maths, ward=ward)
    days_of_help(a_provider_at(area), 15, phonics)
    worked_out(area)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def cells(client: Client, **query: str) -> dict[tuple[str, str], Any]:
    answer = client.get("/api/coverage/cells/", {"page_size": "100", **query})
    assert answer.status_code == 200, answer.content
    return {(cell["theme"], cell["phase"]): cell for cell in answer.json()["results"]}


@pytest.mark.parametrize("path", ["/api/coverage/cells/", "/api/coverage/snapshots/"])
def test_only_convenor_board_and_scrutiny_find_anything(path: str, area: Area) -> None:
    assert Client().get(path).status_code == 401
    for role in (Role.HEADTEACHER, Role.PROVIDER_LEAD):
        assert client_of(a_person(role, at=area.schools.first())).get(path).status_code == 404
    assert client_of(a_convenor(an_area())).get(path, {"area": area.code}).status_code == 404
    for user in (a_convenor(area), a_board_member(area), a_board_member(area, Role.SCRUTINY)):
        assert client_of(user).get(path).status_code == 200


def test_a_convenors_cells_are_exact_and_carry_their_measures(area: Area) -> None:
    found = cells(client_of(a_convenor(area)))

    phonics = found["phonics", "primary"]
    parts = ("met", "brokerable", "capacity_gap", "reach_gap", "unlocated")
    assert phonics["need"] == 20 == pytest.approx(sum(phonics[part] for part in parts))
    assert phonics["measures"]["owners"] == 1
    assert found["", ""]["need"] == 24


def test_the_boards_cells_are_in_fives_or_hidden(area: Area) -> None:
    found = cells(client_of(a_board_member(area)))

    assert found["maths", "primary"]["hidden"]
    assert found["maths", "primary"]["need"] is None and found["maths", "primary"]["status"] is None
    assert found["", ""]["need"] == 25
    assert all(cell["measures"] == {} for cell in found.values())
    assert all(cell["need"] is None or cell["need"] % 5 == 0 for cell in found.values())


def test_cells_are_filtered(area: Area) -> None:
    convenor = client_of(a_convenor(area))
    ward = area.wards.get()

    assert set(cells(convenor, theme="phonics", phase="primary")) == {("phonics", "primary")}
    assert cells(convenor, ward=ward.code)["phonics", "primary"]["ward"] == ward.code
    assert {cell["status"] for cell in cells(convenor, status="gap").values()} == {"gap"}
    assert convenor.get("/api/coverage/cells/", {"phase": "sixth"}).status_code == 400


def test_snapshots_are_all_the_convenors_and_only_the_released_one_the_boards(area: Area) -> None:
    a_needy_school(area, 4, Theme.objects.get(code="maths"))
    worked_out(area)

    of_convenor = client_of(a_convenor(area)).get("/api/coverage/snapshots/").json()["results"]
    of_board = client_of(a_board_member(area)).get("/api/coverage/snapshots/").json()["results"]

    assert [each["number"] for each in of_convenor] == [2, 1]
    assert [each["number"] for each in of_board] == [1]
    assert "because" not in of_board[0]


def test_before_the_first_snapshot_the_answer_says_so() -> None:
    answer = client_of(a_convenor(an_area())).get("/api/coverage/cells/")

    assert answer.status_code == 404
    assert "not been worked out yet" in answer.json()["title"]
