"""Issued papers: invoices, journals, credit notes, self-billing invoices, and the counters of their numbers."""

from django.db import models
from django.db.models import F, Q

from marketplace.bookings.models import Booking, PaymentRoute, PlaceOrder
from marketplace.buyback.models import FundingKind, ServiceAgreement
from marketplace.kernel.money import percent
from marketplace.kernel.references import new_reference
from marketplace.kernel.vat import VatTreatment
from marketplace.organisations.models import Organisation, User


class DocumentKind(models.TextChoices):
    INVOICE = "invoice", "Invoice"
    JOURNAL = "journal", "Journal transfer"
    CREDIT_NOTE = "credit_note", "Credit note"
    SELF_BILL = "self_bill", "Self-billing invoice"


class NumberSeries(models.Model):
    """The counter behind the document numbers of one supplier, kind and financial year."""

    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=DocumentKind)
    year = models.CharField(max_length=7)
    prefix = models.CharField(max_length=16, unique=True)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "kind", "year"], name="one_series_per_supplier_kind_and_year"
            )
        ]

    def __str__(self) -> str:
        return self.prefix


def document_reference() -> str:
    return new_reference("DOC")


class Document(models.Model):
    """An issued paper: never changed. `parties` keeps the names and addresses as they were on the day."""

    reference = models.CharField(max_length=12, unique=True, default=document_reference, editable=False)
    kind = models.CharField(max_length=12, choices=DocumentKind)
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField()
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents_issued")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents_received")
    booking = models.ForeignKey(Booking, null=True, on_delete=models.PROTECT, related_name="documents")
    place_order = models.ForeignKey(PlaceOrder, null=True, on_delete=models.PROTECT, related_name="documents")
    agreement = models.ForeignKey(
        ServiceAgreement, null=True, on_delete=models.PROTECT, related_name="documents"
    )
    credits = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="credit_notes")
    # The document this one was issued in place of, after a credit note for all of it.
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    route = models.CharField(max_length=12, choices=PaymentRoute)
    issued_on = models.DateField()
    due_on = models.DateField(null=True)
    purchase_order_number = models.CharField(max_length=40, blank=True)
    parties = models.JSONField()
    # A sentence printed on the paper: why it was credited, or treated otherwise than the rules say.
    note = models.CharField(max_length=300, blank=True)
    net_pence = models.BigIntegerField()
    vat_pence = models.BigIntegerField()
    gross_pence = models.BigIntegerField()
    issued_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # One document per business effect (`booking:17:delivered`), however often the job runs.
    effect = models.CharField(max_length=80, unique=True)
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "number"], name="document_numbers_are_unique_in_a_series"
            ),
            models.CheckConstraint(
                condition=Q(gross_pence=F("net_pence") + F("vat_pence")),
                name="document_total_is_net_plus_vat",
            ),
        ]

    def __str__(self) -> str:
        return self.full_number

    @property
    def full_number(self) -> str:
        return f"{self.series.prefix}-{self.number:05d}"


class DocumentLine(models.Model):
    """One line: amounts in pence, the VAT rate in basis points, the treatment with its reason, and the codes a bursar needs."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=300)
    net_pence = models.BigIntegerField()
    vat_basis_points = models.PositiveIntegerField()
    vat_pence = models.BigIntegerField()
    vat_treatment = models.CharField(max_length=20)
    vat_reason = models.CharField(max_length=300)
    cfr_code = models.CharField(max_length=6)
    income_code = models.CharField(max_length=6, blank=True)
    activity_basis = models.CharField(max_length=10, blank=True)
    funding = models.CharField(max_length=12, choices=FundingKind, default=FundingKind.TRADED)
    # The days the service of the line is for: what of it belongs to which financial year.
    service_from = models.DateField(null=True)
    service_to = models.DateField(null=True)
    # On a credit note: the line it takes back, in whole or in part.
    credits_line = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="credited_by")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="document_lines_are_numbered")
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def vat_label(self) -> str:
        """The treatment in words, with the rate where there is one: “Standard-rated, 20%”."""
        label = VatTreatment(self.vat_treatment).label
        return f"{label}, {percent(self.vat_basis_points)}" if self.vat_basis_points else label


class BillingFailure(models.Model):
    """Why what a booking calls for could not be issued or booked when it was last tried. Gone once it was."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="billing_failure")
    error = models.CharField(max_length=500)
    failed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.booking}: {self.error}"
