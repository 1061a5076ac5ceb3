"""Who was told what. Rows are stored first; the e-mail and the live frame follow from them and may fail without losing anything.

A `Notification` is one message for one person. A `LiveFrame` says to open pages that something changed: it is pushed over sockets
and kept for a day, so that a page whose socket was away can ask for what it missed.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, User


def notification_reference() -> str:
    return new_reference("NT")


class Notification(models.Model):
    """One message for one person, about what `organisation` does where one is named: told as long as they hold a role there.

    `effect` keeps a job that runs twice from telling twice. `path` is the page to go to.
    """

    reference = models.CharField(max_length=12, unique=True, default=notification_reference, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=200, blank=True)
    effect = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    emailed_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(
        "notifications.Digest", null=True, on_delete=models.SET_NULL, related_name="notifications"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="newest_notifications_of_user"),
            models.Index(
                fields=["user"], condition=Q(read_at__isnull=True), name="unread_notifications_of_user"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "effect"], name="a_person_is_told_once")]

    def __str__(self) -> str:
        return self.title


class LiveFrame(models.Model):
    """A frame and its audience: whoever satisfies all of `user`, `organisation` and `area` that are set."""

    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(organisation__isnull=False) | Q(area__isnull=False),
                name="a_frame_has_an_audience",
            )
        ]

    def __str__(self) -> str:
        return self.kind
