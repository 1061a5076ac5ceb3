"""Who hears of declared interests: the others who can decide instead, and once a year whoever declared them.

`tasks.py` imports this, so that its subscribers and job are there for the worker.
"""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.bookings import queries as bookings
from marketplace.bookings.events import ApprovalBarred
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries.interests import paid_for
from marketplace.buyback import queries as buyback
from marketplace.buyback.events import AgreementApprovalBarred
from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.events import subscribe
from marketplace.notifications import agreement_messages, messages
from marketplace.notifications.actions import tell
from marketplace.notifications.people import holders, without_interest
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations import queries as organisations
from marketplace.organisations import rules as organisation_rules
from marketplace.organisations.events import InterestDeclared
from marketplace.organisations.models import InterestDeclaration, User


@subscribe(ApprovalBarred)
def tell_the_other_approvers(event: ApprovalBarred) -> None:
    """An order waits for somebody without an interest: all of them hear of it."""
    booking = bookings.visible_to(SYSTEM).select_related("requested_by").get(pk=event.booking_id)
    if booking.status == BookingStatus.AWAITING_APPROVAL:
        _tell_of_booking(booking, event.user_id)


@subscribe(AgreementApprovalBarred)
def tell_the_other_approvers_of_agreement(event: AgreementApprovalBarred) -> None:
    """The same for an agreement."""
    agreement = (
        buyback.agreements_visible_to(SYSTEM).select_related("requested_by").get(pk=event.agreement_id)
    )
    if agreement.status == AgreementStatus.AWAITING_APPROVAL:
        _tell_of_agreement(agreement, event.user_id)


@subscribe(InterestDeclared)
def tell_of_orders_that_wait(event: InterestDeclared) -> None:
    """What waits for the person who declared an interest waits for the others from now on: they are told."""
    declared = InterestDeclaration.objects.scoped().select_related("user").get(pk=event.declaration_id)
    actor = organisations.actor_for(declared.user)
    own = actor.organisations(*buyback.ALL_APPROVERS)
    tied = organisations.organisations_of_interest(declared.user_id)
    waiting = bookings.visible_to(SYSTEM).filter(
        Q(provider__in=tied) | Q(releasing_organisation__in=tied),
        status=BookingStatus.AWAITING_APPROVAL,
        receiving_school__in=own,
    )
    for booking in waiting.select_related("requested_by"):
        _tell_of_booking(booking, declared.user_id)
    agreements = buyback.agreements_visible_to(SYSTEM).filter(
        status=AgreementStatus.AWAITING_APPROVAL, buyer__in=own, seller__in=tied
    )
    for agreement in agreements.select_related("requested_by"):
        _tell_of_agreement(agreement, declared.user_id)


@app.periodic(cron="30 6 * * *")
@app.task(name="remind_of_interests", queue="notifications")
def remind_of_interests(timestamp: int) -> None:
    """Every morning: people who have not said for a year whether what they declared, or that they have nothing to declare, is still so."""
    today = local(timezone.now()).date()
    since = today - timedelta(days=organisation_rules.INTEREST_CONFIRMED_FOR_DAYS)
    oldest: dict[int, InterestDeclaration] = {}
    for row in organisations.standing_since_before(since):
        oldest.setdefault(row.user_id, row)
    for user_id, row in oldest.items():
        said = local(row.confirmed_at).date()
        message = Message(
            Kind.INTERESTS_TO_CONFIRM,
            "Are the interests you declared still so?",
            f"You last said so on {long_date(said)}. Look through your list, end what is over and add what is new.",
            reverse("interests:own"),
        )
        tell(to=[Recipient(user_id)], message=message, effect=f"interests:{user_id}:{said.isoformat()}")
    for person in organisations.nil_returns_since_before(since):
        said = local(person.said_at).date()  # type: ignore[attr-defined]
        message = Message(
            Kind.INTERESTS_TO_CONFIRM,
            "Do you still have nothing to declare?",
            f"You last said so on {long_date(said)}. Say so again, or declare what is new.",
            reverse("interests:own"),
        )
        tell(to=[Recipient(person.pk)], message=message, effect=f"nothing:{person.pk}:{said.isoformat()}")


def _tell_of_booking(booking: Booking, barred: int) -> None:
    roles = buyback.APPROVER_ROLES[bookings.requirement_of(booking).approver]
    to = without_interest(holders(booking.receiving_school_id, roles), paid_for(booking))
    _tell(to, barred, messages.approval_wanted(booking), f"booking:{booking.pk}:interest:{barred}")


def _tell_of_agreement(agreement: ServiceAgreement, barred: int) -> None:
    roles = buyback.APPROVER_ROLES[buyback.requirement_of(agreement).approver]
    holding = holders(agreement.buyer_id, roles)
    tied = organisations.people_with_interest([each.user_id for each in holding], [agreement.seller_id])
    to = [each for each in holding if each.user_id not in tied]
    message = agreement_messages.approval_wanted(agreement)
    _tell(to, barred, message, f"agreement:{agreement.pk}:interest:{barred}")


def _tell(to: list[Recipient], barred: int, asked: Message, effect: str) -> None:
    who = User.objects.get(pk=barred)
    body = f"{who} has declared an interest in those who are paid and can’t approve it: it waits for you.\n\n{asked.body}"
    others = [each for each in to if each.user_id != barred]
    tell(to=others, message=Message(asked.kind, asked.title, body, asked.path), effect=effect)
