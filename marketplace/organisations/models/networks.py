"""Networks that schools form beside what the register says of them, and who belongs to them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models.areas import Area
from marketplace.organisations.models.people import User
from marketplace.organisations.models.schools import Organisation, School


class NetworkKind(models.TextChoices):
    HUB = "hub", "Teaching school hub or alliance"
    CLUSTER = "cluster", "Cluster or learning community"
    TRUST_PARTNERSHIP = "trust_partnership", "Partnership of trusts"
    DIOCESAN = "diocesan", "Diocesan network"
    SUBJECT = "subject", "Subject network"
    SCHOOL_COMPANY = "school_company", "School company’s members"
    STATUTORY = "statutory", "Statutory partnership"
    OTHER = "other", "Other"


class NetworkRole(models.TextChoices):
    MEMBER = "member", "Member"
    LEAD = "lead", "Lead school"
    ASSOCIATE = "associate", "Associate"


class BelongingStatus(models.TextChoices):
    PROPOSED = "proposed", "Asked to join"
    ACTIVE = "active", "Member"
    DECLINED = "declined", "Declined"
    LEFT = "left", "Left"


def network_reference() -> str:
    return new_reference("NET")


class Network(models.Model):
    """Schools that work together under a name: who leads it, what for, from when to when. A public fact of its area.

    `themes` are codes of the catalogue's themes, which stand above this capability: the pages name them.
    """

    reference = models.CharField(max_length=12, unique=True, default=network_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="networks")
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=20, choices=NetworkKind)
    lead = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="networks_led"
    )
    purpose = models.CharField(max_length=1000, blank=True)
    website = models.URLField(max_length=200, blank=True)
    themes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    active_from = models.DateField(null=True, blank=True)
    active_to = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="network_names_are_unique_in_an_area"),
            models.CheckConstraint(
                condition=Q(active_from__isnull=True)
                | Q(active_to__isnull=True)
                | Q(active_to__gte=F("active_from")),
                name="network_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NetworkMembership(models.Model):
    """A school's belonging to a network. Rows stay, and each change is a line of history.

    What the network's lead proposed counts once the school's own head has said yes. `left_on` is the last day.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="memberships")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="network_memberships")
    role = models.CharField(max_length=10, choices=NetworkRole, default=NetworkRole.MEMBER)
    status = models.CharField(max_length=10, choices=BelongingStatus, default=BelongingStatus.PROPOSED)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField()
    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "school"],
                condition=Q(status__in=("proposed", "active")),
                name="a_school_belongs_once_to_a_network",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(joined_on__isnull=False),
                name="a_member_joined_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True)
                | Q(joined_on__isnull=True)
                | Q(left_on__gte=F("joined_on")),
                name="a_member_leaves_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school.organisation} in {self.network}"
