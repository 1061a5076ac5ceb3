"""What a late move cost is let go alone: asked for once, decided by the provider's lead, credited and given back."""

from typing import Any

import pytest
from django.urls import reverse

from marketplace.billing.models import Document
from marketplace.bookings import actions, queries
from marketplace.bookings.errors import NothingToWaive
from marketplace.bookings.models import Booking
from marketplace.buyback import queries as balances
from marketplace.buyback.queries import budget_of
from marketplace.kernel.dates import financial_year
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.kernel.verification import verify
from marketplace.notifications.models import Notification
from tests.bookings.test_moving import a_visit, move
from tests.bookings.test_paying import confirmed, credits_for
from tests.builders import Scene, a_scene, a_stream
from tests.frontend.test_balances_pages import signed_in

pytestmark = pytest.mark.django_db


def moved_late(scene: Scene, **fields: Any) -> Booking:
    booking = a_visit(scene, **fields)
    move(scene, booking)
    return booking


def all_agrees() -> None:
    assert [line for verdict in verify() for line in verdict.disagreements] == []


def test_what_a_school_asks_is_decided_by_the_provider_and_the_bill_is_credited(run_jobs: Any) -> None:
    scene = a_scene()
    booking = moved_late(scene)
    run_jobs()
    actions.ask_for_move_waiver(actor=scene.budget_holder, booking=booking, number=1, reason="Flood")
    run_jobs()
    [item] = [each for each in queries.awaiting(scene.provider_lead) if each.verb == "Decide"]
    assert item.url_args == (booking.reference, "1")
    assert Notification.objects.filter(user=scene.provider_lead.user_id, kind="waiver_wanted").exists()

    waiver = actions.decide_move_waiver(actor=scene.provider_lead, booking=booking, number=1, approve=True)
    run_jobs()

    assert (waiver.status, waiver.decision_note) == ("granted", "The school asked for it: Flood")
    assert sum(Document.objects.filter(booking=booking).values_list("net_pence", flat=True)) == 0
    assert not [each for each in queries.awaiting(scene.provider_lead) if each.verb == "Decide"]
    with pytest.raises(NothingToWaive):
        actions.waive_move_charge(actor=scene.provider_lead, booking=booking, number=1, reason="Again")
    all_agrees()


def test_a_charge_waived_before_it_is_billed_is_never_billed(run_jobs: Any) -> None:
    scene = a_scene()
    booking = moved_late(scene)

    actions.waive_move_charge(actor=scene.provider_lead, booking=booking, number=1, reason="Our fault")
    run_jobs()

    assert not Document.objects.filter(booking=booking).exists()


def test_a_refusal_says_why_and_the_charge_stands() -> None:
    scene = a_scene()
    booking = moved_late(scene)
    actions.ask_for_move_waiver(actor=scene.budget_holder, booking=booking, number=1, reason="Flood")

    waiver = actions.decide_move_waiver(
        actor=scene.provider_lead, booking=booking, number=1, approve=False, note="Too late"
    )

    assert (waiver.status, waiver.decision_note) == ("refused", "Too late")
    with pytest.raises(NotNow):
        actions.ask_for_move_waiver(actor=scene.budget_holder, booking=booking, number=1, reason="Please")


def test_credits_a_move_cost_go_back(run_jobs: Any) -> None:
    scene = a_scene()
    credits_for(scene, 6)
    booking = confirmed(scene, None)
    before = balances.credits_of(scene.school.pk)
    move(scene, booking)
    assert balances.credits_of(scene.school.pk) != before

    actions.waive_move_charge(actor=scene.provider_lead, booking=booking, number=1, reason="Our fault")
    run_jobs()

    assert balances.credits_of(scene.school.pk) == before
    all_agrees()


def test_a_stream_gets_back_what_a_move_cost() -> None:
    scene = a_scene()
    booking = a_visit(scene, route="invoice")
    stream = a_stream(scene.area, financial_year=financial_year(booking.day))
    booking.funding_stream, booking.route = stream, "commissioned"
    booking.save()
    from django.db import transaction

    from marketplace.bookings.actions import funding
    from marketplace.kernel.access import SYSTEM

    with transaction.atomic():
        funding.commit(booking, actor=SYSTEM)
    move(scene, booking)
    assert budget_of(stream).spent == 175_00

    actions.waive_move_charge(actor=scene.provider_lead, booking=booking, number=1, reason="Our fault")

    assert budget_of(stream).spent == 0
    all_agrees()


def test_others_neither_ask_nor_decide_and_a_free_move_has_nothing_to_waive() -> None:
    scene = a_scene()
    booking = moved_late(scene)
    with pytest.raises(NotAllowed):
        actions.ask_for_move_waiver(actor=scene.provider_lead, booking=booking, number=1, reason="x")
    with pytest.raises(NotAllowed):
        actions.waive_move_charge(actor=scene.budget_holder, booking=booking, number=1, reason="x")
    with pytest.raises(NotFound):
        actions.decide_move_waiver(actor=scene.provider_lead, booking=booking, number=1, approve=True)
    with pytest.raises(NotFound):
        actions.waive_move_charge(actor=scene.provider_lead, booking=booking, number=2, reason="x")
    free = a_scene()
    booking = moved_late(free, cancellation_tariff={})
    with pytest.raises(NothingToWaive):
        actions.ask_for_move_waiver(actor=free.budget_holder, booking=booking, number=1, reason="x")


def test_the_pages_ask_decide_and_show_what_became_of_it() -> None:
    scene = a_scene()
    booking = moved_late(scene)
    school, lead = signed_in(scene.budget_holder), signed_in(scene.provider_lead)
    page = reverse("bookings:booking", args=[booking.reference])
    ask = reverse("bookings:ask_move_waiver", args=[booking.reference, 1])
    decide = reverse("bookings:decide_move_waiver", args=[booking.reference, 1])
    assert ask in school.get(page).content.decode()

    assert school.post(ask, {"reason": ""}).status_code == 422
    assert school.post(ask, {"reason": "Flood"}).status_code == 302
    assert decide in lead.get(page).content.decode()
    assert lead.post(decide, {"decision": "yes"}).status_code == 302

    shown = school.get(page).content.decode()
    assert "Charge for moving" in shown and "Nothing is owed" in shown and ask not in shown
    assert school.get(decide).status_code == 404
