"""The coverage pages: who sees what, how exactly, and whether what is shown can be worked out again."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from frontend.templatetags.coverage import in_days
from frontend.views.coverage import matrix
from marketplace.brokerage import actions as brokerage
from marketplace.catalogue.models import Theme
from marketplace.coverage.models import Cell, Snapshot
from marketplace.kernel.access import Role
from marketplace.kernel.models import AuditEntry
from marketplace.organisations.models import Area, Phase, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_need,
    a_needy_school,
    a_person,
    a_provider_at,
    a_school,
    a_ward,
    actor_of,
    an_area,
    days_of_help,
    replied,
    worked_out,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def phonics() -> Theme:
    return Theme.objects.get(code="phonics")


@pytest.fixture
def area() -> Area:
    return an_area(name="Calderbeck")


@pytest.fixture
def borough(area: Area, phonics: Theme) -> Area:
    """Two wards, nine schools that need phonics, one that needs maths, two providers."""
    wards = [a_ward(area, name=f"Ward of {name}") for name in ("Holm", "Fell")]
    for n in range(9):
        need = a_needy_school(area, 4 + n, phonics, east=n, ward=wards[n % 2], name=f"Needy School {n}")
        replied(need.school)
    a_need(a_school(area, ward=wards[0], name="Lonely School"), Theme.objects.get(code="maths"), half_days=9)
    days_of_help(a_provider_at(area, name="Fell Hub"), 30, phonics, reach_km=6)
    days_of_help(a_provider_at(area, name="Holm Service"), 25, phonics, reach_km=40)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def text(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


PAGES = ["/coverage/", "/coverage/map/", "/coverage/wards.geojson", "/coverage/phonics/primary/"]


@pytest.mark.parametrize("path", [*PAGES, "/coverage/changes/"])
def test_visitors_sign_in_first_and_schools_and_providers_find_nothing(path: str, borough: Area) -> None:
    worked_out(borough)
    school = borough.schools.first()

    assert Client().get(path).status_code == 302
    for role in (Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.PROVIDER_LEAD, Role.PRACTITIONER):
        assert client_of(a_person(role, at=school)).get(path).status_code == 404
    assert client_of(a_convenor(an_area())).get(path + f"?area={borough.code}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.BOARD_MEMBER, Role.SCRUTINY])
def test_the_board_sees_neither_schools_nor_providers(path: str, role: Role, borough: Area) -> None:
    worked_out(borough)

    answer = client_of(a_board_member(borough, role)).get(path)

    assert answer.status_code == 200
    for secret in ("Needy School", "Lonely School", "Fell Hub", "Holm Service"):
        assert secret not in answer.content.decode()


def test_the_board_sees_fives_of_days_and_small_cells_hidden(borough: Area) -> None:
    worked_out(borough)
    board, convenor = client_of(a_board_member(borough)), client_of(a_convenor(borough))

    shown = {(r["Theme code"], r["Phase"]): r for r in rows_of(board.get("/coverage/?format=csv"))}
    exact = {(r["Theme code"], r["Phase"]): r for r in rows_of(convenor.get("/coverage/?format=csv"))}

    assert exact["phonics", "Primary"]["Days needed"] == "72.0"
    assert exact["maths", "Primary"]["Days needed"] == "4.5"
    assert shown["maths", "Primary"]["Status"] == "Hidden"
    assert shown["maths", "Primary"]["Days needed"] == ""
    # the only hidden part of the total of primary: the next smallest, phonics, goes with it
    assert shown["phonics", "Primary"]["Status"] == "Hidden"
    assert shown["", "Primary"]["Days needed"] == "75"
    assert "k" not in shown["", "Primary"]


def test_the_board_gets_no_rows_and_its_asking_is_recorded(borough: Area) -> None:
    worked_out(borough)
    member = a_board_member(borough)

    assert client_of(member).get("/coverage/phonics/primary/?format=csv").status_code == 404
    assert client_of(member).get("/coverage/changes/").status_code == 404

    [entry] = AuditEntry.objects.filter(by=member)
    assert (entry.what, entry.allowed, entry.detail) == ("coverage rows", False, "phonics/primary")


def test_a_convenors_reading_of_rows_is_recorded(borough: Area) -> None:
    worked_out(borough)
    convenor = a_convenor(borough)

    answer = client_of(convenor).get("/coverage/phonics/primary/")

    assert "Needy School 8" in text(answer) and "Fell Hub" in text(answer)
    [entry] = AuditEntry.objects.filter(by=convenor, what="coverage rows")
    assert entry.allowed and entry.subject_type == "coverage.snapshot"


def test_a_convenor_reads_how_fairly_need_could_be_met_and_a_board_does_not() -> None:
    area, theme = an_area(), Theme.objects.get(code="phonics")
    for km, fsm in enumerate((200, 900, 1_500, 2_400, 4_000)):
        replied(a_needy_school(area, 10, theme, east=10 * km, fsm_basis_points=fsm).school)
    days_of_help(a_provider_at(area), 30, theme, reach_km=25)
    worked_out(area)

    page = text(client_of(a_convenor(area)).get("/coverage/"))

    assert "could get 100 points less of what they need" in page
    assert "Gini coefficient of 0.40" in page
    assert "How fairly" not in text(client_of(a_convenor(area)).get("/coverage/?phase=primary"))
    assert "How fairly" not in text(client_of(a_board_member(area)).get("/coverage/"))


def test_the_matrix_says_status_in_words_and_opens_each_cell(borough: Area) -> None:
    worked_out(borough)

    page = text(client_of(a_convenor(borough)).get("/coverage/"))

    assert "of 72 days unmet" in page
    assert 'href="/coverage/phonics/primary/' in page
    assert "All themes, all phases, Calderbeck: 76.5 days needed by 10 schools." in page


def test_the_matrix_begins_with_the_worst_gaps_and_what_would_close_each(
    borough: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "WORST", 1)
    worked_out(borough)
    convenor = client_of(a_convenor(borough))

    page = text(convenor.get("/coverage/"))

    worst = page.partition("The worst gaps")[2].partition("All themes and phases")[0]
    gaps = Cell.objects.filter(status="gap", theme__isnull=False, ward=None).exclude(phase="")
    assert worst.count("<li>") == 1 < len(gaps)
    largest = max(gaps, key=lambda cell: cell.need - cell.met)
    assert f"/coverage/{largest.theme.code}/{largest.phase}/" in worst.partition("</li>")[0]
    assert "Most of it is" in worst
    assert "The worst gaps" not in text(convenor.get("/coverage/?status=gap"))


def test_the_matrix_is_filtered_by_theme_phase_status_and_ward(borough: Area) -> None:
    worked_out(borough)
    convenor = client_of(a_convenor(borough))
    ward = borough.wards.get(name="Ward of Fell")

    assert "Phonics and early reading" in text(convenor.get("/coverage/?heading=curriculum-and-teaching"))
    assert "/coverage/phonics/" not in text(convenor.get("/coverage/?heading=inclusion"))
    assert "/coverage/phonics/" not in text(convenor.get("/coverage/?status=duplicated"))
    assert "No theme and phase match this" in text(convenor.get("/coverage/?status=duplicated"))
    assert "/coverage/phonics/" not in text(convenor.get("/coverage/?phase=secondary&status=gap"))
    of_ward = text(convenor.get(f"/coverage/?ward={ward.code}"))
    assert "/coverage/maths/" not in of_ward and f"/coverage/phonics/primary/?ward={ward.code}" in of_ward
    assert convenor.get("/coverage/?heading=nonsense&status=%00&ward=E05").status_code == 200


@pytest.mark.parametrize("which", ["whole", "ward"])
def test_the_status_of_a_cell_can_be_worked_out_again_from_its_rows(which: str, borough: Area) -> None:
    snapshot = worked_out(borough)
    ward = borough.wards.get(name="Ward of Holm") if which == "ward" else None
    query = f"&ward={ward.code}" if ward else ""

    for theme in ("phonics", "maths"):
        answer = client_of(a_convenor(borough)).get(f"/coverage/{theme}/primary/?format=csv{query}")
        cell = Cell.objects.get(snapshot=snapshot, theme__code=theme, phase="primary", ward=ward)
        assert status_from(rows_of(answer)) == cell.measures["status"]


def status_from(rows: list[dict[str, str]]) -> str:
    """Section 6 of the specification by hand, from the rows of the file alone."""
    needs = {row["URN"]: row for row in rows if row["URN"]}
    days = {urn: float(row["Days needed"]) for urn, row in needs.items()}
    total, best = sum(days.values()), sum(float(row["Best case"]) for row in needs.values())
    got: dict[str, dict[str, float]] = {urn: {} for urn in needs}
    for row in rows:
        if row["URN"] and row["Owner"]:
            share = (
                float(row["Free days of the offer"])
                * days[row["URN"]]
                * float(row["Weight"])
                / float(row["Weighted need of the offer"])
            )
            assert share == pytest.approx(float(row["Days of the offer for this school"]))
            of_owner = got[row["URN"]]
            of_owner[row["Owner"]] = of_owner.get(row["Owner"], 0) + share
    if total == 0:
        return "unused" if any(float(row["Free days of the offer"] or 0) for row in rows) else "none"
    supply = sum(sum(each.values()) for each in got.values())
    met = sum(min(sum(got[urn].values()), days[urn]) for urn in needs)
    owners = {
        owner: sum(each.get(owner, 0) for each in got.values()) for each in got.values() for owner in each
    }
    largest = max(owners, key=lambda owner: owners[owner], default="")
    without = sum(min(sum(got[urn].values()) - got[urn].get(largest, 0), days[urn]) for urn in needs)
    k, expected, alone = supply / total, met / total, without / total
    if best / total < 0.8:
        return "gap"
    if expected < 0.8 or k < 1.2 or alone < 0.5:
        return "thin"
    if k >= 2 and alone >= 0.995 and len(owners) >= 2 and supply - total >= 5:
        return "duplicated"
    return "adequate"


def test_a_cell_nobody_needs_and_an_unknown_one(borough: Area) -> None:
    worked_out(borough)
    convenor = client_of(a_convenor(borough))

    assert "has declared a need" in text(convenor.get("/coverage/careers/secondary/"))
    assert convenor.get("/coverage/nothing/primary/").status_code == 404
    assert convenor.get("/coverage/phonics/sixth/").status_code == 404
    assert convenor.get("/coverage/phonics/primary/?ward=E05000000").status_code == 404


def test_the_map_draws_each_ward_with_words_and_hides_what_is_to_be_hidden(borough: Area) -> None:
    worked_out(borough)
    ward = borough.wards.get(name="Ward of Holm")

    exact = text(client_of(a_convenor(borough)).get("/coverage/map/?theme=phonics&phase=primary"))
    board = text(client_of(a_board_member(borough)).get("/coverage/map/?theme=maths&phase=primary"))

    assert f'data-area="{ward.code}"' in exact and "days unmet, capacity is" in exact
    assert f'href="/coverage/phonics/primary/?ward={ward.code}"' in exact
    assert 'fill="url(#app-dots)"' in board and "Ward of Holm: hidden" in board


def test_the_wards_as_geojson_carry_their_values(borough: Area) -> None:
    worked_out(borough)

    exact = client_of(a_convenor(borough)).get("/coverage/wards.geojson?theme=maths&phase=primary").json()
    board = client_of(a_board_member(borough)).get("/coverage/wards.geojson?theme=maths&phase=primary").json()

    found = {f["properties"]["name"]: f["properties"] for f in exact["features"]}
    assert found["Ward of Holm"]["need"] == 4.5
    assert found["Ward of Fell"] == {
        "code": borough.wards.get(name="Ward of Fell").code,
        "name": "Ward of Fell",
        "need": 0,
        "status": "none",
    }
    assert exact["features"][0]["geometry"]["type"] == "Polygon"
    hidden = {f["properties"]["name"]: f["properties"] for f in board["features"]}
    assert hidden["Ward of Holm"]["hidden"] and "need" not in hidden["Ward of Holm"]


def test_an_area_without_boundaries_has_a_page_without_a_map(area: Area, phonics: Theme) -> None:
    a_needy_school(area, 4, phonics)
    worked_out(area)

    assert "boundaries of the wards are not here yet" in text(
        client_of(a_convenor(area)).get("/coverage/map/")
    )


def test_the_first_visit_has_the_area_worked_out_and_says_so(
    borough: Area, run_jobs: Callable[[], list[str]]
) -> None:
    convenor = client_of(a_convenor(borough))

    first = text(convenor.get("/coverage/"))
    again = text(convenor.get("/coverage/?part=waiting"))
    assert run_jobs().count("recompute_coverage") == 1
    ready = convenor.get("/coverage/?part=waiting")

    assert "being worked out for the first time" in first
    assert again.startswith('<div id="waiting"')
    assert ready.headers["HX-Refresh"] == "true"
    assert Snapshot.objects.get(area=borough).number == 1


def test_declaring_a_need_shows_on_the_cell_and_among_what_changed(
    borough: Area, phonics: Theme, run_jobs: Callable[[], list[str]]
) -> None:
    worked_out(borough)
    convenor = client_of(a_convenor(borough))
    school = a_school(borough, name="Newly Needy School")
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    brokerage.declare_need(actor=head, school=school, theme=phonics, phase=Phase.PRIMARY, half_days=20)
    run_jobs()

    assert "Newly Needy School" in text(convenor.get("/coverage/phonics/primary/"))
    changed = rows_of(convenor.get("/coverage/changes/?format=csv"))
    assert [(r["Theme"], r["Days needed"]) for r in changed] == [("Phonics and early reading", "10.0")]
    page = text(convenor.get("/coverage/changes/"))
    assert "a need was declared" in page and "+10" in page


def test_a_part_of_a_page_is_fetched_alone_for_a_live_update(borough: Area) -> None:
    worked_out(borough)
    convenor = client_of(a_convenor(borough))

    for path, part in (
        ("/coverage/", "matrix"),
        ("/coverage/map/", "drawing"),
        ("/coverage/phonics/primary/", "cell"),
        ("/coverage/changes/", "changes"),
    ):
        fragment = text(convenor.get(f"{path}?part={part}"))
        assert fragment.startswith(f'<div id="{part}" data-refresh-on="coverage"'), fragment[:80]
        assert "<html" not in fragment
    assert text(convenor.get("/coverage/map/?part=table")).startswith('<div id="wards"')


@pytest.mark.parametrize(
    ("days", "words"), [(1, "1 day"), (0.96, "1 day"), (0.5, "0.5 days"), (1016.5, "1,016.5 days")]
)
def test_a_number_of_days_agrees_with_its_word(days: float, words: str) -> None:
    assert in_days(days) == words


def test_a_convenor_has_it_worked_out_again(borough: Area, run_jobs: Callable[[], list[str]]) -> None:
    worked_out(borough)
    convenor = client_of(a_convenor(borough))

    assert convenor.get("/coverage/again/").status_code == 405
    answer = convenor.post("/coverage/again/")

    assert (answer.status_code, answer["Location"]) == (302, "/coverage/")
    assert "recompute_coverage" in run_jobs()


def test_who_reads_releases_is_not_offered_to_have_them_worked_out_again(borough: Area) -> None:
    worked_out(borough)
    board = client_of(a_board_member(borough))

    assert "Work it out again" not in text(board.get("/coverage/"))
    assert board.post("/coverage/again/").status_code == 404
    assert "Work it out again" in text(client_of(a_convenor(borough)).get("/coverage/"))


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/coverage/", 15),
        ("/coverage/map/", 15),
        ("/coverage/phonics/primary/", 21),
        ("/coverage/changes/", 15),
    ],
)
def test_pages_keep_to_their_budget_of_queries(
    path: str, most: int, borough: Area, django_assert_max_num_queries: Any
) -> None:
    worked_out(borough)
    a_needy_school(borough, 2, Theme.objects.get(code="maths"))
    worked_out(borough)
    convenor = client_of(a_convenor(borough))
    convenor.get(path)

    with django_assert_max_num_queries(most):
        assert convenor.get(path).status_code == 200
