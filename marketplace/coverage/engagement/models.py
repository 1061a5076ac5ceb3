"""Reminders to schools that have not taken part for a year, and the words a convenor has chosen for them."""

from django.db import models

from marketplace.organisations.models import Area, Organisation, User


class EngagementWords(models.Model):
    """What an area's reminders say, where its convenor has changed it."""

    area = models.OneToOneField(Area, on_delete=models.CASCADE, related_name="engagement_words")
    text = models.CharField(max_length=1000)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=150)

    class Meta:
        verbose_name_plural = "engagement words"

    def __str__(self) -> str:
        return f"{self.area}: {self.text[:40]}"


class EngagementNudge(models.Model):
    """One reminder to a school: the words as sent, by whom and when. `people` and `leads` count whom it went to, there and above it."""

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="engagement_nudges")
    message = models.CharField(max_length=1200)
    people = models.PositiveSmallIntegerField()
    leads = models.PositiveSmallIntegerField()
    sent_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["school", "sent_at"], name="engagement_nudge_by_school")]

    def __str__(self) -> str:
        return f"{self.school} on {self.sent_at:%d %b %Y}"
