"""Finance deals with what the card network can't: an objection of a card's holder, and a payment of another amount."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marketplace.billing.models import CardPayment
from marketplace.billing.postings import Entry, Purpose, book
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.db import action
from marketplace.organisations.models import User
from tests.builders import a_booking_by_invoice, a_person
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def look(page: Page) -> None:
    """What every page on the way must hold."""
    assert axe(page) == [], page.url
    assert not overflow(page), page.url


@action
def lay_out() -> tuple[CardPayment, CardPayment, User]:
    """A payment held for a visit whose holder objects, another of a wrong amount, and finance of who is paid."""
    booking = a_booking_by_invoice()
    of = {"booking": booking, "payee": booking.provider, "payer": booking.receiving_school}
    now = timezone.now()
    disputed = CardPayment.objects.create(
        **of, pence=42_000, intent_id="pi_1", status="paid", paid_at=now, disputed_at=now
    )
    held = Entry((Purpose.CARD_CLEARING, ""), (Purpose.HELD, f"card:{disputed.pk}"), 42_000, "Held", "held")
    book(actor=SYSTEM, owner_id=booking.provider_id, entries=[held], on=timezone.localdate())
    differs = CardPayment.objects.create(**of, pence=42_000, intent_id="pi_2", status="mismatched")
    return disputed, differs, a_person(Role.FINANCE, at=booking.provider)


def test_finance_says_what_the_bank_decided_and_closes_what_differs(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    disputed, differs, finance = arrange(lay_out)
    page = open_page(finance)

    page.goto("/money/desk/")
    expect(page.get_by_text("Objections of card holders (1)")).to_be_visible()
    look(page)
    page.get_by_role("link", name=f"{disputed.reference} of").click()
    look(page)
    page.get_by_label("For the card’s holder: the money was taken back").check()
    page.get_by_role("button", name="Record what the bank decided").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter when and in which words")
    look(page)
    page.get_by_label("When and in which words?").fill("Lost on 22 November: not as described.")
    page.get_by_role("button", name="Record what the bank decided").click()
    expect(page.get_by_text("Taken back by the card’s bank")).to_be_visible()
    look(page)

    page.goto("/money/desk/")
    expect(page.get_by_text("Objections of card holders")).to_have_count(0)
    page.get_by_role("link", name=f"{differs.reference} of").click()
    page.get_by_role("button", name="Close it with a note").click()
    look(page)
    page.get_by_label("How was it dealt with?").fill("Given back on 22 November.")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text(f"{differs.reference} is closed.")).to_be_visible()
    look(page)
