"""The API of what is suggested for a need, and of declared interests."""

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.queries import ranking
from marketplace.kernel.dates import local
from marketplace.organisations import actions, queries
from marketplace.organisations.models import (
    InterestDeclaration,
    InterestKind,
    InterestStatus,
    Organisation,
)

# Suggestions -----------------------------------------------------------------------------------------------------------


class ScorePartOutput(serializers.Serializer[Any]):
    """One part of a score: its weight in hundredths and its share from 0 to 1."""

    key = serializers.CharField(source="weight.key")
    name = serializers.CharField(source="weight.name")
    weight = serializers.IntegerField(source="weight.hundredths")
    share = serializers.FloatField()


class ConflictOutput(serializers.Serializer[Any]):
    """What stands between the provider and the school, what it means, and a sentence."""

    kind = serializers.CharField()
    effect = serializers.CharField(help_text="`block`, `warn`, `strength` or `bar_person`")
    sentence = serializers.CharField()


class SuggestionOutput(serializers.Serializer[Any]):
    """An offer with its place and its score out of 100. Pence are before VAT for the half-days needed."""

    place = serializers.IntegerField()
    total = serializers.FloatField()
    offer = serializers.CharField(source="candidate.reference")
    title = serializers.CharField(source="candidate.title")
    provider = serializers.CharField(source="candidate.provider_reference")
    provider_name = serializers.CharField(source="candidate.provider_name")
    is_la_service = serializers.BooleanField(source="candidate.is_la_service")
    metres = serializers.IntegerField(source="candidate.metres", allow_null=True)
    price_pence = serializers.IntegerField(source="candidate.facts.price_pence", allow_null=True)
    free_half_days = serializers.IntegerField(source="candidate.facts.free_half_days", allow_null=True)
    parts = ScorePartOutput(many=True)
    conflicts = ConflictOutput(source="candidate.conflicts", many=True)


class LeftOutOutput(serializers.Serializer[Any]):
    reason = serializers.CharField()
    label = serializers.CharField()
    offers = serializers.IntegerField()


class SuggestionsOutput(serializers.Serializer[Any]):
    """The best five for a need, and how many offers are left out by the first reason that holds."""

    considered = serializers.IntegerField()
    can_help = serializers.IntegerField()
    suggested = SuggestionOutput(many=True)
    left_out = serializers.SerializerMethodField()

    @extend_schema_field(LeftOutOutput(many=True))
    def get_left_out(self, found: ranking.Ranking) -> Any:
        rows = [
            {"reason": reason, "label": reason.label, "offers": count}
            for reason, count in found.left_out.items()
        ]
        return LeftOutOutput(rows, many=True).data


class LossOutput(serializers.Serializer[Any]):
    """What a part costs the offer against the first, in points of 100; below zero where it has more of it."""

    key = serializers.CharField(source="weight.key")
    points = serializers.FloatField()


class PlaceChangeOutput(serializers.Serializer[Any]):
    """A part with how much more of it (share from 0 to 1) is enough; `amount` is in the part's own unit.

    Half-days more for `availability`, pence to ask at most for `price`, ratings of 5 out of 5 for `quality`, metres at most for `distance`.
    """

    key = serializers.CharField(source="weight.key")
    by = serializers.FloatField()
    amount = serializers.IntegerField()


class StandingOutput(serializers.Serializer[Any]):
    """Where one offer stands and why. With a `reason` it is left out, and `place` is where it would stand without."""

    reason = serializers.CharField(allow_null=True)
    other_reasons = serializers.ListField(child=serializers.CharField())
    offer = SuggestionOutput(source="placed")
    losses = LossOutput(many=True)
    changes_alone = PlaceChangeOutput(source="changes.alone", many=True)
    changes_together = PlaceChangeOutput(source="changes.together", many=True)


NEED = OpenApiParameter("need", OpenApiTypes.STR, OpenApiParameter.PATH, description="Reference of the need")


OFFER = OpenApiParameter(
    "reference", OpenApiTypes.STR, OpenApiParameter.PATH, description="Reference of the offer"
)


@extend_schema_view(list=extend_schema(parameters=[NEED]), retrieve=extend_schema(parameters=[NEED, OFFER]))
class SuggestionViewSet(viewsets.ViewSet):
    """Who could help with a need, by the published formula. For the school, its trust and the area's convenors."""

    lookup_field = "reference"

    @extend_schema(responses=SuggestionsOutput)
    def list(self, request: Request, need: str) -> Response:
        """The best five, and how many are left out for what reason."""
        return Response(SuggestionsOutput(self._ranked(request, need)).data)

    @extend_schema(responses=StandingOutput)
    def retrieve(self, request: Request, need: str, reference: str) -> Response:
        """Why an offer is not the first, and what would change that."""
        return Response(StandingOutput(ranking.standing_of(self._ranked(request, need), reference)).data)

    @staticmethod
    def _ranked(request: Request, need: str) -> ranking.Ranking:
        found = brokerage.need_for(request.actor, need)
        return ranking.rank(ranking.asked_of(found, today=local(timezone.now()).date()))


# Interests -------------------------------------------------------------------------------------------------------------


class InterestOutput(serializers.ModelSerializer[InterestDeclaration]):
    """A declared interest, as its person and those who answer for them see it."""

    person = serializers.CharField(source="user.name")
    organisation = serializers.CharField(source="organisation.reference")
    organisation_name = serializers.CharField(source="organisation.name")

    class Meta:
        model = InterestDeclaration
        fields = [
            "reference",
            "person",
            "organisation",
            "organisation_name",
            "kind",
            "status",
            "started_on",
            "ended_on",
            "details",
            "declared_at",
            "confirmed_at",
        ]


class InterestInput(serializers.Serializer[Any]):
    """An interest of one's own."""

    organisation = serializers.SlugRelatedField(slug_field="reference", queryset=Organisation.objects.all())
    kind = serializers.ChoiceField(choices=InterestKind.choices)
    started_on = serializers.DateField(required=False, allow_null=True, default=None)
    ended_on = serializers.DateField(required=False, allow_null=True, default=None)
    details = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=actions.LONGEST_DETAILS
    )


class InterestEndInput(serializers.Serializer[Any]):
    ended_on = serializers.DateField()
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=400)


class StrikeOutInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=400)


class InterestFilter(django_filters.FilterSet):
    organisation = django_filters.CharFilter(
        field_name="organisation__reference", label="Reference of the organisation"
    )
    kind = django_filters.ChoiceFilter(choices=InterestKind.choices)
    status = django_filters.ChoiceFilter(choices=InterestStatus.choices)

    class Meta:
        model = InterestDeclaration
        fields = ["organisation", "kind", "status"]


class InterestViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[InterestDeclaration]
):
    """Your own declared interests, and those of the people you answer for."""

    queryset = InterestDeclaration._rows.none()
    serializer_class = InterestOutput
    filterset_class = InterestFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.interests_visible_to(self.request.actor).order_by("-declared_at", "pk")

    @extend_schema(request=InterestInput, responses={201: InterestOutput})
    def create(self, request: Request) -> Response:
        """Declare an interest of your own."""
        given = InterestInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.declare_interest(actor=request.actor, **given.validated_data)
        return Response(InterestOutput(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=InterestEndInput, responses=InterestOutput)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, reference: str) -> Response:
        """Say that a tie of your own is over."""
        given = InterestEndInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.end_interest(actor=request.actor, interest=reference, **given.validated_data)
        return Response(InterestOutput(row).data)

    @extend_schema(request=StrikeOutInput, responses=InterestOutput)
    @action(detail=True, methods=["post"], url_path="strike-out")
    def strike_out(self, request: Request, reference: str) -> Response:
        """Strike out what somebody you answer for declared by mistake."""
        given = StrikeOutInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.strike_out_interest(actor=request.actor, interest=reference, **given.validated_data)
        return Response(InterestOutput(row).data)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of suggestions and interests to the router."""
    router.register(r"needs/(?P<need>[^/.]+)/suggestions", SuggestionViewSet, basename="suggestion")
    router.register("interests", InterestViewSet, basename="interest")
