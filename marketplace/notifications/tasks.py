"""What happens elsewhere, turned into messages, e-mails and frames. Subscribers and jobs may run twice and tell once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.billing.events import DocumentIssued
from marketplace.billing.models import Document
from marketplace.bookings import queries as bookings
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.catalogue.events import OfferMoved
from marketplace.catalogue.models import Offer, OfferVersion, VersionStatus
from marketplace.coverage.events import AdviceRefined, CoverageRecomputed
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe
from marketplace.kernel.models import HistoryEntry
from marketplace.notifications import actions, live, mail, messages, people, shapes
from marketplace.notifications import agreements as _agreements  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import balances as _balances  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import cards as _cards  # noqa: F401 – its subscribers
from marketplace.notifications import courses as _courses  # noqa: F401 – its subscribers
from marketplace.notifications import debts as _debts  # noqa: F401 – its subscribers
from marketplace.notifications import deployments as _deployments  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import digests as _digests  # noqa: F401 – its jobs
from marketplace.notifications import engagement as _engagement  # noqa: F401 – its subscribers
from marketplace.notifications import interests as _interests  # noqa: F401 – its subscribers and job
from marketplace.notifications import not_sold as _not_sold  # noqa: F401 – its subscribers
from marketplace.notifications import partnership as _partnership  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import quality as _quality  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import recording as _recording  # noqa: F401 – its subscribers
from marketplace.notifications import requests as _requests  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import settling as _settling  # noqa: F401 – its subscribers
from marketplace.notifications import talking as _talking  # noqa: F401 – its subscribers and jobs
from marketplace.notifications import waivers as _waivers  # noqa: F401 – its subscribers
from marketplace.notifications.actions import tell
from marketplace.notifications.live import Audience
from marketplace.notifications.models import Choice, LiveFrame, Notification
from marketplace.notifications.queries import preferences
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations import queries as organisations
from marketplace.organisations.events import MembershipEnded, PersonInvited
from marketplace.organisations.models import Invitation

FRAMES_KEPT_FOR = timedelta(days=1)
RECORDS_REMINDED_FOR = timedelta(days=30)
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)

Told = list[tuple[list[Recipient], Message]]


# Bookings -------------------------------------------------------------------------------------------------------------


@subscribe(BookingMoved)
def tell_of_booking(event: BookingMoved) -> None:
    """Tell those who must act or whose day changes; never the person who did it."""
    booking = bookings.visible_to(SYSTEM).select_related("requested_by").get(pk=event.booking_id)
    if shapes.is_told_otherwise(booking, event):
        return
    entry = history.of(booking).filter(verb=event.verb).last()
    for to, message in _booking_messages(booking, event, entry):
        others = [each for each in to if entry is None or each.user_id != entry.by_id]
        effect = f"booking:{booking.pk}:{event.verb}:{message.kind}{shapes.after_moves(booking)}"
        tell(to=others, message=message, effect=effect)


def _booking_messages(booking: Booking, event: BookingMoved, entry: HistoryEntry | None) -> Told:
    reason = booking.cancellation_reason or (entry.note if entry else "")
    after = event.after
    if after == BookingStatus.AWAITING_APPROVAL:
        return [(people.approvers(booking), messages.approval_wanted(booking))]
    if after == BookingStatus.AWAITING_RELEASE:
        return [
            (people.releasers(booking), messages.release_wanted(booking)),
            (people.requester(booking), messages.approved(booking)),
        ]
    if after == BookingStatus.CONFIRMED:
        return [(people.all_concerned(booking), messages.confirmed(booking))]
    if after == BookingStatus.DELIVERED:
        if hasattr(booking, "deployment_visit"):  # a deployment is evaluated as a whole
            return []
        return [(people.receiving_heads(booking), messages.evaluation_due(booking))]
    if after == BookingStatus.EVALUATED:
        to = people.practitioner(booking) + people.provider_leads(booking)
        return [(to, messages.evaluated(booking))]
    if after in (BookingStatus.NO_SHOW_BUYER, BookingStatus.NO_SHOW_PROVIDER):
        what = BookingStatus(after).label
        return [(people.all_concerned(booking), messages.not_as_planned(booking, what, reason))]
    return _ending_messages(booking, event, reason)


def _ending_messages(booking: Booking, event: BookingMoved, reason: str) -> Told:
    if event.after not in ENDINGS:
        return []
    what = "Not approved" if event.verb == "refuse_approval" else BookingStatus(event.after).label
    return [(_told_of_ending(booking, event.before), messages.ended(booking, what, reason))]


ENDINGS = frozenset(
    {
        BookingStatus.DECLINED,
        BookingStatus.WITHDRAWN,
        BookingStatus.EXPIRED,
        BookingStatus.CANCELLED_BY_BUYER,
        BookingStatus.CANCELLED_BY_PROVIDER,
        BookingStatus.CANCELLED_BY_RELEASING_SCHOOL,
        BookingStatus.CANCELLED_BY_CLOSURE,
    }
)


def _told_of_ending(booking: Booking, before: str) -> list[Recipient]:
    """Those who knew of the booking in the state it ended from: a hold concerns its holder only."""
    told = people.requester(booking)
    if before in (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE):
        told += people.approvers(booking)
    if before == BookingStatus.AWAITING_RELEASE:
        told += people.releasers(booking)
    return people.all_concerned(booking) if before == BookingStatus.CONFIRMED else told


@subscribe(BookingMoved)
def show_booking(event: BookingMoved) -> None:
    """Open pages of the organisations concerned ask again."""
    booking = bookings.visible_to(SYSTEM).get(pk=event.booking_id)
    concerned = {booking.receiving_school_id, booking.provider_id, booking.releasing_organisation_id}
    live.broadcast_all(
        "booking", [Audience(organisation=pk) for pk in sorted(concerned)], {"reference": booking.reference}
    )


@app.periodic(cron="10 6 * * *")
@app.task(name="remind_of_records", queue="notifications", retry=RETRY)
def remind_of_records(timestamp: int) -> None:
    """Every morning: tell practitioners whose session is over that its record of visit is due."""
    now = timezone.now()
    waiting = bookings.visible_to(SYSTEM).filter(
        status=BookingStatus.CONFIRMED, ends_at__lt=now, ends_at__gt=now - RECORDS_REMINDED_FOR
    )
    for booking in waiting:
        to = people.practitioner(booking) or people.provider_leads(booking)
        tell(to=to, message=messages.record_due(booking), effect=f"booking:{booking.pk}:record_due")


# Offers and documents -------------------------------------------------------------------------------------------------


@subscribe(OfferMoved)
def tell_of_offer(event: OfferMoved) -> None:
    """Tell convenors of what is to judge, the provider's leads of what was judged; nobody of what has moved on meanwhile."""
    offer = Offer.objects.select_related("provider", "current").get(pk=event.offer_id)
    told = _offer_message(offer, event.verb)
    if told is not None:
        version, to, message = told
        # An offer can be submitted and returned more than once, and each time is told.
        moves = history.of(version).count()
        tell(to=to, message=message, effect=f"offer:{offer.pk}:{event.verb}:{version.number}:{moves}")


def _offer_message(offer: Offer, verb: str) -> tuple[OfferVersion, list[Recipient], Message] | None:
    if verb in ("publish", "revise") and offer.current:
        return offer.current, people.leads_of(offer), messages.offer_published(offer, offer.current)
    version = offer.versions.last()
    if version is None:
        return None
    if verb in ("submit", "submit_revision") and version.status == VersionStatus.SUBMITTED:
        return version, people.convenors_of(offer.provider), messages.offer_to_judge(offer, version)
    if verb in ("return", "return_revision") and version.status == VersionStatus.RETURNED:
        return version, people.leads_of(offer), messages.offer_returned(offer, version)
    return None


@subscribe(DocumentIssued)
def tell_of_document(event: DocumentIssued) -> None:
    """Tell those who pay and those who are paid."""
    document = Document.objects.select_related("series", "supplier", "buyer").get(pk=event.document_id)
    to = people.payers(document) + people.paid(document)
    tell(to=to, message=messages.document_issued(document), effect=f"document:{document.pk}:issued")


# People ---------------------------------------------------------------------------------------------------------------


@subscribe(PersonInvited)
def send_invitation(event: PersonInvited) -> None:
    """Send the invitation's link, unless it was accepted or revoked meanwhile."""
    invitation = Invitation.objects.select_related("organisation", "invited_by").get(pk=event.invitation_id)
    if invitation.accepted_at is None and invitation.revoked_at is None:
        mail.send_invitation(invitation, event.token)


@subscribe(MembershipEnded)
def close_sockets(event: MembershipEnded) -> None:
    """A role has ended: the person's open pages are let in again by what is left."""
    live.close_sockets(event.user_id)


@subscribe(MembershipEnded)
def take_calendars_back(event: MembershipEnded) -> None:
    """And calendar addresses the person may have no longer stop for good."""
    actions.revoke_of_departed(user_id=event.user_id)


# Coverage -------------------------------------------------------------------------------------------------------------


@subscribe(CoverageRecomputed)
def show_coverage(event: CoverageRecomputed) -> None:
    """Open coverage pages of the area's convenors and board ask again."""
    live.broadcast(
        "coverage",
        Audience(area=event.area_id),
        {"snapshot": event.snapshot_id, "text": "Coverage has changed."},
    )


@subscribe(AdviceRefined)
def show_advice(event: AdviceRefined) -> None:
    """Open pages of advice ask again: the convenors' only, since nobody else knows of it."""
    convenors = people.convenors_in(event.area_id)
    live.broadcast_all(
        "advice",
        [Audience(user=convenor.user_id, area=event.area_id) for convenor in convenors],
        {"text": "The advice has been refined."},
    )


# Sending and tidying --------------------------------------------------------------------------------------------------


@app.task(name="send_email", queue="notifications", retry=RETRY)
def send_email(notification_id: int) -> None:
    """Send a notification by e-mail, once, if the person is still there to be told."""
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update(of=("self",))
            .select_related("user")
            .get(pk=notification_id)
        )
        audience = Audience(user=row.user_id, organisation=row.organisation_id)
        if row.emailed_at is None and row.user_id in live.hearers(audience) and _is_wanted(row):
            mail.send_notification(row)
            row.emailed_at = timezone.now()
            row.save(update_fields=["emailed_at"])


def _is_wanted(row: Notification) -> bool:
    """Whether the person still wants such e-mails at once, and still takes part in the conversation it is about."""
    kind = Kind(row.kind)
    if preferences.chosen_by([row.user_id], kind)[row.user_id] != Choice.AT_ONCE:
        return False
    if kind != Kind.MESSAGE_WAITING:
        return True
    this = Notification.objects.filter(pk=row.pk)
    return bool(preferences.still_to_tell(organisations.actor_for(row.user), this))


@app.periodic(cron="40 3 * * *")
@app.task(name="forget_frames", queue="notifications")
def forget_frames(timestamp: int) -> None:
    """Drop frames nobody can ask for any more."""
    LiveFrame.objects.filter(created_at__lt=timezone.now() - FRAMES_KEPT_FOR).delete()
