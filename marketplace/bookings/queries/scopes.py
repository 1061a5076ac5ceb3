"""Who sees a booking and who may do what with it.

The people of the receiving school, of the provider and of the releasing organisation see a booking, so do the practitioner and
the convenors of the receiving school's area. To everybody else it isn't there.
"""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet

from marketplace.bookings.models import Booking
from marketplace.bookings.states import BOOKING
from marketplace.buyback import queries as buyback
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
    rows = Booking.objects.scoped().select_related(
        "receiving_school__school",
        "provider",
        "releasing_organisation",
        "practitioner",
        "offer_version__support_type",
        "theme",
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
        | Q(receiving_school__area__in=actor.in_area(Role.CONVENOR))
    )


def booking_for(actor: Actor, reference: str) -> Booking:
    """One booking by its reference; `NotFound` where there is none for this person."""
    booking = visible_to(actor).filter(reference=reference).first()
    if booking is None:
        raise NotFound
    return booking


# Who may ------------------------------------------------------------------------------------------------------------


def _buyer(actor: Actor, booking: Booking) -> bool:
    return actor.holds(*SCHOOL_BUYERS, at=booking.receiving_school_id)


def _approver(actor: Actor, booking: Booking) -> bool:
    return buyback.may_approve(actor, booking.receiving_school_id)


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


def _the_exchange(actor: Actor, booking: Booking) -> bool:
    return actor.is_system


_WHO: dict[str, tuple[Callable[[Actor, Booking], bool], str]] = {
    "order": (_buyer, "somebody of the receiving school"),
    "withdraw": (_buyer, "somebody of the receiving school"),
    "expire": (_the_exchange, "the exchange itself"),
    "approve": (_approver, "a budget holder of the receiving school"),
    "refuse_approval": (_approver, "a budget holder of the receiving school"),
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
    "complete": (_the_exchange, "the exchange itself"),
}


def may(actor: Actor, booking: Booking, verb: str) -> bool:
    """Whether the person's roles let them do this with the booking, whatever state it is in."""
    return actor.is_system or _WHO[verb][0](actor, booking)


def who_may(verb: str) -> str:
    """Those who may, in words."""
    return _WHO[verb][1]


def verbs_for(actor: Actor, booking: Booking, *, now: datetime) -> tuple[str, ...]:
    """What the person can do with the booking now: a page shows these buttons and no others."""
    begun = booking.starts_at <= now
    closed = BEFORE_THE_SESSION if begun else AFTER_IT_BEGAN
    return tuple(
        verb
        for verb in BOOKING.verbs_from(booking.status)
        if verb not in closed and may(actor, booking, verb)
    )


BEFORE_THE_SESSION = frozenset(
    {
        "order",
        "approve",
        "consent",
        "release",
        "cancel_by_buyer",
        "cancel_by_provider",
        "cancel_by_releasing_school",
    }
)
AFTER_IT_BEGAN = frozenset({"no_show_buyer", "no_show_provider", "deliver"})
