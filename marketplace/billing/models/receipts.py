"""Money that came in: bank statements and their lines, receipts, and what each receipt was used for.

A receipt never changes. What becomes of its money is told by `Allocation` rows, which only ever are added: so much to a document, so
much on account of a buyer, so much paid back. A row below zero takes back an earlier one. What no row speaks of is not yet matched.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.billing.models.documents import Document
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


def statement_reference() -> str:
    return new_reference("BST")


def receipt_reference() -> str:
    return new_reference("RCP")


class StatementStatus(models.TextChoices):
    PREVIEWED = "previewed", "Read, not taken in yet"
    APPLIED = "applied", "Taken in"
    DISCARDED = "discarded", "Set aside"


class BankStatement(models.Model):
    """A bank statement as uploaded: read into `preview` first, taken in (`applied`) when a person says so.

    `preview` keeps the lines that would be added and the refusals, each with its line number; `known` counts lines already taken in from
    another statement, `money_out` those that are no receipts.
    """

    reference = models.CharField(max_length=12, unique=True, default=statement_reference, editable=False)
    payee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bank_statements")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    layout = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=StatementStatus, default=StatementStatus.PREVIEWED)
    preview = models.JSONField(default=dict)
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    money_out = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    total_pence = models.BigIntegerField(default=0)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payee", "sha256"],
                condition=~Q(status="discarded"),
                name="a_bank_statement_is_taken_in_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.file_name}"


class BankLine(models.Model):
    """Money in, as one line of a bank statement says it. Never changed.

    `fingerprint` tells the line apart from every other of the same payee: a line that also stands in an overlapping statement is the
    same line.
    """

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    payee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    line = models.PositiveIntegerField()
    received_on = models.DateField()
    pence = models.BigIntegerField()
    payer_name = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=300, blank=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payee", "fingerprint"], name="a_bank_line_is_taken_in_once"),
            models.CheckConstraint(condition=Q(pence__gt=0), name="bank_line_is_money_in"),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.pence} {self.text}"


class ReceiptMethod(models.TextChoices):
    BACS = "bacs", "Bank transfer"
    CARD = "card", "Card"
    JOURNAL = "journal", "Journal transfer"
    CHEQUE = "cheque", "Cheque"


class Receipt(models.Model):
    """Money received: never changed. `payer` is who paid where that was known at once; its allocations tell the rest."""

    reference = models.CharField(max_length=12, unique=True, default=receipt_reference, editable=False)
    payee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="receipts")
    payer = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="payments_made")
    method = models.CharField(max_length=8, choices=ReceiptMethod)
    pence = models.BigIntegerField()
    received_on = models.DateField()
    # What the payer wrote: the reference to match on.
    payer_reference = models.CharField(max_length=300, blank=True)
    bank_line = models.OneToOneField(BankLine, null=True, on_delete=models.PROTECT, related_name="receipt")
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    # One receipt per business effect (`card:17`, `bank_line:4`), however often the job runs.
    effect = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="receipt_is_more_than_nothing")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def payer_words(self) -> str:
        """Who paid, as far as it was known when the money came in; may be empty."""
        if self.payer:
            return self.payer.name
        return self.bank_line.payer_name if self.bank_line else ""


class AllocationKind(models.TextChoices):
    DOCUMENT = "document", "To a document"
    ON_ACCOUNT = "on_account", "On account"
    REFUND = "refund", "Paid back"


class Allocation(models.Model):
    """What became of so much of a receipt: never changed, taken back by a row below zero.

    `buyer` is whose debt it pays or on whose account it lies; null only for money paid back that never was matched. `reverses` names
    the row that is taken back whole.
    """

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="allocations")
    kind = models.CharField(max_length=10, choices=AllocationKind)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="allocations")
    buyer = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    pence = models.BigIntegerField()
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    reason = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    effect = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(pence=0), name="allocation_is_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(kind="document", document__isnull=False)
                | (~Q(kind="document") & Q(document__isnull=True)),
                name="allocation_names_its_document",
            ),
            models.CheckConstraint(
                condition=Q(kind="refund") | Q(buyer__isnull=False), name="allocation_names_its_buyer"
            ),
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="allocation_takes_back_another"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt}: {self.pence} {self.kind}"
