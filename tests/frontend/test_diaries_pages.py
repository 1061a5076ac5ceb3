"""The pages of diaries, term dates and closed days, without script."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from frontend.forms.bookings import ClockField
from marketplace.bookings.models import Blackout, Diary, DiaryException, TermDate, WeeklyPattern
from marketplace.kernel.access import Role
from marketplace.kernel.dates import academic_year
from marketplace.organisations.models import Membership
from tests.builders import (
    a_convenor,
    a_person,
    a_scene,
    a_school,
    actor_of,
)
from tests.frontend.booking_pages import booked, page, signed_in

pytestmark = pytest.mark.django_db


# Diaries --------------------------------------------------------------------------------------------------------------


def test_a_diary_is_edited_on_one_page() -> None:
    scene = a_scene()
    client = signed_in(scene.person)
    address = reverse("bookings:diary", args=[scene.practitioner.reference])
    assert "What schools see" in page(client, address)

    week = {"0_first_from": "9am", "0_first_to": "12:00", "0_second_from": "1.30pm", "0_second_to": "17:00"}
    assert client.post(f"{address}week/", week).status_code == 302
    kept = WeeklyPattern.objects.filter(practitioner=scene.practitioner).values_list("starts", "ends")
    assert list(kept) == [(time(9), time(12)), (time(13, 30), time(17))]

    sent = {"minimum_notice_days": "2", "travel_minutes": "15", "term_time_only": "on"}
    assert client.post(f"{address}settings/", sent).status_code == 302
    diary = Diary.objects.get()
    assert (diary.minimum_notice_days, diary.travel_minutes, diary.term_time_only) == (2, 15, True)

    day = {"first_day-day": "12", "first_day-month": "1", "first_day-year": "2027"}
    assert (
        client.post(f"{address}exceptions/", {"kind": "closed", "reason": "Training", **day}).status_code
        == 302
    )
    exception = DiaryException.objects.get()
    assert "Training" in page(client, address)
    assert client.post(f"{address}exceptions/{exception.pk}/remove/").status_code == 302
    assert client.post(f"{address}exceptions/{exception.pk}/remove/").status_code == 302
    assert not DiaryException.objects.exists()


@pytest.mark.parametrize(
    ("part", "sent", "words"),
    [
        ("week", {"0_first_from": "9am"}, "Monday: enter both times"),
        ("week", {"0_first_from": "12", "0_first_to": "9"}, "must end after it starts"),
        ("week", {"0_first_from": "25:00", "0_first_to": "26"}, "Enter a time"),
        ("settings", {"minimum_notice_days": "400", "travel_minutes": "x"}, "There is a problem"),
        ("exceptions", {"kind": "open"}, "There is a problem"),
    ],
)
def test_a_diary_that_makes_no_sense_is_told_with_what_was_typed(
    part: str, sent: dict[str, str], words: str
) -> None:
    scene = a_scene()
    address = reverse("bookings:diary", args=[scene.practitioner.reference])

    answer = signed_in(scene.person).post(f"{address}{part}/", sent)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert all(f'value="{value}"' in answer.content.decode() for value in sent.values() if value != "open")


def test_bookings_in_the_way_of_an_edit_are_named_on_the_page() -> None:
    scene = a_scene()
    booking = booked(scene)
    address = reverse("bookings:diary", args=[scene.practitioner.reference])

    answer = signed_in(scene.person).post(f"{address}week/", {})

    assert answer.status_code == 422 and booking.reference in answer.content.decode()


def test_a_diary_of_others_is_not_there() -> None:
    scene = a_scene()
    address = reverse("bookings:diary", args=[scene.practitioner.reference])

    page(signed_in(scene.buyer), address, 404)
    assert signed_in(scene.buyer).post(f"{address}week/", {}).status_code == 404


def test_a_stretch_for_part_of_the_year_stays_when_the_week_is_saved() -> None:
    scene = a_scene()
    row = WeeklyPattern.objects.filter(weekday=4).get()
    row.valid_to = scene.day + timedelta(days=300)
    row.save()
    address = reverse("bookings:diary", args=[scene.practitioner.reference])

    signed_in(scene.person).post(f"{address}week/", {"0_first_from": "9", "0_first_to": "16"})

    kept = WeeklyPattern.objects.filter(practitioner=scene.practitioner).values_list("weekday", flat=True)
    assert list(kept) == [0, 4]


# Term dates and closed days -------------------------------------------------------------------------------------------


def test_a_convenor_enters_the_terms_of_a_year_and_closed_days() -> None:
    scene = a_scene()
    client = signed_in(actor_of(a_convenor(scene.area)))
    year = academic_year(scene.day)
    start = int(year[:4])
    address = f"{reverse('bookings:term_dates')}?area={scene.area.code}&year={year}"

    assert "Autumn term 1" in page(client, address)
    sent = {"name_0": "Autumn term 1", "first_0": f"{start}-09-02", "last_0": f"{start + 1}-07-20"}
    assert client.post(address, sent).status_code == 302
    assert TermDate.objects.get().name == "Autumn term 1"
    assert f'value="{start}-09-02"' in page(client, address)

    closed = reverse("bookings:area_closed_days") + f"?area={scene.area.code}&year={year}"
    days = {
        "first_day-day": scene.day.day,
        "first_day-month": scene.day.month,
        "first_day-year": scene.day.year,
    }
    assert client.post(closed, days).status_code == 422
    assert client.post(closed, {**days, "reason": "Key stage 2 tests week"}).status_code == 302
    assert "Key stage 2 tests week" in page(client, address)
    remove = reverse("bookings:remove_area_closed_days", args=[Blackout.objects.get().pk])
    assert client.post(remove + f"?area={scene.area.code}").status_code == 302
    assert not Blackout.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name_0": "Autumn", "first_0": "2026-09-02"}, "enter both the first and the last day"),
        ({"name_0": "Autumn", "first_0": "2026-13-02", "last_0": "2026-10-01"}, "must be a real date"),
        ({"name_0": "Autumn", "first_0": "2020-09-02", "last_0": "2020-10-01"}, "does not lie between"),
        ({"name_0": "", "first_0": "2026-09-02", "last_0": "2026-10-01"}, "Give each term a name"),
    ],
)
def test_terms_that_make_no_sense_are_told(sent: dict[str, str], words: str) -> None:
    scene = a_scene()
    client = signed_in(actor_of(a_convenor(scene.area)))

    answer = client.post(f"{reverse('bookings:term_dates')}?year=2026/27", sent)

    assert answer.status_code == 422 and words in answer.content.decode()


def test_term_dates_are_for_the_areas_own_convenor() -> None:
    scene = a_scene()
    client = signed_in(actor_of(a_convenor(a_school().area)))

    page(client, f"{reverse('bookings:term_dates')}?area={scene.area.code}", 404)
    page(signed_in(scene.buyer), reverse("bookings:term_dates"), 403)
    assert page(client, f"{reverse('bookings:term_dates')}?year=nonsense")


def test_a_headteacher_closes_days_of_the_school() -> None:
    scene = a_scene()
    client = signed_in(scene.releasing_head)
    address = client.get(reverse("bookings:closed_days"))["location"]

    days = {
        "first_day-day": scene.day.day,
        "first_day-month": scene.day.month,
        "first_day-year": scene.day.year,
    }
    assert client.post(address, {**days, "reason": "Inspection window"}).status_code == 302
    assert "Inspection window" in page(client, address)
    remove = reverse(
        "bookings:remove_closed_days_of",
        args=[scene.releasing.organisation.reference, Blackout.objects.get().pk],
    )
    assert client.post(remove).status_code == 302
    page(signed_in(scene.buyer), address, 404)
    page(signed_in(scene.buyer), reverse("bookings:closed_days"), 403)


def test_who_keeps_several_calendars_chooses() -> None:
    scene = a_scene()
    user = a_person(Role.HEADTEACHER, at=scene.school)
    Membership.objects.create(user=user, organisation=scene.provider, role=Role.PROVIDER_LEAD)

    shown = page(signed_in(actor_of(user)), reverse("bookings:closed_days"))

    assert scene.provider.reference in shown and scene.school.organisation.reference in shown


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9", time(9)),
        ("9am", time(9)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("3.30pm", time(15, 30)),
        ("15:45", time(15, 45)),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, read: time) -> None:
    assert ClockField().clean(typed) == read
