"""Money held for a booking: it pays the booking's documents as they are issued, and what is not needed goes back."""

from django.utils import timezone

from marketplace.billing.actions.cards.refunding import begin_refund
from marketplace.billing.actions.cards.starting import give_up
from marketplace.billing.actions.receipts import record_receipt
from marketplace.billing.models import (
    OPEN_CARD_PAYMENT,
    CardPayment,
    CardPaymentStatus,
    Document,
    DocumentKind,
    ReceiptMethod,
)
from marketplace.billing.postings import Purpose
from marketplace.billing.queries.cards import held_detail, held_pence
from marketplace.billing.queries.receipts import outstanding
from marketplace.bookings.models import USED, Booking, BookingStatus
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.kernel.db import action

ENDED_WITHOUT_A_VISIT = frozenset(
    {
        BookingStatus.DECLINED,
        BookingStatus.WITHDRAWN,
        BookingStatus.EXPIRED,
        BookingStatus.CANCELLED_BY_BUYER,
        BookingStatus.CANCELLED_BY_PROVIDER,
        BookingStatus.CANCELLED_BY_RELEASING_SCHOOL,
        BookingStatus.CANCELLED_BY_CLOSURE,
        BookingStatus.NO_SHOW_PROVIDER,
        BookingStatus.NO_SHOW_BUYER,
    }
)


@action
def settle_booking(*, booking_id: int) -> None:
    """Pay what was issued for a booking out of the money held for it; once nothing more can come, give the rest back.

    May be asked for whenever something about the booking, its documents or its payment has moved; does only what is due, once. Money of
    a school that handed its session over pays nothing of the other school's: it goes back. While the card's holder objects at their bank
    nothing goes back: the bank may take it.
    """
    booking = Booking.objects.scoped().get(pk=booking_id)
    payments = CardPayment.objects.select_for_update(no_key=True).filter(
        booking=booking, status=CardPaymentStatus.PAID
    )
    for payment in payments.order_by("pk"):
        own = booking.documents.filter(kind=DocumentKind.INVOICE, buyer=payment.payer_id)
        for document in own.order_by("pk"):
            _pay(payment, document)
        rest = held_pence(payment)
        is_due = _is_handed_over(booking, payment) or _nothing_more_comes(booking)
        if rest and is_due and not payment.disputed_at:
            begin_refund(
                actor=SYSTEM,
                payment=payment,
                pence=rest,
                reason=_why(booking, payment),
                effect=f"booking:{booking.pk}:rest:{payment.pk}",
            )


@action
def hand_over(*, booking_id: int) -> None:
    """A session went to another school: what the first school paid goes back, and what it was about to pay is given up."""
    booking = Booking.objects.scoped().get(pk=booking_id)
    begun = CardPayment.objects.filter(booking=booking, status__in=OPEN_CARD_PAYMENT, intent_id__isnull=False)
    for payment in begun.exclude(payer=booking.receiving_school_id).order_by("pk"):
        give_up(actor=SYSTEM, payment=payment)
    settle_booking(booking_id=booking_id)


def _is_handed_over(booking: Booking, payment: CardPayment) -> bool:
    return payment.payer_id != booking.receiving_school_id


def _pay(payment: CardPayment, document: Document) -> None:
    pence = min(held_pence(payment), outstanding(document))
    if pence <= 0:
        return
    record_receipt(
        actor=SYSTEM,
        payee=payment.payee,
        payer=payment.payer,
        pence=pence,
        method=ReceiptMethod.CARD,
        received_on=local(timezone.now()).date(),
        reference=payment.reference,
        allocations=[(document, pence)],
        source=(Purpose.HELD, held_detail(payment)),
        effect=f"card:{payment.pk}:document:{document.pk}",
    )


def _nothing_more_comes(booking: Booking) -> bool:
    """Whether every document the booking calls for has been issued."""
    issued = set(booking.documents.values_list("effect", flat=True))
    if booking.status in ENDED_WITHOUT_A_VISIT:
        is_charged = bool(booking.cancellation_charge_pence) and not (
            booking.charge_waived_by_id or booking.refilled_by_id
        )
        return not is_charged or f"booking:{booking.pk}:cancelled" in issued
    return booking.status in USED and f"booking:{booking.pk}:delivered" in issued


def _why(booking: Booking, payment: CardPayment) -> str:
    if _is_handed_over(booking, payment):
        return f"{booking.reference}: handed over to {booking.receiving_school}"
    if booking.status in ENDED_WITHOUT_A_VISIT:
        return f"{booking.reference}: {booking.get_status_display()}"
    return f"{booking.reference}: more was paid than the invoice asks for"
