"""The pages of bookings, diaries, term dates and the approval rule, without script."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from frontend.forms.bookings import ClockField, clock
from marketplace.bookings.models import Blackout, Booking, Diary, DiaryException, TermDate, WeeklyPattern
from marketplace.bookings.queries import visible_to
from marketplace.bookings.tariffs import STANDARD_TARIFF
from marketplace.brokerage.models import NeedBooking
from marketplace.buyback.models import ApprovalRule
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import academic_year
from marketplace.organisations.models import Membership, User
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_convenor,
    a_need,
    a_person,
    a_scene,
    a_school,
    actor_of,
)

pytestmark = pytest.mark.django_db


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


def an_address(scene: Scene, **changes: Any) -> str:
    wish = {
        "offer": scene.offer.reference,
        "practitioner": scene.practitioner.reference,
        "school": scene.school.urn,
        "theme": scene.theme.code,
        "phase": "primary",
        "mode": "in_person",
        "session": "day",
        "month": f"{scene.day:%Y-%m}",
    } | changes
    return reverse("bookings:dates") + "?" + "&".join(f"{key}={value}" for key, value in wish.items())


def the_booking() -> Booking:
    return visible_to(SYSTEM).get()


def booked(scene: Scene, **fields: Any) -> Booking:
    fields = {
        "school": scene.school,
        "practitioner": scene.practitioner,
        "offer": scene.offer,
        "cancellation_tariff": STANDARD_TARIFF.to_data(),
    } | fields
    return a_booking(**fields)


# Choosing and ordering ------------------------------------------------------------------------------------------------


def test_visitors_are_sent_to_sign_in() -> None:
    for name in ("bookings:list", "bookings:new", "bookings:dates", "bookings:term_dates"):
        answer = Client().get(reverse(name))
        assert answer.status_code == 302 and "/accounts/login/" in answer["location"]


def test_only_questions_with_more_than_one_answer_are_asked() -> None:
    scene = a_scene()
    shown = page(signed_in(scene.buyer), f"/bookings/new/?offer={scene.offer.reference}")

    assert "How long?" in shown
    assert "Full day, 9am to 3:30pm" in shown
    assert "In person or remote?" not in shown and "Which school is it for?" not in shown


def test_from_the_calendar_to_the_order() -> None:
    scene = a_scene(mode=DeliveryMode.BOTH)
    client = signed_in(scene.buyer)

    shown = page(client, an_address(scene))
    assert f'value="{scene.day}"' in shown
    assert "Weekend" in shown and "£350.00" in shown and "journal transfer" in shown

    answer = client.post(an_address(scene), {"day": scene.day.isoformat()})
    booking = the_booking()
    assert answer["location"] == reverse("bookings:order", args=[booking.reference])

    shown = page(client, answer["location"])
    assert "Held for you until" in shown and "20 minutes left" in shown
    for words in ("£350.00", "A budget holder of", "The headteacher of", "You can cancel free of charge"):
        assert words in shown

    answer = client.post(answer["location"], {"focus": "Phonics", "purchase_order_number": "PO-7"})
    assert answer["location"] == reverse("bookings:ordered", args=[booking.reference])
    shown = page(client, answer["location"])
    assert booking.reference in shown and "What happens next" in shown
    booking.refresh_from_db()
    assert (booking.status, booking.purchase_order_number) == ("awaiting_approval", "PO-7")


def test_the_month_turns_by_plain_links_within_a_year() -> None:
    scene = a_scene()
    client = signed_in(scene.buyer)
    today = timezone.localdate()

    first = page(client, an_address(scene, month=f"{today:%Y-%m}"))
    assert 'rel="next"' in first and 'rel="prev"' not in first
    last = page(client, an_address(scene, month="2999-01"))
    assert 'rel="prev"' in last and 'rel="next"' not in last
    assert page(client, an_address(scene, month="nonsense"))


def test_a_day_somebody_else_took_is_told_with_the_next_free_times() -> None:
    scene = a_scene()
    a_booking(practitioner=scene.practitioner, day=scene.day)

    answer = signed_in(scene.buyer).post(an_address(scene), {"day": scene.day.isoformat()})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "just been taken" in shown and "next free times are" in shown
    assert "Already booked" in shown


@pytest.mark.parametrize(("day", "words"), [("", "Choose a date"), ("soon", "from the calendar")])
def test_a_day_has_to_be_chosen(day: str, words: str) -> None:
    scene = a_scene()

    answer = signed_in(scene.buyer).post(an_address(scene), {"day": day})

    assert answer.status_code == 422 and words in answer.content.decode()


def test_a_wish_that_does_not_fit_the_offer_asks_again() -> None:
    scene = a_scene()

    shown = page(signed_in(scene.buyer), an_address(scene, session="midnight"))

    assert "There is a problem" in shown


def test_a_booking_made_for_a_need_is_tied_to_it() -> None:
    scene = a_scene()
    need = a_need(scene.school, theme=scene.theme)

    signed_in(scene.buyer).post(an_address(scene, need=need.reference), {"day": scene.day.isoformat()})

    assert NeedBooking.objects.get().need == need
    other = a_need()
    signed_in(scene.buyer).post(
        an_address(scene, need=other.reference), {"day": (scene.day + timedelta(days=7)).isoformat()}
    )
    assert NeedBooking.objects.count() == 1


def test_who_buys_for_no_school_is_told() -> None:
    scene = a_scene()
    address = f"/bookings/new/?offer={scene.offer.reference}"

    assert "You can’t order for a school" in page(signed_in(scene.person), address, 403)
    page(signed_in(scene.buyer), "/bookings/new/?offer=OF-NONE", 404)
    scene.offer.current.practitioners.clear()  # type: ignore[union-attr]
    page(signed_in(scene.buyer), address, 404)


def test_a_hold_whose_time_is_over_says_so_and_leads_back() -> None:
    scene = a_scene()
    booking = booked(scene, status="held", hold_expires_at=timezone.now())
    address = reverse("bookings:order", args=[booking.reference])
    client = signed_in(scene.buyer)

    assert "no longer held" in page(client, address, 409)
    assert client.post(address, {}).status_code == 409


def test_a_hold_can_be_let_go() -> None:
    scene = a_scene()
    booking = booked(scene, status="held")

    answer = signed_in(scene.buyer).post(reverse("bookings:order", args=[booking.reference]), {"let_go": ""})

    booking.refresh_from_db()
    assert booking.status == "withdrawn"
    assert answer["location"].startswith(reverse("bookings:dates"))


def test_going_back_after_the_order_leads_to_the_booking() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_approval")
    client = signed_in(scene.buyer)

    answer = client.post(reverse("bookings:order", args=[booking.reference]), {})

    assert answer["location"] == reverse("bookings:booking", args=[booking.reference])


def test_without_the_assurance_the_order_page_warns() -> None:
    scene = a_scene()
    booking = booked(scene, status="held")
    scene.practitioner.assurances.all().delete()

    shown = page(signed_in(scene.buyer), reverse("bookings:order", args=[booking.reference]))

    assert "has not confirmed its checks" in shown


# Deciding -------------------------------------------------------------------------------------------------------------


def test_the_budget_holder_approves_or_refuses() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_approval")
    address = reverse("bookings:approve", args=[booking.reference])
    client = signed_in(scene.budget_holder)

    assert "£350.00" in page(client, address)
    answer = client.post(address, {"decision": "no", "note": ""})
    assert answer.status_code == 422 and "Say why" in answer.content.decode()
    assert client.post(address, {"decision": "yes"}).status_code == 302
    booking.refresh_from_db()
    assert booking.status == "awaiting_release"
    assert client.get(address)["location"] == reverse("bookings:booking", args=[booking.reference])


def test_ones_own_large_order_is_refused_in_words() -> None:
    scene = a_scene()
    ApprovalRule.objects.create(area=scene.area, threshold_pence=0)
    user = a_person(Role.BUDGET_HOLDER, at=scene.school)
    booking = booked(scene, status="awaiting_approval", requested_by=user)

    answer = signed_in(actor_of(user)).post(
        reverse("bookings:approve", args=[booking.reference]), {"decision": "yes"}
    )

    assert answer.status_code == 422 and "second person" in answer.content.decode()


def test_the_headteacher_sees_the_load_before_consenting() -> None:
    scene = a_scene()
    booked(scene, status="delivered")
    booking = booked(scene, status="awaiting_release")
    address = reverse("bookings:consent", args=[booking.reference])
    client = signed_in(scene.releasing_head)

    shown = page(client, address)
    assert "15 days" in shown and "13 days" in shown
    assert "I agree to more days" not in shown
    assert client.post(address, {"decision": "yes"}).status_code == 302
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_beyond_the_agreed_days_the_page_asks_for_a_tick_and_a_note() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")
    scene.practitioner.agreed_half_days = 0
    scene.practitioner.save()
    address = reverse("bookings:consent", args=[booking.reference])
    client = signed_in(scene.releasing_head)

    assert "I agree to more days" in page(client, address)
    assert client.post(address, {"decision": "yes"}).status_code == 422
    sent = {"decision": "yes", "beyond_agreed": "on", "note": "One more day"}
    assert client.post(address, sent).status_code == 302


def test_without_the_assurance_consent_is_refused_in_words() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")
    scene.practitioner.assurances.all().delete()
    address = reverse("bookings:consent", args=[booking.reference])
    client = signed_in(scene.releasing_head)

    assert "does not cover this day" in page(client, address)
    answer = client.post(address, {"decision": "yes"})
    assert answer.status_code == 422 and "has not confirmed its checks" in answer.content.decode()


def test_a_headteacher_can_refuse_the_release() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")

    signed_in(scene.releasing_head).post(
        reverse("bookings:consent", args=[booking.reference]), {"decision": "no", "note": "Inspection"}
    )

    booking.refresh_from_db()
    assert booking.status == "cancelled_by_releasing_school"


# Ending ---------------------------------------------------------------------------------------------------------------


def test_the_charge_stands_on_the_cancel_page_before_the_button() -> None:
    scene = a_scene()
    booking = booked(scene, day=a_booking_day(days_ahead=20))
    address = reverse("bookings:cancel", args=[booking.reference, "buyer"])
    client = signed_in(scene.budget_holder)

    shown = page(client, address)
    assert "is charged £175.00 before VAT" in shown and "Cancel the visit and charge £175.00" in shown
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Inset moved"}).status_code == 302
    shown = page(client, reverse("bookings:booking", args=[booking.reference]))
    assert "£175.00 before VAT" in shown and "Inset moved" in shown


def test_declining_withdrawing_and_no_shows_have_their_pages() -> None:
    scene = a_scene()
    waiting = booked(scene, status="awaiting_approval")
    past = booked(scene, day=a_booking_day(days_ahead=-7))
    provider, school = signed_in(scene.provider_lead), signed_in(scene.buyer)

    assert page(provider, reverse("bookings:decline", args=[waiting.reference]))
    assert page(school, reverse("bookings:withdraw", args=[waiting.reference]))
    school.post(reverse("bookings:withdraw", args=[waiting.reference]), {"reason": ""})
    unready = reverse("bookings:no_show", args=[past.reference, "buyer"])
    assert "is charged £350.00" in page(provider, unready)
    provider.post(unready, {"reason": "Locked doors"})
    waiting.refresh_from_db(), past.refresh_from_db()
    assert (waiting.status, past.status) == ("withdrawn", "no_show_buyer")
    assert provider.get(unready).status_code == 302


def test_a_side_that_does_not_exist_is_not_found() -> None:
    scene = a_scene()
    booking = booked(scene)
    client = signed_in(scene.budget_holder)

    page(client, reverse("bookings:cancel", args=[booking.reference, "nobody"]), 404)
    page(client, reverse("bookings:no_show", args=[booking.reference, "nobody"]), 404)


# Lists and papers -----------------------------------------------------------------------------------------------------

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


# The approval rule ----------------------------------------------------------------------------------------------------


def test_a_headteacher_sets_and_clears_the_threshold() -> None:
    scene = a_scene()
    client = signed_in(scene.receiving_head)
    address = reverse("bookings:approval_rule")

    assert "£1,000.00" in page(client, address) and "the exchange" in page(client, address)
    assert client.post(address, {"set": "", "threshold": "lots"}).status_code == 422
    assert client.post(address, {"set": "", "threshold": "250"}).status_code == 302
    assert "£250.00" in page(client, address)
    assert ApprovalRule.objects.get().threshold_pence == 25_000
    assert client.post(address, {"clear": ""}).status_code == 302
    assert not ApprovalRule.objects.exists()


def test_the_approval_rule_is_set_by_those_who_answer_for_the_budget_holders() -> None:
    scene = a_scene()
    address = reverse("bookings:approval_rule")

    page(signed_in(scene.budget_holder), address, 403)
    page(signed_in(scene.receiving_head), f"{address}?for={scene.releasing.organisation.reference}", 404)
    convenor = signed_in(actor_of(a_convenor(scene.area)))
    assert (
        convenor.post(f"{address}?for=area-{scene.area.code}", {"set": "", "threshold": "500"}).status_code
        == 302
    )
    assert "£500.00" in page(signed_in(scene.receiving_head), address)


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


def test_times_are_written_as_people_read_them() -> None:
    assert [clock(time(9)), clock(time(15, 30)), clock(time(0)), clock(time(12))] == [
        "9am",
        "3:30pm",
        "12am",
        "12pm",
    ]
