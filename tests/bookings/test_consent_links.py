"""Consent by a signed link: what it does, and that old links keep no power."""

from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.bookings import actions, consent_links
from marketplace.bookings.errors import LinkDead
from marketplace.bookings.models import Booking
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations.actions import end_membership
from marketplace.organisations.models import Membership, User
from tests.builders import Scene, a_booking, a_booking_day, a_person, a_scene, an_order_of_dates, some_days

pytestmark = pytest.mark.django_db


def waiting(scene: Scene) -> Booking:
    return a_booking(
        status="awaiting_release",
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=a_booking_day(days_ahead=20),
    )


def link_to(scene: Scene, *bookings: Booking) -> str:
    assert scene.releasing_head.user_id is not None
    return consent_links.token_for(scene.releasing_head.user_id, bookings)


def address(token: str) -> str:
    return reverse("bookings:consent_link", args=[token])


def test_the_head_consents_from_the_e_mail_without_signing_in(client: Client) -> None:
    scene = a_scene()
    booking = waiting(scene)
    token = link_to(scene, booking)

    page = client.get(address(token))
    assert page.status_code == 200
    assert str(scene.practitioner) in page.content.decode()
    booking.refresh_from_db()
    assert booking.status == "awaiting_release"

    answer = client.post(address(token), {"decision": "yes"})

    assert "Released" in answer.content.decode()
    booking.refresh_from_db()
    assert (booking.status, booking.released_by_id) == ("confirmed", scene.releasing_head.user_id)
    last = history.of(booking).last()
    assert last is not None and "link" in last.note


def test_opening_it_changes_nothing_however_often(client: Client) -> None:
    scene = a_scene()
    booking = waiting(scene)
    token = link_to(scene, booking)
    before = history.of(booking).count()

    for _ in range(3):
        assert client.get(address(token)).status_code == 200
        assert client.head(address(token)).status_code == 200

    booking.refresh_from_db()
    assert (booking.status, history.of(booking).count()) == ("awaiting_release", before)
    assert "_auth_user_id" not in client.session


def test_it_refuses_with_a_reason(client: Client) -> None:
    scene = a_scene()
    booking = waiting(scene)
    token = link_to(scene, booking)

    assert client.post(address(token), {"decision": "no"}).status_code == 422
    client.post(address(token), {"decision": "no", "note": "Inspection week"})

    booking.refresh_from_db()
    assert (booking.status, booking.cancellation_reason) == (
        "cancelled_by_releasing_school",
        "Inspection week",
    )


def used(scene: Scene, booking: Booking, token: str) -> None:
    consent_links.consent(token)


def withdrawn(scene: Scene, booking: Booking, token: str) -> None:
    actions.withdraw_booking(actor=scene.buyer, booking=booking)


def moved(scene: Scene, booking: Booking, token: str) -> None:
    actions.reschedule_booking(
        actor=scene.receiving_head,
        booking=booking,
        day=a_booking_day(days_ahead=30),
        session="day",
        reason="Inset",
    )


def left(scene: Scene, booking: Booking, token: str) -> None:
    a_person(Role.HEADTEACHER, at=scene.releasing)  # a school is never without a head
    membership = Membership.objects.get(user=scene.releasing_head.user_id)
    end_membership(actor=SYSTEM, membership=membership)


def locked_out(scene: Scene, booking: Booking, token: str) -> None:
    User.objects.filter(pk=scene.releasing_head.user_id).update(is_active=False)


def day_has_come(scene: Scene, booking: Booking, token: str) -> None:
    Booking._rows.filter(pk=booking.pk).update(starts_at=timezone.now())


@pytest.mark.parametrize("what", [used, withdrawn, moved, left, locked_out, day_has_come])
def test_old_links_keep_no_power(client: Client, what: Any) -> None:
    scene = a_scene()
    booking = waiting(scene)
    token = link_to(scene, booking)
    what(scene, booking, token)
    lines = history.of(booking).count()

    for answer in (client.get(address(token)), client.post(address(token), {"decision": "yes"})):
        assert answer.status_code == 404
        assert str(scene.practitioner) not in answer.content.decode()
    with pytest.raises(LinkDead):
        consent_links.consent(token)
    assert history.of(booking).count() == lines


def test_a_forged_or_old_link_has_no_power(settings: Any) -> None:
    scene = a_scene()
    token = link_to(scene, waiting(scene))
    other = signing.dumps({"user": scene.releasing_head.user_id, "asked": {}}, salt="another use")

    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), other, "x"):
        with pytest.raises(LinkDead):
            consent_links.question_of(forged)
    settings.CONSENT_LINK_DAYS = 0
    with pytest.raises(LinkDead):
        consent_links.question_of(token)


def test_a_link_is_for_its_person_only() -> None:
    scene = a_scene()
    booking = waiting(scene)
    stranger = a_person(Role.HEADTEACHER, at=scene.school)

    token = consent_links.token_for(stranger.pk, [booking])

    with pytest.raises(LinkDead):
        consent_links.question_of(token)


def test_one_link_consents_to_all_dates_of_an_order(client: Client) -> None:
    scene = a_scene()
    dates = an_order_of_dates(scene, some_days(3, days_ahead=20), status="awaiting_release")
    token = link_to(scene, *dates)

    client.post(address(token), {"decision": "yes", "note": "With pleasure"})

    assert set(Booking.objects.scoped().values_list("status", flat=True)) == {"confirmed"}
    with pytest.raises(LinkDead):
        consent_links.question_of(token)


def test_the_e_mail_carries_the_link_and_nothing_else_does(run_jobs: Any, settings: Any) -> None:
    scene = a_scene()
    booking = a_booking(
        status="awaiting_approval", school=scene.school, practitioner=scene.practitioner, offer=scene.offer
    )
    actions.approve_booking(actor=scene.budget_holder, booking=booking)

    run_jobs()

    [letter] = [m for m in mail.outbox if "Consent to release" in m.subject]
    token = letter.body.split(f"{settings.SITE_URL}/consent/")[1].split("/")[0]
    assert consent_links.question_of(token).bookings == (booking,)


def test_what_is_beyond_the_agreed_days_is_decided_signed_in(client: Client) -> None:
    scene = a_scene()
    scene.practitioner.agreed_half_days = 1
    scene.practitioner.save()
    booking = waiting(scene)

    answer = client.post(address(link_to(scene, booking)), {"decision": "yes", "note": "All right"})

    assert answer.status_code == 422
    booking.refresh_from_db()
    assert booking.status == "awaiting_release"
