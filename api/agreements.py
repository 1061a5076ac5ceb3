"""The API of service agreements: what was agreed and what each year costs, and the decisions on orders."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.buyback import actions, queries
from marketplace.buyback.models import (
    AgreementLine,
    AgreementRoute,
    AgreementStatus,
    AgreementYear,
    CarryForward,
    EndingGround,
    ServiceAgreement,
)
from marketplace.buyback.rules import Ground
from marketplace.kernel import history
from marketplace.kernel.dates import ContractCalendar, local

LONGEST_REASON = 2_000


# What comes out ------------------------------------------------------------------------------------------------------


class AgreementLineOutput(serializers.ModelSerializer[AgreementLine]):
    """A package of an agreement; amounts in pence, the first contract year's before VAT."""

    package = serializers.CharField(source="edition.package.reference")
    price_lines = serializers.SerializerMethodField(help_text="How a whole year’s price is worked out")
    carry_forward = serializers.ChoiceField(
        source="edition.carry_forward", choices=CarryForward.choices, help_text="What becomes of unused days"
    )
    carry_cap_half_days = serializers.IntegerField(
        source="edition.carry_cap_half_days", help_text="Carried at most, where `carry_forward` is `capped`"
    )
    exchange_rights = serializers.BooleanField(
        source="edition.exchange_rights", help_text="Unused days may be turned into credits"
    )
    cancellation_tariff = serializers.JSONField(help_text="What cancelling a session drawn from it costs")

    class Meta:
        model = AgreementLine
        fields = [
            "id",
            "position",
            "package",
            "description",
            "year_pence",
            "vat_pence",
            "price_lines",
            "carry_forward",
            "carry_cap_half_days",
            "exchange_rights",
            "cancellation_tariff",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_price_lines(self, line: AgreementLine) -> Any:
        return line.price.get("lines", [])


class AgreementYearOutput(serializers.ModelSerializer[AgreementYear]):
    """A contract year that has begun; `pence` maps a line’s id to its price of the year before VAT."""

    pence = serializers.DictField(child=serializers.IntegerField())
    total_pence = serializers.SerializerMethodField()

    class Meta:
        model = AgreementYear
        fields = ["number", "starts_on", "ends_on", "pence", "total_pence"]

    def get_total_pence(self, year: AgreementYear) -> int:
        return sum(year.pence.values())


class AgreementOutput(serializers.ModelSerializer[ServiceAgreement]):
    """A service agreement as its parties see it. Amounts are pence, before VAT unless they say gross."""

    status = serializers.ChoiceField(choices=AgreementStatus.choices)
    calendar = serializers.ChoiceField(choices=ContractCalendar.choices())
    route = serializers.ChoiceField(choices=AgreementRoute.choices)
    school = serializers.IntegerField(source="buyer.school.urn", help_text="URN")
    school_name = serializers.CharField(source="buyer.name")
    seller = serializers.CharField(source="seller.reference")
    seller_name = serializers.CharField(source="seller.name")
    ordered_by = serializers.CharField(source="ordered_by.reference")
    supersedes = serializers.CharField(source="supersedes.reference", allow_null=True, default=None)
    first_year_pence = serializers.SerializerMethodField(help_text="Before VAT, with the late charge")
    first_year_gross_pence = serializers.SerializerMethodField()
    lines = AgreementLineOutput(many=True)
    contract_years = AgreementYearOutput(many=True)

    class Meta:
        model = ServiceAgreement
        fields = [
            "reference",
            "status",
            "school",
            "school_name",
            "seller",
            "seller_name",
            "ordered_by",
            "calendar",
            "starts_on",
            "ends_on",
            "years",
            "first_year_pence",
            "first_year_gross_pence",
            "late_charge_pence",
            "route",
            "route_reason",
            "purchase_order_number",
            "accepted_name",
            "accepted_capacity",
            "accepted_at",
            "approved_at",
            "supersedes",
            "succession",
            "ended_on",
            "end_reason",
            "lines",
            "contract_years",
            "created_at",
        ]

    def get_first_year_pence(self, agreement: ServiceAgreement) -> int:
        return queries.first_year_pence(agreement)

    def get_first_year_gross_pence(self, agreement: ServiceAgreement) -> int:
        return queries.gross_of_first_year(agreement)


class AgreementHistoryOutput(serializers.Serializer[Any]):
    verb = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    by_name = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class ComingOutput(serializers.Serializer[Any]):
    """Something that will happen; without a day where it waits for somebody."""

    on = serializers.DateField(allow_null=True)
    text = serializers.CharField()


class AgreementDetailOutput(AgreementOutput):
    """An agreement with what you can do with it, what comes next and its history."""

    verbs = serializers.SerializerMethodField(help_text="What you can do with it now")
    coming = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta(AgreementOutput.Meta):
        fields = [*AgreementOutput.Meta.fields, "verbs", "coming", "history"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_verbs(self, agreement: ServiceAgreement) -> Any:
        return queries.agreement_verbs_for(self.context["request"].actor, agreement, today=_today())

    @extend_schema_field(ComingOutput(many=True))
    def get_coming(self, agreement: ServiceAgreement) -> Any:
        steps = queries.what_next(agreement, queries.years_standing(agreement), today=_today())
        return ComingOutput(steps, many=True).data

    @extend_schema_field(AgreementHistoryOutput(many=True))
    def get_history(self, agreement: ServiceAgreement) -> Any:
        return AgreementHistoryOutput(history.of(agreement), many=True).data


class EndingCostOutput(serializers.Serializer[Any]):
    """What ending an agreement on a day would cost, in pence before VAT."""

    last_day = serializers.DateField()
    months_not_run = serializers.IntegerField()
    credit_pence = serializers.IntegerField()
    still_due_pence = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())


# What goes in --------------------------------------------------------------------------------------------------------


class AcceptTermsInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    capacity = serializers.CharField(max_length=120, help_text="For example “Headteacher”")


class ApproveAgreementInput(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_REASON)
    minute_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)


class AgreementReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class WithdrawAgreementInput(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_REASON)


class EndingCostInput(serializers.Serializer[Any]):
    ground = serializers.ChoiceField(
        choices=[(ground.value, EndingGround(ground.value).label) for ground in Ground]
    )
    last_day = serializers.DateField()


# Views ---------------------------------------------------------------------------------------------------------------


class AgreementFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=AgreementStatus.choices)
    school = django_filters.NumberFilter(field_name="buyer__school__urn", label="URN of the school")
    seller = django_filters.CharFilter(field_name="seller__reference", label="Reference of the seller")
    runs_on = django_filters.DateFilter(method="running_on", label="Runs on this day, as it was agreed")

    class Meta:
        model = ServiceAgreement
        fields = ["status", "school", "seller", "runs_on"]

    def running_on(self, rows: QuerySet[ServiceAgreement], name: str, day: date) -> Any:
        return rows.filter(starts_on__lte=day, ends_on__gte=day)


class AgreementViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ServiceAgreement]
):
    """Service agreements of your schools, with you as the seller, or of the schools of your area."""

    queryset = ServiceAgreement._rows.none()
    serializer_class = AgreementOutput
    filterset_class = AgreementFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        rows = queries.with_lines(queries.agreements_visible_to(self.request.actor))
        return rows.select_related("supersedes").order_by("-starts_on", "-pk")

    def get_serializer_class(self) -> Any:
        return AgreementDetailOutput if self.action == "retrieve" else AgreementOutput

    @extend_schema(request=AcceptTermsInput, responses=AgreementOutput)
    @action(detail=True, methods=["post"], url_path="accept-terms")
    def accept_terms(self, request: Request, reference: str) -> Response:
        """Accept the seller’s terms, in your own name, with authority to commit the school."""
        return self._done(actions.accept_terms, AcceptTermsInput)

    @extend_schema(request=ApproveAgreementInput, responses=AgreementOutput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Commit the school’s money, as the person its approval ladder names."""
        return self._done(actions.approve_agreement, ApproveAgreementInput)

    @extend_schema(request=AgreementReasonInput, responses=AgreementOutput)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, reference: str) -> Response:
        """Say no to an order, with the reason."""
        return self._done(actions.refuse_agreement, AgreementReasonInput)

    @extend_schema(request=WithdrawAgreementInput, responses=AgreementOutput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Take an order back before it is approved, free of charge."""
        return self._done(actions.withdraw_agreement, WithdrawAgreementInput)

    @extend_schema(
        parameters=[
            OpenApiParameter("ground", str, required=True, enum=[ground.value for ground in Ground]),
            OpenApiParameter("last_day", date, required=True),
        ],
        responses=EndingCostOutput,
    )
    @action(detail=True, methods=["get"], url_path="ending-cost", filter_backends=[])
    def ending_cost(self, request: Request, reference: str) -> Response:
        """What ending it early on a day would cost."""
        asked = EndingCostInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        agreement = queries.agreement_for(request.actor, reference)
        given = asked.validated_data
        cost = queries.ending_cost(agreement, Ground(given["ground"]), given["last_day"])
        return Response(EndingCostOutput(cost).data)

    def _done(self, verb: Any, form: type[serializers.Serializer[Any]]) -> Response:
        given = form(data=self.request.data)
        given.is_valid(raise_exception=True)
        row = verb(actor=self.request.actor, agreement=self.kwargs["reference"], **given.validated_data)
        shown = self.get_queryset().get(pk=row.pk)
        return Response(AgreementOutput(shown, context=self.get_serializer_context()).data)


def _today() -> date:
    return local(timezone.now()).date()


def register(router: DefaultRouter) -> None:
    """Add the viewset of agreements to the router."""
    router.register("agreements", AgreementViewSet, basename="agreement")
