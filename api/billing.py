"""The API of documents: read only, for finance systems."""

from typing import Any

import django_filters
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter

from marketplace.billing import queries
from marketplace.billing.models import CardPayment, CardPaymentStatus, Document, DocumentKind, DocumentLine
from marketplace.billing.queries.cards import card_payments_visible_to


class DocumentLineOutput(serializers.ModelSerializer[DocumentLine]):
    """A line of a document; amounts in pence, the VAT rate in basis points."""

    class Meta:
        model = DocumentLine
        fields = [
            "position",
            "description",
            "net_pence",
            "vat_basis_points",
            "vat_pence",
            "vat_treatment",
            "vat_reason",
            "cfr_code",
            "income_code",
            "activity_basis",
            "funding",
            "service_from",
            "service_to",
        ]


class DocumentOutput(serializers.ModelSerializer[Document]):
    """An issued document; amounts in pence."""

    number = serializers.CharField(source="full_number")
    supplier = serializers.CharField(source="supplier.name")
    buyer = serializers.CharField(source="buyer.name")
    booking = serializers.CharField(source="booking.reference", allow_null=True, default=None)
    agreement = serializers.CharField(source="agreement.reference", allow_null=True, default=None)
    credits = serializers.CharField(source="credits.reference", allow_null=True, default=None)
    replaces = serializers.CharField(source="replaces.reference", allow_null=True, default=None)
    outstanding_pence = serializers.IntegerField(read_only=True, help_text="What is still to be paid")
    lines = DocumentLineOutput(many=True)

    class Meta:
        model = Document
        fields = [
            "reference",
            "number",
            "kind",
            "route",
            "supplier",
            "buyer",
            "booking",
            "agreement",
            "credits",
            "replaces",
            "issued_on",
            "due_on",
            "purchase_order_number",
            "note",
            "net_pence",
            "vat_pence",
            "gross_pence",
            "outstanding_pence",
            "lines",
        ]


class DocumentFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=DocumentKind.choices)
    booking = django_filters.CharFilter(field_name="booking__reference", label="Reference of the booking")
    agreement = django_filters.CharFilter(
        field_name="agreement__reference", label="Reference of the service agreement"
    )
    issued_from = django_filters.DateFilter(
        field_name="issued_on", lookup_expr="gte", label="Issued on or after"
    )
    issued_to = django_filters.DateFilter(
        field_name="issued_on", lookup_expr="lte", label="Issued on or before"
    )

    class Meta:
        model = Document
        fields = ["kind", "booking", "agreement", "issued_from", "issued_to"]


class DocumentViewSet(viewsets.ReadOnlyModelViewSet[Document]):
    """Invoices, journals and credit notes your organisations issued or received."""

    queryset = Document.objects.none()
    serializer_class = DocumentOutput
    filterset_class = DocumentFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return (
            queries.with_outstanding(queries.documents_visible_to(self.request.actor))
            .select_related("credits", "replaces")
            .prefetch_related("lines")
            .order_by("-pk")
        )


class CardPaymentOutput(serializers.ModelSerializer[CardPayment]):
    """A payment by card; amounts in pence. `document` or `booking` is the reference of what it pays."""

    payer = serializers.CharField(source="payer.name")
    payee = serializers.CharField(source="payee.name")
    document = serializers.CharField(source="document.reference", allow_null=True, default=None)
    booking = serializers.CharField(source="booking.reference", allow_null=True, default=None)

    class Meta:
        model = CardPayment
        fields = [
            "reference",
            "status",
            "payer",
            "payee",
            "document",
            "booking",
            "pence",
            "refunded_pence",
            "started_at",
            "paid_at",
        ]


class CardPaymentFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=CardPaymentStatus.choices)
    document = django_filters.CharFilter(field_name="document__reference", label="Reference of the document")
    booking = django_filters.CharFilter(field_name="booking__reference", label="Reference of the booking")

    class Meta:
        model = CardPayment
        fields = ["status", "document", "booking"]


class CardPaymentViewSet(viewsets.ReadOnlyModelViewSet[CardPayment]):
    """Card payments your organisations made or received. Paying itself takes a person and a page."""

    queryset = CardPayment.objects.none()
    serializer_class = CardPaymentOutput
    filterset_class = CardPaymentFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return card_payments_visible_to(self.request.actor).order_by("-pk")


def register(router: DefaultRouter) -> None:
    """Add the viewsets of billing to the router."""
    router.register("documents", DocumentViewSet, basename="document")
    router.register("card-payments", CardPaymentViewSet, basename="cardpayment")
