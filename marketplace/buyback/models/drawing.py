"""Beside the ledgers: requests to carry unused days forward, and for what kind of support credits moved."""

from django.db import models
from django.db.models import Q

from marketplace.buyback.models.agreements import Entitlement
from marketplace.catalogue.models import SupportType
from marketplace.kernel.models import Transfer
from marketplace.organisations.models import User


class CarryStatus(models.TextChoices):
    WAITING = "waiting", "Waiting for the seller"
    APPROVED = "approved", "Carried forward"
    REFUSED = "refused", "Refused"


class CarryRequest(models.Model):
    """A school asks the seller to carry unused days into the next contract year, where the package leaves that to the seller.

    `quantity` is in the entitlement's unit.
    """

    entitlement = models.OneToOneField(Entitlement, on_delete=models.CASCADE, related_name="carry_request")
    status = models.CharField(max_length=10, choices=CarryStatus, default=CarryStatus.WAITING)
    quantity = models.PositiveIntegerField()
    reason = models.TextField()
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_carry_request_is_for_something"),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | ~Q(status="waiting") & Q(decided_at__isnull=False),
                name="a_carry_request_is_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.entitlement}"


class CreditMovement(models.Model):
    """For what kind of support credits moved: it decides their money equivalent. Written with the transfer, never changed."""

    transfer = models.OneToOneField(
        Transfer, primary_key=True, on_delete=models.PROTECT, related_name="credit_movement"
    )
    support_type = models.ForeignKey(SupportType, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.transfer}, {self.support_type}"
