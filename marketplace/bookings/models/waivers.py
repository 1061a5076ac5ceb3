"""A school asks the provider to let the charge of a cancelled visit go, or that of a late move."""

from django.db import models
from django.db.models import Q

from marketplace.bookings.models.bookings import Booking
from marketplace.bookings.models.shapes import BookingMove
from marketplace.organisations.models import User


class WaiverStatus(models.TextChoices):
    WAITING = "waiting", "Waiting for the provider"
    GRANTED = "granted", "Waived"
    REFUSED = "refused", "Not waived"


class WaiverRequest(models.Model):
    """Asked once for a booking, with the reason; a lead of the provider decides. Waived without being asked, it is granted."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="waiver_request")
    status = models.CharField(max_length=10, choices=WaiverStatus, default=WaiverStatus.WAITING)
    reason = models.TextField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | ~Q(status="waiting") & Q(decided_at__isnull=False),
                name="a_waiver_request_is_decided_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.get_status_display()}"


class MoveWaiver(models.Model):
    """The charge of one move, asked to be let go and decided, as a `WaiverRequest` is for a cancellation. The move itself never changes."""

    move = models.OneToOneField(BookingMove, on_delete=models.PROTECT, related_name="waiver")
    status = models.CharField(max_length=10, choices=WaiverStatus, default=WaiverStatus.WAITING)
    reason = models.TextField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | ~Q(status="waiting") & Q(decided_at__isnull=False),
                name="a_move_waiver_is_decided_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.move}: {self.get_status_display()}"
