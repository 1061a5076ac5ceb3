"""The ladder of an organisation: whose word an order needs, from which amount on."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.buyback import queries
from marketplace.buyback.rules import Approver
from marketplace.organisations.models import Organisation


class StepOutput(serializers.Serializer[Any]):
    """One step; amounts in pence, VAT included."""

    from_pence = serializers.IntegerField()
    approver = serializers.ChoiceField(choices=Approver.choices())
    quotes_needed = serializers.IntegerField()
    minute_needed = serializers.BooleanField()


class LadderOutput(serializers.Serializer[Any]):
    """The ladder that holds for one of your organisations, and whose it is."""

    organisation = serializers.CharField(help_text="Reference")
    name = serializers.CharField()
    source = serializers.CharField(
        help_text="Whose ladder it is: its own, its trust’s, its area’s or the exchange’s"
    )
    steps = StepOutput(many=True)


class LadderViewSet(viewsets.GenericViewSet[Organisation]):
    """Whose word an order needs, from which amount on."""

    queryset = Organisation.objects.none()
    serializer_class = LadderOutput
    lookup_field = "reference"
    filter_backends = ()

    def get_queryset(self) -> Any:
        return queries.own_organisations(self.request.actor).order_by("name", "pk")

    @extend_schema(responses=LadderOutput(many=True))
    def list(self, request: Request) -> Response:
        """The ladder that holds for each of your organisations."""
        page = self.paginate_queryset(self.get_queryset()) or []
        ladders = queries.ladders_of(page)
        return self.get_paginated_response([_ladder(each, ladders[each.pk]) for each in page])

    @extend_schema(responses=LadderOutput)
    def retrieve(self, request: Request, reference: str) -> Response:
        """The ladder that holds for one organisation."""
        organisation = self.get_object()
        return Response(_ladder(organisation, queries.ladder_of(organisation)))


def _ladder(organisation: Organisation, ladder: Any) -> Any:
    return LadderOutput(
        {
            "organisation": organisation.reference,
            "name": organisation.name,
            "source": ladder.source,
            "steps": [step._asdict() for step in ladder.steps],
        }
    ).data
