"""Pages of the catalogue: the search, an offer, a provider's offers and people, and quality assurance."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.catalogue import actions, queries, rules
from marketplace.catalogue.models import EmptySearch, Offer, OfferStatus, Practitioner, SupportType, Theme
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Membership, Organisation, OrganisationKind, School, User
from tests.builders import (
    a_convenor,
    a_designation,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_offer,
    an_organisation,
    some_content,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def area() -> Area:
    return an_area()


@pytest.fixture
def school(area: Area) -> School:
    return a_school(area, name="Meadow Primary")


@pytest.fixture
def head(school: School) -> User:
    return a_person(Role.HEADTEACHER, at=school)


@pytest.fixture
def hub(area: Area) -> Organisation:
    return an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB, area=area, name="Brightwater Hub")


@pytest.fixture
def lead(hub: Organisation) -> User:
    return a_person(Role.PROVIDER_LEAD, at=hub)


@pytest.fixture
def convenor(area: Area) -> User:
    return a_convenor(area)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: object) -> str:
    """What a page says, without markup, each run of blanks as one."""
    body = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(body.replace("&nbsp;", " ").replace("&#x27;", "'").split())


def rows(answer: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


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


# Providing -----------------------------------------------------------------------------------------------------------


def about(**changes: object) -> dict[str, object]:
    return {
        "title": "Phonics coaching",
        "summary": "Six visits to Year 1.",
        "support_type": "coaching",
        "themes": ["phonics"],
        "phases": ["primary"],
        "description": "",
        "evidence": "",
    } | changes


def test_an_offer_is_listed_filled_in_handed_in_and_published_on_pages(
    lead: User, hub: Organisation, convenor: User, head: User
) -> None:
    person = a_practitioner(listed_by=hub, name="A specialist")
    client = as_(lead)

    answer = client.post("/provide/offers/new/", about())
    offer = Offer.objects.get()
    assert answer.status_code == 302
    page = text(client.get(answer["location"]))
    assert "Set a price." in page and "To do" in page

    client.post(
        f"/provide/offers/{offer.reference}/edit/delivery/",
        {
            "mode": "in_person", "reach_km": "30", "capacity": "20", "minimum": "0.5", "activity_basis": "traded",
            "scope": "open", "practitioners": [person.reference],
        },
    )  # fmt: skip
    chosen = client.get(f"/provide/offers/{offer.reference}/price/?kind=per_day")
    assert chosen["location"].endswith("/price/per_day/")
    client.post(chosen["location"], {"amount_pence": "350", "half_day_pence": "200"})
    client.post(
        f"/provide/offers/{offer.reference}/edit/terms/",
        {"fee_basis": "inclusive", "fee_kind": "percent", "fee_value": "15", "cancellation": "two_steps"},
    )
    client.post(f"/provide/offers/{offer.reference}/submit/")

    offer.refresh_from_db()
    assert offer.status == OfferStatus.SUBMITTED
    queue = as_(convenor).get("/quality/")
    assert "Phonics coaching" in text(queue)
    page = text(as_(convenor).get(f"/quality/{offer.reference}/"))
    assert "£350.00 a day, £200.00 a half day" in page and "210 pupils" in page
    as_(convenor).post(f"/quality/{offer.reference}/", {"decision": "publish"})

    version = Offer.objects.get().current
    assert version.price_rule == {"kind": "per_day", "amount_pence": 35_000, "half_day_pence": 20_000}
    assert version.brokerage_fee == {"basis": "inclusive", "kind": "percent", "value": 1_500}
    assert (version.capacity_half_days, version.reach_km, version.minimum_half_days) == (40, 30, 1)
    assert list(version.practitioners.all()) == [person]
    assert "Phonics coaching" in text(as_(head).get("/find/"))


def test_a_convenor_returns_an_offer_with_reasons_the_provider_reads(
    lead: User, hub: Organisation, convenor: User
) -> None:
    offer = actions.draft_offer(actor=actor_of(lead), provider=hub, content=some_content())
    actions.submit_offer(actor=actor_of(lead), offer=offer)

    missing = as_(convenor).post(f"/quality/{offer.reference}/", {"decision": "return", "reason": ""})
    assert missing.status_code == 422
    as_(convenor).post(
        f"/quality/{offer.reference}/", {"decision": "return", "reason": "Name your evidence."}
    )

    page = text(as_(lead).get(f"/provide/offers/{offer.reference}/"))
    assert "Returned by the convenor" in page and "Name your evidence." in page


def test_a_convenor_with_an_interest_reads_why_they_cannot_judge(
    lead: User, hub: Organisation, convenor: User
) -> None:
    Membership.objects.create(user=convenor, organisation=hub, role=Role.GOVERNOR)
    offer = actions.draft_offer(actor=actor_of(lead), provider=hub, content=some_content())
    actions.submit_offer(actor=actor_of(lead), offer=offer)
    answer = as_(convenor).get(f"/quality/{offer.reference}/")
    assert "You hold a role at this provider" in text(answer)
    assert b'value="publish"' not in answer.content
    assert as_(convenor).post(f"/quality/{offer.reference}/", {"decision": "publish"}).status_code == 403


def test_what_a_new_version_changes_is_shown_to_the_convenor(
    lead: User, hub: Organisation, convenor: User
) -> None:
    offer = an_offer(hub, title="Old words")
    client = as_(lead)
    client.post(
        f"/provide/offers/{offer.reference}/edit/about/",
        about(title="New words", support_type=SupportType.objects.get(code="coaching").code),
    )
    assert "Schools still see version 1" in text(client.get(f"/provide/offers/{offer.reference}/"))
    client.post(f"/provide/offers/{offer.reference}/submit/")
    page = text(as_(convenor).get(f"/quality/{offer.reference}/"))
    assert "What would change" in page and "Title Old words New words" in page


def test_an_incomplete_offer_is_not_handed_in_and_the_page_says_why(lead: User, hub: Organisation) -> None:
    offer = actions.draft_offer(
        actor=actor_of(lead), provider=hub, content=some_content(price_rule={}, themes=())
    )
    page = text(as_(lead).post(f"/provide/offers/{offer.reference}/submit/", follow=True))
    assert "Set a price." in page and "Choose at least one theme." in page


@pytest.mark.parametrize(
    ("verb", "status"), [("pause", "paused"), ("withdraw", "withdrawn"), ("confirm", "published")]
)
def test_what_a_provider_does_with_an_offer_on_show(
    lead: User, hub: Organisation, verb: str, status: str
) -> None:
    offer = an_offer(hub)
    as_(lead).post(f"/provide/offers/{offer.reference}/{verb}/")
    assert Offer.objects.get().status == status


def test_a_move_that_is_too_late_is_told_and_not_a_fault(lead: User, hub: Organisation) -> None:
    offer = an_offer(hub, status="withdrawn")
    page = as_(lead).post(f"/provide/offers/{offer.reference}/pause/", follow=True)
    assert page.status_code == 200 and "is withdrawn" in text(page)
    assert as_(lead).post(f"/provide/offers/{offer.reference}/explode/").status_code == 404
    assert as_(lead).get(f"/provide/offers/{offer.reference}/pause/").status_code == 405


def test_only_its_provider_manages_an_offer(head: User, convenor: User, hub: Organisation) -> None:
    offer = an_offer(hub)
    for user in (head, convenor):
        client = as_(user)
        for path in ("", "edit/about/", "price/", "price/per_day/"):
            assert client.get(f"/provide/offers/{offer.reference}/{path}").status_code == 404
        assert client.post(f"/provide/offers/{offer.reference}/pause/").status_code == 404
    assert as_(head).get("/quality/").status_code == 404
    assert as_(head).get(f"/quality/{offer.reference}/").status_code == 404


def test_the_form_keeps_what_was_typed_and_names_the_field(lead: User) -> None:
    answer = as_(lead).post("/provide/offers/new/", about(description="DBS 001234567890"))
    assert answer.status_code == 422
    assert "looks like the number of a DBS certificate" in text(answer) and "Six visits to Year 1." in text(
        answer
    )
    assert Offer.objects.count() == 0


# Prices --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(lead: User, hub: Organisation) -> Offer:
    return actions.draft_offer(actor=actor_of(lead), provider=hub, content=some_content(price_rule={}))


FORMS = {
    "per_day": ({"amount_pence": "£350", "half_day_pence": ""}, {"kind": "per_day", "amount_pence": 35_000}),
    "per_half_day": ({"amount_pence": "175"}, {"kind": "per_half_day", "amount_pence": 17_500}),
    "per_session": ({"amount_pence": "90.50"}, {"kind": "per_session", "amount_pence": 9_050}),
    "per_place": ({"amount_pence": "60"}, {"kind": "per_place", "amount_pence": 6_000}),
    "fixed": ({"amount_pence": "0"}, {"kind": "fixed", "amount_pence": 0}),
    "per_pupil": (
        {"nursery_pence": "5.07", "primary_pence": "5.07", "secondary_pence": "6.35"},
        {"kind": "per_pupil", "nursery_pence": 507, "primary_pence": 507, "secondary_pence": 635},
    ),
    "flat_plus_per_pupil": (
        {"flat_pence": "466.14", "primary_pence": "1.14"},
        {"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114},
    ),
    "per_pupil_within_limits": (
        {"pupil_pence": "19", "floor_pence": "6,000", "cap_pence": "12,500"},
        {"kind": "per_pupil_within_limits", "pupil_pence": 1_900, "floor_pence": 600_000, "cap_pence": 1_250_000},
    ),
    "banded_by_pupils": (
        {
            "bands-0-up_to_pupils": "100", "bands-0-amount_pence": "500", "bands-1-amount_pence": "900",
            "pupils_of": "school", "amount_is": "whole",
        },
        {
            "kind": "banded_by_pupils", "bands": [{"up_to_pupils": 100, "amount_pence": 50_000}, {"amount_pence": 90_000}],
            "pupils_of": "school", "amount_is": "whole",
        },
    ),
    "base_plus_staff": (
        {"base_pence": "200", "head_pence": "8"}, {"kind": "base_plus_staff", "base_pence": 20_000, "head_pence": 800},
    ),
    "levels": (
        {"levels-0-name": "Bronze", "levels-0-visits": "3", "levels-0-hours": "3", "levels-0-amount_pence": "2944"},
        {"kind": "levels", "levels": [{"name": "Bronze", "visits": 3, "hours": 3, "amount_pence": 294_400}]},
    ),
    "package_of_days": (
        {"packages-0-half_days": "6", "packages-0-amount_pence": "2,000"},
        {"kind": "package_of_days", "packages": [{"half_days": 12, "amount_pence": 200_000}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_of_price_is_typed_in_kept_and_shown_again(lead: User, draft: Offer, kind: str) -> None:
    typed, rule = FORMS[kind]
    client, url = as_(lead), f"/provide/offers/{draft.reference}/price/{kind}/"
    assert client.get(url).status_code == 200

    answer = client.post(url, typed)

    assert answer.status_code == 302, text(answer)
    assert queries.version_in_work(draft).price_rule == rule
    again = client.get(url).content.decode().replace(",", "")
    for value in typed.values():
        if value and value not in ("school", "whole"):
            assert value.strip("£").replace(",", "") in again


def test_every_kind_of_price_has_its_form_tried() -> None:
    from marketplace.catalogue.pricing import KINDS

    assert set(FORMS) == set(KINDS)


def test_changes_and_dates_are_part_of_the_price(lead: User, draft: Offer) -> None:
    client, url = as_(lead), f"/provide/offers/{draft.reference}/price/per_place/"
    answer = client.post(
        url,
        {
            "amount_pence": "100",
            "use-multi_buy": "on", "multi_buy-from_number": "2", "multi_buy-percent_off_bp": "20",
            "member_rate-amount_pence": "80",
            "effective_to-day": "31", "effective_to-month": "8", "effective_to-year": "2027",
        },
    )  # fmt: skip
    assert answer.status_code == 302, text(answer)
    assert queries.version_in_work(draft).price_rule == {
        "kind": "per_place",
        "amount_pence": 10_000,
        "modifiers": [{"kind": "multi_buy", "from_number": 2, "percent_off_bp": 2_000}],
        "effective_to": "2027-08-31",
    }


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        ("per_day", {}, "Price is missing"),
        ("per_day", {"amount_pence": "lots"}, "not an amount of money"),
        ("per_pupil", {}, "There is no price per pupil"),
        ("per_pupil_within_limits", {"pupil_pence": "1", "floor_pence": "9", "cap_pence": "5"}, "more than the most"),
        (
            "banded_by_pupils",
            {"bands-0-up_to_pupils": "200", "bands-0-amount_pence": "1", "bands-1-up_to_pupils": "100", "bands-1-amount_pence": "2"},
            "does not reach further",
        ),
        ("fixed", {"amount_pence": "1", "use-multi_buy": "on", "multi_buy-percent_off_bp": "20", "multi_buy-from_number": "2"}, "needs a price for each"),
        ("per_day", {"amount_pence": "1", "use-early_order": "on", "early_order-percent_off_bp": "120"}, "100% or less"),
        ("per_day", {"amount_pence": "1", "effective_to-day": "31", "effective_to-month": "2", "effective_to-year": "2027"}, "real date"),
    ],
)  # fmt: skip
def test_a_price_that_makes_no_sense_is_told_at_its_field(
    lead: User, draft: Offer, kind: str, typed: dict[str, str], says: str
) -> None:
    answer = as_(lead).post(f"/provide/offers/{draft.reference}/price/{kind}/", typed)
    assert answer.status_code == 422
    assert says in text(answer)
    assert queries.version_in_work(draft).price_rule == {}


def test_more_rows_keep_what_was_typed_and_save_nothing(lead: User, draft: Offer) -> None:
    url = f"/provide/offers/{draft.reference}/price/package_of_days/"
    answer = as_(lead).post(
        url, {"packages-0-half_days": "6", "packages-3-amount_pence": "x", "more": "packages"}
    )
    assert answer.status_code == 200
    body = answer.content.decode()
    assert 'name="packages-5-half_days"' in body and 'value="6"' in body and "There is a problem" not in body
    assert queries.version_in_work(draft).price_rule == {}


def test_an_unknown_kind_of_price_is_not_found(lead: User, draft: Offer) -> None:
    assert as_(lead).get(f"/provide/offers/{draft.reference}/price/barter/").status_code == 404
    assert as_(lead).get(f"/provide/offers/{draft.reference}/price/?kind=barter").status_code == 422


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("percent", "lots", "percentage"),
        ("percent", "120", "more than the price"),
        ("per_day", "", "missing"),
        ("percent", "-5", "or more"),
    ],
)
def test_a_fee_that_makes_no_sense_is_told(
    lead: User, draft: Offer, kind: str, value: str, says: str
) -> None:
    answer = as_(lead).post(
        f"/provide/offers/{draft.reference}/edit/terms/",
        {"fee_basis": "additional", "fee_kind": kind, "fee_value": value, "cancellation": "standard"},
    )
    assert answer.status_code == 422 and says in text(answer)


# The admin -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    ["theme", "supporttype", "practitioner", "designation", "employerassurance", "offer", "offerversion"],
)
def test_the_admin_shows_the_catalogue_and_changes_nothing(model: str) -> None:
    person = a_practitioner()
    a_designation(person)
    an_offer(practitioners=[person])
    client = as_(User.objects.create_superuser("root@example.org", "long enough to pass", name="Root"))
    assert client.get(f"/admin/catalogue/{model}/").status_code == 200
    assert client.get(f"/admin/catalogue/{model}/add/").status_code == 403


# Lists ---------------------------------------------------------------------------------------------------------------


def test_a_providers_list_filters_sorts_and_downloads(lead: User, hub: Organisation) -> None:
    an_offer(hub, title="Phonics")
    an_offer(hub, title="Maths", status="paused")
    an_offer(title="Of somebody else")
    client = as_(lead)
    assert "2 offers" in text(client.get("/provide/"))
    assert "1 offer" in text(client.get("/provide/?status=paused"))
    assert "1 offer" in text(client.get("/provide/?q=phon&sort=-confirmed"))
    assert [line[1] for line in rows(client.get("/provide/?format=csv&sort=started"))[1:]] == [
        "Phonics",
        "Maths",
    ]


@pytest.mark.parametrize("count", [5, 25])
def test_a_providers_list_takes_the_same_few_queries(
    lead: User, hub: Organisation, count: int, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        an_offer(hub)
    client = as_(lead)
    client.get("/provide/")
    with django_assert_max_num_queries(16):
        client.get("/provide/")


@pytest.mark.parametrize("count", [5, 25])
def test_lists_of_people_and_of_offers_to_judge_take_the_same_few_queries(
    lead: User, hub: Organisation, convenor: User, count: int, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        a_designation(a_practitioner(listed_by=hub))
        offer = actions.draft_offer(actor=actor_of(lead), provider=hub, content=some_content())
        actions.submit_offer(actor=actor_of(lead), offer=offer)
    for user, path in ((lead, "/provide/people/"), (convenor, "/quality/")):
        client = as_(user)
        client.get(path)
        with django_assert_max_num_queries(13):
            assert client.get(path).status_code == 200


@pytest.mark.parametrize("people", [1, 12])
def test_the_page_of_an_offer_takes_the_same_few_queries(
    head: User, hub: Organisation, people: int, django_assert_max_num_queries
) -> None:
    named = [a_practitioner() for _ in range(people)]
    for person in named:
        a_designation(person)
    offer = an_offer(hub, practitioners=named)
    client = as_(head)
    client.get("/find/")
    with django_assert_max_num_queries(20):
        client.get(f"/offers/{offer.reference}/")


# People --------------------------------------------------------------------------------------------------------------

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
