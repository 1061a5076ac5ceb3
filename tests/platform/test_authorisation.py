"""Every address answers every kind of person as the reviewed file says (see `authorisation/`), with a page that is whole."""

import os
from collections.abc import Container, Iterator
from typing import Any

import pytest
from django import shortcuts
from django.db import transaction
from django.test import Client, override_settings
from django.urls import resolve
from pytest_django.plugin import DjangoDbBlocker

from frontend import pdf
from marketplace.billing import network, stripe_gateway
from marketplace.billing.actions.cards import playing
from marketplace.billing.gateways import Unsettled
from marketplace.billing.stripe_gateway import StripeNetwork
from tests.builders import a_person
from tests.platform.authorisation.addresses import endpoints
from tests.platform.authorisation.asking import UNDECIDED, check_page, decided, ignore, verdict, write
from tests.platform.authorisation.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _without_pdfs() -> Iterator[None]:
    """There are thousands of answers, and a PDF takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "pdf_is_available", lambda: False)
        yield


@pytest.fixture(scope="module", autouse=True)
def _with_a_silent_card_network() -> Iterator[None]:
    """Cards are taken, by a network nobody reaches: nothing here is to leave this computer."""
    silent = StripeNetwork("sk_test_silent", base="http://127.0.0.1:1")
    keys = override_settings(
        STRIPE_SECRET_KEY="sk_test_silent", STRIPE_API_BASE="http://127.0.0.1:1", STRIPE_CONNECT=False
    )
    with keys, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe_gateway, "_settled", _no_answer)
        patch.setattr(network, "client", lambda: silent)
        patch.setattr(playing, "network", lambda: silent)
        yield


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, _with_a_silent_card_network: None
) -> Iterator[World]:
    """One world for all columns: what a request does to it is undone at once, and the world itself at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def _no_answer(call: Any) -> None:
    raise Unsettled("Nobody answers.")


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


# To these pages are written out, and looked at: between them they see every page. To others it only matters whether one is given.
LOOKED_AT = {
    "anonymous",
    "headteacher",
    "provider_lead",
    "practitioner",
    "convenor",
    "board_member",
    "removed",
}


def observed(world: World, column: str, *, known: Container[str] = ()) -> dict[str, str]:
    """The verdict on every address but those `known`, for one column, with nothing left behind by any request."""
    client = world.client(column)
    found = {}
    look = check_page if column in LOOKED_AT else ignore
    for endpoint, address, body in world.requests:
        if str(endpoint) in known:
            continue
        with transaction.atomic():
            said = verdict(client, endpoint.method, address, body, look)
            transaction.set_rollback(True)
        if said:
            found[str(endpoint)] = said
    return found


@pytest.mark.skipif("AUTHORISATION_ADD" not in os.environ, reason="adds rows to the file; run by hand")
def test_add_what_is_missing(world: World) -> None:
    rows = decided()
    known = {name for name, row in rows.items() if set(COLUMNS) <= set(row)}
    for column in COLUMNS:
        for name, said in observed(world, column, known=known).items():
            rows.setdefault(name, {}).setdefault(column, said + UNDECIDED)
    write(rows, COLUMNS)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_address_answers_as_decided(world: World, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {endpoint: row[column] for endpoint, row in decided().items()}
    if column not in LOOKED_AT:
        monkeypatch.setattr(shortcuts.loader, "render_to_string", lambda *_, **__: "")

    found = observed(world, column)
    if column == "anonymous":  # who is not signed in is not told which methods an address takes
        found = {name: said for name, said in found.items() if name in cells}

    undecided = sorted(name for name in found if cells.get(name, UNDECIDED).endswith(UNDECIDED))
    assert undecided == [], "run python -m tests.platform.authorisation, and decide"
    different = {
        name: f"{said}, decided: {cells[name]}" for name, said in found.items() if said != cells[name]
    }
    assert different == {}
    assert sorted(set(cells) - set(found)) == [], "decided, but no longer there"


def test_no_address_hides_another(world: World) -> None:
    for endpoint in endpoints():
        address = world.address(endpoint)
        assert resolve(address.split("?")[0]).view_name == endpoint.name, address


def test_nothing_fails_whatever_is_sent_to_it() -> None:
    """Answers with a fault never make it into the file; this says so of the file itself."""
    assert [name for name, row in decided().items() if any("fault" in cell for cell in row.values())] == []


def test_the_admin_is_for_those_who_run_the_exchange(world: World) -> None:
    for column in COLUMNS:
        assert world.client(column).get("/admin/").status_code == 302, column
    superuser = a_person()
    superuser.is_staff = superuser.is_superuser = True
    superuser.save()
    client = Client()
    client.force_login(superuser)
    assert client.get("/admin/").status_code == 200
