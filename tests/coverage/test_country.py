"""Many areas: what a convenor sees of the others, how they are added up, and rounds in which all are worked out."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from marketplace.catalogue.models import Theme
from marketplace.coverage import country
from marketplace.coverage.models import Cell, Release, Round, Snapshot
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_level_2_theme,
    a_needy_school,
    a_provider_at,
    a_school,
    actor_of,
    an_area,
    an_area_on_the_map,
    days_of_help,
    replied,
    worked_out,
)

pytestmark = pytest.mark.django_db


def an_area_with(
    theme: Theme, *, schools: int, days: float, offered: float, far_km: float, **fields: object
) -> Area:
    """An area by itself, so many km east of the middle of the map: each school needs `days`, one provider has `offered`."""
    area = an_area_on_the_map(place=round(far_km / 200), **fields)
    for _ in range(schools):
        need = a_needy_school(area, days, theme, east=far_km)
        replied(need.school)
    days_of_help(a_provider_at(area, east=far_km), offered, theme)
    worked_out(area)
    return area


@pytest.fixture
def theme() -> Theme:
    return a_level_2_theme()


@pytest.fixture
def two(theme: Theme) -> tuple[Area, Area]:
    mine = an_area_with(theme, schools=4, days=6, offered=30, far_km=0, name="Mine")
    other = an_area_with(theme, schools=4, days=6.5, offered=10, far_km=200, name="Other")
    return mine, other


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_convenor_sees_their_own_area_exactly_and_others_as_their_board_does(
    two: tuple[Area, Area], theme: Theme
) -> None:
    seen = country.country_of(actor_of(a_convenor(two[0])))

    lines = {line.area: line for line in country.table_of(seen, theme=theme.code, phase="primary")}

    mine, other = lines[two[0]].cell, lines[two[1]].cell
    assert mine is not None and (mine.need, mine.met, mine.exact) == (24, 24, True)
    assert other is not None and (other.need, other.exact) == (25, False)


def test_too_few_schools_hide_another_areas_cell_and_leave_it_out_of_the_sum(theme: Theme) -> None:
    mine = an_area_with(theme, schools=4, days=6, offered=30, far_km=0)
    an_area_with(theme, schools=2, days=9, offered=10, far_km=200)
    seen = country.country_of(actor_of(a_convenor(mine)))

    whole = country.matrix_of(seen)[theme.code, "primary"]

    assert (whole.counted, whole.left_out, whole.cell.need) == (1, 1, 24)


def test_sums_add_up_days_and_take_their_status_from_all_areas_together(
    two: tuple[Area, Area], theme: Theme
) -> None:
    whole = country.matrix_of(country.country_of(SYSTEM))[theme.code, "primary"].cell

    assert (whole.need, whole.met, whole.capacity_gap) == (50, 34, 16)
    # 34 of 50 at best, although the first area by itself is thin
    assert whole.status == "gap"
    assert "68%" in whole.reason


def test_what_an_area_may_not_tell_yet_is_told_neither_on_its_page_nor_in_a_sum(
    two: tuple[Area, Area], theme: Theme
) -> None:
    release = Release.objects.get(area=two[1])
    for cell in release.cells:
        if "place" not in cell and (cell["theme"], cell["phase"]) == (theme.pk, "primary"):
            assert cell["status"] == "gap"
            cell["status"] = "adequate"  # as told the week before
    release.save()
    seen, key = country.country_of(actor_of(a_convenor(two[0]))), (theme.code, "primary")

    own, other, both = (country.matrix_of(seen, only=area)[key] for area in (*two, None))

    assert other.cell.status == "adequate"
    assert both.cell.status == own.cell.status != "gap"
    assert both.cell.need == own.cell.need + other.cell.need


def test_an_owner_at_work_in_several_areas_is_one_owner(theme: Theme) -> None:
    first = an_area_with(theme, schools=4, days=6, offered=30, far_km=0)
    trust_days = Cell.objects.get(snapshot__area=first, theme=theme, phase="primary", ward=None)

    owners = trust_days.measures["by_owner"]

    assert len(owners) == 1
    assert list(owners.values()) == [pytest.approx([30.0, 24.0])]


def test_areas_that_count_a_term_are_named_beside_the_sums(two: tuple[Area, Area]) -> None:
    mine, other = two
    of_other = Snapshot.objects.get(area=other)
    of_other.totals["term"] = ["2026-09-01", "2026-12-18"]
    of_other.save()
    client = client_of(a_convenor(mine))

    for address in ("/coverage/country/", "/coverage/country/matrix/"):
        page = client.get(address).content.decode()
        assert "Count the days of this term, not of the school year: Other." in page


def test_a_region_has_only_its_areas(theme: Theme) -> None:
    north = an_area_with(theme, schools=3, days=6, offered=30, far_km=0, region="North")
    an_area_with(theme, schools=3, days=6, offered=30, far_km=200, region="South")

    seen = country.country_of(SYSTEM, "North")

    assert (seen.areas, seen.regions) == ((north,), ("North", "South"))
    assert country.country_of(SYSTEM, "Nowhere").region == ""


def test_only_convenors_see_the_country(two: tuple[Area, Area]) -> None:
    with pytest.raises(NotFound):
        country.country_of(actor_of(a_board_member(two[0])))

    assert client_of(a_board_member(two[0])).get("/coverage/country/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["", "?theme=phonics&phase=primary&show=reach", "?region=North&show=brokerable", "?region=%00&show=x"],
)
def test_the_map_has_a_shape_and_a_row_for_each_area(query: str, two: tuple[Area, Area]) -> None:
    page = client_of(a_convenor(two[0])).get(f"/coverage/country/{query}")

    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<path d=") >= 2
    assert f"/coverage/country/areas/{two[1].code}/" in text
    assert f"area={two[0].code}" in text


def test_the_map_takes_as_many_queries_for_many_areas_as_for_two(
    two: tuple[Area, Area], theme: Theme, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_of(a_convenor(two[0]))
    for n in range(2, 5):
        an_area_with(theme, schools=1, days=3, offered=3, far_km=200.0 * n)
    for path in ("/coverage/country/", "/coverage/country/matrix/"):
        with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
            client.get(path)


def test_files_hold_what_the_pages_show(two: tuple[Area, Area]) -> None:
    client = client_of(a_convenor(two[0]))

    areas = b"".join(client.get("/coverage/country/?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    cells = b"".join(client.get("/coverage/country/matrix/?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    shapes = client.get("/coverage/country/areas.geojson").json()

    assert "Mine" in areas and "Other" in areas
    assert "All themes" in cells
    assert {f["properties"]["name"] for f in shapes["features"]} == {"Mine", "Other"}


def test_another_areas_page_shows_its_matrix_without_a_link_to_its_rows(
    two: tuple[Area, Area], theme: Theme
) -> None:
    page = client_of(a_convenor(two[0])).get(f"/coverage/country/areas/{two[1].code}/")

    assert "days unmet" in page.content.decode()
    assert f"/coverage/{theme.code}/" not in page.content.decode()
    assert client_of(a_convenor(two[0])).get("/coverage/country/areas/000000/").status_code == 404


def test_a_round_works_each_area_out_by_a_job_of_its_own_and_counts_those_done(
    theme: Theme, run_jobs: Callable[[], list[str]]
) -> None:
    areas = [an_area(), an_area()]
    for area in areas:
        a_school(area)

    made = country.ask_for_round(actor=SYSTEM, areas=areas, because="A test")
    waiting = country.round_of(SYSTEM, made.pk)
    ran = run_jobs()
    done = country.round_of(SYSTEM, made.pk)

    assert (waiting.done, waiting.total) == (0, 2)  # type: ignore[attr-defined]
    assert ran.count("work_out_area_of_round") == 2
    assert (done.done, done.total, done.failed) == (2, 2, 0)  # type: ignore[attr-defined]
    assert {s.area for s in Snapshot.objects.all()} == set(areas)


def test_a_convenor_starts_a_round_of_their_areas_and_finds_it_again(
    two: tuple[Area, Area], run_jobs: Callable[[], list[str]]
) -> None:
    client = client_of(a_convenor(two[0]))

    started = client.post("/coverage/country/again/", {"region": ""})
    page = client.get(started["Location"])
    run_jobs()

    assert "0 of 1 area worked out" in page.content.decode()
    assert "1 of 1 area" in client.get("/coverage/country/").content.decode()
    assert "All done" in client.get(started["Location"]).content.decode()
    assert client_of(a_convenor(two[1])).get(started["Location"]).status_code == 404


def test_nobody_starts_a_round_of_areas_they_do_not_convene(two: tuple[Area, Area]) -> None:
    with pytest.raises(NotFound):
        country.ask_for_round(actor=actor_of(a_convenor(two[0])), areas=two, because="A test")
    with pytest.raises(country.NothingToWorkOut, match="no area"):
        country.ask_for_round(actor=SYSTEM, areas=[], because="A test")


def test_the_command_works_a_region_out(theme: Theme, capsys: pytest.CaptureFixture[str]) -> None:
    area = an_area(region="North", name="Northerly")
    a_school(area)

    call_command("work_out_coverage", "--region", "North", "--now")
    call_command("work_out_coverage", "--areas", area.code)

    assert "1 of 1: Northerly" in capsys.readouterr().out
    assert Snapshot.objects.filter(area=area).count() == 1
    assert Round.objects.count() == 2
    with pytest.raises(CommandError, match="North"):
        call_command("work_out_coverage", "--region", "South")
    with pytest.raises(CommandError, match="no area"):
        call_command("work_out_coverage", "--areas", "zzz")
