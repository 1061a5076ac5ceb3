"""What was agreed: one service agreement per school, seller and contract term, with its lines and entitlements."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.buyback.models.approvals import QuotesEvidence
from marketplace.buyback.models.baskets import Basket
from marketplace.buyback.models.funding import FundingStream
from marketplace.buyback.models.selling import (
    BuyBackWindow,
    InclusionKind,
    PackageEdition,
    TermsVersion,
)
from marketplace.catalogue.models import SupportType, Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.dates import ContractCalendar, Period
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


def agreement_reference() -> str:
    return new_reference("AG")


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Waiting for approval"
    SUBMITTED = "submitted", "Ordered: starts on its first day"
    ACTIVE = "active", "In force"
    ENDED = "ended", "Ended"
    WITHDRAWN = "withdrawn", "Withdrawn before it was approved"
    TERMINATED = "terminated", "Ended early"
    SUPERSEDED = "superseded", "Replaced by another agreement"


class AgreementRoute(models.TextChoices):
    """How an agreement is paid: by the legal status of the parties."""

    JOURNAL = "journal", "Journal transfer"
    INVOICE = "invoice", "Invoice"


class ServiceAgreement(models.Model):
    """A school's agreement with a seller from `starts_on` to `ends_on` (whole months), one or more contract years long.

    `year_pence` on the lines is what the *first* year costs before VAT (a part year is priced pro rata); later years are worked out
    when they begin, by the line's rule, and kept in `AgreementYear`. `parties`, and the price and tariff on each line, are
    snapshots. `supersedes` is the agreement this one follows: on conversion to an academy, or on renewal (`succession`).
    `ordered_by` is the organisation that ordered: the school itself, or its trust.
    """

    reference = models.CharField(max_length=12, unique=True, default=agreement_reference, editable=False)
    status = models.CharField(max_length=20, choices=AgreementStatus, default=AgreementStatus.DRAFT)
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements_as_buyer")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements_as_seller")
    ordered_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreements_ordered")
    window = models.ForeignKey(BuyBackWindow, on_delete=models.PROTECT, related_name="agreements")
    basket = models.ForeignKey(
        Basket, null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    calendar = models.CharField(max_length=10, choices=ContractCalendar.choices())
    starts_on = models.DateField()
    ends_on = models.DateField()
    years = models.PositiveSmallIntegerField(default=1)
    terms = models.ForeignKey(TermsVersion, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_name = models.CharField(max_length=150, blank=True)
    accepted_capacity = models.CharField(max_length=120, blank=True)
    accepted_at = models.DateTimeField(null=True)
    parties = models.JSONField(default=dict)
    route = models.CharField(max_length=12, choices=AgreementRoute)
    route_reason = models.CharField(max_length=300)
    purchase_order_number = models.CharField(max_length=40, blank=True)
    late_charge_pence = models.PositiveIntegerField(default=0)
    funding_stream = models.ForeignKey(
        FundingStream, null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    quotes_evidence = models.ForeignKey(
        QuotesEvidence, null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    minute_reference = models.CharField(max_length=80, blank=True)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    succession = models.CharField(
        max_length=12,
        blank=True,
        choices=[("renewal", "Renewal"), ("conversion", "Conversion to an academy")],
    )
    ended_on = models.DateField(null=True)
    end_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["buyer", "status"], name="agreement_by_buyer"),
            models.Index(fields=["seller", "status"], name="agreement_by_seller"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="agreement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="agreement_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(buyer=F("seller")), name="agreement_is_between_two_organisations"
            ),
            models.CheckConstraint(
                condition=Q(years__gte=1, years__lte=5), name="agreement_is_one_to_five_years"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def period(self) -> Period:
        """First and last day."""
        return Period(self.starts_on, self.ends_on)


class AgreementLine(models.Model):
    """One package of an agreement: snapshots of its price (explained) and tariff as they were when it was ordered.

    `year_pence` is the first year's price before VAT; VAT was `vat_pence` as it stood then. The document settles it on its own date.
    """

    agreement = models.ForeignKey(ServiceAgreement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    edition = models.ForeignKey(PackageEdition, on_delete=models.PROTECT, related_name="agreement_lines")
    description = models.CharField(max_length=200)
    price = models.JSONField()
    year_pence = models.PositiveIntegerField()
    vat_pence = models.PositiveIntegerField(default=0)
    cancellation_tariff = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "position"], name="agreement_lines_are_numbered")
        ]

    def __str__(self) -> str:
        return self.description


class AgreementYear(models.Model):
    """One contract year of an agreement: what it costs, line by line, once that year's price is known.

    `pence` maps a line's id (as text) to its price of the year before VAT; `explained` keeps the price explanations.
    """

    agreement = models.ForeignKey(ServiceAgreement, on_delete=models.CASCADE, related_name="contract_years")
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    pence = models.JSONField()
    explained = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_years_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, year {self.number}"

    @property
    def period(self) -> Period:
        """First and last day of the year within the agreement."""
        return Period(self.starts_on, self.ends_on)


class Entitlement(models.Model):
    """What a school may draw down in one contract year: so many half-days (places, reviews) of an agreement line.

    The balance is not here but in the entitlement ledger, in the accounts whose `detail` is `account_detail`.
    """

    agreement = models.ForeignKey(ServiceAgreement, on_delete=models.PROTECT, related_name="entitlements")
    line = models.ForeignKey(AgreementLine, on_delete=models.PROTECT, related_name="entitlements")
    year_number = models.PositiveSmallIntegerField(default=1)
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="entitlements")
    kind = models.CharField(max_length=12, choices=InclusionKind)
    unit = models.CharField(max_length=12)
    granted = models.PositiveIntegerField()
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    support_type = models.ForeignKey(
        SupportType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField()
    valid_to = models.DateField()
    carried_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried_into"
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="entitlement_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.granted} {self.unit}"

    @property
    def account_detail(self) -> str:
        """What tells its ledger accounts apart."""
        return f"entitlement:{self.pk}"
