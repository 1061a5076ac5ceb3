"""The API of the catalogue."""

import pytest
from django.test import Client

from marketplace.catalogue.models import EmptySearch, Theme
from marketplace.kernel.access import Role
from marketplace.organisations.models import OrganisationKind, School
from tests.builders import (
    a_designation,
    a_person,
    a_practitioner,
    a_school,
    an_offer,
    an_organisation,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return a_school(name="Meadow Primary")


@pytest.fixture
def head(school: School, client: Client) -> Client:
    client.force_login(a_person(Role.HEADTEACHER, at=school))
    return client


PATHS = ["/api/offers/", "/api/themes/", "/api/support-types/", "/api/practitioners/"]


@pytest.mark.parametrize("path", PATHS)
def test_visitors_are_asked_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_written(head: Client, path: str) -> None:
    assert head.post(path, {}, content_type="application/json").status_code == 405


def test_the_vocabulary_is_listed_whole(head: Client) -> None:
    themes = head.get("/api/themes/").json()
    phonics = next(theme for theme in themes if theme["code"] == "phonics")
    assert phonics["parent"] == "curriculum-and-teaching"
    assert next(t for t in themes if t["code"] == "curriculum-and-teaching")["parent"] is None
    assert len(head.get("/api/support-types/").json()) == 13


def test_a_search_answers_with_prices_counts_and_pages(head: Client) -> None:
    phonics = Theme.objects.get(code="phonics")
    for _ in range(3):
        an_offer(themes=[phonics])
    an_offer()

    answer = head.get("/api/offers/", {"theme": "phonics", "page_size": 2}).json()

    assert (answer["count"], len(answer["results"])) == (3, 2)
    assert answer["next"]
    first = answer["results"][0]
    assert first["price"]["total_pence"] == 35_000
    assert first["price"]["lines"] == [{"sentence": "1 day × £350.00 a day", "pence": 35_000}]
    assert first["metres"] == 0
    assert answer["facets"]["theme"]["phonics"] == 3


def test_filters_of_several_values_are_repeated_or_parted_by_commas(head: Client) -> None:
    an_offer(phases=["primary"])
    an_offer(phases=["secondary"])
    an_offer(phases=["post_16"])
    assert head.get("/api/offers/?phase=primary&phase=secondary").json()["count"] == 2
    assert head.get("/api/offers/?phase=primary,secondary").json()["count"] == 2


@pytest.mark.parametrize(
    "query",
    [
        {"theme": "alchemy"},
        {"type": "alchemy"},
        {"phase": "nursery"},
        {"sort": "popular"},
        {"within": "far"},
        {"quality": "101"},
        {"free_from": "tomorrow"},
        {"half_days": "0"},
        {"school": "abc"},
        {"q": "x" * 201},
        {"q": "a\x00b"},
        {"max_price_pence": "9" * 30},
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(head: Client, query: dict[str, str]) -> None:
    answer = head.get("/api/offers/", query)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(query)


def test_an_unknown_school_is_not_found(head: Client) -> None:
    assert head.get("/api/offers/", {"school": 123_456}).status_code == 404


def test_an_offer_is_shown_with_its_terms_and_its_people(head: Client) -> None:
    person = a_practitioner(biography="Private thoughts")
    a_designation(person)
    offer = an_offer(practitioners=[person])

    answer = head.get(f"/api/offers/{offer.reference}/").json()

    assert answer["title"] == offer.current.title
    assert answer["cancellation_terms"]
    assert answer["practitioners"] == [
        {
            "reference": person.reference,
            "name": person.name,
            "job_title": "",
            "designations": [
                {
                    "scheme": "Specialist leader of education",
                    "awarded_by": "A teaching school hub",
                    "valid_from": "2023-09-01",
                    "valid_to": None,
                }
            ],
        }
    ]


def test_the_price_for_any_school_is_explained(head: Client) -> None:
    offer = an_offer(price_rule={"kind": "per_pupil", "pupil_pence": 1_900})
    larger = a_school(pupils=400)
    url = f"/api/offers/{offer.reference}/price/"
    assert head.get(url).json()["total_pence"] == 210 * 1_900
    assert head.get(url, {"school": larger.urn}).json()["total_pence"] == 400 * 1_900


def test_days_asked_for_are_priced(head: Client) -> None:
    offer = an_offer()
    answer = head.get(f"/api/offers/{offer.reference}/price/", {"half_days": 5}).json()
    assert (answer["total_pence"], answer["half_days"]) == (87_500, 5)


def test_a_price_that_cannot_be_worked_out_is_words(head: Client) -> None:
    offer = an_offer(price_rule={"kind": "base_plus_staff", "base_pence": 1, "head_pence": 1})
    answer = head.get(f"/api/offers/{offer.reference}/price/")
    assert answer.status_code == 200
    assert answer.json()["total_pence"] is None and "number of staff" in answer.json()["problem"]


def test_hidden_and_unknown_offers_give_the_same_answer(head: Client) -> None:
    trust = an_organisation(OrganisationKind.TRUST)
    hidden = [an_offer(status="draft"), an_offer(status="paused"), an_offer(trust, scope="trust")]
    bodies = {
        head.get(f"/api/offers/{ref}/").content for ref in [*(o.reference for o in hidden), "OF-NOTHING"]
    }
    assert len(bodies) == 1
    assert head.get("/api/offers/").json()["count"] == 0


def test_a_provider_sees_its_own_draft_as_not_there_until_it_has_a_version_on_show(client: Client) -> None:
    school = a_school()
    client.force_login(a_person(Role.HEADTEACHER, at=school))
    draft = an_offer(school.organisation, status="draft")
    assert client.get(f"/api/offers/{draft.reference}/").status_code == 404


def test_people_show_only_what_is_public_and_only_when_on_show(head: Client) -> None:
    named, unnamed = a_practitioner(biography="Private thoughts"), a_practitioner()
    an_offer(practitioners=[named])
    answer = head.get("/api/practitioners/").json()
    assert [person["reference"] for person in answer["results"]] == [named.reference]
    assert set(answer["results"][0]) == {"reference", "name", "job_title", "designations"}
    assert head.get(f"/api/practitioners/{unnamed.reference}/").status_code == 404


def test_an_empty_search_of_a_school_is_noted(head: Client) -> None:
    head.get("/api/offers/", {"q": "zebra"})
    head.get("/api/offers/", {"q": "zebra"})
    assert EmptySearch.objects.count() == 1
