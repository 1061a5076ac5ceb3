"""Plans into rows: for each a school, an offer, a person and a free day, its price as the offer's version had it then, and its life.

Prices, tariffs, routes and charges come from the same functions the actions of bookings call, so that a booking made here differs
in nothing from one made by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from marketplace.bookings import queries, rules
from marketplace.bookings.models import PROMISED, USED, Booking, BookingStatus
from marketplace.brokerage.models import Need, NeedStatus
from marketplace.buyback.queries import ladders_of
from marketplace.buyback.rules import step_for
from marketplace.catalogue.models import DeliveryMode, OfferScope, Theme
from marketplace.catalogue.tariffs import CancelledBy
from marketplace.demo_area.bodies import Place
from marketplace.demo_area.bookings.lives import HOLD, Life, Parties, live
from marketplace.demo_area.bookings.openings import Openings, is_bookable, lead_time, wider
from marketplace.demo_area.bookings.plans import PLANS, Plan, scaled
from marketplace.demo_area.needs import Needs
from marketplace.demo_area.offers import Listed
from marketplace.demo_area.people import People
from marketplace.demo_area.practitioners import Deployable, Teams
from marketplace.demo_area.stage import Chance, Today, write, write_history
from marketplace.demo_area.words.support import FOCUS
from marketplace.kernel.dates import ACADEMIC, add_working_days, contract_year, is_working_day, local
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import School, User

Pay = Callable[[Booking, str], None]
TRIES = 40
PERCENT_FOR_A_NEED = 70
HELD_FOR = timedelta(hours=8)


@dataclass
class Booked:
    """The bookings of an area with their lives."""

    rows: list[Booking] = field(default_factory=list)
    lives: dict[str, Life] = field(default_factory=dict)  # by reference


@dataclass(frozen=True)
class Wish:
    """What a school might book: an offer's person for a theme and phase."""

    listed: Listed
    person: Deployable
    school: School
    theme: Theme
    phase: str


def book_a_year(
    place: Place,
    people: People,
    teams: Teams,
    listed: list[Listed],
    needs: Needs,
    chance: Chance,
    today: Today,
    pay: Pay = lambda booking, status: None,
) -> Booked:
    """Every booking of the area, the ones the people to sign in as are waiting for first.

    `pay` may choose another way to pay for one that is being made, and is told the state it is to come to.
    """
    maker = _Maker(place, people, teams, listed, needs, chance, today, pay)
    maker.for_the_cast()
    for plan in PLANS:
        for _ in range(scaled(plan.count, len(place.schools))):
            maker.one_of(plan)
    booked = maker.booked
    booked.rows.sort(key=lambda booking: (booking.created_at, booking.reference))
    write(booked.rows)
    lines = [step.line(row) for row in booked.rows for step in booked.lives[row.reference].steps]
    write_history(lines)
    return booked


class _Maker:
    def __init__(
        self,
        place: Place,
        people: People,
        teams: Teams,
        listed: list[Listed],
        needs: Needs,
        chance: Chance,
        today: Today,
        pay: Pay,
    ) -> None:
        self.pay = pay
        self.place, self.people, self.needs, self.chance, self.today = place, people, needs, chance, today
        self.booked = Booked()
        self.openings = Openings(teams, chance, today)
        by_pk = {school.pk: school for school in place.schools}
        self.buyers = [by_pk[pk] for pk in people.buyers if pk in by_pk and pk in people.heads]
        self.offered = [each for each in listed if is_bookable(each)]
        self._themes = {theme.pk: theme for theme in needs.themes.values()}
        self._ladders = ladders_of(school.organisation for school in place.schools)
        self._year_begins = contract_year(ACADEMIC, today.day).start

    # Who wants what --------------------------------------------------------------------------------------------------

    def one_of(self, plan: Plan) -> Booking | None:
        """A booking of any school that meets this fate; `None` in an area too small for it."""
        for _ in range(TRIES):
            wish = self._wish(plan)
            if wish and (made := self.make(wish, plan)):
                return made
        return None

    def _wish(self, plan: Plan) -> Wish | None:
        if not self.buyers or not self.offered:
            return None
        if plan.days[1] > (self._year_begins - self.today.day).days and self.chance.happens(
            PERCENT_FOR_A_NEED
        ):
            need = self.chance.one_of(self.needs.rows)
            school = next((s for s in self.buyers if s.pk == need.school_id), None)
            if school and need.status == NeedStatus.OPEN:
                return self._for_need(school, need, plan)
        school, listed = self.chance.one_of(self.buyers), self.chance.one_of(self.offered)
        phases = [phase for phase in listed.listing.phases if phase in school.phases]
        if not phases:
            return None
        theme = self.needs.themes[self.chance.one_of(listed.listing.themes)]
        return self._with_person(listed, school, theme, self.chance.one_of(phases), plan)

    def _for_need(self, school: School, need: Need, plan: Plan) -> Wish | None:
        theme = self._themes[need.theme_id]
        fitting = [
            each
            for each in self.offered
            if theme.code in each.listing.themes and need.phase in each.listing.phases
        ]
        return (
            self._with_person(self.chance.one_of(fitting), school, theme, need.phase, plan)
            if fitting
            else None
        )

    def _with_person(
        self, listed: Listed, school: School, theme: Theme, phase: str, plan: Plan
    ) -> Wish | None:
        if plan.lies_ahead and listed.offer.status != "published":
            return None
        person = self.chance.one_of(listed.people)
        if not self._goes_together(listed, person, school):
            return None
        return Wish(listed, person, school, theme, phase)

    def _goes_together(self, listed: Listed, person: Deployable, school: School) -> bool:
        """What bookings refuse, and besides: nobody crosses the borough for an offer that does not reach so far."""
        if school.pk in (listed.provider.pk, person.employer.pk):
            return False
        families = {school.trust_id, school.federation_id} - {None}
        own = getattr(listed.provider, "school", None) if listed.provider.kind == "school" else None
        provider_families = {listed.provider.pk, *((own.trust_id, own.federation_id) if own else ())}
        related = bool(families & provider_families)
        if related != (listed.listing.scope == OfferScope.TRUST):
            return False
        return (
            listed.listing.mode != DeliveryMode.IN_PERSON or self._km(listed, school) <= listed.listing.reach
        )

    def _km(self, listed: Listed, school: School) -> float:
        here, there = school, listed.provider
        if None in (here.easting, here.northing, there.easting, there.northing):
            return 0
        east, north = (here.easting or 0) - (there.easting or 0), (here.northing or 0) - (there.northing or 0)
        return (east**2 + north**2) ** 0.5 / 1000

    # One booking -----------------------------------------------------------------------------------------------------

    def make(
        self, wish: Wish, plan: Plan, *, requester: User | None = None, session: str = ""
    ) -> Booking | None:
        """The booking, if person, day, price and everybody's roles allow it."""
        parties = self._parties(wish, plan, requester)
        found = self.openings.find(
            wish.person, plan.days, minimum=wish.listed.listing.minimum, session=session
        ) or self.openings.find(wish.person, wider(plan.days), minimum=wish.listed.listing.minimum)
        if parties is None or found is None or not _is_assured(wish.person, found[0], plan):
            return None
        booking, held_at = self._row(wish, plan, parties, *found)
        if booking is None or held_at is None:
            return None
        self.pay(booking, plan.status)
        under = step_for(self._ladders[wish.school.pk], booking.committed_pence).words
        life = live(booking, plan, replace(parties, approved_under=under), held_at, self.chance, self.today)
        self._apply(booking, life)
        self.openings.take(wish.person, *found, counts=booking.status in (*PROMISED, *USED))
        self.booked.rows.append(booking)
        self.booked.lives[booking.reference] = life
        return booking

    def _parties(self, wish: Wish, plan: Plan, requester: User | None) -> Parties | None:
        people, at = self.people, wish.school.pk
        head, pays = people.heads.get(at), people.budget_holders.get(at)
        lead = people.leads.get(wish.listed.provider.pk) or people.heads.get(wish.listed.provider.pk)
        comes = wish.person.practitioner.user
        releaser = None if wish.person.is_employee else people.heads.get(wish.person.employer.pk)
        if head is None or pays is None or lead is None or comes is None:
            return None
        if releaser is None and (
            not wish.person.is_employee
            or not {"cancel_by_releasing_school", "refuse_release"}.isdisjoint(plan.verbs)
        ):
            return None
        if wish.person.is_employee and plan.verbs[-1:] == ("approve",):
            return None  # nobody has to release them: such an order is confirmed at once
        orders = requester or self.chance.one_of(
            [user for user in (people.staff.get(at), head, head, pays) if user is not None]
        )
        return Parties(orders, pays, releaser, comes, lead, head)

    def _row(
        self, wish: Wish, plan: Plan, parties: Parties, day: date, session: str
    ) -> tuple[Booking | None, datetime | None]:
        moments = rules.moments_of(day, session)
        held_at = self._held_at(wish, plan, moments.starts_at)
        version = wish.listed.version_on(held_at)
        if version is None:
            return None, None
        try:
            quote = queries.quote(
                version,
                school=wish.school,
                provider=wish.listed.provider,
                session=session,
                day=day,
                today=local(held_at).date(),
            )
        except DomainError:
            return None, None
        if quote.gross_pence >= 100_000:  # large orders are for the people to sign in as to try out
            return None, None
        reference, offered = self.chance.reference("BK"), wish.listed.listing.mode
        mode = self.chance.one_of(("in_person", "remote")) if offered == DeliveryMode.BOTH else offered
        travel = timedelta(minutes=self.openings.travel_minutes(wish.person) * (mode != DeliveryMode.REMOTE))
        booking = Booking(
            reference=reference,
            offer_version=version,
            provider=wish.listed.provider,
            practitioner=wish.person.practitioner,
            releasing_organisation=wish.person.employer,
            receiving_school=wish.school.organisation,
            theme=wish.theme,
            phase=wish.phase,
            mode=mode,
            session=session,
            day=day,
            starts_at=moments.starts_at,
            ends_at=moments.ends_at,
            during=(moments.starts_at, moments.ends_at + travel),
            half_days=rules.SESSIONS[session].half_days,
            focus=self.chance.one_of(FOCUS).format(theme=wish.theme.name.lower()),
            hold_expires_at=self.today.clock + HELD_FOR
            if plan.status == BookingStatus.HELD
            else held_at + HOLD,
            price=quote.price.to_data(),
            net_pence=quote.net_pence,
            vat_pence=quote.vat_pence,
            cancellation_tariff=quote.tariff.to_data(),
            brokerage_fee=version.brokerage_fee,
            route=quote.route.kind,
            route_reason=quote.route.reason,
            requested_by=parties.requester,
            created_at=held_at,
        )
        return booking, held_at

    def _held_at(self, wish: Wish, plan: Plan, starts_at: datetime) -> datetime:
        """Weeks before the day; for what is still to come lately, and never with less notice than the person asks for."""
        notice = timedelta(days=self.openings.notice_days(wish.person) + 1)
        if plan.status == BookingStatus.HELD:
            return self.today.clock - timedelta(minutes=self.chance.rng.randrange(2, 15))
        if starts_at > self.today.now:
            recent = (
                8 if plan.status in (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE) else 45
            )
            return self.chance.between(self.today.ago(recent), min(starts_at - notice, self.today.ago(0.2)))
        before = starts_at - max(lead_time(self.chance), notice)
        return self.chance.time_on(_working_day(local(before).date()))

    def _apply(self, booking: Booking, life: Life) -> None:
        """What the steps leave on the row, as the actions would."""
        booking.status = BookingStatus(life.steps[-1].after)
        if life.step("order") and self.chance.happens(45):
            booking.purchase_order_number = f"PO{self.chance.rng.randrange(20_000, 99_999)}"
        if approved := life.step("approve"):
            booking.approved_by, booking.approved_at = approved.by, approved.at
        if released := life.step("consent"):
            booking.released_by, booking.released_at = released.by, released.at
        booking.delivered_at = life.at("deliver")
        last = life.steps[-1]
        if last.verb in _ENDED_BY:
            outcome = queries.cancellation_quote(booking, by=_ENDED_BY[last.verb], now=last.at)
            booking.cancellation_charge_pence = outcome.charge_pence
            booking.cancellation_charge_half_days = outcome.kept_half_days if booking.is_prepaid else None
            booking.cancellation_explanation = outcome.explanation
            booking.cancellation_reason = last.note
            life.steps[-1] = type(last)(
                last.verb, last.before, last.after, last.by, last.at, f"{last.note}\n{outcome.explanation}"
            )
        elif last.verb in ("decline", "withdraw", "refuse_release"):
            booking.cancellation_reason = last.note

    # The people to sign in as ----------------------------------------------------------------------------------------

    def for_the_cast(self) -> None:
        """What waits for them: an approval, a consent, a record, an evaluation; and a past to look back on."""
        school, person = self.people.receiving_school, self._practitioner()
        if school is None or person is None or school not in self.buyers:
            return
        listed = next(each for each in self.offered if person in each.people)
        theme = self.needs.themes[listed.listing.themes[0]]
        own = Wish(listed, person, school, theme, listed.listing.phases[0])
        others = [
            Wish(listed, person, other, theme, own.phase)
            for other in self.buyers
            if other != school and own.phase in other.phases and self._goes_together(listed, person, other)
        ]
        if not self._goes_together(listed, person, school):
            return
        staff = self.people.staff.get(school.pk)
        for status, first, last, count in _OF_THE_CAST:
            plan = next(p for p in PLANS if p.status == status and (p.days[0] > 0) == (first > 0))
            for _ in range(count):
                self.make(own, Plan(plan.status, plan.verbs, (first, last)), requester=staff)
        for status, first, last in _OF_THE_PRACTITIONER:
            plan = next(p for p in PLANS if p.status == status and (p.days[0] > 0) == (first > 0))
            if others:
                self.make(self.chance.one_of(others), Plan(plan.status, plan.verbs, (first, last)))
        self._for_head_of(self.people.chair_school)
        for school in self.buyers:
            if school.trust_id in self.people.trust_leads:
                self._for_head_of(school, BookingStatus.AWAITING_APPROVAL)
                break

    def _practitioner(self) -> Deployable | None:
        user = self.people.practitioner
        found = (
            person
            for each in self.offered
            for person in each.people
            if user is not None and person.practitioner.user == user
        )
        return next(found, None)

    def _for_head_of(self, school: School | None, *more: BookingStatus) -> None:
        """Support that was given and waits to be evaluated."""
        if school is None:
            return
        for status in (BookingStatus.DELIVERED, *more):
            plan = next(p for p in PLANS if p.status == status)
            for _ in range(TRIES):
                listed = self.chance.one_of(self.offered)
                phases = [phase for phase in listed.listing.phases if phase in school.phases]
                if phases:
                    theme = self.needs.themes[listed.listing.themes[0]]
                    wish = self._with_person(listed, school, theme, phases[0], plan)
                    if wish and self.make(wish, plan):
                        break


_ENDED_BY = {
    "cancel_by_buyer": CancelledBy.BUYER,
    "cancel_by_provider": CancelledBy.PROVIDER,
    "cancel_by_releasing_school": CancelledBy.RELEASING_SCHOOL,
    "no_show_buyer": CancelledBy.NO_SHOW_BUYER,
    "no_show_provider": CancelledBy.NO_SHOW_PROVIDER,
}
_OF_THE_CAST = (
    (BookingStatus.HELD, 14, 60, 1),
    (BookingStatus.DELIVERED, -40, -6, 1),
    (BookingStatus.CONFIRMED, 10, 60, 1),
    (BookingStatus.EVALUATED, -330, -60, 3),
    (BookingStatus.CANCELLED_BY_BUYER, -200, -30, 1),
)
_OF_THE_PRACTITIONER = (
    (BookingStatus.CONFIRMED, -10, -1),
    (BookingStatus.CONFIRMED, 6, 50),
    (BookingStatus.EVALUATED, -200, -30),
)


def _working_day(day: date) -> date:
    """That day or the last working day before it."""
    return day if is_working_day(day) else add_working_days(day, -1)


def _is_assured(person: Deployable, day: date, plan: Plan) -> bool:
    """Whether the employer's word covers the day, where the plan needs it."""
    return not plan.is_confirmed_once or (person.assured_until is not None and day <= person.assured_until)
