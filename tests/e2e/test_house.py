"""The browser fixtures themselves: several people at once, live updates between them, and faults that are heard."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.notifications.live import Audience, broadcast
from tests.builders.organisations import a_person
from tests.e2e.browser import watch

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_each_person_has_a_browser_of_their_own(arrange: Callable[..., Any], open_page: Callable[..., Page]):
    person = arrange(a_person)

    signed_in, visitor = open_page(person), open_page()
    for page in (signed_in, visitor):
        page.goto("/_gallery/")

    expect(signed_in.get_by_role("button", name="Sign out")).to_be_visible()
    expect(visitor.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_a_live_update_refreshes_the_part_that_listens_and_is_read_out(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
):
    person, other = arrange(lambda: (a_person(), a_person()))
    page, elsewhere = open_page(person), open_page(other)
    for each in (page, elsewhere):
        each.goto("/_gallery/")
        expect(each.locator("[data-live-state='open']")).to_have_count(1)

    arrange(lambda: broadcast("gallery", Audience(user=person.pk), {"text": "The gallery has changed"}))

    expect(page.get_by_text("Refreshed by a live update")).to_be_visible()
    expect(page.locator("[data-live-status]")).to_have_text("The gallery has changed")
    expect(elsewhere.get_by_text("This part waits")).to_be_visible()


def test_a_fault_on_a_page_is_heard(page: Page):
    page.goto("/accounts/login/")

    page.evaluate("console.error('a mishap')")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://192.0.2.1/a.png'}))")
    page.evaluate("setTimeout(() => { throw new Error('a slip') })")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("() => true")

    heard = watch(page).faults.copy()
    watch(page).faults.clear()  # or this test would rightly fail
    assert "console: a mishap" in heard
    assert any("a slip" in fault for fault in heard)
    assert any("192.0.2.1" in fault for fault in heard), heard
