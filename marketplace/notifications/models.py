"""Who was told what. The row is stored first; the e-mail and the live frame follow from it and may fail without losing it."""

from django.db import models

from marketplace.organisations.models import Organisation, User


class Notification(models.Model):
    """One message for one person. `effect` keeps a job that runs twice from telling twice."""

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

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="newest_notifications_of_user")]
        constraints = [models.UniqueConstraint(fields=["user", "effect"], name="a_person_is_told_once")]

    def __str__(self) -> str:
        return self.title
