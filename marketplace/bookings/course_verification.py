"""What must agree about courses, asked by `manage.py verify`: seats, waiting lists, people who lead, packages and streams."""

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from marketplace.bookings.models import (
    OCCUPYING,
    SEATED,
    CourseEvent,
    EventStatus,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    PlaceStatus,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.buyback.verification import own_approvals
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.verification import must_agree, status_disagreements

_LED_AND_BOOKED = """
    SELECT b.reference, e.reference FROM bookings_leadtime t
        JOIN bookings_courselead l ON l.id = t.lead_id JOIN bookings_courseevent e ON e.id = l.event_id
        JOIN bookings_booking b ON b.practitioner_id = t.practitioner_id AND b.during && t.during
    WHERE b.status = ANY(%s) ORDER BY 1, 2
"""
_LED_TWICE = """
    SELECT e.reference, f.reference FROM bookings_leadtime t
        JOIN bookings_leadtime u ON t.practitioner_id = u.practitioner_id AND t.id < u.id AND t.during && u.during
        JOIN bookings_courselead l ON l.id = t.lead_id JOIN bookings_courseevent e ON e.id = l.event_id
        JOIN bookings_courselead m ON m.id = u.lead_id JOIN bookings_courseevent f ON f.id = m.event_id ORDER BY 1, 2
"""


@must_agree("The seats taken of a course are its places and the seats offered to those who wait")
def seats_are_counted() -> list[str]:
    """`seats_taken` is a cache of the rows."""
    places = dict(
        Place.objects.filter(status__in=SEATED).order_by().values_list("event").annotate(Count("pk"))
    )
    offered = dict(
        WaitingEntry.objects.scoped()
        .filter(status=WaitingStatus.OFFERED)
        .order_by()
        .values_list("event")
        .annotate(Sum("offered_places"))
    )
    return [
        f"Course {reference}: {taken} seats are taken, and {places.get(pk, 0) + offered.get(pk, 0)} are in use."
        for pk, reference, taken in CourseEvent._rows.order_by("pk").values_list(
            "pk", "reference", "seats_taken"
        )
        if taken != places.get(pk, 0) + offered.get(pk, 0)
    ]


@must_agree(
    "No seat of an open course is free while somebody waits, and none is offered past the closing of its bookings"
)
def waiting_lists_move() -> list[str]:
    """Whoever frees a seat offers it on in the same transaction."""
    now = timezone.now()
    idle = CourseEvent._rows.filter(
        waiting__status=WaitingStatus.WAITING,
        status=EventStatus.OPEN,
        seats_taken__lt=F("seats"),
        closes_at__gt=now,
    ).distinct()
    late = WaitingEntry.objects.scoped().filter(
        status=WaitingStatus.OFFERED, offer_expires_at__gt=F("event__closes_at")
    )
    return [
        *(f"Course {event.reference} has a free seat, and somebody waits." for event in idle),
        *(f"{entry.reference} is kept a place past the closing of bookings." for entry in late),
    ]


@must_agree("Nobody leads a course while they are booked, or leads another (I1)")
def nobody_leads_in_two_places() -> list[str]:
    """Asked of the rows themselves, in case they came by a way that has no constraint."""
    with connection.cursor() as cursor:
        cursor.execute(_LED_AND_BOOKED, [[str(status) for status in OCCUPYING]])
        found = [
            f"Booking {one} and course {other} of one person overlap." for one, other in cursor.fetchall()
        ]
        cursor.execute(_LED_TWICE)
        return found + [
            f"Courses {one} and {other} of one person overlap." for one, other in cursor.fetchall()
        ]


@must_agree("The status of courses, places and waiting lists is their last history row (I6)")
def courses_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return [
        line
        for model in (CourseEvent, PlaceOrder, Place, WaitingEntry)
        for line in status_disagreements(model)
    ]


@must_agree("What is reserved of places in packages is what orders hold (I4)")
def packages_reserve_the_places_booked() -> list[str]:
    """For each entitlement: places still to come, and those the tariff keeps until the course is over."""
    held = Q(status__in=[PlaceStatus.RESERVED, PlaceStatus.BOOKED]) | Q(
        status=PlaceStatus.CANCELLED_BY_BUYER,
        keeps_place=True,
        charge_waiver_reason="",
        event__status=EventStatus.OPEN,
    )
    rows = Place.objects.filter(held, order__entitlement__isnull=False).order_by()
    booked = {
        f"entitlement:{pk}": number
        for pk, number in rows.values_list("order__entitlement").annotate(Count("pk"))
    }
    accounts = Account.objects.filter(ledger=Ledger.ENTITLEMENT, purpose="reserved", unit="places")
    reserved = dict(accounts.values_list("detail", "balance"))
    return [
        f"Places of {key}: {reserved.get(key, 0)} reserved, orders hold {booked.get(key, 0)}."
        for key in sorted(reserved.keys() | booked.keys())
        if reserved.get(key, 0) != booked.get(key, 0)
    ]


@must_agree("What places have committed of funding streams is what they cost, until the course is over")
def streams_follow_places() -> list[str]:
    """A confirmed order leaves its price committed, one that ended nothing; one given back with a charge waits for the course's end."""
    moved: dict[int, int] = {}
    rows = Transfer.objects.filter(source__ledger=Ledger.FUNDING, effect__startswith="places:")
    for effect, amount, source, target in rows.values_list(
        "effect", "amount", "source__purpose", "target__purpose"
    ).iterator():
        pk = int(effect.split(":")[1])
        moved[pk] = moved.get(pk, 0) + amount * ((target == "committed") - (source == "committed"))
    confirmed = PlaceOrder.objects.scoped().filter(
        status=PlaceOrderStatus.CONFIRMED, funding_stream__isnull=False
    )
    expected = dict(confirmed.values_list("pk", "net_pence"))
    waiting = set(
        PlaceOrder.objects.scoped()
        .filter(status=PlaceOrderStatus.CANCELLED_BY_BUYER, event__status=EventStatus.OPEN)
        .values_list("pk", flat=True)
    )
    return [
        f"Order of places {pk}: {moved.get(pk, 0)} pence are committed for it, and it takes {expected.get(pk, 0)}."
        for pk in sorted({*moved, *expected} - waiting)
        if moved.get(pk, 0) != expected.get(pk, 0)
    ]


@must_agree("The shares of a group booking make its price, and all of them stand or none")
def groups_are_whole() -> list[str]:
    """Shared to the penny; confirmed together, ended together."""
    stands: dict[int, set[bool]] = {}
    sums: dict[int, int] = {}
    totals: dict[int, int] = {}
    never_confirmed = (
        PlaceOrderStatus.AWAITING_APPROVAL,
        PlaceOrderStatus.AGREED,
        PlaceOrderStatus.WITHDRAWN,
        PlaceOrderStatus.EXPIRED,
        PlaceOrderStatus.FELL_THROUGH,
    )
    rows = PlaceOrder.objects.scoped().filter(group__isnull=False).order_by()
    for group, status, pence, total in rows.values_list("group", "status", "net_pence", "group__net_pence"):
        sums[group] = sums.get(group, 0) + pence
        totals[group] = total
        if status != PlaceOrderStatus.CANCELLED_BY_PROVIDER:
            stands.setdefault(group, set()).add(status not in never_confirmed)
    return [
        f"Group booking {group}: its shares make {sums[group]} pence of {totals[group]}."
        for group in sums
        if sums[group] != totals[group]
    ] + [
        f"Group booking {group}: some shares stand and others don’t."
        for group, all_ in stands.items()
        if len(all_) > 1
    ]


@must_agree("Nobody approved places of their own above the first step of the ladder (I8)")
def places_were_approved_by_others() -> list[str]:
    """By the step of the ladder that the history of the approval names."""
    return own_approvals(PlaceOrder, "Order of places")
