"""Where the money comes from: funding streams of an area, with budgets that can't be overdrawn."""

from django.db import models

from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area


class FundingKind(models.TextChoices):
    """Whose money it is (domain 1.8)."""

    TRADED = "traded", "Traded: the school’s own budget"
    DE_DELEGATED = "de_delegated", "De-delegated by the Schools Forum"
    DSG = "dsg", "Dedicated Schools Grant"
    COMMISSIONED = "commissioned", "Commissioned by the local authority"
    GRANT = "grant", "Grant"


def stream_reference() -> str:
    return new_reference("FS")


class FundingStream(models.Model):
    """A pot of an area for one financial year (`2026-27`). What is left of it is in the funding ledger, unit pence.

    `de_delegated` is for maintained mainstream schools only: academies, special and nursery schools are outside (domain 1.8).
    """

    reference = models.CharField(max_length=12, unique=True, default=stream_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="funding_streams")
    kind = models.CharField(max_length=12, choices=FundingKind)
    name = models.CharField(max_length=120)
    financial_year = models.CharField(max_length=7)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-financial_year", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name", "financial_year"], name="one_stream_of_a_name_per_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.financial_year}"

    @property
    def account_detail(self) -> str:
        """What tells its ledger accounts apart."""
        return f"funding:{self.pk}"
