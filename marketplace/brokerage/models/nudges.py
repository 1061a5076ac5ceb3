"""Asking schools that have not confirmed their needs."""

from django.db import models
from django.db.models import Q

from marketplace.organisations.models import Organisation, User


class NudgeRound(models.TextChoices):
    FIRST = "first", "September"
    SECOND = "second", "October reminder"
    BY_HAND = "by_hand", "By a convenor"


class NeedsNudge(models.Model):
    """One reminder to a school to confirm its needs for an academic year. The rounds of the year go out once each."""

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="needs_nudges")
    academic_year = models.CharField(max_length=7)
    round = models.CharField(max_length=8, choices=NudgeRound)
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "academic_year", "round"],
                condition=~Q(round="by_hand"),
                name="one_nudge_a_round",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.academic_year}: {self.get_round_display()}"
