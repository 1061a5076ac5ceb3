"""What the API of courses takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from marketplace.bookings.actions.courses import Attendee
from marketplace.bookings.models import (
    CourseDate,
    CourseEvent,
    PaymentRoute,
    Place,
    PlaceOrder,
    WaitingEntry,
)
from marketplace.bookings.rules.courses import MOST_DATES, MOST_PLACES, MOST_SEATS, Stretch
from marketplace.buyback import queries as buyback
from marketplace.catalogue.models import DeliveryMode, Offer
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import School

# Shapes --------------------------------------------------------------------------------------------------------------


class CourseDateOutput(serializers.ModelSerializer[CourseDate]):
    class Meta:
        model = CourseDate
        fields = ["number", "day", "starts_at", "ends_at"]


class CourseOutput(serializers.ModelSerializer[CourseEvent]):
    """A course that takes place. How to join is told with the order of a place."""

    offer = serializers.CharField(source="offer_version.offer.reference")
    provider = serializers.CharField(source="provider.reference")
    themes = serializers.SlugRelatedField(
        source="offer_version.themes", slug_field="code", many=True, read_only=True
    )
    phases = serializers.ListField(source="offer_version.phases", child=serializers.CharField())
    dates = CourseDateOutput(many=True)
    seats_left = serializers.IntegerField()

    class Meta:
        model = CourseEvent
        fields = [
            "reference",
            "status",
            "title",
            "offer",
            "provider",
            "themes",
            "phases",
            "mode",
            "venue",
            "seats",
            "seats_left",
            "minimum_places",
            "starts_at",
            "ends_at",
            "closes_at",
            "dates",
        ]


class StretchInput(serializers.Serializer[Any]):
    """One date, as London clocks show it."""

    day = serializers.DateField()
    starts = serializers.TimeField()
    ends = serializers.TimeField()


class CourseInput(serializers.Serializer[Any]):
    """A course of a published offer on its dates."""

    offer = serializers.CharField(max_length=12, help_text="Reference of an offer you can put on dates")
    dates = StretchInput(many=True, allow_empty=False, max_length=MOST_DATES)
    mode = serializers.ChoiceField(choices=DeliveryMode.choices)
    venue = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    held_at = serializers.SlugRelatedField(
        slug_field="urn",
        queryset=School.objects.select_related("organisation"),
        required=False,
        default=None,
        help_text="URN of the school it is held at",
    )
    joining = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    seats = serializers.IntegerField(min_value=1, max_value=MOST_SEATS)
    minimum_places = serializers.IntegerField(min_value=1, max_value=MOST_SEATS, default=1)
    closing_day = serializers.DateField(help_text="Last day to book")
    leaders = serializers.ListField(
        child=serializers.CharField(max_length=12),
        allow_empty=False,
        max_length=20,
        help_text="References of people the offer names",
    )

    def course(self, offer: Offer) -> dict[str, Any]:
        """The arguments of the action."""
        data = dict(self.validated_data)
        wanted = set(data.pop("leaders"))
        people = list(offer.shown.practitioners.filter(is_active=True, reference__in=wanted))
        if len(people) != len(wanted):
            raise serializers.ValidationError({"leaders": ["Name people of the offer only."]})
        dates = [Stretch(each["day"], each["starts"], each["ends"]) for each in data.pop("dates")]
        return data | {"offer": offer, "dates": dates, "leaders": people}


class PlaceOutput(serializers.ModelSerializer[Place]):
    """One place. Names are shown to the school, the provider and those who lead."""

    attendee = serializers.SerializerMethodField()

    class Meta:
        model = Place
        fields = ["number", "status", "attendee", "net_pence", "charge_pence", "charge_explanation"]

    @extend_schema_field(serializers.CharField())
    def get_attendee(self, place: Place) -> str:
        return place.attendee if self.context.get("with_names") else ""


class PlaceOrderOutput(serializers.ModelSerializer[PlaceOrder]):
    """Places one school ordered. Amounts are pence."""

    course = serializers.CharField(source="event.reference")
    school = serializers.IntegerField(source="school.school.urn", help_text="URN")
    group = serializers.CharField(source="group.reference", default="", help_text="Of a group booking")

    class Meta:
        model = PlaceOrder
        fields = [
            "reference",
            "status",
            "course",
            "school",
            "group",
            "net_pence",
            "vat_pence",
            "route",
            "purchase_order_number",
            "approve_by",
            "created_at",
        ]


class PlaceOrderDetailOutput(PlaceOrderOutput):
    places = PlaceOutput(many=True)

    class Meta(PlaceOrderOutput.Meta):
        fields = [*PlaceOrderOutput.Meta.fields, "places"]


class WaitingOutput(serializers.ModelSerializer[WaitingEntry]):
    """An entry of a waiting list."""

    course = serializers.CharField(source="event.reference")
    school = serializers.IntegerField(source="school.school.urn", help_text="URN")

    class Meta:
        model = WaitingEntry
        fields = [
            "reference",
            "status",
            "course",
            "school",
            "places",
            "offered_places",
            "offer_expires_at",
            "created_at",
        ]


class AttendeeInput(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=150)
    job_title = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)


class TakeInput(serializers.Serializer[Any]):
    """Who comes, and how it is paid. A person without a name is named later."""

    attendees = AttendeeInput(many=True, allow_empty=False, max_length=MOST_PLACES)
    entitlement = serializers.IntegerField(
        required=False, help_text="Number of the package’s places, where they are to pay"
    )
    purchase_order_number = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)

    def order(self, request: Request) -> dict[str, Any]:
        """The arguments of the action."""
        data = dict(self.validated_data)
        number = data.pop("entitlement", None)
        entitlement = None
        if number is not None:
            entitlement = buyback.entitlements_held_by(request.actor).filter(pk=number).first()
            if entitlement is None:
                raise NotFound
        data.pop("school", None)
        return data | {
            "attendees": [Attendee(each["name"], each["job_title"]) for each in data["attendees"]],
            "pay_by": PaymentRoute.ENTITLEMENT if entitlement else "",
            "entitlement": entitlement,
        }


class BookInput(TakeInput):
    """An order of places."""

    school = serializers.SlugRelatedField(
        slug_field="urn", queryset=School.objects.select_related("organisation", "trust")
    )


class WaitInput(serializers.Serializer[Any]):
    """How many places a school waits for."""

    school = serializers.SlugRelatedField(
        slug_field="urn", queryset=School.objects.select_related("organisation", "trust")
    )
    places = serializers.IntegerField(min_value=1, max_value=MOST_PLACES)


class DecideInput(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    minute_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)


class WhyInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class NumberInput(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)


class GiveBackInput(NumberInput):
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class NameInput(NumberInput):
    name = serializers.CharField(max_length=150)
    job_title = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)


class PlaceChargeOutput(serializers.Serializer[Any]):
    """What giving a place back costs: pence before VAT, or the place of a package."""

    charge_pence = serializers.IntegerField()
    keeps_place = serializers.BooleanField()
    explanation = serializers.CharField()
