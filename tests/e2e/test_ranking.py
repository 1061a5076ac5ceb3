"""From a need to whom it is suggested, why not another, and an approval that an interest hands to somebody else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.kernel.access import Role
from marketplace.organisations.models import OrganisationKind, User
from tests.builders import (
    a_booking,
    a_diary,
    a_market,
    a_person,
    a_practitioner,
    an_organisation,
)
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def check(page: Page) -> None:
    assert axe(page) == []


def a_borough() -> dict[str, Any]:
    """A need, the council's own service that fits it best, a school behind it, one out of reach, and an order that waits."""
    market = a_market()
    council = an_organisation(
        OrganisationKind.LA_SERVICE,
        area=market.area,
        easting=441_000,
        northing=390_000,
        name="Calder Service",
    )
    person = a_practitioner(council)
    a_diary(person)
    best = market.offer(council, title="Phonics with the council", practitioners=[person])
    market.offer(market.provider_school(km=20), title="Phonics from afar")
    market.offer(title="Phonics close by", reach_km=1)
    staff = a_person(Role.STAFF, at=market.school)
    booking = a_booking(
        status="awaiting_approval",
        school=market.school,
        offer=best,
        practitioner=person,
        requested_by=staff,
    )
    return {
        "need": market.need,
        "council": council,
        "booking": booking,
        "head": a_person(Role.HEADTEACHER, at=market.school),
        "holder": a_person(Role.BUDGET_HOLDER, at=market.school),
    }


def test_a_head_sees_whom_a_need_is_suggested_and_why_not_another(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    made = arrange(a_borough)
    page = open_page(made["head"])

    page.goto(f"/needs/{made['need'].reference}/")
    page.get_by_role("link", name="See who could help").click()

    expect(page.get_by_role("heading", name="1. Phonics with the council")).to_be_visible()
    expect(page.get_by_text("This is the local authority’s own service.")).to_have_count(1)
    check(page)
    page.get_by_role("link", name="Why not first? Phonics from afar").click()
    expect(page.get_by_text("What costs it most is")).to_be_visible()
    check(page)
    page.get_by_label("Ask about another").fill("close by")
    page.get_by_role("button", name="Look it up").click()
    page.get_by_role("link", name="Phonics close by").click()
    expect(page.get_by_role("heading", name="Why Phonics close by is left out")).to_be_visible()
    page.get_by_role("link", name="How we rank").click()
    expect(page.get_by_role("heading", name="How we rank", exact=True)).to_be_visible()
    check(page)

    narrow = open_page(made["head"], js=False, width=320)
    narrow.goto(f"/needs/{made['need'].reference}/suggested/")
    assert overflow(narrow) == 0
    narrow.get_by_role("link", name="Book a day of Phonics with the council").click()
    expect(narrow.get_by_role("heading", level=1)).to_be_visible()


def test_a_budget_holder_with_an_interest_leaves_the_approval_to_the_head(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    made = arrange(a_borough)
    holder: User = made["holder"]
    page = open_page(holder)

    page.goto("/interests/declare/")
    check(page)
    page.get_by_role("combobox", name="In which organisation?").fill("Calder Service")
    page.get_by_role("option", name="Calder Service").click()
    page.get_by_label("Governor, trustee or director").check()
    page.get_by_role("button", name="Declare it").click()
    expect(page.get_by_role("link", name=re.compile("Calder Service"))).to_be_visible()
    check(page)

    page.goto(f"/bookings/{made['booking'].reference}/approve/")
    expect(page.get_by_text("You have declared an interest in those who are paid")).to_be_visible()
    page.get_by_label("Yes, approve it").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has to")
    check(page)

    head = open_page(made["head"])
    head.goto("/interests/of-others/")
    expect(head.get_by_role("link", name=str(holder))).to_be_visible()
    check(head)
    head.goto(f"/bookings/{made['booking'].reference}/approve/")
    head.get_by_label("Yes, approve it").check()
    head.get_by_role("button", name="Save the decision").click()
    expect(head.get_by_text("Order approved.")).to_be_visible()
    expect(head.get_by_text("Interest noted")).to_be_visible()
