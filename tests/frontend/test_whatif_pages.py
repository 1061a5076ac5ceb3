"""The what-if pages: made, undone, kept and shared without script, and shown to each as they may see it."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from marketplace.catalogue.models import Offer, Theme
from marketplace.coverage.models import Scenario
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
    replied,
    worked_out,
)
from tests.builders.scenarios import a_scenario, an_added_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    return an_area(name="Calderbeck")


@pytest.fixture
def offer(area: Area) -> Offer:
    """Five schools that need 10 days of phonics each, and 15 days offered to two of them. Worked out."""
    phonics, ward = Theme.objects.get(code="phonics"), a_ward(area, name="Fell")
    for n in range(5):
        replied(a_needy_school(area, 10, phonics, east=3 * n, ward=ward, name=f"Needy School {n}").school)
    found = days_of_help(a_provider_at(area, name="Fell Hub"), 15, phonics, reach_km=4, mode="in_person")
    worked_out(area)
    return found


@pytest.fixture
def convenor(area: Area) -> User:
    return a_convenor(area)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


NEEDED = {"theme": "maths", "phase": "primary", "days": 2}
ADDED = {
    "kind": "add", "theme": "phonics", "phase": "primary", "days": "20", "pence": "400", "km": "25", "mode": "in_person",
}  # fmt: skip


def test_a_convenor_tries_what_would_close_a_gap(area: Area, convenor: User, offer: Offer) -> None:
    client = client_of(convenor)
    cell = text(client.get("/coverage/phonics/primary/"))
    assert f'href="/coverage/what-if/new/?area={area.code}&amp;theme=phonics&amp;phase=primary"' in cell
    assert "/coverage/what-if/new/?theme=phonics" in text(client.get("/coverage/"))

    form = text(client.get("/coverage/what-if/new/?theme=phonics&phase=primary&days=7.5"))
    assert 'value="phonics" selected' in form and 'value="7.5"' in form
    assert "As it is now." in form

    answer = client.post("/coverage/what-if/new/?theme=phonics&phase=primary", ADDED, follow=True)
    page = text(answer)
    assert "A new offer of 20 days of" in page and "£8,000" in page and "£400" in page
    assert "5 schools would get more days" in page
    assert "Fell" in page  # by ward


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("kind=extend&offer={offer}&days=4", ['value="{offer}" selected', 'value="4"']),
        ("kind=reach&offer={offer}&km=40", ['value="{offer}" selected', 'value="40"']),
        ("kind=remote&offer={offer}", ['value="{offer}" selected']),
        ("kind=redirect&offer={offer}&theme=maths", ['value="{offer}" selected', 'value="maths" selected']),
        ("kind=remove&offer={offer}", ['value="{offer}" selected']),
        ("kind=need&theme=maths&phase=primary", ['value="maths" selected']),
        ("kind=bribe&theme=%00&phase=x&ward=%00&days=many", ["A new offer"]),
    ],
)
def test_an_address_fills_the_form_in(
    query: str, wanted: list[str], area: Area, convenor: User, offer: Offer
) -> None:
    answer = client_of(convenor).get(f"/coverage/what-if/new/?{query.format(offer=offer.reference)}")

    assert answer.status_code == 200
    for each in wanted:
        assert each.format(offer=offer.reference) in text(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({**ADDED, "days": "lots"}, "lots"),
        ({**ADDED, "days": "999999"}, "There is a problem"),
        ({**ADDED, "km": "9000"}, "Enter from 0.5 to 500 km"),
        ({**ADDED, "km": "1e9"}, "Enter from 0.5 to 500 km"),
        ({**ADDED, "km": "1234567.25"}, "in steps of half a kilometre"),
        ({**ADDED, "days": "6000"}, "Enter 5,000 days or fewer"),
        ({**ADDED, "days": "99999999"}, "is more days than this service handles"),
        ({**ADDED, "km": "nan"}, "nan"),
        ({**ADDED, "theme": "\x00"}, "There is a problem"),
        ({"kind": "remove"}, "Which offer to take away is missing"),
        ({"kind": "extend", "offer": "OF-0000000", "days": "2"}, "There is a problem"),
        (
            {"kind": "need", "school": "12", "theme": "maths", "phase": "primary", "days": "2"},
            "There is a problem",
        ),
        ({"kind": "bribe"}, "There is a problem"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_typed_is_lost(
    typed: dict[str, str], said: str, area: Area, convenor: User, offer: Offer
) -> None:
    answer = client_of(convenor).post("/coverage/what-if/new/", typed)

    assert answer.status_code == 422
    assert said in text(answer)
    assert not Scenario.objects.scoped().exists()


def test_everything_that_is_wrong_with_an_edit_is_said_at_once(convenor: User, offer: Offer) -> None:
    wrong = {"days": "0", "pence": "4x", "km": "-1"}

    page = text(client_of(convenor).post("/coverage/what-if/new/", ADDED | wrong))

    assert page.count('class="govuk-error-message"') == 3
    for said in ("Enter half a day or more", "“4x” is not an amount", "Enter from 0.5 to 500 km"):
        assert said in page


def test_edits_are_added_undone_and_taken_out(area: Area, convenor: User, offer: Offer) -> None:
    client, scenario = client_of(convenor), a_scenario(area, convenor)
    at = f"/coverage/what-if/{scenario.reference}/"

    added = client.post(
        at + "add/", {"kind": "extend", "offer": offer.reference, "days": "3", "pence": ""}, follow=True
    )
    assert "3 days more of" in text(added) and "Fell Hub" in text(added)
    assert "3 days more of" not in text(client.post(at + "undo/", follow=True))
    empty = text(client.post(at + "edits/1/remove/", follow=True))
    assert "No edits: this is how things are." in empty
    assert client.post(at + "edits/1/remove/").status_code == 409
    assert client.post(at + "edits/99999999999999999999/remove/").status_code == 409


def test_it_is_kept_under_a_name_shared_copied_and_deleted(area: Area, convenor: User, offer: Offer) -> None:
    client, scenario = client_of(convenor), a_scenario(area, convenor)
    at = f"/coverage/what-if/{scenario.reference}/"

    assert client.post(at + "share/", {"shared_with": "board"}).status_code == 422
    assert client.post(at + "save/", {"name": " "}).status_code == 422
    assert client.post(at + "save/", {"name": "x" * 101}).status_code == 422
    assert "Phonics plan" in text(client.post(at + "save/", {"name": "Phonics plan"}, follow=True))
    client.post(at + "share/", {"shared_with": "convenors"})
    colleague = client_of(a_convenor(area))
    assert "Phonics plan" in text(colleague.get("/coverage/what-if/"))
    assert "Take out" not in text(colleague.get(at))
    assert colleague.post(at + "undo/").status_code == 403

    copied = text(colleague.post(at + "copy/", follow=True))
    assert "Draft" in copied and "Take out" in copied
    assert client.post(at + "discard/", follow=True).status_code == 200
    assert client.get(at).status_code == 404


def test_when_the_inputs_have_changed_it_says_so_and_offers_the_newest(
    area: Area, convenor: User, offer: Offer
) -> None:
    client, scenario = client_of(convenor), a_scenario(area, convenor)
    at = f"/coverage/what-if/{scenario.reference}/"
    assert "Work it out on the newest coverage" not in text(client.get(at))
    a_needy_school(area, 8, Theme.objects.get(code="phonics"))
    worked_out(area)

    assert "Work it out on the newest coverage" in text(client.get(at))
    assert "Work it out on the newest coverage" not in text(client.post(at + "again/", follow=True))


def test_the_board_sees_what_was_shared_without_providers_prices_or_exact_days(
    area: Area, convenor: User, offer: Offer
) -> None:
    edits = [an_added_offer(days=7), {"kind": "remove", "offer": offer.reference}]
    shared = a_scenario(area, convenor, *edits, name="Shared plan", shared_with="board")
    a_scenario(area, convenor, name="Own plan")
    board = client_of(a_board_member(area))

    listed = text(board.get("/coverage/what-if/"))
    page = text(board.get(f"/coverage/what-if/{shared.reference}/"))

    assert "Shared plan" in listed and "Own plan" not in listed
    assert "Without one offer" in page and "A new offer of 7 days" in page
    for secret in ("Fell Hub", offer.current.title, "£400", "Needy School"):
        assert secret not in page and secret not in listed
    assert "all days are in fives" in page
    assert board.get("/coverage/what-if/new/").status_code == 404
    assert board.post("/coverage/what-if/new/", ADDED).status_code == 404
    assert board.get(f"/coverage/what-if/{shared.reference}/add/").status_code == 404


def test_its_author_sees_what_the_board_will_see_and_no_number_is_explained_that_is_not_there(
    area: Area, convenor: User, offer: Offer
) -> None:
    shared = a_scenario(area, convenor, an_added_offer(days=7), name="Shared plan", shared_with="board")
    at, mine = f"/coverage/what-if/{shared.reference}/", client_of(convenor)
    assert 'href="?as=board"' in text(mine.get(at)) and "Days closed are those" in text(mine.get(at))

    for page in (text(mine.get(f"{at}?as=board")), text(client_of(a_board_member(area)).get(at))):
        assert ("Days closed are those" in page) == ("<dt>Days closed</dt>" in page)
        assert "Change who can see it" not in page and "at £" not in page
    asks_more = a_scenario(area, convenor, {"kind": "need", **NEEDED, "school": area.schools.first().urn})
    at = f"/coverage/what-if/{asks_more.reference}/"
    assert "?as=board" not in text(mine.get(at)) and mine.get(f"{at}?as=board").status_code == 404


def test_the_bar_and_the_table_say_the_same_days(area: Area, convenor: User, offer: Offer) -> None:
    a_needy_school(area, 8.5, Theme.objects.get(code="phonics"), east=2)
    worked_out(area)
    scenario = a_scenario(area, convenor, an_added_offer(days=7), name="Plan")

    page = text(client_of(convenor).get(f"/coverage/what-if/{scenario.reference}/"))

    bars = re.findall(r"</svg>([\d.,]+) days? (?:met as|to be met|short of|beyond)", page)
    rows = re.findall(
        r">(?:Met as things stand|To be met by brokering|Short of capacity|Beyond every offer’s reach)</th>"
        r'<td class="[^"]*">([\d.,]+)</td><td class="[^"]*">([\d.,]+)</td>',
        page,
    )
    assert len(rows) == 4 and bars == [before for before, _ in rows] + [after for _, after in rows]


def test_a_link_opens_nothing_for_those_it_was_not_shared_with(
    area: Area, convenor: User, offer: Offer
) -> None:
    scenario = a_scenario(area, convenor, name="Plan", shared_with="board")
    at = f"/coverage/what-if/{scenario.reference}/"
    head = a_person(Role.HEADTEACHER, at=area.schools.first())

    assert Client().get(at).status_code == 302
    for stranger in (head, a_convenor(an_area()), a_person(Role.PROVIDER_LEAD, at=offer.provider)):
        assert client_of(stranger).get(at).status_code == 404


def test_the_list_is_filtered_sorted_and_downloaded(area: Area, convenor: User, offer: Offer) -> None:
    a_scenario(area, convenor, name="Alpha")
    a_scenario(area, a_convenor(area), name="Beta", shared_with="convenors")
    client = client_of(convenor)

    mine, shared = (text(client.get(f"/coverage/what-if/?whose={whose}")) for whose in ("mine", "shared"))
    assert "Alpha" in mine and "Beta" not in mine
    assert "Beta" in shared and "Alpha" not in shared
    assert "Beta" not in text(client.get("/coverage/what-if/?q=alph"))
    page = text(client.get("/coverage/what-if/?sort=name"))
    assert page.index("Alpha") < page.index("Beta")
    content = b"".join(client.get("/coverage/what-if/?format=csv&sort=name").streaming_content)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["Alpha", "Beta"]
    assert rows[0]["Days closed"] == "20.0" and rows[0]["Pounds a day closed"] == "400.0"


def test_the_pages_ask_the_database_the_same_however_much_there_is(
    area: Area, convenor: User, offer: Offer, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = client_of(convenor)
    scenario = a_scenario(area, convenor, *[an_added_offer()] * 12, name="Much")
    for n in range(5):
        a_scenario(area, convenor, name=f"Plan {n}")

    with django_assert_max_num_queries(15):
        client.get("/coverage/what-if/")
    with django_assert_max_num_queries(15):
        client.get(f"/coverage/what-if/{scenario.reference}/")
    with django_assert_max_num_queries(16):
        client.get("/coverage/what-if/new/?kind=extend&theme=phonics&phase=primary")
