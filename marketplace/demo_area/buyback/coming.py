"""The next contract year: orders of the last days, some waiting for a word, baskets being filled, and notice of new prices."""

from datetime import datetime, time, timedelta

from marketplace.buyback.actions.baskets import put_in_basket
from marketplace.buyback.actions.renewing import notice_price_changes, renew_agreement
from marketplace.buyback.actions.submitting import submit_basket
from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.demo_area.buyback.approving import begin_quotes, gather_quotes
from marketplace.demo_area.buyback.orders import Buyer, Buying
from marketplace.demo_area.buyback.packages import SALES
from marketplace.demo_area.stage import clock_at
from marketplace.demo_area.words.buyback import CAPACITIES
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, local, to_utc
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import School
from marketplace.organisations.queries import actor_for

RENEWING, WAITING, FILLING = 5, 3, 2
"""How many of the schools order the same again and have it approved, order and wait, and only fill a basket."""

A_BIG_ORDER_PENCE = 1_890_000


class Coming:
    """What happened since next year's prices were published."""

    def __init__(self, buying: Buying) -> None:
        self.buying, self.today, self.shop = buying, buying.today, buying.shop

    def fill(self) -> list[ServiceAgreement]:
        """Everything; the agreements made come back."""
        self._tell_new_prices()
        cast = self.buying.people.receiving_school
        ready = [
            buyer
            for buyer in self.buying.buyers
            if buyer.calendar == FINANCIAL and buyer.orders != buyer.head and buyer.school != cast
        ]
        made: list[ServiceAgreement] = []
        some = iter(self._renewable(ready))
        for number, (buyer, agreement) in zip(range(RENEWING + WAITING + FILLING), some, strict=False):
            made += self._again(buyer, agreement, number)
        if big := next((buyer for buyer, agreement in some if not self._many_years(buyer)), None):
            made += self._with_quotes(big)
            if other := next(some, None):
                begin_quotes(actor_for(other[0].orders), other[0].school, self.buying.providers, self.today)
        if cast is not None:
            made += self._of_staff(cast)
        self._early()
        return made

    def _tell_new_prices(self) -> None:
        window = self.shop.coming[FINANCIAL]
        for sale in SALES:
            edition = self.shop.edition(sale.key, window) if sale.next_price else None
            if edition is not None and edition.published_at:
                # Nobody is told before the window shows its prices.
                shown = to_utc(window.prices_visible_from, time(0, 10))
                moment = max(edition.published_at + timedelta(hours=1), shown)
                if moment <= self.today.now:
                    with clock_at(moment):
                        notice_price_changes(actor=SYSTEM, edition=edition)

    def _renewable(self, buyers: list[Buyer]) -> list[tuple[Buyer, ServiceAgreement]]:
        """Schools with an agreement that ends with this contract year, each with its first."""
        last = self.shop.coming[FINANCIAL].first_day - timedelta(days=1)
        found = []
        for buyer in buyers:
            ending = [
                row
                for row in self.buying.ordered.of(buyer.school)
                if row.ends_on == last and row.status == AgreementStatus.ACTIVE
            ]
            if ending:
                found.append((buyer, ending[0]))
        return found

    def _many_years(self, buyer: Buyer) -> bool:
        return any(row.years > 1 for row in self.buying.ordered.of(buyer.school))

    def _again(self, buyer: Buyer, agreement: ServiceAgreement, number: int) -> list[ServiceAgreement]:
        actor = actor_for(buyer.orders)
        at = self._recently(number)
        with clock_at(at):
            basket = renew_agreement(actor=actor, agreement=agreement).basket
        if number >= RENEWING + WAITING:
            return []
        with clock_at(at + timedelta(minutes=12)):
            made = submit_basket(
                actor=actor,
                basket=basket,
                accepted_name=buyer.orders.name,
                accepted_capacity=self.buying.chance.one_of(CAPACITIES),
            )
        if number < RENEWING:
            self.buying.approve(made, [buyer.orders, buyer.head], at)
        return made

    def _with_quotes(self, buyer: Buyer) -> list[ServiceAgreement]:
        """Three years of the largest package, which the ladder wants quotes for; it waits for the headteacher."""
        window = self.shop.coming[FINANCIAL]
        edition = self.shop.edition("gold", window)
        if edition is None or "independent_a" not in self.buying.providers:
            return []
        evidence = gather_quotes(
            buyer.school,
            buyer.orders,
            self.buying.providers,
            need_pence=A_BIG_ORDER_PENCE,
            chosen_pence=A_BIG_ORDER_PENCE * 5 // 6,
            today=self.today,
        )
        actor = actor_for(buyer.orders)
        with clock_at(self.today.ago(5) + timedelta(hours=13)):
            basket = put_in_basket(actor=actor, owner=buyer.organisation, edition=edition, years=3)
            return submit_basket(
                actor=actor,
                basket=basket,
                accepted_name=buyer.orders.name,
                accepted_capacity=CAPACITIES[0],
                evidence=evidence,
            )

    def _of_staff(self, school: School) -> list[ServiceAgreement]:
        """The school staff to sign in as order something that the budget holder has still to accept and approve."""
        staff = self.buying.people.staff.get(school.pk)
        buyer = next((each for each in self.buying.buyers if each.school == school), None)
        if staff is None or buyer is None:
            return []
        window = self.shop.coming[buyer.calendar]
        for key in ("bronze", "governance", "outreach"):
            edition = self.shop.edition(key, window)
            if edition is None:
                continue
            try:
                with clock_at(self.today.ago(1) + timedelta(hours=14)):
                    basket = put_in_basket(actor=actor_for(staff), owner=school.organisation, edition=edition)
                    return submit_basket(actor=actor_for(staff), basket=basket)
            except DomainError:  # it has this one for several years, or the window is not open to it
                continue
        return []

    def _early(self) -> None:
        """Baskets for the academic year, which nobody can order yet: a trust's for its schools, and an academy's own."""
        window = self.shop.coming[ACADEMIC]
        buying = self.buying
        edition = self.shop.edition("leaders", window) or self.shop.edition("six", window)
        at = to_utc(local(self.today.ago(2)).date(), time(16))
        if edition is None:
            return
        if buying.trust is not None and buying.of_trust:
            lead = actor_for(buying.people.trust_leads[buying.trust.pk])
            with clock_at(at):
                put_in_basket(actor=lead, owner=buying.trust, edition=edition, schools=buying.of_trust)
        academies = [b for b in buying.buyers if b.calendar == ACADEMIC and b.school not in buying.of_trust]
        for buyer in academies:
            if not any(row.ends_on > window.first_day for row in buying.ordered.of(buyer.school)):
                with clock_at(at):
                    put_in_basket(actor=actor_for(buyer.orders), owner=buyer.organisation, edition=edition)
                break

    def _recently(self, number: int) -> datetime:
        """One after the other over the last days, in the afternoon."""
        days = 9 - number * 8 // (RENEWING + WAITING + FILLING)
        return self.today.ago(days) + timedelta(hours=13, minutes=7 * number)
