"""What of an agreement is billed when: an instalment for each financial year that a contract year touches."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.billing.models.documents import Document
from marketplace.buyback.models import AgreementYear, ServiceAgreement
from marketplace.kernel.dates import Period


class Instalment(models.Model):
    """The part of a contract year's price that belongs to one financial year, billed on `issue_on`.

    `pence` maps the id of an agreement line (as text) to its net price in the instalment; `late_charge_pence` is charged once, with
    the first. An instalment waits (`document` empty), is billed, or was cancelled because the agreement ended before. What went
    wrong when it was last tried is in `error`.
    """

    agreement = models.ForeignKey(ServiceAgreement, on_delete=models.PROTECT, related_name="instalments")
    year = models.ForeignKey(AgreementYear, on_delete=models.PROTECT, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    financial_year = models.CharField(max_length=7)
    starts_on = models.DateField()
    ends_on = models.DateField()
    pence = models.JSONField()
    late_charge_pence = models.PositiveIntegerField(default=0)
    issue_on = models.DateField()
    document = models.OneToOneField(Document, null=True, on_delete=models.PROTECT, related_name="instalment")
    error = models.CharField(max_length=500, blank=True)
    failed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["issue_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["year", "position"], name="instalments_are_numbered"),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="instalment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=True) | Q(cancelled_at__isnull=True),
                name="instalment_is_billed_or_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}, instalment {self.position}"

    @property
    def period(self) -> Period:
        """First and last day of the service it pays for."""
        return Period(self.starts_on, self.ends_on)

    @property
    def net_pence(self) -> int:
        """What it comes to before VAT, the late charge included."""
        return sum(self.pence.values()) + self.late_charge_pence
