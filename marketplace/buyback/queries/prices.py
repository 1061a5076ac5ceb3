"""What a package costs a school: this year explained, VAT, route, next year's estimate and what the school pays now.

Many editions for many schools are priced in a fixed number of queries (`prices_for`). Amounts are pence before VAT unless they say
gross. The basket, the order page, the API and the submitting of a basket all ask here, so that they never disagree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Prefetch

from marketplace.buyback.models import (
    AgreementLine,
    AgreementStatus,
    AgreementYear,
    PackageEdition,
)
from marketplace.buyback.queries.selling import editions_of_next_year
from marketplace.buyback.rules.pricing import Included, quantity_of
from marketplace.buyback.rules.windows import FirstYear, first_year, late_charge
from marketplace.catalogue.pricing import (
    PriceExplanation,
    PriceRule,
    SchoolFacts,
    price_for,
)
from marketplace.catalogue.queries import facts_of_schools
from marketplace.kernel.dates import ContractCalendar, contract_year_label
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds
from marketplace.kernel.supply import Route, ServiceKind, VatDecision, route_for, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import School

STANDING = (
    AgreementStatus.DRAFT,
    AgreementStatus.AWAITING_APPROVAL,
    AgreementStatus.SUBMITTED,
    AgreementStatus.ACTIVE,
)
"""The states of an agreement that stands: a package is not bought twice for the same year."""


@dataclass(frozen=True)
class Wish:
    """An edition wanted for a school, for so many years, at a level where the price has levels."""

    edition: PackageEdition
    school: School
    years: int = 1
    level: str = ""


@dataclass(frozen=True)
class Estimate:
    """What a year costs that is still to come, in pence before VAT, and what the figure stands on. `pence` is `None` with no figure."""

    pence: int | None
    basis: str


@dataclass(frozen=True)
class Held:
    """What the school has of the same package already: until when, and this year's price where it is not the year ordered for."""

    reference: str
    ends_on: date
    year_label: str
    year_pence: int
    covers_window: bool
    status: str

    @property
    def is_in_force(self) -> bool:
        return self.status == AgreementStatus.ACTIVE

    @property
    def words(self) -> str:
        """Where it stands, in a few words: had, ordered for its first day, or ordered and not yet agreed to."""
        if self.is_in_force:
            return "You have it"
        if self.status == AgreementStatus.SUBMITTED:
            return "Ordered: starts on its first day"
        return "Ordered: waiting for approval"


@dataclass(frozen=True)
class SchoolPrice:
    """The price of one wish, or in `problem` why there is none."""

    wish: Wish
    explanation: PriceExplanation | None
    problem: str
    first_year: FirstYear
    route: Route
    vat: VatDecision
    late_charge_pence: int
    later_years: tuple[Estimate, ...]
    next_year: Estimate
    held: Held | None

    @property
    def year_pence(self) -> int | None:
        """A whole year's price."""
        return self.explanation.total_pence if self.explanation else None

    @property
    def net_pence(self) -> int:
        """What the first year costs: the whole year's price, or that of the months left. 0 where there is no price."""
        return self.first_year.share_of(self.explanation.total_pence) if self.explanation else 0

    @property
    def is_part_year(self) -> bool:
        """Whether only the months left of the first year are bought."""
        return 0 < self.first_year.months < 12

    @property
    def vat_pence(self) -> int:
        """VAT on the first year, as it stands today; the tax date is the day the document is issued."""
        return vat_on(self.net_pence, self.vat.basis_points)

    @property
    def gross_pence(self) -> int:
        """The first year with VAT."""
        return self.net_pence + self.vat_pence

    @property
    def commitment_pence(self) -> int:
        """The whole term with VAT at today's prices: what is compared with approval thresholds, before a late charge."""
        year = self.year_pence or 0
        return self.gross_pence + (self.wish.years - 1) * (year + vat_on(year, self.vat.basis_points))

    @property
    def term_pence(self) -> int:
        """The whole term before VAT at today's prices, with a late charge."""
        return self.net_pence + self.late_charge_pence + (self.wish.years - 1) * (self.year_pence or 0)

    def term_explained(self) -> dict[str, Any]:
        """The whole term as a snapshot: the lines of a year, then what makes it the term. Empty where there is no price."""
        if self.explanation is None:
            return {}
        year, more = self.explanation.total_pence, self.wish.years - 1
        steps = [
            (f"First year: {self.first_year.months} of 12 months of that only", self.net_pence - year),
            ("Late charge, once for each agreement", self.late_charge_pence),
            (f"{more} more year{'s' * (more > 1)} at {pounds(year)}", more * year),
        ]
        data = self.explanation.to_data()
        data["lines"] += [{"sentence": sentence, "pence": pence} for sentence, pence in steps if pence]
        return data | {"total_pence": self.term_pence}

    @property
    def change_pence(self) -> int | None:
        """How much more (or, below zero, less) a whole year costs than the school pays now."""
        if self.explanation is None or self.held is None or self.held.covers_window:
            return None
        return self.explanation.total_pence - self.held.year_pence


def prices_for(wishes: Sequence[Wish], *, on: date) -> list[SchoolPrice]:
    """The price of each wish, were it ordered on a day (before orders are taken: on the first day they are).

    Reads the pupils of trusts, next year's editions and the agreements that stand, each once, however many wishes there are. Schools
    come with their organisation and area, editions from `editions_on_sale` or the like.
    """
    facts = facts_of_schools({wish.school.pk: wish.school for wish in wishes}.values())
    editions = list({wish.edition.pk: wish.edition for wish in wishes}.values())
    following = editions_of_next_year(editions, on=on)
    held = _held(wishes, on)
    return [
        _price(
            wish,
            facts[wish.school.pk],
            following.get(wish.edition.package_id),
            held.get((wish.school.pk, wish.edition.package_id), []),
            on,
        )
        for wish in wishes
    ]


def price_of(wish: Wish, *, on: date) -> SchoolPrice:
    """The price of one wish."""
    return prices_for([wish], on=on)[0]


def _price(
    wish: Wish, facts: SchoolFacts, following: PackageEdition | None, held: list[AgreementLine], on: date
) -> SchoolPrice:
    edition, window = wish.edition, wish.edition.window
    buyer, supplier = legal_facts(wish.school.organisation), legal_facts(edition.package.seller)
    problem, explanation = "", None
    try:
        explanation = year_price(edition, facts, wish, on=on)
    except DomainError as error:
        problem = str(error)
    return SchoolPrice(
        wish=wish,
        explanation=explanation,
        problem=problem,
        first_year=first_year(window.dates, on),
        route=route_for(buyer, supplier),
        vat=vat_treatment(supplier, buyer, ServiceKind(edition.service_kind), on=on),
        late_charge_pence=late_charge(window.dates, on),
        later_years=tuple(
            _later_year(edition, facts, wish, year=year, on=on) for year in range(2, wish.years + 1)
        ),
        next_year=_next_year(wish, facts, following, on),
        held=_held_in_words(held, window.dates.first_day, on),
    )


def year_price(
    edition: PackageEdition,
    facts: SchoolFacts,
    wish: Wish,
    *,
    on: date,
    year_of_agreement: int = 1,
    whenever: bool = False,
) -> PriceExplanation:
    """The price of one whole year by the edition's rule. Raises what `price_for` raises.

    With `whenever` the days on which the rule may be used for orders are left out of account: for later years of an agreement.
    """
    rule = PriceRule.from_data(edition.price_rule)
    if whenever:
        rule = replace(rule, effective_from=None, effective_to=None)
    included = [Included(each.kind, each.quantity) for each in edition.inclusions.all()]
    quantity = quantity_of(
        included,
        years=wish.years,
        year_of_agreement=year_of_agreement,
        level=wish.level or rule.smallest_quantity().level or "",
        starts_on=edition.window.first_day,
    )
    return price_for(rule, facts, quantity, max(on, edition.window.orders_from))


def _later_year(edition: PackageEdition, facts: SchoolFacts, wish: Wish, *, year: int, on: date) -> Estimate:
    try:
        price = year_price(edition, facts, wish, on=on, year_of_agreement=year, whenever=True)
    except DomainError as error:
        return Estimate(None, str(error))
    return Estimate(
        price.total_pence, f"Year {year} of your agreement, by the same rule and today’s pupil numbers"
    )


def _next_year(wish: Wish, facts: SchoolFacts, following: PackageEdition | None, on: date) -> Estimate:
    """What the contract year after costs: in a longer agreement its second year, else next year's edition, else the rule a year on."""
    edition = wish.edition
    if wish.years > 1:
        return _later_year(edition, facts, wish, year=2, on=on)
    if following is not None:
        one_year = replace(wish, edition=following, years=1)
        try:
            price = year_price(following, facts, one_year, on=on)
        except DomainError as error:
            return Estimate(None, str(error))
        return Estimate(
            price.total_pence, f"Price for {following.window.year_label}, which is on sale already"
        )
    estimate = _later_year(edition, facts, wish, year=2, on=on)
    if estimate.pence is None:
        return estimate
    return Estimate(estimate.pence, "Estimate: the same rule one year on, with today’s pupil numbers")


# What the school has already ------------------------------------------------------------------------------------------


def _held(wishes: Iterable[Wish], on: date) -> dict[tuple[int, int], list[AgreementLine]]:
    """Lines of agreements that stand, by school and package."""
    wishes = list(wishes)
    if not wishes:
        return {}
    lines = (
        AgreementLine.objects.filter(
            agreement__buyer__in={wish.school.pk for wish in wishes},
            edition__package__in={wish.edition.package_id for wish in wishes},
            agreement__status__in=STANDING,
            agreement__ends_on__gte=min(on, *(wish.edition.window.first_day for wish in wishes)),
        )
        .select_related("agreement", "edition")
        .prefetch_related(
            Prefetch(
                "agreement__contract_years",
                AgreementYear.objects.order_by("-number"),
            )
        )
        .order_by("agreement__ends_on")
    )
    found: dict[tuple[int, int], list[AgreementLine]] = {}
    for line in lines:
        found.setdefault((line.agreement.buyer_id, line.edition.package_id), []).append(line)
    return found


def _held_in_words(lines: list[AgreementLine], first_day: date, on: date) -> Held | None:
    """The agreement that covers the year ordered for, else the one that runs now."""
    if not lines:
        return None
    covering = [line for line in lines if line.agreement.starts_on <= first_day <= line.agreement.ends_on]
    late = [line for line in lines if first_day < line.agreement.starts_on and first_day <= on]
    line = (covering or late or lines)[-1]
    agreement = line.agreement
    year = next(iter(agreement.contract_years.all()), None)
    calendar = ContractCalendar(agreement.calendar)
    return Held(
        reference=agreement.reference,
        ends_on=agreement.ends_on,
        year_label=contract_year_label(calendar, year.starts_on if year else agreement.starts_on),
        year_pence=_whole_year(line, year),
        covers_window=bool(covering or late),
        status=agreement.status,
    )


def _whole_year(line: AgreementLine, year: AgreementYear | None) -> int:
    """A whole year's price of a line in the latest contract year that has one."""
    explained = year.explained.get(str(line.pk)) if year else None
    return int((explained or line.price)["total_pence"])


@dataclass(frozen=True)
class ExamplePrice:
    """What a year costs a school made up for the purpose, or why nothing can be said."""

    school: SchoolFacts
    pence: int | None
    problem: str = ""


def example_price(edition: PackageEdition, school: SchoolFacts, *, on: date) -> ExamplePrice:
    """The price of one year for an example school: what a seller checks a price rule by."""
    rule = PriceRule.from_data(edition.price_rule)
    included = [Included(each.kind, each.quantity) for each in edition.inclusions.all()]
    quantity = quantity_of(
        included, level=rule.smallest_quantity().level or "", starts_on=edition.window.first_day
    )
    try:
        price = price_for(rule, school, quantity, max(on, edition.window.orders_from))
    except DomainError as error:
        return ExamplePrice(school, None, str(error))
    return ExamplePrice(school, price.total_pence)
