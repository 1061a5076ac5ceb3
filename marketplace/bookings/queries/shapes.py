"""Any suitable person, and orders of several dates: whose turn it is, when anybody is free, what an order's dates are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from marketplace.bookings import rules
from marketplace.bookings.models import PROMISED, USED, Booking, BookingOrder, BookingStatus, PaymentRoute
from marketplace.bookings.queries.facts import facts_of, visited_school
from marketplace.bookings.queries.paying import WayToPay, ways_to_pay
from marketplace.bookings.queries.scopes import may, visible_to, with_ladders
from marketplace.bookings.queries.work import loads_of
from marketplace.bookings.rules import DayAnswer, SessionAnswer, Turn
from marketplace.buyback import queries as buyback
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.kernel.access import Actor
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation, School
from marketplace.organisations.queries import people_tied_to


def people_to_send(offer: Offer, school_id: int) -> QuerySet[Practitioner]:
    """The people of an offer who can be sent to a school: active, of an employer that is not suspended, not the school's own nor tied to it."""
    return (
        Practitioner.objects.filter(
            offer_versions=offer.current_id,
            is_active=True,
            releasing_organisation__suspended_at__isnull=True,
        )
        .exclude(releasing_organisation=school_id)
        .exclude(user__in=people_tied_to(school_id))
        .select_related("releasing_organisation", "diary")
        .order_by("pk")
    )


def turns_of(people: Iterable[Practitioner], academic_year: str) -> list[Turn]:
    """Where each person stands in a school year, for `rules.whose_turn`; sessions held count too. A fixed number of queries."""
    agreed = {person.pk: person.agreed_half_days for person in people}
    year = rules.academic_period(academic_year)
    counted = (*PROMISED, *USED, BookingStatus.HELD)
    rows = (
        Booking.objects.scoped()
        .filter(practitioner__in=agreed, day__range=(year.start, year.end), status__in=counted)
        .order_by()
        .values_list("practitioner_id")
        .annotate(
            held=Coalesce(Sum("half_days", filter=Q(status=BookingStatus.HELD)), 0),
            number=Count("pk"),
        )
    )
    bookings = {pk: (held, number) for pk, held, number in rows}
    turns = []
    for pk, load in loads_of(agreed, academic_year).items():
        held, number = bookings.get(pk, (0, 0))
        turns.append(Turn(pk, load.agreed, load.used + load.promised + held, number))
    return turns


def free_sessions_of_any(
    people: Sequence[Practitioner],
    first_day: date,
    last_day: date,
    *,
    now: datetime,
    sessions: Iterable[str] = tuple(rules.SESSIONS),
    remote: bool = False,
    school: School | Organisation | None = None,
) -> tuple[DayAnswer, ...]:
    """The calendars of several people laid over each other: a session is free where anybody is, else the first person's reason says why.

    Where the school is known, its own holidays and closed days are not free for whoever would travel there.
    """
    asked = tuple(sessions)
    visited = visited_school(school, first_day, last_day, remote=remote)
    diaries = facts_of(people, first_day, last_day, now=now)
    calendars = [
        rules.free_sessions(
            diary, first_day, last_day, now=now, sessions=asked, remote=remote, visited=visited
        )
        for diary in diaries.values()
    ]
    return tuple(_laid_over(days) for days in zip(*calendars, strict=True))


def _laid_over(days: tuple[DayAnswer, ...]) -> DayAnswer:
    return DayAnswer(
        days[0].day, tuple(_of_any(answers) for answers in zip(*(day.sessions for day in days), strict=True))
    )


def _of_any(answers: tuple[SessionAnswer, ...]) -> SessionAnswer:
    free = next((answer for answer in answers if answer.is_free), None)
    booked = next((answer for answer in answers if answer.reason == rules.BOOKED), None)
    return free or booked or answers[0]


# Orders of several dates ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DatesTogether:
    """An order of several dates as one person sees it: the dates in the order of time, those they may see."""

    order: BookingOrder
    bookings: tuple[Booking, ...]

    def in_state(self, *states: str) -> list[Booking]:
        """The dates that are in one of the states."""
        return [booking for booking in self.bookings if booking.status in states]

    @property
    def net_pence(self) -> int:
        """What all dates cost before VAT."""
        return sum(booking.net_pence for booking in self.bookings)

    @property
    def vat_pence(self) -> int:
        """VAT on all dates as things stand."""
        return sum(booking.vat_pence for booking in self.bookings)

    @property
    def half_days(self) -> int:
        """How long they are together."""
        return sum(booking.half_days for booking in self.bookings)

    @property
    def people(self) -> list[Practitioner]:
        """Who comes, each once."""
        return list({booking.practitioner_id: booking.practitioner for booking in self.bookings}.values())

    def to_release(self, actor: Actor) -> list[Booking]:
        """The dates that wait for this person's consent."""
        return [b for b in self.in_state(BookingStatus.AWAITING_RELEASE) if may(actor, b, "consent")]


def order_for(actor: Actor, reference: str) -> DatesTogether:
    """An order of several dates by its reference; `NotFound` where the person sees none of its dates."""
    rows = list(visible_to(actor).filter(order__reference=reference).order_by("starts_at", "pk"))
    if not rows or rows[0].order is None:
        raise NotFound
    with_ladders(rows)
    return DatesTogether(rows[0].order, tuple(rows))


def orders_visible_to(actor: Actor) -> QuerySet[BookingOrder]:
    """Orders of several dates of which the person may see any, newest first."""
    mine = visible_to(actor).filter(order__isnull=False).order_by().values("order")
    return BookingOrder.objects.scoped().filter(pk__in=mine).order_by("-pk")


def ways_to_pay_together(together: DatesTogether) -> list[WayToPay]:
    """The ways that pay for every date: what each of them could be paid by, with enough left for all."""
    first, *others = together.bookings
    common = {way.value for way in ways_to_pay(first)}
    for booking in others:
        common &= {way.value for way in ways_to_pay(booking)}
    in_all = f"{len(together.bookings)} dates, {format_days(together.half_days)} in all."
    return [
        replace(way, label=_label(way), hint=in_all)
        for way in ways_to_pay(first)
        if way.value in common and _has_enough(way, together)
    ]


def _label(way: WayToPay) -> str:
    if way.entitlement is not None:
        return f"From {way.entitlement.line.description}"
    return "Credits of the bank of days" if way.pay_by == PaymentRoute.EXCHANGE else way.label


def _has_enough(way: WayToPay, together: DatesTogether) -> bool:
    """A card pays for one booking at a time; a package and credits must hold enough for all dates."""
    if way.pay_by == PaymentRoute.CARD:
        return False
    if way.pay_by == PaymentRoute.EXCHANGE:
        return buyback.credits_of(together.order.receiving_school_id)[0] >= together.half_days
    if way.entitlement is not None:
        available: int = way.entitlement.available  # type: ignore[attr-defined]
        return available >= together.half_days
    return True
