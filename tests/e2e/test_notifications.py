"""Being told, in a browser: the badge follows by itself, the work list fills, and all of it works without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.kernel.access import Role
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations.models import User
from tests.builders import a_person, a_school
from tests.builders.notifications import a_notification
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def a_head() -> User:
    return a_person(Role.HEADTEACHER, at=a_school(name="Alder School"))


def test_the_badge_of_an_open_page_follows_what_happens(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    head = arrange(a_head)
    page, other_tab = open_page(head), open_page(head)
    for each in (page, other_tab):
        each.goto("/cookies/")
        expect(each.locator("[data-live-state='open']")).to_have_count(1)
    badge = page.locator("[data-live-badge]")
    expect(badge).to_be_hidden()

    message = Message(Kind.BOOKING_CONFIRMED, "Confirmed: a day in May", "It takes place.", "/cookies/")
    arrange(lambda: tell(to=[Recipient(head.pk)], message=message, effect="x"))

    expect(badge).to_contain_text("1 unread")
    expect(page.locator("[data-live-status]")).to_have_text("Confirmed: a day in May")

    page.get_by_role("link", name="Notifications").click()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(other_tab.locator("[data-live-badge]")).to_be_hidden()


def test_the_work_list_of_an_open_page_is_fetched_again_when_something_happens(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    head = arrange(a_head)
    page = open_page(head)
    page.goto("/")
    expect(page.locator("[data-live-state='open']")).to_have_count(1)

    with page.expect_response("**/work/waiting/"):
        arrange(
            lambda: tell(
                to=[Recipient(head.pk)], message=Message(Kind.BOOKING_PROGRESS, "t", "b"), effect="x"
            )
        )

    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()


def test_notifications_are_read_without_script(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    head = arrange(a_head)
    arrange(lambda: a_notification(head, title="Invoice 7", path="/privacy/"))
    page = open_page(head, js=False)

    page.goto("/notifications/")
    page.get_by_role("button", name=re.compile("Open.*Invoice 7")).click()

    expect(page.get_by_role("heading", name="Privacy", level=1)).to_be_visible()
    page.goto("/notifications/?show=unread")
    expect(page.get_by_role("heading", name="Nothing to read")).to_be_visible()


def test_choosing_whom_to_act_for_keeps_the_page(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    def with_two_schools() -> User:
        head = a_head()
        head.memberships.create(organisation=a_school(name="Birch School").organisation, role=Role.GOVERNOR)
        return head

    page = open_page(arrange(with_two_schools), js=False)
    page.goto("/cookies/")

    page.get_by_label("Organisation to act for").select_option("Birch School")
    page.get_by_role("button", name="Switch").click()

    expect(page.get_by_text("You are acting for Birch School, governor")).to_be_visible()
    expect(page.get_by_role("heading", name="Cookies", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/notifications/", "/accessibility/", "/cookies/", "/privacy/"])
def test_the_pages_can_be_used_by_all_and_fit_a_small_screen(
    arrange: Callable[..., Any], open_page: Callable[..., Page], path: str
) -> None:
    head = arrange(a_head)
    arrange(lambda: a_notification(head, path="/privacy/", body="When: Monday\nWho: somebody"))
    page = open_page(head, width=320)

    page.goto(path)

    assert axe(page) == []
    assert not overflow(page)


def test_the_front_page_of_a_visitor_can_be_used_by_all(open_page: Callable[..., Page]) -> None:
    page = open_page(width=320)

    page.goto("/")

    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert axe(page) == []
    assert not overflow(page)
