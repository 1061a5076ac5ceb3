"""The pages of the shapes of booking, without script."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from marketplace.bookings.models import Booking, BookingOrder, SchoolClosure
from marketplace.bookings.queries import visible_to
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import SYSTEM
from tests.builders import (
    Scene,
    Team,
    a_booking,
    a_booking_day,
    a_convenor,
    a_scene,
    a_team,
    actor_of,
    an_order_of_dates,
    some_days,
)
from tests.frontend.booking_pages import an_address, page, signed_in

pytestmark = pytest.mark.django_db


def test_any_suitable_person_is_the_first_choice_where_there_are_several() -> None:
    team = a_team(2)
    client = signed_in(team.scene.buyer)

    new = page(client, f"{reverse('bookings:new')}?offer={team.scene.offer.reference}")
    assert "Any suitable person" in new
    address = an_address(team.scene, practitioner="any")
    assert "When should somebody come?" in page(client, address)
    answer = client.post(address, {"day": team.scene.day.isoformat()})

    booking = visible_to(SYSTEM).get()
    assert answer["Location"] == reverse("bookings:order", args=[booking.reference])
    assert booking.practitioner in team.people


def test_the_clock_can_be_chosen() -> None:
    scene = a_scene()
    client = signed_in(scene.buyer)
    address = an_address(scene, session="hours", starts="10:30", minutes="90")

    shown = page(client, address)
    assert "1 hour 30 minutes: 10:30am to 12pm, counts as half a day" in shown
    client.post(address, {"day": scene.day.isoformat()})

    assert visible_to(SYSTEM).get().session == "10:30+90"
    for wrong in (
        {"starts": "10:20", "minutes": "90"},
        {"starts": "", "minutes": ""},
        {"starts": "20:30", "minutes": "90"},
    ):
        assert "There is a problem" in page(client, an_address(scene, session="hours", **wrong))


def several(team: Team, **changes: Any) -> str:
    return an_address(team.scene, **{"practitioner": "any", "several": "1"} | changes)


def test_dates_of_two_months_are_chosen_held_and_ordered_as_one() -> None:
    team = a_team(2)
    scene = team.scene
    client = signed_in(scene.buyer)
    days = [scene.day, a_booking_day(days_ahead=45)]
    month = f"{days[1]:%Y-%m}"

    turned = client.post(several(team), {"day": days[0].isoformat(), "turn": month})
    assert f"chosen={days[0]}" in turned["Location"] and f"month={month}" in turned["Location"]
    shown = page(client, turned["Location"])
    assert "Chosen in other months" in shown and f'value="{days[0]}" checked' in shown
    answer = client.post(turned["Location"], {"day": [day.isoformat() for day in days], "hold": ""})

    order = BookingOrder.objects.scoped().get()
    assert answer["Location"] == reverse("bookings:order_dates", args=[order.reference])
    assert "Check and order 2 dates" in page(client, answer["Location"])
    client.post(answer["Location"], {"focus": "Phonics", "place": ""})
    assert {b.status for b in order.bookings.all()} == {"awaiting_approval"}
    assert "Waiting for the budget holder" in page(
        client, reverse("bookings:dates_together", args=[order.reference])
    )


def test_dates_that_can_not_all_be_had_are_told_and_none_is_held() -> None:
    team = a_team(1)
    days = some_days(2)
    a_booking(practitioner=team.people[0], day=days[1])
    client = signed_in(team.scene.buyer)
    address = several(team, practitioner=team.people[0].reference)

    answer = client.post(address, {"day": [day.isoformat() for day in days], "hold": ""})

    assert answer.status_code == 422
    assert "just been taken" in answer.content.decode()
    assert not BookingOrder.objects.scoped().exists()


def test_an_order_is_approved_released_and_withdrawn_on_its_own_pages() -> None:
    scene = a_scene()
    first, _ = an_order_of_dates(scene, some_days(2), status="awaiting_approval")
    assert first.order is not None
    reference = first.order.reference

    holder = signed_in(scene.budget_holder)
    single = holder.get(reverse("bookings:approve", args=[first.reference]))
    assert single["Location"] == reverse("bookings:approve_dates", args=[reference])
    assert "£840.00 with VAT" in page(holder, single["Location"])
    holder.post(single["Location"], {"decision": "yes"})
    head = signed_in(scene.releasing_head)
    address = reverse("bookings:consent_dates", args=[reference])
    assert "2 days promised with these dates" in page(head, address)
    head.post(address, {"decision": "yes"})
    assert {b.status for b in first.order.bookings.all()} == {"confirmed"}

    other, _ = an_order_of_dates(scene, some_days(2, days_ahead=60), status="awaiting_release")
    assert other.order is not None
    address = reverse("bookings:withdraw_dates", args=[other.order.reference])
    assert "Withdraw these dates" in page(signed_in(scene.buyer), address)
    signed_in(scene.buyer).post(address, {"reason": ""})
    assert {b.status for b in other.order.bookings.all()} == {"withdrawn"}


def test_an_open_page_of_dates_refreshes_where_they_stand_and_no_more() -> None:
    scene = a_scene()
    first, _ = an_order_of_dates(scene, some_days(2))
    assert first.order is not None
    address = reverse("bookings:dates_together", args=[first.order.reference])

    part = signed_in(scene.buyer).get(address, headers={"HX-Request": "true"}).content.decode()

    assert part.startswith('<div id="dates"') and "<html" not in part


def a_visit(scene: Scene) -> Booking:
    return a_booking(
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=a_booking_day(days_ahead=20),
        cancellation_tariff=STANDARD_TARIFF.to_data(),
    )


def test_what_moving_costs_stands_on_the_page_before_the_button() -> None:
    scene = a_scene()
    booking = a_visit(scene)
    client = signed_in(scene.receiving_head)
    to = a_booking_day(days_ahead=40)
    address = reverse("bookings:reschedule", args=[booking.reference]) + f"?month={to:%Y-%m}"

    assert "Move it and charge £175.00" in page(client, address)
    assert client.post(address, {"day": to.isoformat(), "reason": ""}).status_code == 422
    client.post(address, {"day": to.isoformat(), "reason": "Inset"})

    booking.refresh_from_db()
    assert (booking.day, booking.status) == (to, "awaiting_release")


def test_a_taken_time_is_told_on_the_page_with_the_next_free_ones() -> None:
    scene = a_scene()
    booking = a_visit(scene)
    to = a_booking_day(days_ahead=40)
    a_booking(practitioner=scene.practitioner, day=to)
    client = signed_in(scene.receiving_head)

    answer = client.post(
        reverse("bookings:reschedule", args=[booking.reference]), {"day": to.isoformat(), "reason": "Inset"}
    )

    assert answer.status_code == 422
    assert "The next free times are" in answer.content.decode()


def boxes(name: str, day: date) -> dict[str, int]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def test_a_day_is_called_off_after_a_look_at_what_is_on_it() -> None:
    scene = a_scene()
    booking = a_visit(scene)
    client = signed_in(scene.provider_lead)
    address = reverse("bookings:cancel_days", args=[scene.practitioner.reference])
    sent = {
        **boxes("first_day", booking.day),
        **boxes("last_day", booking.day),
        "by": "provider",
        "reason": "Away",
    }

    assert "Cancel days with everything on them" in page(client, address)
    looked = client.post(address, sent).content.decode()
    assert str(scene.school.organisation) in looked and "Cancel 1 booking and close" in looked
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    answer = client.post(address, sent | {"confirmed": "yes"})

    assert answer.status_code == 302
    booking.refresh_from_db()
    assert booking.status == "cancelled_by_provider"
    assert page(signed_in(scene.buyer), address, 404)


def test_a_convenor_closes_the_schools_of_the_area_choosing_for_each_visit() -> None:
    scene = a_scene(mode="both")
    day = a_booking_day(days_ahead=3)
    one = a_booking(
        school=scene.school, practitioner=scene.practitioner, offer=scene.offer, day=day, session="morning"
    )
    two = a_booking(
        school=scene.school, practitioner=scene.practitioner, offer=scene.offer, day=day, session="12:30+120"
    )
    client = signed_in(actor_of(a_convenor(scene.area)))
    address = reverse("bookings:closures")
    sent = {"place": f"area-{scene.area.pk}", **boxes("day", day), "reason": "Snow"}

    assert "Say that schools are closed" in page(client, address)
    asked = client.post(address, sent).content.decode()
    assert one.reference in asked and "Make it remote" in asked and not SchoolClosure.objects.exists()
    answer = client.post(
        address, sent | {"confirmed": "yes", one.reference: "call_off", two.reference: "remote"}
    )

    assert answer.status_code == 302, answer.content.decode()
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.status, two.status, two.mode) == ("cancelled_by_closure", "confirmed", "remote")
    assert "Snow" in page(client, address)
    page(signed_in(scene.buyer), address, 403)


@pytest.mark.parametrize("days", [-1, 8])
def test_a_day_that_can_not_be_closed_is_told_on_the_first_page_beside_the_day(days: int) -> None:
    scene = a_scene()
    day = timezone.localdate() + timedelta(days=days)
    sent = {"place": f"school-{scene.school.pk}", **boxes("day", day), "reason": "Snow"}

    answer = signed_in(scene.receiving_head).post(reverse("bookings:closures"), sent)

    shown = answer.content.decode()
    assert answer.status_code == 422 and 'name="confirmed"' not in shown
    assert "<title>Error: Closed schools" in shown and 'value="Snow"' in shown


def test_open_calendars_say_whom_they_watch() -> None:
    team = a_team(2)

    shown = page(signed_in(team.scene.buyer), an_address(team.scene, practitioner="any"))

    watched = " ".join(f"slot:{person.reference}" for person in team.people)
    assert f'data-watch="{watched}"' in shown


def test_a_calendar_of_many_people_asks_no_more_of_the_database() -> None:
    def asked(number: int) -> int:
        team = a_team(number)
        client = signed_in(team.scene.buyer)
        address = an_address(team.scene, practitioner="any")
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    assert asked(2) == asked(6)


def test_the_lead_of_another_provider_calls_nothing_off() -> None:
    scene, other = a_scene(), a_scene()
    address = reverse("bookings:cancel_days", args=[scene.practitioner.reference])

    page(signed_in(other.provider_lead), address, 404)
    assert Client().get(address).status_code == 302
