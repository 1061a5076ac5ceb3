"""How a person wants to be e-mailed, and the digests they were sent."""

from typing import ClassVar

from django.db import models

from marketplace.organisations.models import User


class Choice(models.TextChoices):
    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "In the daily summary"
    NEVER = "never", "No e-mail"


class Preference(models.Model):
    """What one person chose for one kind of notification. Without a row the kind's own default holds."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=40)
    choice = models.CharField(max_length=10, choices=Choice)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind"], name="a_person_chooses_once_for_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.choice}"


class Digest(models.Model):
    """A person's summary of one day: the row is there before it is sent, so that two workers don't send it twice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digests")
    day = models.DateField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="a_person_has_one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.day}"
