"""The price of a package on sale is taken into quotes evidence: the whole term, explained."""

from typing import Any

import pytest
from django.urls import reverse

from marketplace.buyback import actions
from marketplace.buyback.actions import EvidenceInvalid
from marketplace.buyback.models import PackageEdition, QuotesEvidence
from marketplace.buyback.queries import Wish, price_of
from marketplace.kernel.access import Actor, Role
from tests.builders import (
    a_package,
    a_person,
    a_school,
    a_window,
    actor_of,
    an_area,
    an_edition,
    some_evidence,
)
from tests.buyback.test_ordering import FLAT_PLUS_PER_PUPIL, today
from tests.frontend.test_balances_pages import signed_in

pytestmark = pytest.mark.django_db


def a_need(**school: Any) -> tuple[QuotesEvidence, Actor]:
    evidence = some_evidence(a_school(**school), quotes={}, complete=False)
    return evidence, actor_of(a_person(Role.BUDGET_HOLDER, at=evidence.organisation))


def on_sale_to(evidence: QuotesEvidence, **fields: Any) -> PackageEdition:
    window = a_window(evidence.organisation.area)
    return an_edition(a_package(), window=window, **fields)


def test_the_whole_term_is_quoted_before_vat_with_the_lines_that_made_it() -> None:
    evidence, buyer = a_need()
    edition = on_sale_to(evidence)

    quote = actions.ask_package(actor=buyer, evidence=evidence, edition=edition, years=3)

    wish = Wish(edition, evidence.organisation.school, 3)
    assert (quote.price_pence, quote.supplier) == (360_000, edition.package.seller)
    assert quote.price_pence == price_of(wish, on=today()).term_pence
    assert sum(line["pence"] for line in quote.price["lines"]) == quote.price_pence
    assert quote.price["lines"][-1]["sentence"] == "2 more years at £1,200.00"
    assert "3 years: price on the exchange" in quote.comment


def test_a_package_is_taken_in_once() -> None:
    evidence, buyer = a_need()
    edition = on_sale_to(evidence)
    actions.ask_package(actor=buyer, evidence=evidence, edition=edition, years=1)
    with pytest.raises(EvidenceInvalid, match="already"):
        actions.ask_package(actor=buyer, evidence=evidence, edition=edition, years=2)


def test_what_the_school_could_not_order_is_no_quote() -> None:
    evidence, buyer = a_need(pupils=None)
    for edition, years in (
        (on_sale_to(evidence, price_rule=FLAT_PLUS_PER_PUPIL), 1),
        (on_sale_to(evidence, term_years=[1]), 2),
        (on_sale_to(evidence, status="draft"), 1),
        (an_edition(window=a_window(an_area())), 1),
    ):
        with pytest.raises(EvidenceInvalid):
            actions.ask_package(actor=buyer, evidence=evidence, edition=edition, years=years)
    assert not evidence.quotes.exists()


def test_the_page_prices_packages_for_the_school_and_takes_one_in(django_assert_max_num_queries: Any) -> None:
    evidence, buyer = a_need()
    edition = on_sale_to(evidence)
    for _ in range(4):
        on_sale_to(evidence)
    client = signed_in(buyer)
    address = reverse("approvals:ask_packages", args=[evidence.reference])
    assert address in client.get(reverse("approvals:evidence", args=[evidence.reference])).content.decode()

    with django_assert_max_num_queries(26):
        shown = client.get(address, {"years": 2}).content.decode()
    key = f"{edition.package.reference} {edition.window.reference}"
    assert shown.count("£2,400.00") >= 5 and key in shown

    assert client.post(f"{address}?years=2", {"package": key, "level": ""}).status_code == 302
    assert evidence.quotes.get().price_pence == 240_000
    assert "In the evidence" in client.get(f"{address}?years=2").content.decode()
    assert client.post(address, {"package": "PK-NONE W-NONE"}).status_code == 404
