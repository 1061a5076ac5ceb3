"""Many areas worked out together."""

from django.db import models

from marketplace.organisations.models import Area, User


class Round(models.Model):
    """Many areas worked out one after the other, a job for each; found again by its number while and after it runs."""

    because = models.CharField(max_length=200)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.because} {self.asked_at:%d %b %Y %H:%M}"


class RoundArea(models.Model):
    """One area of a round: `done_at` is empty until it was worked out, `problem` says why it could not be."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="areas")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    done_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["round", "area"], name="an_area_is_in_a_round_once")]

    def __str__(self) -> str:
        return f"{self.area} in {self.round}"
