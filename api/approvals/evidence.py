"""Quotes evidence: who was asked for a price before a large order, and what they said."""

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.buyback import actions, queries
from marketplace.buyback.models import (
    AskedQuote,
    EvidenceStatus,
    QuoteAnswer,
    QuotesEvidence,
)
from marketplace.buyback.rules import missing_from, step_for
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation


class QuoteOutput(serializers.ModelSerializer[AskedQuote]):
    """One supplier that was asked; the price in pence before VAT."""

    number = serializers.IntegerField(source="pk")
    supplier = serializers.CharField(source="supplier.reference", allow_null=True, default=None)

    class Meta:
        model = AskedQuote
        fields = [
            "number",
            "supplier",
            "supplier_name",
            "asked_on",
            "answer",
            "answered_on",
            "price_pence",
            "comment",
            "is_chosen",
        ]


class EvidenceOutput(serializers.ModelSerializer[QuotesEvidence]):
    """Quotes evidence. `need_pence` is the expected cost with VAT."""

    organisation = serializers.CharField(source="organisation.reference")
    quotes = QuoteOutput(many=True)
    missing = serializers.SerializerMethodField(help_text="What it lacks before it can be completed")

    class Meta:
        model = QuotesEvidence
        fields = [
            "reference",
            "organisation",
            "status",
            "subject",
            "need_pence",
            "reason_not_lowest",
            "reason_fewer_quotes",
            "conflicts",
            "minute_reference",
            "missing",
            "quotes",
            "created_at",
            "completed_at",
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, evidence: QuotesEvidence) -> Any:
        if evidence.status == EvidenceStatus.COMPLETE:
            return []
        ladders: dict[int, Any] = self.context.setdefault("ladders", {})
        if evidence.organisation_id not in ladders:
            ladders[evidence.organisation_id] = queries.ladder_of(evidence.organisation)
        needed = step_for(ladders[evidence.organisation_id], evidence.need_pence)
        return missing_from(queries.pack_of(evidence), needed.quotes_needed)


class EvidenceInput(serializers.Serializer[Any]):
    """What is to be bought."""

    organisation = serializers.CharField(max_length=12, help_text="Reference of one of your organisations")
    subject = serializers.CharField(max_length=200)
    need_pence = serializers.IntegerField(min_value=0, help_text="Expected cost with VAT")


class DetailsInput(serializers.Serializer[Any]):
    """What is bought, the reasons, the conflicts of interest (“None” where nobody has one) and the minute."""

    subject = serializers.CharField(max_length=200)
    need_pence = serializers.IntegerField(min_value=0)
    reason_not_lowest = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    reason_fewer_quotes = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    conflicts = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    minute_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)


class SupplierInput(serializers.Serializer[Any]):
    """Somebody asked for a price: an offer of the exchange priced for the school, or a supplier on the exchange or by name."""

    offer = serializers.CharField(required=False, max_length=12, help_text="Reference of a published offer")
    half_days = serializers.IntegerField(required=False, default=2, min_value=1, max_value=800)
    supplier = serializers.CharField(
        required=False, max_length=12, help_text="Reference of an organisation that sells on the exchange"
    )
    supplier_name = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    asked_on = serializers.DateField(required=False)


class AnswerInput(serializers.Serializer[Any]):
    """What a supplier answered; the price in pence before VAT."""

    number = serializers.IntegerField(help_text="Of the quote", min_value=1, max_value=2**62)
    answer = serializers.ChoiceField(choices=QuoteAnswer.choices)
    price_pence = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)
    answered_on = serializers.DateField(required=False, allow_null=True, default=None)
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class ChoiceInput(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Of the quote", min_value=1, max_value=2**62)


class EvidenceFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=EvidenceStatus.choices)
    organisation = django_filters.CharFilter(
        field_name="organisation__reference", label="Reference of the organisation"
    )

    class Meta:
        model = QuotesEvidence
        fields = ["status", "organisation"]


class EvidenceViewSet(viewsets.ReadOnlyModelViewSet[QuotesEvidence]):
    """Who was asked for a price before a large order, and which was chosen. Unchanged once complete."""

    queryset = QuotesEvidence.objects.none()
    serializer_class = EvidenceOutput
    filterset_class = EvidenceFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return (
            queries.evidence_visible_to(self.request.actor)
            .prefetch_related("quotes__supplier")
            .order_by("-pk")
        )

    @extend_schema(request=EvidenceInput, responses={201: EvidenceOutput})
    def create(self, request: Request) -> Response:
        """Begin gathering quotes."""
        given = _read(EvidenceInput, request)
        organisation = queries.own_organisation(request.actor, given.pop("organisation"))
        evidence = actions.start_evidence(actor=request.actor, organisation=organisation, **given)
        return Response(self._shown(evidence), status=status.HTTP_201_CREATED)

    @extend_schema(request=DetailsInput, responses=EvidenceOutput)
    def update(self, request: Request, reference: str) -> Response:
        """Write down the reasons, conflicts of interest and minute."""
        evidence = self._evidence()
        actions.describe_evidence(actor=request.actor, evidence=evidence, **_read(DetailsInput, request))
        return Response(self._shown(evidence))

    @extend_schema(request=SupplierInput, responses=EvidenceOutput)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, reference: str) -> Response:
        """Take the price of an offer in, or note who was asked elsewhere."""
        evidence, given = self._evidence(), _read(SupplierInput, request)
        if "offer" in given:
            offer = catalogue.offer_for(request.actor, given["offer"])
            actions.ask_offer(
                actor=request.actor, evidence=evidence, offer=offer, half_days=given["half_days"]
            )
        else:
            actions.ask_supplier(
                actor=request.actor,
                evidence=evidence,
                supplier_name=given["supplier_name"],
                supplier=self._supplier(given),
                asked_on=given.get("asked_on") or local(timezone.now()).date(),
            )
        return Response(self._shown(evidence))

    def _supplier(self, given: dict[str, Any]) -> Organisation | None:
        if "supplier" not in given:
            return None
        suppliers = queries.suppliers_on_the_exchange(self.request.actor)
        found: Organisation | None = suppliers.filter(reference=given["supplier"]).first()
        if found is None:
            raise NotFound
        return found

    @extend_schema(request=AnswerInput, responses=EvidenceOutput)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, reference: str) -> Response:
        """Record what a supplier answered."""
        evidence, given = self._evidence(), _read(AnswerInput, request)
        quote = _quote_of(evidence, given.pop("number"))
        actions.record_answer(actor=request.actor, quote=quote, **given)
        return Response(self._shown(evidence))

    @extend_schema(request=ChoiceInput, responses=EvidenceOutput)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, reference: str) -> Response:
        """Choose a quote."""
        evidence = self._evidence()
        quote = _quote_of(evidence, _read(ChoiceInput, request)["number"])
        actions.choose_quote(actor=request.actor, quote=quote)
        return Response(self._shown(evidence))

    @extend_schema(request=None, responses=EvidenceOutput)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, reference: str) -> Response:
        """Close the evidence for ever."""
        evidence = self._evidence()
        actions.complete_evidence(actor=request.actor, evidence=evidence)
        return Response(self._shown(evidence))

    def _evidence(self) -> QuotesEvidence:
        return queries.evidence_for(self.request.actor, self.kwargs["reference"])

    def _shown(self, evidence: QuotesEvidence) -> Any:
        shown = queries.evidence_for(self.request.actor, evidence.reference)
        return EvidenceOutput(shown, context=self.get_serializer_context()).data


def _quote_of(evidence: QuotesEvidence, number: int) -> AskedQuote:
    quote = next((each for each in evidence.quotes.all() if each.pk == number), None)
    if quote is None:
        raise NotFound
    return quote


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
