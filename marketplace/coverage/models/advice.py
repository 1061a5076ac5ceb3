"""What was advised to do about gaps with a budget."""

from django.db import models
from django.db.models import Q

from marketplace.catalogue.models import Theme
from marketplace.coverage.models.snapshots import Snapshot
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Phase, User, Ward


def advice_reference() -> str:
    return new_reference("ADV")


class AdviceState(models.TextChoices):
    AT_ONCE = "at_once", "First answer"
    REFINED = "refined", "Refined"


class Advice(models.Model):
    """What to do about an area's gaps with a budget, as a convenor asked for it.

    The question: `budget_pence`, of which gaps (`theme`, `phase`, `ward`; empty = all), whether one provider may get only a part of it,
    and the share of each ward's need, in percent, to be made possible first. The answer is there at once (`result`, by a
    greedy choice) and refined by a worker; `snapshot` and `settings_version` say what it rests on. It names providers and
    prices, so it is for convenors alone.
    """

    reference = models.CharField(max_length=12, unique=True, default=advice_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="advice")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="advice")
    settings_version = models.PositiveIntegerField()
    budget_pence = models.BigIntegerField()
    theme = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase, blank=True)
    ward = models.ForeignKey(Ward, null=True, on_delete=models.CASCADE, related_name="+")
    limit_owners = models.BooleanField(default=False)
    ward_floor_percent = models.PositiveSmallIntegerField(null=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AdviceState, default=AdviceState.AT_ONCE)
    refined_at = models.DateTimeField(null=True)
    result = models.JSONField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "advice"
        constraints = [
            models.CheckConstraint(condition=Q(budget_pence__gte=0), name="a_budget_is_not_negative"),
            models.CheckConstraint(
                condition=Q(ward_floor_percent__isnull=True) | Q(ward_floor_percent__range=(1, 100)),
                name="a_floor_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(state="refined", refined_at__isnull=False)
                | Q(state="at_once", refined_at__isnull=True),
                name="refined_advice_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} for {self.area}"
