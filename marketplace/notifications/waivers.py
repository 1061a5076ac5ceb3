"""Who hears that a school asks for a charge to be waived, that it was not, and that the charge of a move was."""

from django.urls import reverse

from marketplace.bookings.events import (
    MoveChargeWaived,
    MoveWaiverAsked,
    MoveWaiverRefused,
    WaiverAsked,
    WaiverRefused,
)
from marketplace.bookings.models import BookingMove, MoveWaiver, WaiverRequest
from marketplace.bookings.queries import charged_moves_of
from marketplace.bookings.queries.scopes import BUYERS_WHO_CANCEL
from marketplace.kernel.dates import long_date
from marketplace.kernel.events import subscribe
from marketplace.notifications import people
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message


@subscribe(WaiverAsked)
def ask_the_provider(event: WaiverAsked) -> None:
    """The provider's leads decide."""
    request = _request(event.request_id)
    booking = request.booking
    message = Message(
        Kind.WAIVER_WANTED,
        f"Waive a charge? {booking.receiving_school}, {long_date(booking.day)}",
        f"{booking.receiving_school} asks you to let the charge for {booking.reference} go. Its reason: {request.reason}",
        reverse("bookings:decide_waiver", args=[booking.reference]),
    )
    tell(to=people.provider_leads(booking), message=message, effect=f"waiver:{request.pk}:asked")


@subscribe(WaiverRefused)
def tell_of_refused_waiver(event: WaiverRefused) -> None:
    """Those who answer for the school's money hear why not; a charge that is waived is told by itself."""
    request = _request(event.request_id)
    booking = request.booking
    message = Message(
        Kind.WAIVER_REFUSED,
        f"Charge not waived: {booking.reference}, {long_date(booking.day)}",
        f"{booking.provider} has decided that the charge stands. Its reason: {request.decision_note}",
        reverse("bookings:booking", args=[booking.reference]),
    )
    to = people.holders(booking.receiving_school_id, BUYERS_WHO_CANCEL)
    tell(to=to, message=message, effect=f"waiver:{request.pk}:refused")


@subscribe(MoveWaiverAsked)
def ask_the_provider_about_move(event: MoveWaiverAsked) -> None:
    """The provider's leads decide about a late move too."""
    waiver = _move_waiver(event.waiver_id)
    booking = waiver.move.booking
    number = next(number for number, move, _ in charged_moves_of(booking) if move.pk == waiver.move_id)
    message = Message(
        Kind.WAIVER_WANTED,
        f"Waive a charge? {booking.receiving_school}, {long_date(waiver.move.from_day)}",
        f"{booking.receiving_school} asks you to let the charge for moving {booking.reference} go. Its reason: {waiver.reason}",
        reverse("bookings:decide_move_waiver", args=[booking.reference, number]),
    )
    tell(to=people.provider_leads(booking), message=message, effect=f"move_waiver:{waiver.pk}:asked")


@subscribe(MoveWaiverRefused)
def tell_of_refused_move_waiver(event: MoveWaiverRefused) -> None:
    """Those who answer for the school's money hear why not."""
    waiver = _move_waiver(event.waiver_id)
    booking = waiver.move.booking
    message = Message(
        Kind.WAIVER_REFUSED,
        f"Charge not waived: {booking.reference}, {_moved(waiver.move)}",
        f"{booking.provider} has decided that the charge stands. Its reason: {waiver.decision_note}",
        reverse("bookings:booking", args=[booking.reference]),
    )
    to = people.holders(booking.receiving_school_id, BUYERS_WHO_CANCEL)
    tell(to=to, message=message, effect=f"move_waiver:{waiver.pk}:refused")


@subscribe(MoveChargeWaived)
def tell_of_waived_move(event: MoveChargeWaived) -> None:
    """The school hears it, and the organisation that was to have the charge."""
    waiver = _move_waiver(event.waiver_id)
    booking = waiver.move.booking
    message = Message(
        Kind.CHARGE_WAIVED,
        f"Charge waived: {booking.reference}, {_moved(waiver.move)}",
        f"The charge for moving the visit is not owed after all. {waiver.decision_note}",
        reverse("bookings:booking", args=[booking.reference]),
    )
    to = [*people.requester(booking), *people.receiving_heads(booking), *people.releasers(booking)]
    tell(to=to, message=message, effect=f"move_waiver:{waiver.pk}:waived")


def _moved(move: BookingMove) -> str:
    return f"moved from {long_date(move.from_day)}"


def _move_waiver(pk: int) -> MoveWaiver:
    return MoveWaiver.objects.select_related(
        "move__booking__receiving_school",
        "move__booking__provider",
        "move__booking__releasing_organisation",
        "move__booking__practitioner",
    ).get(pk=pk)


def _request(pk: int) -> WaiverRequest:
    return WaiverRequest.objects.select_related("booking__receiving_school", "booking__provider").get(pk=pk)
