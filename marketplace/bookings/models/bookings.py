"""A booking: one person, one session, for one school, with what was promised."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from marketplace.bookings.models.shapes import BookingOrder
from marketplace.bookings.rules import length_words
from marketplace.buyback.models import Entitlement, FundingStream, QuotesEvidence
from marketplace.catalogue.models import DeliveryMode, OfferVersion, Practitioner, Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, Phase, User


class BookingStatus(models.TextChoices):
    HELD = "held", "Held while you decide"
    AWAITING_APPROVAL = "awaiting_approval", "Waiting for the budget holder"
    AWAITING_RELEASE = "awaiting_release", "Waiting for the releasing headteacher"
    CONFIRMED = "confirmed", "Confirmed"
    DELIVERED = "delivered", "Delivered"
    EVALUATED = "evaluated", "Evaluated"
    COMPLETED = "completed", "Completed without evaluation"
    DECLINED = "declined", "Declined by the provider"
    WITHDRAWN = "withdrawn", "Withdrawn by the school"
    EXPIRED = "expired", "Expired"
    CANCELLED_BY_BUYER = "cancelled_by_buyer", "Cancelled by the school"
    CANCELLED_BY_PROVIDER = "cancelled_by_provider", "Cancelled by the provider"
    CANCELLED_BY_RELEASING_SCHOOL = "cancelled_by_releasing_school", "Cancelled by the releasing school"
    CANCELLED_BY_CLOSURE = "cancelled_by_closure", "Cancelled: the school was closed"
    NO_SHOW_BUYER = "no_show_buyer", "The school was not ready"
    NO_SHOW_PROVIDER = "no_show_provider", "The practitioner did not come"


OCCUPYING = (
    BookingStatus.HELD,
    BookingStatus.AWAITING_APPROVAL,
    BookingStatus.AWAITING_RELEASE,
    BookingStatus.CONFIRMED,
    BookingStatus.DELIVERED,
    BookingStatus.EVALUATED,
    BookingStatus.COMPLETED,
)
"""States in which a booking takes up the person's time: no two such bookings of one person overlap (I1)."""

UNCONFIRMED = (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE)
"""Ordered, and waiting for somebody's word."""

PROMISED = (*UNCONFIRMED, BookingStatus.CONFIRMED)
"""Ordered and still to come: what of a person's year is promised."""

USED = (
    BookingStatus.DELIVERED,
    BookingStatus.EVALUATED,
    BookingStatus.COMPLETED,
    BookingStatus.NO_SHOW_BUYER,
)
"""The person gave the time: what of their year is used."""

LIVE = (BookingStatus.HELD, *PROMISED)
"""Still to come. Such a booking lies inside the person's published availability (I2)."""


class Session(models.TextChoices):
    DAY = "day", "Full day"
    MORNING = "morning", "Morning"
    AFTERNOON = "afternoon", "Afternoon"
    TWILIGHT = "twilight", "Twilight"


def session_words(session: str) -> str:
    """`Full day`, or how long a session of clock times lasts."""
    return str(Session(session).label) if session in Session.values else length_words(session)


class PaymentRoute(models.TextChoices):
    """How a booking is paid. The first two follow from who the parties are; a school may choose one of the others."""

    JOURNAL = "journal", "Journal transfer"
    INVOICE = "invoice", "Invoice"
    CARD = "card", "Card"
    ENTITLEMENT = "entitlement", "From a package: nothing to pay"
    EXCHANGE = "exchange", "Credits of the bank of days"
    COMMISSIONED = "commissioned", "Paid by the local authority"


PREPAID = (PaymentRoute.ENTITLEMENT, PaymentRoute.EXCHANGE)
"""Routes that take half-days from a ledger and no money from the school."""


def booking_reference() -> str:
    return new_reference("BK")


class Booking(models.Model):
    """One person, one session, for one school. `during` is the session plus the travel time after it."""

    reference = models.CharField(max_length=12, unique=True, default=booking_reference, editable=False)
    status = models.CharField(max_length=30, choices=BookingStatus, default=BookingStatus.HELD)
    offer_version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="bookings")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bookings_as_provider")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="bookings")
    releasing_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="bookings_as_releaser"
    )
    receiving_school = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="bookings_as_buyer"
    )
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    mode = models.CharField(max_length=10, choices=DeliveryMode)
    # One of `Session`, or clock times written `10:30+90` (`rules.sessions`).
    session = models.CharField(max_length=10)
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = DateTimeRangeField()
    half_days = models.PositiveSmallIntegerField()
    focus = models.TextField(blank=True)
    hold_expires_at = models.DateTimeField()
    # Snapshots of what was promised: price explanation, tariff, fee.
    price = models.JSONField()
    net_pence = models.PositiveIntegerField()
    # VAT as it stood when the booking was made: approval looks at the price with it. The document settles it on its own date.
    vat_pence = models.PositiveIntegerField(default=0)
    cancellation_tariff = models.JSONField(default=dict)
    brokerage_fee = models.JSONField(default=dict)
    route = models.CharField(max_length=12, choices=PaymentRoute)
    route_reason = models.CharField(max_length=300)
    purchase_order_number = models.CharField(max_length=40, blank=True)
    # What it is drawn from, where it is not simply invoiced: a package's days, or a pot of the authority.
    entitlement = models.ForeignKey(
        Entitlement, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    funding_stream = models.ForeignKey(
        FundingStream, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    quotes_evidence = models.ForeignKey(
        QuotesEvidence, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    minute_reference = models.CharField(max_length=80, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    # What the tariff said when it was cancelled: pence charged before VAT and the sentence; and why it was cancelled.
    cancellation_charge_pence = models.PositiveIntegerField(null=True)
    cancellation_explanation = models.CharField(max_length=300, blank=True)
    cancellation_reason = models.TextField(blank=True)
    # Of a session drawn from a package or paid in credits: the half-days the tariff kept.
    cancellation_charge_half_days = models.PositiveSmallIntegerField(null=True)
    # The charge was waived, or the freed time was taken by another booking: nothing is owed after all.
    charge_waived_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    charge_waiver_reason = models.CharField(max_length=300, blank=True)
    refilled_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="refills"
    )
    # Where it is one of several dates that were ordered as one.
    order = models.ForeignKey(
        BookingOrder, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["receiving_school", "status"], name="booking_by_buyer"),
            models.Index(fields=["provider", "status"], name="booking_by_provider"),
            models.Index(fields=["releasing_organisation", "status"], name="booking_by_releaser"),
            models.Index(fields=["practitioner", "status"], name="booking_by_person"),
            models.Index(
                fields=["hold_expires_at"], condition=Q(status="held"), name="booking_holds_by_expiry"
            ),
        ]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="a_person_is_in_one_place_at_a_time",
                expressions=[
                    (
                        Func(
                            F("practitioner_id"),
                            F("practitioner_id"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=OCCUPYING),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="booking_during_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(half_days__gte=1), name="booking_is_at_least_half_a_day"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="booking_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="booking_release_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(receiving_school=F("releasing_organisation")),
                name="booking_is_between_two_organisations",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_session_display(self) -> str:
        """The session in words: `Full day`, `1 hour 30 minutes`."""
        return session_words(self.session)

    @property
    def gross_pence(self) -> int:
        """What the school commits itself to: the price with VAT as it stood when it booked."""
        return self.net_pence + self.vat_pence

    @property
    def committed_pence(self) -> int:
        """What an order takes from the school's own budget: nothing where a package, credits or the authority pay for it."""
        return 0 if self.route in PREPAID or self.route == PaymentRoute.COMMISSIONED else self.gross_pence

    @property
    def is_charged(self) -> bool:
        """Whether something is owed, or was kept, for a visit that did not take place."""
        charged = bool(self.cancellation_charge_pence or self.cancellation_charge_half_days)
        return charged and self.charge_waived_by_id is None and self.refilled_by_id is None

    @property
    def is_prepaid(self) -> bool:
        """Whether it is drawn from a package or paid in credits."""
        return self.route in PREPAID


class HandOverStatus(models.TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Taken over"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Taken back"


class HandOver(models.Model):
    """A school that can't use a booked session offers it to another school of its trust, federation or cluster, free of charge."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="hand_overs")
    from_school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    to_school = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="sessions_offered_to_it"
    )
    status = models.CharField(max_length=10, choices=HandOverStatus, default=HandOverStatus.OFFERED)
    reason = models.TextField()
    offered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(status="offered"), name="a_session_is_offered_to_one_school"
            ),
            models.CheckConstraint(
                condition=~Q(from_school=F("to_school")), name="a_session_is_handed_to_another_school"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking} to {self.to_school}"
