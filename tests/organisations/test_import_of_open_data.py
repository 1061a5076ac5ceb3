"""The import on real registers: 128 open schools of Rotherham, their wards, a later date, every layout."""

from collections.abc import Callable
from pathlib import Path

import pytest

from marketplace.kernel.access import SYSTEM
from marketplace.organisations import actions, queries
from marketplace.organisations.models import Area, RegisterImport, School
from tests.organisations.importing import counts, everything

pytestmark = pytest.mark.django_db

Find = Callable[[str], Path]
NEW_URNS = {106861: 150215, 106864: 151486, 106896: 150959, 106966: 151166, 141730: 150938}


def taken(path: Path, only: str = "") -> RegisterImport:
    with path.open("rb") as upload:
        return actions.import_register_now(
            actor=SYSTEM, upload=upload, file_name=path.name, only_la_code=only
        )


@pytest.fixture
def rotherham(open_data: Find) -> RegisterImport:
    return taken(open_data("gias/edubasealldata_rotherham_sample.csv"))


def open_schools() -> "list[School]":
    return list(queries.open_schools(Area.objects.get(code="372")))


def test_all_open_schools_are_located_and_lie_in_25_wards(rotherham: RegisterImport, open_data: Find) -> None:
    wards = actions.import_wards(
        actor=SYSTEM,
        area=Area.objects.get(code="372"),
        content=open_data("boundaries/rotherham_wards_dec2023.geojson").read_bytes(),
    )

    assert counts(rotherham) == {"read": 279, "added": 279}
    schools = open_schools()
    assert len(schools) == 128
    assert {school.location_source for school in schools} == {"register"}
    assert len(wards) == 25
    assert sum(school.ward is not None for school in schools) == 128
    assert len({school.ward_id for school in schools}) == 25
    assert all(school.ward_code in ("", school.ward.code) for school in schools)


def test_the_wards_of_all_south_yorkshire_do_as_well(rotherham: RegisterImport, open_data: Find) -> None:
    wards = actions.import_wards(
        actor=SYSTEM,
        area=Area.objects.get(code="372"),
        content=open_data("boundaries/south_yorkshire_wards_dec2023.geojson").read_bytes(),
    )

    assert len(wards) == 25


def test_wards_of_2023_replace_those_of_2015(rotherham: RegisterImport, open_data: Find) -> None:
    area = Area.objects.get(code="372")
    for year, number in (("2015", 21), ("2023", 25)):
        content = open_data(f"boundaries/rotherham_wards_dec{year}.geojson").read_bytes()
        assert len(actions.import_wards(actor=SYSTEM, area=area, content=content)) == number


def test_a_later_extract_adds_the_schools_with_new_numbers_and_history_follows_them(
    rotherham: RegisterImport, open_data: Find
) -> None:
    before = everything()

    update = taken(open_data("gias/original/edubaseallstatefunded20250717_rotherham.csv"))
    links = actions.import_links(actor=SYSTEM, upload=open_data("gias/links_edubasealldata20250422.csv.gz"))

    assert counts(update) == {"read": 124, "added": 5, "changed": 1, "unchanged": 118, "missing": 9}
    assert links.read == 33_801
    added = set(update.changes.filter(kind="add").values_list("urn", flat=True))
    assert added == set(NEW_URNS.values())
    for old, new in NEW_URNS.items():
        assert queries.history_urns(new)[-2:] == [old, new]
        assert queries.history_urns(old)[-2:] == [old, new]
        assert old in [link.urn for link in queries.links_of(new)["predecessors"]]
        assert new in [link.urn for link in queries.links_of(old)["successors"]]

    actions.undo_register_now(actor=SYSTEM, batch=update)
    assert everything() == before


def test_importing_again_changes_nothing(rotherham: RegisterImport, open_data: Find) -> None:
    before = everything()

    again = taken(open_data("gias/edubasealldata_rotherham_sample.csv"))

    assert counts(again) == {"read": 279, "unchanged": 279}
    assert everything() == before


def test_trusts_come_from_the_memberships_file(rotherham: RegisterImport, open_data: Find) -> None:
    outcome = actions.import_groups(
        actor=SYSTEM, upload=open_data("gias/groups/academy_trust_membership_202509.csv.gz")
    )

    assert outcome.read == 11_759
    academies = [school for school in open_schools() if school.organisation.legal_status == "academy"]
    assert sum(school.trust is not None for school in academies) >= 90
    again = actions.import_groups(
        actor=SYSTEM, upload=open_data("gias/groups/academy_trust_membership_202509.csv.gz")
    )
    assert again.changed == 0


def test_the_list_of_all_groups_renames_those_here(rotherham: RegisterImport, open_data: Find) -> None:
    outcome = actions.import_groups(actor=SYSTEM, upload=open_data("gias/groups/all_groups_202607.csv.gz"))

    assert outcome.read == 7_176
    assert 0 <= outcome.changed < 60


@pytest.mark.parametrize(
    ("name", "layout", "encoding", "added"),
    [
        ("gias/original/edubasealldata_201812_full_layout_4_rows.csv", "full-133", "", 4),
        ("gias/original/edubaseallstatefunded20250717_non_ascii_rows.csv", "state-funded-33", "cp1252", 6),
        ("gias/edubasealldata_rotherham_sample.csv", "full-140", "", 279),
    ],
)
def test_every_layout_is_taken(open_data: Find, name: str, layout: str, encoding: str, added: int) -> None:
    batch = taken(open_data(name))

    assert (batch.layout, batch.added, batch.refused) == (layout, added, 0)
    assert encoding in ("", batch.encoding)


def test_one_area_out_of_all_england(open_data: Find) -> None:
    batch = taken(open_data("gias/establishments_england.csv.gz"), only="372")

    assert list(Area.objects.values_list("code", flat=True)) == ["372"]
    assert len(open_schools()) == 128
    assert batch.read == School.objects.count()
