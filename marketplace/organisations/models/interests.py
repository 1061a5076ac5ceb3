"""Interests that people declare: in which organisation, of what kind, from when to when."""

from django.db import models
from django.db.models import F, Q

from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models.people import User
from marketplace.organisations.models.schools import Organisation


class InterestKind(models.TextChoices):
    EMPLOYMENT = "employment", "Employment, now or in the last three years"
    FAMILY = "family", "A member of my family works there or gains from it"
    FINANCIAL = "financial", "A share, a loan or another financial interest"
    GOVERNANCE = "governance", "Governor, trustee or director"
    OTHER = "other", "Something else people should know"


class InterestStatus(models.TextChoices):
    DECLARED = "declared", "Declared"
    ENDED = "ended", "Ended"
    STRUCK_OUT = "struck_out", "Struck out as a mistake"


def interest_reference() -> str:
    return new_reference("INT")


class InterestDeclaration(models.Model):
    """What a person told of their own tie to an organisation. Rows stay, and each change is a line of history.

    `ended_on` is the last day of the tie itself; one that was employment counts for 36 months more. `confirmed_at` is when the
    person last said that it is still so. Only `queries.interests` hands rows out: `details` are nobody else's business.
    """

    reference = models.CharField(max_length=12, unique=True, default=interest_reference, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="interests")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=InterestKind)
    status = models.CharField(max_length=12, choices=InterestStatus, default=InterestStatus.DECLARED)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    details = models.CharField(max_length=500, blank=True)
    declared_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "kind"],
                condition=Q(status="declared"),
                name="an_interest_of_one_kind_is_declared_once",
            ),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True)
                | Q(ended_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
                name="interest_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.user}, {self.get_kind_display()}, {self.organisation}"


class NilReturn(models.Model):
    """A person said that they have nothing to declare. It counts for a year, and as long as they declare nothing after it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="nil_returns")
    declared_at = models.DateTimeField()

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-declared_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user}: nothing to declare"
