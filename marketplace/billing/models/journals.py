"""Journals for the ledger of a local authority: which papers went over in which run, each once."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.billing.models.documents import Document
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, User


class CostCentre(models.Model):
    """The cost centre of an organisation in the ledger of its local authority. Where none is given its URN or reference stands in."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="cost_centre")
    code = models.CharField(max_length=20)

    class Meta:
        ordering = ["organisation__name"]

    def __str__(self) -> str:
        return self.code


def run_reference() -> str:
    return new_reference("JR")


class JournalRun(models.Model):
    """What was sent to an authority's ledger for a month: count of papers, and what was debited and credited. Never changed.

    `sha256` is that of its CSV file, which is written anew, and the same, each time it is fetched.
    """

    reference = models.CharField(max_length=12, unique=True, default=run_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="journal_runs")
    number = models.PositiveIntegerField()
    period_from = models.DateField()
    period_to = models.DateField()
    count = models.PositiveIntegerField()
    debit_pence = models.BigIntegerField()
    credit_pence = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "number"], name="journal_runs_are_numbered"),
            models.CheckConstraint(condition=Q(debit_pence=F("credit_pence")), name="journal_run_balances"),
        ]

    def __str__(self) -> str:
        return f"{self.area} run {self.number}"


class JournalEntry(models.Model):
    """A paper in a run, with the cost centres as they were. A paper is exported once. Never changed."""

    run = models.ForeignKey(JournalRun, on_delete=models.PROTECT, related_name="entries")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="journal_entry")
    position = models.PositiveIntegerField()
    buyer_centre = models.CharField(max_length=20)
    supplier_centre = models.CharField(max_length=20)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "journal entries"

    def __str__(self) -> str:
        return f"{self.run}: {self.document}"
