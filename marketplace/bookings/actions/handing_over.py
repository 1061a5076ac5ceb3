"""Substitution: a school that can't use a booked session hands it to another of its trust, federation or cluster, free of charge.

The school that takes it over says how it pays, at the price as it was booked; what the other had set aside goes back whole. Where one
person may decide for both schools it is done at once, otherwise the other school is asked.
"""

from typing import Any

from django.utils import timezone

from marketplace.bookings.actions import paying
from marketplace.bookings.actions.steps import (
    BookingRef,
    lock_booking,
    lock_person_and_booking,
    needed,
)
from marketplace.bookings.actions.wishes import check_open, must_be_a_phase_of
from marketplace.bookings.errors import NoLongerPossible, NotForHandingOver
from marketplace.bookings.events import SessionHandedOver, SessionOffered
from marketplace.bookings.models import Booking, BookingStatus, HandOver, HandOverStatus
from marketplace.bookings.queries import handing_over as queries
from marketplace.bookings.queries import scopes
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import Entitlement
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.kernel.supply import ServiceKind, route_for, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations import queries as organisations
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Organisation, School


@action
def offer_session(
    *, actor: Actor, booking: BookingRef, school: School | Organisation, reason: str
) -> HandOver:
    """Offer a confirmed session to another school of the family. Until it says yes the session stays as it is."""
    row = lock_booking(actor, booking)
    _must_be_possible(row)
    if not scopes.may(actor, row, "cancel_by_buyer"):
        raise NotAllowed(
            "You can’t hand this session over.",
            remedy="This is for the headteacher, a budget holder or the person who ordered.",
        )
    if not queries.schools_to_hand_to(row).filter(pk=school.pk).exists():
        raise NotForHandingOver(
            "That school can’t take the session over.",
            remedy="Choose an open school of the same trust, federation or cluster.",
            field="school",
        )
    if row.hand_overs.filter(status=HandOverStatus.OFFERED).exists():
        raise NotNow("The session is on offer already.", remedy="Take that offer back first.")
    hand_over = HandOver.objects.create(
        booking=row,
        from_school_id=row.receiving_school_id,
        to_school_id=school.pk,
        reason=needed(reason),
        offered_by_id=actor.user_id,
    )
    history.write(row, verb="offer_session", by=actor, note=f"To {hand_over.to_school}: {hand_over.reason}")
    events.publish(SessionOffered(hand_over.pk))
    return hand_over


@action
def accept_session(
    *, actor: Actor, hand_over: HandOver, pay_by: str = "", entitlement: Entitlement | None = None
) -> Booking:
    """Take a session over and say how it is paid: as `order_booking`. Who may commit the school's money for it may accept."""
    row, asked = _locked(actor, hand_over)
    _must_be_possible(row)
    given, taker = asked.from_school, asked.to_school
    must_be_a_phase_of(taker.school, row.phase)
    check_open(taker, row.day, remote=row.mode == DeliveryMode.REMOTE)
    if row.is_prepaid:
        paying.give_back(row, row.half_days, f"{row.reference} was handed over to {taker}", actor=actor)
    changes = _new_terms(actor, row, taker)
    for name, value in changes.items():
        setattr(row, name, value)
    changes |= paying.choose(row, pay_by, entitlement)
    needed_now = scopes.requirement_of(row)
    if not buyback.may_approve_order(actor, taker, row.committed_pence, requested_by_id=None):
        raise NotAllowed(
            f"You can’t take this session over for {taker}.",
            remedy=f"It costs what needs approval by {needed_now.approver.in_full}.",
        )
    if needed_now.quotes_needed or needed_now.minute_needed:
        raise NotForHandingOver(
            f"For this price {taker} needs quotes or a minute of its own (ladder of {needed_now.source}).",
            remedy="Say no, and order the time yourself once the other school has cancelled.",
        )
    organisations.check_no_interest(
        actor,
        row.provider,
        row.releasing_organisation,
        decision="take this session over",
        remedy=f"Somebody else of {taker} who may commit its money can.",
    )
    Booking._rows.filter(pk=row.pk).update(**changes)
    _decide(asked, HandOverStatus.ACCEPTED, actor)
    if row.is_prepaid:
        paying.reserve(row, actor=actor)
    history.write(
        row, verb="hand_over", by=actor, note=f"From {given} to {taker}, free of charge: {asked.reason}"
    )
    events.publish(SessionHandedOver(asked.pk))
    return row


@action
def refuse_session(*, actor: Actor, hand_over: HandOver, reason: str = "") -> HandOver:
    """The other school can't use it either: the session stays where it is."""
    row, asked = _locked(actor, hand_over)
    _decide(asked, HandOverStatus.REFUSED, actor)
    history.write(
        row, verb="refuse_session", by=actor, note=f"{asked.to_school}: {reason.strip() or 'no reason given'}"
    )
    return asked


@action
def take_offer_back(*, actor: Actor, hand_over: HandOver) -> HandOver:
    """The school that offered keeps its session after all."""
    row = lock_booking(actor, hand_over.booking)
    if not scopes.may(actor, row, "cancel_by_buyer"):
        raise NotAllowed("You can’t take this offer back.", remedy="Ask the person who made it.")
    asked: HandOver = locked(HandOver.objects.select_related("to_school"), pk=hand_over.pk)
    _must_be_open(asked)
    _decide(asked, HandOverStatus.WITHDRAWN, actor)
    history.write(row, verb="keep_session", by=actor, note=f"No longer offered to {asked.to_school}")
    return asked


def _locked(actor: Actor, hand_over: HandOver) -> tuple[Booking, HandOver]:
    """The booking first, then the offer; who may decide for the school that is asked."""
    if not queries.hand_overs_to(actor).filter(pk=hand_over.pk).exists():
        raise NotAllowed(
            "You can’t decide this.",
            remedy="A headteacher or budget holder of the school that is asked does.",
        )
    # The booking is not theirs yet, so it is not there for them: the offer is what lets them decide.
    row = lock_person_and_booking(SYSTEM, hand_over.booking)
    asked: HandOver = locked(HandOver.objects.select_related("to_school", "from_school"), pk=hand_over.pk)
    _must_be_open(asked)
    return row, asked


def _must_be_open(hand_over: HandOver) -> None:
    if hand_over.status != HandOverStatus.OFFERED:
        raise NotNow(
            "This offer has been answered or taken back.", remedy="Open the booking to see where it stands."
        )


def _must_be_possible(booking: Booking) -> None:
    if booking.status != BookingStatus.CONFIRMED:
        raise NotForHandingOver(
            "Only a confirmed visit can be handed over.", remedy="Withdraw the order instead: that is free."
        )
    if booking.starts_at <= timezone.now():
        raise NoLongerPossible(
            f"The session was on {long_date(booking.day)}.",
            remedy="Record the visit, or that it did not take place.",
        )
    if booking.funding_stream is not None:
        raise NotForHandingOver(
            f"The authority pays for this session, from “{booking.funding_stream}”, and chose the school.",
            remedy="Ask the convenor of the area, or cancel the visit so that the money is free for another school.",
        )
    if kept := queries.why_kept(booking):
        raise NotForHandingOver(kept, remedy="Move the visit to another day, or cancel it.")
    if not queries.allows_substitution(booking):
        raise NotForHandingOver(
            "The terms of this booking do not let another school take it over.",
            remedy="See what cancelling costs, or ask the provider.",
        )


def _new_terms(actor: Actor, booking: Booking, taker: Organisation) -> dict[str, Any]:
    """Route, VAT and tariff as they are for the school that takes the session over, on its own word; the price stays.

    It is its own order, none of the dates the other school ordered as one, and the other school's words don't come with it.
    """
    buyer, supplier = legal_facts(taker), legal_facts(booking.provider)
    route = route_for(buyer, supplier)
    service = ServiceKind(booking.offer_version.support_type.service_kind)
    vat = vat_treatment(supplier, buyer, service, on=local(timezone.now()).date())
    return {
        "receiving_school": taker,
        "order": None,
        "focus": "",
        "route": route.kind.value,
        "route_reason": route.reason[:300],
        "vat_pence": vat_on(booking.net_pence, vat.basis_points),
        "entitlement": None,
        "funding_stream": None,
        "purchase_order_number": "",
        "cancellation_tariff": booking.offer_version.cancellation_tariff,
        "quotes_evidence": None,
        "minute_reference": "",
        "approved_by_id": actor.user_id,
        "approved_at": timezone.now(),
    }


def _decide(hand_over: HandOver, status: HandOverStatus, actor: Actor) -> None:
    hand_over.status, hand_over.decided_by_id, hand_over.decided_at = status, actor.user_id, timezone.now()
    hand_over.save(update_fields=["status", "decided_by", "decided_at"])
