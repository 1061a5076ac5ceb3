"""The API of balances: what packages still hold and the bank of days, with every movement. Read only, for finance systems."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.routers import DefaultRouter

from marketplace.buyback import queries
from marketplace.buyback.models import Entitlement, InclusionKind
from marketplace.organisations.models import Organisation


class MovementOutput(serializers.Serializer[Any]):
    """One movement: what happened, how much in the account's unit, and what was left after it."""

    at = serializers.DateTimeField(source="transfer.at")
    on = serializers.DateField(source="transfer.on")
    verb = serializers.CharField()
    quantity = serializers.IntegerField()
    left = serializers.IntegerField()
    reason = serializers.CharField(source="transfer.reason")


class EntitlementOutput(serializers.ModelSerializer[Entitlement]):
    """What a school may draw down in one contract year. Amounts are in `unit`: half-days, places or reviews."""

    agreement = serializers.CharField(source="agreement.reference")
    package = serializers.CharField(source="line.description")
    holder = serializers.CharField(source="holder.reference")
    seller = serializers.CharField(source="agreement.seller.reference")
    kind = serializers.ChoiceField(choices=InclusionKind.choices)
    theme = serializers.SlugField(source="theme.code", default=None, allow_null=True)
    support_type = serializers.SlugField(source="support_type.code", default=None, allow_null=True)
    available = serializers.IntegerField()
    reserved = serializers.IntegerField()
    used = serializers.IntegerField()
    expired = serializers.IntegerField()
    carried = serializers.IntegerField(help_text="Carried into the next year, or moved to a later agreement")
    converted = serializers.IntegerField(help_text="Turned into credits of the bank of days")
    settled = serializers.SerializerMethodField(help_text="The year is over and the rest has been dealt with")

    class Meta:
        model = Entitlement
        fields = [
            "id",
            "agreement",
            "year_number",
            "package",
            "holder",
            "seller",
            "kind",
            "unit",
            "theme",
            "support_type",
            "granted",
            "available",
            "reserved",
            "used",
            "expired",
            "carried",
            "converted",
            "valid_from",
            "valid_to",
            "settled",
        ]

    def get_settled(self, entitlement: Entitlement) -> bool:
        return entitlement.closed_at is not None


class EntitlementDetailOutput(EntitlementOutput):
    """An entitlement with its movements, oldest first."""

    movements = serializers.SerializerMethodField()

    class Meta(EntitlementOutput.Meta):
        fields = [*EntitlementOutput.Meta.fields, "movements"]

    @extend_schema_field(MovementOutput(many=True))
    def get_movements(self, entitlement: Entitlement) -> Any:
        return MovementOutput(queries.steps_of(entitlement), many=True).data


class EntitlementFilter(django_filters.FilterSet):
    holder = django_filters.CharFilter(field_name="holder__reference", label="Reference of the school")
    seller = django_filters.CharFilter(
        field_name="agreement__seller__reference", label="Reference of the seller"
    )
    agreement = django_filters.CharFilter(
        field_name="agreement__reference", label="Reference of the agreement"
    )
    valid_on = django_filters.DateFilter(method="on_day", label="That can be used on this day")

    class Meta:
        model = Entitlement
        fields = ["holder", "seller", "agreement", "valid_on"]

    def on_day(self, rows: Any, name: str, day: Any) -> Any:
        return rows.filter(valid_from__lte=day, valid_to__gte=day, closed_at=None)


class EntitlementViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Entitlement]
):
    """What your schools hold, what you sold, or what is held in the area you convene."""

    queryset = Entitlement.objects.none()
    serializer_class = EntitlementOutput
    filterset_class = EntitlementFilter
    lookup_value_regex = "[0-9]{1,12}"

    def get_queryset(self) -> Any:
        rows = queries.with_balances(queries.entitlements_visible_to(self.request.actor))
        return rows.order_by("valid_to", "pk")

    def get_serializer_class(self) -> Any:
        return EntitlementDetailOutput if self.action == "retrieve" else EntitlementOutput


class CreditsOutput(serializers.ModelSerializer[Organisation]):
    """An organisation's credits in the bank of days. A credit is one half-day."""

    balance = serializers.IntegerField(help_text="Credits to spend")
    reserved = serializers.IntegerField(help_text="Set aside for booked sessions")

    class Meta:
        model = Organisation
        fields = ["reference", "name", "balance", "reserved"]


class CreditsDetailOutput(CreditsOutput):
    """The same with every movement, oldest first."""

    movements = serializers.SerializerMethodField()

    class Meta(CreditsOutput.Meta):
        fields = [*CreditsOutput.Meta.fields, "movements"]

    @extend_schema_field(MovementOutput(many=True))
    def get_movements(self, holder: Organisation) -> Any:
        return MovementOutput(queries.credit_steps(holder.pk), many=True).data


class CreditsViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Organisation]):
    """The bank of days: your organisations, or those of your area that ever had a credit."""

    queryset = Organisation.objects.none()
    serializer_class = CreditsOutput
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        rows = queries.holders_visible_to(self.request.actor)
        return (queries.with_credits(rows) if self.action == "list" else rows).order_by("name", "pk")

    def get_serializer_class(self) -> Any:
        return CreditsDetailOutput if self.action == "retrieve" else CreditsOutput


def register(router: DefaultRouter) -> None:
    """Add this capability's addresses."""
    router.register("entitlements", EntitlementViewSet, basename="entitlement")
    router.register("credits", CreditsViewSet, basename="credits")
