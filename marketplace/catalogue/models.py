"""What is on offer, and who delivers it.

`Theme` (two levels) and `SupportType` are the vocabulary. A `Practitioner` is a person who can be deployed, employed by their
releasing organisation, with dated `Designation`s and the employer's written assurance of checks (`EmployerAssurance`; never
a certificate number).

An `Offer` belongs to a provider and lives through draft → submitted → published → paused → withdrawn; its content is in
`OfferVersion`s, each written, submitted and judged by a convenor on its own. An approved version never changes: editing
makes the next one, the approved one stays on show until that is approved too, and bookings keep the version they were
made from. Both machines are in `states.py`. Price rules and cancellation tariffs are data, understood by
`catalogue.pricing` and `catalogue.tariffs`.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, Phase, User


class Theme(models.Model):
    """An improvement theme. Level 1 has no parent; offers and needs are declared at level 2.

    `aliases` are the names of older frameworks (inspection framework areas) that mean this theme. `remote_fit` is how well support
    on it works at a distance, in hundredths from 0 to 100; `max_km` beyond which support in person is not counted (coverage.md 1).
    """

    code = models.SlugField(max_length=40, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    name = models.CharField(max_length=100)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    remote_fit = models.PositiveSmallIntegerField(default=60)
    max_km = models.PositiveSmallIntegerField(default=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(remote_fit__lte=100), name="remote_fit_is_at_most_one")
        ]

    def __str__(self) -> str:
        return self.name


class ServiceKind(models.TextChoices):
    """What a support type is for tax and the chart of accounts (domain 1.5 and 1.6)."""

    IMPROVEMENT = "improvement", "School improvement support"
    COURSE = "course", "Course or training"
    GOVERNANCE = "governance", "Governance, clerking and other professional services"
    TEACHING_STAFF = "teaching_staff", "Supply of teaching staff"


class SupportType(models.Model):
    """A way of supporting: review, coaching, course … The service kind decides its CFR code and VAT treatment."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    service_kind = models.CharField(max_length=20, choices=ServiceKind, default=ServiceKind.IMPROVEMENT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


def practitioner_reference() -> str:
    return new_reference("PR")


class Practitioner(models.Model):
    """A person who can be deployed. Days agreed with their headteacher count per academic year, in half-days.

    The releasing organisation employs the person. Where another body lists them (a hub, a school company), that is `listed_by`;
    null means that the releasing organisation does so itself.
    """

    reference = models.CharField(max_length=12, unique=True, default=practitioner_reference, editable=False)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="practitioner"
    )
    name = models.CharField(max_length=150)
    releasing_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="released_practitioners"
    )
    listed_by = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="listed_practitioners"
    )
    job_title = models.CharField(max_length=120, blank=True)
    biography = models.TextField(blank=True)
    themes = models.ManyToManyField(Theme, related_name="practitioners", blank=True)
    phases = ArrayField(models.CharField(max_length=12, choices=Phase), default=list, blank=True)
    agreed_half_days = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Award(models.Model):
    """What a designation of a person and one of a provider have in common: what, by whom, from when until when, and how one knows.

    `evidence` says where the award can be seen. A convenor who has looked leaves their name in `checked_by`; a change of dates or
    evidence takes it away again.
    """

    scheme = models.CharField(max_length=80)
    awarded_by = models.CharField(max_length=150)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="%(class)s_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True, checked_at__isnull=True)
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="%(class)s_check_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.scheme


class Designation(Award):
    """A dated award such as Specialist Leader of Education, with the body that made it: a local attribute, not a national truth."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="designations")


class ProviderDesignation(Award):
    """A dated award of an organisation, such as Teaching school hub or Research school."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="designations")


class AssuranceScope(models.TextChoices):
    ACCOMPANIED = "accompanied", "Visits where school staff are present"
    REGULATED = "regulated_activity", "Regulated activity with pupils"


class EmployerAssurance(models.Model):
    """The employer's written word that the person's checks were done (KCSIE). Who said so, when, for what, until when.

    There is no certificate number and no scan, here or anywhere. An employer who takes the word back sets `withdrawn_at`:
    from then on it counts for no day, and the row stays as history. Why is nobody else's business and is not kept.
    """

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="assurances")
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by_name = models.CharField(max_length=150)
    confirmed_on = models.DateField()
    scope = models.CharField(max_length=20, choices=AssuranceScope, default=AssuranceScope.ACCOMPANIED)
    valid_from = models.DateField()
    valid_to = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-valid_to", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by_name="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by_name="")),
                name="assurance_withdrawal_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="assurance_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner}: {self.get_scope_display()} until {self.valid_to}"


class OfferStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted for approval"
    RETURNED = "returned", "Returned with reasons"
    PUBLISHED = "published", "Published"
    PAUSED = "paused", "Paused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DeliveryMode(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    REMOTE = "remote", "Remote"
    BOTH = "both", "In person or remote"


class ActivityBasis(models.TextChoices):
    """Whether the local authority must do it, does it free for all, or the school chooses to buy it (domain 1.2)."""

    STATUTORY = "statutory", "Statutory"
    CORE = "core", "Core: free to schools"
    TRADED = "traded", "Traded: schools choose to buy"


class OfferScope(models.TextChoices):
    OPEN = "open", "Open to all schools"
    TRUST = "trust", "Only for schools of our trust"


def offer_reference() -> str:
    return new_reference("OF")


class Offer(models.Model):
    """A service a provider lists. What it says is in `current`, the version on show; a later version is one being worked on.

    `rating_total` sums the ratings of receiving heads in hundredths (0 to 100 each), `rating_count` counts them.
    """

    reference = models.CharField(max_length=12, unique=True, default=offer_reference, editable=False)
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="offers")
    status = models.CharField(max_length=10, choices=OfferStatus, default=OfferStatus.DRAFT)
    current = models.OneToOneField(
        "OfferVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    # The provider's last word that the offer still stands; older than 180 days it is listed but not counted (coverage.md 2).
    confirmed_at = models.DateTimeField(null=True, blank=True)
    rating_total = models.PositiveIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "provider"], name="offer_by_status_and_provider")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["published", "paused"]) | Q(current__isnull=False),
                name="a_published_offer_has_a_version",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown(self) -> "OfferVersion":
        """The version schools see; an offer that is or was on show always has one."""
        if self.current is None:
            raise ValueError(f"{self.reference} has never been on show")
        return self.current


class VersionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted for approval"
    RETURNED = "returned", "Returned with reasons"
    APPROVED = "approved", "Approved"
    DISCARDED = "discarded", "Discarded"


class OfferVersion(models.Model):
    """The content of an offer. `capacity_half_days` is what the provider can give in an academic year; null means not stated.

    `search` is the full-text index of what the version says, kept up by every action that changes it. An empty `price_rule` is a
    draft whose price has not been set yet. `written_by` wrote it last, `reviewed_by` is the convenor who judged it.
    """

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    return_reason = models.TextField(blank=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    support_type = models.ForeignKey(SupportType, on_delete=models.PROTECT, related_name="+")
    themes = models.ManyToManyField(Theme, related_name="+")
    phases = ArrayField(models.CharField(max_length=12, choices=Phase), default=list)
    mode = models.CharField(max_length=10, choices=DeliveryMode, default=DeliveryMode.IN_PERSON)
    reach_km = models.PositiveSmallIntegerField(default=25)
    capacity_half_days = models.PositiveSmallIntegerField(null=True, blank=True)
    minimum_half_days = models.PositiveSmallIntegerField(default=1)
    activity_basis = models.CharField(max_length=10, choices=ActivityBasis, default=ActivityBasis.TRADED)
    scope = models.CharField(max_length=6, choices=OfferScope, default=OfferScope.OPEN)
    price_rule = models.JSONField(default=dict, blank=True)
    brokerage_fee = models.JSONField(default=dict, blank=True)
    cancellation_tariff = models.JSONField(default=dict, blank=True)
    evidence = models.TextField(blank=True)
    practitioners = models.ManyToManyField(Practitioner, related_name="offer_versions", blank=True)
    search = SearchVectorField(null=True, editable=False)
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        indexes = [
            GinIndex(fields=["search"], name="offer_full_text"),
            GinIndex(fields=["phases"], name="offer_by_phase"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(status__in=["draft", "submitted", "returned"]),
                name="an_offer_has_one_version_in_work",
            ),
            models.CheckConstraint(
                condition=Q(minimum_half_days__gte=1), name="offer_minimum_is_at_least_half_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EmptySearch(models.Model):
    """One search that found nothing, by one person on one day: so that the same search again is not told twice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "empty searches"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "fingerprint"], name="an_empty_search_is_told_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.fingerprint[:8]}"
