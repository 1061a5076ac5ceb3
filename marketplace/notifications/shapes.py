"""Who hears of dates that were ordered as one, of visits moved to another time, of schools that are closed; and which pages show it.

`tasks.py` imports this, so that its subscribers are there for the worker.
"""

from collections.abc import Sequence

from django.urls import reverse

from marketplace.bookings import queries as bookings
from marketplace.bookings.events import BookingMoved, BookingRescheduled, SchoolClosed, TurnedRemote
from marketplace.bookings.models import (
    Booking,
    BookingMove,
    BookingStatus,
    SchoolClosure,
    session_words,
)
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import clock_words, local, long_date
from marketplace.kernel.events import subscribe
from marketplace.kernel.money import pounds
from marketplace.notifications import live, people
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message, Recipient

TOGETHER = frozenset({"order", "approve", "refuse_approval", "withdraw", "consent", "release", "expire"})
"""What is done to the dates of an order as one is told once, not once for each date."""

BY_A_MOVE = frozenset({"reschedule", "retime"})
"""Told with the move itself, which knows from when to when."""

Told = list[tuple[list[Recipient], Message]]


# Several dates as one ---------------------------------------------------------------------------------------------------


def is_told_otherwise(booking: Booking, event: BookingMoved) -> bool:
    """Whether the move of one booking is told here, and not for itself."""
    return event.verb in BY_A_MOVE or (booking.order_id is not None and event.verb in TOGETHER)


def after_moves(booking: Booking) -> str:
    """What keeps two tellings of one kind apart where a visit was moved in between and confirmed again; empty for one that never was."""
    moves = booking.moves.count()
    return f":{moves}" if moves else ""


@subscribe(BookingMoved)
def tell_of_dates(event: BookingMoved) -> None:
    """Tell of an order's dates once, whichever of them comes first."""
    booking = bookings.visible_to(SYSTEM).select_related("requested_by").get(pk=event.booking_id)
    if booking.order is None or event.verb not in TOGETHER:
        return
    entry = history.of(booking).filter(verb=event.verb).last()
    # Of one moment: consent to other dates on another day is told again.
    moment = booking.released_at or booking.approved_at
    when = f":{moment:%s}" if moment and event.verb in ("approve", "consent", "release") else ""
    for to, message in _messages(booking, event, entry.note if entry else ""):
        others = [each for each in to if entry is None or each.user_id != entry.by_id]
        effect = f"order:{booking.order_id}:{event.verb}{when}:{message.kind}"
        tell(to=others, message=message, effect=effect)


def _messages(booking: Booking, event: BookingMoved, note: str) -> Told:
    dates = [row for row in _dates_of(booking) if row.status == event.after]
    if not dates:
        return []
    if event.after == BookingStatus.AWAITING_APPROVAL:
        return [(people.approvers(booking), _approval_wanted(dates))]
    if event.after == BookingStatus.AWAITING_RELEASE:
        mine = [row for row in dates if row.releasing_organisation_id == booking.releasing_organisation_id]
        approved = "The dates were approved. They now wait for the releasing headteacher’s consent."
        return [
            (people.releasers(booking), _release_wanted(mine)),
            (people.requester(booking), _progress(dates, "Approved", approved)),
        ]
    if event.after == BookingStatus.CONFIRMED:
        return [(people.all_concerned(booking), _confirmed(dates))]
    to = people.requester(booking)
    if event.before in (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE):
        to = to + people.approvers(booking)
    if event.before == BookingStatus.AWAITING_RELEASE:
        to = to + people.releasers(booking)
    what = "Not approved" if event.verb == "refuse_approval" else BookingStatus(event.after).label
    return [(to, _ended(dates, what, note))]


def _dates_of(booking: Booking) -> list[Booking]:
    return list(bookings.visible_to(SYSTEM).filter(order=booking.order_id).order_by("starts_at"))


def _approval_wanted(dates: Sequence[Booking]) -> Message:
    [first, *_], total = dates, sum(row.committed_pence for row in dates)
    return Message(
        Kind.APPROVAL_WANTED,
        f"Approve {len(dates)} dates: {_whom(dates)} at {first.receiving_school}",
        f"{first.requested_by} has ordered support on several dates as one. Together they come to {pounds(total)}"
        f" with VAT.\n\n{_facts(dates)}",
        _page(first, "approve_dates"),
    )


def _release_wanted(dates: Sequence[Booking]) -> Message:
    first = dates[0]
    return Message(
        Kind.RELEASE_WANTED,
        f"Consent to release: {_whom(dates)} at {first.receiving_school}, {_number(dates)}",
        f"{first.receiving_school} has booked people who are released by {first.releasing_organisation}. One consent"
        f" confirms all of these dates.\n\n{_facts(dates)}",
        _page(first, "consent_dates"),
    )


def _progress(dates: Sequence[Booking], what: str, sentence: str) -> Message:
    title = f"{what}: {_whom(dates)} at {dates[0].receiving_school}, {_number(dates)}"
    return Message(Kind.BOOKING_PROGRESS, title, f"{sentence}\n\n{_facts(dates)}", _page(dates[0]))


def _confirmed(dates: Sequence[Booking]) -> Message:
    return Message(
        Kind.BOOKING_CONFIRMED,
        f"Confirmed: {_whom(dates)} at {dates[0].receiving_school}, {_number(dates)}",
        f"Everybody has agreed: the sessions take place.\n\n{_facts(dates)}",
        _page(dates[0]),
    )


def _ended(dates: Sequence[Booking], what: str, reason: str) -> Message:
    why = f"Reason given: {reason}\n\n" if reason else ""
    return Message(
        Kind.BOOKING_ENDED,
        f"{what}: {_whom(dates)} at {dates[0].receiving_school}, {_number(dates)}",
        f"{what}. The times are free again.\n\n{why}{_facts(dates)}",
        _page(dates[0]),
    )


def _number(dates: Sequence[Booking]) -> str:
    return "1 date" if len(dates) == 1 else f"{len(dates)} dates"


def _whom(dates: Sequence[Booking]) -> str:
    return ", ".join(dict.fromkeys(str(row.practitioner) for row in dates))


def _facts(dates: Sequence[Booking]) -> str:
    first = dates[0]
    order = first.order.reference if first.order else first.reference
    lines = [
        f"{row.day:%A} {long_date(row.day)}, {clock_words(local(row.starts_at).time())} to {clock_words(local(row.ends_at).time())}: {row.practitioner}"
        for row in dates
    ]
    about = f"From: {first.provider}\nAbout: {first.theme}\nReference: {order}"
    return "\n".join([*lines, about])


def _page(booking: Booking, name: str = "dates_together") -> str:
    assert booking.order is not None
    return reverse(f"bookings:{name}", args=[booking.order.reference])


# Moved ------------------------------------------------------------------------------------------------------------------


@subscribe(BookingRescheduled)
def tell_of_move(event: BookingRescheduled) -> None:
    """Both sides hear when the visit is now; who releases the person is asked again where the day changed."""
    move = BookingMove.objects.get(pk=event.move_id)
    booking = bookings.visible_to(SYSTEM).select_related("requested_by").get(pk=move.booking_id)
    was_known = event.was in (BookingStatus.CONFIRMED, BookingStatus.AWAITING_RELEASE)
    to = people.all_concerned(booking) if was_known else people.requester(booking) + people.approvers(booking)
    asks_again = booking.status == BookingStatus.AWAITING_RELEASE and move.from_day != move.to_day
    heads = people.releasers(booking) if asks_again else []
    others = [each for each in to if each.user_id != move.moved_by_id and each not in heads]
    tell(to=heads, message=_release_again(booking, move), effect=f"move:{move.pk}:release")
    tell(to=others, message=_moved(booking, move), effect=f"move:{move.pk}")


def _moved(booking: Booking, move: BookingMove) -> Message:
    charged = f"\n\n{move.explanation}" if move.charge_pence or move.charge_half_days else ""
    return Message(
        Kind.BOOKING_MOVED,
        f"Moved to {move.to_day:%-d %B}: {booking.practitioner} at {booking.receiving_school}",
        f"{_from_to(move)}\n\nReason given: {move.reason}{charged}\n\nReference: {booking.reference}",
        reverse("bookings:booking", args=[booking.reference]),
    )


def _release_again(booking: Booking, move: BookingMove) -> Message:
    return Message(
        Kind.RELEASE_WANTED,
        f"Consent to release on another day: {booking.practitioner} at {booking.receiving_school}",
        f"The school has moved the visit, so you are asked again.\n\n{_from_to(move)}\n\nReason given: {move.reason}\n\n"
        f"Reference: {booking.reference}",
        reverse("bookings:consent", args=[booking.reference]),
    )


def _from_to(move: BookingMove) -> str:
    def words(day: object, starts_at: object, session: str) -> str:
        return (
            f"{day:%A %-d %B %Y}, {clock_words(local(starts_at).time())} ({session_words(session).lower()})"  # type: ignore[arg-type]
        )

    return (
        f"Was: {words(move.from_day, move.from_starts_at, move.from_session)}\n"
        f"Now: {words(move.to_day, move.to_starts_at, move.to_session)}"
    )


# Schools that are closed --------------------------------------------------------------------------------------------------


@subscribe(TurnedRemote)
def tell_of_remote(event: TurnedRemote) -> None:
    """All concerned hear that nobody need travel."""
    booking = bookings.visible_to(SYSTEM).select_related("requested_by").get(pk=event.booking_id)
    closure = SchoolClosure.objects.get(pk=event.closure_id)
    message = Message(
        Kind.BOOKING_MOVED,
        f"Now remote: {booking.practitioner} for {booking.receiving_school}, {booking.day:%-d %B}",
        f"The school is closed on {long_date(closure.day)} ({closure.reason}). The session takes place from afar, at the same"
        f" time.\n\nReference: {booking.reference}",
        reverse("bookings:booking", args=[booking.reference]),
    )
    to = [each for each in people.all_concerned(booking) if each.user_id != closure.declared_by_id]
    tell(to=to, message=message, effect=f"closure:{closure.pk}:remote:{booking.pk}")


@subscribe(SchoolClosed)
def tell_of_closure(event: SchoolClosed) -> None:
    """Heads of a closed school whose closure somebody else declared hear of it; those with visits hear of each visit besides."""
    closure = SchoolClosure.objects.select_related("school").get(pk=event.closure_id)
    if closure.school is None:
        return
    message = Message(
        Kind.SCHOOL_CLOSED,
        f"{closure.school} is closed on {closure.day:%-d %B}: {closure.reason}",
        "Nobody can book a visit for that day. Visits that were booked are called off free of charge, or take place from afar.",
        reverse("bookings:closures"),
    )
    heads = people.holders(closure.school.pk, bookings.DECLARERS)
    others = [each for each in heads if each.user_id != closure.declared_by_id]
    tell(to=others, message=message, effect=f"closure:{closure.pk}")


# Open calendars -----------------------------------------------------------------------------------------------------------


@subscribe(BookingMoved)
def show_slot(event: BookingMoved) -> None:
    """Open calendars of the person ask again: within moments, whoever had a time before their eyes sees that it is taken or free."""
    booking = bookings.visible_to(SYSTEM).get(pk=event.booking_id)
    live.tell_watchers("slot", booking.practitioner.reference)
