"""What a broker owes the organisations that release people: statements, self-billing agreements and claims for cover."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.billing.models.documents import Document
from marketplace.bookings.models import Booking, PlaceOrder
from marketplace.kernel.models import Transfer
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


def self_billing_reference() -> str:
    return new_reference("SBA")


class SelfBillingAgreement(models.Model):
    """A supplier's consent that a broker writes its invoices to the broker for it: for up to twelve months, signed by a named person."""

    reference = models.CharField(max_length=12, unique=True, default=self_billing_reference, editable=False)
    broker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="self_billing_as_broker")
    supplier = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="self_billing_as_supplier"
    )
    signed_name = models.CharField(max_length=150)
    signed_capacity = models.CharField(max_length=120)
    signed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(auto_now_add=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="self_billing_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__lt=F("starts_on") + timedelta(days=366)),
                name="self_billing_is_for_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=~Q(broker=F("supplier")), name="self_billing_is_between_two_organisations"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier} to {self.broker}"

    def holds_on(self, day: date) -> bool:
        """Whether it allows self-billing on a day."""
        last = min(self.ends_on, self.ended_on or self.ends_on)
        return self.starts_on <= day <= last


def settlement_reference() -> str:
    return new_reference("SST")


class SettlementStatus(models.TextChoices):
    AWAITING_INVOICE = "awaiting_invoice", "Waiting for the releasing organisation’s invoice"
    TO_PAY = "to_pay", "To be paid"
    TO_JOURNAL = "to_journal", "Goes into the next journal run"
    PAID = "paid", "Paid"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SettlementStatement(models.Model):
    """What a broker owes one releasing organisation for a period, made up of movements of its payable account.

    `document` is the self-billing invoice (or journal) issued with it; without one, `invoice_number` is that of the releasing
    organisation's own invoice, with its VAT. While `disputed_at` is set nothing is paid.
    """

    reference = models.CharField(max_length=12, unique=True, default=settlement_reference, editable=False)
    status = models.CharField(max_length=20, choices=SettlementStatus)
    broker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="settlements_made")
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="settlements_received")
    period_from = models.DateField()
    period_to = models.DateField()
    net_pence = models.BigIntegerField()
    vat_pence = models.BigIntegerField(default=0)
    document = models.OneToOneField(Document, null=True, on_delete=models.PROTECT, related_name="settlement")
    invoice_number = models.CharField(max_length=40, blank=True)
    invoice_dated = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    payment_reference = models.CharField(max_length=80, blank=True)
    disputed_at = models.DateTimeField(null=True)
    dispute_reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(net_pence__gt=0), name="settlement_is_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="settlement_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def gross_pence(self) -> int:
        """What is paid: net and VAT."""
        return self.net_pence + self.vat_pence


class StatementLine(models.Model):
    """One movement of the payable account on a statement: on one statement only, unless that was withdrawn.

    Amounts in pence before VAT. `net_pence` is the releasing organisation's (below zero where something was credited), `buyer_pence` and
    `fee_pence` what the buyer's price and the broker's part of it were (of a course
    led by people of several organisations: of what fell to this one's), `backfill_pence` the cover claimed out of the share, under
    `backfill_code`.
    """

    statement = models.ForeignKey(SettlementStatement, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="+")
    is_live = models.BooleanField(default=True)
    booking = models.ForeignKey(Booking, null=True, on_delete=models.PROTECT, related_name="+")
    place_order = models.ForeignKey(PlaceOrder, null=True, on_delete=models.PROTECT, related_name="+")
    source_document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    description = models.CharField(max_length=300)
    on = models.DateField()
    net_pence = models.BigIntegerField()
    buyer_pence = models.BigIntegerField(default=0)
    fee_pence = models.BigIntegerField(default=0)
    backfill_pence = models.PositiveIntegerField(default=0)
    backfill_code = models.CharField(max_length=6, blank=True)

    class Meta:
        ordering = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["transfer"], condition=Q(is_live=True), name="a_payable_is_settled_once"
            ),
            models.UniqueConstraint(fields=["statement", "position"], name="statement_lines_are_numbered"),
        ]

    def __str__(self) -> str:
        return self.description


def claim_reference() -> str:
    return new_reference("BFC")


class CoverKind(models.TextChoices):
    """How a releasing school covered the lessons: it decides the code of Consistent Financial Reporting."""

    SUPPLY = "supply", "Supply teacher on the school’s payroll"
    AGENCY = "agency", "Supply teacher of an agency"


class ClaimStatus(models.TextChoices):
    CLAIMED = "claimed", "Waiting for the broker"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class BackfillClaim(models.Model):
    """What a releasing school paid for cover while its person worked elsewhere, inside its share of the booking's price. Net pence."""

    reference = models.CharField(max_length=12, unique=True, default=claim_reference, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="backfill_claims")
    status = models.CharField(max_length=10, choices=ClaimStatus, default=ClaimStatus.CLAIMED)
    cover = models.CharField(max_length=8, choices=CoverKind)
    cfr_code = models.CharField(max_length=6)
    pence = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    claimed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(status__in=["claimed", "accepted"]),
                name="one_backfill_claim_per_booking",
            ),
            models.CheckConstraint(condition=Q(pence__gt=0), name="backfill_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return self.reference
