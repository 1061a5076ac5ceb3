"""Organisations, schools as the register has them, and groups of schools."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.kernel.references import new_reference
from marketplace.organisations.models.areas import Area, Ward


class Phase(models.TextChoices):
    """The phases support is offered and needed in. A school has one or more; special schools and PRUs are a phase of their own."""

    EARLY_YEARS = "early_years", "Early years"
    PRIMARY = "primary", "Primary"
    SECONDARY = "secondary", "Secondary"
    POST_16 = "post_16", "Post-16"
    SPECIAL_AP = "special_ap", "Special and alternative provision"


class LegalStatus(models.TextChoices):
    """Whose money a body spends: it decides between journal and invoice, and the VAT treatment. Derived from register codes."""

    LA_MAINTAINED = "la_maintained", "Maintained by the local authority"
    ACADEMY = "academy", "Academy or free school"
    INDEPENDENT = "independent", "Independent"
    NON_MAINTAINED_SPECIAL = "non_maintained_special", "Non-maintained special school"
    FURTHER_EDUCATION = "further_education", "Further education"
    LOCAL_AUTHORITY = "local_authority", "Local authority"
    COMPANY = "company", "Company"
    CHARITY = "charity", "Diocese or charity"
    OTHER = "other", "Other"


class OrganisationKind(models.TextChoices):
    SCHOOL = "school", "School"
    TRUST = "trust", "Trust"
    FEDERATION = "federation", "Federation"
    DIOCESE = "diocese", "Diocese"
    TEACHING_SCHOOL_HUB = "teaching_school_hub", "Teaching school hub"
    LA_SERVICE = "la_service", "Local authority service"
    SCHOOL_COMPANY = "school_company", "School company"
    INDEPENDENT = "independent", "Independent provider"
    LOCAL_AUTHORITY = "local_authority", "Local authority"


def organisation_reference() -> str:
    return new_reference("ORG")


class Organisation(models.Model):
    """A body that buys, provides or oversees. `register_code` is its code in the register (trust UID, federation UID, diocese code).

    `supervising_authority` is set for a school company only (Education Act 2002 s.11; SI 2002/2978 reg. 17).
    """

    reference = models.CharField(max_length=12, unique=True, default=organisation_reference, editable=False)
    kind = models.CharField(max_length=24, choices=OrganisationKind)
    legal_status = models.CharField(max_length=24, choices=LegalStatus, default=LegalStatus.OTHER)
    name = models.CharField(max_length=200)
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="organisations"
    )
    register_code = models.CharField(max_length=12, blank=True)
    supervising_authority = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supervised_companies"
    )
    address = models.TextField(blank=True)
    easting = models.IntegerField(null=True, blank=True)
    northing = models.IntegerField(null=True, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    # Where suspended, no new bookings are taken.
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["area", "kind"], name="organisation_by_area_and_kind")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "register_code"],
                condition=~Q(register_code=""),
                name="one_organisation_per_register_code",
            ),
            models.CheckConstraint(
                condition=Q(supervising_authority__isnull=True) | Q(kind="school_company"),
                name="only_a_school_company_has_a_supervising_authority",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_provider_kind(self) -> bool:
        """Whether a body of this kind may list offers: all but the local authority as overseer."""
        return self.kind != OrganisationKind.LOCAL_AUTHORITY


class LocationSource(models.TextChoices):
    REGISTER = "register", "Grid reference in the register"
    WARD = "ward", "Centre of its ward (approximate)"
    NONE = "none", "Not located"


class School(models.Model):
    """What the register says of one school. Shares its primary key with its organisation. Head teachers' names are never stored."""

    organisation = models.OneToOneField(
        Organisation, primary_key=True, on_delete=models.CASCADE, related_name="school"
    )
    urn = models.PositiveIntegerField(unique=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="schools")
    ward = models.ForeignKey(Ward, null=True, on_delete=models.SET_NULL, related_name="schools")
    trust = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="trust_schools"
    )
    federation = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="federation_schools"
    )
    diocese = models.ForeignKey(
        Organisation, null=True, on_delete=models.SET_NULL, related_name="diocese_schools"
    )
    # The ward's code in the register, kept for when the boundaries of that ward are not here yet.
    ward_code = models.CharField(max_length=9, blank=True)
    establishment_number = models.CharField(max_length=4, blank=True)
    ukprn = models.CharField(max_length=8, blank=True)
    type_code = models.CharField(max_length=2)
    type_group_code = models.CharField(max_length=2, blank=True)
    status_code = models.CharField(max_length=2)
    phase_code = models.CharField(max_length=2, blank=True)
    phases = ArrayField(models.CharField(max_length=12, choices=Phase), default=list)
    low_age = models.PositiveSmallIntegerField(null=True)
    high_age = models.PositiveSmallIntegerField(null=True)
    pupils = models.PositiveIntegerField(null=True)
    capacity = models.PositiveIntegerField(null=True)
    census_date = models.DateField(null=True)
    # Percentage of pupils eligible for free school meals, in hundredths of a percent.
    fsm_basis_points = models.PositiveIntegerField(null=True)
    gender_code = models.CharField(max_length=2, blank=True)
    religious_character = models.CharField(max_length=60, blank=True)
    open_date = models.DateField(null=True)
    close_date = models.DateField(null=True)
    street = models.CharField(max_length=120, blank=True)
    locality = models.CharField(max_length=120, blank=True)
    town = models.CharField(max_length=120, blank=True)
    county = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    website = models.CharField(max_length=200, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    easting = models.IntegerField(null=True)
    northing = models.IntegerField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    location_source = models.CharField(max_length=10, choices=LocationSource, default=LocationSource.NONE)

    OPEN_STATUSES: ClassVar = ("1", "3")  # open; open, but proposed to close

    class Meta:
        indexes = [models.Index(fields=["area", "status_code"], name="school_by_area_and_status")]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.urn})"

    @property
    def is_open(self) -> bool:
        return self.status_code in self.OPEN_STATUSES


class LinkKind(models.TextChoices):
    PREDECESSOR = "predecessor", "Predecessor"
    SUCCESSOR = "successor", "Successor"
    SIXTH_FORM_CENTRE = "sixth_form_centre", "Sixth form centre"
    OTHER = "other", "Other"


class SchoolLink(models.Model):
    """What the register says `linked_urn` is to `urn`. Either school may be unknown to us, so these are numbers, not keys.

    `link_type` keeps the register's own words, which tell mergers, splits and amalgamations apart.
    """

    urn = models.PositiveIntegerField()
    linked_urn = models.PositiveIntegerField(db_index=True)
    kind = models.CharField(max_length=20, choices=LinkKind, default=LinkKind.OTHER)
    link_type = models.CharField(max_length=60)
    established_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["urn", "linked_urn", "link_type"], name="one_row_per_school_link")
        ]

    def __str__(self) -> str:
        return f"{self.urn} {self.link_type} {self.linked_urn}"


def cluster_reference() -> str:
    return new_reference("CL")


class Cluster(models.Model):
    """A group of schools a convenor made: a locality, a learning community, a triad."""

    reference = models.CharField(max_length=12, unique=True, default=cluster_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="clusters")
    name = models.CharField(max_length=100)
    schools = models.ManyToManyField(School, related_name="clusters")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="cluster_names_are_unique_in_an_area")
        ]

    def __str__(self) -> str:
        return self.name
