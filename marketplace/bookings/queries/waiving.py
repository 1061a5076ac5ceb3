"""Who may ask for a charge to be waived, who decides, and what waits for a decision."""

from django.db.models import Count, OuterRef, Subquery

from marketplace.bookings.models import Booking, BookingMove, MoveWaiver, WaiverRequest, WaiverStatus
from marketplace.bookings.queries.scopes import BUYERS_WHO_CANCEL, may_waive, visible_to
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.work import WorkItem

GRANTED_REASON = "The school asked for it: "


def may_ask_waiver(actor: Actor, booking: Booking) -> bool:
    """Whether the person may ask for the school: its headteacher, a budget holder, or the lead of its trust."""
    return actor.holds(*BUYERS_WHO_CANCEL, at=booking.receiving_school_id)


def waiver_request_of(booking: Booking) -> WaiverRequest | None:
    """What the school asked and what was decided, where it asked."""
    return (
        WaiverRequest.objects.filter(booking=booking)
        .select_related("asked_by", "decided_by")
        .order_by("pk")
        .first()
    )


def waiver_request_for(actor: Actor, reference: str) -> WaiverRequest:
    """The request about a booking, for who decides it; `NotFound` for others, and where there is none."""
    found = (
        WaiverRequest.objects.filter(booking__in=visible_to(actor), booking__reference=reference)
        .select_related("booking__receiving_school", "booking__provider", "booking__practitioner", "asked_by")
        .first()
    )
    if found is None or not may_waive(actor, found.booking):
        raise NotFound
    return found


def move_of(booking: Booking, number: int) -> BookingMove:
    """The move of a booking by its place among them, the first one 1; `NotFound` where there is none."""
    moves = list(booking.moves.order_by("pk"))
    if not 1 <= number <= len(moves):
        raise NotFound
    return moves[number - 1]


def charged_moves_of(booking: Booking) -> list[tuple[int, BookingMove, MoveWaiver | None]]:
    """The moves of a booking that cost something, each with its number and what was asked or decided about the charge."""
    moves = booking.moves.select_related("waiver__asked_by", "waiver__decided_by").order_by("pk")
    return [
        (number, move, getattr(move, "waiver", None))
        for number, move in enumerate(moves, start=1)
        if move.is_charged
    ]


def move_waiver_of(move: BookingMove) -> MoveWaiver | None:
    """What was asked or decided about the charge of a move."""
    return MoveWaiver.objects.filter(move=move).select_related("asked_by", "decided_by").first()


def move_waiver_for(actor: Actor, reference: str, number: int) -> MoveWaiver:
    """The request about a move, for who decides it; `NotFound` for others, and where there is none."""
    booking = visible_to(actor).filter(reference=reference).first()
    found = move_waiver_of(move_of(booking, number)) if booking else None
    if booking is None or found is None or not may_waive(actor, booking):
        raise NotFound
    return found


def waivers_to_decide(actor: Actor) -> list[WorkItem]:
    """Requests that wait for the person as a lead of the provider, for cancelled visits and for late moves."""
    led = actor.organisations(Role.PROVIDER_LEAD)
    if not led:
        return []
    rows = WaiverRequest.objects.filter(
        status=WaiverStatus.WAITING, booking__provider__in=led
    ).select_related("booking__receiving_school", "booking__practitioner")
    earlier = BookingMove.objects.filter(booking=OuterRef("move__booking"), pk__lte=OuterRef("move"))
    moves = (
        MoveWaiver.objects.filter(status=WaiverStatus.WAITING, move__booking__provider__in=led)
        .select_related("move__booking__receiving_school", "move__booking__practitioner")
        .annotate(number=Subquery(earlier.order_by().values("booking").annotate(n=Count("pk")).values("n")))
    )
    return [
        *(_to_decide(row.booking, row.reason, "bookings:decide_waiver") for row in rows),
        *(
            _to_decide(row.move.booking, row.reason, "bookings:decide_move_waiver", str(row.number))
            for row in moves
        ),
    ]


def _to_decide(booking: Booking, reason: str, page: str, *more: str) -> WorkItem:
    return WorkItem(
        verb="Decide",
        title=f"{booking.receiving_school} asks you to waive a charge",
        detail=f"{booking.reference}, {booking.practitioner}: {reason[:120]}",
        due_on=None,
        url_name=page,
        url_args=(booking.reference, *more),
    )
