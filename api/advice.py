"""The API of commissioning advice: ask, and read the answers. For convenors alone."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.pagination import Pages
from marketplace.catalogue.models import Theme
from marketplace.coverage import actions, queries
from marketplace.coverage.models import Advice
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase, Ward


class AdviceOutput(serializers.ModelSerializer[Advice]):
    """A question and where its answer stands. Codes, empty for all; the floor is in percent of each ward's need."""

    area = serializers.CharField(source="area.code")
    theme = serializers.CharField(source="theme.code", default="")
    ward = serializers.CharField(source="ward.code", default="")

    class Meta:
        model = Advice
        fields = [
            "reference",
            "area",
            "budget_pence",
            "theme",
            "phase",
            "ward",
            "limit_owners",
            "ward_floor_percent",
            "asked_at",
            "state",
            "refined_at",
        ]


class AdviceDetailOutput(AdviceOutput):
    """With the answer: `free` lines, `lines` in order, `less` and `more` money, `greedy` and `exact` with its `bound`."""

    result = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta(AdviceOutput.Meta):
        fields = [*AdviceOutput.Meta.fields, "result"]


class AdviceInput(serializers.Serializer[Any]):
    """A question."""

    area = serializers.CharField(
        required=False, default="", help_text="Code of the area; the one the person acts in, where left out"
    )
    budget_pence = serializers.IntegerField(min_value=0, max_value=actions.MOST_BUDGET)
    theme = serializers.SlugRelatedField(
        slug_field="code", queryset=Theme.objects.all(), required=False, default=None, allow_null=True
    )
    phase = serializers.ChoiceField(choices=Phase.choices, required=False, default="")
    ward = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Ward.objects.defer("geometry"),
        required=False,
        default=None,
        allow_null=True,
    )
    limit_owners = serializers.BooleanField(required=False, default=False)
    ward_floor_percent = serializers.IntegerField(
        min_value=1, max_value=100, required=False, default=None, allow_null=True
    )


class AdviceViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Advice]):
    """What to do about an area's gaps with a budget."""

    queryset = Advice.objects.none()
    serializer_class = AdviceOutput
    pagination_class = Pages
    filter_backends = ()
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.advice_of(self.request.actor)

    @extend_schema(responses=AdviceDetailOutput)
    def retrieve(self, request: Request, reference: str) -> Response:
        """One advice with its answer."""
        found = queries.advice_for(request.actor, reference)  # type: ignore[attr-defined]
        return Response(AdviceDetailOutput(found).data)

    @extend_schema(request=AdviceInput, responses={201: AdviceDetailOutput})
    def create(self, request: Request) -> Response:
        """Ask. The first answer comes back at once; a worker refines it within about half a minute."""
        asked = AdviceInput(data=request.data)
        asked.is_valid(raise_exception=True)
        sight = queries.sight_of(request.actor, asked.validated_data["area"])  # type: ignore[attr-defined]
        if not sight.exact:
            raise NotFound
        question = {name: value for name, value in asked.validated_data.items() if name != "area"}
        made = actions.ask_for_advice(
            actor=request.actor,  # type: ignore[attr-defined]
            area=sight.area,
            **question,
        )
        return Response(AdviceDetailOutput(made).data, status=status.HTTP_201_CREATED)


def register(router: DefaultRouter) -> None:
    """Add the viewset of advice to the router."""
    router.register("coverage/advice", AdviceViewSet, basename="coverage-advice")
