"""Deciding on several dates as one: order, approve, refuse, withdraw, and one consent for the dates of one headteacher's people.

Each verb does to every date what the verb of its name does to one booking, in one transaction: all of them or none. The ladder looks at
the total with VAT.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from marketplace.bookings import queries
from marketplace.bookings.actions import paying
from marketplace.bookings.actions.deciding import (
    approve_row,
    consent_to_row,
    must_be_to_come,
    must_still_be_held,
    note_interest,
    refuse_approval_with_interest,
    refuse_own_approval,
)
from marketplace.bookings.actions.steps import (
    LONGEST_MINUTE_REFERENCE,
    LONGEST_NOTE,
    LONGEST_PURCHASE_ORDER_NUMBER,
    lock_people,
    move,
    must,
    needed,
    trimmed,
)
from marketplace.bookings.models import Booking, BookingOrder, BookingStatus
from marketplace.bookings.queries import scopes
from marketplace.bookings.states import BOOKING
from marketplace.buyback import queries as buyback
from marketplace.buyback.actions import check_quotes
from marketplace.buyback.models import Entitlement, QuotesEvidence
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.organisations.errors import InterestInTheWay

OrderRef = BookingOrder | str


@action
def order_together(
    *,
    actor: Actor,
    order: OrderRef,
    purchase_order_number: str = "",
    focus: str = "",
    evidence: QuotesEvidence | None = None,
    minute_reference: str = "",
    pay_by: str = "",
    entitlement: Entitlement | None = None,
) -> BookingOrder:
    """Turn the dates that are held into one order, all paid the same way; as `order_booking`."""
    whole, rows = _locked(actor, order)
    now = timezone.now()
    for row in rows:
        must_still_be_held(row, now)
        must(actor, row, "order")
    chosen = [paying.choose(row, pay_by, entitlement) for row in rows]
    _look_at_the_total(rows)
    requirement = queries.requirement_of(rows[0])
    total = sum(row.committed_pence for row in rows)
    check_quotes(whole.receiving_school, requirement, evidence, gross_pence=total, supplier=rows[0].provider)
    asked_for: dict[str, Any] = {
        "requested_by_id": actor.user_id or whole.requested_by_id,
        "purchase_order_number": trimmed(
            purchase_order_number, LONGEST_PURCHASE_ORDER_NUMBER, "purchase_order_number"
        ),
        "quotes_evidence_id": evidence.pk if evidence else None,
        "minute_reference": trimmed(minute_reference, LONGEST_MINUTE_REFERENCE, "minute_reference"),
    }
    text = trimmed(focus, LONGEST_NOTE, "focus")
    for row, way in zip(rows, chosen, strict=True):
        move(row, "order", actor=actor, focus=text or row.focus, **asked_for, **way)
    history.write(whole, verb="order", by=actor, note=_dates(rows))
    if buyback.may_approve_under(actor, whole.receiving_school_id, requirement, rows[0].requested_by_id):
        if tied := next((row for row in rows if queries.has_interest_in(actor, row)), None):
            note_interest(actor=actor, booking=tied)
        else:
            _approve(actor, whole, rows, now, note="Approved with the order")
    return whole


def approve_together(
    *, actor: Actor, order: OrderRef, note: str = "", minute_reference: str = ""
) -> BookingOrder:
    """Commit the school's money for all dates; as `approve_booking`, with the ladder's step for their total."""
    try:
        return _approved(actor, order, note=note, minute_reference=minute_reference)
    except InterestInTheWay:
        for booking in _dates_with_interest(actor, order):
            note_interest(actor=actor, booking=booking)
        raise


@action
def _approved(actor: Actor, order: OrderRef, *, note: str, minute_reference: str) -> BookingOrder:
    whole, rows = _locked(actor, order, BookingStatus.AWAITING_APPROVAL, "approve")
    now = timezone.now()
    for row in rows:
        must(actor, row, "approve")
        must_be_to_come(row, now, "approved")
    _look_at_the_total(rows)
    requirement = queries.requirement_of(rows[0])
    refuse_own_approval(actor, rows[0], requirement)
    for row in rows:
        refuse_approval_with_interest(actor, row, requirement)
    _approve(actor, whole, rows, now, note=note, minute_reference=minute_reference)
    return whole


@action
def refuse_together(*, actor: Actor, order: OrderRef, reason: str) -> BookingOrder:
    """Say no to all dates, with the reason, which the person who ordered sees."""
    whole, rows = _locked(actor, order, BookingStatus.AWAITING_APPROVAL, "refuse_approval")
    _look_at_the_total(rows)
    return _do(actor, whole, rows, "refuse_approval", needed(reason))


@action
def withdraw_together(*, actor: Actor, order: OrderRef, reason: str = "") -> BookingOrder:
    """The school takes all dates back that are not confirmed yet, free of charge."""
    whole, rows = _locked(actor, order)
    open_rows = [row for row in rows if "withdraw" in BOOKING.verbs_from(row.status)]
    if not open_rows:
        BOOKING.target(rows[0].status, "withdraw")  # says where it stands
    return _do(actor, whole, open_rows, "withdraw", trimmed(reason, LONGEST_NOTE, "reason"))


@action
def consent_together(
    *, actor: Actor, order: OrderRef, note: str = "", beyond_agreed: bool = False
) -> list[Booking]:
    """The releasing headteacher lets their people go on all dates that wait for it; as `consent_to_release`. Other heads' dates wait on."""
    whole, rows = _released_by(actor, order, "consent")
    now = timezone.now()
    for row in rows:
        consent_to_row(actor, row, now, note=note, beyond_agreed=beyond_agreed)
    history.write(whole, verb="consent", by=actor, note=_dates(rows))
    return rows


@action
def refuse_release_together(*, actor: Actor, order: OrderRef, reason: str) -> list[Booking]:
    """The releasing organisation keeps its people on all dates that wait for it, with the reason."""
    whole, rows = _released_by(actor, order, "refuse_release")
    why = needed(reason)
    for row in rows:
        must(actor, row, "refuse_release")
        move(row, "refuse_release", actor=actor, note=why, cancellation_reason=why)
    history.write(whole, verb="refuse_release", by=actor, note=f"{_dates(rows)}\n{why}")
    return rows


# Steps --------------------------------------------------------------------------------------------------------------


def _locked(
    actor: Actor, order: OrderRef, status: str = "", verb: str = ""
) -> tuple[BookingOrder, list[Booking]]:
    """The order and its dates (those in a state, where one is named), with their people's rows and their own locked in order."""
    reference = order if isinstance(order, str) else order.reference
    mine = scopes.visible_to(actor).filter(order__reference=reference)
    people = set(mine.values_list("practitioner", flat=True))
    if not people:
        raise NotFound
    lock_people(people)
    rows = list(mine.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    whole = rows[0].order
    assert whole is not None
    found = [row for row in rows if not status or row.status == status]
    if not found:
        BOOKING.target(rows[0].status, verb)
        raise NotNow("These dates were decided on already.", remedy="Open the order to see where it stands.")
    return whole, found


def _dates_with_interest(actor: Actor, order: OrderRef) -> list[Booking]:
    """The dates that wait for approval and pay somebody the person has declared an interest in."""
    reference = order if isinstance(order, str) else order.reference
    waiting = scopes.visible_to(actor).filter(
        order__reference=reference, status=BookingStatus.AWAITING_APPROVAL
    )
    return [row for row in waiting if queries.has_interest_in(actor, row)]


def _released_by(actor: Actor, order: OrderRef, verb: str) -> tuple[BookingOrder, list[Booking]]:
    whole, rows = _locked(actor, order, BookingStatus.AWAITING_RELEASE, verb)
    own = [row for row in rows if scopes.may(actor, row, verb)]
    if not own:
        must(actor, rows[0], verb)
    return whole, own


def _look_at_the_total(rows: list[Booking]) -> None:
    """What the ladder is asked about: all dates that are decided on, as they are paid."""
    queries.with_ladders(rows)
    total = sum(row.committed_pence for row in rows)
    for row in rows:
        row.order_pence = total  # type: ignore[attr-defined]


def _approve(
    actor: Actor,
    whole: BookingOrder,
    rows: list[Booking],
    now: datetime,
    *,
    note: str,
    minute_reference: str = "",
) -> None:
    for row in rows:
        approve_row(actor, row, now, note=note, minute_reference=minute_reference)
    history.write(whole, verb="approve", by=actor, note="\n".join(filter(None, [note.strip(), _dates(rows)])))


def _do(actor: Actor, whole: BookingOrder, rows: list[Booking], verb: str, reason: str) -> BookingOrder:
    also = {"cancellation_reason": reason} if verb == "withdraw" else {}
    for row in rows:
        must(actor, row, verb)
        move(row, verb, actor=actor, note=reason, **also)
    history.write(whole, verb=verb, by=actor, note="\n".join(filter(None, [_dates(rows), reason])))
    return whole


def _dates(rows: list[Booking]) -> str:
    return ", ".join(long_date(row.day) for row in rows)
