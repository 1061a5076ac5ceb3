"""The shapes of booking in a real browser: two people racing for one time, several dates as one, consent from an e-mail, a visit moved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from playwright.sync_api import Page, expect

from marketplace.bookings import actions
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Role
from marketplace.organisations.models import School
from tests.builders import (
    Scene,
    Team,
    a_booking,
    a_booking_day,
    a_person,
    a_scene,
    a_school,
    a_team,
    actor_of,
    some_days,
)
from tests.e2e.test_bookings import look, user_of
from tests.frontend.test_bookings_pages import an_address

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TWO_SECONDS = 2_000


def test_of_two_people_racing_for_one_time_the_second_sees_it_go_grey(
    arrange: Callable[..., Any], open_page: Callable[..., Page], run_jobs: Callable[[], Any]
) -> None:
    scene: Scene = arrange(a_scene)
    rival = arrange(lambda: actor_of(a_person(Role.STAFF, at=a_school(scene.area))))
    page = open_page(user_of(scene.buyer))
    page.goto(an_address(scene))
    expect(page.locator("[data-live-state='open']")).to_have_count(1)
    chosen = page.locator(f'input[value="{scene.day}"]')
    chosen.check(force=True)

    def be_quicker() -> None:
        school = rival.organisations(Role.STAFF)
        wish = scene.wish(actor=rival, school=School.objects.get(pk__in=school))
        actions.hold_session(**wish)
        run_jobs()

    arrange(be_quicker)

    expect(chosen).to_have_count(0, timeout=TWO_SECONDS)
    status = page.locator("[data-month-status]")
    expect(status).to_contain_text("has just been taken. Free next:")
    look(page, "shapes-1-taken")

    late = open_page(user_of(scene.buyer), js=False)
    late.goto(an_address(scene))
    expect(late.get_by_text("Already booked").first).to_be_visible()


def test_who_submits_what_was_taken_is_told_the_next_free_times(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    scene: Scene = arrange(a_scene)
    page = open_page(user_of(scene.buyer), js=False)
    page.goto(an_address(scene))
    page.locator(f'input[value="{scene.day}"]').check(force=True)
    arrange(lambda: a_booking(practitioner=scene.practitioner, day=scene.day))

    page.get_by_role("button", name="Hold this date").click()

    expect(page.get_by_text("The next free times are").first).to_be_visible()


def test_several_dates_with_anybody_from_choosing_to_one_consent(
    arrange: Callable[..., Any], open_page: Callable[..., Page], run_jobs: Callable[[], Any]
) -> None:
    team: Team = arrange(lambda: a_team(2, cancellation_tariff=STANDARD_TARIFF.to_data()))
    scene, days = team.scene, some_days(2)
    page = open_page(user_of(scene.buyer))
    page.goto(f"/bookings/new/?offer={scene.offer.reference}")
    page.get_by_label("Any suitable person").check()
    page.get_by_label("Full day").check()
    look(page, "shapes-2-new")
    page.get_by_role("button", name="See free dates").click()
    page.get_by_role("link", name="Choose several dates and order them as one").click()
    for day in days:
        if not page.locator(f'input[value="{day}"]').count():
            page.get_by_role("button", name="Later").click()
        page.locator(f'input[type=checkbox][value="{day}"]').check(force=True)
    look(page, "shapes-3-dates")
    page.get_by_role("button", name="Hold these dates").click()
    expect(page.get_by_role("heading", name="Check and order 2 dates")).to_be_visible()
    look(page, "shapes-4-order")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_text("is placed")).to_be_visible()
    look(page, "shapes-5-together")
    order = page.url.rstrip("/").split("/")[-1]

    holder = open_page(user_of(scene.budget_holder), width=320)
    holder.goto(f"/bookings/orders/{order}/approve/")
    look(holder, "shapes-6-approve")
    holder.get_by_label("Yes, approve all dates").check()
    holder.get_by_role("button", name="Save the decision").click()
    expect(holder.get_by_text("Order approved.")).to_be_visible()

    arrange(run_jobs)
    [letter] = [m for m in mail.outbox if "Consent to release" in m.subject]
    path = letter.body.split(f"{settings.SITE_URL}/consent/")[1].split("/")[0]
    head = open_page()
    head.goto(f"/consent/{path}/")
    look(head, "shapes-7-consent")
    head.get_by_label("Yes, I consent").check()
    head.get_by_role("button", name="Save the decision").click()
    expect(head.get_by_role("heading", name="Released")).to_be_visible()
    look(head, "shapes-8-released")

    page.reload()
    expect(page.get_by_text("Confirmed").first).to_be_visible()


def test_a_visit_is_moved_and_a_day_called_off(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    def some() -> tuple[Scene, Any]:
        scene = a_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
        booking = a_booking(
            school=scene.school,
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=a_booking_day(days_ahead=20),
            cancellation_tariff=STANDARD_TARIFF.to_data(),
        )
        return scene, booking

    scene, booking = arrange(some)
    page = open_page(user_of(scene.receiving_head), width=320)
    page.goto(f"/bookings/{booking.reference}/")
    page.get_by_role("button", name="Move to another time").click()
    to = a_booking_day(days_ahead=40)
    while not page.locator(f'input[value="{to}"]').count():
        page.goto(page.get_by_role("link", name="Later").evaluate("link => link.href"))
    look(page, "shapes-9-move")
    page.locator(f'input[value="{to}"]').check(force=True)
    page.get_by_label("Reason").fill("Our inset day was moved")
    page.get_by_role("button", name="Move it and charge £175.00").click()
    expect(page.get_by_text("The visit is moved")).to_be_visible()

    lead = open_page(user_of(scene.provider_lead))
    lead.goto(f"/provide/people/{scene.practitioner.reference}/diary/cancel/")
    look(lead, "shapes-10-days")
    for name in ("first_day", "last_day"):
        for part, value in (("day", to.day), ("month", to.month), ("year", to.year)):
            lead.locator(f"[name={name}-{part}]").fill(str(value))
    lead.get_by_label("Reason").fill("Unexpectedly away")
    lead.get_by_role("button", name="See what is affected").click()
    look(lead, "shapes-11-affected")
    lead.get_by_role("button", name="Cancel 1 booking and close the diary").click()
    expect(lead.get_by_text("1 booking is called off")).to_be_visible()

    head = open_page(user_of(scene.receiving_head))
    head.goto("/bookings/closures/")
    look(head, "shapes-12-closures")
