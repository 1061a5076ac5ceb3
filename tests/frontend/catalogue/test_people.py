"""The pages of a provider's people."""

from datetime import timedelta

import pytest

from marketplace.catalogue import queries
from marketplace.catalogue.models import Practitioner
from marketplace.organisations.models import Organisation, School, User
from tests.builders import (
    a_practitioner,
)
from tests.frontend.catalogue.pages import TODAY, as_, rows, text

pytestmark = pytest.mark.django_db


PERSON = {
    "name": "A specialist",
    "job_title": "Lead",
    "phases": ["primary"],
    "themes": ["phonics"],
    "agreed": "15",
    "biography": "",
}


def test_a_hub_adds_a_person_and_their_headteacher_gives_the_assurance(
    lead: User, hub: Organisation, head: User, school: School
) -> None:
    as_(lead).post("/provide/people/new/", PERSON | {"employer": school.organisation.reference})
    person = Practitioner.objects.get()
    assert (person.listed_by, person.releasing_organisation, person.agreed_half_days) == (
        hub,
        school.organisation,
        30,
    )
    assert "Missing" in text(as_(lead).get("/provide/people/"))

    url = f"/provide/people/{person.reference}/assurance/"
    assert "Ask a headteacher" in text(as_(lead).get(url))
    until = TODAY + timedelta(days=200)
    given = {
        "scope": "regulated_activity", "valid_from": TODAY.isoformat(), "valid_to": until.isoformat(), "agreed": "10",
        "declared": "on",
    }  # fmt: skip
    assert as_(lead).post(url, given).status_code == 422
    assert as_(head).post(url, given | {"declared": ""}).status_code == 422
    assert as_(head).post(url, given).status_code == 302

    person.refresh_from_db()
    assert person.agreed_half_days == 20
    assert queries.assured_on(person, until)
    as_(head).post(f"/provide/people/{person.reference}/assurance/withdraw/", {"place": "0"})
    assert queries.assured_on(person, TODAY) is None


def test_who_lists_a_person_edits_their_page_but_not_the_days_their_headteacher_agreed(
    lead: User, hub: Organisation, head: User, school: School
) -> None:
    person = a_practitioner(school.organisation, listed_by=hub, agreed_half_days=20)
    url = f"/provide/people/{person.reference}/edit/"

    assert "Days a year agreed" not in text(as_(lead).get(url))
    assert as_(lead).post(url, PERSON | {"agreed": "200"}).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.agreed_half_days) == ("A specialist", 20)
    assert "Days a year agreed" in text(as_(head).get(url))


@pytest.mark.parametrize("place", ["", "x", "7", "-1", "99999999"])
def test_an_assurance_that_is_not_there_cannot_be_taken_back(head: User, school: School, place: str) -> None:
    person = a_practitioner(school.organisation)
    url = f"/provide/people/{person.reference}/assurance/withdraw/"
    assert as_(head).post(url, {"place": place}).status_code == 404


def test_a_persons_page_edits_designations_and_standing_down(head: User, school: School) -> None:
    person = a_practitioner(school.organisation)
    client, url = as_(head), f"/provide/people/{person.reference}/"
    client.post(f"{url}edit/", PERSON | {"name": "Renamed"})
    client.post(
        f"{url}designations/", {"scheme": "Local leader", "awarded_by": "A hub", "valid_from": "2024-09-01"}
    )
    client.post(f"{url}designations/end/", {"place": "0", "ends": "2027-08-31"})
    client.post(f"{url}stand-down/")
    page = text(client.get(url))
    assert (
        "Renamed" in page
        and "Local leader A hub 1 September 2024 31 August 2027" in page
        and "Stood down" in page
    )
    client.post(f"{url}reinstate/")
    assert Practitioner.objects.get().is_active

    wrong = client.post(
        f"{url}designations/", {"scheme": "", "awarded_by": "A hub", "valid_from": "2024-09-01"}
    )
    assert wrong.status_code == 422
    assert client.post(f"{url}designations/end/", {"place": "9", "ends": ""}, follow=True).status_code == 200


def test_the_list_of_people_filters_and_downloads(head: User, school: School) -> None:
    a_practitioner(school.organisation, name="Assured")
    a_practitioner(school.organisation, name="Unassured", assured=False)
    a_practitioner(school.organisation, name="Resting", is_active=False)
    a_practitioner(name="Elsewhere")
    client = as_(head)
    assert "2 people" in text(client.get("/provide/people/"))
    assert "Unassured" in text(client.get("/provide/people/?assurance=missing&sort=-agreed"))
    assert "3 people" in text(client.get("/provide/people/?stood_down=on"))
    assert [line[1] for line in rows(client.get("/provide/people/?format=csv"))[1:]] == [
        "Assured",
        "Unassured",
    ]


def test_a_strangers_person_is_not_there(head: User) -> None:
    person = a_practitioner()
    for path in ("", "edit/", "assurance/"):
        assert as_(head).get(f"/provide/people/{person.reference}/{path}").status_code == 404
