"""Bookings that call for a paper, or owe a share, and have brought none yet."""

from datetime import date

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from marketplace.billing.models import Document
from marketplace.billing.queries.books import kept_by
from marketplace.bookings.models import USED, Booking, BookingStatus, PaymentRoute
from marketplace.kernel.access import Actor
from marketplace.kernel.models import Transfer

DELIVERED = tuple(status for status in USED if status != BookingStatus.NO_SHOW_BUYER)
NOTHING_TO_PAY = (PaymentRoute.ENTITLEMENT, PaymentRoute.EXCHANGE)
"""Routes on which the buyer gets no paper: it paid with its package, or in credits."""


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


def _effect(what: str) -> Concat:
    return Concat(Value("booking:"), Cast(OuterRef("pk"), CharField()), Value(f":{what}"))


def _paper(what: str) -> Exists:
    return Exists(Document.objects.filter(effect=_effect(what)))


def _share(what: str) -> Exists:
    return Exists(Transfer.objects.filter(effect=_effect(f"{what}:payable")))
