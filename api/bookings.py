"""The API of bookings: what is free, holding, ordering, deciding and ending."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute, Session
from marketplace.bookings.tariffs import CancelledBy
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import DeliveryMode, Practitioner, Theme
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import Phase, School

LONGEST_NOTE = 2_000
LONGEST_SPAN = timedelta(days=92)


class SpanInvalid(DomainError):
    """The days asked for are the wrong way round or too many."""

    code = "span_invalid"


# What comes out ------------------------------------------------------------------------------------------------------


class PriceLineOutput(serializers.Serializer[Any]):
    sentence = serializers.CharField()
    pence = serializers.IntegerField()


class BookingOutput(serializers.ModelSerializer[Booking]):
    """A booking as its parties see it. Amounts are pence before VAT, days half-days, times UTC."""

    offer = serializers.CharField(source="offer_version.offer.reference")
    practitioner = serializers.CharField(source="practitioner.reference")
    practitioner_name = serializers.CharField(source="practitioner.name")
    provider = serializers.CharField(source="provider.reference")
    releasing_organisation = serializers.CharField(source="releasing_organisation.reference")
    receiving_school = serializers.IntegerField(source="receiving_school.school.urn", help_text="URN")
    theme = serializers.SlugField(source="theme.code")
    status = serializers.ChoiceField(choices=BookingStatus.choices)
    route = serializers.ChoiceField(choices=PaymentRoute.choices)
    vat_pence = serializers.IntegerField(
        help_text="VAT as it stood when the booking was made; the document settles it"
    )
    price_lines = serializers.SerializerMethodField()
    verbs = serializers.SerializerMethodField(help_text="What you can do with it now")

    class Meta:
        model = Booking
        fields = [
            "reference",
            "status",
            "verbs",
            "offer",
            "practitioner",
            "practitioner_name",
            "provider",
            "releasing_organisation",
            "receiving_school",
            "theme",
            "phase",
            "mode",
            "session",
            "day",
            "starts_at",
            "ends_at",
            "half_days",
            "focus",
            "hold_expires_at",
            "net_pence",
            "vat_pence",
            "price_lines",
            "route",
            "route_reason",
            "purchase_order_number",
            "cancellation_charge_pence",
            "cancellation_explanation",
            "cancellation_reason",
            "created_at",
        ]

    @extend_schema_field(PriceLineOutput(many=True))
    def get_price_lines(self, booking: Booking) -> Any:
        return booking.price.get("lines", [])

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_verbs(self, booking: Booking) -> Any:
        return queries.verbs_for(self.context["request"].actor, booking, now=timezone.now())


class HistoryOutput(serializers.Serializer[Any]):
    verb = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    by_name = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()


class BookingDetailOutput(BookingOutput):
    """A booking with its history."""

    history = serializers.SerializerMethodField()

    class Meta(BookingOutput.Meta):
        fields = [*BookingOutput.Meta.fields, "history"]

    @extend_schema_field(HistoryOutput(many=True))
    def get_history(self, booking: Booking) -> Any:
        return HistoryOutput(history.of(booking), many=True).data


class ChargeOutput(serializers.Serializer[Any]):
    """What cancelling now would cost, in pence before VAT."""

    charge_pence = serializers.IntegerField()
    refund_pence = serializers.IntegerField(help_text="What of the price is no longer owed")
    extra_pence = serializers.IntegerField(help_text="What a flat charge asks beyond the price")
    explanation = serializers.CharField()


class SessionOutput(serializers.Serializer[Any]):
    session = serializers.ChoiceField(choices=Session.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_free = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="Why it can’t be booked")


class DayOutput(serializers.Serializer[Any]):
    day = serializers.DateField()
    sessions = SessionOutput(many=True)


# What goes in --------------------------------------------------------------------------------------------------------


class HoldInput(serializers.Serializer[Any]):
    """A time to hold."""

    offer = serializers.CharField(max_length=12, help_text="Reference of a published offer")
    practitioner = serializers.SlugRelatedField(slug_field="reference", queryset=Practitioner.objects.all())
    school = serializers.SlugRelatedField(slug_field="urn", queryset=School.objects.all())
    theme = serializers.SlugRelatedField(slug_field="code", queryset=Theme.objects.all())
    phase = serializers.ChoiceField(choices=Phase.choices)
    mode = serializers.ChoiceField(choices=DeliveryMode.choices)
    day = serializers.DateField()
    session = serializers.ChoiceField(choices=Session.choices)
    focus = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class OrderInput(serializers.Serializer[Any]):
    purchase_order_number = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    focus = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class NoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class ConsentInput(NoteInput):
    beyond_agreed = serializers.BooleanField(
        default=False, help_text="Agree to more days than were agreed for the year; needs a note"
    )


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_NOTE)


class WithdrawInput(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


SIDES = [CancelledBy.BUYER, CancelledBy.PROVIDER, CancelledBy.RELEASING_SCHOOL]


class CancelInput(ReasonInput):
    by = serializers.ChoiceField(choices=[side.value for side in SIDES], help_text="The side that cancels")


class NoShowInput(ReasonInput):
    absent = serializers.ChoiceField(choices=["buyer", "provider"])


class SideInput(serializers.Serializer[Any]):
    by = serializers.ChoiceField(choices=[side.value for side in SIDES])


class SpanInput(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()


# Views ---------------------------------------------------------------------------------------------------------------


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
        return rows.order_by("-starts_at", "pk")

    def get_serializer_class(self) -> Any:
        return BookingDetailOutput if self.action == "retrieve" else BookingOutput

    @extend_schema(request=HoldInput, responses={201: BookingOutput})
    def create(self, request: Request) -> Response:
        """Hold a person for a session while you decide."""
        given = _read(HoldInput, request)
        offer = catalogue.offer_for(request.actor, given.pop("offer"))
        booking = actions.hold_session(actor=request.actor, offer=offer, **given)
        return Response(self._shown(booking), status=status.HTTP_201_CREATED)

    @extend_schema(request=OrderInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, reference: str) -> Response:
        """Turn a hold into an order."""
        return self._done(actions.order_booking, OrderInput)

    @extend_schema(request=NoteInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Commit the school’s money, as its budget holder."""
        return self._done(actions.approve_booking, NoteInput)

    @extend_schema(request=ReasonInput, responses=BookingOutput)
    @action(detail=True, methods=["post"], url_path="refuse-approval")
    def refuse_approval(self, request: Request, reference: str) -> Response:
        """Say no to an order, as a budget holder."""
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
    router.register("practitioners", FreeSessionsViewSet, basename="free-sessions")
