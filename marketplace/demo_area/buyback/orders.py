"""Who buys what: about half the schools hold agreements for this contract year, and the next year's window fills.

Everything goes through the actions people use, each at its moment: a basket is filled and ordered, somebody else approves it where
the ladder says so, and the agreement comes into force on its first day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from marketplace.buyback.actions.baskets import put_in_basket
from marketplace.buyback.actions.checking import EvidenceMissing
from marketplace.buyback.actions.deciding import approve_agreement
from marketplace.buyback.actions.running import activate_agreement
from marketplace.buyback.actions.submitting import submit_basket
from marketplace.buyback.models import AgreementStatus, BuyBackWindow, PackageEdition, ServiceAgreement
from marketplace.buyback.queries import agreements as agreement_queries
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.buyback.bulk import Draft, agree_in_bulk
from marketplace.demo_area.buyback.selling import Shop
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, clock_at
from marketplace.demo_area.words.buyback import CAPACITIES
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, ContractCalendar, to_utc
from marketplace.organisations.models import LegalStatus, Organisation, School, User
from marketplace.organisations.queries import actor_for

CHOICES = (
    ("silver",),
    ("six", "bronze"),
    ("nine",),
    ("bronze", "places"),
    ("six", "governance"),
    ("gold", "places"),
    ("twelve",),
    ("silver", "leaders"),
    ("peers", "bronze"),
    ("six", "outreach"),
)
"""What schools buy together, in turn."""

LATE = (5, 17, 29)
"""Of all schools in their order, those that came after the window had closed."""

SEVERAL_YEARS = 4
"""Every so many orders is for as many years as the ladder lets the school without asking for quotes."""

A_TRUSTS = 4


@dataclass
class Ordered:
    """Agreements by school, in the order they were made."""

    rows: list[ServiceAgreement] = field(default_factory=list)
    by_hand: list[ServiceAgreement] = field(default_factory=list)  # of the next year, some waiting

    def of(self, school: School) -> list[ServiceAgreement]:
        return [row for row in self.rows if row.buyer_id == school.pk]


@dataclass(frozen=True)
class Buyer:
    """A school with the person who orders for it and the one who can approve that."""

    school: School
    orders: User
    head: User

    @property
    def organisation(self) -> Organisation:
        return self.school.organisation

    @property
    def calendar(self) -> ContractCalendar:
        return FINANCIAL if self.organisation.legal_status == LegalStatus.LA_MAINTAINED else ACADEMIC


class Buying:
    """Orders of an area's schools. Made once; `this_year` comes before bookings, `next_year` after."""

    def __init__(
        self, place: Place, providers: Providers, people: People, shop: Shop, chance: Chance, today: Today
    ) -> None:
        self.place, self.providers, self.people = place, providers, people
        self.shop, self.chance, self.today = shop, chance, today
        self.ordered = Ordered()
        self.trust = providers.by_name.get("trust_a")
        self.buyers = self._buyers()
        self.of_trust = self._of_trust()

    def _buyers(self) -> list[Buyer]:
        payers = self.people.budget_holders | self.people.business_managers
        return [
            Buyer(school, payers[school.pk], self.people.heads[school.pk])
            for school in self.place.schools
            if school.pk in payers
            and school.pk in self.people.heads
            and payers[school.pk] != self.people.heads[school.pk]  # a second person may be needed
            and school.organisation.legal_status in (LegalStatus.LA_MAINTAINED, LegalStatus.ACADEMY)
        ]

    def _of_trust(self) -> list[School]:
        lead = self.trust is not None and self.trust.pk in self.people.trust_leads
        own = [s for s in self.place.schools if lead and self.trust and s.trust_id == self.trust.pk]
        others = [s for s in own if s.pk not in {p.pk for p in self.providers.schools.values()}]
        joined = [s for s in others if s.pk in self.people.heads]  # whose head can approve
        return (joined if len(joined) >= A_TRUSTS else others)[:A_TRUSTS]

    # This year -------------------------------------------------------------------------------------------------------

    def this_year(self) -> Ordered:
        """The agreements in force, and those that were."""
        self._a_trust_for_its_schools()
        others = [buyer for buyer in self.buyers if buyer.school not in self.of_trust]
        drafts = []
        for number, buyer in enumerate(others):
            window = self.shop.now[buyer.calendar]
            keys = [key for key in CHOICES[number % len(CHOICES)] if self._sells(key, window, buyer)]
            if not keys:
                continue
            if number not in LATE:
                drafts.append(self._draft(buyer, keys, window, years=3 if number % SEVERAL_YEARS == 0 else 1))
            elif at := self._late(window):
                self.ordered.rows += self.order(buyer, keys, window, at)
        self._begin(self.ordered.rows)
        self.ordered.rows += agree_in_bulk(drafts)
        return self.ordered

    def _draft(self, buyer: Buyer, keys: Iterable[str], window: BuyBackWindow, *, years: int) -> Draft:
        at = self._in_time(window)
        return Draft(
            school=buyer.school,
            editions=[edition for key in keys if (edition := self.shop.edition(key, window))],
            window=window,
            years=years,
            orders=buyer.orders,
            approves=buyer.head,
            at=at,
            approved_at=min(at + timedelta(hours=self.chance.rng.randrange(3, 50)), self.today.now),
            capacity=self.chance.one_of(CAPACITIES),
            purchase_order_number=self._purchase_order(),
        )

    def _purchase_order(self) -> str:
        return f"PO{self.chance.rng.randrange(20_000, 99_999)}"

    def order(
        self, buyer: Buyer, keys: Iterable[str], window: BuyBackWindow, at: datetime, *, years: int = 1
    ) -> list[ServiceAgreement]:
        """Fill a basket at a moment, order it, and have it approved in the days after; for fewer years where quotes would be needed."""
        editions = [edition for key in keys if (edition := self.shop.edition(key, window))]
        made: list[ServiceAgreement] = []
        for length in range(years, 0, -1):
            try:
                made = self._submit(buyer.orders, buyer.organisation, editions, at, years=length)
                break
            except EvidenceMissing:
                continue
        self.approve(made, [buyer.orders, buyer.head], at)
        return made

    def _submit(
        self,
        person: User,
        owner: Organisation,
        editions: Sequence[PackageEdition],
        at: datetime,
        *,
        years: int = 1,
        schools: Sequence[School] = (),
    ) -> list[ServiceAgreement]:
        actor, basket = actor_for(person), None
        with clock_at(at):
            for edition in editions:
                basket = put_in_basket(
                    actor=actor,
                    owner=owner,
                    edition=edition,
                    schools=schools,
                    years=max(each for each in edition.term_years if each <= years),
                )
        if basket is None:
            return []
        with clock_at(at + timedelta(minutes=25)):
            return submit_basket(
                actor=actor,
                basket=basket,
                accepted_name=person.name,
                accepted_capacity=self.chance.one_of(CAPACITIES),
                purchase_order_number=self._purchase_order(),
            )

    def approve(self, made: Iterable[ServiceAgreement], people: Sequence[User], at: datetime) -> None:
        """Have somebody approve what waits, a day or two later, as far as these people can."""
        for agreement in made:
            if agreement.status != AgreementStatus.AWAITING_APPROVAL:
                continue
            for person in people:
                actor = actor_for(person)
                if agreement_queries.may_with_agreement(
                    actor, agreement, "approve"
                ) and not agreement_queries.needs_another_person(actor, agreement):
                    later = min(at + timedelta(hours=self.chance.rng.randrange(3, 50)), self.today.now)
                    with clock_at(later):
                        approve_agreement(actor=actor, agreement=agreement)
                    agreement.refresh_from_db()
                    break

    def _a_trust_for_its_schools(self) -> None:
        if self.trust is None or not self.of_trust:
            return
        window = self.shop.now[ACADEMIC]
        lead = self.people.trust_leads[self.trust.pk]
        editions = [edition for key in ("nine", "leaders") if (edition := self.shop.edition(key, window))]
        at = self._in_time(window)
        made = self._submit(lead, self.trust, editions, at, schools=self.of_trust)
        for agreement in made:
            self.approve([agreement], [lead, *self._who_approves(agreement.buyer_id)], at)
        self.ordered.rows += made

    def _who_approves(self, school: int) -> list[User]:
        found = (self.people.budget_holders.get(school), self.people.heads.get(school))
        return [user for user in found if user]

    def _begin(self, rows: Iterable[ServiceAgreement]) -> None:
        for agreement in rows:
            if agreement.status == AgreementStatus.SUBMITTED and agreement.starts_on <= self.today.day:
                with clock_at(to_utc(agreement.starts_on, time())):
                    activate_agreement(actor=SYSTEM, agreement=agreement)
                agreement.refresh_from_db()

    def _sells(self, key: str, window: BuyBackWindow, buyer: Buyer) -> bool:
        edition = self.shop.edition(key, window)
        return edition is not None and edition.package.seller_id != buyer.school.pk

    def _in_time(self, window: BuyBackWindow) -> datetime:
        return self.chance.between(_noon(window.orders_from), _noon(window.closes_on))

    def _late(self, window: BuyBackWindow) -> datetime | None:
        """Two months into the year; None where the year is younger."""
        at = _noon(window.first_day) + timedelta(days=50)
        return (
            self.chance.between(at, at + timedelta(days=7))
            if at + timedelta(days=10) < self.today.now
            else None
        )


def _noon(day: date) -> datetime:
    return to_utc(day, time(12))
