"""The bank of days: what a credit is worth, for VAT and for the settlement at the year's end.

One credit is one half-day of a practitioner's time. Balances are in the exchange ledger (`kernel.transfers`, unit `credits`), an
account per organisation.
"""

from django.db import models

from marketplace.catalogue.models import SupportType
from marketplace.organisations.models import Area, Organisation


class CreditValue(models.Model):
    """What a credit is worth in pence from a day on, for a support type, or for all that have no value of their own."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="credit_values")
    support_type = models.ForeignKey(
        SupportType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pence = models.PositiveIntegerField()
    from_day = models.DateField()

    class Meta:
        ordering = ["-from_day"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "support_type", "from_day"],
                nulls_distinct=False,
                name="one_credit_value_per_type_and_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.support_type or 'Any support'}: {self.pence} pence a credit from {self.from_day}"


class ExchangeStatement(models.Model):
    """The settlement statement of one organisation for one academic year (`2026/27`), as it was made. Never changed."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="exchange_statements"
    )
    year = models.CharField(max_length=7)
    content = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="one_exchange_statement_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.year}"
