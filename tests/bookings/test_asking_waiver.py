"""A school asks for the charge of a cancelled visit to be waived: once, with a reason, and a lead of the provider decides."""

from typing import Any

import pytest
from django.urls import reverse

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import NothingToWaive, ReasonMissing
from marketplace.bookings.models import Booking, WaiverRequest
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications.models import Notification
from tests.bookings.test_waiving import cancelled, rebooked
from tests.builders import Scene, a_person, a_scene, actor_of
from tests.frontend.test_balances_pages import signed_in

pytestmark = pytest.mark.django_db


def asked() -> tuple[Scene, Booking]:
    scene = a_scene()
    booking = cancelled(scene)
    actions.ask_for_waiver(actor=scene.budget_holder, booking=booking, reason="Our boiler burst")
    return scene, booking


def again(booking: Booking) -> Booking:
    return Booking._rows.get(pk=booking.pk)


def test_what_a_school_asks_waits_for_the_lead_of_the_provider(run_jobs: Any) -> None:
    scene, booking = asked()
    run_jobs()

    [item] = [each for each in queries.awaiting(scene.provider_lead) if each.verb == "Decide"]
    assert item.url_args == (booking.reference,) and "Our boiler burst" in item.detail
    told = Notification.objects.filter(user=scene.provider_lead.user_id, kind="waiver_wanted").get()
    assert "Our boiler burst" in told.body
    assert again(booking).is_charged
    assert not [each for each in queries.awaiting(scene.budget_holder) if each.verb == "Decide"]


def test_a_waiver_granted_lets_the_charge_go_once() -> None:
    scene, booking = asked()

    request = actions.decide_waiver(actor=scene.provider_lead, booking=booking, approve=True)

    after = again(booking)
    assert request.status == "granted" and not after.is_charged
    assert after.charge_waiver_reason == "The school asked for it: Our boiler burst"
    assert not queries.awaiting(scene.provider_lead)
    with pytest.raises(NotNow):
        actions.decide_waiver(actor=scene.provider_lead, booking=booking, approve=False, note="No")


def test_a_waiver_refused_leaves_the_charge_and_tells_why(run_jobs: Any) -> None:
    scene, booking = asked()
    head = a_person(Role.HEADTEACHER, at=scene.school)
    with pytest.raises(ReasonMissing):
        actions.decide_waiver(actor=scene.provider_lead, booking=booking, approve=False)

    actions.decide_waiver(actor=scene.provider_lead, booking=booking, approve=False, note="Told too late")
    run_jobs()

    assert again(booking).is_charged
    note = Notification.objects.filter(user=head, kind="waiver_refused").get()
    assert "Told too late" in note.body
    assert [entry.verb for entry in history.of(booking)][-2:] == ["ask_for_waiver", "refuse_waiver"]
    with pytest.raises(NotNow, match="asked already"):
        actions.ask_for_waiver(actor=scene.budget_holder, booking=booking, reason="Please")
    actions.waive_charge(actor=scene.provider_lead, booking=booking, reason="On reflection")
    assert WaiverRequest.objects.get().status == "refused"


def test_only_those_who_answer_for_the_school_ask_and_only_the_provider_decides() -> None:
    scene = a_scene()
    booking = cancelled(scene)
    staff = actor_of(a_person(Role.STAFF, at=scene.school))
    with pytest.raises(NotAllowed):
        actions.ask_for_waiver(actor=staff, booking=booking, reason="Please")
    actions.ask_for_waiver(actor=scene.budget_holder, booking=booking, reason="Please")
    for other in (scene.budget_holder, scene.releasing_head):
        with pytest.raises(NotFound):
            actions.decide_waiver(actor=other, booking=booking, approve=True)


def test_without_a_charge_there_is_nothing_to_ask() -> None:
    scene, booking = asked()
    actions.decide_waiver(actor=scene.provider_lead, booking=booking, approve=True)
    with pytest.raises(NothingToWaive):
        actions.ask_for_waiver(actor=scene.budget_holder, booking=booking, reason="Please")


def test_a_charge_waived_without_the_answer_answers_who_asked() -> None:
    scene = a_scene()
    booking = cancelled(scene, waived_if_refilled=True)
    actions.ask_for_waiver(actor=scene.budget_holder, booking=booking, reason="Please")

    actions.waive_for_refill(booking=rebooked(scene))

    assert WaiverRequest.objects.get().status == "granted"
    assert not queries.awaiting(scene.provider_lead)


def test_it_is_asked_and_decided_on_pages() -> None:
    scene = a_scene()
    booking = cancelled(scene)
    school, lead = signed_in(scene.budget_holder), signed_in(scene.provider_lead)
    page = reverse("bookings:booking", args=[booking.reference])
    ask = reverse("bookings:ask_waiver", args=[booking.reference])
    decide = reverse("bookings:decide_waiver", args=[booking.reference])
    assert ask in school.get(page).content.decode() and ask not in lead.get(page).content.decode()
    assert lead.get(decide).status_code == 404

    assert school.post(ask, {"reason": ""}).status_code == 422
    assert school.post(ask, {"reason": "Our boiler burst"}).status_code == 302
    assert "has still to decide" in school.get(page).content.decode()
    assert ask not in school.get(page).content.decode()
    assert "Our boiler burst" in lead.get(decide).content.decode()
    assert decide in lead.get("/").content.decode() and decide in lead.get(page).content.decode()

    assert lead.post(decide, {"decision": "no", "note": ""}).status_code == 422
    assert lead.post(decide, {"decision": "yes", "note": ""}).status_code == 302
    assert "Nothing is owed" in school.get(page).content.decode()
    assert lead.get(decide).status_code == 302


def test_the_page_of_waiving_offers_to_leave_the_charge() -> None:
    scene = a_scene()
    booking = cancelled(scene)
    text = signed_in(scene.provider_lead).get(reverse("bookings:waive", args=[booking.reference]))
    assert "Leave the charge as it is" in text.content.decode()
    assert "Keep the booking" not in text.content.decode()
