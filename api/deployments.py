"""The API of deployments: the chain from need to evaluation, signing, visits taken in, reviews."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.bookings import queries as bookings
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import (
    Deployment,
    DeploymentEvaluation,
    DeploymentSignature,
    DeploymentStatus,
    DeploymentVisit,
    MidPointCheck,
    ObjectiveOutcome,
    ProgressReview,
    Rag,
    ReviewRating,
    VisitKind,
)
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.kernel import history

CAPACITIES = [(capacity.value, capacity.label) for capacity in Capacity]


# What comes out ------------------------------------------------------------------------------------------------------


class DeploymentOutput(serializers.ModelSerializer[Deployment]):
    """A deployment as its parties see it. Days are half-days, prices pence before VAT."""

    status = serializers.ChoiceField(choices=DeploymentStatus.choices)
    receiving_school = serializers.IntegerField(source="receiving_school.school.urn", help_text="URN")
    practitioner = serializers.CharField(source="practitioner.reference")
    practitioner_name = serializers.CharField(source="practitioner.name")
    releasing_organisation = serializers.CharField(source="releasing_organisation.reference")
    provider = serializers.CharField(source="provider.reference")
    broker = serializers.CharField(source="broker.reference")
    theme = serializers.SlugField(source="theme.code")
    given_half_days = serializers.SerializerMethodField(help_text="Half-days of visits that took place")
    last_review = serializers.DateField(allow_null=True)
    worst_rag = serializers.CharField(
        allow_null=True, help_text="The worst rating of the last review: red, amber or green"
    )

    class Meta:
        model = Deployment
        fields = [
            "reference",
            "status",
            "receiving_school",
            "practitioner",
            "practitioner_name",
            "releasing_organisation",
            "provider",
            "broker",
            "theme",
            "phase",
            "focus",
            "half_days",
            "given_half_days",
            "starts_on",
            "ends_on",
            "mid_point_on",
            "net_pence",
            "version",
            "version_in_force",
            "last_review",
            "worst_rag",
            "created_at",
        ]

    def get_given_half_days(self, row: Deployment) -> int:
        return row.given or 0  # type: ignore[attr-defined]


class DeploymentSignatureOutput(serializers.ModelSerializer[DeploymentSignature]):
    capacity = serializers.ChoiceField(choices=CAPACITIES)

    class Meta:
        model = DeploymentSignature
        fields = ["capacity", "signed_name", "signed_as", "note", "signed_at"]


class DeploymentRatingOutput(serializers.ModelSerializer[ReviewRating]):
    objective = serializers.IntegerField(source="objective.number")
    rag = serializers.ChoiceField(choices=Rag.choices)

    class Meta:
        model = ReviewRating
        fields = ["objective", "rag", "details"]


class DeploymentReviewOutput(serializers.ModelSerializer[ProgressReview]):
    ratings = DeploymentRatingOutput(many=True)

    class Meta:
        model = ProgressReview
        fields = ["reviewed_on", "ratings", "next_steps", "next_review_on", "written_as", "written_at"]


class DeploymentMidPointOutput(serializers.ModelSerializer[MidPointCheck]):
    class Meta:
        model = MidPointCheck
        fields = ["on_course", "value", "concern", "written_as", "written_at"]


class DeploymentOutcomeOutput(serializers.ModelSerializer[ObjectiveOutcome]):
    objective = serializers.IntegerField(source="objective.number")

    class Meta:
        model = ObjectiveOutcome
        fields = ["objective", "outcome", "evidence", "counter_evidence"]


class DeploymentEvaluationOutput(serializers.ModelSerializer[DeploymentEvaluation]):
    outcomes = DeploymentOutcomeOutput(many=True)

    class Meta:
        model = DeploymentEvaluation
        fields = [
            "outcomes",
            "overall",
            "effectiveness",
            "value_for_money",
            "what_lasts",
            "practitioner_comment",
            "written_at",
        ]


class DeploymentVisitOutput(serializers.ModelSerializer[DeploymentVisit]):
    booking = serializers.CharField(source="booking.reference")
    day = serializers.DateField(source="booking.day")
    half_days = serializers.IntegerField(source="booking.half_days")
    status = serializers.CharField(source="booking.status")
    notes = serializers.SerializerMethodField(help_text="What the visit did, by number of the objective")

    class Meta:
        model = DeploymentVisit
        fields = ["booking", "kind", "day", "half_days", "status", "notes"]

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_notes(self, visit: DeploymentVisit) -> Any:
        return {str(note.objective.number): note.text for note in visit.notes.all()}


class DeploymentHistoryOutput(serializers.Serializer[Any]):
    verb = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    by_name = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class DeploymentDetailOutput(DeploymentOutput):
    """A deployment with its text, signatures, visits, reviews and evaluation, and what you can do with it."""

    terms = serializers.SerializerMethodField(
        help_text="The text on the table; background only for the parties"
    )
    signatures = serializers.SerializerMethodField(help_text="Of the text on the table")
    visits = serializers.SerializerMethodField()
    reviews = DeploymentReviewOutput(many=True)
    mid_point = serializers.SerializerMethodField()
    evaluation = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField(help_text="What you can do with it now")
    capacities_to_sign = serializers.SerializerMethodField(help_text="In which capacities you can sign now")
    history = serializers.SerializerMethodField()

    class Meta(DeploymentOutput.Meta):
        fields = [
            *DeploymentOutput.Meta.fields,
            "terms",
            "signatures",
            "visits",
            "reviews",
            "mid_point",
            "evaluation",
            "verbs",
            "capacities_to_sign",
            "history",
        ]

    @property
    def _actor(self) -> Any:
        return self.context["request"].actor

    @extend_schema_field(serializers.DictField())
    def get_terms(self, row: Deployment) -> Any:
        data = queries.agreement_terms_of(row).to_data()
        if queries.is_overseer_only(self._actor, row):
            del data["background"]
        return data

    @extend_schema_field(DeploymentSignatureOutput(many=True))
    def get_signatures(self, row: Deployment) -> Any:
        return DeploymentSignatureOutput(queries.signatures_of(row), many=True).data

    @extend_schema_field(DeploymentVisitOutput(many=True))
    def get_visits(self, row: Deployment) -> Any:
        return DeploymentVisitOutput(queries.visits_of(row), many=True).data

    @extend_schema_field(DeploymentMidPointOutput(allow_null=True))
    def get_mid_point(self, row: Deployment) -> Any:
        found = getattr(row, "mid_point", None)
        return DeploymentMidPointOutput(found).data if found else None

    @extend_schema_field(DeploymentEvaluationOutput(allow_null=True))
    def get_evaluation(self, row: Deployment) -> Any:
        found = getattr(row, "evaluation", None)
        return DeploymentEvaluationOutput(found).data if found else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_verbs(self, row: Deployment) -> Any:
        return sorted(queries.verbs_for_deployment(self._actor, row))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_capacities_to_sign(self, row: Deployment) -> Any:
        return [each.value for each in queries.capacities_to_sign(self._actor, row)]

    @extend_schema_field(DeploymentHistoryOutput(many=True))
    def get_history(self, row: Deployment) -> Any:
        return DeploymentHistoryOutput(history.of(row), many=True).data


# What goes in --------------------------------------------------------------------------------------------------------


class DeploymentSignatureInput(serializers.Serializer[Any]):
    """A signature under the version you have read."""

    capacity = serializers.ChoiceField(choices=CAPACITIES)
    version = serializers.IntegerField(min_value=1)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    beyond_agreed = serializers.BooleanField(default=False)


class DeploymentVisitInput(serializers.Serializer[Any]):
    """A booking of the same person for the same school."""

    booking = serializers.CharField(max_length=12)
    kind = serializers.ChoiceField(choices=VisitKind.choices, default=VisitKind.VISIT)


class DeploymentRatingInput(serializers.Serializer[Any]):
    objective = serializers.IntegerField(min_value=1)
    rag = serializers.ChoiceField(choices=Rag.choices)
    details = serializers.CharField(max_length=2000)


class DeploymentReviewInput(serializers.Serializer[Any]):
    """A progress review: every objective is rated."""

    ratings = DeploymentRatingInput(many=True)
    next_steps = serializers.CharField(max_length=3000)
    reviewed_on = serializers.DateField(required=False, allow_null=True, default=None)
    next_review_on = serializers.DateField(required=False, allow_null=True, default=None)


class DeploymentFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=DeploymentStatus.choices)
    receiving_school = django_filters.NumberFilter(
        field_name="receiving_school__school__urn", label="URN of the receiving school"
    )
    practitioner = django_filters.CharFilter(
        field_name="practitioner__reference", label="Reference of the practitioner"
    )
    theme = django_filters.CharFilter(field_name="theme__code", label="Code of the theme")

    class Meta:
        model = Deployment
        fields = ["status", "receiving_school", "practitioner", "theme"]


class DeploymentViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Deployment]
):
    """Deployments you have to do with: as school, provider, employer, practitioner or convenor of the area."""

    queryset = Deployment._rows.none()
    serializer_class = DeploymentOutput
    filterset_class = DeploymentFilter
    lookup_field = "reference"

    def get_queryset(self) -> QuerySet[Deployment]:
        rows = queries.with_standing(queries.deployments_visible_to(self.request.actor))  # type: ignore[attr-defined]
        return rows.order_by("-created_at", "pk")

    @extend_schema(responses=DeploymentDetailOutput)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The whole chain of one deployment."""
        row = self.get_object()
        chain = queries.with_chain(self.get_queryset()).get(pk=row.pk)
        return self._detail(chain)

    @extend_schema(request=DeploymentSignatureInput, responses=DeploymentDetailOutput)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, reference: str) -> Response:
        """Sign the text on the table; refused where another version lies there than the one you name."""
        given = DeploymentSignatureInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = queries.deployment_for(request.actor, reference)
        actions.sign_deployment(actor=request.actor, deployment=row, **given.validated_data)
        return self._detail(queries.with_chain(self.get_queryset()).get(pk=row.pk))

    @extend_schema(request=DeploymentVisitInput, responses={201: DeploymentVisitOutput})
    @action(detail=True, methods=["post"])
    def visits(self, request: Request, reference: str) -> Response:
        """Take a booking into the deployment."""
        given = DeploymentVisitInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = queries.deployment_for(request.actor, reference)
        booking = bookings.booking_for(request.actor, given.validated_data["booking"])
        visit = actions.tie_visit(
            actor=request.actor, deployment=row, booking=booking, kind=given.validated_data["kind"]
        )
        return Response(DeploymentVisitOutput(visit).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DeploymentReviewInput, responses={201: DeploymentReviewOutput})
    @action(detail=True, methods=["post"])
    def reviews(self, request: Request, reference: str) -> Response:
        """Review the progress of an active deployment."""
        given = DeploymentReviewInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        review = actions.review_progress(
            actor=request.actor,
            deployment=queries.deployment_for(request.actor, reference),
            ratings={
                each["objective"]: actions.Rating(each["rag"], each["details"]) for each in data["ratings"]
            },
            next_steps=data["next_steps"],
            reviewed_on=data["reviewed_on"],
            next_review_on=data["next_review_on"],
        )
        return Response(DeploymentReviewOutput(review).data, status=status.HTTP_201_CREATED)

    def _detail(self, row: Deployment) -> Response:
        return Response(DeploymentDetailOutput(row, context=self.get_serializer_context()).data)


def register(router: DefaultRouter) -> None:
    """Add the viewset of deployments to the router."""
    router.register("deployments", DeploymentViewSet, basename="deployment")
