"""The pages of the search, and of an offer as a school reads it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.catalogue import rules
from marketplace.catalogue.models import EmptySearch, Theme
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Organisation, OrganisationKind, School, User
from tests.builders import (
    a_designation,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    an_offer,
    an_organisation,
)
from tests.frontend.catalogue.pages import as_, rows, text

pytestmark = pytest.mark.django_db


# Find ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/find/", "/find/compare/", "/provide/", "/provide/people/", "/quality/"])
def test_visitors_are_sent_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302 and "login" in answer["location"]


def test_a_school_leader_finds_offers_with_the_price_for_the_school(head: User, hub: Organisation) -> None:
    an_offer(hub, title="Phonics coaching", price_rule={"kind": "per_pupil", "pupil_pence": 1_000})
    page = text(as_(head).get("/find/?q=phonics"))
    assert "1 offer" in page and "Phonics coaching" in page
    assert "£2,100.00" in page and "210 pupils" in page
    assert "Prices and distances are for Meadow Primary" in page


def test_the_search_page_says_why_there_is_no_price(area: Area) -> None:
    unknown = a_school(area, pupils=None)
    an_offer(price_rule={"kind": "per_pupil", "pupil_pence": 1_000})
    answer = as_(a_person(Role.HEADTEACHER, at=unknown)).get("/find/")
    assert answer.status_code == 200 and "depends on the number of pupils" in text(answer)


def test_filters_show_counts_and_leave_out_choices_that_find_nothing(head: User) -> None:
    an_offer(phases=["primary"], themes=[Theme.objects.get(code="maths")])
    an_offer(phases=["primary", "secondary"], themes=[Theme.objects.get(code="phonics")])
    page = text(as_(head).get("/find/"))
    assert "Primary (2)" in page and "Secondary (1)" in page and "Curriculum and teaching (2)" in page
    assert "Post-16 (" not in page and "Maths (" not in page

    opened = text(as_(head).get("/find/?theme=curriculum-and-teaching"))
    assert "– Maths (1)" in opened and "– Phonics and early reading (1)" in opened


@pytest.mark.parametrize(
    "query",
    [
        "theme=alchemy", "within=far", "max_price=lots", "days=many", "quality=9", "phase=x", "free_from=never",
        "page=999", "page=x", "sort=popular", "school=abc", "school=9999999999999", "q=%00", "q=" + "x" * 201,
        "free_from=2027-01-09&free_to=2027-01-02", "max_price=99999999999999999999", "free_from=9999-12-31",
        "free_from=0001-01-01", "free_from=2000-01-01&free_to=2099-01-01", "days=99999", "max_price=999999999",
    ],
)  # fmt: skip
def test_no_query_string_breaks_the_search(head: User, query: str) -> None:
    an_offer(practitioners=[a_practitioner()])
    assert as_(head).get(f"/find/?{query}").status_code in (200, 422)


def test_an_unknown_school_in_the_address_is_not_found(head: User) -> None:
    assert as_(head).get("/find/?school=123456").status_code == 404


def test_an_empty_search_says_what_to_do_and_is_noted_once(head: User, school: School) -> None:
    an_offer(title="Phonics", mode="in_person")
    client = as_(head)
    for _ in range(2):
        page = client.get("/find/?q=phonics&mode=remote")
    words = text(page)
    assert "Search without “How it is given”" in words and ": 1 offer" in words
    assert f"{reverse('brokerage:tell')}?q=phonics&amp;mode=remote" in page.content.decode()
    assert EmptySearch.objects.count() == 1


def test_somebody_who_buys_for_no_school_sees_offers_without_prices(convenor: User) -> None:
    an_offer(title="Phonics")
    page = text(as_(convenor).get("/find/?q=zebra"))
    assert "don’t buy for a school" in page
    assert EmptySearch.objects.count() == 0
    assert "Phonics" in text(as_(convenor).get("/find/"))


def test_the_authoritys_own_and_ones_own_offers_are_marked(head: User, school: School, area: Area) -> None:
    an_offer(a_provider(area), title="From the authority")
    an_offer(school.organisation, title="From us")
    page = text(as_(head).get("/find/"))
    assert "Local authority’s own" in page and "Your own" in page


def test_a_trust_lead_switches_the_school_prices_are_for(area: Area) -> None:
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    small = a_school(area, academy=True, trust=trust, name="Ash Academy", pupils=100)
    large = a_school(area, academy=True, trust=trust, name="Beech Academy", pupils=300)
    an_offer(price_rule={"kind": "per_pupil", "pupil_pence": 1_000})
    client = as_(a_person(Role.TRUST_LEAD, at=trust))

    assert "£1,000.00" in text(client.get(f"/find/?school={small.urn}"))
    page = client.get(f"/find/?school={large.urn}")
    assert "£3,000.00" in text(page)
    chosen = re.search(r'<select name="school".*?</select>', page.content.decode(), re.S)
    assert (
        chosen and page.content.decode().count('name="school"') == 2
    )  # the filter, and the form that compares


def test_results_as_csv_cannot_run_formulas(head: User) -> None:
    an_offer(title="=HYPERLINK(1)")
    lines = rows(as_(head).get("/find/?format=csv"))
    assert lines[1][1] == "'=HYPERLINK(1)" and lines[1][8] == "£350.00"


def test_up_to_four_offers_are_compared_as_columns(head: User) -> None:
    offers = [an_offer(title=f"Choice {n}") for n in range(5)]
    query = "&".join(f"offer={offer.reference}" for offer in offers)
    page = text(as_(head).get(f"/find/compare/?{query}&days=2"))
    assert all(f"Choice {n}" in page for n in range(4)) and "Choice 4" not in page
    assert "Only 4 offers fit" in page and "£700.00 for 2 days" in page


@pytest.mark.parametrize(
    "path",
    [
        "/offers/%00/",
        "/offers/x%20y/",
        "/find/compare/?offer=%00",
        "/provide/offers/%00/",
        "/provide/people/%00/",
        "/quality/%00/",
        "/api/offers/%00/",
        "/api/practitioners/%00/",
    ],
)
def test_no_reference_breaks_a_page(head: User, path: str) -> None:
    assert as_(head).get(path).status_code in (200, 404)


def test_nothing_to_compare_says_how(head: User) -> None:
    assert "Tick up to four offers" in text(as_(head).get("/find/compare/?offer=OF-NOTHING"))


def test_the_published_weights_are_the_weights_used(client: Client) -> None:
    page = text(client.get("/find/how-results-are-ordered/"))
    for weight in rules.WEIGHTS:
        assert f"{weight.name} {weight.hundredths} " in page


@pytest.mark.parametrize("count", [10, 60])
def test_the_search_page_takes_the_same_few_queries_for_any_number_of_offers(
    head: User, hub: Organisation, count: int, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        an_offer(hub, practitioners=[a_practitioner()])
    client = as_(head)
    client.get("/find/")
    sign_in, frame, diaries, search = 3, 4, 6, 5
    with django_assert_max_num_queries(sign_in + frame + diaries + search):
        answer = client.get("/find/?q=support&sort=cheapest")
    assert answer.status_code == 200


# An offer ------------------------------------------------------------------------------------------------------------


def test_an_offer_page_explains_price_terms_people_and_evidence(head: User, hub: Organisation) -> None:
    person = a_practitioner(name="A specialist")
    a_designation(person)
    offer = an_offer(
        hub,
        practitioners=[person],
        evidence="Two trials.",
        price_rule={"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114},
        cancellation_tariff={"tiers": [{"at_most": 7, "percent_bp": 10_000, "unit": "calendar"}]},
    )
    answer = as_(head).get(f"/offers/{offer.reference}/?need=ND-1")
    page = text(answer)
    assert "£705.54" in page and "Flat charge £466.14" in page and "210 primary pupils" in page
    assert "7 days’ notice or less: the whole price" in page
    assert (
        "Specialist leader of education, awarded by A teaching school hub" in page and "Two trials." in page
    )
    assert f"/bookings/new/?offer={offer.reference}&amp;need=ND-1" in answer.content.decode()


def test_the_price_follows_the_days_asked_for(head: User) -> None:
    offer = an_offer()
    assert "£1,050.00 for 3 days" in text(as_(head).get(f"/offers/{offer.reference}/?days=3"))
    assert as_(head).get(f"/offers/{offer.reference}/?days=x").status_code == 422


def test_a_fee_on_top_is_shown_before_anything_is_bought(head: User) -> None:
    offer = an_offer(
        price_rule={"kind": "per_day", "amount_pence": 42_000},
        brokerage_fee={"basis": "additional", "kind": "percent", "value": 1_500},
    )
    page = text(as_(head).get(f"/offers/{offer.reference}/?days=3"))
    assert "£1,449.00" in page and "fee of 15%" in page


def test_a_hidden_offer_looks_like_one_that_is_not_there(head: User, area: Area) -> None:
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    client = as_(head)
    gone = client.get("/offers/OF-NOTHING/")
    for offer in (an_offer(status="draft"), an_offer(status="paused"), an_offer(trust, scope="trust")):
        answer = client.get(f"/offers/{offer.reference}/")
        assert (answer.status_code, text(answer)) == (gone.status_code, text(gone)) == (404, text(gone))


def test_a_school_is_not_asked_to_book_its_own_offer(head: User, school: School) -> None:
    offer = an_offer(school.organisation, practitioners=[a_practitioner(school.organisation)])
    page = text(as_(head).get(f"/offers/{offer.reference}/"))
    assert "does not book its own offers" in page and "Book a person and a date" not in page


def test_what_is_sold_by_the_place_leads_to_courses_and_has_no_button_to_book(head: User) -> None:
    offer = an_offer(
        practitioners=[a_practitioner()], price_rule={"kind": "per_place", "amount_pence": 95_00}
    )
    client = as_(head)
    page = text(client.get(f"/offers/{offer.reference}/"))
    assert "sold by the place" in page and "See the courses to come" in page
    assert "Book a person and a date" not in page and "Agree a deployment" not in page
    for address in (f"/bookings/new/?offer={offer.reference}", f"/deployments/new/?offer={offer.reference}"):
        answer = client.get(address)
        assert answer.status_code == 409 and "sold by the place" in text(answer)
