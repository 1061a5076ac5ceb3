"""The addresses of orders of several dates: held, ordered, approved, released and withdrawn as one."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.bookings.shapes import (
    ApproveInput,
    BookingOutput,
    ConsentInput,
    HoldInput,
    OrderInput,
    ReasonInput,
    WithdrawInput,
)
from marketplace.bookings import actions, queries
from marketplace.bookings.actions.anybody import MOST_DATES
from marketplace.bookings.models import BookingOrder
from marketplace.buyback import queries as buyback
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.errors import NotFound


class BookingOrderOutput(serializers.ModelSerializer[BookingOrder]):
    """Several dates of one offer, ordered as one. Each is a booking with a state of its own."""

    offer = serializers.CharField(source="offer_version.offer.reference")
    receiving_school = serializers.IntegerField(source="receiving_school.school.urn", help_text="URN")
    bookings = serializers.SerializerMethodField(help_text="The dates you may see, soonest first")

    class Meta:
        model = BookingOrder
        fields = ["reference", "offer", "receiving_school", "created_at", "bookings"]

    @extend_schema_field(BookingOutput(many=True))
    def get_bookings(self, order: BookingOrder) -> Any:
        together = queries.order_for(self.context["request"].actor, order.reference)
        return BookingOutput(together.bookings, many=True, context=self.context).data


class BookingOrderLine(serializers.ModelSerializer[BookingOrder]):
    """An order in a list."""

    offer = serializers.CharField(source="offer_version.offer.reference")
    receiving_school = serializers.IntegerField(source="receiving_school.school.urn", help_text="URN")

    class Meta:
        model = BookingOrder
        fields = ["reference", "offer", "receiving_school", "created_at"]


class HoldDatesInput(HoldInput):
    """Times to hold as one, all or none."""

    day = None  # type: ignore[assignment]
    days = serializers.ListField(child=serializers.DateField(), min_length=1, max_length=MOST_DATES)


class BookingOrderViewSet(viewsets.ReadOnlyModelViewSet[BookingOrder]):
    """Orders of several dates that you are a party to."""

    queryset = BookingOrder._rows.none()
    serializer_class = BookingOrderOutput
    lookup_field = "reference"
    filter_backends = ()

    def get_queryset(self) -> Any:
        rows = queries.orders_visible_to(self.request.actor)
        return rows.select_related("offer_version__offer", "receiving_school__school")

    def get_serializer_class(self) -> Any:
        return BookingOrderLine if self.action == "list" else BookingOrderOutput

    @extend_schema(request=HoldDatesInput, responses={201: BookingOrderOutput})
    def create(self, request: Request) -> Response:
        """Hold a session on several days while you decide: all of them, or none. Leave `practitioner` out for any suitable person."""
        given = self._read(HoldDatesInput)
        offer = catalogue.offer_for(request.actor, given.pop("offer"))
        order = actions.hold_dates(actor=request.actor, offer=offer, **given)
        return Response(self._shown(order.reference), status=status.HTTP_201_CREATED)

    @extend_schema(request=OrderInput, responses=BookingOrderOutput)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, reference: str) -> Response:
        """Order all dates that are held. The approval ladder looks at their total."""
        given = self._read(OrderInput)
        evidence, entitlement = given.pop("evidence"), given.pop("entitlement")
        held = buyback.entitlements_held_by(request.actor).filter(pk=entitlement or 0).first()
        if entitlement and held is None:
            raise NotFound
        found = buyback.evidence_for(request.actor, evidence) if evidence else None
        return self._done(actions.order_together, evidence=found, entitlement=held, **given)

    @extend_schema(request=ApproveInput, responses=BookingOrderOutput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Commit the school’s money for all dates."""
        return self._done(actions.approve_together, **self._read(ApproveInput))

    @extend_schema(request=ReasonInput, responses=BookingOrderOutput)
    @action(detail=True, methods=["post"], url_path="refuse-approval")
    def refuse_approval(self, request: Request, reference: str) -> Response:
        """Say no to all dates."""
        return self._done(actions.refuse_together, **self._read(ReasonInput))

    @extend_schema(request=ConsentInput, responses=BookingOrderOutput)
    @action(detail=True, methods=["post"])
    def consent(self, request: Request, reference: str) -> Response:
        """Release your people on all dates that wait for you."""
        return self._done(actions.consent_together, **self._read(ConsentInput))

    @extend_schema(request=ReasonInput, responses=BookingOrderOutput)
    @action(detail=True, methods=["post"], url_path="refuse-release")
    def refuse_release(self, request: Request, reference: str) -> Response:
        """Keep your people on all dates that wait for you."""
        return self._done(actions.refuse_release_together, **self._read(ReasonInput))

    @extend_schema(request=WithdrawInput, responses=BookingOrderOutput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Take all dates back that are not confirmed."""
        return self._done(actions.withdraw_together, **self._read(WithdrawInput))

    def _read(self, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = form(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _done(self, verb: Any, **given: Any) -> Response:
        reference = self.kwargs["reference"]
        verb(actor=self.request.actor, order=reference, **given)
        return Response(self._shown(reference))

    def _shown(self, reference: str) -> Any:
        order = queries.order_for(self.request.actor, reference).order
        return BookingOrderOutput(order, context=self.get_serializer_context()).data
