"""What must agree about bookings, asked by `manage.py verify`."""

from django.db import connection
from django.db.models import F, OuterRef, Subquery, Sum

from marketplace.bookings import course_verification  # noqa: F401  (its checks are registered with these)
from marketplace.bookings.actions.funding import COMMITTED
from marketplace.bookings.models import OCCUPYING, PROMISED, Booking, BookingMove, BookingStatus, PaymentRoute
from marketplace.buyback.verification import own_approvals
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.verification import must_agree, status_disagreements

_OVERLAPS = """
    SELECT a.reference, b.reference FROM bookings_booking a JOIN bookings_booking b
        ON a.practitioner_id = b.practitioner_id AND a.id < b.id AND a.during && b.during
    WHERE a.status = ANY(%(occupying)s) AND b.status = ANY(%(occupying)s) ORDER BY 1, 2
"""
_CHARGES = """
    SELECT reference, status FROM bookings_booking
    WHERE (status = ANY(%(ended)s)) AND cancellation_charge_pence IS NULL ORDER BY 1
"""
CHARGED_BY_TARIFF = (
    BookingStatus.CANCELLED_BY_BUYER,
    BookingStatus.CANCELLED_BY_PROVIDER,
    BookingStatus.NO_SHOW_BUYER,
    BookingStatus.NO_SHOW_PROVIDER,
)


@must_agree("No two bookings of one person overlap (I1)")
def nobody_is_in_two_places() -> list[str]:
    """Asked of the rows themselves, in case they came by a way that has no constraint."""
    rows = _rows(_OVERLAPS, {"occupying": [str(status) for status in OCCUPYING]})
    return [f"Bookings {one} and {other} of one person overlap." for one, other in rows]


@must_agree("A booking’s status is its last history row (I6)")
def bookings_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return status_disagreements(Booking)


@must_agree("What a cancelled booking costs is written on it (I7)")
def cancellations_say_what_they_cost() -> list[str]:
    """Each booking called off after it was confirmed holds the charge its tariff said, be it nothing."""
    rows = _rows(_CHARGES, {"ended": [str(status) for status in CHARGED_BY_TARIFF]})
    return [f"Booking {reference} is {status} but says nothing of a charge." for reference, status in rows]


def _rows(sql: str, parameters: dict[str, list[str]]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


@must_agree("What is reserved in packages is what live bookings take (I4)")
def packages_reserve_what_is_booked() -> list[str]:
    """For each entitlement, the reserved half-days are those of the bookings still to come that draw on it."""
    booked = {
        f"entitlement:{pk}": half_days
        for pk, half_days in _live(PaymentRoute.ENTITLEMENT, "entitlement").items()
    }
    accounts = Account.objects.filter(ledger=Ledger.ENTITLEMENT, purpose="reserved", unit="half_days")
    reserved = dict(accounts.values_list("detail", "balance"))
    return _differing("Package days", reserved, booked)


@must_agree("What is reserved in the bank of days is what live bookings take (I4)")
def credits_reserve_what_is_booked() -> list[str]:
    """For each school, the reserved credits are those of its bookings still to come that are paid in credits."""
    booked = {str(pk): n for pk, n in _live(PaymentRoute.EXCHANGE, "receiving_school").items()}
    accounts = Account.objects.filter(ledger=Ledger.EXCHANGE, purpose="reserved")
    reserved = {str(owner): balance for owner, balance in accounts.values_list("owner_id", "balance")}
    return _differing("Credits of organisation", reserved, booked)


def _live(route: str, by: str) -> dict[int, int]:
    rows = Booking.objects.scoped().filter(route=route, status__in=PROMISED).order_by()
    return dict(rows.values_list(by).annotate(Sum("half_days")))


def _differing(what: str, reserved: dict[str, int], booked: dict[str, int]) -> list[str]:
    keys = sorted(
        key for key in reserved.keys() | booked.keys() if reserved.get(key, 0) != booked.get(key, 0)
    )
    return [
        f"{what} {key}: {reserved.get(key, 0)} reserved, live bookings take {booked.get(key, 0)}."
        for key in keys
    ]


@must_agree("Nobody approved an order of their own above the first step of the ladder (I8)")
def orders_were_approved_by_others() -> list[str]:
    """By the step of the ladder that the history of the approval names."""
    return own_approvals(Booking, "Booking")


@must_agree("What bookings have committed of funding streams is what they cost, until they end")
def streams_follow_bookings() -> list[str]:
    """A booking's movements leave its price committed while it is approved and still to come, and nothing before or after."""
    moved: dict[int, int] = {}
    rows = Transfer.objects.filter(source__ledger=Ledger.FUNDING, effect__startswith="booking:")
    for effect, amount, source, target in rows.values_list(
        "effect", "amount", "source__purpose", "target__purpose"
    ).iterator():
        pk = int(effect.split(":")[1])
        moved[pk] = moved.get(pk, 0) + amount * ((target == "committed") - (source == "committed"))
    approved = Booking.objects.scoped().filter(status__in=COMMITTED, funding_stream__isnull=False)
    expected = dict(approved.values_list("pk", "net_pence"))
    return [
        f"Booking {pk}: {moved.get(pk, 0)} pence are committed for it, and it takes {expected.get(pk, 0)}."
        for pk in sorted({*moved, *expected})
        if moved.get(pk, 0) != expected.get(pk, 0)
    ]


@must_agree("A booking is when its last move put it")
def bookings_are_where_they_were_moved() -> list[str]:
    """Of each booking that was moved, day and session are those of the last move."""
    last = BookingMove.objects.filter(booking=OuterRef("pk")).order_by("-pk")
    moved = (
        Booking.objects.scoped()
        .annotate(
            to_day=Subquery(last.values("to_day")[:1]), to_session=Subquery(last.values("to_session")[:1])
        )
        .filter(to_day__isnull=False)
        .exclude(day=F("to_day"), session=F("to_session"))
        .order_by("pk")
    )
    return [f"Booking {row} is on {row.day}, its last move went to {row.to_day}." for row in moved]
