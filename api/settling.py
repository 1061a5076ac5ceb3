"""The API of settlement: journal runs and statements, for finance systems."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.billing import actions, queries
from marketplace.billing.models import (
    JournalEntry,
    JournalRun,
    SettlementStatement,
    SettlementStatus,
    StatementLine,
)


class JournalEntryOutput(serializers.ModelSerializer[JournalEntry]):
    """A paper in a run: who is debited and who credited, in pence; below zero on a credit note."""

    document = serializers.CharField(source="document.reference")
    number = serializers.CharField(source="document.full_number")
    buyer = serializers.CharField(source="document.buyer.name")
    supplier = serializers.CharField(source="document.supplier.name")
    net_pence = serializers.IntegerField(source="document.net_pence")

    class Meta:
        model = JournalEntry
        fields = ["document", "number", "buyer", "buyer_centre", "supplier", "supplier_centre", "net_pence"]


class JournalRunOutput(serializers.ModelSerializer[JournalRun]):
    """A run with its control totals; `sha256` is that of its CSV file."""

    area = serializers.CharField(source="area.code")
    entries = JournalEntryOutput(many=True)

    class Meta:
        model = JournalRun
        fields = [
            "reference",
            "area",
            "number",
            "period_from",
            "period_to",
            "count",
            "debit_pence",
            "credit_pence",
            "sha256",
            "made_at",
            "entries",
        ]


class JournalRunInput(serializers.Serializer[Any]):
    """Which journals to export."""

    area = serializers.CharField(max_length=3, help_text="Code of the local authority")
    month = serializers.DateField(help_text="Any day of the month")


class JournalRunFilter(django_filters.FilterSet):
    area = django_filters.CharFilter(field_name="area__code", label="Code of the local authority")
    period_from = django_filters.DateFilter(lookup_expr="gte", label="Period begins on or after")

    class Meta:
        model = JournalRun
        fields = ["area", "period_from"]


class JournalRunViewSet(viewsets.ReadOnlyModelViewSet[JournalRun]):
    """Journals exported to your authority’s ledger. A POST exports what waits for a month."""

    queryset = JournalRun.objects.none()
    serializer_class = JournalRunOutput
    filterset_class = JournalRunFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return (
            queries.journal_runs_visible_to(self.request.actor)
            .prefetch_related(
                "entries__document__series", "entries__document__buyer", "entries__document__supplier"
            )
            .order_by("-pk")
        )

    @extend_schema(request=JournalRunInput, responses={201: JournalRunOutput})
    def create(self, request: Request) -> Response:
        """Export the journals issued by the end of a month that are in no run yet."""
        given = JournalRunInput(data=request.data)
        given.is_valid(raise_exception=True)
        area = queries.journal_area(request.actor, given.validated_data["area"])
        run = actions.run_journals(actor=request.actor, area=area, month=given.validated_data["month"])
        return Response(JournalRunOutput(run).data, status=status.HTTP_201_CREATED)


class StatementLineOutput(serializers.ModelSerializer[StatementLine]):
    """A line of a statement; amounts in pence before VAT."""

    booking = serializers.CharField(source="booking.reference", allow_null=True, default=None)
    place_order = serializers.CharField(
        source="place_order.reference",
        allow_null=True,
        default=None,
        help_text="Places on a course the organisation’s people led",
    )

    class Meta:
        model = StatementLine
        fields = [
            "position",
            "booking",
            "place_order",
            "on",
            "description",
            "buyer_pence",
            "fee_pence",
            "net_pence",
            "backfill_pence",
            "backfill_code",
        ]


class SettlementOutput(serializers.ModelSerializer[SettlementStatement]):
    """What a broker owes an organisation that released people; amounts in pence."""

    broker = serializers.CharField(source="broker.name")
    supplier = serializers.CharField(source="supplier.name")
    document = serializers.CharField(source="document.reference", allow_null=True, default=None)
    gross_pence = serializers.IntegerField(read_only=True)
    lines = StatementLineOutput(many=True)

    class Meta:
        model = SettlementStatement
        fields = [
            "reference",
            "status",
            "broker",
            "supplier",
            "period_from",
            "period_to",
            "net_pence",
            "vat_pence",
            "gross_pence",
            "document",
            "invoice_number",
            "paid_on",
            "disputed_at",
            "lines",
        ]


class SettlementFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=SettlementStatus.choices)

    class Meta:
        model = SettlementStatement
        fields = ["status"]


class SettlementViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[SettlementStatement]
):
    """Settlement statements your organisations made or received."""

    queryset = SettlementStatement.objects.none()
    serializer_class = SettlementOutput
    filterset_class = SettlementFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return (
            queries.statements_visible_to(self.request.actor)
            .prefetch_related("lines__booking", "lines__place_order")
            .order_by("-pk")
        )


def register(router: DefaultRouter) -> None:
    """Add the viewsets of settlement to the router."""
    router.register("journal-runs", JournalRunViewSet, basename="journal-run")
    router.register("settlement-statements", SettlementViewSet, basename="settlement-statement")
