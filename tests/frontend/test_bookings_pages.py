"""The pages of a booking, without script: choosing, ordering, deciding, ending and handing over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.brokerage.models import NeedBooking
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel.access import Role
from tests.builders import (
    a_booking,
    a_booking_day,
    a_ladder,
    a_need,
    a_person,
    a_scene,
    a_school,
    actor_of,
    an_organisation,
)
from tests.frontend.booking_pages import an_address, booked, page, signed_in, the_booking

pytestmark = pytest.mark.django_db


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


def test_a_school_is_offered_its_own_phases_only() -> None:
    scene = a_scene(phases=["primary", "secondary"])
    client, address = signed_in(scene.buyer), f"/bookings/new/?offer={scene.offer.reference}"

    assert "For which phase?" not in page(client, address)

    other = a_scene(phases=["secondary"])
    refused = page(signed_in(other.buyer), f"/bookings/new/?offer={other.offer.reference}", 409)
    assert "which your school does not have" in refused


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


def test_an_order_confirmed_at_once_does_not_promise_to_tell_of_it() -> None:
    scene = a_scene()
    booking = booked(scene, status="confirmed")

    shown = page(signed_in(scene.receiving_head), reverse("bookings:ordered", args=[booking.reference]))

    assert "Visit confirmed" in shown and "as soon as the visit is confirmed" not in shown


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
    a_ladder(scene.area, second_person_from=0)
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


def test_whoever_cancels_too_late_is_told_that_nothing_was_cancelled_and_keeps_their_reason() -> None:
    scene = a_scene()
    booking = booked(scene, status="awaiting_release")  # moved meanwhile, in another tab
    address = reverse("bookings:cancel", args=[booking.reference, "buyer"])

    answer = signed_in(scene.receiving_head).post(address, {"reason": "Our teacher is ill."}, follow=True)

    shown = answer.content.decode()
    assert "Nothing was cancelled, because" in shown and "waiting for the releasing headteacher" in shown
    assert "You had written: “Our teacher is ill.”" in shown
    booking.refresh_from_db()
    assert booking.status == "awaiting_release"


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


# Handing over --------------------------------------------------------------------------------------------------------


def test_a_session_is_offered_found_under_my_work_and_taken_over() -> None:
    scene = a_scene()
    trust = an_organisation("trust", area=scene.area)
    other = a_school(scene.area)
    for school in (scene.school, other):
        school.trust = trust
        school.save()
    booking = booked(scene)
    giving = signed_in(scene.budget_holder)
    taking = signed_in(actor_of(a_person(Role.BUDGET_HOLDER, at=other)))
    hand_over = reverse("bookings:hand_over", args=[booking.reference])
    take_over = reverse("bookings:take_over", args=[booking.reference])
    assert hand_over in page(giving, reverse("bookings:booking", args=[booking.reference]))
    assert giving.post(hand_over, {"school": "", "reason": "Inspection"}).status_code == 422

    asked = giving.post(hand_over, {"school": str(other.urn), "reason": "Inspection"})
    assert asked.status_code == 302
    assert take_over in page(taking, "/")
    shown = taking.get(take_over)
    assert "Inspection" in shown.content.decode()
    usual = shown.context["form"].ways[0]
    taken = taking.post(take_over, {"pay_by": usual.value})

    assert taken["location"] == reverse("bookings:booking", args=[booking.reference])
    assert other.organisation.name in page(taking, taken["location"])
    booking.refresh_from_db()
    assert (booking.receiving_school, booking.status) == (other.organisation, "confirmed")


def test_a_price_that_does_not_follow_the_length_of_a_session_says_so() -> None:
    whole = a_scene(price_rule={"kind": "fixed", "amount_pence": 240_00})
    by_day = a_scene()

    assert "however long the session" in page(signed_in(whole.buyer), an_address(whole, session="morning"))
    assert "however long the session" not in page(signed_in(by_day.buyer), an_address(by_day))
