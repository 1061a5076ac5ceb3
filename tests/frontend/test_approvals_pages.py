"""The pages of ladders, quotes evidence and funding streams, without script."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.bookings import actions as bookings
from marketplace.buyback import queries
from marketplace.buyback.models import FundingStream, QuotesEvidence
from marketplace.buyback.rules import Approver, Step
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import financial_year
from marketplace.organisations.models import OrganisationKind, User
from tests.builders import (
    Scene,
    a_booking,
    a_convenor,
    a_ladder,
    a_person,
    a_scene,
    a_stream,
    actor_of,
    an_agreement,
    an_organisation,
    some_evidence,
)

pytestmark = pytest.mark.django_db


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def a_ladder_form(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    names = ("from", "approver", "quotes", "minute")
    return {"set": ""} | {
        f"{name}_{n}": value for n, row in enumerate(rows) for name, value in zip(names, row, strict=True)
    }


# The ladder ------------------------------------------------------------------------------------------------------------


def test_a_headteacher_makes_a_ladder_and_takes_it_away_again() -> None:
    scene = a_scene()
    client, address = signed_in(scene.receiving_head), reverse("approvals:ladder")

    assert "£1,000.00" in page(client, address) and "the exchange" in page(client, address)
    assert "£2,000.00" not in page(client, address)
    assert "2,000.00" in page(client, f"{address}?preset=school")
    rows = a_ladder_form(("0", "any_orderer", "", ""), ("250", "governors", "3", "True"))
    assert client.post(address, rows).status_code == 302
    shown = page(client, address)
    assert "From £250.00: the governors, with 3 quotes and a minute reference" in shown and "Set for" in shown
    assert client.post(address, {"clear": ""}).status_code == 302
    assert queries.own_steps(scene.school.organisation) == ()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("lots", "any_orderer", "", "")], "not an amount"),
        ([("0", "", "", "")], "choose who approves"),
        ([("0", "governors", "", ""), ("5", "headteacher", "", "")], "asks for less"),
        ([("0", "trust", "", "")], "trust"),
        ([("0", "any_orderer", "", ""), ("", "governors", "", "")], "enter the amount"),
    ],
)
def test_steps_that_make_no_ladder_come_back_with_what_was_typed(
    rows: list[tuple[str, str, str, str]], says: str
) -> None:
    answer = signed_in(a_scene().receiving_head).post(reverse("approvals:ladder"), a_ladder_form(*rows))

    assert answer.status_code == 422 and says in answer.content.decode()


def test_the_ladder_is_made_by_those_who_answer_for_the_budget_holders() -> None:
    scene = a_scene()
    address = reverse("approvals:ladder")

    page(signed_in(scene.budget_holder), address, 403)
    page(signed_in(scene.receiving_head), f"{address}?for={scene.releasing.organisation.reference}", 404)
    convenor = signed_in(actor_of(a_convenor(scene.area)))
    rows = a_ladder_form(("0", "second_person", "", ""))
    assert convenor.post(f"{address}?for=area-{scene.area.code}", rows).status_code == 302
    assert "a second person" in page(signed_in(scene.receiving_head), address)


# Quotes ----------------------------------------------------------------------------------------------------------------


def test_from_the_order_to_the_evidence_and_back() -> None:
    scene = a_scene()
    a_ladder(scene.school, Step(0, Approver.ANY_ORDERER, quotes_needed=1))
    booking = bookings.hold_session(**scene.wish())
    client, order = signed_in(scene.buyer), reverse("bookings:order", args=[booking.reference])
    assert "start quotes evidence for this order" in page(client, order)
    assert client.post(order, {"place": ""}).status_code == 422

    new = reverse("approvals:new_evidence")
    start = {"organisation": scene.school.organisation.reference, "subject": "Reading", "need_pence": "350"}
    made = client.post(f"{new}?next={order}", start)
    evidence = QuotesEvidence.objects.get()
    assert made["location"] == reverse("approvals:evidence", args=[evidence.reference])
    assert "Nobody has been asked" in page(client, made["location"])

    offers = reverse("approvals:ask_offers", args=[evidence.reference])
    assert "£350.00" in page(client, f"{offers}?days=1")
    assert client.post(f"{offers}?days=1", {"offer": scene.offer.reference}).status_code == 302
    quote = evidence.quotes.get()
    choose = reverse("approvals:choose_quote", args=[evidence.reference, quote.pk])
    assert client.post(choose).status_code == 302
    details = reverse("approvals:evidence_details", args=[evidence.reference])
    values = {"subject": "Reading", "need_pence": "350", "interest": "none"}
    told = client.post(details, values | {"conflicts": "The chair’s sister"})
    assert told.status_code == 422 and "Answer yes, or empty this box" in told.content.decode()
    assert client.post(details, values).status_code == 302
    complete = reverse("approvals:complete_evidence", args=[evidence.reference])
    assert client.post(complete).status_code == 302
    shown = page(client, made["location"])
    assert order in shown and "Go back to the order" in shown

    assert client.post(order, {"place": "", "evidence": evidence.reference}).status_code == 302
    booking.refresh_from_db()
    assert (booking.status, booking.quotes_evidence) == ("awaiting_approval", evidence)
    approving = page(signed_in(scene.budget_holder), reverse("bookings:approve", args=[booking.reference]))
    assert evidence.reference in approving
    assert booking.reference in page(client, made["location"])


def test_answers_are_recorded_and_nothing_typed_is_lost() -> None:
    scene = a_scene()
    evidence = some_evidence(scene.school, quotes={}, complete=False)
    client = signed_in(scene.buyer)
    ask = reverse("approvals:ask_supplier", args=[evidence.reference])
    asked = {"supplier_name": "Eastgate", "asked_on-day": "1", "asked_on-month": "9", "asked_on-year": "2026"}

    later = client.post(ask, asked | {"asked_on-year": "2999"})
    assert later.status_code == 422 and "Eastgate" in later.content.decode()
    nobody = client.post(ask, asked | {"supplier_name": ""})
    assert nobody.status_code == 422 and "Say who was asked" in nobody.content.decode()
    on_the_exchange = {"supplier": scene.provider.reference, "supplier_name": ""}
    assert client.post(ask, asked | on_the_exchange).status_code == 302
    assert evidence.quotes.get().supplier == scene.provider
    evidence.quotes.all().delete()
    assert client.post(ask, asked).status_code == 302
    quote = evidence.quotes.get()
    answer = reverse("approvals:answer", args=[evidence.reference, quote.pk])
    assert client.post(answer, {"answer": "quoted"}).status_code == 422
    day = {"answered_on-day": "2", "answered_on-month": "9", "answered_on-year": "2026"}
    assert client.post(answer, {"answer": "quoted", "price_pence": "1,200", **day}).status_code == 302
    assert "£1,200.00" in page(client, reverse("approvals:evidence", args=[evidence.reference]))
    remove = reverse("approvals:remove_quote", args=[evidence.reference, quote.pk])
    assert client.post(remove).status_code == 302
    assert not evidence.quotes.exists()


def test_complete_evidence_is_one_page_and_a_pdf_and_offers_no_change() -> None:
    scene = a_scene()
    evidence = some_evidence(
        scene.school, conflicts="The chair’s brother works for Westway; she left the room."
    )
    client = signed_in(scene.budget_holder)

    shown = page(client, reverse("approvals:evidence", args=[evidence.reference]))
    for words in ("Northside", "£12,000.00", "Lowest", "£1,500.00", "brother", "Chosen", "3 quotes"):
        assert words in shown
    assert "Take out" not in shown
    pdf = client.get(reverse("approvals:evidence_pdf", args=[evidence.reference]))
    assert pdf.status_code == 200 and (pdf.content.startswith(b"%PDF") or b"Northside" in pdf.content)
    page(signed_in(scene.provider_lead), reverse("approvals:evidence", args=[evidence.reference]), 404)


def test_the_list_of_quotes_costs_the_same_however_long(django_assert_max_num_queries: Any) -> None:
    scene = a_scene()
    for _ in range(12):
        some_evidence(scene.school)
    client, address = signed_in(scene.budget_holder), reverse("approvals:evidence_list")
    page(client, address)

    with django_assert_max_num_queries(16):
        page(client, address)
    csv = b"".join(client.get(f"{address}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.count("\n") == 1 + 12 * 3


# Funding ---------------------------------------------------------------------------------------------------------------


def convenor_of(scene: Scene) -> Client:
    return signed_in(actor_of(a_convenor(scene.area)))


def test_a_convenor_opens_a_stream_changes_its_budget_and_closes_it() -> None:
    scene = a_scene()
    client = convenor_of(scene)
    new = {"area": scene.area.code, "kind": "de_delegated", "name": "Primary", "budget_pence": "1,000"}
    year = financial_year(scene.day)

    assert (
        client.post(reverse("approvals:new_stream"), new | {"financial_year": "1999-00"}).status_code == 422
    )
    assert client.post(reverse("approvals:new_stream"), new | {"financial_year": year}).status_code == 302
    stream = FundingStream.objects.get()
    budget = reverse("approvals:change_budget", args=[stream.reference])
    change = {"way": "take", "pence": "1,000.01", "reason": "Forum"}
    refused = client.post(budget, change)
    assert refused.status_code == 422 and "£1,000.00" in refused.content.decode()
    assert client.post(budget, change | {"pence": "400"}).status_code == 302
    shown = page(client, reverse("approvals:stream", args=[stream.reference]))
    assert "£600.00" in shown and "Taken out" in shown and "Opening budget" in shown
    assert client.post(reverse("approvals:close_stream", args=[stream.reference])).status_code == 302
    assert "Closed" in page(client, reverse("approvals:streams"))


def test_a_convenor_lets_the_authority_pay_for_an_order() -> None:
    scene = a_scene()
    booking = a_booking(status="awaiting_release", school=scene.school, offer=scene.offer)
    year = financial_year(booking.day)
    stream = a_stream(scene.area, name="Concern", financial_year=year)
    a_stream(scene.area, name="Empty", financial_year=year, pence=1)
    client = convenor_of(scene)
    address = reverse("approvals:fund_booking", args=[booking.reference])

    assert booking.reference in page(client, reverse("approvals:orders_to_fund"))
    shown = page(client, address)
    assert "£10,000.00 left" in shown and "£0.01 are left, and this takes £350.00" in shown
    assert client.post(address, {"put": ""}).status_code == 422
    assert client.post(address, {"put": "", "stream": stream.reference}).status_code == 302
    assert queries.budget_of(stream).committed == 35_000
    shown = page(client, reverse("approvals:stream", args=[stream.reference]))
    assert booking.reference in shown and "Set aside" in shown
    assert "pays for it" in page(client, address)


def test_a_convenor_lets_the_authority_pay_for_an_agreement_that_waits_and_takes_it_off_again() -> None:
    scene = a_scene()
    agreement = an_agreement(status="awaiting_approval", school=scene.school, seller=scene.provider)
    stream = a_stream(scene.area, financial_year=financial_year(agreement.starts_on))
    a_stream(scene.area, name="Another year", financial_year="2020-21")
    client = convenor_of(scene)
    address = reverse("approvals:fund_agreement", args=[agreement.reference])

    assert agreement.reference in page(client, reverse("approvals:orders_to_fund"))
    shown = page(client, address)
    assert "£1,200.00" in shown and "It is for 2020-21" in shown
    assert client.post(address, {"put": "", "stream": stream.reference}).status_code == 302
    agreement.refresh_from_db()
    assert agreement.funding_stream == stream
    assert client.post(address, {"take_off": ""}).status_code == 302
    agreement.refresh_from_db()
    assert agreement.funding_stream is None


def test_a_stream_of_one_year_pays_for_no_agreement_of_three() -> None:
    scene = a_scene()
    agreement = an_agreement(status="awaiting_approval", school=scene.school, seller=scene.provider, years=3)
    stream = a_stream(scene.area, financial_year=financial_year(agreement.starts_on))
    client = convenor_of(scene)
    address = reverse("approvals:fund_agreement", args=[agreement.reference])

    assert agreement.reference not in page(client, reverse("approvals:orders_to_fund"))
    assert "This agreement is for 3 years" in page(client, address)
    answer = client.post(address, {"put": "", "stream": stream.reference})

    assert answer.status_code == 422 and "order it for one year" in answer.content.decode()
    agreement.refresh_from_db()
    assert agreement.funding_stream is None


def test_funding_is_for_the_areas_convenor_and_finance_officer() -> None:
    scene = a_scene()
    stream = a_stream(scene.area)
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    finance = actor_of(a_person(Role.FINANCE, at=authority))

    page(signed_in(finance), reverse("approvals:streams"))
    page(signed_in(finance), reverse("approvals:orders_to_fund"), 403)
    for actor in (scene.budget_holder, scene.provider_lead):
        page(signed_in(actor), reverse("approvals:streams"), 403)
        page(signed_in(actor), reverse("approvals:stream", args=[stream.reference]), 404)


def test_the_list_of_streams_costs_the_same_however_long(django_assert_max_num_queries: Any) -> None:
    scene = a_scene()
    client, address = convenor_of(scene), reverse("approvals:streams")
    for n in range(12):
        a_stream(scene.area, name=f"Stream {n}")
    page(client, address)

    with django_assert_max_num_queries(14):
        page(client, address)
    csv = b"".join(client.get(f"{address}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.count("10000.00") == 24
