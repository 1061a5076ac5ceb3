"""A booking as it is looked at, without script: its page, the list, the calendar file."""

from typing import Any

import pytest
from django.urls import reverse
from icalendar import Calendar

from tests.builders import (
    a_booking,
    a_booking_day,
    a_scene,
)
from tests.frontend.booking_pages import booked, page, signed_in

pytestmark = pytest.mark.django_db


PAGES_OF_A_BOOKING = ("booking", "order", "ordered", "approve", "consent", "decline", "withdraw", "calendar")


@pytest.mark.parametrize("name", PAGES_OF_A_BOOKING)
def test_to_others_a_booking_is_not_there(name: str) -> None:
    booking = a_booking()

    page(signed_in(a_scene().buyer), reverse(f"bookings:{name}", args=[booking.reference]), 404)


def test_a_booking_shows_only_the_buttons_that_work_and_its_history() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")
    address = reverse("bookings:booking", args=[booking.reference])

    shown = page(signed_in(scene.releasing_head), address)
    assert "Decide on the release" in shown and "Approve or refuse" not in shown and "Decline" not in shown
    assert "Decline" in page(signed_in(scene.provider_lead), address)
    assert "Withdraw" in page(signed_in(scene.buyer), address)
    assert "History" in shown


def test_an_open_page_refreshes_where_the_booking_stands_and_no_more() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")
    client = signed_in(scene.releasing_head)

    answer = client.get(reverse("bookings:booking", args=[booking.reference]), headers={"HX-Request": "true"})

    shown = answer.content.decode()
    assert shown.startswith('<div id="booking"') and "Decide on the release" in shown and "<html" not in shown


def test_the_list_filters_sorts_pages_and_exports(django_assert_max_num_queries: Any) -> None:
    scene = a_scene()
    bookings = [booked(scene, day=a_booking_day(days_ahead=7 * n)) for n in (2, 3, 4)]
    other = booked(scene, status="held", day=a_booking_day(days_ahead=40))
    client = signed_in(scene.buyer)
    page(client, "/bookings/")

    with django_assert_max_num_queries(14):
        shown = page(client, "/bookings/?status=confirmed&sort=day")

    places = [shown.index(f">{booking.reference}<") for booking in bookings]
    assert places == sorted(places) and other.reference not in shown
    assert other.reference in page(client, f"/bookings/?q={other.reference}")
    assert page(client, "/bookings/?first_day=99&sort=nonsense&status=x")
    exported = b"".join(client.get("/bookings/?status=confirmed&format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert exported.count("\n") == 4 and bookings[0].reference in exported and "£350.00" in exported


def test_an_empty_list_says_what_to_do() -> None:
    assert "Find support to book" in page(signed_in(a_scene().buyer), "/bookings/")


def test_the_calendar_file_keeps_its_uid_and_tells_how_sure_it_is() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")
    address = reverse("bookings:calendar", args=[booking.reference])
    client = signed_in(scene.buyer)

    [before] = Calendar.from_ical(client.get(address).content).walk("VEVENT")
    signed_in(scene.releasing_head).post(
        reverse("bookings:consent", args=[booking.reference]), {"decision": "yes"}
    )
    [after] = Calendar.from_ical(client.get(address).content).walk("VEVENT")

    assert before["uid"] == after["uid"] and booking.reference in before["uid"]
    assert (before["status"], after["status"]) == ("TENTATIVE", "CONFIRMED")
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt == booking.starts_at
