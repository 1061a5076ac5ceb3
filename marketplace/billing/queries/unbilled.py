"""Bookings, late moves and orders of places that call for a paper, or owe a share, and have brought none yet."""

from datetime import date
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from marketplace.billing.models import Document
from marketplace.billing.queries.books import kept_by
from marketplace.bookings.models import (
    USED,
    Booking,
    BookingMove,
    BookingStatus,
    EventStatus,
    MoveWaiver,
    PaymentRoute,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    PlaceStatus,
    WaiverStatus,
)
from marketplace.kernel.access import Actor
from marketplace.kernel.models import Transfer

DELIVERED = tuple(status for status in USED if status != BookingStatus.NO_SHOW_BUYER)
NOTHING_TO_PAY = (PaymentRoute.ENTITLEMENT, PaymentRoute.EXCHANGE)
"""Routes on which the buyer gets no paper: it paid with its package, or in credits."""
BILLED = (PlaceOrderStatus.DELIVERED, PlaceOrderStatus.CANCELLED_BY_BUYER)
"""Orders of places that are billed once their course has taken place."""


def billable_bookings() -> QuerySet[Booking]:
    """Bookings with all that their paper says."""
    return Booking.objects.scoped().select_related(
        "provider__area",
        "receiving_school__school",
        "receiving_school__area",
        "releasing_organisation",
        "funding_stream__area",
        "practitioner",
        "offer_version__support_type",
    )


def unbilled_bookings() -> QuerySet[Booking]:
    """Those delivered or charged whose paper is missing, and package days whose releasing organisation was credited no share."""
    is_charged = Q(charge_waived_by__isnull=True, refilled_by__isnull=True)
    delivered = Q(status__in=DELIVERED)
    on_paper = ~Q(route__in=NOTHING_TO_PAY)
    is_shared = Q(route=PaymentRoute.ENTITLEMENT, price__shares__releasing_school__gt=0) & ~Q(
        releasing_organisation=F("provider")
    )
    wanted = (
        (delivered & on_paper & Q(net_pence__gt=0) & ~_paper("delivered"))
        | (delivered & is_shared & ~_share("delivered"))
        | (is_charged & Q(cancellation_charge_pence__gt=0) & ~_paper("cancelled"))
        | (is_charged & is_shared & Q(cancellation_charge_half_days__gt=0) & ~_share("cancelled"))
    )
    return billable_bookings().filter(wanted).order_by("pk")


def unbilled_in_books(actor: Actor, today: date) -> QuerySet[Booking]:
    """Those of the books the person keeps that failed when last tried, or whose day is over, oldest first."""
    is_late = Q(billing_failure__isnull=False) | Q(day__lt=today)
    books = kept_by(actor).order_by().values("pk")
    return (
        unbilled_bookings()
        .filter(is_late, provider__in=books)
        .select_related("billing_failure")
        .order_by("day", "pk")
    )


def unbilled_moves() -> QuerySet[BookingMove]:
    """Late moves that were charged and not waived, whose paper is missing, or the share of a package’s half-days."""
    waived = MoveWaiver.objects.filter(move=OuterRef("pk"), status=WaiverStatus.GRANTED)
    effect = _words("booking:", OuterRef("booking_id"), ":moved:", OuterRef("pk"))
    paper = Document.objects.filter(effect=effect)
    share = Transfer.objects.filter(effect=_words(effect, ":payable"))
    is_shared = Q(
        booking__route=PaymentRoute.ENTITLEMENT, booking__price__shares__releasing_school__gt=0
    ) & ~Q(booking__releasing_organisation=F("booking__provider"))
    wanted = (Q(charge_pence__gt=0) & ~Exists(paper)) | (
        is_shared & Q(charge_half_days__gt=0) & ~Exists(share)
    )
    return BookingMove.objects.filter(wanted, ~Exists(waived)).select_related("booking").order_by("pk")


def unbilled_moves_in_books(actor: Actor, today: date) -> QuerySet[BookingMove]:
    """Those of the books the person keeps that failed when last tried, or were made before today."""
    is_late = Q(booking__billing_failure__isnull=False) | Q(moved_at__date__lt=today)
    books = kept_by(actor).order_by().values("pk")
    rows = unbilled_moves().filter(is_late, booking__provider__in=books)
    return rows.select_related("booking__receiving_school", "booking__billing_failure")


def unbilled_orders() -> QuerySet[PlaceOrder]:
    """Orders of places on courses that took place which owe something and whose paper is missing."""
    came = Q(status=PlaceStatus.ATTENDED, net_pence__gt=0) & ~Q(order__route__in=NOTHING_TO_PAY)
    charged = Q(charge_pence__gt=0, charge_waiver_reason="")
    owing = Place.objects.filter(came | charged, order=OuterRef("pk"))
    done = Document.objects.filter(place_order=OuterRef("pk"))
    orders = PlaceOrder.objects.scoped().filter(event__status=EventStatus.DELIVERED, status__in=BILLED)
    return orders.filter(Exists(owing), ~Exists(done)).select_related("event", "school").order_by("pk")


def unbilled_orders_in_books(actor: Actor, today: date) -> QuerySet[PlaceOrder]:
    """Those of the books the person keeps whose course was over before today."""
    books = kept_by(actor).order_by().values("pk")
    return unbilled_orders().filter(event__provider__in=books, event__ends_at__date__lt=today)


def _effect(what: str) -> Concat:
    return _words("booking:", OuterRef("pk"), f":{what}")


def _words(*parts: Any) -> Concat:
    return Concat(*(Value(part) if isinstance(part, str) else Cast(part, CharField()) for part in parts))


def _paper(what: str) -> Exists:
    return Exists(Document.objects.filter(effect=_effect(what)))


def _share(what: str) -> Exists:
    return Exists(Transfer.objects.filter(effect=_effect(f"{what}:payable")))
