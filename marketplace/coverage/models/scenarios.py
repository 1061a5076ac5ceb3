"""What-ifs."""

from django.db import models
from django.db.models import Q

from marketplace.coverage.models.snapshots import Snapshot
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, User


class SharedWith(models.TextChoices):
    """Who sees a scenario besides its author."""

    NOBODY = "nobody", "Only me"
    CONVENORS = "convenors", "Convenors"
    BOARD = "board", "Convenors and the board"


def scenario_reference() -> str:
    return new_reference("WI")


class Scenario(models.Model):
    """A what-if: edits of what coverage is worked out from, and what they come to. It changes nothing but itself.

    `edits` are validated lines (`scenarios.lines`), written in the way that `edits_version` numbers; `past` holds them as they were
    before each change, the latest last, for undoing. `outcome` is what they came to on the `snapshot` they were last worked out
    from. Until it has a `name` it is a draft of its author's.
    """

    reference = models.CharField(max_length=12, unique=True, default=scenario_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField(max_length=100, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=150)
    edits = models.JSONField(default=list)
    edits_version = models.PositiveSmallIntegerField(default=1)
    past = models.JSONField(default=list)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="scenarios")
    outcome = models.JSONField(default=dict)
    shared_with = models.CharField(max_length=10, choices=SharedWith, default=SharedWith.NOBODY)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-changed_at", "-id"]
        indexes = [models.Index(fields=["area", "shared_with"], name="scenario_by_area")]
        constraints = [
            models.CheckConstraint(
                condition=Q(shared_with="nobody") | ~Q(name=""), name="a_shared_scenario_has_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name or f"Draft {self.reference}"
