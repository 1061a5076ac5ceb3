"""The commands operators rely on: what they print, and how they end."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marketplace.organisations.models import Area, Invitation, RegisterImport, School
from tests.organisations.importing import a_row, everything, imported
from tests.organisations.register_files import a_file

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "extract.csv"
    path.write_bytes(a_file(a_row(), a_row(200001, LAcode="374", LAname="Otherton"), a_row(URN="7")))
    return path


def test_import_register_prints_counts_refusals_and_the_batch_as_json(register: Path) -> None:
    told = json.loads(run("import_register", register, "--json"))

    batch = RegisterImport.objects.get()
    assert told == {
        "read": 3,
        "added": 2,
        "changed": 0,
        "closed": 0,
        "unchanged": 0,
        "refused": 1,
        "missing": 0,
        "refusals": [{"line": 4, "urn": None, "reason": "has a URN that isn’t a number of six digits"}],
        "batch": batch.reference,
    }
    assert School.objects.count() == 2


def test_import_register_says_the_same_in_words(register: Path) -> None:
    told = run("import_register", register)

    assert "added           2" in told
    assert "line 4: has a URN that isn’t a number of six digits" in told
    assert f"Applied as {RegisterImport.objects.get().reference}." in told


def test_a_preview_leaves_nothing_behind(register: Path) -> None:
    before = everything()

    told = json.loads(run("import_register", register, "--preview", "--json"))

    assert (told["added"], told["refused"], told["batch"]) == (2, 1, None)
    assert everything() == before
    assert not RegisterImport.objects.exists()


def test_import_register_keeps_to_one_area_known_or_not(register: Path) -> None:
    run("import_register", register, "--area", "374")

    assert list(Area.objects.values_list("code", flat=True)) == ["374"]


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        (None, (), "No such file"),
        (b"", (), "empty"),
        (b"a,b\n1,2\n", (), "no header"),
        (b"%PDF-1.7", (), "PDF"),
        (b"x", ("--area", "37"), "three digits"),
    ],
)
def test_a_file_that_can_not_be_used_ends_with_one_clear_line(
    tmp_path: Path, content: bytes | None, arguments: tuple[str, ...], says: str
) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError, match=says) as error:
        run("import_register", path, *arguments)

    assert "\n" not in str(error.value)
    assert not RegisterImport.objects.filter(status="applied").exists()


def test_undo_register_takes_a_batch_back(register: Path) -> None:
    run("import_register", register)

    run("undo_register", RegisterImport.objects.get().reference)

    assert not School.objects.exists()
    with pytest.raises(CommandError, match="There is no import"):
        run("undo_register", "IMP-0000000")


def test_import_register_extras_takes_links_and_groups(tmp_path: Path) -> None:
    imported(a_row(TypeOfEstablishmentcode="34"))
    links, groups = tmp_path / "links.csv", tmp_path / "groups.csv"
    links.write_text(
        "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n100001,100000,Old,Predecessor,01-09-2020\nx,1,,,\n"
    )
    groups.write_text(
        "Group UID,Group ID,Group Name,Group Type (code),Group Type,Group Status,URN\n"
        "2044,TR1,HARBOUR TRUST,06,Multi-academy trust,Open,100001\n"
    )

    told = json.loads(run("import_register_extras", "--links", links, "--groups", groups, "--json"))

    assert (told["links"]["changed"], told["links"]["refused"]) == (1, 1)
    assert told["groups"]["changed"] == 1
    trust = School.objects.get().trust
    assert trust is not None and (trust.name, trust.register_code) == ("HARBOUR TRUST", "2044")
    with pytest.raises(CommandError, match="--groups FILE or --links FILE"):
        run("import_register_extras")
    with pytest.raises(CommandError, match="not its list of links"):
        run("import_register_extras", "--links", groups)


def test_import_wards_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "wards.geojson"
    path.write_text("{}")
    with pytest.raises(CommandError, match="There is no area 373 yet"):
        run("import_wards", path, "--area", "373")
    imported(a_row())
    with pytest.raises(CommandError, match="not a GeoJSON feature collection"):
        run("import_wards", path, "--area", "373")


def test_the_first_convenor_is_invited_by_an_operator() -> None:
    imported(a_row())

    run("invite_person", "first@example.org", "--role", "convenor", "--area", "373")

    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.organisation.kind) == (
        "first@example.org",
        "convenor",
        "local_authority",
    )
    with pytest.raises(CommandError, match="no such area"):
        run("invite_person", "a@example.org", "--role", "convenor", "--area", "999")
