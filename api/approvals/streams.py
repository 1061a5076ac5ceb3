"""Funding streams, with what is left of them."""

from typing import Any

import django_filters
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.buyback import queries
from marketplace.buyback.models import (
    FundingKind,
    FundingStream,
)


class StreamOutput(serializers.ModelSerializer[FundingStream]):
    """A funding stream; amounts in pence before VAT. Granted is always the sum of the other three."""

    area = serializers.CharField(source="area.code")
    granted_pence = serializers.SerializerMethodField()
    available_pence = serializers.SerializerMethodField()
    committed_pence = serializers.SerializerMethodField()
    spent_pence = serializers.SerializerMethodField()

    class Meta:
        model = FundingStream
        fields = [
            "reference",
            "area",
            "kind",
            "name",
            "financial_year",
            "is_open",
            "granted_pence",
            "available_pence",
            "committed_pence",
            "spent_pence",
        ]

    def _budget(self, stream: FundingStream) -> Any:
        return self.context["budgets"][stream.pk]

    def get_granted_pence(self, stream: FundingStream) -> int:
        return int(self._budget(stream).granted)

    def get_available_pence(self, stream: FundingStream) -> int:
        return int(self._budget(stream).available)

    def get_committed_pence(self, stream: FundingStream) -> int:
        return int(self._budget(stream).committed)

    def get_spent_pence(self, stream: FundingStream) -> int:
        return int(self._budget(stream).spent)


class StreamFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=FundingKind.choices)
    financial_year = django_filters.CharFilter(label="For example 2026-27")
    is_open = django_filters.BooleanFilter()

    class Meta:
        model = FundingStream
        fields = ["kind", "financial_year", "is_open"]


class StreamViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[FundingStream]):
    """The funding streams of the areas you convene or keep the money of."""

    queryset = FundingStream.objects.none()
    serializer_class = StreamOutput
    filterset_class = StreamFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.streams_visible_to(self.request.actor).order_by("-financial_year", "name", "pk")

    def list(self, request: Request) -> Response:
        """Each stream with what was granted, is left, committed and spent."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._told(page, many=True))

    def retrieve(self, request: Request, reference: str) -> Response:
        """One stream."""
        return Response(self._told(self.get_object()))

    def _told(self, streams: Any, *, many: bool = False) -> Any:
        budgets = queries.budgets_of(streams if many else [streams])
        context = self.get_serializer_context() | {"budgets": budgets}
        return StreamOutput(streams, many=many, context=context).data
