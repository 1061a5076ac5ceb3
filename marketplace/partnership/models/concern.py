"""How much concern a school causes. Restricted."""

from django.db import models

from marketplace.kernel.access import ScopedManager
from marketplace.organisations.models import Area, School, User


class SupportLevel(models.TextChoices):
    """The levels (coverage.md section 1). What they are called on a page depends on the school: `rules.level_words`."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    INTERVENTION = "intervention", "Intervention"


class SupportCategory(models.Model):
    """A school's category from a day on. Rows are only added (triggers refuse all else): the latest counts, the others are its history."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="support_categories")
    # The area whose convenors keep it: a school that moves takes nothing along.
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=12, choices=SupportLevel)
    since = models.DateField()
    reason = models.TextField()
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    set_by_name = models.CharField(max_length=150)
    set_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]
        indexes = [models.Index(fields=["area", "school", "-id"], name="support_category_latest")]
        verbose_name_plural = "support categories"

    def __str__(self) -> str:
        return f"Support category {self.pk}"  # never the level: this ends up in logs
