"""Writing to each other, in browsers: two people live, a file, choices about e-mail, and a calendar address."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.notifications.models import Attachment, CalendarFeed, Preference
from marketplace.organisations.models import User
from tests.builders import PDF, a_conversation, a_message, a_scene, a_scenes_booking
from tests.e2e.browser import allow, axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def a_stage() -> tuple[Any, ...]:
    scene = a_scene()
    people = [User.objects.get(pk=actor.user_id) for actor in (scene.buyer, scene.provider_lead)]
    booking = a_scenes_booking(scene, requested_by=people[0])
    return scene, booking, *people


def test_two_people_talk_live_and_send_a_file(
    arrange: Callable[..., Any], open_page: Callable[..., Page], run_jobs: Callable[[], Any], tmp_path: Any
) -> None:
    scene, booking, teacher, lead = arrange(a_stage)
    school = open_page(teacher)
    school.goto(f"/bookings/{booking.reference}/")
    school.get_by_role("link", name="Messages", exact=True).last.click()
    expect(school.get_by_text("Nobody has written yet.")).to_be_visible()
    assert axe(school) == []
    school.get_by_label("Your message").fill("Shall we start at nine?")
    school.get_by_role("button", name="Send").click()
    expect(school.get_by_text("Your message is sent.")).to_be_visible()
    arrange(run_jobs)

    provider = open_page(lead)
    provider.goto("/")
    provider.get_by_role("link", name=re.compile("Read: New messages in a conversation")).click()
    expect(provider.get_by_text("Shall we start at nine?")).to_be_visible()
    expect(provider.locator("[data-live-state='open']")).to_have_count(1)
    expect(school.locator("[data-live-state='open']")).to_have_count(1)

    # The receipt appears on the school's open page by itself, then the answer does.
    arrange(run_jobs)
    expect(school.get_by_text(re.compile(f"Read by {scene.provider},"))).to_be_visible()
    plan = tmp_path / "Plan.pdf"
    plan.write_bytes(PDF)
    page = tmp_path / "page.html"
    page.write_text("<html></html>")
    allow(provider, 422)
    provider.get_by_label("Your message").fill("Nine is fine. The plan is attached.")
    provider.get_by_label("Add files").set_input_files([plan, page])
    provider.get_by_role("button", name="Send").click()
    expect(provider.get_by_role("alert").get_by_text("page.html is not a kind of file")).to_be_visible()
    expect(provider.get_by_label("Plan.pdf")).to_be_checked()
    assert axe(provider) == []
    provider.get_by_role("button", name="Send").click()
    expect(provider.get_by_text("Your message is sent.")).to_be_visible()
    arrange(run_jobs)
    expect(school.get_by_text("Nine is fine. The plan is attached.")).to_be_visible()
    assert axe(school) == [] and not overflow(school)

    with school.expect_download() as download:
        school.get_by_role("link", name="Plan.pdf").click()
    assert download.value.suggested_filename == "Plan.pdf"
    assert download.value.path().read_bytes() == PDF

    provider.get_by_role("link", name="Delete Plan.pdf").click()
    assert axe(provider) == []
    provider.get_by_role("button", name="Delete the file").click()
    expect(provider.get_by_text(re.compile("A file was here"))).to_be_visible()
    assert Attachment.objects.get().deleted_at is not None


def test_messages_are_read_and_written_without_script_on_a_small_screen(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    scene, booking, _, lead = arrange(a_stage)
    arrange(lambda: a_message(scene.buyer, a_conversation(scene.buyer, booking), "x" * 200))
    page = open_page(lead, js=False, width=320)

    page.goto("/messages/")
    assert not overflow(page)
    page.get_by_role("link", name=re.compile(str(scene.practitioner))).click()
    page.get_by_label("Your message").fill("Yes.")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("Your message is sent.")).to_be_visible()
    expect(page.locator("#message-2")).to_contain_text("Yes.")
    assert not overflow(page)


def test_choices_and_a_calendar_address_are_made_on_their_pages(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    scene, booking, teacher, _ = arrange(a_stage)
    page = open_page(teacher, width=320)
    page.goto("/messages/")
    assert axe(page) == []

    page.goto("/notifications/")
    page.get_by_role("link", name="Choose which e-mails you get").click()
    assert axe(page) == [] and not overflow(page)
    page.get_by_label("Somebody has written to you").select_option("In the daily summary")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    assert Preference.objects.get().choice == "daily"

    page.goto("/calendar/")
    assert axe(page) == [] and not overflow(page)
    page.get_by_label("Show what each session is about").check()
    page.get_by_role("button", name="Make an address for your own sessions").click()
    address = page.get_by_label("Address").input_value()
    assert axe(page) == [] and not overflow(page)

    got = page.request.get("/calendar/" + address.split("/calendar/")[1])
    assert got.status == 200 and booking.reference in got.text()
    page.get_by_role("link", name="Calendars").first.click()
    page.get_by_role("button", name="Stop this address").click()
    expect(page.get_by_text("The address no longer works.")).to_be_visible()
    assert CalendarFeed.objects.get().revoked_at is not None
    assert str(scene.practitioner) not in got.text().split("SUMMARY")[0]
