"""Calendar feeds: addresses a calendar program asks again and again, without signing in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


def feed_reference() -> str:
    return new_reference("CF")


class CalendarFeed(models.Model):
    """One person's calendar: their own, or that of an organisation they belong to. Only the hash of its token is kept.

    Without `shows_details` an entry says nothing but when the time is taken. A feed of an organisation never shows more.
    """

    reference = models.CharField(max_length=12, unique=True, default=feed_reference, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    shows_details = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_asked_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="a_person_has_one_feed_for_each_calendar",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) | Q(shows_details=False),
                name="a_feed_of_an_organisation_shows_no_details",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
