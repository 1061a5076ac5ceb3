"""The API of concerns about a deployment: raised, answered, closed, opened again; read by those who need to know."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import ConcernStatus, DeploymentConcern, Listener

OF_A_DEPLOYMENT = OpenApiParameter(
    "deployment", OpenApiTypes.STR, OpenApiParameter.PATH, description="Reference of the deployment"
)


class ConcernOutput(serializers.ModelSerializer[DeploymentConcern]):
    """A concern, and what was answered."""

    status = serializers.ChoiceField(choices=ConcernStatus.choices)
    raised_by = serializers.CharField(source="raised_as")
    verbs = serializers.SerializerMethodField(help_text="What you can do with it now")

    class Meta:
        model = DeploymentConcern
        fields = [
            "number",
            "status",
            "listener",
            "raised_by",
            "raised_at",
            "text",
            "answer",
            "answered_at",
            "verbs",
        ]

    def get_verbs(self, concern: DeploymentConcern) -> list[str]:
        return sorted(queries.concern_verbs_for(self.context["request"].actor, concern))


class ConcernInput(serializers.Serializer[Any]):
    """What worries you, and who is to hear it."""

    text = serializers.CharField(max_length=5000)
    listener = serializers.ChoiceField(choices=Listener.choices, default=Listener.BROKER)


class ConcernAnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=5000)


class ConcernReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=5000)


@extend_schema(parameters=[OF_A_DEPLOYMENT])
class ConcernViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DeploymentConcern]
):
    """Concerns about one deployment that you may read."""

    queryset = DeploymentConcern._rows.none()
    serializer_class = ConcernOutput
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,9}"
    filter_backends = ()

    def get_queryset(self) -> Any:
        actor, reference = self.request.actor, self.kwargs["deployment"]  # type: ignore[attr-defined]
        deployment = queries.deployment_for(actor, reference)
        return queries.concerns_visible_to(actor).filter(deployment=deployment).order_by("number")

    @extend_schema(request=ConcernInput, responses={201: ConcernOutput})
    def create(self, request: Request, deployment: str) -> Response:
        """Raise a concern with the broker, or with the convenors only."""
        given = ConcernInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = queries.deployment_for(request.actor, deployment)
        made = actions.raise_concern(actor=request.actor, deployment=row, **given.validated_data)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ConcernAnswerInput, responses=ConcernOutput)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, deployment: str, number: str) -> Response:
        """Say what is done about it."""
        given = ConcernAnswerInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.answer_concern(actor=request.actor, concern=self.get_object(), **given.validated_data)
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses=ConcernOutput)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, deployment: str, number: str) -> Response:
        """Nothing more is to be done."""
        row = actions.close_concern(actor=request.actor, concern=self.get_object())
        return Response(self.get_serializer(row).data)

    @extend_schema(request=ConcernReasonInput, responses=ConcernOutput)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, deployment: str, number: str) -> Response:
        """The answer does not settle it."""
        given = ConcernReasonInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = actions.reopen_concern(actor=request.actor, concern=self.get_object(), **given.validated_data)
        return Response(self.get_serializer(row).data)


def register(router: DefaultRouter) -> None:
    """Add the viewset of concerns to the router."""
    router.register(
        r"deployments/(?P<deployment>[^/.]+)/concerns", ConcernViewSet, basename="deployment-concern"
    )
