"""The addresses of bookings and of free sessions."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.bookings.closing import CallingOffViewSet, ClosureViewSet
from api.bookings.shapes import (
    ApproveInput,
    BookingDetailOutput,
    BookingOutput,
    CancelInput,
    ChargeOutput,
    ConsentInput,
    DayOutput,
    HoldInput,
    MoveInput,
    NoShowInput,
    OrderInput,
    ReasonInput,
    SideInput,
    SpanInput,
    SpanInvalid,
    WayToPayOutput,
    WithdrawInput,
)
from api.bookings.together import BookingOrderViewSet
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.buyback import queries as buyback
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.errors import NotFound

LONGEST_SPAN = timedelta(days=92)


class BookingFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=BookingStatus.choices)
    school = django_filters.NumberFilter(
        field_name="receiving_school__school__urn", label="URN of the school"
    )
    practitioner = django_filters.CharFilter(
        field_name="practitioner__reference", label="Reference of the person"
    )
    provider = django_filters.CharFilter(field_name="provider__reference", label="Reference of the provider")
    first_day = django_filters.DateFilter(field_name="day", lookup_expr="gte", label="From this day on")
    last_day = django_filters.DateFilter(field_name="day", lookup_expr="lte", label="Up to this day")

    class Meta:
        model = Booking
        fields = ["status", "school", "practitioner", "provider", "first_day", "last_day"]


class BookingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Booking]):
    """Bookings you are a party to, and those of the area you convene."""

    queryset = Booking._rows.none()
    serializer_class = BookingOutput
    filterset_class = BookingFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        rows = queries.visible_to(self.request.actor).select_related("offer_version__offer")
        rows = queries.with_interest(self.request.actor, rows)
        return rows.order_by("-starts_at", "pk")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return queries.with_ladders(page) if page else page

    def get_serializer_class(self) -> Any:
        return BookingDetailOutput if self.action == "retrieve" else BookingOutput

    @extend_schema(request=HoldInput, responses={201: BookingOutput})
    def create(self, request: Request) -> Response:
        """Hold a person, or any suitable person, for a session while you decide."""
        given = _read(HoldInput, request)
        offer = catalogue.offer_for(request.actor, given.pop("offer"))
        if given["practitioner"] is None:
            del given["practitioner"]
            booking = actions.hold_any_person(actor=request.actor, offer=offer, **given)
        else:
            booking = actions.hold_session(actor=request.actor, offer=offer, **given)
        return Response(self._shown(booking), status=status.HTTP_201_CREATED)

    @extend_schema(request=OrderInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, reference: str) -> Response:
        """Turn a hold into an order. Where the approval ladder asks for quotes, `evidence` names them."""

        def order(*, evidence: str, entitlement: int | None, **given: Any) -> Booking:
            found = buyback.evidence_for(request.actor, evidence) if evidence else None
            held = buyback.entitlements_held_by(request.actor).filter(pk=entitlement or 0).first()
            if entitlement and held is None:
                raise NotFound
            return actions.order_booking(evidence=found, entitlement=held, **given)

        return self._done(order, OrderInput)

    @extend_schema(responses=WayToPayOutput(many=True), filters=False)
    @action(detail=True, methods=["get"], url_path="ways-to-pay", pagination_class=None)
    def ways_to_pay(self, request: Request, reference: str) -> Response:
        """How the session can be paid: as you go, from packages it can be drawn from, or in credits."""
        return Response(WayToPayOutput(queries.ways_to_pay(self.get_object()), many=True).data)

    @extend_schema(request=ReasonInput, responses=BookingOutput)
    @action(detail=True, methods=["post"], url_path="waive-charge")
    def waive_charge(self, request: Request, reference: str) -> Response:
        """Let a cancellation charge go, as a lead of the provider."""
        return self._done(actions.waive_charge, ReasonInput)

    @extend_schema(request=ApproveInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Commit the school’s money, as the approval ladder asks."""
        return self._done(actions.approve_booking, ApproveInput)

    @extend_schema(request=ReasonInput, responses=BookingOutput)
    @action(detail=True, methods=["post"], url_path="refuse-approval")
    def refuse_approval(self, request: Request, reference: str) -> Response:
        """Say no to an order, as one of those the approval ladder names."""
        return self._done(actions.refuse_approval, ReasonInput)

    @extend_schema(request=ConsentInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def consent(self, request: Request, reference: str) -> Response:
        """Release the person, as their headteacher: the visit is confirmed."""
        return self._done(actions.consent_to_release, ConsentInput)

    @extend_schema(request=ReasonInput, responses=BookingOutput)
    @action(detail=True, methods=["post"], url_path="refuse-release")
    def refuse_release(self, request: Request, reference: str) -> Response:
        """Keep the person, as their headteacher."""
        return self._done(actions.refuse_release, ReasonInput)

    @extend_schema(request=ReasonInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, reference: str) -> Response:
        """Say no as the provider, before the visit is confirmed."""
        return self._done(actions.decline_booking, ReasonInput)

    @extend_schema(request=WithdrawInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Take a hold or an order back before it is confirmed, free of charge."""
        return self._done(actions.withdraw_booking, WithdrawInput)

    @extend_schema(request=CancelInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        """Call a confirmed visit off. `cancellation-quote` shows first what it costs."""
        return self._done(actions.cancel_booking, CancelInput)

    @extend_schema(request=MoveInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def reschedule(self, request: Request, reference: str) -> Response:
        """Move an order or a confirmed visit to another time. Late, it costs what `cancellation-quote` says of the buyer."""
        return self._done(actions.reschedule_booking, MoveInput)

    @extend_schema(request=NoShowInput, responses=BookingOutput)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request: Request, reference: str) -> Response:
        """Record that a visit did not take place."""
        return self._done(actions.record_no_show, NoShowInput)

    @extend_schema(parameters=[SideInput], responses=ChargeOutput)
    @action(detail=True, methods=["get"], url_path="cancellation-quote")
    def cancellation_quote(self, request: Request, reference: str) -> Response:
        """What cancelling now would cost."""
        given = SideInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        booking = queries.booking_for(request.actor, reference)
        outcome = queries.cancellation_quote(booking, by=given.validated_data["by"], now=timezone.now())
        return Response(ChargeOutput(outcome).data)

    def _done(self, verb: Any, form: type[serializers.Serializer[Any]]) -> Response:
        reference = self.kwargs["reference"]
        booking = verb(actor=self.request.actor, booking=reference, **_read(form, self.request))
        return Response(self._shown(booking))

    def _shown(self, booking: Booking) -> Any:
        shown = queries.booking_for(self.request.actor, booking.reference)
        return BookingOutput(shown, context=self.get_serializer_context()).data


class FreeSessionsViewSet(viewsets.GenericViewSet[Practitioner]):
    """When a person on show can be booked."""

    queryset = Practitioner.objects.none()
    serializer_class = DayOutput
    lookup_field = "reference"
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, required=True, description="First day"),
            OpenApiParameter(
                "to", OpenApiTypes.DATE, required=True, description="Last day, at most 92 days on"
            ),
        ],
        responses=DayOutput(many=True),
    )
    @action(detail=True, methods=["get"], url_path="free-sessions")
    def free_sessions(self, request: Request, reference: str) -> Response:
        """Every day with its sessions, each free or with the reason why not."""
        asked = SpanInput(
            data={"first": request.query_params.get("from"), "last": request.query_params.get("to")}
        )
        asked.is_valid(raise_exception=True)
        first, last = asked.validated_data["first"], asked.validated_data["last"]
        if not timedelta(0) <= last - first <= LONGEST_SPAN:
            raise SpanInvalid(
                "Those days can’t be shown.", remedy="Ask for up to 92 days, the first one first.", field="to"
            )
        days = queries.free_sessions(self._person(reference), first, last, now=timezone.now())
        return Response(DayOutput(days, many=True).data)

    def _person(self, reference: str) -> Practitioner:
        for people in (
            catalogue.practitioners_on_show(self.request.actor),
            queries.diaries_editable_by(self.request.actor),
        ):
            if (
                person := people.select_related("releasing_organisation", "diary")
                .filter(reference=reference)
                .first()
            ):
                return person
        raise NotFound


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of bookings to the router."""
    router.register("bookings", BookingViewSet, basename="booking")
    router.register("booking-orders", BookingOrderViewSet, basename="together")
    router.register("practitioners", FreeSessionsViewSet, basename="free-sessions")
    router.register("practitioners", CallingOffViewSet, basename="calling-off")
    router.register("school-closures", ClosureViewSet, basename="school-closure")
