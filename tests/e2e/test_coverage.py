"""Coverage in a browser: alive, within reach of everybody, and there without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.brokerage import actions as brokerage
from marketplace.catalogue.models import Theme
from marketplace.coverage import actions as coverage
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Phase, School
from tests.builders import (
    a_board_member,
    a_convenor,
    a_needy_school,
    a_person,
    a_provider_at,
    a_school,
    a_ward,
    actor_of,
    an_area_on_the_map,
    days_of_help,
    replied,
    worked_out,
)
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/coverage/",
    "/coverage/map/",
    "/coverage/phonics/primary/",
    "/coverage/radar/",
    "/coverage/changes/",
]
NO_WEBGL = """
const original = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.includes("webgl") ? null : original.call(this, kind, ...rest);
};
"""
CONVENORS_OWN = [
    "/coverage/idle/",
    "/coverage/overlap/",
    "/coverage/settings/",
    "/coverage/board/",
    "/coverage/board/pack/",
    "/coverage/advice/",
    "/coverage/what-if/",
    "/coverage/what-if/new/?theme=phonics&phase=primary",
    "/coverage/benchmark/",
    "/coverage/country/",
    "/coverage/country/matrix/",
    "/coverage/sharing/",
    "/coverage/public/{code}/",
    "/engagement/",
    "/engagement/schools/",
    "/networks/overlaps/",
]


def a_borough() -> tuple[Area, School]:
    """Two wards side by side, eight schools that need phonics, a provider, and a school that has said nothing yet."""
    from marketplace.catalogue import vocabulary
    from marketplace.catalogue.models import SupportType

    vocabulary.install(Theme, SupportType)  # emptied between transactional tests
    area, phonics = an_area_on_the_map(name="Calderbeck"), Theme.objects.get(code="phonics")
    east = [[-1.3, 53.4], [-1.2, 53.4], [-1.2, 53.5], [-1.3, 53.5], [-1.3, 53.4]]
    holm = a_ward(area, name="Holm")
    fell = a_ward(area, name="Fell", geometry={"type": "Polygon", "coordinates": [east]})
    for n in range(8):
        replied(a_needy_school(area, 5, phonics, east=n, ward=[holm, fell][n % 2]).school)
    days_of_help(a_provider_at(area, name="Fell Hub"), 20, phonics)
    worked_out(area)
    a_needy_school(area, 5, Theme.objects.get(code="maths"), ward=holm)
    worked_out(area)
    coverage.show_to_public(actor=actor_of(a_convenor(area)), area=area, is_on=True)
    return area, a_school(area, ward=holm, name="Newly Needy School")


def test_no_barrier_on_any_page_at_any_width(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    convenor, member = arrange(lambda: (area := a_borough()[0]) and (a_convenor(area), a_board_member(area)))

    for user, width in ((convenor, 1280), (member, 1280), (convenor, 320)):
        page = open_page(user, width=width)
        for path in [*PAGES, *CONVENORS_OWN] if user == convenor else PAGES[:4]:
            page.goto(path.format(code=Area.objects.get(name="Calderbeck").code))
            if path in ("/coverage/map/", "/coverage/country/"):
                expect(page.locator("[data-map][data-ready]")).to_be_visible()
            assert axe(page) == [], path
            assert overflow(page) == 0, path


def test_a_declared_need_appears_on_an_open_page(
    arrange: Callable[[Callable[[], Any]], Any],
    open_page: Callable[..., Page],
    run_jobs: Callable[[], list[str]],
) -> None:
    area, school = arrange(a_borough)
    page = open_page(arrange(lambda: a_convenor(area)))
    page.goto("/coverage/phonics/primary/")
    expect(page.get_by_text("40 days needed by 8 schools")).to_be_visible()
    expect(page.locator("body[data-live-state='open']")).to_be_visible()

    def declare() -> None:
        head = actor_of(a_person(Role.HEADTEACHER, at=school))
        theme = Theme.objects.get(code="phonics")
        brokerage.declare_need(actor=head, school=school, theme=theme, phase=Phase.PRIMARY, half_days=12)
        run_jobs()

    arrange(declare)

    expect(page.get_by_text("46 days needed by 9 schools")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Newly Needy School"))).to_be_visible()


def test_a_convenor_goes_from_the_map_to_the_schools_without_script(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    user = arrange(lambda: a_convenor(a_borough()[0]))
    page = open_page(user, js=False)
    page.goto("/coverage/map/")

    page.get_by_label("Theme").select_option("phonics")
    page.get_by_label("Phase").select_option("primary")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("row", name=re.compile("Holm")).get_by_role("link").click()

    expect(page.get_by_text(re.compile(r"20 days needed by 4 schools"))).to_be_visible()
    expect(page.get_by_role("link", name="Search offers for this")).to_be_visible()


def test_the_map_is_walked_by_keyboard_without_a_graphics_card(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    page = open_page(arrange(lambda: a_convenor(a_borough()[0])))
    page.add_init_script(NO_WEBGL)
    page.goto("/coverage/map/?theme=phonics&phase=primary")
    expect(page.locator("[data-map][data-ready]")).to_be_visible()
    areas = page.locator(".app-map__canvas [role='link']")
    expect(areas).to_have_count(2)
    expect(page.locator(".app-map__canvas [tabindex='0'][role='link']")).to_have_count(1)
    page.locator(".app-map__canvas [role='link'][aria-label^='Holm']").focus()
    expect(page.locator("[data-map-status]")).to_contain_text("Holm: ")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-map-status]")).to_contain_text("Fell: ")
    expect(page.locator("tr.app-row--on")).to_have_count(1)
    expect(page.locator("tr.app-row--on")).to_contain_text("Fell")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Phonics and early reading, primary")
    expect(page.get_by_text("Fell ward, Calderbeck")).to_be_visible()


def test_the_map_of_the_country_is_walked_by_keyboard_and_without_script(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    def two_areas() -> Any:
        calderbeck, _ = a_borough()
        a_school(an_area_on_the_map(place=1, name="Dunmere"))
        return a_convenor(calderbeck)

    convenor = arrange(two_areas)
    page = open_page(convenor)
    page.add_init_script(NO_WEBGL)
    page.goto("/coverage/country/?theme=phonics&phase=primary")
    expect(page.locator("[data-map][data-ready]")).to_be_visible()
    page.locator(".app-map__canvas [role='link'][aria-label^='Calderbeck']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-map-status]")).to_contain_text("Dunmere: ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Phonics and early reading, primary")

    page = open_page(convenor, js=False)
    page.goto("/coverage/country/")
    page.get_by_label("Show").select_option("reach")
    page.get_by_role("button", name="Show").click()
    page.locator(".app-map__svg a[aria-label^='Calderbeck']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Calderbeck")


def test_parameters_are_tried_out_and_saved_without_script(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    page = open_page(arrange(lambda: a_convenor(a_borough()[0])), js=False)
    page.goto("/coverage/settings/")

    page.get_by_label("Gap: best case below").fill("40")
    page.get_by_role("button", name="See what this would do").click()
    expect(page.get_by_role("heading", name="What this would do")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Phonics.*primary.*Gap.*Thin"))).to_be_visible()
    page.get_by_role("button", name="Save these settings").click()

    expect(page.get_by_text("Saved as version 1")).to_be_visible()
    expect(page.get_by_text("Gap: best case below: 80% → 40%")).to_be_visible()
