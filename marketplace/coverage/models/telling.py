"""What is told outside the convenor’s office, and what other areas tell."""

from django.db import models
from django.db.models import Q

from marketplace.coverage.models.snapshots import Snapshot
from marketplace.organisations.models import Area


class Release(models.Model):
    """What is told of a snapshot outside the convenor's office, numbered from 1 within the area; it stands until the next.

    `contents` are the needs it is made of, `[school, theme, phase, ward, days by part …]`: those of the snapshot, but for changes that
    may not be told yet (`disclosure.changes`). `pattern` says which sums are told, `cells` what is told of them. Schools' needs stand
    in `contents`, so nothing but `releasing` reads it.
    """

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="coverage_releases")
    number = models.PositiveIntegerField()
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="releases")
    academic_year = models.CharField(max_length=7)
    released_at = models.DateTimeField()
    contents = models.JSONField()
    pattern = models.JSONField()
    cells = models.JSONField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="releases_are_numbered_in_an_area")
        ]

    def __str__(self) -> str:
        return f"{self.area}, release {self.number}"


class PublicPage(models.Model):
    """Whether an area shows its statuses to everybody, without signing in. Without a row it does not."""

    area = models.OneToOneField(Area, on_delete=models.CASCADE, related_name="public_coverage")
    is_on = models.BooleanField(default=False)
    changed_by_name = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.area}: {'on' if self.is_on else 'off'}"


class Neighbour(models.Model):
    """Another area chosen for comparison, and why this one. It need not be in this installation: `code` is the DfE's."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="benchmark_neighbours")
    code = models.CharField(max_length=3)
    name = models.CharField(max_length=100)
    reason = models.CharField(max_length=300)
    chosen_by_name = models.CharField(max_length=150)
    chosen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["area", "code"], name="a_neighbour_is_chosen_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_neighbour_is_chosen_for_a_reason"),
        ]

    def __str__(self) -> str:
        return self.name


class NeighbourFigures(models.Model):
    """A neighbour's indicators as they stood on a day, from a file its own installation gave. The newest day counts."""

    neighbour = models.ForeignKey(Neighbour, on_delete=models.CASCADE, related_name="figures")
    as_of = models.DateField()
    academic_year = models.CharField(max_length=7)
    definitions_version = models.PositiveIntegerField()
    values = models.JSONField()
    of_a_term = models.BooleanField(default=False)
    imported_by_name = models.CharField(max_length=150)
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["neighbour", "as_of"], name="a_neighbours_day_is_imported_once")
        ]

    def __str__(self) -> str:
        return f"{self.neighbour} on {self.as_of:%d %b %Y}"
