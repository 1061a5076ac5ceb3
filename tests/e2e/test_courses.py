"""Courses in a real browser: booking places, the waiting list, a colleague instead, the register; every page looked at by axe."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.bookings.models import CourseEvent, PlaceOrder, WaitingEntry
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Actor
from marketplace.organisations.models import Cluster, User
from tests.builders import CourseScene, a_booking_day, a_course, a_course_scene, it_is_over, places_for
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("PICTURES", "")


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)


def look(page: Page, name: str) -> None:
    """No violation, nothing wider than the window; a picture where asked for."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert axe(page) == []
    assert not overflow(page)


def a_full_course() -> tuple[CourseScene, CourseEvent]:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    event = a_course(scene, seats=2, day=a_booking_day(days_ahead=12))
    places_for(event, scene.school, scene.head, 1)
    return scene, event


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_the_last_seat_is_booked_another_school_waits_and_takes_it_when_it_is_given_back(
    arrange: Callable[..., Any], open_page: Callable[..., Page], js: bool
) -> None:
    scene, event = arrange(a_full_course)
    _other, other_head = arrange(scene.another_school)
    name = "courses-script" if js else "courses-plain"

    page = open_page(user_of(scene.head), js=js)
    page.goto("/courses/")
    look(page, f"{name}-1-coming") if js else None
    page.get_by_role("link", name=event.title).click()
    look(page, f"{name}-2-event") if js else None
    page.get_by_role("link", name="Book places").click()
    look(page, f"{name}-3-places") if js else None
    page.get_by_role("button", name="Show the price").click()
    page.get_by_label("Who comes?").fill("Ada Lovelace, maths lead")
    look(page, f"{name}-4-book") if js else None
    page.get_by_role("button", name="Book the places").click()
    expect(page.get_by_text("The places are booked.")).to_be_visible()
    expect(page.get_by_text("Ring the bell at the side door")).to_be_visible()
    look(page, f"{name}-5-order") if js else None

    other = open_page(user_of(other_head), js=js)
    other.goto(f"/courses/{event.reference}/")
    expect(other.get_by_text("Full: join the waiting list")).to_be_visible()
    expect(other.get_by_text("Ring the bell")).to_have_count(0)
    other.get_by_role("link", name="Join the waiting list").click()
    look(other, f"{name}-6-wait") if js else None
    other.get_by_role("button", name="Join the list").click()
    expect(other.get_by_text("is number 1 on the list")).to_be_visible()
    look(other, f"{name}-7-waiting") if js else None

    page.get_by_role("link", name="Send a colleague on place 1").click()
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Grace Hopper")).to_be_visible()
    page.get_by_role("link", name="Give back place 1").click()
    expect(page.get_by_text("is charged £75.00 before VAT")).to_be_visible()
    look(page, f"{name}-8-give-back") if js else None
    page.get_by_role("button", name="Give the place back").click()
    expect(page.get_by_text("The place is given back.")).to_be_visible()

    other.goto("/")
    expect(other.get_by_text("Take or decline").first).to_be_visible()
    entry = WaitingEntry._rows.get()
    other.goto(f"/courses/waiting/{entry.reference}/")
    look(other, f"{name}-9-offer") if js else None
    other.get_by_role("button", name="Take the places").click()
    expect(other.get_by_text("The places are booked.")).to_be_visible()

    page.reload()
    expect(page.get_by_text("Somebody from the waiting list took the place.").first).to_be_visible()


def test_a_course_is_scheduled_its_register_filled_in_and_finished(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    scene: CourseScene = arrange(a_course_scene)
    lead = open_page(user_of(scene.provider_lead))
    day = a_booking_day(days_ahead=40)

    lead.goto("/courses/run/")
    look(lead, "courses-run-1-list")
    lead.get_by_text("Put a course on its dates").click()
    lead.get_by_role("link", name=scene.offer.shown.title).click()
    look(lead, "courses-run-2-new")
    lead.get_by_label("The date", exact=True).fill(day.isoformat())
    lead.get_by_label("The date, from").fill("09:00")
    lead.get_by_label("The date, until").fill("12:00")
    lead.get_by_label("In person").check()
    lead.get_by_label("Venue").fill("The Old Hall")
    lead.get_by_label("Seats").fill("12")
    lead.get_by_label("Last day to book").fill(day.isoformat())
    lead.get_by_role("button", name="Schedule it").click()
    expect(lead.get_by_text("The course is open for bookings.")).to_be_visible()
    event = CourseEvent._rows.get()
    order: PlaceOrder = arrange(lambda: places_for(event, scene.school, scene.head, 2))
    arrange(lambda: it_is_over(event))

    person = open_page(user_of(scene.person), width=320)
    person.goto("/")
    expect(person.get_by_text("Fill in the register").first).to_be_visible()
    person.goto(f"/courses/{event.reference}/register/1/")
    look(person, "courses-run-3-register-320")
    person.get_by_role("checkbox").first.check()
    person.get_by_role("button", name="Save the register").click()
    expect(person.get_by_text("The register is saved.")).to_be_visible()
    person.get_by_role("button", name="Finish the course").click()
    expect(person.get_by_text("The course is finished.")).to_be_visible()
    look(person, "courses-run-4-event-320")
    order.refresh_from_db()
    assert order.status == "delivered"


def test_a_group_of_schools_books_and_every_page_fits_a_narrow_window(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    def some() -> tuple[CourseScene, CourseEvent, Any, Any]:
        scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
        event = a_course(scene)
        school, head = scene.another_school()
        cluster = Cluster.objects.create(area=scene.area, name="North")
        cluster.schools.set([scene.school, school])
        return scene, event, school, head

    scene, event, school, head = arrange(some)
    page = open_page(user_of(scene.head), width=320)
    page.goto(f"/courses/{event.reference}/group/")
    look(page, "courses-group-1-new-320")
    page.get_by_label(f"Places for {scene.school.organisation}").fill("2")
    page.get_by_label(f"Places for {school.organisation}").fill("1")
    page.get_by_role("button", name="Order for the group").click()
    expect(page.get_by_text("Each school approves its own share.").first).to_be_visible()
    look(page, "courses-group-2-group-320")

    other = open_page(user_of(head), width=320)
    share = PlaceOrder._rows.get(school=school.organisation)
    for number, path in enumerate(
        (
            f"/courses/places/{share.reference}/",
            f"/courses/places/{share.reference}/decide/",
            "/courses/mine/",
            "/courses/",
            f"/courses/{event.reference}/",
        )
    ):
        other.goto(path)
        look(other, f"courses-narrow-{number}-320")
    other.goto(f"/courses/places/{share.reference}/decide/")
    other.get_by_label("Yes, approve them").check()
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("The places are approved.")).to_be_visible()
    assert set(PlaceOrder._rows.values_list("status", flat=True)) == {"confirmed"}
