"""The API of networks: which there are, and which schools belong to each."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter

from marketplace.organisations import queries
from marketplace.organisations.models import Network, NetworkKind, NetworkMembership


class MemberOutput(serializers.ModelSerializer[NetworkMembership]):
    """A member school."""

    urn = serializers.IntegerField(source="school.urn")
    name = serializers.CharField(source="school.organisation.name")

    class Meta:
        model = NetworkMembership
        fields = ["urn", "name", "role", "joined_on"]


class NetworkOutput(serializers.ModelSerializer[Network]):
    """A network with its members; those asked and not yet in are left out. `themes` are codes of themes."""

    area = serializers.CharField(source="area.code", help_text="Code of the local authority")
    lead = serializers.CharField(
        source="lead.reference", allow_null=True, default=None, help_text="Reference of who leads it"
    )
    themes = serializers.ListField(child=serializers.CharField())
    schools = MemberOutput(source="memberships", many=True)

    class Meta:
        model = Network
        fields = [
            "reference",
            "name",
            "kind",
            "area",
            "lead",
            "purpose",
            "website",
            "themes",
            "active_from",
            "active_to",
            "schools",
        ]


class NetworkFilter(filters.FilterSet):
    """`q` looks in the name, the purpose, the lead's name and the members' names."""

    area = filters.CharFilter(field_name="area__code", help_text="Code of the local authority")
    kind = filters.ChoiceFilter(choices=NetworkKind.choices)
    school = filters.NumberFilter(
        method="of_school", help_text="URN of a member", min_value=1, max_value=999_999
    )
    q = filters.CharFilter(method="matching", max_length=100)
    ordering = django_filters.OrderingFilter(fields={"name": "name", "active_from": "active_from"})

    class Meta:
        model = Network
        fields: list[str] = []

    def of_school(self, rows: QuerySet[Network], name: str, value: Any) -> QuerySet[Network]:
        return queries.networks_of_school(rows, int(value))

    def matching(self, rows: QuerySet[Network], name: str, value: str) -> QuerySet[Network]:
        return queries.networks_matching(rows, value)


class NetworkViewSet(viewsets.ReadOnlyModelViewSet[Network]):
    """Networks of the person's areas, and those that their organisations lead or belong to, ended ones included."""

    queryset = Network.objects.none()
    serializer_class = NetworkOutput
    filterset_class = NetworkFilter
    lookup_field = "reference"
    lookup_value_regex = "[A-Z0-9-]{5,12}"

    def get_queryset(self) -> QuerySet[Network]:
        return queries.with_member_rows(queries.networks_visible_to(self.request.actor)).order_by(
            "name", "pk"
        )  # type: ignore[attr-defined]


def register(router: DefaultRouter) -> None:
    """Add the viewset of networks to the router."""
    router.register("networks", NetworkViewSet, basename="network")
