"""Booking in a real browser: with and without script, and every page looked at by axe."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Actor
from marketplace.organisations.models import User
from tests.builders import Scene, a_booking, a_booking_day, a_convenor, a_scene, actor_of
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("PICTURES", "")


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)


def look(page: Page, name: str) -> None:
    """No violation, nothing wider than the window; a picture where asked for."""
    assert axe(page) == []
    assert not overflow(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_a_visit_is_booked_approved_and_released(
    arrange: Callable[..., Any], open_page: Callable[..., Page], js: bool
) -> None:
    scene: Scene = arrange(lambda: a_scene(cancellation_tariff=STANDARD_TARIFF.to_data()))
    name = "script" if js else "plain"

    page = open_page(user_of(scene.buyer), js=js)
    page.goto(f"/bookings/new/?offer={scene.offer.reference}")
    look(page, f"{name}-1-new") if js else None
    page.get_by_label("Full day").check()
    page.get_by_role("button", name="See free dates").click()
    expect(page.get_by_role("heading", name="When should")).to_be_visible()
    look(page, f"{name}-2-dates") if js else None
    if not page.locator(f'input[value="{scene.day}"]').count():
        page.get_by_role("link", name="Later").click()
    page.locator(f'input[value="{scene.day}"]').check(force=True)
    page.get_by_role("button", name="Hold this date").click()
    expect(page.get_by_text("Held for you until")).to_be_visible()
    look(page, f"{name}-3-order") if js else None
    page.get_by_label("Purchase order number").fill("PO-1")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
    look(page, f"{name}-4-ordered") if js else None
    page.get_by_role("link", name="See the booking").click()
    expect(page.get_by_text("Waiting for the budget holder").first).to_be_visible()
    booking_url = page.url

    holder = open_page(user_of(scene.budget_holder), js=js)
    holder.goto(booking_url)
    holder.get_by_role("button", name="Approve or refuse").click()
    look(holder, f"{name}-5-approve") if js else None
    holder.get_by_label("Yes, approve it").check()
    holder.get_by_role("button", name="Save the decision").click()
    expect(holder.get_by_text("Order approved.")).to_be_visible()

    head = open_page(user_of(scene.releasing_head), js=js)
    head.goto(booking_url)
    head.get_by_role("button", name="Decide on the release").click()
    look(head, f"{name}-6-consent") if js else None
    head.get_by_label("Yes, I consent").check()
    head.get_by_role("button", name="Save the decision").click()
    expect(head.get_by_text("The visit is confirmed")).to_be_visible()

    page.goto(booking_url)
    look(page, f"{name}-7-booking") if js else None
    expect(page.get_by_text("Confirmed", exact=True).first).to_be_visible()


def test_every_page_passes_axe_and_fits_a_narrow_window(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    def some() -> tuple[Scene, Any, Any]:
        scene = a_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
        booking = a_booking(
            school=scene.school,
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=a_booking_day(days_ahead=20),
            cancellation_tariff=STANDARD_TARIFF.to_data(),
        )
        return scene, booking, actor_of(a_convenor(scene.area))

    scene, booking, convenor = arrange(some)
    visits = [
        (scene.budget_holder, "list", "/bookings/"),
        (scene.budget_holder, "cancel", f"/bookings/{booking.reference}/cancel/buyer/"),
        (scene.receiving_head, "ladder", "/approvals/ladder/"),
        (scene.person, "diary", f"/provide/people/{scene.practitioner.reference}/diary/"),
        (scene.releasing_head, "closed", "/provide/closed-days/"),
        (convenor, "terms", "/areas/term-dates/"),
    ]
    for actor, name, path in visits:
        for width in (1280, 320):
            page = open_page(user_of(actor), width=width)
            page.goto(path)
            look(page, f"page-{name}-{width}")
    narrow = open_page(user_of(scene.buyer), width=320)
    narrow.goto(f"/bookings/new/?offer={scene.offer.reference}")
    narrow.get_by_label("Morning").check()
    narrow.get_by_role("button", name="See free dates").click()
    look(narrow, "page-dates-320")
