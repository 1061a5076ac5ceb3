"""Who is told what, once, and by which way."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from marketplace.billing.actions import issue_for_delivery
from marketplace.billing.events import DocumentIssued
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking
from marketplace.catalogue.events import OfferMoved
from marketplace.catalogue.models import Offer, VersionStatus
from marketplace.coverage.events import CoverageRecomputed
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.notifications import live, queries, tasks
from marketplace.notifications.actions import mark_all_read, mark_read, tell
from marketplace.notifications.models import LiveFrame, Notification
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations.actions import invite
from marketplace.organisations.events import MembershipEnded
from marketplace.organisations.models import Invitation, Membership, User
from tests.builders import (
    a_booking,
    a_convenor,
    a_person,
    a_provider,
    a_scene,
    a_school,
    actor_of,
    an_area,
    an_offer,
)
from tests.builders.bookings import Scene
from tests.builders.notifications import a_notification

pytestmark = pytest.mark.django_db

PROGRESS = Message(Kind.BOOKING_PROGRESS, "Approved", "It goes on.")
WANTED = Message(Kind.APPROVAL_WANTED, "Approve: a day", "Please look.", "/bookings/BK-1/approve/")


def moved(booking: Booking, verb: str, before: str, after: str, by: Actor = SYSTEM, note: str = "") -> None:
    """The booking moves, and those to be told are told."""
    history.write(booking, verb=verb, before=before, after=after, by=by, note=note)
    tasks.tell_of_booking(BookingMoved(booking.pk, verb, before, after))


def booking_of(scene: Scene, status: str) -> Booking:
    return a_booking(
        status=status,
        school=scene.school,
        offer=scene.offer,
        practitioner=scene.practitioner,
        requested_by=User.objects.get(pk=scene.buyer.user_id),
    )


def told() -> dict[tuple[int, str], str]:
    return {(row.user_id, row.kind): row.title for row in Notification.objects.all()}


def ids(*actors: Actor) -> set[int]:
    return {actor.user_id for actor in actors if actor.user_id}


# Telling once ---------------------------------------------------------------------------------------------------------


def test_the_same_effect_is_told_once_however_often_the_job_runs() -> None:
    person = a_person()

    for _ in range(3):
        tell(to=[Recipient(person.pk)], message=PROGRESS, effect="booking:1:approve")

    assert Notification.objects.count() == 1 and LiveFrame.objects.count() == 1


def test_somebody_concerned_twice_is_told_once() -> None:
    person = a_person(Role.HEADTEACHER, at=(school := a_school()))

    tell(to=[Recipient(person.pk, school.pk), Recipient(person.pk)], message=PROGRESS, effect="x")

    assert Notification.objects.get().user == person


def test_the_live_frame_carries_the_number_of_unread_for_the_badge() -> None:
    person = a_person()
    a_notification(person)

    tell(to=[Recipient(person.pk)], message=PROGRESS, effect="x")

    assert LiveFrame.objects.get().payload == {"text": "Approved", "unread": 2}


# Ways -----------------------------------------------------------------------------------------------------------------


def test_what_a_person_must_act_on_goes_by_email_with_an_absolute_link(run_jobs, settings) -> None:
    settings.SITE_URL = "https://exchange.example"
    person = a_person(email="head@school.example", name="Ada Quill")

    tell(to=[Recipient(person.pk)], message=WANTED, effect="x")
    run_jobs()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["head@school.example"], "Approve: a day")
    assert "Hello Ada Quill," in sent.body and "https://exchange.example/bookings/BK-1/approve/" in sent.body
    assert Notification.objects.get().emailed_at is not None


def test_mere_progress_is_not_emailed(run_jobs) -> None:
    tell(to=[Recipient(a_person().pk)], message=PROGRESS, effect="x")
    run_jobs()

    assert mail.outbox == []


def test_an_email_is_sent_once_when_its_job_runs_twice(run_jobs) -> None:
    tell(to=[Recipient(a_person().pk)], message=WANTED, effect="x")
    run_jobs()

    tasks.send_email(notification_id=Notification.objects.get().pk)

    assert len(mail.outbox) == 1


def test_no_email_goes_to_somebody_whose_role_ended_meanwhile(run_jobs) -> None:
    person = a_person(Role.BUDGET_HOLDER, at=(school := a_school()))
    tell(to=[Recipient(person.pk, school.pk)], message=WANTED, effect="x")
    Membership.objects.filter(user=person).update(ended_at=timezone.now())

    run_jobs()

    assert mail.outbox == []


def test_a_line_break_in_a_name_cannot_add_a_header_to_an_email(run_jobs) -> None:
    message = Message(Kind.APPROVAL_WANTED, "Approve: School\nBcc: everybody@example.org", "Look.")

    tell(to=[Recipient(a_person().pk)], message=message, effect="x")
    run_jobs()

    assert mail.outbox[0].subject == "Approve: School Bcc: everybody@example.org"


# Reading --------------------------------------------------------------------------------------------------------------


def test_a_person_sees_their_own_notifications_as_long_as_their_role_lasts() -> None:
    person = a_person(Role.HEADTEACHER, at=(school := a_school()))
    about_school = a_notification(person, organisation=school.organisation)
    personal = a_notification(person)
    a_notification(a_person())
    assert set(queries.visible_to(actor_of(person))) == {about_school, personal}

    Membership.objects.filter(user=person).update(ended_at=timezone.now())

    assert list(queries.visible_to(actor_of(person))) == [personal]


def test_reading_one_and_reading_all_bring_the_badge_down() -> None:
    person = a_person()
    first, *_ = [a_notification(person) for _ in range(3)]
    actor = actor_of(person)

    mark_read(actor=actor, notification=first)
    assert queries.unread_count(actor) == 2

    assert mark_all_read(actor=actor) == 2
    assert queries.unread_count(actor) == 0
    assert [frame.payload["unread"] for frame in LiveFrame.objects.order_by("pk")] == [2, 0]


# Bookings -------------------------------------------------------------------------------------------------------------


def test_an_order_asks_the_budget_holder_and_not_the_one_who_ordered() -> None:
    scene = a_scene()
    booking = booking_of(scene, "awaiting_approval")

    moved(booking, "order", "held", "awaiting_approval", by=scene.buyer)

    row = Notification.objects.get()
    assert row.user_id == scene.budget_holder.user_id and row.kind == Kind.APPROVAL_WANTED
    assert row.path == reverse("bookings:approve", args=[booking.reference])
    assert "£350.00" in row.body and booking.reference in row.body


def test_an_approved_order_asks_the_releasing_head_and_tells_the_one_who_ordered() -> None:
    scene = a_scene()
    booking = booking_of(scene, "awaiting_release")

    moved(booking, "approve", "awaiting_approval", "awaiting_release", by=scene.budget_holder)

    assert set(told()) == {
        (scene.releasing_head.user_id, Kind.RELEASE_WANTED),
        (scene.buyer.user_id, Kind.BOOKING_PROGRESS),
    }


def test_a_confirmed_booking_is_told_to_all_whose_day_it_changes() -> None:
    scene = a_scene()
    booking = booking_of(scene, "confirmed")

    moved(booking, "consent", "awaiting_release", "confirmed", by=scene.releasing_head)

    concerned = ids(scene.buyer, scene.receiving_head, scene.person, scene.provider_lead)
    assert set(told()) == {(pk, Kind.BOOKING_CONFIRMED) for pk in concerned}


def test_a_cancelled_booking_is_told_with_its_reason_to_all_but_the_one_who_cancelled() -> None:
    scene = a_scene()
    booking = booking_of(scene, "cancelled_by_buyer")

    moved(
        booking,
        "cancel_by_buyer",
        "confirmed",
        "cancelled_by_buyer",
        by=scene.receiving_head,
        note="Inspection",
    )

    concerned = ids(scene.buyer, scene.person, scene.provider_lead, scene.releasing_head)
    assert set(told()) == {(pk, Kind.BOOKING_ENDED) for pk in concerned}
    assert all("Inspection" in row.body for row in Notification.objects.all())


def test_a_hold_that_runs_out_concerns_nobody_but_its_holder() -> None:
    scene = a_scene()
    booking = booking_of(scene, "expired")

    moved(booking, "expire", "held", "expired")

    assert set(told()) == {(scene.buyer.user_id, Kind.BOOKING_ENDED)}


def test_a_refused_order_is_told_to_the_one_who_ordered() -> None:
    scene = a_scene()
    booking = booking_of(scene, "withdrawn")

    moved(
        booking,
        "refuse_approval",
        "awaiting_approval",
        "withdrawn",
        by=scene.budget_holder,
        note="No money left",
    )

    assert set(told()) == {(scene.buyer.user_id, Kind.BOOKING_ENDED)}
    assert told()[(scene.buyer.user_id, Kind.BOOKING_ENDED)].startswith("Not approved:")


def test_a_delivered_visit_asks_the_receiving_head_what_changed() -> None:
    scene = a_scene()
    booking = booking_of(scene, "delivered")

    moved(booking, "deliver", "confirmed", "delivered", by=scene.person)

    row = Notification.objects.get()
    assert (row.user_id, row.kind) == (scene.receiving_head.user_id, Kind.EVALUATION_DUE)
    assert row.path == reverse("brokerage:evaluate", args=[booking.reference])


def test_an_evaluation_is_told_to_the_practitioner_and_the_providers_lead() -> None:
    scene = a_scene()
    booking = booking_of(scene, "evaluated")

    moved(booking, "evaluate", "delivered", "evaluated", by=scene.receiving_head)

    assert set(told()) == {(pk, Kind.SUPPORT_EVALUATED) for pk in ids(scene.person, scene.provider_lead)}


def test_the_practitioner_is_reminded_once_that_a_record_of_visit_is_due() -> None:
    scene = a_scene()
    booking = booking_of(scene, "confirmed")
    past = timezone.now() - timedelta(days=3)
    Booking.objects.scoped().filter(pk=booking.pk).update(starts_at=past - timedelta(hours=6), ends_at=past)

    tasks.remind_of_records(timestamp=0)
    tasks.remind_of_records(timestamp=0)

    row = Notification.objects.get()
    assert (row.user_id, row.kind) == (scene.person.user_id, Kind.RECORD_DUE)


def test_a_moved_booking_is_shown_to_the_three_organisations_concerned() -> None:
    scene = a_scene()
    booking = booking_of(scene, "confirmed")

    tasks.show_booking(BookingMoved(booking.pk, "consent", "awaiting_release", "confirmed"))

    heard = {frame.organisation_id for frame in LiveFrame.objects.filter(kind="booking")}
    assert heard == {scene.school.pk, scene.provider.pk, scene.releasing.pk}


# Offers and documents -------------------------------------------------------------------------------------------------


def an_offer_to_judge() -> tuple[Offer, User, User]:
    """A submitted offer, a lead of its provider, and the convenor of its area."""
    area = an_area()
    provider = a_provider(area)
    offer = an_offer(provider, status="submitted", title="Phonics review")
    offer.versions.update(status=VersionStatus.SUBMITTED)
    return offer, a_person(Role.PROVIDER_LEAD, at=provider), a_convenor(area)


def test_a_submitted_offer_asks_the_convenors_of_its_area_to_judge_it() -> None:
    offer, _, convenor = an_offer_to_judge()
    a_convenor(an_area())

    tasks.tell_of_offer(OfferMoved(offer.pk, "submit", "submitted"))

    row = Notification.objects.get()
    assert (row.user, row.title) == (convenor, "Judge an offer: Phonics review")
    assert row.path == reverse("catalogue:review", args=[offer.reference])


def test_a_returned_offer_is_told_to_the_providers_leads_with_the_reasons() -> None:
    offer, lead, _ = an_offer_to_judge()
    offer.versions.update(status=VersionStatus.RETURNED, return_reason="Say who comes.")

    tasks.tell_of_offer(OfferMoved(offer.pk, "return", "returned"))

    row = Notification.objects.get()
    assert row.user == lead and "Say who comes." in row.body


def test_an_offer_submitted_again_after_being_returned_is_told_again() -> None:
    offer, _, convenor = an_offer_to_judge()
    version = offer.versions.get()
    for _ in range(2):
        history.write(version, verb="submit", before="draft", after="submitted", by=SYSTEM)
        for _ in range(2):
            tasks.tell_of_offer(OfferMoved(offer.pk, "submit", "submitted"))

    assert Notification.objects.filter(user=convenor).count() == 2


def test_an_offer_taken_back_before_the_job_ran_is_told_to_nobody() -> None:
    offer, _, _ = an_offer_to_judge()
    offer.versions.update(status=VersionStatus.DRAFT)

    tasks.tell_of_offer(OfferMoved(offer.pk, "submit", "submitted"))

    assert not Notification.objects.exists()


def test_a_published_offer_is_told_to_the_providers_leads() -> None:
    provider = a_provider()
    lead, offer = a_person(Role.PROVIDER_LEAD, at=provider), an_offer(provider, title="Phonics review")

    tasks.tell_of_offer(OfferMoved(offer.pk, "publish", "published"))

    assert told() == {(lead.pk, Kind.OFFER_PUBLISHED): "Published: Phonics review"}


def test_an_issued_document_is_told_to_those_who_pay_and_those_who_are_paid() -> None:
    scene = a_scene()
    finance = a_person(Role.FINANCE, at=scene.provider)
    document = issue_for_delivery(actor=SYSTEM, booking=booking_of(scene, "delivered"))

    tasks.tell_of_document(DocumentIssued(document.pk))

    concerned = ids(scene.budget_holder, scene.provider_lead) | {finance.pk}
    assert set(told()) == {(pk, Kind.DOCUMENT_ISSUED) for pk in concerned}
    assert all(
        row.path == reverse("billing:document", args=[document.reference])
        for row in Notification.objects.all()
    )


# Invitations ----------------------------------------------------------------------------------------------------------


def test_an_invitation_reaches_its_address_with_a_link_that_can_be_accepted(
    run_jobs, settings, client
) -> None:
    school = a_school(name="Alder School")
    invite(
        actor=SYSTEM, organisation=school.organisation, email="new.head@example.org", role=Role.HEADTEACHER
    )

    run_jobs()

    [sent] = mail.outbox
    link = next(word for word in sent.body.split() if word.startswith(settings.SITE_URL))
    assert sent.to == ["new.head@example.org"]
    assert "headteacher of Alder School" in sent.body
    assert client.get(link.removeprefix(settings.SITE_URL)).status_code == 200


def test_an_invitation_revoked_meanwhile_is_not_sent(run_jobs) -> None:
    invitation = invite(
        actor=SYSTEM,
        organisation=a_school().organisation,
        email="new.head@example.org",
        role=Role.HEADTEACHER,
    )
    Invitation.objects.filter(pk=invitation.pk).update(revoked_at=timezone.now())

    run_jobs()

    assert mail.outbox == []


def test_a_role_that_ends_closes_the_persons_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(live, "close_sockets", closed.append)

    tasks.close_sockets(MembershipEnded(user_id=5, organisation_id=6))

    assert closed == [5]


def test_recomputed_coverage_is_shown_to_the_areas_convenors_and_board() -> None:
    area = an_area()

    tasks.show_coverage(CoverageRecomputed(area_id=area.pk, snapshot_id=9))

    frame = LiveFrame.objects.get()
    assert (frame.kind, frame.area, frame.payload["snapshot"]) == ("coverage", area, 9)
