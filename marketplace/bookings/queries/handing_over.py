"""To which schools a booked session can be handed, and which sessions are on offer to one's own."""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.bookings.models import Booking, BookingStatus, HandOver, HandOverStatus
from marketplace.catalogue.models import OfferScope
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.dates import long_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import HistoryEntry
from marketplace.kernel.work import WorkItem
from marketplace.organisations.models import School

BUYING_SIDE = SCHOOL_BUYERS | {Role.FINANCE, Role.GOVERNOR}
TAKERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})


def allows_substitution(booking: Booking) -> bool:
    """Whether the tariff the booking kept lets somebody else take the session, free of charge."""
    return CancellationTariff.from_data(booking.cancellation_tariff).substitution_allowed


Tie = Callable[[Booking], str]
_ties: list[Tie] = []


def keeps_with_its_school(tie: Tie) -> None:
    """Let `tie(booking)` say in a sentence what keeps a session with the school it was booked for; nothing where nothing does.

    Capabilities above this one register here when they start.
    """
    if tie not in _ties:
        _ties.append(tie)


def why_kept(booking: Booking) -> str:
    """What keeps the session with its school, in a sentence; empty where nothing does."""
    return next(filter(None, (tie(booking) for tie in _ties)), "")


def may_change_hands(booking: Booking) -> bool:
    """Whether the school has the session to give: its terms let it, no pot of the area pays for it, nothing keeps it there."""
    return booking.funding_stream_id is None and allows_substitution(booking) and not why_kept(booking)


def schools_to_hand_to(booking: Booking) -> QuerySet[School]:
    """Open schools of the same trust, federation or cluster that may book the offer: not those who provide or release."""
    school = booking.receiving_school.school
    family = Q(trust=school.trust_id, trust__isnull=False) | Q(
        federation=school.federation_id, federation__isnull=False
    )
    if booking.offer_version.scope != OfferScope.TRUST:
        family |= Q(clusters__in=school.clusters.all())
    return (
        School.objects.filter(family, status_code__in=School.OPEN_STATUSES)
        .exclude(pk__in=[booking.receiving_school_id, booking.releasing_organisation_id, booking.provider_id])
        .select_related("organisation")
        .order_by("organisation__name")
        .distinct()
    )


def hand_overs_to(actor: Actor) -> QuerySet[HandOver]:
    """Sessions offered to schools for which the person may decide."""
    return HandOver.objects.filter(to_school__in=actor.organisations(*TAKERS)).select_related(
        "booking__practitioner",
        "booking__theme",
        "booking__offer_version__support_type",
        "booking__provider",
        "booking__releasing_organisation",
        "booking__receiving_school",
        "to_school",
        "from_school",
    )


def hand_over_for(actor: Actor, reference: str) -> HandOver:
    """The open offer of a booking to a school of the person's; `NotFound` where there is none."""
    found = hand_overs_to(actor).filter(booking__reference=reference, status=HandOverStatus.OFFERED).first()
    if found is None:
        raise NotFound
    return found


def history_for(actor: Actor, booking: Booking) -> QuerySet[HistoryEntry]:
    """The booking's history, oldest first: for people of a school that took the session over, from then on.

    What the first school wrote is not for the second. Who works for every school that had it reads all, as do the other sides.
    """
    lines = history.of(booking)
    handed = lines.filter(verb="hand_over").last()
    if handed is None or not actor.holds(*BUYING_SIDE, at=booking.receiving_school_id):
        return lines
    given_by = booking.hand_overs.filter(status=HandOverStatus.ACCEPTED).values_list("from_school", flat=True)
    if all(actor.holds(*BUYING_SIDE, at=school) for school in given_by):
        return lines
    return lines.filter(pk__gte=handed.pk)


def open_hand_over(booking: Booking) -> HandOver | None:
    """The school the session is on offer to, where it is."""
    return booking.hand_overs.filter(status=HandOverStatus.OFFERED).select_related("to_school").first()


def sessions_offered(actor: Actor) -> list[WorkItem]:
    """Sessions that other schools of the family offer the person's schools."""
    waiting = hand_overs_to(actor).filter(
        status=HandOverStatus.OFFERED,
        booking__status=BookingStatus.CONFIRMED,
        booking__starts_at__gt=timezone.now(),
    )
    return [
        WorkItem(
            verb="Answer",
            title=f"{hand_over.from_school} offers you a session: {hand_over.booking.theme}",
            detail=f"{hand_over.booking.practitioner}, {long_date(hand_over.booking.day)}, for {hand_over.to_school}.",
            due_on=hand_over.booking.day,
            url_name="bookings:take_over",
            url_args=(hand_over.booking.reference,),
        )
        for hand_over in waiting
    ]
