"""Getting paid: how a supplier wants its money, reminders, disputes and write-offs."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from marketplace.billing.models.documents import Document
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


def write_off_reference() -> str:
    return new_reference("WOF")


class ReminderLevel(models.TextChoices):
    FIRST = "first", "First reminder"
    SECOND = "second", "Second reminder"
    FINAL = "final", "Final reminder"


_DAYS = [MinValueValidator(1), MaxValueValidator(365)]


class ReminderPolicy(models.Model):
    """After how many days overdue a supplier reminds, and whether reminders leave by themselves or wait for a person."""

    supplier = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="reminder_policy")
    first_days = models.PositiveSmallIntegerField(default=7, validators=_DAYS)
    second_days = models.PositiveSmallIntegerField(default=21, validators=_DAYS)
    final_days = models.PositiveSmallIntegerField(default=35, validators=_DAYS)
    sends_itself = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "reminder policies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first_days__lt=F("second_days"), second_days__lt=F("final_days")),
                name="reminders_come_one_after_the_other",
            )
        ]

    def __str__(self) -> str:
        return f"Reminders of {self.supplier}"


class BankDetails(models.Model):
    """Where a supplier wants bank transfers to go, as its documents and statements of account say."""

    supplier = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="bank_details")
    account_name = models.CharField(max_length=80)
    sort_code = models.CharField(max_length=8)
    account_number = models.CharField(max_length=8)
    remittance_email = models.EmailField(blank=True)

    class Meta:
        verbose_name_plural = "bank details"

    def __str__(self) -> str:
        return f"{self.account_name} {self.sort_code} {self.account_number}"


class Reminder(models.Model):
    """A reminder that was sent: each level once for a document. Never changed."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="reminders")
    level = models.CharField(max_length=8, choices=ReminderLevel)
    outstanding_pence = models.BigIntegerField()
    days_overdue = models.PositiveIntegerField()
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "level"], name="a_reminder_level_is_sent_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} for {self.document_id}"


class DisputeStatus(models.TextChoices):
    OPEN = "open", "Open"
    SETTLED = "settled", "Settled"


class Dispute(models.Model):
    """A buyer's objection to a document. While it is open no reminder is sent."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="disputes")
    status = models.CharField(max_length=8, choices=DisputeStatus, default=DisputeStatus.OPEN)
    reason = models.TextField(max_length=1000)
    raised_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(status="open"), name="one_open_dispute_per_document"
            )
        ]

    def __str__(self) -> str:
        return f"Dispute of {self.document_id}"


class WriteOffStatus(models.TextChoices):
    REQUESTED = "requested", "Waiting for approval"
    APPROVED = "approved", "Written off"
    REFUSED = "refused", "Refused"
    UNDONE = "undone", "Undone"


class WriteOff(models.Model):
    """A debt given up: asked for by one person, approved by another; undone if the money comes in after all."""

    reference = models.CharField(max_length=12, unique=True, default=write_off_reference, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="write_offs")
    pence = models.BigIntegerField()
    reason = models.TextField(max_length=1000)
    status = models.CharField(max_length=10, choices=WriteOffStatus, default=WriteOffStatus.REQUESTED)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pence__gt=0), name="write_off_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(status="requested"),
                name="one_write_off_of_a_document_waits",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | ~Q(decided_by=F("requested_by"))
                | Q(requested_by__isnull=True),
                name="write_off_is_approved_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class NightlyCheck(models.Model):
    """What the nightly replay of every ledger found: rules with their sentences, none when all agreed."""

    ran_at = models.DateTimeField(auto_now_add=True)
    rules = models.PositiveIntegerField()
    findings = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.ran_at}: {len(self.findings)} findings"
