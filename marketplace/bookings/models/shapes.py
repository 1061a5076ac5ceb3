"""What groups, moves and calls off bookings: orders of several dates, moves to another time, days on which schools are closed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.catalogue.models import OfferVersion
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, User


def order_reference() -> str:
    return new_reference("BO")


class BookingOrder(models.Model):
    """Several dates of one offer, held, ordered, approved and withdrawn as one.

    It has no status: each of its `bookings` has its own, and from the release on each goes its own way.
    """

    reference = models.CharField(max_length=12, unique=True, default=order_reference, editable=False)
    offer_version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="+")
    receiving_school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reference


class BookingMove(models.Model):
    """A booking was moved to another time: from when to when, who asked and why, and what its tariff charged. Never changed."""

    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="moves")
    from_day = models.DateField()
    from_session = models.CharField(max_length=10)
    from_starts_at = models.DateTimeField()
    to_day = models.DateField()
    to_session = models.CharField(max_length=10)
    to_starts_at = models.DateTimeField()
    reason = models.TextField()
    # Pence before VAT, and half-days of a package or credits, on top of what the visit itself takes.
    charge_pence = models.PositiveIntegerField(default=0)
    charge_half_days = models.PositiveSmallIntegerField(default=0)
    explanation = models.CharField(max_length=300, blank=True)
    moved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(from_starts_at=F("to_starts_at")) | ~Q(from_session=F("to_session")),
                name="a_move_goes_to_another_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.from_day} to {self.to_day}"

    @property
    def is_charged(self) -> bool:
        """Whether the tariff charged for it, in money, half-days or credits."""
        return bool(self.charge_pence or self.charge_half_days)


class SchoolClosure(models.Model):
    """A day on which one school, or every school of an area, is closed without warning: snow, flood, no heating.

    It says nothing of the people who support schools: they can be booked elsewhere, or from afar.
    """

    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.CASCADE, related_name="closures")
    school = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="closures"
    )
    day = models.DateField()
    reason = models.CharField(max_length=120)
    declared_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-id"]
        indexes = [models.Index(fields=["day"], name="closure_by_day")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(area__isnull=False, school__isnull=True)
                | Q(area__isnull=True, school__isnull=False),
                name="a_closure_is_of_one",
            ),
            models.UniqueConstraint(
                fields=["area", "day"], condition=Q(area__isnull=False), name="an_area_closes_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["school", "day"], condition=Q(school__isnull=False), name="a_school_closes_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area or self.school}, {self.day}: {self.reason}"
