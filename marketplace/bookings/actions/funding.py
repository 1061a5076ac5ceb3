"""What becomes of the funding stream that pays for a booking: it follows the booking's state, in the same transaction.

Committed when the order is approved, spent when it is delivered, released when it is cancelled, less what the tariff charges. Amounts
are pence before VAT.
"""

from collections.abc import Callable

from marketplace.bookings.models import PROMISED, Booking, BookingMove, BookingStatus
from marketplace.buyback import actions as buyback
from marketplace.kernel.access import Actor

COMMITTED = (BookingStatus.AWAITING_RELEASE, BookingStatus.CONFIRMED)


def follow(booking: Booking, before: str, *, actor: Actor) -> None:
    """Move the stream's money as the booking's move asks. Raises `BudgetExceeded` on an approval the stream can't bear."""
    if booking.funding_stream is None:
        return
    if before == BookingStatus.AWAITING_APPROVAL and booking.status in COMMITTED:
        commit(booking, actor=actor)
    elif booking.status == BookingStatus.DELIVERED:
        _settle(booking, booking.net_pence, "Delivered", actor=actor)
    elif before in COMMITTED and booking.status not in PROMISED:
        _settle(booking, booking.cancellation_charge_pence or 0, "Charge", actor=actor)


def commit(booking: Booking, *, actor: Actor) -> None:
    """Set the price aside."""
    _move(buyback.commit_funding, booking, booking.net_pence, "commit", "Approved", actor=actor)


def funding_effect(booking: Booking, *, move: int | None = None) -> str:
    """How the effects of what a stream does for a booking begin, or for what one of its moves cost."""
    return f"booking:{booking.pk}:funding:" + (f"move:{move}:" if move else "")


def charge_for_move(booking: Booking, move: BookingMove, *, actor: Actor) -> None:
    """Spend what a late move of an approved visit costs, beside what is committed for it. Raises `BudgetExceeded`."""
    if booking.funding_stream is None or not move.charge_pence:
        return
    _move(
        buyback.commit_funding,
        booking,
        move.charge_pence,
        f"move:{move.pk}:commit",
        "Moved late",
        actor=actor,
    )
    _move(
        buyback.spend_funding, booking, move.charge_pence, f"move:{move.pk}:spend", "Moved late", actor=actor
    )


def undo_charge_for_move(booking: Booking, move: BookingMove, *, actor: Actor) -> None:
    """What a late move cost is not owed after all: give it back to the stream."""
    _give_back(booking, funding_effect(booking, move=move.pk), actor=actor)


def undo_charge(booking: Booking, *, actor: Actor) -> None:
    """The charge is not owed after all (waived, or the time was taken by another school): give it back to the stream."""
    _give_back(booking, funding_effect(booking), actor=actor)


def _give_back(booking: Booking, prefix: str, *, actor: Actor) -> None:
    if booking.funding_stream is not None:
        buyback.refund_beyond(
            actor=actor,
            stream=booking.funding_stream,
            prefix=prefix,
            owed=0,
            effect="waived",
            reason=f"Charge no longer owed: {booking.reference}, {booking.receiving_school}",
        )


def _settle(booking: Booking, owed: int, why: str, *, actor: Actor) -> None:
    """Spend what is owed of what was committed, and release the rest. A flat charge beyond the price is not the stream's."""
    spent = min(owed, booking.net_pence)
    _move(buyback.spend_funding, booking, spent, "spend", why, actor=actor)
    _move(buyback.release_funding, booking, booking.net_pence - spent, "release", "Not needed", actor=actor)


def _move(
    verb: Callable[..., object], booking: Booking, pence: int, step: str, why: str, *, actor: Actor
) -> None:
    if pence:
        verb(
            actor=actor,
            stream=booking.funding_stream,
            pence=pence,
            effect=f"{funding_effect(booking)}{step}",
            reason=f"{why}: {booking.reference}, {booking.receiving_school}",
        )
