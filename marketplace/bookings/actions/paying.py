"""How a session is paid; those that take no money are drawn from a package's days, or paid in credits of the bank of days.

What a school chose when it ordered decides the route. From then on the ledger follows the booking's state, in the same transaction:
an order reserves, delivery uses (or lets the releasing school earn), every other end gives back all but what the tariff keeps.
"""

from typing import Any

from marketplace.bookings.errors import NotPayableSo
from marketplace.bookings.models import Booking, BookingMove, BookingStatus, HandOverStatus, PaymentRoute
from marketplace.bookings.queries.paying import takes_card, takes_credits, wish_of
from marketplace.buyback import actions as buyback
from marketplace.buyback.models import Entitlement
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import NotNow

ENDED = frozenset(
    {
        BookingStatus.WITHDRAWN,
        BookingStatus.DECLINED,
        BookingStatus.EXPIRED,
        BookingStatus.CANCELLED_BY_BUYER,
        BookingStatus.CANCELLED_BY_PROVIDER,
        BookingStatus.CANCELLED_BY_RELEASING_SCHOOL,
        BookingStatus.CANCELLED_BY_CLOSURE,
        BookingStatus.NO_SHOW_BUYER,
        BookingStatus.NO_SHOW_PROVIDER,
    }
)


def _effect(booking: Booking) -> str:
    """What a booking's movements are for: each school that has the session in turn reserves, uses and gets back for itself."""
    last = booking.hand_overs.filter(status=HandOverStatus.ACCEPTED).order_by("-pk").first()
    return f"booking:{booking.pk}:hand_over:{last.pk}" if last else f"booking:{booking.pk}"


def choose(booking: Booking, pay_by: str, entitlement: Entitlement | None) -> dict[str, Any]:
    """The fields of the way to pay, set on the booking and returned to be written with its move.

    `pay_by` is empty for the route that follows from who the parties are, or a value of `PaymentRoute`. What is drawn from a package
    is cancelled by the tariff the agreement was ordered with. Raises `NotPayableSo`.
    """
    if pay_by in ("", PaymentRoute.JOURNAL, PaymentRoute.INVOICE):
        return {}
    if booking.funding_stream_id is not None:
        raise NotPayableSo(
            "The local authority pays for this visit.",
            remedy="Order it without another way to pay.",
            field="pay_by",
        )
    if pay_by == PaymentRoute.ENTITLEMENT and entitlement is not None:
        chosen: dict[str, Any] = {
            "route": PaymentRoute.ENTITLEMENT,
            "route_reason": f"{format_days(booking.half_days)} of {entitlement.line.description}"
            f" ({entitlement.agreement.reference}): nothing to pay."[:300],
            "entitlement": entitlement,
            "cancellation_tariff": entitlement.line.cancellation_tariff or booking.cancellation_tariff,
        }
    elif pay_by == PaymentRoute.CARD and takes_card(booking):
        chosen = {
            "route": PaymentRoute.CARD,
            "route_reason": "The school chose to pay by card. The money is held until the visit has taken place.",
        }
    elif pay_by == PaymentRoute.EXCHANGE:
        if not takes_credits(booking):
            raise NotPayableSo(
                f"{booking.practitioner} is not released by a school, and only schools earn credits.",
                remedy="Choose another way to pay.",
                field="pay_by",
            )
        chosen = {
            "route": PaymentRoute.EXCHANGE,
            "route_reason": f"{booking.half_days} credits of the bank of days, which"
            f" {booking.releasing_organisation} earns when the visit has taken place."[:300],
        }
    else:
        raise NotPayableSo(
            "A booking can’t be paid that way.", remedy="Choose one of the ways shown.", field="pay_by"
        )
    for name, value in chosen.items():
        setattr(booking, name, value)
    return chosen


def follow(booking: Booking, *, actor: Actor) -> None:
    """Move half-days or credits as the booking's new state asks. Raises `NothingLeft` or `NotEnoughCredits` on an order."""
    if not booking.is_prepaid:
        return
    if booking.status == BookingStatus.AWAITING_APPROVAL:
        reserve(booking, actor=actor)
    elif booking.status == BookingStatus.DELIVERED:
        _keep(booking, booking.half_days, f"{_about(booking)} took place", actor=actor)
    elif booking.status in ENDED:
        kept = booking.cancellation_charge_half_days or 0
        why = booking.cancellation_explanation or booking.get_status_display()
        _keep(booking, kept, f"{_about(booking)}: {why}", actor=actor)
        give_back(booking, booking.half_days - kept, f"{_about(booking)}: {why}", actor=actor)


def reserve(booking: Booking, *, actor: Actor) -> None:
    """Set aside what the session takes."""
    if booking.route == PaymentRoute.ENTITLEMENT:
        assert booking.entitlement is not None
        buyback.reserve(
            actor=actor,
            entitlement=booking.entitlement,
            wish=wish_of(booking),
            quantity=booking.half_days,
            effect=_effect(booking),
            reason=_about(booking),
        )
    else:
        buyback.reserve_credits(
            actor=actor,
            school_id=booking.receiving_school_id,
            quantity=booking.half_days,
            effect=_effect(booking),
            reason=_about(booking),
            support_type=booking.offer_version.support_type,
        )


def give_back(booking: Booking, half_days: int, reason: str, *, actor: Actor) -> None:
    """Make reserved half-days or credits the school's to spend again."""
    if booking.entitlement is not None:
        buyback.release(
            actor=actor,
            entitlement=booking.entitlement,
            quantity=half_days,
            effect=_effect(booking),
            reason=reason,
        )
    else:
        buyback.release_credits(
            actor=actor,
            school_id=booking.receiving_school_id,
            quantity=half_days,
            effect=_effect(booking),
            reason=reason,
            support_type=booking.offer_version.support_type,
        )


def charge_for_move(booking: Booking, move: BookingMove, *, actor: Actor) -> None:
    """Take the half-days or credits a late move costs, on top of what the visit takes. Raises `NothingLeft` or `NotEnoughCredits`."""
    if not move.charge_half_days:
        return
    effect, reason = f"booking:{booking.pk}:move:{move.pk}", f"{_about(booking)}: {move.explanation}"
    quantity, kind = move.charge_half_days, booking.offer_version.support_type
    if booking.entitlement is not None:
        common: dict[str, Any] = {
            "actor": actor,
            "entitlement": booking.entitlement,
            "quantity": quantity,
            "effect": effect,
        }
        buyback.reserve(wish=wish_of(booking), reason=reason, **common)
        buyback.use(reason=reason, **common)
    else:
        school: dict[str, Any] = {
            "actor": actor,
            "school_id": booking.receiving_school_id,
            "quantity": quantity,
        }
        buyback.reserve_credits(effect=effect, reason=reason, support_type=kind, **school)
        buyback.earn_credits(
            releasing_id=booking.releasing_organisation_id,
            effect=effect,
            reason=reason,
            support_type=kind,
            **school,
        )


def undo_charge_for_move(booking: Booking, move: BookingMove, reason: str, *, actor: Actor) -> None:
    """Return the half-days or credits a late move cost. Raises `NotEnoughCredits` where they are spent.

    Once the visit is another school's nobody knows any more whose they were, and they stay: raises `NotNow`.
    """
    if not move.charge_half_days:
        return
    if booking.hand_overs.filter(status=HandOverStatus.ACCEPTED, decided_at__gt=move.moved_at).exists():
        raise NotNow(
            "Another school has taken the visit over since.",
            remedy="Agree on the charge with the first school.",
        )
    common: dict[str, Any] = {
        "actor": actor,
        "quantity": move.charge_half_days,
        "effect": f"booking:{booking.pk}:move:{move.pk}",
        "reason": f"{_about(booking)}: {reason}",
    }
    if booking.entitlement is not None:
        buyback.give_back(entitlement=booking.entitlement, **common)
    else:
        buyback.return_credits(
            school_id=booking.receiving_school_id,
            releasing_id=booking.releasing_organisation_id,
            support_type=booking.offer_version.support_type,
            **common,
        )


def undo_charge(booking: Booking, reason: str, *, actor: Actor) -> None:
    """Return the half-days or credits a tariff kept: the charge was waived. Raises `NotEnoughCredits` where they are spent."""
    kept = booking.cancellation_charge_half_days or 0
    if not kept:
        return
    if booking.entitlement is not None:
        buyback.give_back(
            actor=actor,
            entitlement=booking.entitlement,
            quantity=kept,
            effect=_effect(booking),
            reason=f"{_about(booking)}: {reason}",
        )
    else:
        buyback.return_credits(
            actor=actor,
            school_id=booking.receiving_school_id,
            releasing_id=booking.releasing_organisation_id,
            quantity=kept,
            effect=_effect(booking),
            reason=f"{_about(booking)}: {reason}",
            support_type=booking.offer_version.support_type,
        )


def _keep(booking: Booking, half_days: int, reason: str, *, actor: Actor) -> None:
    if booking.entitlement is not None:
        buyback.use(
            actor=actor,
            entitlement=booking.entitlement,
            quantity=half_days,
            effect=_effect(booking),
            reason=reason,
        )
    else:
        buyback.earn_credits(
            actor=actor,
            school_id=booking.receiving_school_id,
            releasing_id=booking.releasing_organisation_id,
            quantity=half_days,
            effect=_effect(booking),
            reason=reason,
            support_type=booking.offer_version.support_type,
        )


def _about(booking: Booking) -> str:
    return f"{booking.reference}, {booking.practitioner}, {long_date(booking.day)}"
