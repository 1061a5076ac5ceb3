"""Releases: what is told when, to whom, and what is held back."""

from datetime import timedelta

import pytest

from marketplace.brokerage.models import Need
from marketplace.catalogue.models import Theme
from marketplace.coverage import queries
from marketplace.coverage.models import PublicPage, Release
from marketplace.coverage.queries import HELD, ShownCell
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import AuditEntry
from marketplace.organisations.models import Area, Cluster
from tests.builders import (
    a_board_member,
    a_convenor,
    a_need,
    a_needy_school,
    a_person,
    a_provider_at,
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
def area(phonics: Theme) -> Area:
    """Two clusters of two wards, four schools in each but one; all need phonics, six also need maths."""
    area = an_area(name="Calderbeck")
    maths = Theme.objects.get(code="maths")
    for cluster in ("East", "West"):
        schools = []
        for n in range(2):
            ward = a_ward(area, name=f"{cluster} {n}")
            for _ in range(4 if (cluster, n) != ("West", 1) else 2):
                need = a_needy_school(area, 4, phonics, ward=ward)
                replied(need.school)
                schools.append(need.school_id)
        Cluster.objects.create(area=area, name=cluster).schools.set(schools)
    for school in area.schools.order_by("pk")[:6]:
        a_need(school, maths, half_days=6)
    days_of_help(a_provider_at(area), 20, phonics)
    return area


def told(area: Area) -> dict[tuple[str, str], ShownCell]:
    sight = queries.sight_of(actor_of(a_board_member(area)))
    snapshot = queries.latest(sight)
    assert snapshot
    return {(cell.theme, cell.phase): cell for cell in queries.cells_of(sight, snapshot)}


def a_week_later(area: Area) -> None:
    for release in Release.objects.filter(area=area):
        release.released_at -= timedelta(days=8)
        release.save()


def declare_more(area: Area, theme: Theme, schools: int, half_days: int = 40) -> None:
    """So many schools of the first ward need more than they did."""
    first = area.wards.order_by("pk")[0]
    chosen = area.schools.filter(ward=first).order_by("pk")[:schools].values("pk")
    Need.objects.scoped().filter(school__in=chosen, theme=theme).update(half_days=half_days)


def test_the_first_snapshot_is_told_and_later_ones_once_a_week(area: Area, phonics: Theme) -> None:
    worked_out(area)
    declare_more(area, phonics, 4)
    worked_out(area)
    assert told(area)["phonics", "primary"].need == 55

    a_week_later(area)
    worked_out(area)

    assert Release.objects.count() == 2
    assert told(area)["phonics", "primary"].need == 120


def test_a_change_of_one_or_two_schools_is_held_back_until_three_have_changed(
    area: Area, phonics: Theme
) -> None:
    worked_out(area)
    declare_more(area, phonics, 2)
    a_week_later(area)
    worked_out(area)
    assert Release.objects.count() == 1

    declare_more(area, phonics, 3)
    worked_out(area)

    assert Release.objects.count() == 2
    assert told(area)["phonics", "primary"].need == 105


def test_a_theme_few_schools_need_is_hidden_and_so_is_what_would_give_it_away(area: Area) -> None:
    first, second = area.schools.order_by("pk")[:2]
    oracy = Theme.objects.get(code="oracy")
    for school in (first, second):
        a_need(school, oracy, half_days=8)
    worked_out(area)

    cells = told(area)

    assert cells["oracy", ""].hidden and cells["maths", ""].hidden
    assert not cells["phonics", ""].hidden and not cells["", ""].hidden
    assert cells["phonics", "primary"].schools == 10


@pytest.fixture
def held_back(area: Area) -> Area:
    """Oracy was hidden; now four more schools of the East are told to need it, and that one of the West does as well is not yet."""
    oracy = Theme.objects.get(code="oracy")
    schools = list(area.schools.order_by("pk"))
    for school in schools[:2]:
        a_need(school, oracy, half_days=8)
    worked_out(area)
    for school in schools[4:9]:
        a_need(school, oracy, half_days=8)
    a_week_later(area)
    worked_out(area)
    return area


def test_a_status_held_back_says_so_and_not_that_there_is_too_little_information(held_back: Area) -> None:
    cell = told(held_back)["oracy", "primary"]

    assert (cell.status, cell.status_label, cell.is_told) == (HELD, "Status held back", False)
    assert (cell.need, cell.schools, cell.confidence, cell.balance) == (25, 5, "", None)
    assert cell.sentence.endswith("Its status is held back until a later release.")
    PublicPage.objects.create(area=held_back, is_on=True)
    statuses = queries.public_statuses(held_back.code)
    assert {theme.code: labels for theme, labels in statuses.rows}["oracy"] == ["Status held back"]


def test_a_release_of_the_early_form_reads_as_held_back_too(held_back: Area) -> None:
    release = Release.objects.get(number=2)
    for cell in release.cells:
        if cell.get("status") == HELD:
            cell["status"] = "unknown"
    release.save()

    assert told(held_back)["oracy", "primary"].status == HELD


def test_the_worst_gaps_leave_out_what_is_hidden_or_held_back_and_it_is_told_so(held_back: Area) -> None:
    cells = told(held_back).values()

    assert "oracy" not in [gap.cell.theme for gap in queries.worst_gaps(cells, 10)]
    left_out = queries.unranked(cells)
    assert [(cell.theme, cell.unmet) for cell in left_out.held] == [("oracy", 25)]
    assert left_out.hidden == sum(cell.hidden for cell in cells if cell.theme and cell.phase)


def test_a_ward_of_few_schools_is_hidden_with_another_of_its_cluster_which_is_told(area: Area) -> None:
    worked_out(area)
    sight = queries.sight_of(actor_of(a_board_member(area)))
    wards = {cell.ward_name: cell for cell in queries.wards_of(sight, queries.latest(sight)).values()}

    assert not wards["East 0"].hidden
    assert wards["West 0"].hidden and wards["West 1"].hidden
    assert "In West as a whole about" in wards["West 1"].sentence


def test_wards_are_not_told_by_theme_but_a_place_they_lie_in_is(area: Area) -> None:
    worked_out(area)
    sight = queries.sight_of(actor_of(a_board_member(area)))
    wards = queries.wards_of(sight, queries.latest(sight), theme="phonics").values()

    assert all(cell.hidden for cell in wards)
    assert all("as a whole about" in cell.sentence for cell in wards)


def test_providers_learn_what_five_schools_need_and_schools_only_their_own(area: Area) -> None:
    worked_out(area)
    provider = actor_of(a_person(Role.PROVIDER_LEAD, at=a_provider_at(area)))
    school = area.schools.first()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    [there] = queries.wanted_by_providers(provider)
    _, own = queries.own_needs(head)

    assert {(line.theme, line.days, line.schools) for line in there.lines} == {
        ("phonics", 55, 10),
        ("maths", 20, 5),
    }
    assert {each.outcome.school_id for each in own} == {school.pk}
    assert next(each for each in own if each.outcome.theme.code == "phonics").outcome.days == 4
    for stranger in (head, actor_of(a_convenor(area))):
        with pytest.raises(NotFound):
            queries.wanted_by_providers(stranger)
    with pytest.raises(NotFound):
        queries.own_needs(provider)


def test_looking_at_exact_numbers_is_recorded_once(area: Area) -> None:
    worked_out(area)
    convenor = a_convenor(area)
    for _ in range(3):
        queries.sight_of(actor_of(convenor))
    queries.sight_of(actor_of(a_board_member(area)))

    [look] = AuditEntry.objects.filter(what="exact coverage")
    assert (look.by_id, look.subject_id) == (convenor.pk, area.pk)
