"""What the measures found, kept.

Each recompute of an area stores a `Snapshot` with one `Cell` per theme × phase (whole area, `ward` null) and per theme × phase ×
ward, and for the newest snapshots the rows behind each number: one `NeedOutcome` per need, one `PoolOutcome` per pool of days,
one `Share` per need and pool that reach each other. Days are floats here, as measures (never money, never a ledger).
"""

from django.db import models

from marketplace.catalogue.models import Offer, Theme
from marketplace.organisations.models import Area, Organisation, Phase, Ward


class CoverageSettings(models.Model):
    """An area's thresholds, versioned: the newest row counts. `values` holds only what differs from the defaults."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="coverage_settings")
    version = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    changed_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "coverage settings"
        constraints = [
            models.UniqueConstraint(fields=["area", "version"], name="coverage_settings_are_versioned")
        ]

    def __str__(self) -> str:
        return f"{self.area} version {self.version}"


class Snapshot(models.Model):
    """One recompute of one area. `inputs_hash` tells whether anything changed; `because` says what set it off."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="snapshots")
    computed_at = models.DateTimeField()
    because = models.CharField(max_length=200)
    inputs_hash = models.CharField(max_length=64)
    settings_version = models.PositiveIntegerField(default=0)
    academic_year = models.CharField(max_length=7)
    milliseconds = models.PositiveIntegerField()
    totals = models.JSONField()
    has_rows = models.BooleanField(default=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["area", "-id"], name="newest_snapshot_of_area")]

    def __str__(self) -> str:
        return f"{self.area} {self.computed_at:%d %b %Y %H:%M}"


class CellStatus(models.TextChoices):
    NONE = "none", "No need"
    UNUSED = "unused", "Unused"
    GAP = "gap", "Gap"
    THIN = "thin", "Thin"
    ADEQUATE = "adequate", "Adequate"
    DUPLICATED = "duplicated", "Duplicated"
    UNKNOWN = "unknown", "Not enough information"


class Cell(models.Model):
    """The measures of one theme and phase in one ward (or the whole area): coverage.md section 5, in days."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="cells")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    ward = models.ForeignKey(Ward, null=True, on_delete=models.CASCADE, related_name="+")
    need = models.FloatField()
    met = models.FloatField()
    brokerable = models.FloatField()
    capacity_gap = models.FloatField()
    reach_gap = models.FloatField()
    unlocated = models.FloatField(default=0)
    share = models.FloatField()
    best = models.FloatField()
    balance = models.FloatField(null=True)
    measures = models.JSONField(default=dict)
    schools = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=CellStatus)
    status_reason = models.CharField(max_length=200)
    confidence = models.CharField(max_length=1)
    sentence = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "theme", "phase", "ward"],
                nulls_distinct=False,
                name="one_cell_per_theme_phase_and_ward",
            )
        ]

    def __str__(self) -> str:
        return f"{self.theme} {self.phase} {self.ward or 'whole area'}"


class NeedOutcome(models.Model):
    """What the measures say of one school's need."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="need_outcomes")
    need_id = models.BigIntegerField()
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="+")
    phase = models.CharField(max_length=12)
    ward = models.ForeignKey(Ward, null=True, on_delete=models.SET_NULL, related_name="+")
    days = models.FloatField()
    share = models.FloatField()
    met = models.FloatField()
    best = models.FloatField()
    brokerable = models.FloatField()
    capacity_gap = models.FloatField()
    reach_gap = models.FloatField()
    unlocated = models.FloatField(default=0)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "theme", "phase"], name="need_outcome_by_cell")]

    def __str__(self) -> str:
        return f"{self.school}: {self.days} days"


class PoolOutcome(models.Model):
    """What the measures say of one pool of days: a provider's offer."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="pool_outcomes")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="+")
    provider = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    days = models.FloatField()
    used = models.FloatField()
    idle = models.FloatField()
    lost_without = models.FloatField()
    confirmed = models.BooleanField(default=True)
    stated = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "offer"], name="pool_outcome_by_offer")]

    def __str__(self) -> str:
        return f"{self.offer}: {self.days} days"


class Share(models.Model):
    """How many of a pool's days fall to a need, and by what weight: the line behind a number."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="shares")
    need_outcome = models.ForeignKey(NeedOutcome, on_delete=models.CASCADE, related_name="shares")
    pool_outcome = models.ForeignKey(PoolOutcome, on_delete=models.CASCADE, related_name="shares")
    km = models.FloatField(null=True)
    weight = models.FloatField()
    days = models.FloatField()

    def __str__(self) -> str:
        return f"{self.days:.2f} days"
