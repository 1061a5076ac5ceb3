"""What is sold in the buy-back: windows, terms, packages and their editions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.buyback.rules.windows import WindowDates
from marketplace.catalogue.models import ActivityBasis, SupportType, Theme
from marketplace.kernel.dates import ContractCalendar, Period, contract_year, contract_year_label
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, User


def window_reference() -> str:
    return new_reference("WIN")


class LateRule(models.TextChoices):
    """What becomes of an order after the window has closed."""

    REFUSED = "refused", "No orders after the window closes"
    FULL_PRICE = "full_price", "The whole year’s price"
    PRO_RATA = "pro_rata", "Pro rata: whole months left, out of 12"


class BuyBackWindow(models.Model):
    """When the schools of an area order for one contract year. `late_charge_pence` is added to each late agreement."""

    reference = models.CharField(max_length=12, unique=True, default=window_reference, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="buyback_windows")
    calendar = models.CharField(max_length=10, choices=ContractCalendar.choices())
    first_day = models.DateField()
    prices_visible_from = models.DateField()
    orders_from = models.DateField()
    closes_on = models.DateField()
    late_rule = models.CharField(max_length=10, choices=LateRule, default=LateRule.FULL_PRICE)
    late_charge_pence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["first_day", "calendar"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "calendar", "first_day"], name="one_window_per_contract_year"
            ),
            models.CheckConstraint(
                condition=Q(prices_visible_from__lte=F("orders_from"), orders_from__lte=F("closes_on")),
                name="a_window_shows_then_opens_then_closes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.year_label}"

    @property
    def contract_year(self) -> Period:
        """The twelve months ordered for."""
        return contract_year(ContractCalendar(self.calendar), self.first_day)

    @property
    def dates(self) -> WindowDates:
        """Its days and late rule as the rules of windows take them."""
        return WindowDates(
            calendar=ContractCalendar(self.calendar),
            first_day=self.first_day,
            prices_visible_from=self.prices_visible_from,
            orders_from=self.orders_from,
            closes_on=self.closes_on,
            late_rule=self.late_rule,
            late_charge_pence=self.late_charge_pence,
        )

    @property
    def year_label(self) -> str:
        """`2027-28` (financial) or `2027/28` (academic)."""
        return contract_year_label(ContractCalendar(self.calendar), self.first_day)


class TermsVersion(models.Model):
    """Terms as a seller published them. Once published they never change: new words are a new number. `body` is plain text."""

    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField()
    published_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["seller", "-number"]
        constraints = [models.UniqueConstraint(fields=["seller", "number"], name="terms_are_numbered")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


def package_reference() -> str:
    return new_reference("PK")


class Package(models.Model):
    """Something a seller sells by the year, year after year; what it is and costs in one year is an edition."""

    reference = models.CharField(max_length=12, unique=True, default=package_reference, editable=False)
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="packages")
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class EditionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "On sale"
    WITHDRAWN = "withdrawn", "Withdrawn"


class CarryForward(models.TextChoices):
    """What becomes of days not used by the end of the contract year."""

    NONE = "none", "Unused days lapse"
    CAPPED = "capped", "Some unused days are carried into the next year"
    WITH_APPROVAL = "with_approval", "Unused days are carried forward if the seller agrees"


class PackageEdition(models.Model):
    """A package in one window: content, price rule (a year's price), terms and tariff. Unchanged once published.

    `term_years` are the lengths of agreement offered (1 to 3 years: the statutory scheme's limit for a first agreement).
    `carry_cap_half_days` holds for `capped`. With `exchange_rights` unused days may be turned into credits of the bank of days.
    `core_note` says what the seller does free of charge anyway. `service_kind` decides VAT and the code (`kernel.supply`).
    """

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="editions")
    window = models.ForeignKey(BuyBackWindow, on_delete=models.PROTECT, related_name="editions")
    status = models.CharField(max_length=10, choices=EditionStatus, default=EditionStatus.DRAFT)
    summary = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    core_note = models.TextField(blank=True)
    activity_basis = models.CharField(max_length=10, choices=ActivityBasis, default=ActivityBasis.TRADED)
    service_kind = models.CharField(max_length=20, default="improvement")
    price_rule = models.JSONField(default=dict, blank=True)
    term_years = ArrayField(models.PositiveSmallIntegerField(), default=list)
    carry_forward = models.CharField(max_length=14, choices=CarryForward, default=CarryForward.NONE)
    carry_cap_half_days = models.PositiveSmallIntegerField(default=0)
    exchange_rights = models.BooleanField(default=False)
    cancellation_tariff = models.JSONField(default=dict, blank=True)
    terms = models.ForeignKey(TermsVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    change_notice = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["package__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "window"],
                condition=~Q(status="withdrawn"),
                name="one_edition_per_package_and_window",
            )
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.window.year_label}"


class InclusionKind(models.TextChoices):
    """What can be included, each in a unit of its own."""

    DAYS = "days", "Days of support"
    PLACES = "places", "Places on courses"
    PEER_REVIEW = "peer_review", "Peer reviews"


UNITS = {
    InclusionKind.DAYS: "half_days",
    InclusionKind.PLACES: "places",
    InclusionKind.PEER_REVIEW: "reviews",
}
"""The ledger unit of each kind of inclusion. Days are counted in half-days."""


class PackageInclusion(models.Model):
    """One thing an edition includes: so many half-days (or places, reviews), for a theme or support type or for any."""

    edition = models.ForeignKey(PackageEdition, on_delete=models.CASCADE, related_name="inclusions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=InclusionKind, default=InclusionKind.DAYS)
    quantity = models.PositiveSmallIntegerField()
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    support_type = models.ForeignKey(
        SupportType, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="inclusions_are_numbered"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="an_inclusion_is_at_least_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.quantity}"
