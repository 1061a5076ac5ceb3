"""Payments by card: what is paid, every call to the card network, every event from it, refunds and payouts.

A `CardPayment` pays one document or one booking. Each request that could move money is a `GatewayCall` whose key and exact parameters are
committed **before** it is sent: a process that dies leaves a row that says what was about to happen, and the same request with the same key
is sent again. What the network tells us lands in `GatewayEvent`, once for each event; what follows from it is noted in `AppliedEffect`, once
for each object and effect, because one payment may be told of under two events (I8).

A `Refund` is a saga of `RefundLeg`s: money already passed on is fetched back first, then given back. While a leg is open nothing is paid
out (I12). `CardPayment.refunded_pence` and `paid_out_pence` are promised amounts: they rise when a refund or payout is asked for, under the
payment's row lock, and the database refuses that more leaves than came in (I13).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.billing.models.documents import Document
from marketplace.bookings.models import Booking
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


class CardPaymentStatus(models.TextChoices):
    STARTED = "started", "Being set up with the card network"
    AWAITING_CARD = "awaiting_card", "Waiting for the card"
    DECLINED = "card_declined", "Declined: another card may be tried"
    AWAITING_BANK = "awaiting_bank", "Waiting for the bank’s check"
    PROCESSING = "processing", "With the bank"
    PAID = "paid", "Paid"
    CANCELLED = "cancelled", "Given up: nothing was taken"
    MISMATCHED = "mismatched", "Amount differs: somebody has to look"
    CLOSED = "closed", "Amount differed: dealt with outside the exchange"


OPEN_CARD_PAYMENT = (
    CardPaymentStatus.STARTED,
    CardPaymentStatus.AWAITING_CARD,
    CardPaymentStatus.DECLINED,
    CardPaymentStatus.AWAITING_BANK,
    CardPaymentStatus.PROCESSING,
)
"""Neither paid nor given up: the card network is asked about it until it is."""


def card_payment_reference() -> str:
    return new_reference("CP")


class CardPayment(models.Model):
    """One payment of a document or a booking; amounts in pence, in pounds sterling."""

    reference = models.CharField(max_length=12, unique=True, default=card_payment_reference, editable=False)
    status = models.CharField(max_length=14, choices=CardPaymentStatus, default=CardPaymentStatus.STARTED)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="card_payments")
    booking = models.ForeignKey(Booking, null=True, on_delete=models.PROTECT, related_name="card_payments")
    payee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="card_payments_received")
    payer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="card_payments_made")
    pence = models.BigIntegerField()
    # The network's own name of it, known once the first call was answered.
    intent_id = models.CharField(max_length=80, null=True, unique=True)
    # The charge that succeeded: what a payout names as its source.
    charge_id = models.CharField(max_length=80, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    # What the bank said last, in its words.
    last_refusal = models.CharField(max_length=300, blank=True)
    fee_pence = models.BigIntegerField(default=0)
    refunded_pence = models.BigIntegerField(default=0)
    paid_out_pence = models.BigIntegerField(default=0)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    # The card’s holder objected at their bank: nothing is passed on until that is settled.
    disputed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "started_at"], name="card_payment_by_status")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, booking__isnull=True)
                | Q(document__isnull=True, booking__isnull=False),
                name="card_payment_is_for_one_thing",
            ),
            models.CheckConstraint(condition=Q(pence__gt=0), name="card_payment_is_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(refunded_pence__gte=0, refunded_pence__lte=F("pence")),
                name="card_refunds_stay_within_the_payment",
            ),
            models.CheckConstraint(
                condition=Q(paid_out_pence=0)
                | Q(
                    paid_out_pence__gt=0,
                    paid_out_pence__lte=F("pence") - F("refunded_pence") - F("fee_pence"),
                ),
                name="card_payouts_stay_within_what_is_left",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(status__in=OPEN_CARD_PAYMENT),
                name="one_open_card_payment_per_document",
            ),
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(status__in=OPEN_CARD_PAYMENT),
                name="one_open_card_payment_per_booking",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid_at__isnull=False, intent_id__isnull=False),
                name="card_payment_paid_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def subject(self) -> str:
        """What it pays, by its number or reference."""
        return str(self.document) if self.document else self.booking.reference if self.booking else ""

    @property
    def is_open(self) -> bool:
        """Neither paid nor given up."""
        return self.status in OPEN_CARD_PAYMENT

    @property
    def left_pence(self) -> int:
        """What of the payment has not been given back."""
        return self.pence - self.refunded_pence


class CallAction(models.TextChoices):
    START = "start", "Set up a payment"
    CANCEL = "cancel", "Give a payment up"
    REFUND = "refund", "Give money back"
    PAY_OUT = "pay_out", "Pass money on"
    REVERSE = "reverse", "Fetch passed-on money back"


class CallStatus(models.TextChoices):
    PENDING = "pending", "Sent or to be sent"
    DONE = "done", "Carried out"
    REFUSED = "refused", "Refused"


class GatewayCall(models.Model):
    """One request that could move money. `key` and `params` never change; the same key is sent until the outcome is known."""

    key = models.CharField(max_length=120, unique=True)
    action = models.CharField(max_length=8, choices=CallAction)
    subject_id = models.BigIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    params = models.JSONField()
    status = models.CharField(max_length=8, choices=CallStatus, default=CallStatus.PENDING)
    object_id = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    first_sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(status="pending"), name="gateway_calls_pending")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["action", "subject_id", "attempt"], name="one_gateway_call_per_attempt"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", finished_at__isnull=True)
                | (~Q(status="pending") & Q(finished_at__isnull=False)),
                name="gateway_call_finished_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class GatewayEvent(models.Model):
    """The inbox: what the network told us, by webhook or when asked. It says which object to look at, never what is true of it."""

    provider = models.CharField(max_length=20, default="stripe")
    event_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80, blank=True)
    metadata = models.JSONField(default=dict)
    account_id = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField()
    source = models.CharField(
        max_length=10, choices=[("webhook", "Sent to us"), ("reconcile", "Found when asked")]
    )
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True)
    is_ours = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["happened_at"], name="gateway_events_by_time"),
            models.Index(fields=["id"], condition=Q(handled_at__isnull=True), name="gateway_events_waiting"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="a_gateway_event_is_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class AppliedEffect(models.Model):
    """What followed from an object of the network, once: append-only."""

    object_id = models.CharField(max_length=80)
    effect = models.CharField(max_length=40)
    applied_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["object_id", "effect"], name="an_effect_of_an_object_is_applied_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_id} {self.effect}"


class RefundStatus(models.TextChoices):
    OPEN = "open", "On its way"
    DONE = "done", "Given back"
    STUCK = "stuck", "Refused: somebody has to look"


def refund_reference() -> str:
    return new_reference("RF")


class Refund(models.Model):
    """Money of a card payment given back. `credit_note` is the paper it stands on where a document had been issued."""

    reference = models.CharField(max_length=12, unique=True, default=refund_reference, editable=False)
    payment = models.ForeignKey(CardPayment, on_delete=models.PROTECT, related_name="refunds")
    status = models.CharField(max_length=8, choices=RefundStatus, default=RefundStatus.OPEN)
    pence = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    credit_note = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="card_refunds"
    )
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    # One refund per business effect (`booking:17:ended`), however often the job runs.
    effect = models.CharField(max_length=80, unique=True)
    # The bank of the card took the money back itself: nothing is given back, only what was passed on is fetched.
    is_objection = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="card_refund_is_more_than_nothing"),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(done_at__isnull=False), name="card_refund_done_says_when"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PayoutStatus(models.TextChoices):
    ASKED = "asked", "On its way"
    DONE = "done", "Passed on"
    REFUSED = "refused", "Refused: somebody has to look"


def payout_reference() -> str:
    return new_reference("PO")


class Payout(models.Model):
    """Money of a card payment passed on to its payee's own account with the network, after delivery."""

    reference = models.CharField(max_length=12, unique=True, default=payout_reference, editable=False)
    payment = models.ForeignKey(CardPayment, on_delete=models.PROTECT, related_name="payouts")
    status = models.CharField(max_length=8, choices=PayoutStatus, default=PayoutStatus.ASKED)
    pence = models.BigIntegerField()
    reversed_pence = models.BigIntegerField(default=0)
    account_id = models.CharField(max_length=80)
    transfer_id = models.CharField(max_length=80, blank=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="card_payout_is_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(reversed_pence__gte=0, reversed_pence__lte=F("pence")),
                name="card_payout_is_reversed_within_itself",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=~Q(status="refused"), name="one_payout_per_card_payment"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class LegStatus(models.TextChoices):
    WAITING = "waiting", "Waiting for the leg before it"
    SENT = "sent", "On its way"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class RefundLeg(models.Model):
    """One step of a refund, in order of `position`: `reverse:<payout>` fetches money back, `refund` gives it to the payer."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="legs")
    position = models.PositiveSmallIntegerField()
    leg = models.CharField(max_length=40)
    payout = models.ForeignKey(Payout, null=True, on_delete=models.PROTECT, related_name="legs")
    pence = models.BigIntegerField()
    status = models.CharField(max_length=8, choices=LegStatus, default=LegStatus.WAITING)
    attempt = models.PositiveSmallIntegerField(default=1)
    object_id = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["refund", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refund", "leg"], name="a_refund_has_each_leg_once"),
            models.CheckConstraint(condition=Q(pence__gt=0), name="refund_leg_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.refund}: {self.leg}"


class ConnectedAccount(models.Model):
    """A payee's own account with the network, to which money is passed on. Only where `STRIPE_CONNECT` is on."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="connected_account"
    )
    account_id = models.CharField(max_length=80, unique=True)
    takes_payouts = models.BooleanField(default=False)
    wants = models.JSONField(default=list)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.account_id


class NetworkBalance(models.Model):
    """What the network and the ledger each said lies with the network, once a day: append-only."""

    day = models.DateField(unique=True)
    network_pence = models.BigIntegerField()
    ledger_pence = models.BigIntegerField()
    compared_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.network_pence} and {self.ledger_pence}"

    @property
    def difference_pence(self) -> int:
        """Above zero: the network has more than the ledger knows of."""
        return self.network_pence - self.ledger_pence
