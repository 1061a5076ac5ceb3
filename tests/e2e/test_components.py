"""The gallery of components in a real browser: for everybody, at any width, with and without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import allow, axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

GALLERY = "/_gallery/"


def ready(page: Page) -> Page:
    page.goto(GALLERY)
    expect(page.locator("[data-map][data-ready]")).to_be_visible()
    return page


def test_axe_finds_nothing_in_any_component(page: Page):
    assert axe(ready(page)) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_page_reflows(open_page: Callable[..., Page], width: int):
    assert overflow(ready(open_page(width=width))) == 0


def test_everything_is_there_without_script(no_js_page: Page):
    no_js_page.goto(GALLERY)

    expect(no_js_page.get_by_role("link", name=re.compile("Holm: capacity"))).to_be_visible()
    expect(no_js_page.get_by_label("School", exact=True).first).to_be_visible()
    expect(no_js_page.get_by_text("You can enter up to 400 characters").first).to_be_visible()
    no_js_page.get_by_label("Monday 1 March 2027").check(force=True)
    expect(no_js_page.get_by_label("Monday 1 March 2027")).to_be_checked()
    expect(no_js_page.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_keyboard_reaches_the_main_content_first(page: Page):
    page.goto("/accounts/login/")

    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()


def test_a_keyboard_moves_over_the_map_from_one_stop(page: Page):
    ready(page)
    areas = page.locator(".app-area")
    status = page.locator("[data-map-status]")

    expect(page.locator(".app-area[tabindex='0']")).to_have_count(1)
    areas.first.focus()
    expect(status).to_have_text("Holm: capacity is less than half of the need")
    expect(page.locator("tr[data-area='E05000000']")).to_have_class(re.compile("app-row--on"))

    page.keyboard.press("ArrowRight")
    expect(status).to_have_text(re.compile("^Fellside"))
    page.keyboard.press("ArrowDown")
    expect(status).to_have_text(re.compile("^Moor"))
    expect(page.locator(".app-row--on")).to_have_count(0)
    expect(page.locator(".app-area[tabindex='0']")).to_have_count(1)

    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#E05000004$"))


def test_what_changes_changes_at_once_where_less_motion_is_asked_for(page: Page):
    ready(page)

    colour = page.evaluate(
        "() => { const day = document.querySelector('.app-month__day--open');"
        " const seen = () => getComputedStyle(day.querySelector('.app-month__number')).color;"
        " const before = seen(); day.querySelector('input').click(); return [before, seen()]; }"
    )

    assert colour[1] == "rgb(255, 255, 255)" != colour[0]


def test_the_error_summary_leads_to_the_box_at_fault(page: Page):
    page.goto(GALLERY)

    page.get_by_role("link", name="Start date must include a month").click()

    expect(page.locator("#id_starts-month")).to_be_focused()


def test_a_long_list_is_searched_by_typing_and_still_sends_its_value(page: Page):
    page.goto(GALLERY)
    box = page.locator("input#id_school")  # there once the script has put it over the list

    box.fill("oswin")
    page.get_by_role("option", name="St Oswin Primary School").click()

    expect(box).to_have_value("St Oswin Primary School")
    assert page.locator("select[name='school']").input_value() == "2"


def test_a_month_is_chosen_from_by_keyboard(page: Page):
    page.goto(GALLERY)

    page.get_by_label("Monday 1 March 2027").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")

    expect(page.get_by_label("Tuesday 2 March 2027")).to_be_checked()


def test_targets_are_large_enough(page: Page):
    ready(page)

    small = page.evaluate(
        """() => [...document.querySelectorAll('button, .govuk-input, .govuk-select, .app-account__link')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))"""
    )

    assert small == []


def test_a_page_that_is_not_there_keeps_the_layout(page: Page):
    allow(page, 404)

    page.goto("/no-such-page/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    assert axe(page) == []


def test_signing_in_is_plain_and_accessible(page: Page):
    page.goto("/accounts/login/")
    assert axe(page) == []

    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("link", name="E-mail address: enter an answer")).to_be_visible()
    assert axe(page) == []
