"""How an organisation agrees to spend. For now: one threshold, below which whoever may order may also approve.

`ApprovalRule` belongs to an organisation; a school without one uses its trust's, then its area's, then the default in `rules`.
"""

from django.db import models

from marketplace.organisations.models import Area, Organisation


class ApprovalRule(models.Model):
    """Orders of `threshold_pence` or more, with VAT, need the approval of a budget holder other than the person ordering."""

    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="approval_rule"
    )
    area = models.OneToOneField(
        Area, null=True, blank=True, on_delete=models.CASCADE, related_name="approval_rule"
    )
    threshold_pence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=False, area__isnull=True)
                | models.Q(organisation__isnull=True, area__isnull=False),
                name="an_approval_rule_belongs_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation or self.area}: from {self.threshold_pence} pence"
