"""When a person can be booked: patterns, exceptions, terms and closed days."""

from django.db import models
from django.db.models import F, Q

from marketplace.catalogue.models import Practitioner
from marketplace.kernel.dates import clock_words
from marketplace.organisations.models import Area, Organisation


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
        return f"{self.get_weekday_display()} {clock_words(self.starts)} to {clock_words(self.ends)}"


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
