"""The API of calls for offers: those one can see, and answering one. Commissions have no API: what they say stays on their pages."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.catalogue.models import DeliveryMode, Practitioner, SupportType
from marketplace.organisations.models import Organisation, Phase
from marketplace.partnership import actions, queries
from marketplace.partnership.models import CallResponse, CallStatus, OfferCall
from marketplace.partnership.rules import ResponseTerms


class CallAnswerOutput(serializers.ModelSerializer[CallResponse]):
    """A provider's own answer, with the offer it became. Days are half-days, the price is pence a day before VAT."""

    provider = serializers.CharField(source="provider.reference")
    support_type = serializers.SlugField(source="support_type.code")
    people = serializers.SlugRelatedField(slug_field="reference", many=True, read_only=True)
    offer = serializers.CharField(source="offer.reference")
    offer_status = serializers.CharField(source="offer.status")

    class Meta:
        model = CallResponse
        fields = ["reference", "provider", "status", "half_days", "pence_a_day", "support_type", "mode", "reach_km",
                  "approach", "people", "offer", "offer_status", "pass_over_reason", "submitted_at"]  # fmt: skip


class CallOutput(serializers.ModelSerializer[OfferCall]):
    """A call for offers. Days are half-days; the ceiling is pence a day before VAT, null where it is left open."""

    area = serializers.CharField(source="area.code")
    ward = serializers.CharField(source="ward.code", default=None, allow_null=True)
    themes = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    class Meta:
        model = OfferCall
        fields = ["reference", "status", "area", "ward", "title", "words", "themes", "phases", "half_days",
                  "ceiling_pence", "closes_on", "end_words"]  # fmt: skip


class CallDetail(CallOutput):
    """The same with the answers the person may read: a provider's own, for a convenor all."""

    answers = serializers.SerializerMethodField()

    class Meta(CallOutput.Meta):
        fields = [*CallOutput.Meta.fields, "answers"]

    @extend_schema_field(CallAnswerOutput(many=True))
    def get_answers(self, row: OfferCall) -> Any:
        return CallAnswerOutput(queries.responses_of(self.context["request"].actor, row), many=True).data


class CallAnswerInput(serializers.Serializer[Any]):
    """An answer to a call, for one of the person's providers."""

    provider = serializers.SlugRelatedField(slug_field="reference", queryset=Organisation.objects.all())
    half_days = serializers.IntegerField(min_value=1, max_value=2_000)
    pence_a_day = serializers.IntegerField(min_value=0, max_value=1_000_000)
    support_type = serializers.SlugRelatedField(slug_field="code", queryset=SupportType.objects.all())
    mode = serializers.ChoiceField(choices=DeliveryMode.choices, default=DeliveryMode.IN_PERSON)
    reach_km = serializers.IntegerField(min_value=1, max_value=500, default=25)
    approach = serializers.CharField(max_length=5000)
    people = serializers.SlugRelatedField(
        slug_field="reference", many=True, queryset=Practitioner.objects.all(), required=False, default=list
    )


class CallFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=CallStatus.choices)
    theme = django_filters.CharFilter(field_name="themes__code")
    phase = django_filters.ChoiceFilter(choices=Phase.choices, method="for_phase")

    def for_phase(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(phases__contains=[value])


class CallViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[OfferCall]):
    """Calls for offers that the person's providers can answer, and those of the areas they convene."""

    lookup_field = "reference"
    queryset = OfferCall.objects.none()
    filterset_class = CallFilter

    def get_queryset(self) -> Any:
        return queries.calls_visible_to(self.request.actor).order_by("-created_at", "-pk")  # type: ignore[attr-defined]

    def get_serializer_class(self) -> Any:
        return CallOutput if self.action == "list" else CallDetail

    @extend_schema(request=CallAnswerInput, responses=CallAnswerOutput)
    @action(detail=True, methods=["post"])
    def respond(self, request: Request, reference: str) -> Response:
        """Answer the call, or change the answer. It becomes a draft offer of the provider, and no other provider reads it."""
        form = CallAnswerInput(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        made = actions.respond_to_call(
            actor=request.actor,  # type: ignore[attr-defined]
            call=self.get_object(),
            provider=data.pop("provider"),
            support_type=data.pop("support_type"),
            people=data.pop("people"),
            terms=ResponseTerms(**data),
        )
        return Response(CallAnswerOutput(made).data)


def register(router: DefaultRouter) -> None:
    """Add the addresses of this module."""
    router.register("offer-calls", CallViewSet, basename="offer-call")
