"""Which bookings take no money: those drawn from a package's days, and those paid in credits of the bank of days.

`Prepaid` keeps count while bookings are made, so that no package is drawn beyond what it holds; `follow` writes what that did to
the ledgers, step by step, through the code that bookings themselves call.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.bookings.actions import paying
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute
from marketplace.buyback.actions.carrying import convert_to_credits
from marketplace.buyback.actions.drawing import holding_of
from marketplace.buyback.actions.exchange import set_credit_value, sponsor_credits
from marketplace.buyback.models import Entitlement, InclusionKind
from marketplace.buyback.rules.drawing import why_unfit
from marketplace.catalogue.models import SupportType
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.bookings.lives import Life
from marketplace.demo_area.buyback.bulk import began_at
from marketplace.demo_area.buyback.orders import Ordered
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, clock_at
from marketplace.demo_area.words.buyback import SPONSORED
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import ACADEMIC, contract_year
from marketplace.organisations.models import OrganisationKind
from marketplace.organisations.queries import actor_for

PERCENT_DRAWN = 85
NEITHER = (BookingStatus.HELD, BookingStatus.AWAITING_APPROVAL)
"""Held, nobody has chosen a way to pay; and what costs nothing does not wait for approval."""

CREDIT_PENCE = 17_500
VALUES = {"headteacher-performance-management": 22_500, "coaching": 16_000}
SPONSORED_SCHOOLS, SPONSORED_CREDITS = 4, 4
CONVERTING, CONVERTED = 3, 2


@dataclass
class Purse:
    """What a school may spend from a moment on, and how much of it is not yet spoken for."""

    since: datetime
    left: int
    entitlement: Entitlement | None = None


class Prepaid:
    """The days and credits of an area's schools."""

    def __init__(self, ordered: Ordered, chance: Chance) -> None:
        self.chance = chance
        self.packages: dict[int, list[Purse]] = defaultdict(list)
        self.credits: dict[int, Purse] = {}
        rows = Entitlement.objects.filter(
            agreement__in=ordered.rows, kind=InclusionKind.DAYS, closed_at=None
        ).select_related("agreement", "line__edition", "holder")
        for row in rows.order_by("pk"):
            self.packages[row.holder_id].append(Purse(began_at(row.agreement), row.granted, row))

    def pay(self, booking: Booking, status: str) -> None:
        """Draw a booking that is being made from a package, or pay it in credits, where that can be and chance has it so."""
        if status in NEITHER or not self.chance.happens(PERCENT_DRAWN):
            return
        if purse := self._package_for(booking):
            paying.choose(booking, PaymentRoute.ENTITLEMENT, purse.entitlement)
            purse.left -= booking.half_days
        elif purse := self._credits_for(booking):
            paying.choose(booking, PaymentRoute.EXCHANGE, None)
            purse.left -= booking.half_days

    def _package_for(self, booking: Booking) -> Purse | None:
        wish = paying.wish_of(booking)
        for purse in self.packages.get(booking.receiving_school_id, ()):
            if (
                purse.entitlement is not None
                and purse.since < booking.created_at
                and purse.left >= booking.half_days
                and not why_unfit(holding_of(purse.entitlement), wish)
            ):
                return purse
        return None

    def _credits_for(self, booking: Booking) -> Purse | None:
        purse = self.credits.get(booking.receiving_school_id)
        if (
            purse is None
            or purse.since >= booking.created_at
            or purse.left < booking.half_days
            or booking.releasing_organisation.kind != OrganisationKind.SCHOOL
        ):
            return None
        return purse


def fill_the_bank(prepaid: Prepaid, place: Place, providers: Providers, people: People, today: Today) -> None:
    """Say what a credit is worth, sponsor credits for a few schools, and turn unused days of others into credits."""
    convenor = actor_for(people.convenors[0])
    begins = contract_year(ACADEMIC, today.day).start
    with clock_at(max(today.ago(300), today.now - timedelta(days=(today.day - begins).days))):
        set_credit_value(
            actor=convenor, area=place.area, support_type=None, pence=CREDIT_PENCE, from_day=begins
        )
        for kind in SupportType.objects.filter(code__in=VALUES):
            set_credit_value(
                actor=convenor, area=place.area, support_type=kind, pence=VALUES[kind.code], from_day=begins
            )
    schools = [school for school in place.schools if school.pk in people.budget_holders]
    at = today.ago(160) + timedelta(hours=10)
    for school in schools[:SPONSORED_SCHOOLS]:
        with clock_at(at):
            sponsor_credits(
                actor=convenor,
                sponsor=place.authority,
                school=school.organisation,
                quantity=SPONSORED_CREDITS,
                reason=SPONSORED,
            )
        prepaid.credits[school.pk] = Purse(at, SPONSORED_CREDITS)
    _convert(prepaid, people, today)


def _convert(prepaid: Prepaid, people: People, today: Today) -> None:
    """Days of packages with exchange rights, turned into credits by their schools six weeks ago."""
    at = today.ago(45) + timedelta(hours=14)
    ready = [
        (school, purse)
        for school, purses in prepaid.packages.items()
        for purse in purses
        if purse.entitlement is not None
        and purse.entitlement.line.edition.exchange_rights
        and purse.since < at
        and school in people.budget_holders
        and school not in prepaid.credits
    ]
    for school, purse in ready[:CONVERTING]:
        assert purse.entitlement is not None
        with clock_at(at):
            convert_to_credits(
                actor=actor_for(people.budget_holders[school]),
                entitlement=purse.entitlement,
                quantity=CONVERTED,
            )
        purse.left -= CONVERTED
        prepaid.credits[school] = Purse(at, CONVERTED)


def movements_of(booking: Booking, life: Life) -> Iterator[tuple[datetime, str, Actor]]:
    """The steps of a prepaid booking that move days or credits: when, to which state, by whom."""
    for step in life.steps:
        if (
            step.after == BookingStatus.AWAITING_APPROVAL
            or step.after == BookingStatus.DELIVERED
            or (step.after in paying.ENDED and life.step("order"))
        ):
            yield step.at, step.after, Actor(step.by.pk, step.by.name) if step.by else SYSTEM


def follow(booking: Booking, status: str, actor: Actor) -> None:
    """Move days or credits as the booking coming to a state does."""
    at_last = booking.status
    booking.status = BookingStatus(status)
    paying.follow(booking, actor=actor)
    booking.status = at_last
