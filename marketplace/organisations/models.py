"""Areas, organisations, schools and people.

An `Area` is one local authority with its `Ward`s and the `Cluster`s its convenors make. Every body that takes part is an
`Organisation`; a school is an organisation with a `School` row beside it, keyed on its URN, holding what the register says.
A `User` holds roles through `Membership`, always at an organisation: the convenor's organisation is the local authority
itself. People come in by `Invitation` only.

A `RegisterImport` is one batch of changes to schools from a register file; its `RegisterChange` rows hold what was there before,
so that the batch can be previewed, applied and undone.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from marketplace.kernel.access import Role
from marketplace.kernel.references import new_reference


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


class Area(models.Model):
    """One local authority area. `code` is the DfE's three digits, `gss_code` the ONS's nine characters."""

    code = models.CharField(max_length=3, unique=True)
    gss_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Ward(models.Model):
    """A ward with its boundary as GeoJSON geometry (WGS84, longitude first) and its centroid in both grids."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="wards")
    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=100)
    geometry = models.JSONField()
    easting = models.IntegerField()
    northing = models.IntegerField()
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


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
    establishment_number = models.CharField(max_length=4, blank=True)
    ukprn = models.CharField(max_length=8, blank=True)
    type_code = models.CharField(max_length=2)
    type_group_code = models.CharField(max_length=2, blank=True)
    status_code = models.CharField(max_length=1)
    phase_code = models.CharField(max_length=1, blank=True)
    phases = ArrayField(models.CharField(max_length=12, choices=Phase), default=list)
    low_age = models.PositiveSmallIntegerField(null=True)
    high_age = models.PositiveSmallIntegerField(null=True)
    pupils = models.PositiveIntegerField(null=True)
    capacity = models.PositiveIntegerField(null=True)
    census_date = models.DateField(null=True)
    # Percentage of pupils eligible for free school meals, in hundredths of a percent.
    fsm_basis_points = models.PositiveIntegerField(null=True)
    gender_code = models.CharField(max_length=1, blank=True)
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


class SchoolLink(models.Model):
    """The register's link from one URN to another: predecessor, successor, amalgamation. Either end may be unknown to us."""

    urn = models.PositiveIntegerField()
    linked_urn = models.PositiveIntegerField()
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


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in with an e-mail address; what they may do comes from their memberships alone."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


ROLES = [(role.value, role.value.replace("_", " ").capitalize()) for role in Role]


class Membership(models.Model):
    """A role a person holds at an organisation, until it is ended. Ended rows stay, as history."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLES)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at__isnull=True),
                name="a_role_is_held_once_at_an_organisation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} at {self.organisation}"


def invitation_reference() -> str:
    return new_reference("INV")


class Invitation(models.Model):
    """An invitation by e-mail to hold a role. Only the hash of its token is kept; resending makes a new token."""

    reference = models.CharField(max_length=12, unique=True, default=invitation_reference, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=ROLES)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email", "role"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_per_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()} of {self.organisation}"


def import_reference() -> str:
    return new_reference("IMP")


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", "Waiting to be read"
    READING = "reading", "Being read"
    PREVIEWED = "previewed", "Ready to apply"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"
    DISCARDED = "discarded", "Discarded"
    FAILED = "failed", "Failed"


class RegisterImport(models.Model):
    """One batch: a register file read, compared with what is known, applied, and perhaps undone.

    `area` is the convenor's area, or null when an operator imports every area in the file.
    """

    reference = models.CharField(max_length=12, unique=True, default=import_reference, editable=False)
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    file = models.FileField(upload_to="register/", null=True)
    sha256 = models.CharField(max_length=64)
    layout = models.CharField(max_length=80, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.UPLOADED)
    problem = models.TextField(blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reference} {self.file_name}"


class ChangeKind(models.TextChoices):
    ADD = "add", "Added"
    CHANGE = "change", "Changed"
    CLOSE = "close", "Closed"


class RegisterChange(models.Model):
    """One school the batch adds, changes or closes. `before` and `after` hold only the fields that differ, by field name."""

    batch = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    urn = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "urn"], name="one_change_per_school_in_a_batch")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.urn}"


class RegisterRefusal(models.Model):
    """A row of the file that was not taken, with its line number and the reason."""

    batch = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="refusals")
    line = models.PositiveIntegerField()
    urn = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
