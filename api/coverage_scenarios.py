"""The API of what-ifs: list and read those one may see, try edits without keeping anything, keep them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.pagination import Pages
from marketplace.catalogue.models import DeliveryMode
from marketplace.coverage import queries as coverage
from marketplace.coverage.models import CellStatus, Scenario, SharedWith
from marketplace.coverage.scenarios import actions, lines, queries
from marketplace.coverage.scenarios.lines import Kind
from marketplace.coverage.scenarios.outcomes import CellLine, Outcome
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Phase

# What comes out --------------------------------------------------------------------------------------------------------


TOLD_OF_THE_WHOLE_AREA = ("before", "after", "closed", "pence_a_day")


class ScenarioFiguresOutput(serializers.Serializer[Any]):
    """Days needed and what they come apart into."""

    need = serializers.FloatField()
    met = serializers.FloatField()
    brokerable = serializers.FloatField()
    capacity_gap = serializers.FloatField()
    reach_gap = serializers.FloatField()
    unlocated = serializers.FloatField()


class ScenarioCellOutput(serializers.Serializer[CellLine]):
    """A theme and phase, of the whole area or of a ward, that would not be as it is."""

    theme = serializers.CharField()
    phase = serializers.ChoiceField(choices=Phase.choices)
    ward = serializers.CharField(allow_blank=True, help_text="Code of the ward; empty for the whole area")
    status_before = serializers.ChoiceField(choices=CellStatus.choices)
    status_after = serializers.ChoiceField(choices=CellStatus.choices)
    before = ScenarioFiguresOutput()
    after = ScenarioFiguresOutput()


class ScenarioOutcomeOutput(serializers.Serializer[Outcome]):
    """What a what-if comes to: exact for a convenor; otherwise days in fives, and cells with few schools left out."""

    exact = serializers.BooleanField()
    days_are_told = serializers.BooleanField(
        help_text="Whether the days of the whole area may be told; they are empty if not"
    )
    before = ScenarioFiguresOutput(allow_null=True)
    after = ScenarioFiguresOutput(allow_null=True)
    closed = serializers.FloatField(
        allow_null=True, help_text="Days that could be met, with brokering, and can’t be now"
    )
    spent_pence = serializers.IntegerField()
    pence_a_day = serializers.IntegerField(allow_null=True, help_text="For each day closed")
    gained = serializers.IntegerField(
        allow_null=True, help_text="Schools that get more; empty where they are few"
    )
    lost = serializers.IntegerField(allow_null=True)
    hidden = serializers.IntegerField(help_text="Changed themes and phases that are not shown")
    cells = ScenarioCellOutput(many=True)
    unfit = serializers.DictField(
        child=serializers.CharField(), help_text="By number of the edit, why it is left out of the numbers"
    )

    def to_representation(self, instance: Outcome) -> dict[str, Any]:
        data: dict[str, Any] = super().to_representation(instance)
        if instance.days_are_told:
            return data
        return data | dict.fromkeys(TOLD_OF_THE_WHOLE_AREA)


class ScenarioEditInput(serializers.Serializer[Any]):
    """One edit. What else is needed depends on `kind`: an `add` has theme, phase and days; an `extend` offer and days;
    a `reach` offer and km; a `remote` offer; a `redirect` offer and theme; a `remove` offer or provider; a `need` school,
    theme, phase and days."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    theme = serializers.CharField(required=False)
    phase = serializers.ChoiceField(choices=Phase.choices, required=False)
    ward = serializers.CharField(required=False, help_text="Where an added offer would come from")
    offer = serializers.CharField(required=False, help_text="Reference")
    provider = serializers.CharField(required=False, help_text="Reference: every offer of it")
    school = serializers.IntegerField(required=False, help_text="URN")
    days = serializers.FloatField(required=False)
    km = serializers.FloatField(required=False)
    mode = serializers.ChoiceField(choices=DeliveryMode.choices, required=False)
    remote = serializers.BooleanField(required=False, allow_null=True)
    pence = serializers.IntegerField(required=False, help_text="Price of a day")
    cost_pence = serializers.IntegerField(required=False, help_text="What is paid once")


class ScenarioEditOutput(ScenarioEditInput):
    id = serializers.IntegerField()
    label = serializers.CharField(required=False, help_text="What the offer, provider or school was called")


class ScenarioOutput(serializers.ModelSerializer[Scenario]):
    area = serializers.CharField(source="area.code")
    shared_with = serializers.ChoiceField(choices=SharedWith.choices)

    class Meta:
        model = Scenario
        fields = ["reference", "area", "name", "author_name", "shared_with", "created_at", "changed_at"]


class ScenarioDetailOutput(ScenarioOutput):
    """A what-if with its edits (for a convenor) and what they come to."""

    edits = ScenarioEditOutput(many=True)
    outcome = ScenarioOutcomeOutput()
    snapshot = serializers.IntegerField(help_text="Number of the snapshot it was worked out from")
    overtaken = serializers.BooleanField(help_text="Whether coverage has changed since")

    class Meta(ScenarioOutput.Meta):
        fields = [*ScenarioOutput.Meta.fields, "edits", "outcome", "snapshot", "overtaken"]


# What goes in --------------------------------------------------------------------------------------------------------


class ScenarioTrialInput(serializers.Serializer[Any]):
    """Edits to try, without keeping anything."""

    area = serializers.CharField(
        required=False, default="", help_text="The area the person acts in, where left out"
    )
    edits = ScenarioEditInput(many=True, allow_empty=False, max_length=actions.MOST_EDITS)


class ScenarioInput(ScenarioTrialInput):
    """Edits to keep; without a name a draft."""

    name = serializers.CharField(required=False, default="", max_length=100)


class ScenarioViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Scenario]):
    """What-ifs one may see: a convenor's own and those shared."""

    serializer_class = ScenarioOutput
    pagination_class = Pages
    filter_backends = ()
    lookup_field = "reference"

    def get_queryset(self) -> QuerySet[Scenario]:
        if getattr(self, "swagger_fake_view", False):
            return Scenario.objects.none()
        return queries.visible_to(self.request.actor)  # type: ignore[attr-defined]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What-ifs one may see, those changed last first."""
        coverage.sight_of(request.actor)  # type: ignore[attr-defined]
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=ScenarioDetailOutput)
    def retrieve(self, request: Request, reference: str) -> Response:
        """One what-if with what it comes to."""
        found = queries.scenario_for(request.actor, reference)  # type: ignore[attr-defined]
        return Response(_detail(request, found))

    @extend_schema(request=ScenarioInput, responses={201: ScenarioDetailOutput})
    def create(self, request: Request) -> Response:
        """Keep edits as a what-if on the newest snapshot. For a convenor of the area."""
        area = _convened(request)
        given = _valid(ScenarioInput, request)
        made = actions.start(
            actor=request.actor,  # type: ignore[attr-defined]
            area=area,
            edits=given["edits"],
            name=given["name"],
        )
        return Response(_detail(request, made), status=status.HTTP_201_CREATED)

    @extend_schema(request=ScenarioTrialInput, responses=ScenarioOutcomeOutput)
    @action(detail=False, methods=["post"])
    def evaluate(self, request: Request) -> Response:
        """What edits would come to on the newest snapshot. Nothing is kept. For a convenor of the area."""
        area = _convened(request)
        given = _valid(ScenarioTrialInput, request)
        read = [lines.read(edit, number=number) for number, edit in enumerate(given["edits"], start=1)]
        _, outcome = queries.tried(request.actor, area, read)  # type: ignore[attr-defined]
        return Response(_outcome(outcome))


def _convened(request: Request) -> Area:
    """The area asked for, before anything else is looked at. Raises `NotFound` unless the person convenes it."""
    asked = request.data.get("area") if isinstance(request.data, Mapping) else ""
    sight = coverage.sight_of(request.actor, asked if isinstance(asked, str) else "")  # type: ignore[attr-defined]
    if not sight.exact:
        raise NotFound
    return sight.area


def _valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return dict(ScenarioOutcomeOutput(outcome).data)


def _detail(request: Request, found: Scenario) -> dict[str, Any]:
    """As the person sees it. The board gets no edits: they name offers and prices."""
    seen = queries.shown(request.actor, found)  # type: ignore[attr-defined]
    return {
        **ScenarioOutput(found).data,
        "edits": [line.as_data() for line in seen.lines] if seen.exact else [],
        "outcome": _outcome(seen.outcome),
        "snapshot": seen.basis.number,
        "overtaken": seen.overtaken,
    }


def register(router: DefaultRouter) -> None:
    """Add the viewset of what-ifs to the router."""
    router.register("coverage/scenarios", ScenarioViewSet, basename="coverage-scenario")
