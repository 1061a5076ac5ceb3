"""Coverage for schools, providers and everybody, and the comparison with other areas."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from frontend.templatetags.ui.words import moment
from marketplace.catalogue.models import Theme
from marketplace.coverage.models import Neighbour, Release, Snapshot
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

pytestmark = pytest.mark.django_db
WHY = "As many schools, and as many of them academies"


@pytest.fixture
def area() -> Area:
    """Seven schools that need phonics, and a provider with days for it."""
    area = an_area(name="Calderbeck", code="371")
    ward, phonics = a_ward(area), Theme.objects.get(code="phonics")
    for n in range(7):
        replied(a_needy_school(area, 4, phonics, east=n, ward=ward, name=f"Needy School {n}").school)
    days_of_help(a_provider_at(area, name="Fell Hub"), 21, phonics)
    worked_out(area)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return " ".join(content.decode().split())


def a_file(**changes: Any) -> SimpleUploadedFile:
    told = {
        "form": "school-support-exchange/benchmark",
        "form_version": 1,
        "definitions_version": 1,
        "area": {"code": "372", "name": "Overbeck"},
        "as_of": "2026-09-01",
        "academic_year": "2026/27",
        "indicators": {"met_share": 0.42, "median_price": 38500},
    } | changes
    return SimpleUploadedFile("overbeck.json", json.dumps(told).encode())


def test_a_school_sees_its_own_needs_and_the_offers_for_them_and_no_other_school(area: Area) -> None:
    school = area.schools.get(organisation__name="Needy School 3")
    head = client_of(a_person(Role.HEADTEACHER, at=school))

    page, file = text(head.get("/coverage/our-needs/")), text(head.get("/coverage/our-needs/?format=csv"))

    assert "Phonics and early reading, primary" in page and "Fell Hub, 3 km" in page
    assert "Needy School 3" in file and "Needy School 4" not in page + file
    assert client_of(a_convenor(area)).get("/coverage/our-needs/").status_code == 404
    assert Client().get("/coverage/our-needs/").status_code == 302


def test_a_provider_sees_where_support_is_wanted_in_fives(area: Area) -> None:
    hub = area.organisations.get(name="Fell Hub")
    lead = client_of(a_person(Role.PROVIDER_LEAD, at=hub))

    page, file = text(lead.get("/coverage/wanted/")), text(lead.get("/coverage/wanted/?format=csv"))

    assert "5 or more" in page and "Needy School" not in page
    assert "phonics,Phonics and early reading,Primary,30,5" in file
    assert "/coverage/wanted/" in text(lead.get("/provide/"))
    assert client_of(a_board_member(area)).get("/coverage/wanted/").status_code == 404


def test_the_public_page_is_off_until_a_convenor_switches_it_on(area: Area) -> None:
    convenor = client_of(a_convenor(area))
    assert Client().get("/coverage/public/371/").status_code == 404

    assert "The public page is off" in text(convenor.get("/coverage/sharing/"))
    convenor.post("/coverage/sharing/switch/", {"public": "on"})

    page = text(Client().get("/coverage/public/371/"))
    assert "Phonics and early reading" in page and "<td>Gap</td>" in page
    assert "days needed" not in page and "28" not in page.split("<main", 1)[1].split("as of")[0]
    assert "The public page is on" in text(convenor.get("/coverage/sharing/"))
    convenor.post("/coverage/sharing/switch/", {"public": "off"})
    assert Client().get("/coverage/public/371/").status_code == 404


def test_only_a_convenor_decides_who_sees_what(area: Area) -> None:
    board = client_of(a_board_member(area))

    assert board.get("/coverage/sharing/").status_code == 404
    assert board.post("/coverage/sharing/switch/", {"public": "on"}).status_code == 404


def test_a_convenor_takes_in_another_areas_file_and_the_board_sees_both(area: Area) -> None:
    convenor, board = client_of(a_convenor(area)), client_of(a_board_member(area))

    answer = convenor.post("/coverage/benchmark/take-in/", {"file": a_file(), "reason": WHY})

    assert answer.status_code == 302
    page = text(board.get("/coverage/benchmark/"))
    assert WHY in page and "42%" in page and "£385" in page and 'type="file"' not in page
    assert "Met as things stand" in text(board.get("/coverage/benchmark/?format=csv"))
    assert board.post("/coverage/benchmark/take-in/", {"file": a_file(), "reason": WHY}).status_code == 404
    assert board.get("/coverage/benchmark/372/").status_code == 404
    assert board.get("/coverage/benchmark/file/").status_code == 404


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"reason": WHY}, "Choose a file"),
        ({"file": SimpleUploadedFile("x.json", b"{}"), "reason": WHY}, "does not hold an area’s indicators"),
        ({"file": a_file(), "reason": ""}, "Say why you compare with Overbeck"),
        ({"file": a_file(indicators={"met_share": 7}), "reason": WHY}, "which can’t be"),
    ],
)
def test_a_file_that_is_refused_says_why_and_loses_nothing_typed(
    form: dict[str, Any], words: str, area: Area
) -> None:
    if upload := form.get("file"):
        upload.seek(0)

    answer = client_of(a_convenor(area)).post("/coverage/benchmark/take-in/", form)

    assert answer.status_code == 422
    assert words in text(answer) or "file" in str(answer.context["form"].errors)
    assert form["reason"] in text(answer)


def test_a_reason_is_changed_and_a_comparison_ended(area: Area) -> None:
    convenor = client_of(a_convenor(area))
    convenor.post("/coverage/benchmark/take-in/", {"file": a_file(), "reason": WHY})

    assert convenor.post("/coverage/benchmark/372/", {"reason": "Near"}).status_code == 422
    convenor.post("/coverage/benchmark/372/", {"reason": "The same partnership of schools"})
    assert Neighbour.objects.get().reason == "The same partnership of schools"
    convenor.post("/coverage/benchmark/372/", {"stop": "1"})

    assert not Neighbour.objects.exists()
    assert convenor.get("/coverage/benchmark/372/").status_code == 404


def test_own_indicators_are_given_as_a_file(area: Area) -> None:
    answer = client_of(a_convenor(area)).get("/coverage/benchmark/file/")

    assert answer.json()["area"] == {"code": "371", "name": "Calderbeck"}
    assert answer.json()["indicators"]["met_share"] == 0.67
    assert "indicators-371-" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("path", "most"), [("/coverage/benchmark/", 24), ("/coverage/sharing/", 16), ("/coverage/", 16)]
)
def test_pages_keep_to_their_budget_of_queries(
    path: str, most: int, area: Area, django_assert_max_num_queries: Any
) -> None:
    convenor, board = client_of(a_convenor(area)), client_of(a_board_member(area))
    client = convenor if path == "/coverage/sharing/" else board
    client.get(path)

    with django_assert_max_num_queries(most):
        assert client.get(path).status_code == 200


def test_the_page_a_board_is_handed_says_when_what_it_tells_was_worked_out(area: Area) -> None:
    Snapshot.objects.update(computed_at=timezone.now() - timedelta(days=2))
    a_needy_school(area, 8, Theme.objects.get(code="phonics"))
    newest = worked_out(area)

    page = text(client_of(a_convenor(area)).get("/coverage/board/pack/"))

    released = Release.objects.get().snapshot
    assert released != newest
    assert f"worked out {moment(released.computed_at)}; they are renewed at most once a week" in page
    assert moment(newest.computed_at) not in page.split("Days that nobody would miss")[0]
