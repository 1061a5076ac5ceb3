"""A deployment: somebody is let go for a number of days to help a school with objectives, by an agreement that four people sign.

`Deployment` is the case, with what lists show of it. Its text is in `DeploymentVersion`s, which never change: another text is another version,
and a `DeploymentSignature` belongs to one version. `version` is the text on the table, `version_in_force` the last one that all four signed;
where they differ, a change waits for signatures. `DeploymentObjective` holds the objectives in force, for what is later said of them.

Only the two schools' people, the provider, the practitioner and the area's convenors see a deployment, through `queries.deployments_visible_to`.
"""

from django.db import models
from django.db.models import F, Q

from marketplace.brokerage.models.needs import Need
from marketplace.brokerage.rules.deployments import OBJECTIVE_AREAS, Capacity
from marketplace.catalogue.models import OfferVersion, Practitioner, Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, Phase, User


class DeploymentStatus(models.TextChoices):
    DRAFT = "draft", "Being written"
    TO_SIGN = "to_sign", "Waiting for signatures"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    FINISHED = "finished", "Finished and evaluated"
    STOPPED = "stopped", "Stopped"
    DECLINED = "declined", "Not agreed"
    WITHDRAWN = "withdrawn", "Withdrawn by the school"


RUNNING = (DeploymentStatus.ACTIVE, DeploymentStatus.PAUSED)
"""Agreed and not yet over: its days are promised."""

CAPACITIES = [(capacity.value, capacity.label) for capacity in Capacity]
AREAS = list(OBJECTIVE_AREAS.items())


def deployment_reference() -> str:
    return new_reference("DP")


class Deployment(models.Model):
    """One practitioner for one school, for a number of half-days. What lists and sums need of the text stands here too."""

    reference = models.CharField(max_length=12, unique=True, default=deployment_reference, editable=False)
    status = models.CharField(max_length=10, choices=DeploymentStatus, default=DeploymentStatus.DRAFT)
    receiving_school = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="deployments_received"
    )
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="deployments_provided")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="deployments")
    releasing_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="deployments_released"
    )
    # Who brokers: the provider itself, or the local authority through its convenors.
    broker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="deployments_brokered")
    need = models.ForeignKey(
        Need, null=True, blank=True, on_delete=models.PROTECT, related_name="deployments"
    )
    # What it came from besides a need, for example an awarded request for support.
    source_reference = models.CharField(max_length=20, blank=True)
    offer_version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="deployments")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    # Of the text in force, or on the table before there is one.
    focus = models.TextField()
    half_days = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    mid_point_on = models.DateField()
    net_pence = models.PositiveIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    version_in_force = models.PositiveSmallIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # When the other parties were shown it first; before that it is the school's own paper.
    sent_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Why it is paused, stopped or not agreed.
    reason = models.TextField(blank=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["receiving_school", "status"], name="deployment_by_receiver"),
            models.Index(fields=["provider", "status"], name="deployment_by_provider"),
            models.Index(fields=["practitioner", "status"], name="deployment_by_practitioner"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(half_days__gte=1), name="deployment_is_half_a_day_at_least"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="deployment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(receiving_school=F("releasing_organisation")),
                name="deployment_is_between_two_organisations",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["active", "paused", "finished"])
                | Q(version_in_force__isnull=False, activated_at__isnull=False),
                name="a_running_deployment_has_a_text_in_force",
            ),
            models.CheckConstraint(
                condition=Q(version_in_force__isnull=True) | Q(version_in_force__lte=F("version")),
                name="deployment_text_in_force_was_on_the_table",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def has_change_to_sign(self) -> bool:
        """Whether a change of a running agreement waits for signatures."""
        return self.version_in_force is not None and self.version != self.version_in_force

    @property
    def waits_for_signatures(self) -> bool:
        """Whether there is anything to sign now."""
        return self.status == DeploymentStatus.TO_SIGN or (
            self.status == DeploymentStatus.ACTIVE and self.has_change_to_sign
        )


class DeploymentVersion(models.Model):
    """One text of the agreement, as `rules.Terms` reads it. Never changed: triggers refuse."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    terms = models.JSONField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_by_name = models.CharField(max_length=150)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["deployment", "number"], name="deployment_versions_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.deployment} version {self.number}"


class DeploymentSignature(models.Model):
    """Somebody signed one version: who, in which capacity, when. Never changed; it counts as long as its version does."""

    version = models.ForeignKey(DeploymentVersion, on_delete=models.PROTECT, related_name="signatures")
    capacity = models.CharField(max_length=16, choices=CAPACITIES)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=150)
    # The capacity with the organisation's name, as it stood: “Headteacher of Barton Primary School”.
    signed_as = models.CharField(max_length=260)
    note = models.TextField(blank=True)
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "capacity"], name="a_version_is_signed_once_in_each_capacity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.signed_name}, {self.signed_as}"


class DeploymentObjective(models.Model):
    """An objective in force. One that a later version took out stays, so that what was said of it can be read."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="objectives")
    number = models.PositiveSmallIntegerField()
    aim = models.TextField()
    success_measure = models.TextField()
    baseline = models.TextField()
    area = models.CharField(max_length=30, choices=AREAS)
    is_dropped = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "number"], name="deployment_objectives_are_numbered"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.aim}"


class CaseStudyConsent(models.Model):
    """One of the two headteachers agrees that other schools may read what came of it. Both must, and either may take it back."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="case_study_consents")
    capacity = models.CharField(max_length=16, choices=CAPACITIES)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "capacity"],
                condition=Q(withdrawn_at__isnull=True),
                name="a_case_study_is_agreed_once_by_each_side",
            ),
            models.CheckConstraint(
                condition=Q(capacity__in=["receiving_head", "releasing_head"]),
                name="a_case_study_is_agreed_by_heads",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deployment}: {self.get_capacity_display()}"
