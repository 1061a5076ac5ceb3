"""An area’s parameters, and what was worked out with them."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.catalogue.models import Offer, Theme
from marketplace.kernel.dates import Period
from marketplace.organisations.models import Area, Organisation, Phase, Ward


class CoverageSettings(models.Model):
    """An area's parameters, versioned: the newest row counts. `values` holds only what differs from the defaults (`settings.py`)."""

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
    """One recompute of one area, numbered from 1 within it.

    `inputs_hash` tells whether anything changed; `because` says what set it off; `has_rows` whether the rows behind its cells
    are still kept. `totals` holds the area's equity and counts, in plain numbers.
    """

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
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
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="snapshots_are_numbered_in_an_area")
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.computed_at:%d %b %Y %H:%M}"

    @property
    def term(self) -> Period | None:
        """The days that count, where they are not those of the whole school year."""
        kept = self.totals.get("term")
        return Period(*map(date.fromisoformat, kept)) if kept else None


class CellStatus(models.TextChoices):
    NONE = "none", "No need"
    UNUSED = "unused", "Unused"
    GAP = "gap", "Gap"
    THIN = "thin", "Thin"
    ADEQUATE = "adequate", "Adequate"
    DUPLICATED = "duplicated", "Duplicated"
    UNKNOWN = "unknown", "Not enough information"


class Cell(models.Model):
    """The measures of one theme and phase in one ward (or the whole area): coverage.md section 5, in days.

    `theme` null stands for all themes, `phase` empty for all phases, `ward` null for the whole area. `share` is the sum of V,
    `best` the sum of x. `status` is what is shown: `unknown` where too few schools replied, whatever the numbers say.
    `measures` keeps the rest, unrounded, so that the status can be worked out again.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="cells")
    theme = models.ForeignKey(Theme, null=True, on_delete=models.CASCADE, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase, blank=True)
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
    # The largest part of the days that one school needs, from 0 to 1: above 60 % it would give the school away.
    largest_school = models.FloatField(default=0)
    status = models.CharField(max_length=12, choices=CellStatus)
    status_reason = models.CharField(max_length=400)
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
        return f"{self.theme or 'all themes'}, {self.phase or 'all phases'}, {self.ward or 'whole area'}"


class NeedOutcome(models.Model):
    """What the measures say of one school's need of this area.

    `days` is what is still needed: `days_stated` less `days_booked`, those that deployments promise among them. `excluded` counts, by
    reason, the offers for its theme and phase that do not count for it.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="need_outcomes")
    need_id = models.BigIntegerField()
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    ward = models.ForeignKey(Ward, null=True, on_delete=models.SET_NULL, related_name="+")
    # Whether the school stands at its postcode or the centre of its ward because its own place is not known.
    approximate = models.BooleanField(default=False)
    days_stated = models.FloatField()
    days_booked = models.FloatField()
    days = models.FloatField()
    share = models.FloatField()
    met = models.FloatField()
    best = models.FloatField()
    brokerable = models.FloatField()
    capacity_gap = models.FloatField()
    reach_gap = models.FloatField()
    unlocated = models.FloatField(default=0)
    excluded = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "theme", "phase"], name="need_outcome_by_cell")]

    def __str__(self) -> str:
        return f"{self.school}: {self.days} days"


class PoolOutcome(models.Model):
    """What the measures say of one pool of days: a provider's offer.

    `days` are what is free: `days_offered` less `committed` (booked, or promised by a deployment) and `held` (on hold, or waiting for
    somebody's word). They are shared out in proportion to weighted need, whose sum is `weighted_need`; `elsewhere` is what
    falls to schools outside the area. `usable` are the free days this area may count on: all of them but, where the area keeps to
    itself, of a neighbour's offer only what falls here. `lost_without` are those of them that nobody else could give if the offer went.

    Pools that share needs form a `group` (null where nobody needs the pool): which pool of a group stays idle is open, how many
    of the group's days do is not (`group_idle` of `group_days`). A pool without a group is idle as a whole.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="pool_outcomes")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="+")
    provider = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    # The provider's trust where it has one: offers of one owner are counted as one.
    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    themes = ArrayField(models.BigIntegerField(), default=list)
    phases = ArrayField(models.CharField(max_length=12, choices=Phase), default=list)
    days_offered = models.FloatField(null=True)
    committed = models.FloatField()
    held = models.FloatField()
    days = models.FloatField()
    weighted_need = models.FloatField()
    elsewhere = models.FloatField(default=0)
    usable = models.FloatField(default=0)
    lost_without = models.FloatField()
    replaceable = models.BooleanField(default=False)
    group = models.PositiveIntegerField(null=True)
    group_days = models.FloatField(default=0)
    group_idle = models.FloatField(default=0)
    # Easting and northing in metres of each place it comes from, one after the other.
    sites = ArrayField(models.IntegerField(), default=list)
    # Confirmed within 180 days; otherwise listed, not counted.
    confirmed = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["snapshot", "offer"], name="pool_outcome_by_offer")]
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=0), name="pool_days_are_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.offer}: {self.days} days"

    @property
    def stated(self) -> bool:
        """Whether the provider said how many days there are; otherwise the offer counts for reach, not for days."""
        return self.days_offered is not None

    @property
    def spare(self) -> float:
        """Days it could give elsewhere without any school of the area losing one: others could stand in for them."""
        return max(0.0, self.usable - self.lost_without)

    @property
    def idle(self) -> float:
        """Days nobody would miss of this offer by itself: all of one that no school needs, else no more than its group leaves over."""
        return self.usable if self.group is None else min(self.spare, self.group_idle)


class Share(models.Model):
    """How many of a pool's days fall to a need, and by what weight: the line behind a number.

    days = pool's days × need's days × weight ÷ pool's weighted need. `km` is null where support could only be remote.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="shares")
    need_outcome = models.ForeignKey(NeedOutcome, on_delete=models.CASCADE, related_name="shares")
    pool_outcome = models.ForeignKey(PoolOutcome, on_delete=models.CASCADE, related_name="shares")
    km = models.FloatField(null=True)
    weight = models.FloatField()
    days = models.FloatField()

    def __str__(self) -> str:
        return f"{self.days:.2f} days"


class SnapshotInputs(models.Model):
    """All that a snapshot was worked out from (`gathering.packed`), so that a what-if can start from it. Kept for the newest."""

    snapshot = models.OneToOneField(Snapshot, on_delete=models.CASCADE, related_name="inputs")
    content = models.BinaryField()

    class Meta:
        verbose_name_plural = "snapshot inputs"

    def __str__(self) -> str:
        return f"What {self.snapshot} was worked out from"


class PoolOverlap(models.Model):
    """Two pools that reach much of the same need: `jaccard` is the sum of minima over the sum of maxima of weighted need, 0.5 to 1.

    Only the strongest few of each pool are kept (`Settings.overlap_edge`, `overlaps_per_pool`).
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="overlaps")
    first = models.ForeignKey(PoolOutcome, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(PoolOutcome, on_delete=models.CASCADE, related_name="+")
    jaccard = models.FloatField()

    def __str__(self) -> str:
        return f"{self.first.offer} and {self.second.offer}: {self.jaccard:.2f}"


class BoardDate(models.Model):
    """A snapshot that a board meeting was shown: what came after is compared with it. Its wards are never pruned.

    Several meetings, of the board and of scrutiny, may have been shown the same one.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="board_dates")
    day = models.DateField()
    meeting = models.CharField(max_length=100)
    marked_by_name = models.CharField(max_length=150)
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "meeting", "day"], name="a_meeting_is_shown_a_snapshot_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, {self.day:%d %b %Y}"
