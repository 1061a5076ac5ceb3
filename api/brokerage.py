"""The API of needs: a school's own, declared, changed and confirmed."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Need, NeedLevel, NeedsReturn, NeedStatus, Urgency
from marketplace.brokerage.rules import MAX_NEED_HALF_DAYS
from marketplace.catalogue.models import Theme
from marketplace.organisations.models import Phase, School


class NeedOutput(serializers.ModelSerializer[Need]):
    """A need as its school sees it. Days are half-days, prices pence a day."""

    school = serializers.IntegerField(source="school.school.urn", help_text="URN")
    theme = serializers.SlugField(source="theme.code")
    half_days_needed = serializers.IntegerField(help_text="The half-days stated, or those of the level")

    class Meta:
        model = Need
        fields = [
            "reference",
            "school",
            "theme",
            "phase",
            "level",
            "half_days",
            "half_days_needed",
            "urgency",
            "remote_ok",
            "max_price_pence",
            "note",
            "status",
            "academic_year",
            "declared_at",
        ]


class NeedTermsInput(serializers.Serializer[Any]):
    """The part of a need that can be changed."""

    level = serializers.ChoiceField(choices=NeedLevel.choices, default=NeedLevel.FOCUSED)
    half_days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_NEED_HALF_DAYS
    )
    urgency = serializers.ChoiceField(choices=Urgency.choices, default=Urgency.THIS_YEAR)
    remote_ok = serializers.BooleanField(default=False)
    max_price_pence = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2_000_000_000
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)


class NeedInput(NeedTermsInput):
    """A new need."""

    school = serializers.SlugRelatedField(slug_field="urn", queryset=School.objects.all())
    theme = serializers.SlugRelatedField(slug_field="code", queryset=Theme.objects.all())
    phase = serializers.ChoiceField(choices=Phase.choices)


class ConfirmationInput(serializers.Serializer[Any]):
    school = serializers.SlugRelatedField(
        slug_field="urn", queryset=School.objects.all(), help_text="URN of the school"
    )


class ConfirmationOutput(serializers.ModelSerializer[NeedsReturn]):
    """A school's word that its list of needs for an academic year is complete, be it empty."""

    school = serializers.IntegerField(source="school.school.urn", help_text="URN")

    class Meta:
        model = NeedsReturn
        fields = ["school", "academic_year", "confirmed_at"]


class WithdrawalInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class NeedFilter(django_filters.FilterSet):
    school = django_filters.NumberFilter(field_name="school__school__urn", label="URN of the school")
    theme = django_filters.CharFilter(field_name="theme__code", label="Code of the theme")
    phase = django_filters.ChoiceFilter(choices=Phase.choices)
    status = django_filters.ChoiceFilter(choices=NeedStatus.choices)

    class Meta:
        model = Need
        fields = ["school", "theme", "phase", "status"]


class NeedViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Need]):
    """Needs of your own schools, and of the schools of the area you convene."""

    queryset = Need._rows.none()
    serializer_class = NeedOutput
    filterset_class = NeedFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.needs_visible_to(self.request.actor).order_by("-declared_at", "pk")

    @extend_schema(request=NeedInput, responses={201: NeedOutput})
    def create(self, request: Request) -> Response:
        """Declare a need."""
        given = NeedInput(data=request.data)
        given.is_valid(raise_exception=True)
        need = actions.declare_need(actor=request.actor, **given.validated_data)
        return Response(NeedOutput(need).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ConfirmationInput, responses=ConfirmationOutput)
    @action(detail=False, methods=["post"])
    def confirm(self, request: Request) -> Response:
        """Confirm that a school's list of needs for this academic year is complete."""
        given = ConfirmationInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            ConfirmationOutput(actions.confirm_needs(actor=request.actor, **given.validated_data)).data
        )

    @extend_schema(request=NeedTermsInput, responses=NeedOutput)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, reference: str) -> Response:
        """Change the size and terms of an open need."""
        given = NeedTermsInput(data=request.data)
        given.is_valid(raise_exception=True)
        need = queries.need_for(request.actor, reference)
        return Response(
            NeedOutput(actions.change_need(actor=request.actor, need=need, **given.validated_data)).data
        )

    @extend_schema(request=WithdrawalInput, responses=NeedOutput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Withdraw a need, with the reason."""
        given = WithdrawalInput(data=request.data)
        given.is_valid(raise_exception=True)
        need = queries.need_for(request.actor, reference)
        return Response(
            NeedOutput(actions.withdraw_need(actor=request.actor, need=need, **given.validated_data)).data
        )


def register(router: DefaultRouter) -> None:
    """Add the viewsets of brokerage to the router."""
    router.register("needs", NeedViewSet, basename="need")
