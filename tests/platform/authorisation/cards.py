"""What card payments add to the world: one to be paid, one declined, one paid and held, and a refund the network refused."""

from typing import Any

from django.utils import timezone

from marketplace.billing.models import CardPayment, Refund, RefundLeg
from marketplace.billing.postings import Entry, Purpose, book
from marketplace.kernel.access import SYSTEM


def lay_out(world: Any) -> None:
    """Payments of bookings of the buying school to the provider, at four stages."""
    world.card_to_pay = _payment(world, 70, status="awaiting_card")
    world.card_declined = _payment(world, 77, status="card_declined")
    world.card_paid = _paid(world, 84)
    world.card_disputed = _paid(world, 98, disputed_at=timezone.now())
    world.card_mismatched = _payment(world, 105, status="mismatched")
    refunded = _paid(world, 91, refunded_pence=100)
    world.stuck_refund = Refund.objects.create(
        payment=refunded, pence=100, status="stuck", reason="Half", effect="refund:world"
    )
    RefundLeg.objects.create(
        refund=world.stuck_refund, position=1, leg="refund", pence=100, status="refused", error="Too old"
    )


def _payment(world: Any, days: int, **fields: Any) -> CardPayment:
    booking = world._booking("confirmed", days)
    return CardPayment.objects.create(
        booking=booking,
        payee=booking.provider,
        payer=booking.receiving_school,
        pence=booking.gross_pence,
        intent_id=f"pi_{booking.reference}",
        **fields,
    )


def _paid(world: Any, days: int, **fields: Any) -> CardPayment:
    payment = _payment(world, days, status="paid", paid_at=timezone.now(), **fields)
    held = Entry(
        (Purpose.CARD_CLEARING, ""), (Purpose.HELD, f"card:{payment.pk}"), 10_000, "held", f"w:{payment.pk}"
    )
    book(actor=SYSTEM, owner_id=payment.payee_id, entries=[held], on=timezone.localdate())
    return payment


VALUES: dict[str, Any] = {
    "cards reference": lambda w: w.card_to_pay.reference,
    "cardpayment reference": lambda w: w.card_to_pay.reference,
    "cards:pay_document reference": lambda w: w.debt.reference,
    "cards:pay_booking reference": lambda w: w.confirmed.reference,
    "cards:another_card reference": lambda w: w.card_declined.reference,
    "cards:refund reference": lambda w: w.card_paid.reference,
    "cards:close reference": lambda w: w.card_mismatched.reference,
    "cards:objection reference": lambda w: w.card_disputed.reference,
    "cards:pay_out reference": lambda w: w.card_paid.reference,
    "cards:refund_again reference": lambda w: w.stuck_refund.reference,
    "cards:refund_by_bank reference": lambda w: w.stuck_refund.reference,
    "cards:open_account reference": lambda w: w.scene.provider.reference,
}
BODIES: dict[str, Any] = {
    "cards:simulated": lambda w: {"outcome": "accept"},
    "cards:refund": lambda w: {"amount": "50"},
    "cards:close": lambda w: {"note": "22 November"},
    "cards:objection": lambda w: {"outcome": "won", "note": "22 November"},
}
