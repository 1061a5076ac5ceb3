"""Diaries and bookings of people.

A practitioner's free time is worked out by one function, `rules.free_sessions`, from the `WeeklyPattern` less what closes it:
`DiaryException`s of the person, `Blackout`s of their releasing organisation or area (tests, exams, inspection windows), days
outside `TermDate`s, the minimum notice and other bookings with the travel time after them. Patterns are local times in
Europe/London; UTC is worked out late, so that 9 o'clock stays 9 o'clock over the clock changes.

A `Booking` is held first (with an expiry), then ordered, approved by a budget holder, released by the practitioner's
headteacher, confirmed, delivered and evaluated. Its price, tariff and fee are snapshots of the offer version it was made
from. The database itself refuses two live bookings of one person that overlap, travel time included.
"""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from marketplace.catalogue.models import DeliveryMode, OfferVersion, Practitioner, Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, Phase, User


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"


class Diary(models.Model):
    """How a person's time may be booked. Editing it locks the practitioner's row, as booking does (I2)."""

    practitioner = models.OneToOneField(
        Practitioner, primary_key=True, on_delete=models.CASCADE, related_name="diary"
    )
    minimum_notice_days = models.PositiveSmallIntegerField(default=5)
    travel_minutes = models.PositiveSmallIntegerField(default=30)
    term_time_only = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "diaries"

    def __str__(self) -> str:
        return f"Diary of {self.practitioner}"


class WeeklyPattern(models.Model):
    """A stretch of one weekday, in local time, on which the person can be booked."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="weekly_patterns")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="pattern_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M} to {self.ends:%H:%M}"


class DiaryException(models.Model):
    """Days on which the weekly pattern does not hold: closed with a reason, or opened though the pattern says no."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="diary_exceptions")
    first_day = models.DateField()
    last_day = models.DateField()
    is_open = models.BooleanField(default=False)
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="exception_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(is_open=False)
                | Q(starts__isnull=False, ends__isnull=False, ends__gt=F("starts")),
                name="an_opened_day_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{'Open' if self.is_open else 'Closed'} {self.first_day} to {self.last_day}"


class TermDate(models.Model):
    """A stretch of days on which the schools of an area are open."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="term_dates")
    name = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="term_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Blackout(models.Model):
    """Days on which nobody is released, by one organisation (an inspection window) or in a whole area (national tests)."""

    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.CASCADE, related_name="blackouts")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="blackouts"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=120)

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="blackout_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(area__isnull=False, organisation__isnull=True)
                | Q(area__isnull=True, organisation__isnull=False),
                name="a_blackout_belongs_to_one",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


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


class PaymentRoute(models.TextChoices):
    JOURNAL = "journal", "Journal transfer"
    INVOICE = "invoice", "Invoice"


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
    session = models.CharField(max_length=10, choices=Session)
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
    route = models.CharField(max_length=10, choices=PaymentRoute)
    route_reason = models.CharField(max_length=300)
    purchase_order_number = models.CharField(max_length=40, blank=True)
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

    @property
    def gross_pence(self) -> int:
        """What the school commits itself to: the price with VAT as it stood when it booked."""
        return self.net_pence + self.vat_pence
