"""One sitting of a convenor: the worst gaps and what closes each, who would not be missed, £20,000 tried out, a call, a page to print."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.catalogue import vocabulary
from marketplace.catalogue.models import SupportType, Theme
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Phase
from marketplace.partnership.models import OfferCall
from tests.builders import (
    a_convenor,
    a_need,
    a_needy_school,
    a_person,
    a_provider_at,
    a_school,
    an_area,
    days_of_help,
    replied,
    worked_out,
)
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WITHDRAWABLE = ("Reading every day", "Reading together")
NOTED_PRINTS = "window.print = () => { document.body.dataset.printed = 'yes'; };"


class Borough:
    """Schools short of support for three reasons, and two providers of a theme that either could give alone.

    Attendance is offered too far away. Of maths there are six days for twenty-four. Of behaviour most days go, as things stand, to
    secondary schools that have plenty of their own.
    """

    def __init__(self) -> None:
        vocabulary.install(Theme, SupportType)  # emptied between transactional tests
        self.area: Area = an_area(name="Calderbeck")
        attendance, maths, behaviour, phonics = (
            Theme.objects.get(code=code) for code in ("attendance", "maths", "behaviour", "phonics")
        )
        for n in range(12):
            need = a_needy_school(self.area, 2, attendance, east=n / 2)
            for theme, days in ((maths, 2), (behaviour, 1), (phonics, 1)):
                a_need(need.school.school, theme, half_days=2 * days)
            replied(need.school)
        for _ in range(4):
            secondary = a_school(self.area, phases=[Phase.SECONDARY], phase_code="4", low_age=11, high_age=16)
            replied(a_need(secondary, behaviour, phase=Phase.SECONDARY, half_days=30).school)

        days_of_help(a_provider_at(self.area, east=60), 30, attendance, reach_km=20)
        days_of_help(a_provider_at(self.area), 6, maths)
        for days, phases in ((150, [Phase.SECONDARY]), (8, [Phase.PRIMARY, Phase.SECONDARY])):
            days_of_help(a_provider_at(self.area), days, behaviour, phases=phases)
        for title in WITHDRAWABLE:
            provider = a_provider_at(self.area, name=f"{title} Ltd")
            days_of_help(provider, 20, phonics, title=title)
            self.provider_lead = a_person(Role.PROVIDER_LEAD, at=provider)
        worked_out(self.area)
        self.convenor = a_convenor(self.area)


def test_a_convenor_goes_from_the_worst_gaps_to_a_call_and_a_page_for_the_board_in_one_sitting(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    borough: Borough = arrange(Borough)
    page = open_page(borough.convenor)
    page.add_init_script(NOTED_PRINTS)
    page.goto("/")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Coverage").click()

    _names_the_worst_gaps(page)
    _sees_who_could_withdraw(page)
    _tries_twenty_thousand_pounds(page)
    _publishes_a_call(page)
    _prints_the_page_for_the_board(page)

    provider = open_page(borough.provider_lead)
    provider.goto("/calls/")
    expect(provider.get_by_role("link", name="Somebody for attendance in primary schools")).to_be_visible()


def _look(page: Page) -> None:
    assert axe(page) == [], page.url
    assert not overflow(page), page.url


def _names_the_worst_gaps(page: Page) -> None:
    worst = page.get_by_role("list").filter(has_text="days unmet. Most of it is").get_by_role("listitem")
    expect(worst).to_have_count(3)
    expect(worst.nth(0)).to_contain_text(
        "Attendance, primary: 24 of 24 days unmet. Most of it is out of every offer’s reach"
    )
    expect(worst.nth(1)).to_contain_text(
        "Maths, primary: 18 of 24 days unmet. Most of it is short of capacity"
    )
    expect(worst.nth(2)).to_contain_text("Behaviour, primary")
    expect(worst.nth(2)).to_contain_text("Most of it is a matter of brokering")
    _look(page)

    worst.nth(0).get_by_role("link").click()
    expect(page.get_by_text("24 are beyond every offer's reach").first).to_be_visible()
    _look(page)
    page.go_back()


def _sees_who_could_withdraw(page: Page) -> None:
    page.get_by_role("link", name="Overlaps").click()
    for title in WITHDRAWABLE:
        expect(page.get_by_role("row", name=title).first).to_contain_text("Nobody would notice")
    _look(page)


def _tries_twenty_thousand_pounds(page: Page) -> None:
    page.get_by_role("link", name="Themes and phases").click()
    page.get_by_role("link", name=re.compile(r"Try what would close it.*Attendance, Primary")).click()
    page.get_by_label("How many days?").fill("40")
    page.get_by_label("Price of a day").fill("500")
    page.get_by_role("button", name="See what it would do").click()

    expect(page.get_by_text("£20,000", exact=True)).to_be_visible()
    expect(page.get_by_text("£833", exact=True)).to_be_visible()  # twenty-four days closed
    expect(page.get_by_role("row", name="Beyond every offer’s reach")).to_contain_text("−24")
    _look(page)


def _publishes_a_call(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Publish a call for these days")).click()
    expect(page.get_by_label("How many days are wanted?")).to_have_value("40")
    expect(page.get_by_label("The most a day may cost")).to_have_value("500.00")
    expect(page.get_by_label("Attendance", exact=True)).to_be_checked()
    page.get_by_label("Title").fill("Somebody for attendance in primary schools")
    page.get_by_label("What is missing").fill("Nobody near enough offers it.")
    _look(page)
    page.get_by_role("button", name="Publish the call").click()

    expect(page.get_by_text("Published. The providers that can answer are told.")).to_be_visible()
    assert OfferCall.objects.scoped().get().half_days == 80
    _look(page)


def _prints_the_page_for_the_board(page: Page) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Coverage").click()
    page.get_by_role("link", name="For the board").click()
    page.get_by_role("link", name="Look at it and print it").click()
    gaps = page.get_by_role("table", name="The worst gaps")
    expect(gaps.get_by_role("row", name="Attendance, primary")).to_contain_text("Out of every offer’s reach")
    _look(page)
    page.get_by_role("button", name="Print this page").click()
    expect(page.locator("body[data-printed=yes]")).to_be_visible()
