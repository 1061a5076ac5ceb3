"""Who sees a booking and who may do what with it.

The people of the receiving school, of the provider and of the releasing organisation see a booking, so do the practitioner and
the convenors of the receiving school's area; the governors of the school see the orders that need them. To everybody else it isn't
there.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from marketplace.bookings.models import OCCUPYING, Booking, BookingStatus
from marketplace.bookings.queries.interests import has_interest_in
from marketplace.bookings.states import BOOKING
from marketplace.buyback import queries as buyback
from marketplace.buyback.rules import Requirement, step_for
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import OrganisationKind

READERS = SCHOOL_BUYERS | {Role.FINANCE, Role.PROVIDER_LEAD}
PROVIDER_SIDE = frozenset({Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD})
BUYERS_WHO_CANCEL = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})
# A school's headteacher releases its people; where the employer is no school, the lead of its service does.
RELEASERS_OF_SCHOOLS = frozenset({Role.HEADTEACHER})
OTHER_RELEASERS = frozenset({Role.PROVIDER_LEAD, Role.TRUST_LEAD})


def visible_to(actor: Actor) -> QuerySet[Booking]:
    """The bookings the person may see, with the names a list shows."""
    rows = (
        Booking.objects.scoped()
        .alias(gross=_gross_of_the_order())
        .select_related(
            "receiving_school__school",
            "provider",
            "releasing_organisation",
            "practitioner",
            "offer_version__support_type",
            "theme",
            "order",
        )
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    own = actor.organisations(*READERS)
    return rows.filter(
        Q(receiving_school__in=own)
        | Q(provider__in=own)
        | Q(releasing_organisation__in=own)
        | Q(practitioner__user=actor.user_id)
        | _for_governors(actor)
        | Q(receiving_school__area__in=actor.in_area(Role.CONVENOR))
    )


def _gross_of_the_order() -> Coalesce:
    """The price with VAT, of all dates together where several were ordered as one."""
    alike = Booking.objects.scoped().filter(order=OuterRef("order"), status__in=OCCUPYING)
    total = (
        alike.order_by().values("order").annotate(total=Sum(F("net_pence") + F("vat_pence"))).values("total")
    )
    alone = F("net_pence") + F("vat_pence")
    return Coalesce(Subquery(total), alone, output_field=IntegerField())


def _for_governors(actor: Actor) -> Q:
    """The orders of their schools that are large enough to need governors: no others are their business."""
    needed = buyback.amounts_for_governors(actor.organisations(Role.GOVERNOR))
    orders = [Q(receiving_school=pk, gross__gte=pence) for pk, pence in needed.items()]
    return reduce(or_, orders, Q(pk__in=[])) & ~Q(status=BookingStatus.HELD)


def booking_for(actor: Actor, reference: str) -> Booking:
    """One booking by its reference; `NotFound` where there is none for this person."""
    booking = visible_to(actor).filter(reference=reference).first()
    if booking is None:
        raise NotFound
    return booking


def requirement_of(booking: Booking) -> Requirement:
    """What the ladder of the receiving school asks for this order: where several dates were ordered as one, for all of them."""
    ladder = getattr(booking, "ladder", None) or buyback.ladder_of(booking.receiving_school)
    return step_for(ladder, order_pence_of(booking))


def order_pence_of(booking: Booking) -> int:
    """What the order it is part of takes from the school's own budget, VAT included."""
    if booking.order_id is None:
        return booking.committed_pence
    known: int | None = getattr(booking, "order_pence", None)
    return _order_totals([booking])[booking.order_id] if known is None else known


def with_ladders(bookings: Sequence[Booking]) -> Sequence[Booking]:
    """Give each booking the ladder of its school (`ladder`), so that a list asks for all of them in one query.

    One that is part of an order of several dates gets that order's total (`order_pence`), likewise.
    """
    ladders = buyback.ladders_of(booking.receiving_school for booking in bookings)
    totals = _order_totals(bookings)
    for booking in bookings:
        booking.ladder = ladders[booking.receiving_school_id]  # type: ignore[attr-defined]
        if booking.order_id is not None:
            booking.order_pence = totals[booking.order_id]  # type: ignore[attr-defined]
    return bookings


def _order_totals(bookings: Iterable[Booking]) -> dict[int, int]:
    """By order, what its dates that have not come to nothing take."""
    orders = {booking.order_id for booking in bookings if booking.order_id is not None}
    totals = dict.fromkeys(orders, 0)
    if orders:
        for row in Booking.objects.scoped().filter(order__in=orders, status__in=OCCUPYING):
            totals[row.order_id] += row.committed_pence
    return totals


# Who may ------------------------------------------------------------------------------------------------------------


def _buyer(actor: Actor, booking: Booking) -> bool:
    return actor.holds(*SCHOOL_BUYERS, at=booking.receiving_school_id)


def _approver(actor: Actor, booking: Booking) -> bool:
    return buyback.holds_approval(actor, booking.receiving_school_id, requirement_of(booking))


def _provider(actor: Actor, booking: Booking) -> bool:
    return actor.holds(*PROVIDER_SIDE, at=booking.provider_id)


def _provider_or_person(actor: Actor, booking: Booking) -> bool:
    is_the_person = actor.user_id is not None and booking.practitioner.user_id == actor.user_id
    return is_the_person or _provider(actor, booking)


def _releaser(actor: Actor, booking: Booking) -> bool:
    is_school = booking.releasing_organisation.kind == OrganisationKind.SCHOOL
    roles = RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS
    return actor.holds(*roles, at=booking.releasing_organisation_id)


def _cancelling_buyer(actor: Actor, booking: Booking) -> bool:
    own = actor.user_id is not None and booking.requested_by_id == actor.user_id
    return actor.holds(*BUYERS_WHO_CANCEL, at=booking.receiving_school_id) or (own and _buyer(actor, booking))


def _receiving_head(actor: Actor, booking: Booking) -> bool:
    return actor.holds(Role.HEADTEACHER, Role.TRUST_LEAD, at=booking.receiving_school_id)


def _closer(actor: Actor, booking: Booking) -> bool:
    return _receiving_head(actor, booking) or actor.convenes(booking.receiving_school.area_id)


def _the_exchange(actor: Actor, booking: Booking) -> bool:
    return actor.is_system


_WHO: dict[str, tuple[Callable[[Actor, Booking], bool], str]] = {
    "order": (_buyer, "somebody of the receiving school"),
    "withdraw": (_buyer, "somebody of the receiving school"),
    "expire": (_the_exchange, "the exchange itself"),
    "approve": (_approver, "those whose approval the school’s ladder asks for"),
    "refuse_approval": (_approver, "those whose approval the school’s ladder asks for"),
    "decline": (_provider, "a lead of the provider"),
    "consent": (_releaser, "the headteacher or lead of the releasing organisation"),
    "release": (_the_exchange, "the exchange itself"),
    "refuse_release": (_releaser, "the headteacher or lead of the releasing organisation"),
    "cancel_by_buyer": (_cancelling_buyer, "the headteacher, a budget holder or the person who ordered"),
    "cancel_by_provider": (_provider, "a lead of the provider"),
    "cancel_by_releasing_school": (_releaser, "the headteacher or lead of the releasing organisation"),
    "no_show_buyer": (_provider_or_person, "the practitioner or a lead of the provider"),
    "no_show_provider": (_buyer, "somebody of the receiving school"),
    "deliver": (_provider_or_person, "the practitioner or a lead of the provider"),
    "evaluate": (_receiving_head, "the receiving headteacher"),
    "reschedule": (_cancelling_buyer, "the headteacher, a budget holder or the person who ordered"),
    "retime": (_cancelling_buyer, "the headteacher, a budget holder or the person who ordered"),
    "close_for_the_day": (_closer, "the receiving headteacher or a convenor of the school’s area"),
    "complete": (_the_exchange, "the exchange itself"),
}


def may(actor: Actor, booking: Booking, verb: str) -> bool:
    """Whether the person's roles let them do this with the booking, whatever state it is in."""
    return actor.is_system or _WHO[verb][0](actor, booking)


def may_waive(actor: Actor, booking: Booking) -> bool:
    """Whether the person may let a charge go: a lead of the provider."""
    return _provider(actor, booking)


def who_may(verb: str) -> str:
    """Those who may, in words."""
    return _WHO[verb][1]


def verbs_for(actor: Actor, booking: Booking, *, now: datetime) -> tuple[str, ...]:
    """What the person can do with the booking now: a page shows these buttons and no others.

    Who has declared an interest in those who are paid is not asked to approve, nor who ordered where the ladder wants somebody else.
    """
    begun = booking.starts_at <= now
    closed = BEFORE_THE_SESSION if begun else AFTER_IT_BEGAN
    return tuple(
        verb
        for verb in BOOKING.verbs_from(booking.status)
        if verb not in closed
        and verb not in NOT_A_BUTTON
        and may(actor, booking, verb)
        and not (verb == "approve" and (has_interest_in(actor, booking) or _is_own_order(actor, booking)))
    )


def _is_own_order(actor: Actor, booking: Booking) -> bool:
    if actor.user_id is None or booking.requested_by_id != actor.user_id:
        return False
    return buyback.is_own_order(actor, requirement_of(booking), booking.requested_by_id)


BEFORE_THE_SESSION = frozenset(
    {
        "order",
        "approve",
        "consent",
        "release",
        "cancel_by_buyer",
        "cancel_by_provider",
        "cancel_by_releasing_school",
        "reschedule",
        "retime",
    }
)
# A whole day is closed, and "reschedule" is the button for both kinds of move.
NOT_A_BUTTON = frozenset({"close_for_the_day", "retime"})
AFTER_IT_BEGAN = frozenset({"no_show_buyer", "no_show_provider", "deliver"})
