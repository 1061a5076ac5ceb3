"""Course events: when and where a course takes place, how many can come, who leads it, and who waits for a seat."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from marketplace.catalogue.models import DeliveryMode, OfferVersion, Practitioner
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User

ONE_PLACE = "a_person_is_in_one_place_at_a_time"
"""The name under which the database refuses to double-book a person, by the exclusion constraint of bookings or by the triggers beside it."""


class EventStatus(models.TextChoices):
    PLANNED = "planned", "Waiting for the people who lead it to be released"
    OPEN = "open", "Open for bookings"
    CANCELLED = "cancelled", "Cancelled"
    DELIVERED = "delivered", "Took place"


def event_reference() -> str:
    return new_reference("CE")


class CourseEvent(models.Model):
    """A course that takes place on one date or several, with seats. A place is for all its dates.

    `seats_taken` counts the places that take up a seat and the seats offered to those who wait; it changes under the row's lock and
    the database keeps it within `seats`. `venue` is for everybody to see, `joining` (a link, what to bring) only for those who have a place.
    """

    reference = models.CharField(max_length=12, unique=True, default=event_reference, editable=False)
    status = models.CharField(max_length=10, choices=EventStatus, default=EventStatus.PLANNED)
    offer_version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="course_events")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="course_events")
    title = models.CharField(max_length=120)
    mode = models.CharField(max_length=10, choices=DeliveryMode)
    venue = models.CharField(max_length=200, blank=True)
    venue_latitude = models.FloatField(null=True)
    venue_longitude = models.FloatField(null=True)
    joining = models.TextField(blank=True)
    seats = models.PositiveSmallIntegerField()
    seats_taken = models.PositiveSmallIntegerField(default=0)
    minimum_places = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Bookings, offers to those who wait and approvals end here: the end of the closing day, and never later than the start.
    closes_at = models.DateTimeField()
    cancellation_tariff = models.JSONField(default=dict)
    cancelled_reason = models.TextField(blank=True)
    scheduled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["status", "starts_at"], name="course_event_by_start"),
            models.Index(fields=["provider", "starts_at"], name="course_event_by_provider"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("seats")), name="a_course_has_no_more_people_than_seats"
            ),
            models.CheckConstraint(
                condition=Q(minimum_places__gte=1, minimum_places__lte=F("seats")),
                name="a_course_can_have_its_minimum",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="course_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__lte=F("starts_at")), name="course_closes_before_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(mode=DeliveryMode.BOTH), name="a_course_is_in_a_room_or_remote"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def seats_left(self) -> int:
        """Seats nobody has, and nobody who waits has been offered."""
        return self.seats - self.seats_taken


class CourseDate(models.Model):
    """One date of a course."""

    event = models.ForeignKey(CourseEvent, on_delete=models.PROTECT, related_name="dates")
    number = models.PositiveSmallIntegerField()
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # The register of this date is complete: who filled it in, and when.
    register_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    register_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="course_dates_are_numbered"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="course_date_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.day}"


class LeadStatus(models.TextChoices):
    AWAITING_RELEASE = "awaiting_release", "Waiting for the releasing headteacher"
    RELEASED = "released", "Released"
    REFUSED = "refused", "Not released"


class CourseLead(models.Model):
    """A person who leads a course, with the word of those who release them."""

    event = models.ForeignKey(CourseEvent, on_delete=models.PROTECT, related_name="leads")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="course_leads")
    # Their employer when the course was scheduled: whose days it takes, and who is owed a share for them.
    releasing_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="course_leads"
    )
    status = models.CharField(max_length=16, choices=LeadStatus, default=LeadStatus.AWAITING_RELEASE)
    half_days = models.PositiveSmallIntegerField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "practitioner"], name="a_person_leads_a_course_once")
        ]

    def __str__(self) -> str:
        return f"{self.practitioner}, {self.event}"


class LeadTime(models.Model):
    """The time a date of a course takes of a person who leads it, travel after it included: their diary, like a booking.

    Rows are there exactly as long as the time is taken. The database refuses two of one person that overlap, and by triggers one that
    overlaps a booking of that person; both locks and constraint are named as those of bookings (I1).
    """

    lead = models.ForeignKey(CourseLead, on_delete=models.PROTECT, related_name="times")
    date = models.ForeignKey(CourseDate, on_delete=models.PROTECT, related_name="lead_times")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="a_person_leads_one_course_at_a_time",
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
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="lead_time_is_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner}, {self.date}"


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    OFFERED = "offered", "A place is offered"
    TAKEN = "taken", "Took the places"
    DECLINED = "declined", "Declined the offer"
    LAPSED = "lapsed", "Did not answer in time"
    LEFT = "left", "Left the list"
    CLOSED = "closed", "The list closed"


def waiting_reference() -> str:
    return new_reference("WL")


class WaitingEntry(models.Model):
    """A school that waits for places on a full course. The order of the list is the order of the rows.

    While `status` is offered, `offered_places` seats are kept for it until `offer_expires_at`, never later than bookings close.
    """

    reference = models.CharField(max_length=12, unique=True, default=waiting_reference, editable=False)
    status = models.CharField(max_length=10, choices=WaitingStatus, default=WaitingStatus.WAITING)
    event = models.ForeignKey(CourseEvent, on_delete=models.PROTECT, related_name="waiting")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="course_waiting")
    places = models.PositiveSmallIntegerField()
    offered_places = models.PositiveSmallIntegerField(default=0)
    offered_at = models.DateTimeField(null=True)
    offer_expires_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["pk"]
        verbose_name = "waiting list entry"
        verbose_name_plural = "waiting list entries"
        indexes = [
            models.Index(
                fields=["offer_expires_at"], condition=Q(status="offered"), name="course_offers_by_expiry"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "school"],
                condition=Q(status__in=["waiting", "offered"]),
                name="a_school_waits_once_for_a_course",
            ),
            models.CheckConstraint(condition=Q(places__gte=1), name="one_waits_for_at_least_one_place"),
            models.CheckConstraint(
                condition=Q(
                    status="offered",
                    offered_places__gte=1,
                    offered_places__lte=F("places"),
                    offered_at__isnull=False,
                    offer_expires_at__gt=F("offered_at"),
                )
                | (~Q(status="offered") & Q(offered_places=0, offer_expires_at__isnull=True)),
                name="an_offer_of_places_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
