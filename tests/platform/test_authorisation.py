"""Every address answers every kind of person as the reviewed file says (see `authorisation/`)."""

import os

import pytest
from django import shortcuts
from django.db import transaction
from django.test import Client
from django.urls import resolve

from tests.builders import a_person
from tests.platform.authorisation.addresses import endpoints
from tests.platform.authorisation.asking import UNDECIDED, decided, verdict, write
from tests.platform.authorisation.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_writing_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whether an answer is given matters here, and there are thousands: pages and PDFs are not written out."""
    monkeypatch.setattr(shortcuts.loader, "render_to_string", lambda *_, **__: "")


COLUMNS = [
    "anonymous",
    "staff",
    "headteacher",
    "budget_holder",
    "governor",
    "trust_lead",
    "releasing_head",
    "provider_lead",
    "practitioner",
    "convenor",
    "board_member",
    "scrutiny",
    "finance",
    "support",
    "same_area",
    "other_area",
    "removed",
]


def observed(world: World, column: str) -> dict[str, str]:
    """The verdict on every address for one column, with nothing left behind by any request."""
    client = world.client(column)
    found = {}
    for endpoint in endpoints():
        address, body = world.address(endpoint), world.body(endpoint)
        with transaction.atomic():
            said = verdict(client, endpoint.method, address, "" if endpoint.method == "GET" else body)
            transaction.set_rollback(True)
        if said:
            found[str(endpoint)] = said
    return found


@pytest.mark.skipif("AUTHORISATION_ADD" not in os.environ, reason="adds rows to the file; run by hand")
def test_add_what_is_missing() -> None:
    world, rows = World(), decided()
    for column in COLUMNS:
        for name, said in observed(world, column).items():
            rows.setdefault(name, {}).setdefault(column, said + UNDECIDED)
    write(rows, COLUMNS)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_address_answers_as_decided(column: str) -> None:
    cells = {endpoint: row[column] for endpoint, row in decided().items()}

    found = observed(World(), column)
    if column == "anonymous":  # who is not signed in is not told which methods an address takes
        found = {name: said for name, said in found.items() if name in cells}

    undecided = sorted(name for name in found if cells.get(name, UNDECIDED).endswith(UNDECIDED))
    assert undecided == [], "run python -m tests.platform.authorisation, and decide"
    different = {
        name: f"{said}, decided: {cells[name]}" for name, said in found.items() if said != cells[name]
    }
    assert different == {}
    assert sorted(set(cells) - set(found)) == [], "decided, but no longer there"


def test_no_address_hides_another() -> None:
    world = World()
    for endpoint in endpoints():
        address = world.address(endpoint)
        assert resolve(address.split("?")[0]).view_name == endpoint.name, address


def test_nothing_fails_whatever_is_sent_to_it() -> None:
    """Answers with a fault never make it into the file; this says so of the file itself."""
    assert [name for name, row in decided().items() if any("fault" in cell for cell in row.values())] == []


def test_the_admin_is_for_those_who_run_the_exchange() -> None:
    world = World()
    for column in COLUMNS:
        assert world.client(column).get("/admin/").status_code == 302, column
    superuser = a_person()
    superuser.is_staff = superuser.is_superuser = True
    superuser.save()
    client = Client()
    client.force_login(superuser)
    assert client.get("/admin/").status_code == 200
