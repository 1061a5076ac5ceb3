"""The API of documents: read only, for finance systems."""

from typing import Any

import django_filters
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter

from marketplace.billing import queries
from marketplace.billing.models import Document, DocumentKind, DocumentLine


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
        ]


class DocumentOutput(serializers.ModelSerializer[Document]):
    """An issued document; amounts in pence."""

    number = serializers.CharField(source="full_number")
    supplier = serializers.CharField(source="supplier.name")
    buyer = serializers.CharField(source="buyer.name")
    booking = serializers.CharField(source="booking.reference", allow_null=True, default=None)
    credits = serializers.CharField(source="credits.reference", allow_null=True, default=None)
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
            "credits",
            "issued_on",
            "due_on",
            "purchase_order_number",
            "net_pence",
            "vat_pence",
            "gross_pence",
            "lines",
        ]


class DocumentFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=DocumentKind.choices)
    booking = django_filters.CharFilter(field_name="booking__reference", label="Reference of the booking")
    issued_from = django_filters.DateFilter(
        field_name="issued_on", lookup_expr="gte", label="Issued on or after"
    )
    issued_to = django_filters.DateFilter(
        field_name="issued_on", lookup_expr="lte", label="Issued on or before"
    )

    class Meta:
        model = Document
        fields = ["kind", "booking", "issued_from", "issued_to"]


class DocumentViewSet(viewsets.ReadOnlyModelViewSet[Document]):
    """Invoices, journals and credit notes your organisations issued or received."""

    queryset = Document.objects.none()
    serializer_class = DocumentOutput
    filterset_class = DocumentFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return (
            queries.documents_visible_to(self.request.actor)
            .select_related("credits")
            .prefetch_related("lines")
            .order_by("-pk")
        )


def register(router: DefaultRouter) -> None:
    """Add the viewsets of billing to the router."""
    router.register("documents", DocumentViewSet, basename="document")
