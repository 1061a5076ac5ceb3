"""The API of receipts, debts and ledgers: read only, for finance systems. Amounts are pence."""

from datetime import date
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.billing import queries
from marketplace.billing.models import Allocation, Receipt
from marketplace.billing.queries import collecting, ledgers
from marketplace.billing.rules.ageing import Age
from marketplace.kernel.dates import ContractCalendar, contract_year, local
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Organisation


class PeriodInvalid(DomainError):
    """The days asked for are no days, or the wrong way round."""

    code = "period_invalid"


class AllocationOutput(serializers.ModelSerializer[Allocation]):
    """What became of a part of a receipt; below zero where it was taken back."""

    document = serializers.CharField(source="document.reference", allow_null=True, default=None)
    buyer = serializers.CharField(source="buyer.reference", allow_null=True, default=None)

    class Meta:
        model = Allocation
        fields = ["kind", "document", "buyer", "pence", "reason", "on"]


class ReceiptOutput(serializers.ModelSerializer[Receipt]):
    """Money received, and what became of it."""

    payee = serializers.CharField(source="payee.reference")
    payer = serializers.CharField(source="payer.reference", allow_null=True, default=None)
    on_account_pence = serializers.IntegerField()
    unmatched_pence = serializers.IntegerField()
    allocations = AllocationOutput(many=True)

    class Meta:
        model = Receipt
        fields = [
            "reference",
            "payee",
            "payer",
            "method",
            "pence",
            "received_on",
            "payer_reference",
            "on_account_pence",
            "unmatched_pence",
            "allocations",
        ]


class ReceiptFilter(django_filters.FilterSet):
    payee = django_filters.CharFilter(field_name="payee__reference", label="Reference of the payee")
    received_from = django_filters.DateFilter(
        field_name="received_on", lookup_expr="gte", label="Received on or after"
    )
    received_to = django_filters.DateFilter(
        field_name="received_on", lookup_expr="lte", label="Received on or before"
    )
    unmatched = django_filters.BooleanFilter(
        method="by_unmatched", label="Only those with (true) or without (false) money that is not matched"
    )

    class Meta:
        model = Receipt
        fields = ["payee", "method", "received_from", "received_to", "unmatched"]

    def by_unmatched(self, rows: Any, name: str, value: bool) -> Any:
        """Receipts with, or without, something unmatched."""
        return rows.filter(unmatched_pence__gt=0) if value else rows.filter(unmatched_pence=0)


class ReceiptViewSet(viewsets.ReadOnlyModelViewSet[Receipt]):
    """Money that came in, in the books you may read."""

    queryset = Receipt.objects.none()
    serializer_class = ReceiptOutput
    filterset_class = ReceiptFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        rows = queries.with_remainder(queries.receipts_visible_to(self.request.actor))
        return rows.prefetch_related("allocations__document", "allocations__buyer").order_by("-pk")


class BooksOutput(serializers.ModelSerializer[Organisation]):
    """An organisation whose books you may read."""

    class Meta:
        model = Organisation
        fields = ["reference", "name"]


class DebtorOutput(serializers.Serializer[Any]):
    """What one buyer owes, by days overdue."""

    buyer = serializers.CharField(source="buyer.reference")
    buyer_name = serializers.CharField(source="buyer.name")
    documents = serializers.IntegerField()
    not_due_pence = serializers.SerializerMethodField()
    to_30_pence = serializers.SerializerMethodField()
    to_60_pence = serializers.SerializerMethodField()
    to_90_pence = serializers.SerializerMethodField()
    over_90_pence = serializers.SerializerMethodField()
    total_pence = serializers.IntegerField(source="total")
    on_account_pence = serializers.IntegerField(source="on_account")

    def get_not_due_pence(self, row: collecting.Debtor) -> int:
        return row.ages[Age.NOT_DUE]

    def get_to_30_pence(self, row: collecting.Debtor) -> int:
        return row.ages[Age.TO_30]

    def get_to_60_pence(self, row: collecting.Debtor) -> int:
        return row.ages[Age.TO_60]

    def get_to_90_pence(self, row: collecting.Debtor) -> int:
        return row.ages[Age.TO_90]

    def get_over_90_pence(self, row: collecting.Debtor) -> int:
        return row.ages[Age.OVER_90]


class LedgerAccountOutput(serializers.Serializer[Any]):
    """An account of the books; a balance above zero is a credit."""

    id = serializers.IntegerField(source="account.pk")
    purpose = serializers.CharField(source="account.purpose")
    name = serializers.CharField()
    balance_pence = serializers.IntegerField(source="account.balance")


class TrialRowOutput(serializers.Serializer[Any]):
    """A heading of the trial balance; opening and closing above zero are credits."""

    purpose = serializers.CharField()
    label = serializers.CharField()
    opening_pence = serializers.IntegerField(source="opening")
    debits_pence = serializers.IntegerField(source="debits")
    credits_pence = serializers.IntegerField(source="credits")
    closing_pence = serializers.IntegerField(source="closing")


class TrialBalanceOutput(serializers.Serializer[Any]):
    """The trial balance of an organisation's books; `difference_pence` is zero."""

    rows = TrialRowOutput(many=True)
    debits_pence = serializers.IntegerField(source="closing_debits")
    credits_pence = serializers.IntegerField(source="closing_credits")
    difference_pence = serializers.IntegerField(source="difference")


PERIOD = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day; else of this financial year"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day; else of this financial year"),
]


class BooksViewSet(viewsets.ReadOnlyModelViewSet[Organisation]):
    """The books you may read: their accounts, the trial balance, and who owes what."""

    queryset = Organisation.objects.none()
    serializer_class = BooksOutput
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.books_visible_to(self.request.actor)

    @extend_schema(responses=LedgerAccountOutput(many=True))
    @action(detail=True, pagination_class=None)
    def accounts(self, request: Request, reference: str) -> Response:
        """The accounts of the books, by heading."""
        headings = ledgers.chart_of(self.get_object())
        rows = [account for heading in headings for account in heading.accounts]
        return Response(LedgerAccountOutput(rows, many=True).data)

    @extend_schema(responses=TrialBalanceOutput, parameters=PERIOD)
    @action(detail=True, url_path="trial-balance", pagination_class=None)
    def trial_balance(self, request: Request, reference: str) -> Response:
        """The trial balance of a period."""
        organisation = self.get_object()
        usual = contract_year(ContractCalendar.FINANCIAL, _today())
        start, end = _day(request, "from", usual.start), _day(request, "to", usual.end)
        if start > end:
            raise PeriodInvalid("The period ends before it starts.", remedy="Give from before to.")
        return Response(TrialBalanceOutput(ledgers.trial_balance(organisation, start, end)).data)

    @extend_schema(responses=DebtorOutput(many=True))
    @action(detail=True, url_path="aged-debt", pagination_class=None)
    def aged_debt(self, request: Request, reference: str) -> Response:
        """Who owes the organisation what, by days overdue."""
        debtors = collecting.aged_debt([self.get_object().pk], _today())
        return Response(DebtorOutput(debtors, many=True).data)


def _today() -> date:
    return local(timezone.now()).date()


def _day(request: Request, name: str, usual: date) -> date:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text) if text else usual
    except ValueError:
        raise PeriodInvalid(f"“{text[:20]}” is not a date.", remedy="Write it like 2027-03-31.") from None


def register(router: DefaultRouter) -> None:
    """Add the viewsets of finance to the router."""
    router.register("receipts", ReceiptViewSet, basename="receipt")
    router.register("books", BooksViewSet, basename="books")
