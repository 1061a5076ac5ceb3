"""The pages of advice: asking, reading, and going on from a line."""

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from frontend.views.coverage.advice import links
from marketplace.catalogue.models import Theme
from marketplace.coverage.models import Advice
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
ASK = "/coverage/advice/"


@pytest.fixture
def area() -> Area:
    """12 of 20 days of phonics cannot be met."""
    area, phonics = an_area(name="Calderbeck"), Theme.objects.get(code="phonics")
    ward = a_ward(area, name="Ward of Holm")
    for n in range(2):
        a_needy_school(area, 10, phonics, east=n, ward=ward)
    days_of_help(a_provider_at(area, name="Fell Hub"), 8, phonics)
    worked_out(area)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def rows_of(answer: Any) -> list[dict[str, str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def asked(client: Client, **entries: str) -> str:
    answer = client.post(ASK, {"budget": "4,000"} | entries)
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"])


def test_a_convenor_asks_and_reads_what_to_do(area: Area) -> None:
    convenor = client_of(a_convenor(area))

    page = text(convenor.get(asked(convenor)))

    assert "What to do about gaps with £4,000.00" in page
    assert "12 days would stay unmet even if everything offered were brokered perfectly" in page
    assert "1. Ask Fell Hub for 5 days more of" in page
    assert "First, for nothing" in page and "This is the first answer" in page


def test_the_page_says_how_near_the_best_the_choice_is_once_refined(
    area: Area, run_jobs: Callable[[], list[str]]
) -> None:
    convenor = client_of(a_convenor(area))
    address = asked(convenor)
    run_jobs()

    page, part = text(convenor.get(address)), text(convenor.get(f"{address}?part=advice"))

    assert "It is proved that no combination closes more" in page
    assert part.startswith('<div id="advice" data-refresh-on="advice"') and "hx-trigger" not in part
    assert "20% less money" in part and "If the budget were different" in part


def test_a_line_leads_to_a_call_a_commission_and_a_trial_filled_in(area: Area) -> None:
    convenor = client_of(a_convenor(area))
    address = asked(convenor)
    line = Advice.objects.get().result["lines"][0]
    ward = area.wards.get().code

    page = convenor.get(address).content.decode().replace("&amp;", "&")

    gap = f"area={area.code}&theme=phonics&phase=primary&ward={ward}&days=5"
    assert (
        f'href="/calls/new/?{gap}&ceiling={line["cost_pence"] / line["bought"] / 100:.2f}&origin=Advice+ADV'
        in page
    )
    assert f'href="/commissions/new/?{gap}"' in page
    price = f"{line['cost_pence'] / 500:.2f}"
    assert f'href="/coverage/what-if/new/?kind=extend&offer={line["offer"]}&{gap}&price={price}"' in page


@pytest.mark.parametrize(
    ("line", "ceiling", "trial"),
    [
        ({"kind": "wider_reach", "km": 10.0}, None, {"kind": "reach", "cost": "116.44", "km": "10"}),
        ({"kind": "redirect", "km": None}, None, {"kind": "redirect", "cost": "116.44"}),
        ({"kind": "remote"}, None, {"kind": "remote", "cost": "116.44"}),
        ({"kind": "practitioner", "km": 25.0}, "33.27", {"kind": "add", "price": "33.27", "km": "25"}),
    ],
)
def test_only_a_line_that_buys_days_has_a_price_of_a_day_and_each_is_tried_with_its_cost_and_reach(
    line: dict[str, Any], ceiling: str | None, trial: dict[str, str], area: Area
) -> None:
    asked(client_of(a_convenor(area)))
    common = {"offer": "", "ward": "", "bought": 3.5, "cost_pence": 11_644, "cells": []}

    found = links(Advice.objects.get(), common | line)

    call, tried = (dict(parse_qsl(urlsplit(found[name]).query)) for name in ("call", "try"))
    assert call.get("ceiling") == ceiling
    assert {name: tried.get(name) for name in ("kind", "price", "cost", "km") if name in tried} == trial


def test_the_file_has_the_lines_of_the_page(area: Area) -> None:
    convenor = client_of(a_convenor(area))

    rows = rows_of(convenor.get(asked(convenor) + "?format=csv"))

    [line] = [row for row in rows if row["Order"] == "1"]
    assert (line["Days closed"], line["Of too few days"], line["Provider"]) == ("5.0", "5.0", "Fell Hub")
    assert rows_of(convenor.get(f"{ASK}?format=csv"))[0]["Budget (pounds)"] == "4000.0"


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ({"budget": ""}, "budget"),
        ({"budget": "lots"}, "lots"),
        ({"budget": "-5"}, "Enter £0.00 or more"),
        ({"budget": "99999999"}, "or less"),
        ({"ward_floor": "half"}, "Enter a whole number from 1 to 100"),
        ({"ward_floor": "0"}, "Enter 1 or more"),
        ({"theme": "nonsense"}, "theme"),
        ({"phase": "sixth"}, "sixth"),
        ({"ward": "E05"}, "ward"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_typed_is_lost(
    entries: dict[str, str], says: str, area: Area
) -> None:
    answer = client_of(a_convenor(area)).post(ASK, {"budget": "1,234", "limit_owners": "on"} | entries)

    assert answer.status_code == 422
    page = text(answer)
    assert "There is a problem" in page and says in page.lower() + page
    assert 'name="limit_owners" id="id_limit_owners"' in page or "checked" in page
    assert not Advice.objects.exists()


def test_the_question_is_filled_in_from_where_one_comes_from(area: Area) -> None:
    page = text(client_of(a_convenor(area)).get(f"{ASK}?theme=phonics&phase=primary"))

    assert '<option value="phonics" selected' in page and '<option value="primary" selected' in page


def test_old_advice_says_that_things_have_changed(area: Area) -> None:
    convenor = client_of(a_convenor(area))
    address = asked(convenor)
    assert "have changed since" not in text(convenor.get(address))

    a_needy_school(area, 3, Theme.objects.get(code="phonics"))
    worked_out(area)

    assert "Needs or offers have changed since" in text(convenor.get(address))


@pytest.mark.parametrize("who", ["board", "scrutiny", "head", "stranger"])
def test_nobody_but_a_convenor_of_the_area_finds_anything(who: str, area: Area) -> None:
    address = asked(client_of(a_convenor(area)))
    person = {
        "board": lambda: a_board_member(area),
        "scrutiny": lambda: a_board_member(area, Role.SCRUTINY),
        "head": lambda: a_person(Role.HEADTEACHER, at=area.schools.first()),
        "stranger": lambda: a_convenor(an_area()),
    }[who]()

    client = client_of(person)

    assert client.get(address).status_code == 404
    assert client.get(f"{ASK}?area={area.code}").status_code == 404
    assert client.post(f"{ASK}?area={area.code}", {"budget": "5"}).status_code == 404
    assert Client().get(ASK).status_code == 302
    if who in ("board", "scrutiny"):
        assert "/coverage/advice/" not in client.get("/coverage/").content.decode()


@pytest.mark.parametrize("one", [False, True])
def test_pages_keep_to_their_budget_of_queries(
    one: bool, area: Area, django_assert_max_num_queries: Any
) -> None:
    convenor = client_of(a_convenor(area))
    addresses = [asked(convenor) for _ in range(4)]
    path = addresses[0] if one else ASK
    convenor.get(path)

    with django_assert_max_num_queries(14):
        assert convenor.get(path).status_code == 200
