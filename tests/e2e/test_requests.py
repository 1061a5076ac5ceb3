"""A head with a need and no idea whom to ask: request, three responses, selection, and on to the booking."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marketplace.brokerage import actions
from marketplace.brokerage.models import RequestStatus, SupportRequest
from marketplace.kernel.access import Role
from tests.builders import (
    a_convenor,
    a_diary,
    a_level_2_theme,
    a_need,
    a_person,
    a_practitioner,
    a_school,
    an_area,
    an_offer,
    an_organisation,
)
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Arrange = Callable[[Callable[[], Any]], Any]
OpenPage = Callable[..., Page]


def look(page: Page) -> None:
    """What every page on the way must hold."""
    assert axe(page) == [], page.url
    assert not overflow(page), page.url


class Borough:
    """A school with a need, three providers whose offers fit, and a convenor."""

    def __init__(self) -> None:
        self.area = an_area(name="Calderbeck")
        self.theme = a_level_2_theme(name="Early reading")
        self.school = a_school(self.area, name="Fairlea Primary School")
        self.head = a_person(Role.HEADTEACHER, at=self.school, name="Ada Holt")
        self.convenor = a_convenor(self.area)
        self.need = a_need(self.school, self.theme, note="All staff teach phonics the same way.")
        self.leads = []
        for name in ("Waystone Education", "Harbour Learning", "Oak Teaching Hub"):
            body = an_organisation("independent", area=self.area, name=name)
            person = a_practitioner(body, name=f"Rowan of {name.split()[0]}")
            a_diary(person)
            an_offer(body, themes=[self.theme], practitioners=[person], title=f"Reading with {name}")
            self.leads.append(a_person(Role.PROVIDER_LEAD, at=body, name=f"Lead of {name}"))


def test_from_a_need_to_three_responses_a_choice_and_the_booking(
    arrange: Arrange, open_page: OpenPage, run_jobs: Callable[[], list[str]]
) -> None:
    borough = arrange(Borough)
    head = open_page(borough.head)
    head.goto(f"/needs/{borough.need.reference}/")
    look(head)

    head.get_by_role("link", name="Ask providers for it").click()
    look(head)
    head.get_by_label("What support do you want?").fill("Somebody to work beside our reading leads.")
    head.get_by_label("The most you would pay in all, VAT included").fill("12000")
    head.get_by_role("button", name="Save and choose providers").click()
    look(head)
    for name in ("Waystone Education", "Harbour Learning"):
        head.get_by_label(name).check()
    head.get_by_role("button", name="Continue").click()
    look(head)
    head.get_by_role("button", name="Send the request").click()
    expect(head.get_by_role("alert").get_by_text("2 of at least 3 providers")).to_be_visible()
    look(head)
    head.get_by_role("link", name="Change whom to ask").click()
    head.get_by_label("Oak Teaching Hub").check()
    head.get_by_role("button", name="Continue").click()
    head.get_by_role("button", name="Send the request").click()
    expect(head.get_by_text("Responses stay sealed")).to_be_visible()
    look(head)
    arrange(run_jobs)

    asks = True
    for lead, price in zip(borough.leads, ("2400", "2600", "2200.50"), strict=True):
        page = open_page(lead, width=320 if asks else 1280)
        page.goto("/needs/invitations/")
        look(page)
        page.get_by_role("link", name="Early reading").click()
        look(page)
        expect(page.get_by_text("£12,000")).to_have_count(0)
        if asks:
            page.get_by_role("link", name="Ask a question").click()
            look(page)
            page.get_by_label("Your question").fill("How many classes?")
            page.get_by_role("button", name="Ask the school").click()
            asks = False
        else:
            expect(page.get_by_text("How many classes?")).to_be_visible()
        page.get_by_role("link", name="Respond").click()
        look(page)
        page.get_by_label("Rowan of").check()
        page.get_by_label("Price in all, before VAT").fill(price)
        page.get_by_label("How would you go about it?").fill(f"We come for {price}.")
        page.get_by_label("Through which of your offers").select_option(index=1)
        page.get_by_role("button", name="Send the response").click()
        expect(page.get_by_text("Your response is in. You can change it until the end of")).to_be_visible()
        look(page)

    head.reload()
    head.get_by_role("link", name="Answer the question").click()
    look(head)
    head.get_by_label("Your answer").fill("Fourteen.")
    head.get_by_role("button", name="Answer for all to read").click()
    expect(head.get_by_text("Fourteen.")).to_be_visible()
    head.goto(head.url + "compare/")
    expect(head.get_by_text("Responses are sealed")).to_be_visible()
    look(head)

    arrange(lambda: actions.close_due_requests(now=timezone.now() + timedelta(days=60)))
    arrange(run_jobs)
    head.reload()
    look(head)
    expect(head.get_by_role("columnheader", name="Oak Teaching Hub")).to_be_visible()
    head.get_by_role("link", name="Choose Harbour Learning").click()
    look(head)
    for name in ("Waystone Education", "Oak Teaching Hub"):
        head.get_by_role("group", name=f"What should {name} be told?").get_by_label(
            "met the outcomes"
        ).check()
    head.get_by_label("No, nobody has").check()
    head.get_by_role("button", name="Choose Harbour Learning").click()
    expect(head.get_by_role("alert").get_by_text("The lowest price is £2,200.50")).to_be_visible()
    look(head)
    head.get_by_label("Why this one?").fill("They have worked in schools with our intake.")
    head.get_by_role("button", name="Choose Harbour Learning").click()
    expect(head.get_by_text("was chosen by Ada Holt")).to_be_visible()
    look(head)
    arrange(run_jobs)

    made = SupportRequest._rows.get()
    assert made.status == RequestStatus.AWARDED and made.evidence is not None
    loser = open_page(borough.leads[0])
    loser.goto("/notifications/")
    loser.get_by_role("button", name=re.compile("Open.*Not chosen this time")).click()
    expect(loser.get_by_text("another response met the outcomes better")).to_be_visible()
    look(loser)
    head.get_by_role("link", name="Book dates").click()
    expect(head.get_by_role("heading", level=1)).to_have_text("Book this support")
    expect(head.get_by_text("Reading with Harbour Learning").first).to_be_visible()


def test_a_convenor_sees_what_became_of_it_and_who_is_silent(arrange: Arrange, open_page: OpenPage) -> None:
    borough = arrange(Borough)
    page = open_page(borough.convenor)

    page.goto("/needs/silent/")
    look(page)
    page.get_by_role("button", name="Remind Fairlea Primary School").click()
    expect(page.get_by_text("Again from")).to_be_visible()
    for address in ("/needs/overview/", "/needs/unmet/"):
        page.goto(address)
        look(page)
