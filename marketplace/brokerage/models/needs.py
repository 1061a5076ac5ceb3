"""What schools need, and what they looked for in vain."""

from django.db import models
from django.db.models import Q

from marketplace.bookings.models import Booking
from marketplace.catalogue.models import Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, Phase, User


class NeedLevel(models.TextChoices):
    """A rough size where a school can't say days: light 1, focused 6, intensive 15 days (coverage.md 1, editable per area)."""

    LIGHT = "light", "Light: about a day"
    FOCUSED = "focused", "Focused: about 6 days"
    INTENSIVE = "intensive", "Intensive: about 15 days"


LEVEL_HALF_DAYS = {NeedLevel.LIGHT: 2, NeedLevel.FOCUSED: 12, NeedLevel.INTENSIVE: 30}


class Urgency(models.TextChoices):
    THIS_TERM = "this_term", "This term"
    THIS_YEAR = "this_year", "This school year"
    LATER = "later", "Can wait"


class NeedStatus(models.TextChoices):
    OPEN = "open", "Open"
    MET = "met", "Met"
    WITHDRAWN = "withdrawn", "Withdrawn"


def need_reference() -> str:
    return new_reference("ND")


class Need(models.Model):
    """Support a school says it needs in an academic year. `half_days` blank means the level's days; `max_price_pence` is per day."""

    reference = models.CharField(max_length=12, unique=True, default=need_reference, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="needs")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    level = models.CharField(max_length=10, choices=NeedLevel, default=NeedLevel.FOCUSED)
    half_days = models.PositiveSmallIntegerField(null=True, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.THIS_YEAR)
    remote_ok = models.BooleanField(default=False)
    max_price_pence = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=NeedStatus, default=NeedStatus.OPEN)
    academic_year = models.CharField(max_length=7)
    declared_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    declared_at = models.DateTimeField()

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-declared_at"]
        indexes = [models.Index(fields=["school", "status"], name="need_by_school")]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "theme", "phase", "academic_year"],
                condition=Q(status="open"),
                name="one_open_need_per_theme_and_phase",
            ),
            models.CheckConstraint(
                condition=Q(half_days__isnull=True) | Q(half_days__gt=0), name="need_has_days"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def half_days_needed(self) -> int:
        """The days stated, or the level's, in half-days."""
        return self.half_days if self.half_days is not None else LEVEL_HALF_DAYS[NeedLevel(self.level)]


class NeedsReturn(models.Model):
    """A school's word that its list of needs for the year is complete, be it empty."""

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="needs_returns")
    academic_year = models.CharField(max_length=7)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "academic_year"], name="one_needs_return_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.academic_year}"


class NeedBooking(models.Model):
    """A booking made for a need."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="need_bookings")
    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="need_booking")

    def __str__(self) -> str:
        return f"{self.booking} for {self.need}"


class UnmetCause(models.TextChoices):
    """Why somebody went without."""

    SEARCH = "search", "A search found nothing"
    NO_RESPONSES = "no_responses", "A request got no response"
    ALL_DECLINED = "all_declined", "Everybody asked declined"
    NONE_SUITABLE = "none_suitable", "No response was suitable"


class UnmetDemand(models.Model):
    """A search that found nothing, one that somebody reported to the local authority, or a request for support that came to nothing."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="unmet_demand")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    cause = models.CharField(max_length=14, choices=UnmetCause, default=UnmetCause.SEARCH)
    request = models.OneToOneField(
        "SupportRequest", null=True, on_delete=models.CASCADE, related_name="unmet_demand"
    )
    query = models.JSONField()
    told_us = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause="search", request__isnull=True)
                | (~Q(cause="search") & Q(request__isnull=False)),
                name="unmet_demand_comes_from_a_search_or_a_request",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%d %b %Y}: {self.query}"
