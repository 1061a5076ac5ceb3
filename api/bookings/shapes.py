"""What the API of bookings takes and answers."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.bookings import queries
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute, Session
from marketplace.bookings.rules import is_session
from marketplace.catalogue.models import DeliveryMode, Practitioner, Theme
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Phase, School

LONGEST_NOTE = 2_000
SESSION_HELP = (
    "One of day, morning, afternoon and twilight; or clock times such as 10:30+90: from half past ten, for ninety minutes, on"
    " quarter hours"
)


def check_session(session: str) -> None:
    """Refuse what is no session."""
    if not is_session(session):
        raise serializers.ValidationError("That is not a session.")


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
    order = serializers.CharField(
        source="order.reference",
        default=None,
        allow_null=True,
        help_text="The order of several dates it belongs to, whose dates are decided on together",
    )
    session = serializers.CharField(help_text=SESSION_HELP)
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
            "order",
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
            "cancellation_charge_half_days",
            "charge_waiver_reason",
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
        return HistoryOutput(queries.history_for(self.context["request"].actor, booking), many=True).data


class ChargeOutput(serializers.Serializer[Any]):
    """What cancelling now would cost, in pence before VAT."""

    charge_pence = serializers.IntegerField()
    refund_pence = serializers.IntegerField(help_text="What of the price is no longer owed")
    extra_pence = serializers.IntegerField(help_text="What a flat charge asks beyond the price")
    kept_half_days = serializers.IntegerField(
        help_text="What is kept of a session from a package or in credits"
    )
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
    practitioner = serializers.SlugRelatedField(
        slug_field="reference",
        queryset=Practitioner.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        help_text="Leave out for any suitable person of the offer",
    )
    school = serializers.SlugRelatedField(slug_field="urn", queryset=School.objects.all())
    theme = serializers.SlugRelatedField(slug_field="code", queryset=Theme.objects.all())
    phase = serializers.ChoiceField(choices=Phase.choices)
    mode = serializers.ChoiceField(choices=DeliveryMode.choices)
    day = serializers.DateField()
    session = serializers.CharField(max_length=10, validators=[check_session], help_text=SESSION_HELP)
    focus = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class MoveInput(serializers.Serializer[Any]):
    """The time a booking moves to."""

    day = serializers.DateField()
    session = serializers.CharField(max_length=10, validators=[check_session], help_text=SESSION_HELP)
    reason = serializers.CharField(max_length=LONGEST_NOTE)


class OrderInput(serializers.Serializer[Any]):
    purchase_order_number = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    focus = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)
    evidence = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=12, help_text="Reference of quotes evidence"
    )
    minute_reference = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)
    pay_by = serializers.ChoiceField(
        required=False,
        default="",
        allow_blank=True,
        choices=[PaymentRoute.ENTITLEMENT.value, PaymentRoute.EXCHANGE.value],
        help_text="Leave out to pay by journal or invoice; see `ways-to-pay`",
    )
    entitlement = serializers.IntegerField(
        required=False,
        default=None,
        allow_null=True,
        min_value=1,
        max_value=2**62,
        help_text="Number of the entitlement to draw on, where `pay_by` is `entitlement`",
    )


class WayToPayOutput(serializers.Serializer[Any]):
    """One way to pay for a held session: the arguments of `order`, and what it would leave."""

    pay_by = serializers.CharField(help_text="Empty for journal or invoice")
    entitlement = serializers.IntegerField(source="entitlement.pk", default=None, allow_null=True)
    label = serializers.CharField()
    hint = serializers.CharField()


class ApproveInput(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)
    minute_reference = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=80,
        help_text="Where the approval ladder asks for a minute and the order names none",
    )


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
