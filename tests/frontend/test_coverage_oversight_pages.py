"""The pages by which a convenor looks back on coverage, sets its parameters and hands it to a board."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.bookings.models import TermDate
from marketplace.brokerage.models import UnmetDemand
from marketplace.catalogue.models import Theme
from marketplace.coverage.models import BoardDate, Cell, CoverageSettings, Snapshot
from marketplace.kernel.dates import ACADEMIC, contract_year, local, long_date
from marketplace.kernel.models import AuditEntry
from marketplace.organisations.models import Area, Phase
from tests.builders import (
    a_board_member,
    a_convenor,
    a_need,
    a_needy_school,
    a_provider_at,
    a_school,
    a_ward,
    an_area,
    an_offer,
    days_of_help,
    replied,
    worked_out,
)
from tests.frontend.test_coverage_pages import client_of, rows_of, status_from, text

pytestmark = pytest.mark.django_db

CONVENORS_OWN = [
    "/coverage/idle/",
    "/coverage/overlap/",
    "/coverage/settings/",
    "/coverage/board/",
    "/coverage/board/pack/",
]


@pytest.fixture
def phonics() -> Theme:
    return Theme.objects.get(code="phonics")


@pytest.fixture
def borough(phonics: Theme) -> Area:
    """Six schools that need phonics, three that need attendance, two providers of phonics, a search in vain."""
    area = an_area(name="Calderbeck")
    ward = a_ward(area, name="Holm")
    attendance = Theme.objects.get(code="attendance")
    for n in range(6):
        replied(a_needy_school(area, 4 + n, phonics, east=n, ward=ward, name=f"Needy School {n}").school)
    for n in range(3):
        a_needy_school(area, 5, attendance, east=n, ward=ward)
    days_of_help(a_provider_at(area, name="Fell Hub"), 60, phonics)
    days_of_help(a_provider_at(area, name="Holm Service"), 45, phonics)
    UnmetDemand.objects.create(
        area=area,
        organisation=a_school(area, name="Searching School").organisation,
        query={"theme": ["attendance"], "phase": ["primary"]},
    )
    UnmetDemand.objects.update(at=timezone.now() - timedelta(days=35))  # in a month that is over
    worked_out(area)
    return area


@pytest.fixture
def convenor(borough: Area) -> Client:
    return client_of(a_convenor(borough))


def typed(page: str) -> dict[str, str]:
    """What the settings form holds, as a browser would send it."""
    import re

    inputs = re.findall(r"<input[^>]*>", page)
    fields = {}
    for each in inputs:
        name = re.search(r'name="([^"]+)"', each)
        value = re.search(r'value="([^"]*)"', each)
        ticked = 'type="checkbox"' not in each or " checked" in each
        if name and ticked and name[1] != "csrfmiddlewaretoken":
            fields[name[1]] = value[1] if value else "on"
    for each in re.findall(r"<select.*?</select>", page, re.DOTALL):
        name = re.search(r'name="([^"]+)"', each)
        answers = re.findall(r'<option value="([^"]*)"(\s+selected)?', each)
        if name:
            fields[name[1]] = next((value for value, chosen in answers if chosen), answers[0][0])
    return fields


@pytest.mark.parametrize("path", CONVENORS_OWN)
def test_what_is_exact_is_a_convenors_alone(path: str, borough: Area, convenor: Client) -> None:
    assert convenor.get(path).status_code == 200
    assert client_of(a_board_member(borough)).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_the_sub_navigation_has_what_the_person_may_open(borough: Area, convenor: Client) -> None:
    exact, board = (
        text(convenor.get("/coverage/")),
        text(client_of(a_board_member(borough)).get("/coverage/")),
    )

    assert all(f'href="{path}"' in exact for path in CONVENORS_OWN[:4])
    assert not any(f'href="{path}"' in board for path in CONVENORS_OWN)
    assert 'href="/coverage/radar/"' in exact and 'href="/coverage/radar/"' in board


def test_a_cell_is_taken_apart_and_leads_on(borough: Area, convenor: Client) -> None:
    page = text(convenor.get("/coverage/attendance/primary/"))

    gap = f"area={borough.code}&amp;theme=attendance&amp;phase=primary"
    assert f'href="/calls/new/?{gap}&amp;days=15&amp;origin=Coverage%3A+Attendance%2C+primary"' in page
    assert f'href="/commissions/new/?{gap}&amp;days=15"' in page
    assert f'href="/coverage/what-if/new/?{gap}"' in page
    assert "12 days more that reach the schools left short" in page
    for section in ("The parts of the days needed", "How far this can be trusted", "The nine checks"):
        assert section in page
    assert page.count('href="#needs"') == 7 and 'id="needs"' in page


def test_the_status_of_every_cell_can_be_worked_out_again_from_its_file(phonics: Theme) -> None:
    chance, area = Random(11), an_area()
    wards = [a_ward(area, easting=436_000 + 8000 * n, northing=390_000) for n in range(3)]
    themes = [phonics, *Theme.objects.filter(code__in=["maths", "attendance", "writing"])]
    for n in range(24):
        school = a_school(
            area,
            ward=wards[n % 3],
            easting=432_000 + chance.randrange(24_000),
            northing=385_000 + chance.randrange(10_000),
            phases=[Phase.PRIMARY] if n % 4 else [Phase.SECONDARY],
        )
        replied(school)
        for theme in chance.sample(themes, 2):
            a_need(school, theme, phase=school.phases[0], half_days=chance.randrange(2, 24))
    for n in range(9):
        provider = a_provider_at(area, east=chance.uniform(-10, 15), north=chance.uniform(-5, 5))
        an_offer(
            provider,
            themes=chance.sample(themes, 2),
            phases=[Phase.PRIMARY, Phase.SECONDARY] if n % 3 else [Phase.PRIMARY],
            capacity_half_days=None if n == 8 else chance.choice([4, 20, 60, 120]),
            reach_km=chance.choice([6, 15, 40]),
        )
    for _ in range(2):
        both = [themes[0], Theme.objects.get(code="oracy")]  # the second of them needed by nobody
        an_offer(a_provider_at(area), themes=both, phases=[Phase.PRIMARY], capacity_half_days=500)
    snapshot, client = worked_out(area), client_of(a_convenor(area))

    cells = list(
        Cell.objects.filter(snapshot=snapshot, theme__isnull=False)
        .exclude(phase="")
        .select_related("theme", "ward")
    )
    assert len(cells) > 20 and len({cell.measures["status"] for cell in cells}) >= 4
    for cell in cells:
        ward = f"&ward={cell.ward.code}" if cell.ward else ""
        rows = rows_of(client.get(f"/coverage/{cell.theme.code}/{cell.phase}/?format=csv{ward}"))  # type: ignore[union-attr]
        assert status_from(rows) == cell.measures["status"], str(cell)


def test_the_trend_of_a_cell_is_a_line_and_a_table(borough: Area, phonics: Theme, convenor: Client) -> None:
    Snapshot.objects.update(computed_at=timezone.now() - timedelta(days=7))
    a_needy_school(borough, 10, phonics)
    worked_out(borough)

    page = text(convenor.get("/coverage/phonics/primary/"))

    assert "<polyline" in page and "From day to day" in page
    assert "<polyline" not in text(client_of(a_board_member(borough)).get("/coverage/phonics/primary/"))


# Settings ------------------------------------------------------------------------------------------------------------------


def test_a_change_is_tried_out_before_it_is_saved_as_a_version(
    convenor: Client, run_jobs: Callable[[], list[str]]
) -> None:
    form = typed(convenor.get("/coverage/settings/").content.decode())
    assert (form["gap_best"], form["thin_k"], form["fit-phonics"]) == ("80", "1.2", "60")
    form |= {"duplicated_k": "3", "first-phonics": "on", "fit-phonics": "75"}

    tried = text(convenor.post("/coverage/settings/", form | {"preview": ""}))
    assert not CoverageSettings.objects.exists()
    saved = convenor.post("/coverage/settings/", form | {"save": ""})

    assert "1 status would change" in tried and "Adequate" in tried and "Duplicated" in tried
    assert saved.status_code == 302
    assert CoverageSettings.objects.get().values == {
        "thresholds": {"duplicated_k": 3.0},
        "remote_fit": {"phonics": 0.75},
        "priority_themes": ["phonics"],
    }
    assert "recompute_coverage" in run_jobs()
    versions = text(convenor.get("/coverage/settings/"))
    assert "Duplicated: days offered for each day needed, from: 2 days → 3 days" in versions
    assert "Phonics and early reading: now a priority" in versions


def test_what_the_form_does_not_ask_for_stays_as_it_is(borough: Area, convenor: Client) -> None:
    costs = {"advice": {"outside_day_pence": 61_000}}
    CoverageSettings.objects.create(area=borough, version=1, values=costs, changed_by_name="A convenor")

    form = typed(convenor.get("/coverage/settings/").content.decode()) | {"thin_k": "1.4", "save": ""}
    convenor.post("/coverage/settings/", form)

    newest = CoverageSettings.objects.latest("version")
    assert newest.values == {"thresholds": {"thin_k": 1.4}} | costs


def test_the_defaults_come_back_as_a_new_version(convenor: Client) -> None:
    form = typed(convenor.get("/coverage/settings/").content.decode()) | {"thin_k": "1.4", "save": ""}
    convenor.post("/coverage/settings/", form)

    shown = convenor.post("/coverage/settings/", {"defaults": ""})
    convenor.post("/coverage/settings/", typed(shown.content.decode()) | {"save": ""})

    assert [each.values for each in CoverageSettings.objects.order_by("version")] == [
        {"thresholds": {"thin_k": 1.4}},
        {},
    ]
    assert "All as by default" in text(convenor.get("/coverage/settings/"))


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("thin_k", "plenty", "Write a number in digits"),
        ("gap_best", "130", "Enter a number from 0 to 100"),
        ("radius_km", "nan", "Enter a number from 1 to 400"),
        ("km-phonics", "", "Phonics and early reading: no visits beyond: enter an answer"),
        ("radius_km", "6", "must be larger than the one up to which it counts in full"),
        ("sides", "Atlantis", "There is no ward called “Atlantis”"),
        ("pool_the_region", "Maybe", "Select a valid choice"),
    ],
)
def test_a_number_that_makes_no_sense_is_explained_and_nothing_typed_is_lost(
    field: str, value: str, error: str, convenor: Client
) -> None:
    form = typed(convenor.get("/coverage/settings/").content.decode()) | {"light_days": "3", field: value}

    answer = convenor.post("/coverage/settings/", form | {"save": ""})

    assert answer.status_code == 422 and error in text(answer)
    assert typed(answer.content.decode())["light_days"] == "3"
    assert not CoverageSettings.objects.exists()


def test_a_way_of_counting_is_chosen_and_said_in_words(convenor: Client) -> None:
    form = typed(convenor.get("/coverage/settings/").content.decode())
    assert form["pool_the_region"] == "False"

    convenor.post("/coverage/settings/", form | {"pool_the_region": "True", "save": ""})

    assert CoverageSettings.objects.get().values == {"pool_the_region": True}
    shown = convenor.get("/coverage/settings/")
    assert typed(shown.content.decode())["pool_the_region"] == "True"
    assert "what comes here as things stand → all their days: pool the region" in text(shown)


def test_a_rate_for_schools_that_said_nothing_is_kept_by_theme(convenor: Client) -> None:
    form = typed(convenor.get("/coverage/settings/").content.decode())
    assert form["latent-phonics"] == "0"

    convenor.post("/coverage/settings/", form | {"latent-phonics": "1.5", "save": ""})

    assert CoverageSettings.objects.get().values == {"latent_days": {"phonics": 1.5}}
    assert "modelled where nothing is said: 1.5 days for each 100 pupils" in text(
        convenor.get("/coverage/settings/")
    )


def test_pages_say_which_days_count_where_they_are_a_terms(borough: Area, convenor: Client) -> None:
    start, end = contract_year(ACADEMIC, local(timezone.now()).date())
    TermDate.objects.create(area=borough, name="Autumn", first_day=start, last_day=date(end.year, 2, 1))
    TermDate.objects.create(area=borough, name="Summer", first_day=date(end.year, 2, 16), last_day=end)
    form = typed(convenor.get("/coverage/settings/").content.decode()) | {"window": "term"}

    convenor.post("/coverage/settings/", form | {"save": ""})
    snapshot = worked_out(borough)

    assert snapshot.term is not None
    assert f"days from {long_date(snapshot.term.start)} to" in text(convenor.get("/coverage/"))
    assert "Needs and days offered count for: the school year → the term" in text(
        convenor.get("/coverage/settings/")
    )


def test_wards_cut_off_by_water_are_named_and_kept_by_code(borough: Area, convenor: Client) -> None:
    form = typed(convenor.get("/coverage/settings/").content.decode()) | {"sides": "holm\n", "save": ""}

    convenor.post("/coverage/settings/", form)

    assert CoverageSettings.objects.get().values == {"sides": {borough.wards.get().code: 1}}
    assert ">Holm</textarea>" in text(convenor.get("/coverage/settings/")).replace("> Holm", ">Holm")


# The board -----------------------------------------------------------------------------------------------------------------


def test_a_meeting_is_kept_compared_with_and_taken_back(
    borough: Area, phonics: Theme, convenor: Client
) -> None:
    day = local(timezone.now()).date()
    said = {"meeting": "Autumn board", "snapshot": "1", "day-day": day.day, "day-month": day.month}

    refused = convenor.post("/coverage/board/", said | {"day-year": day.year - 1})
    kept = convenor.post("/coverage/board/", said | {"day-year": day.year})
    a_needy_school(borough, 8, phonics)
    worked_out(borough)
    a_needy_school(borough, 1, phonics)
    worked_out(borough)

    assert refused.status_code == 422 and "cannot have seen" in text(refused)
    assert kept.status_code == 302
    changed = text(convenor.get("/coverage/changes/"))
    assert "Since <strong>Autumn board</strong>" in changed and "+9" in changed
    assert "Autumn board" in text(convenor.get("/coverage/board/"))
    take_back = f"/coverage/board/{BoardDate.objects.get().pk}/take-back/"
    assert client_of(a_board_member(borough)).post(take_back).status_code == 404
    convenor.post(take_back)
    assert not BoardDate.objects.exists()


def test_the_page_to_hand_out_names_no_school_and_no_provider(borough: Area, convenor: Client) -> None:
    page = text(convenor.get("/coverage/board/pack/"))

    assert "The worst gaps, and what they hang on" in page and "Attendance, primary" in page
    for secret in ("Needy School", "Fell Hub", "Holm Service", "Searching School"):
        assert secret not in page
    assert convenor.get("/coverage/board/pack/?format=pdf").status_code == 200


# Pools and demand ----------------------------------------------------------------------------------------------------------


def test_overlaps_and_idle_days_are_shown_filtered_filed_and_recorded(
    borough: Area, convenor: Client
) -> None:
    overlaps = text(convenor.get("/coverage/overlap/"))
    idle = text(convenor.get("/coverage/idle/"))

    assert "2 of 2 offers with free days could withdraw unnoticed" in overlaps and "<line" in overlaps
    assert "Ask whether its people could also do attendance, primary" in idle
    assert "No offer with free days" in text(convenor.get("/coverage/overlap/?phase=secondary"))
    assert "No idle days near unmet need" in text(convenor.get("/coverage/idle/?theme=maths"))
    assert convenor.get("/coverage/idle/?within=lots&theme=%00&phase=x").status_code == 200
    filed = rows_of(convenor.get("/coverage/overlap/?format=csv"))
    assert {row["Could withdraw unnoticed"] for row in filed} == {"yes"}
    assert {row["Theme"] for row in rows_of(convenor.get("/coverage/idle/?format=csv"))} == {"Attendance"}
    read = AuditEntry.objects.values_list("what", flat=True)
    assert {"coverage overlaps", "coverage idle days"} <= set(read)


def test_the_radar_opens_to_who_it_was_for_a_convenor_only(borough: Area, convenor: Client) -> None:
    board = client_of(a_board_member(borough))
    path = "/coverage/radar/?theme=attendance&phase=primary"

    assert "Searching School" in text(convenor.get(path))
    assert "Searching School" not in text(convenor.get("/coverage/radar/"))
    member = text(board.get(path))
    assert "Searching School" not in member and "hidden" in member
    [row] = rows_of(board.get("/coverage/radar/?format=csv"))
    assert (row["Theme"], row["Total"]) == ("Attendance", "hidden")
    assert AuditEntry.objects.filter(what="unmet demand", allowed=True).exists()


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/coverage/phonics/primary/", 21),
        ("/coverage/changes/", 16),
        ("/coverage/radar/", 16),
        ("/coverage/idle/", 17),
        ("/coverage/overlap/", 16),
        ("/coverage/board/", 14),
        ("/coverage/board/pack/", 24),
        ("/coverage/settings/", 14),
    ],
)
def test_pages_keep_to_their_budget_of_queries(
    path: str, most: int, borough: Area, convenor: Client, django_assert_max_num_queries: Any
) -> None:
    convenor.get(path)

    with django_assert_max_num_queries(most):
        assert convenor.get(path).status_code == 200
