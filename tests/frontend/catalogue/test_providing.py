"""The pages on which offers are listed, judged and downloaded, and the admin of the catalogue."""

import pytest

from marketplace.catalogue import actions
from marketplace.catalogue.models import Offer, OfferStatus, SupportType
from marketplace.kernel.access import Role
from marketplace.organisations.models import Membership, Organisation, User
from tests.builders import (
    a_designation,
    a_practitioner,
    actor_of,
    an_offer,
    some_content,
)
from tests.frontend.catalogue.pages import as_, rows, text

pytestmark = pytest.mark.django_db


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
        {"fee_basis": "inclusive", "fee_kind": "percent", "fee_value": "15"},
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
    assert page.status_code == 200 and "the offer stands at “Withdrawn”" in text(page)
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
