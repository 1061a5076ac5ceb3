"""Complaints and suspension in a real browser, every page looked at by axe, at two widths."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marketplace.kernel.access import Actor
from marketplace.organisations.models import User
from tests.builders import a_booking, a_convenor, a_provider_designation, a_scene
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)


def look(page: Page) -> None:
    assert axe(page) == []
    assert not overflow(page)


def test_a_complaint_is_answered_and_decided_and_the_provider_suspended_without_script(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    def some() -> tuple[Any, Any, Any]:
        scene = a_scene()
        visit = a_booking(
            status="delivered", school=scene.school, offer=scene.offer, practitioner=scene.practitioner
        )
        a_provider_designation(scene.provider, valid_to=timezone.localdate() + timedelta(days=20))
        return scene, visit, a_convenor(scene.area)

    scene, visit, convenor = arrange(some)
    head = open_page(user_of(scene.receiving_head), js=False)
    head.goto(f"/bookings/{visit.reference}/")
    head.get_by_role("button", name="Complain").click()
    head.get_by_role("button", name="Send the complaint").click()
    expect(head.get_by_role("link", name="Say what went wrong")).to_be_visible()
    head.get_by_label("The quality of the support").check()
    head.get_by_label("What went wrong?").fill("It was slides all day.")
    head.get_by_role("button", name="Send the complaint").click()
    expect(head.get_by_text("Waiting for the provider’s answer").first).to_be_visible()

    lead = open_page(user_of(scene.provider_lead), js=False)
    lead.goto("/")
    lead.get_by_role("link", name="Answer the complaint").click()
    lead.get_by_role("button", name="Answer it").or_(lead.get_by_role("link", name="Answer it")).click()
    lead.get_by_label("Your answer").fill("We are sorry, and come again.")
    lead.get_by_role("button", name="Send the answer").click()

    page = open_page(convenor, width=320)
    page.goto("/")
    page.get_by_role("link", name="Decide the complaint").click()
    look(page)
    page.get_by_role("link", name="Decide it").click()
    look(page)
    page.get_by_label("Upheld", exact=True).check()
    page.get_by_label("Why, and what follows from it?").fill("It was so.")
    page.get_by_role("button", name="Save the finding").click()
    expect(page.get_by_text("Both sides are told")).to_be_visible()
    for address in ("/complaints/", "/quality/designations/", "/quality/providers/"):
        page.goto(address)
        look(page)
    page.get_by_role("link", name=scene.provider.name).click()
    look(page)
    page.get_by_role("link", name="Suspend", exact=True).click()
    look(page)
    page.get_by_label("Why?").fill("A complaint was upheld.")
    page.get_by_role("button", name="Suspend it").click()
    expect(page.get_by_text("no new bookings are taken").first).to_be_visible()
    look(page)
