"""Interests that people of the area declared: some in force, one over, one a year old, one that keeps a budget holder from an approval.

They go through the actions people use, each at its time.
"""

from datetime import datetime, timedelta

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.demo_area.bodies import Providers
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.organisations import actions
from marketplace.organisations.models import InterestKind, Organisation, User
from marketplace.organisations.queries import actor_for


def declare_interests(people: People, providers: Providers, by_hand: list[Booking], today: Today) -> None:
    """A handful of declarations, of a governor to sign in as and of heads and a budget holder of other schools."""
    receiving = people.receiving_school
    if receiving is None:
        return
    if receiving.pk in people.governors:
        governor = people.governors[receiving.pk]
        _declare(
            governor,
            providers["company"],
            InterestKind.FINANCIAL,
            "My firm keeps its books.",
            today.ago(200),
        )
    _declare_before_an_approval(people, by_hand, today)
    heads = [head for pk, head in people.heads.items() if pk not in people.budget_holders]
    if len(heads) < 3:
        return
    _declare(heads[0], providers["hub"], InterestKind.GOVERNANCE, "Trustee.", today.ago(390))
    _declare(heads[1], providers["service"], InterestKind.FAMILY, "My husband works there.", today.ago(90))
    over = _declare(
        heads[2], providers["company"], InterestKind.EMPLOYMENT, "Associate adviser.", today.ago(300)
    )
    with clock_at(today.ago(40)):
        actions.end_interest(
            actor=actor_for(heads[2]),
            interest=over,
            ended_on=today.day - timedelta(days=45),
            reason="The contract ran out.",
        )


def _declare_before_an_approval(people: People, by_hand: list[Booking], today: Today) -> None:
    """A budget holder tells, a day ago, of a seat on the board of those who are paid for an order that waits: the head has to approve.

    Of the school of the people to sign in as where something else of it waits than what was ordered by hand, else of another.
    """
    ordered = {booking.pk for booking in by_hand}
    paid = {pk for booking in by_hand for pk in (booking.provider_id, booking.releasing_organisation_id)}
    waiting = Booking.objects.scoped().filter(
        status=BookingStatus.AWAITING_APPROVAL,
        receiving_school__in=people.budget_holders,
        created_at__lt=today.ago(1),
    )
    own = people.receiving_school.pk if people.receiving_school else None
    for booking in sorted(
        waiting.select_related("provider"), key=lambda b: (b.receiving_school_id != own, b.pk)
    ):
        holder = people.budget_holders[booking.receiving_school_id]
        head = people.heads.get(booking.receiving_school_id)
        is_apart = booking.receiving_school_id != own or booking.provider_id not in paid
        if booking.pk not in ordered and is_apart and head is not None and head != holder:
            details = "I sit on its board."
            _declare(holder, booking.provider, InterestKind.GOVERNANCE, details, today.ago(1))
            return


def _declare(person: User, organisation: Organisation, kind: str, details: str, at: datetime) -> str:
    with clock_at(at + timedelta(hours=10)):
        row = actions.declare_interest(
            actor=actor_for(person), organisation=organisation, kind=kind, details=details
        )
    return row.reference
