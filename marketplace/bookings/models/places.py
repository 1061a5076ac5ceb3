"""Places on courses: what a school ordered, each seat with who sits on it, and what several schools bought together."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.bookings.models.bookings import PREPAID, PaymentRoute
from marketplace.bookings.models.courses import CourseDate, CourseEvent, WaitingEntry
from marketplace.buyback.models import Entitlement, FundingStream, QuotesEvidence
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


class SplitBy(models.TextChoices):
    EQUALLY = "equally", "Equally between the schools"
    PUPILS = "pupils", "By pupils on roll"
    PLACES = "places", "By the places each school takes"
    SHARES = "shares", "By shares we state"


def group_reference() -> str:
    return new_reference("GB")


class GroupBooking(models.Model):
    """Places several schools of a trust, federation or cluster buy as one, at one price that is split between them.

    All or nothing: it is confirmed when every school has approved its share, and falls through when one does not in time.
    """

    reference = models.CharField(max_length=12, unique=True, default=group_reference, editable=False)
    event = models.ForeignKey(CourseEvent, on_delete=models.PROTECT, related_name="groups")
    lead_school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="groups_led")
    split_by = models.CharField(max_length=10, choices=SplitBy)
    price = models.JSONField()
    net_pence = models.PositiveIntegerField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.reference


class PlaceOrderStatus(models.TextChoices):
    AWAITING_APPROVAL = "awaiting_approval", "Waiting for the budget holder"
    AGREED = "agreed", "Approved, waiting for the other schools"
    CONFIRMED = "confirmed", "Confirmed"
    DELIVERED = "delivered", "Took place"
    WITHDRAWN = "withdrawn", "Withdrawn by the school"
    EXPIRED = "expired", "Not approved in time"
    FELL_THROUGH = "fell_through", "Not every school agreed"
    CANCELLED_BY_BUYER = "cancelled_by_buyer", "Cancelled by the school"
    CANCELLED_BY_PROVIDER = "cancelled_by_provider", "Cancelled by the provider"


PLACES_UNCONFIRMED = (PlaceOrderStatus.AWAITING_APPROVAL, PlaceOrderStatus.AGREED)
PLACES_LIVE = (*PLACES_UNCONFIRMED, PlaceOrderStatus.CONFIRMED)


class PlaceStatus(models.TextChoices):
    RESERVED = "reserved", "Reserved"
    BOOKED = "booked", "Booked"
    ATTENDED = "attended", "Attended"
    ABSENT = "absent", "Did not come"
    LET_GO = "let_go", "Let go"
    CANCELLED_BY_BUYER = "cancelled_by_buyer", "Cancelled by the school"
    CANCELLED_BY_PROVIDER = "cancelled_by_provider", "Cancelled by the provider"


SEATED = (PlaceStatus.RESERVED, PlaceStatus.BOOKED, PlaceStatus.ATTENDED, PlaceStatus.ABSENT)
"""States in which a place takes up a seat."""


def place_order_reference() -> str:
    return new_reference("CP")


class PlaceOrder(models.Model):
    """Places on one course for one school, ordered at once: price, tariff and route are snapshots of what was promised.

    Every place of an order costs the same: the order's price shared out over its places, to the penny.
    """

    reference = models.CharField(max_length=12, unique=True, default=place_order_reference, editable=False)
    status = models.CharField(
        max_length=24, choices=PlaceOrderStatus, default=PlaceOrderStatus.AWAITING_APPROVAL
    )
    event = models.ForeignKey(CourseEvent, on_delete=models.PROTECT, related_name="orders")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="place_orders")
    group = models.ForeignKey(GroupBooking, null=True, on_delete=models.PROTECT, related_name="shares")
    waited = models.ForeignKey(WaitingEntry, null=True, on_delete=models.PROTECT, related_name="orders")
    approve_by = models.DateTimeField()
    price = models.JSONField()
    net_pence = models.PositiveIntegerField()
    vat_pence = models.PositiveIntegerField(default=0)
    cancellation_tariff = models.JSONField(default=dict)
    route = models.CharField(max_length=12, choices=PaymentRoute)
    route_reason = models.CharField(max_length=300)
    purchase_order_number = models.CharField(max_length=40, blank=True)
    entitlement = models.ForeignKey(
        Entitlement, null=True, on_delete=models.PROTECT, related_name="place_orders"
    )
    funding_stream = models.ForeignKey(
        FundingStream, null=True, on_delete=models.PROTECT, related_name="place_orders"
    )
    quotes_evidence = models.ForeignKey(
        QuotesEvidence, null=True, on_delete=models.PROTECT, related_name="place_orders"
    )
    minute_reference = models.CharField(max_length=80, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["school", "status"], name="place_order_by_school"),
            models.Index(fields=["event", "status"], name="place_order_by_event"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="place_order_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(route="entitlement", entitlement__isnull=False)
                | (~Q(route="entitlement") & Q(entitlement__isnull=True)),
                name="places_from_a_package_name_it",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def gross_pence(self) -> int:
        """The price with VAT as it stood when it was ordered."""
        return self.net_pence + self.vat_pence

    @property
    def committed_pence(self) -> int:
        """What it takes from the school's own budget: nothing where a package or the authority pays."""
        return 0 if self.route in PREPAID or self.route == PaymentRoute.COMMISSIONED else self.gross_pence

    @property
    def is_prepaid(self) -> bool:
        """Whether it is drawn from a package."""
        return self.route in PREPAID


class Place(models.Model):
    """One seat of an order, and who sits on it; nobody yet where the name is empty. Only the school, the provider and those who lead see names."""

    order = models.ForeignKey(PlaceOrder, on_delete=models.PROTECT, related_name="places")
    event = models.ForeignKey(CourseEvent, on_delete=models.PROTECT, related_name="places")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=24, choices=PlaceStatus, default=PlaceStatus.RESERVED)
    attendee = models.CharField(max_length=150, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    net_pence = models.PositiveIntegerField()
    # What the tariff said when it was cancelled or nobody came; and why nothing is owed after all.
    charge_pence = models.PositiveIntegerField(null=True)
    keeps_place = models.BooleanField(default=False)
    charge_explanation = models.CharField(max_length=300, blank=True)
    charge_waived_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    charge_waiver_reason = models.CharField(max_length=300, blank=True)
    refilled_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="refills")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["event", "status"], name="place_by_event")]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="places_of_an_order_are_numbered"),
            models.CheckConstraint(
                condition=Q(refilled_by__isnull=True) | ~Q(refilled_by=F("id")),
                name="a_place_is_refilled_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Place {self.number} of {self.order}"

    @property
    def is_waived(self) -> bool:
        """Whether nothing is owed although the tariff charged."""
        return bool(self.charge_waiver_reason)

    @property
    def is_charged(self) -> bool:
        """Whether something is owed, or a place of a package is kept, although nobody sits there."""
        return bool(self.charge_pence or self.keeps_place) and not self.is_waived


class Attendance(models.Model):
    """Whether the person on a place came on one date of the course."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="attendances")
    date = models.ForeignKey(CourseDate, on_delete=models.PROTECT, related_name="attendances")
    came = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "date"], name="attendance_is_recorded_once_a_date")
        ]

    def __str__(self) -> str:
        return f"{self.place}: {'came' if self.came else 'did not come'}"
