"""The word of the budget holder on an order of places, and taking an order back."""

from datetime import datetime

from django.utils import timezone

from marketplace.bookings.actions.courses.grouping import confirm_when_all_agree, end_group
from marketplace.bookings.actions.courses.ordering import approve
from marketplace.bookings.actions.courses.steps import OrderRef, let_go, lock_order
from marketplace.bookings.actions.steps import LONGEST_NOTE, needed, trimmed
from marketplace.bookings.course_errors import CourseClosed
from marketplace.bookings.course_states import PLACE_ORDER
from marketplace.bookings.errors import NotYourDecision
from marketplace.bookings.models import PlaceOrder
from marketplace.bookings.queries.courses import scopes
from marketplace.buyback import queries as buyback
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import deadline_words
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations


@action
def approve_places(
    *, actor: Actor, order: OrderRef, note: str = "", minute_reference: str = ""
) -> PlaceOrder:
    """Commit the school’s money. Above the ladder’s first step nobody approves what they ordered themselves (I8).

    A share of a group booking is confirmed with the last school’s approval. Raises `CourseClosed` when it comes too late, or the
    provider is suspended.
    """
    row = lock_order(actor, order)
    _must_decide(actor, row)
    target = PLACE_ORDER.target(row.status, "approve")
    assert target
    now = timezone.now()
    if now >= row.approve_by:
        raise CourseClosed(
            f"The places were kept until {deadline_words(row.approve_by)} and are free for others again.",
            remedy="Book them once more.",
        )
    if suspended := scopes.why_suspended(row.event):
        raise CourseClosed(suspended, remedy="Wait until the suspension is lifted, or say no to the order.")
    requirement = scopes.requirement_of(row)
    if buyback.is_own_order(actor, requirement, row.requested_by_id):
        raise NotYourDecision(
            f"You ordered this yourself, and orders of {pounds(requirement.from_pence)} or more (VAT included) need a second"
            f" person (ladder of {requirement.source}).",
            remedy=f"It has to be approved by {requirement.approver.in_full}.",
        )
    if scopes.has_interest_in(actor, row):
        raise organisations.interest_in_the_way(
            row.event.provider,
            decision="approve this order",
            remedy=f"Somebody else has to: it can be approved by {requirement.approver.in_full}.",
        )
    approve(row, actor=actor, now=now, note=note, minute_reference=minute_reference)
    if row.group is not None:
        confirm_when_all_agree(row.group, row.event)
        row.refresh_from_db()
    return row


@action
def refuse_places(*, actor: Actor, order: OrderRef, reason: str) -> PlaceOrder:
    """Say no to an order, with the reason, which the person who ordered sees. A group booking then falls through."""
    row = lock_order(actor, order)
    _must_decide(actor, row)
    _end(row, "refuse_approval", actor=actor, note=needed(reason), now=timezone.now())
    return row


@action
def withdraw_places(*, actor: Actor, order: OrderRef, reason: str = "") -> PlaceOrder:
    """Take an order back before it is confirmed, free of charge. A group booking then falls through."""
    row = lock_order(actor, order)
    actor.must_hold(*SCHOOL_BUYERS, at=row.school_id, to="withdraw this order")
    _end(row, "withdraw", actor=actor, note=trimmed(reason, LONGEST_NOTE, "reason"), now=timezone.now())
    return row


def _end(order: PlaceOrder, verb: str, *, actor: Actor, note: str, now: datetime) -> None:
    let_go(order, verb, actor=actor, note=note, now=now)
    if order.group is not None:
        end_group(order.group, order.event, because=f"{order.school} does not take part.", now=now)


def _must_decide(actor: Actor, order: PlaceOrder) -> None:
    if not scopes.may_decide(actor, order):
        raise NotAllowed(
            "You can’t decide about this order.",
            remedy="This is for those whose approval the school’s ladder asks for.",
        )
