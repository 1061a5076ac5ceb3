"""The API of organisations."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations import actions
from marketplace.organisations.models import Area, School, User
from tests.builders.organisations import a_convenor, a_person, a_school, a_ward, an_area
from tests.organisations.importing import a_row, imported
from tests.organisations.register_files import a_file
from tests.organisations.test_places import TWO

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    imported(a_row(), a_row(100002, EstablishmentStatuscode="2"))
    return Area.objects.get(code="373")


@pytest.fixture
def convenor(area: Area) -> User:
    return a_convenor(area)


@pytest.fixture
def head(client: Client) -> Client:
    client.force_login(a_person(Role.HEADTEACHER, at=a_school()))
    return client


PATHS = ["/api/schools/", "/api/areas/", "/api/wards/", "/api/imports/"]


@pytest.mark.parametrize("path", PATHS)
def test_visitors_are_asked_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path).status_code == 401


def test_schools_are_filtered_and_ordered(head: Client) -> None:
    area = an_area()
    ward = a_ward(area)
    a_school(area, name="Beck Primary", ward=ward, pupils=100, postcode="HX1 2AB", urn=123456)
    a_school(area, name="Alder Primary", pupils=300, academy=True)
    a_school(area, name="Old Secondary", pupils=200, status_code="2", phases=["secondary"])

    def names(query: str) -> list[str]:
        answer = head.get(f"/api/schools/?area={area.code}&{query}")
        assert answer.status_code == 200
        return [school["name"] for school in answer.json()["results"]]

    assert names("") == ["Alder Primary", "Beck Primary", "Old Secondary"]
    assert names("ordering=-pupils") == ["Alder Primary", "Old Secondary", "Beck Primary"]
    assert names(f"ward={ward.code}") == ["Beck Primary"]
    assert names("status=open") == ["Alder Primary", "Beck Primary"]
    assert names("phase=secondary") == ["Old Secondary"]
    assert names("q=hx1") == ["Beck Primary"]
    assert names("q=123456") == ["Beck Primary"]
    assert names("q=primary alder") == ["Alder Primary"]


@pytest.mark.parametrize("query", ["phase=x", "status=x", "ordering=organisation__vat_number", "ordering=x"])
def test_a_filter_that_is_not_there_is_refused(head: Client, query: str) -> None:
    assert head.get(f"/api/schools/?{query}").status_code == 400


def test_a_list_of_schools_takes_few_statements(head: Client, django_assert_max_num_queries) -> None:
    area = an_area()
    for _ in range(15):
        a_school(area)

    with django_assert_max_num_queries(8):
        head.get("/api/schools/")


def test_one_school_with_what_the_register_says(head: Client) -> None:
    school = a_school(name="Beck Primary", urn=123456)

    told = head.get("/api/schools/123456/").json()

    assert (told["name"], told["reference"]) == ("Beck Primary", school.organisation.reference)
    assert (told["is_open"], told["area"], told["latitude"]) == (True, school.area.code, 53.4)
    assert head.get("/api/schools/999999/").status_code == 404


def test_areas_and_their_wards(head: Client, area: Area) -> None:
    actions.import_wards(actor=SYSTEM, area=area, content=TWO)

    assert head.get("/api/areas/373/").json() == {
        "code": "373",
        "gss_code": "E08000019",
        "name": "Calderbeck",
        "schools_open": 1,
    }
    assert [w["code"] for w in head.get("/api/wards/?area=373").json()["results"]] == [
        "E05000002",
        "E05000001",
    ]
    answer = head.get("/api/areas/373/wards.geojson", follow=True)
    assert answer["Content-Type"] == "application/geo+json"
    features = json.loads(answer.content)["features"]
    assert {f["properties"]["name"] for f in features} == {"East", "West"}
    assert head.get("/api/areas/999/wards.geojson/").status_code == 404


def upload(client: Client, area: str = "373", content: bytes | None = None):
    data = a_file(a_row(NumberOfPupils="1")) if content is None else content
    return client.post("/api/imports/", {"area": area, "file": SimpleUploadedFile("extract.csv", data)})


def test_a_convenor_uploads_looks_applies_and_undoes(
    client: Client, area: Area, convenor: User, run_jobs
) -> None:
    client.force_login(convenor)

    answer = upload(client)
    assert (answer.status_code, answer.json()["status"]) == (201, "uploaded")
    reference = answer.json()["reference"]
    run_jobs()
    told = client.get(f"/api/imports/{reference}/").json()
    assert (told["status"], told["changed"], told["missing"]) == ("previewed", 1, 0)
    [change] = client.get(f"/api/imports/{reference}/changes/?kind=change").json()["results"]
    assert (change["before"], change["after"]) == ({"pupils": 236}, {"pupils": 1})
    assert client.get(f"/api/imports/{reference}/refusals/").json()["count"] == 0

    assert client.post(f"/api/imports/{reference}/apply/").json()["status"] == "applying"
    run_jobs()
    assert School.objects.get(urn=100001).pupils == 1
    assert client.post(f"/api/imports/{reference}/undo/").json()["status"] == "undoing"
    run_jobs()
    assert School.objects.get(urn=100001).pupils == 236
    again = client.post(f"/api/imports/{reference}/undo/")
    assert (again.status_code, again.json()["code"]) == (409, "not_in_this_state")


def test_what_is_no_register_is_refused_with_the_reason(client: Client, area: Area, convenor: User) -> None:
    client.force_login(convenor)

    answer = upload(client, content=b"%PDF-1.7")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert "PDF" in answer.json()["title"]
    assert upload(client, area="12").status_code == 404


def test_imports_are_not_there_for_others(client: Client, area: Area, convenor: User) -> None:
    client.force_login(convenor)
    reference = upload(client).json()["reference"]

    for user in (a_convenor(an_area()), a_person(Role.HEADTEACHER, at=School.objects.get(urn=100001))):
        client.force_login(user)
        assert client.get("/api/imports/").json()["count"] == 0
        assert upload(client).status_code == 404
        for path in ("", "changes/", "refusals/"):
            assert client.get(f"/api/imports/{reference}/{path}").status_code == 404
        for verb in ("apply", "undo", "discard"):
            assert client.post(f"/api/imports/{reference}/{verb}/").status_code == 404
