"""Several schools of a trust, federation or cluster buy places as one, at one price split between them to the penny.

All or nothing: every school approves its own share under its own ladder; with the last approval all are confirmed, and where one says no,
takes its share back or does not answer in time, none stands and nobody owes anything.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from marketplace.bookings.actions.courses.ordering import (
    Attendee,
    book_reserved,
    check_fits,
    check_number,
    check_school,
    must_be_open,
    place_order,
)
from marketplace.bookings.actions.courses.steps import (
    EventRef,
    let_go,
    lock_event,
    move_order,
    take_seats,
)
from marketplace.bookings.course_errors import GroupInvalid
from marketplace.bookings.models import (
    PLACES_UNCONFIRMED,
    CourseEvent,
    GroupBooking,
    PlaceOrder,
    PlaceOrderStatus,
    SplitBy,
)
from marketplace.bookings.queries.courses import quotes
from marketplace.bookings.queries.courses.finding import family_schools
from marketplace.bookings.rules import courses as rules
from marketplace.catalogue.pricing import Split
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.money import CannotSplit, pounds, split_pence
from marketplace.kernel.supply import route_for
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import School

FEWEST_SCHOOLS, MOST_SCHOOLS = 2, 20


class GroupShare(NamedTuple):
    """One school of the group, the places it takes, and the share it states where shares are stated."""

    school: School
    places: int
    share: int = 0


@action
def book_as_group(
    *, actor: Actor, event: EventRef, lead_school: School, shares: Sequence[GroupShare], split_by: str
) -> GroupBooking:
    """Order places for several schools of one trust, federation or cluster, the lead's among them or not.

    The price is what the lead's school would pay for all the places at once. Raises `GroupInvalid`, `CannotSplit`, `SeatsTaken`.
    """
    row = lock_event(actor, event)
    now = timezone.now()
    must_be_open(row, now)
    check_school(actor, row, lead_school)
    _check(row, lead_school, shares, split_by)
    places = [share.places for share in shares]
    take_seats(row, sum(places))
    quote = quotes.quote(row, lead_school, sum(places), today=local(now).date())
    try:
        split = rules.share_out(
            quote.net_pence,
            split_by,
            places=places,
            pupils=[share.school.pupils for share in shares],
            shares=[share.share for share in shares],
        )
    except CannotSplit as error:
        raise CannotSplit(error.message, remedy=error.remedy, field="split_by") from error
    assert actor.user_id is not None, "a person books, never the exchange itself"
    group = GroupBooking.objects.create(
        event=row,
        lead_school=lead_school.organisation,
        split_by=split_by,
        price=quote.price.to_data() | {"split": split.words},
        net_pence=quote.net_pence,
        requested_by_id=actor.user_id,
    )
    history.write(group, verb="order", by=actor, note=f"{len(shares)} schools, {split.words}")
    broker = quote.price.split.broker
    fees = split_pence(broker, split.pence) if broker else [0] * len(shares)
    for share, pence, fee in zip(shares, split.pence, fees, strict=True):
        _order_share(actor, row, group, share, Split(pence, pence - fee, fee), split.words, now)
    confirm_when_all_agree(group, row)
    return group


def confirm_when_all_agree(group: GroupBooking, event: CourseEvent) -> None:
    """Confirm every share once no school still has to approve its own. The course is locked."""
    shares = _shares(group, event)
    if any(share.status != PlaceOrderStatus.AGREED for share in shares):
        return
    for share in shares:
        move_order(share, "confirm", actor=SYSTEM, note="Every school has approved its share")
        book_reserved(share, actor=SYSTEM)


def end_group(group: GroupBooking, event: CourseEvent, *, because: str, now: datetime) -> None:
    """None stands where one does not: let every share go that is not ended already. The course is locked."""
    for share in _shares(group, event):
        if share.status in PLACES_UNCONFIRMED:
            let_go(share, "fall_through", actor=SYSTEM, note=because, now=now)


def _check(event: CourseEvent, lead: School, shares: Sequence[GroupShare], split_by: str) -> None:
    if split_by not in SplitBy.values:
        raise GroupInvalid(
            "Say how the price is split.",
            remedy=f"Give one of: {', '.join(SplitBy.values)}.",
            field="split_by",
        )
    keys = [share.school.pk for share in shares]
    if len(set(keys)) != len(keys) or not FEWEST_SCHOOLS <= len(keys) <= MOST_SCHOOLS:
        raise GroupInvalid(
            "A group booking is for several different schools.",
            remedy=f"Choose {FEWEST_SCHOOLS} to {MOST_SCHOOLS} schools, each once.",
            field="schools",
        )
    check_number(sum(share.places for share in shares))
    family = set(family_schools(lead).filter(pk__in=keys).values_list("pk", flat=True))
    for share in shares:
        if share.places < 1:
            raise GroupInvalid(
                f"Say how many places {share.school.organisation} takes.",
                remedy="Give 1 or more, or leave the school out.",
                field="schools",
            )
        if share.school.pk not in family:
            raise GroupInvalid(
                f"{share.school.organisation} is not of the same trust, federation or cluster as {lead.organisation}.",
                remedy="Choose schools of your family.",
                field="schools",
            )
        check_fits(event, share.school)


def _order_share(
    actor: Actor,
    event: CourseEvent,
    group: GroupBooking,
    share: GroupShare,
    price: Split,
    words: str,
    now: datetime,
) -> PlaceOrder:
    school = share.school
    route = route_for(legal_facts(school.organisation), legal_facts(event.provider))
    sentence = f"Share of {pounds(group.net_pence)} for the group booking {group.reference}, {words}"
    return place_order(
        actor,
        event,
        school,
        [Attendee()] * share.places,
        now,
        price={
            "lines": [{"sentence": sentence, "pence": price.buyer}],
            "total_pence": price.buyer,
            "shares": price._asdict(),
        },
        net_pence=price.buyer,
        vat_pence=quotes.vat_of(event, school, price.buyer, today=local(now).date()),
        route=route.kind,
        route_reason=route.reason,
        group=group,
    )


def _shares(group: GroupBooking, event: CourseEvent) -> list[PlaceOrder]:
    shares = list(
        PlaceOrder.objects.scoped()
        .filter(group=group)
        .select_related("school", "entitlement__line", "funding_stream")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    for share in shares:
        share.event = event
    return shares
