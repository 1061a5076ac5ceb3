"""What a seller recorded as used by hand: places on courses and peer reviews, which no booking draws."""

from django.db import models
from django.db.models import Q

from marketplace.buyback.models.agreements import Entitlement
from marketplace.organisations.models import User


class RecordedUse(models.Model):
    """So many places (or reviews) of an entitlement were used on a day, for `what`: the title of the course, the review.

    `quantity` is in the entitlement's unit. Recorded by mistake, it is taken back with the reason; the row stays.
    """

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="recorded_uses")
    quantity = models.PositiveIntegerField()
    used_on = models.DateField()
    what = models.CharField(max_length=150)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    taken_back_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_reason = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-used_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_recorded_use_is_of_something"),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_reason="")
                | Q(taken_back_at__isnull=False) & ~Q(taken_back_reason=""),
                name="a_recorded_use_is_taken_back_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.entitlement}: {self.what}"
