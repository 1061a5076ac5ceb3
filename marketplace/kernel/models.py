"""Tables every capability stands on.

* `HistoryEntry` – one line per change of any record: who, when, from which state to which, why. Append-only.
* `AuditEntry` – reads and refusals on protected records, and sign-ins. Append-only.
* `Account` and `Transfer` – the double-entry engine. A ledger (money, entitlement, exchange credits, budgets) is a set of accounts; a
  transfer is **one row** that takes an amount from one account and gives it to another in the unit of both, so every ledger sums to
  zero by construction. The balance on the account is a cache kept under the account's row lock, and the database refuses to let it
  fall below zero where the account says so. Append-only: a mistake is put right by a transfer the other way.
* `IdempotencyKey` – the answer given to a request, so that the same request again gets the same answer.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class HistoryEntry(models.Model):
    """One line in the history of a record."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "history entries"
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="history_by_subject")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.before} → {self.after} by {self.by_name}"


class AuditEntry(models.Model):
    """A read of, or a refusal on, a protected record."""

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    what = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    allowed = models.BooleanField()
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.by_name} {'read' if self.allowed else 'was refused'} {self.what}"


class Ledger(models.TextChoices):
    MONEY = "money", "Money"
    ENTITLEMENT = "entitlement", "Entitlement"
    EXCHANGE = "exchange", "Bank of days"
    FUNDING = "funding", "Funding streams"


class Account(models.Model):
    """A place where an amount of one unit lies: pence, half-days, places or credits.

    `owner_id` is the organisation it belongs to (no foreign key: the kernel knows no organisations), `purpose` what it is for
    (`receivable`, `fee_income` …) and `detail` tells accounts of one purpose apart (an agreement line, a year). `balance` is
    what came in minus what went out.
    """

    ledger = models.CharField(max_length=12, choices=Ledger)
    owner_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=40)
    detail = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=12)
    balance = models.BigIntegerField(default=0)
    may_go_negative = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "owner_id", "purpose", "detail", "unit"],
                nulls_distinct=False,
                name="one_account_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(may_go_negative=True) | Q(balance__gte=0), name="account_balance_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger}/{self.purpose}/{self.owner_id or 'exchange'} {self.detail}".strip()


class Transfer(models.Model):
    """One movement: `amount` leaves `source` and arrives in `target`. `effect` makes a movement happen at most once."""

    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="out")
    target = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="into")
    amount = models.BigIntegerField()
    unit = models.CharField(max_length=12)
    reason = models.CharField(max_length=200)
    effect = models.CharField(max_length=120, unique=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_is_positive"),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="transfer_moves_between_two_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}: {self.reason}"


class IdempotencyKey(models.Model):
    """The stored answer to a request that carried an Idempotency-Key."""

    organisation_id = models.BigIntegerField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "user", "key"],
                nulls_distinct=False,
                name="one_answer_per_idempotency_key",
            )
        ]

    def __str__(self) -> str:
        return self.key
