"""The addresses of courses, orders of places and waiting lists."""

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.courses.shapes import (
    BookInput,
    CourseInput,
    CourseOutput,
    DecideInput,
    GiveBackInput,
    NameInput,
    NumberInput,
    PlaceChargeOutput,
    PlaceOrderDetailOutput,
    PlaceOrderOutput,
    TakeInput,
    WaitingOutput,
    WaitInput,
    WhyInput,
)
from marketplace.bookings.actions import courses as actions
from marketplace.bookings.models import (
    CourseEvent,
    EventStatus,
    PlaceOrder,
    PlaceOrderStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.queries import courses as queries
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel.errors import NotFound


class CourseFilter(django_filters.FilterSet):
    theme = django_filters.CharFilter(
        field_name="offer_version__themes__code", label="Code of the theme", distinct=True
    )
    provider = django_filters.CharFilter(field_name="provider__reference", label="Reference of the provider")
    status = django_filters.ChoiceFilter(choices=EventStatus.choices)
    first_day = django_filters.DateFilter(
        field_name="starts_at", lookup_expr="date__gte", label="From this day on"
    )
    last_day = django_filters.DateFilter(
        field_name="starts_at", lookup_expr="date__lte", label="Up to this day"
    )

    class Meta:
        model = CourseEvent
        fields = ["theme", "provider", "status", "first_day", "last_day"]


class CourseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[CourseEvent]):
    """Courses on their dates, as you may see them."""

    queryset = CourseEvent._rows.none()
    serializer_class = CourseOutput
    filterset_class = CourseFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        rows = queries.events_visible_to(self.request.actor)
        return rows.prefetch_related("offer_version__themes", "dates").order_by("starts_at", "pk")

    @extend_schema(request=CourseInput, responses={201: CourseOutput})
    def create(self, request: Request) -> Response:
        """Put a course of one of your offers on its dates. It opens once those who lead it are released."""
        given = CourseInput(data=request.data)
        given.is_valid(raise_exception=True)
        reference = given.validated_data.pop("offer")
        offer = queries.offers_to_schedule(request.actor).filter(reference=reference).first()
        if offer is None:
            raise NotFound
        event = actions.schedule_event(actor=request.actor, **given.course(offer))
        return Response(self._told(event.reference), status=status.HTTP_201_CREATED)

    @extend_schema(request=WhyInput, responses=CourseOutput)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request: Request, reference: str) -> Response:
        """Call a course off: nobody owes anything, and all who have a place are told."""
        given = WhyInput(data=request.data)
        given.is_valid(raise_exception=True)
        event = queries.event_for(request.actor, reference)
        actions.cancel_event(actor=request.actor, event=event, **given.validated_data)
        return Response(self._told(reference))

    def _told(self, reference: str) -> Any:
        return CourseOutput(self.get_queryset().get(reference=reference)).data

    @extend_schema(request=BookInput, responses={201: PlaceOrderDetailOutput})
    @action(detail=True, methods=["post"])
    def book(self, request: Request, reference: str) -> Response:
        """Book places. With fewer seats left the answer is 409 `seats_taken` with `seats_left`."""
        given = BookInput(data=request.data)
        given.is_valid(raise_exception=True)
        event = queries.event_for(request.actor, reference)
        order = actions.book_places(
            actor=request.actor, event=event, school=given.validated_data["school"], **given.order(request)
        )
        return Response(_detail(request, order), status=status.HTTP_201_CREATED)

    @extend_schema(request=WaitInput, responses={201: WaitingOutput})
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, reference: str) -> Response:
        """Join the waiting list of a full course."""
        given = WaitInput(data=request.data)
        given.is_valid(raise_exception=True)
        event = queries.event_for(request.actor, reference)
        entry = actions.join_waiting(actor=request.actor, event=event, **given.validated_data)
        return Response(WaitingOutput(entry).data, status=status.HTTP_201_CREATED)


class PlaceOrderFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=PlaceOrderStatus.choices)
    course = django_filters.CharFilter(field_name="event__reference", label="Reference of the course")

    class Meta:
        model = PlaceOrder
        fields = ["status", "course"]


class PlaceOrderViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PlaceOrder]
):
    """Orders of places: of your schools, of the courses you run, and of the area you convene."""

    queryset = PlaceOrder._rows.none()
    serializer_class = PlaceOrderOutput
    filterset_class = PlaceOrderFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.orders_visible_to(self.request.actor).order_by("-pk")

    @extend_schema(responses=PlaceOrderDetailOutput)
    def retrieve(self, request: Request, reference: str) -> Response:
        """One order with its places."""
        return Response(_detail(request, queries.order_for(request.actor, reference)))

    @extend_schema(request=DecideInput, responses=PlaceOrderDetailOutput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Approve an order under the school’s ladder."""
        given = DecideInput(data=request.data)
        given.is_valid(raise_exception=True)
        order = queries.order_for(request.actor, reference)
        return Response(
            _detail(request, actions.approve_places(actor=request.actor, order=order, **given.validated_data))
        )

    @extend_schema(request=WhyInput, responses=PlaceOrderDetailOutput)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, reference: str) -> Response:
        """Say no to an order, with the reason."""
        given = WhyInput(data=request.data)
        given.is_valid(raise_exception=True)
        order = queries.order_for(request.actor, reference)
        return Response(
            _detail(request, actions.refuse_places(actor=request.actor, order=order, **given.validated_data))
        )

    @extend_schema(request=None, responses=PlaceOrderDetailOutput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Take an order back before it is confirmed."""
        order = queries.order_for(request.actor, reference)
        return Response(_detail(request, actions.withdraw_places(actor=request.actor, order=order)))

    @extend_schema(request=NameInput, responses=PlaceOrderDetailOutput)
    @action(detail=True, methods=["post"], url_path="name", url_name="name")
    def name_attendee(self, request: Request, reference: str) -> Response:
        """Say who comes on a place, or who comes instead."""
        given = NameInput(data=request.data)
        given.is_valid(raise_exception=True)
        order = queries.order_for(request.actor, reference)
        actions.name_attendee(actor=request.actor, order=order, **given.validated_data)
        return Response(_detail(request, queries.order_for(request.actor, reference)))

    @extend_schema(parameters=[NumberInput], responses=PlaceChargeOutput)
    @action(detail=True, url_path="cancellation-quote", filterset_class=None, pagination_class=None)
    def cancellation_quote(self, request: Request, reference: str) -> Response:
        """What giving a place back now would cost."""
        given = NumberInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        order = queries.order_for(request.actor, reference)
        place = order.places.filter(number=given.validated_data["number"]).first()
        if place is None:
            raise NotFound
        place.order, place.event = order, order.event
        outcome = queries.cancellation_quote(place, by=CancelledBy.BUYER, now=timezone.now())
        return Response(PlaceChargeOutput(outcome).data)

    @extend_schema(request=GiveBackInput, responses=PlaceOrderDetailOutput)
    @action(detail=True, methods=["post"], url_path="give-back")
    def give_back(self, request: Request, reference: str) -> Response:
        """Give one place back, by the tariff."""
        given = GiveBackInput(data=request.data)
        given.is_valid(raise_exception=True)
        order = queries.order_for(request.actor, reference)
        actions.cancel_place(actor=request.actor, order=order, **given.validated_data)
        return Response(_detail(request, queries.order_for(request.actor, reference)))


class WaitingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[WaitingEntry]):
    """Where your schools stand on waiting lists, and who waits for the courses you run."""

    queryset = WaitingEntry._rows.none()
    serializer_class = WaitingOutput
    lookup_field = "reference"
    filterset_fields = ("status",)

    def get_queryset(self) -> Any:
        return queries.waiting_visible_to(self.request.actor).order_by("pk")

    @extend_schema(request=TakeInput, responses={201: PlaceOrderDetailOutput})
    @action(detail=True, methods=["post"])
    def take(self, request: Request, reference: str) -> Response:
        """Book the places that are offered, or fewer."""
        given = TakeInput(data=request.data)
        given.is_valid(raise_exception=True)
        entry = queries.waiting_for(request.actor, reference)
        order = actions.take_offer(actor=request.actor, entry=entry, **given.order(request))
        return Response(_detail(request, order), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=WaitingOutput)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, reference: str) -> Response:
        """Leave the list; where places are offered, decline them."""
        entry = queries.waiting_for(request.actor, reference)
        verb = actions.decline_offer if entry.status == WaitingStatus.OFFERED else actions.leave_waiting
        return Response(WaitingOutput(verb(actor=request.actor, entry=entry)).data)


def _detail(request: Request, order: PlaceOrder) -> dict[str, Any]:
    with_names = queries.may_order(request.actor, order.school_id) or queries.may_take_register(
        request.actor, order.event
    )
    return dict(PlaceOrderDetailOutput(order, context={"with_names": with_names}).data)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of courses to the router."""
    router.register("courses", CourseViewSet, basename="course")
    router.register("place-orders", PlaceOrderViewSet, basename="place-order")
    router.register("waiting", WaitingViewSet, basename="waiting")
