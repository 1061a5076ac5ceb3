"""Baskets: whose they are, who may fill them, and what they come to.

A basket becomes one agreement for each school, seller and length (`Order`); what each costs and whose word it needs is worked out
here, so that the basket's page, the API and the submitting agree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from marketplace.buyback.models import (
    Basket,
    BasketLine,
    BasketStatus,
    BuyBackWindow,
    EditionStatus,
    PackageEdition,
    PackageInclusion,
    TermsVersion,
)
from marketplace.buyback.queries.ladders import ORDERERS, ladders_of
from marketplace.buyback.queries.prices import SchoolPrice, Wish, prices_for
from marketplace.buyback.rules.approvals import Requirement, step_for
from marketplace.buyback.rules.windows import Standing, standing
from marketplace.catalogue.pricing import PriceRule
from marketplace.catalogue.pricing.kinds import Levels
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.vat import vat_on
from marketplace.organisations.models import Organisation, OrganisationKind, School

FILLERS = SCHOOL_BUYERS
READERS = SCHOOL_BUYERS | {Role.GOVERNOR, Role.FINANCE}


# Whose ---------------------------------------------------------------------------------------------------------------


def buyers_of(actor: Actor) -> QuerySet[Organisation]:
    """The open schools and the trusts whose prices the person looks at, trusts first."""
    open_school = Q(kind=OrganisationKind.SCHOOL, school__status_code__in=School.OPEN_STATUSES)
    return (
        Organisation.objects.filter(pk__in=actor.organisations(*READERS))
        .filter(open_school | Q(kind=OrganisationKind.TRUST))
        .select_related("area", "school__trust")
        .order_by("-kind", "name")
    )


def acting_buyer(actor: Actor, reference: str = "") -> Organisation | None:
    """The school or trust asked for by its reference, else the one the person acts for, else their first.

    `None` for a person without any; `NotFound` for a reference that is none of theirs.
    """
    buyers = list(buyers_of(actor))
    if reference:
        found = next((each for each in buyers if each.reference == reference), None)
        if found is None:
            raise NotFound
        return found
    return next((each for each in buyers if each.pk == actor.current), buyers[0] if buyers else None)


def schools_to_buy_for(owner: Organisation, window: BuyBackWindow) -> list[School]:
    """The schools a basket of the owner can be for: a school's own, a trust's open schools in the area of the window."""
    rows = School.objects.select_related("organisation__area", "organisation__school", "trust", "area")
    if owner.kind == OrganisationKind.TRUST:
        rows = rows.filter(trust=owner, area=window.area_id, status_code__in=School.OPEN_STATUSES)
    else:
        rows = rows.filter(pk=owner.pk, area=window.area_id)
    return list(rows.order_by("organisation__name"))


def may_fill(actor: Actor, owner: Organisation | int) -> bool:
    """Whether the person may fill the owner's basket and ask for it to be ordered."""
    return actor.holds(*FILLERS, at=owner if isinstance(owner, int) else owner.pk)


def may_accept_for(actor: Actor, owner: Organisation | int) -> bool:
    """Whether the person may accept a seller's terms for the owner: those who may commit its money."""
    return actor.holds(*ORDERERS, at=owner if isinstance(owner, int) else owner.pk)


def baskets_visible_to(actor: Actor) -> QuerySet[Basket]:
    """The baskets of the organisations one buys or reads for, newest first."""
    rows = Basket.objects.select_related("owner__area", "owner__school", "window__area", "created_by")
    return rows if actor.is_system else rows.filter(owner__in=actor.organisations(*READERS))


def basket_for(actor: Actor, reference: str) -> Basket:
    """One basket by its reference; `NotFound` where there is none for this person."""
    basket = baskets_visible_to(actor).filter(reference=reference).first()
    if basket is None:
        raise NotFound
    return basket


def open_basket(owner: Organisation, window: BuyBackWindow) -> Basket | None:
    """The basket being filled for the window, where there is one."""
    return Basket.objects.filter(owner=owner, window=window, status=BasketStatus.OPEN).first()


def lines_in_basket(owner: Organisation, edition: PackageEdition) -> list[BasketLine]:
    """What of a package lies in the owner’s open basket, by school."""
    lines = BasketLine.objects.filter(basket__owner=owner, basket__status=BasketStatus.OPEN, edition=edition)
    return list(lines.select_related("basket", "school").order_by("school__name"))


def lines_of(basket: Basket) -> list[BasketLine]:
    """The lines with all that pricing them needs, in a fixed number of queries."""
    inclusions = PackageInclusion.objects.select_related("theme", "support_type")
    return list(
        basket.lines.select_related(
            "school__area",
            "school__school__trust",
            "school__school__organisation__area",
            "edition__package__seller__area",
            "edition__package__seller__school",
            "edition__window__area",
            "edition__terms",
        )
        .prefetch_related(Prefetch("edition__inclusions", inclusions))
        .order_by("school__name", "edition__package__seller__name", "edition__package__name", "pk")
    )


def levels_of(edition: PackageEdition) -> tuple[str, ...]:
    """The names of the levels a price has, where it has any."""
    if edition.price_rule.get("kind") != Levels.KIND:
        return ()
    base = PriceRule.from_data(edition.price_rule).base
    assert isinstance(base, Levels)
    return tuple(level.name for level in base.levels)


# What it comes to ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PricedLine:
    """A line of a basket with its price, or in `problem` why it can't be ordered as it is."""

    line: BasketLine
    price: SchoolPrice
    problem: str


@dataclass(frozen=True)
class Order:
    """What would become one agreement: a school's packages of one seller for one length."""

    school: School
    seller: Organisation
    years: int
    lines: tuple[PricedLine, ...]
    terms: TermsVersion | None
    requirement: Requirement

    @property
    def key(self) -> str:
        """What tells the orders of a basket apart, on forms."""
        return f"{self.school.pk}-{self.seller.pk}-{self.years}"

    @property
    def net_pence(self) -> int:
        """The first year before VAT, without the late charge."""
        return sum(each.price.net_pence for each in self.lines)

    @property
    def vat_pence(self) -> int:
        """VAT on the first year and the late charge, as it stands."""
        return sum(each.price.vat_pence for each in self.lines) + self._late_vat

    @property
    def late_charge_pence(self) -> int:
        """What is added for ordering late, before VAT."""
        return self.lines[0].price.late_charge_pence

    @property
    def gross_pence(self) -> int:
        """The first year with the late charge and VAT."""
        return self.net_pence + self.late_charge_pence + self.vat_pence

    @property
    def value_pence(self) -> int:
        """The whole term with VAT and the late charge at today's prices: what the approval ladder looks at."""
        return _value(self.lines)

    @property
    def _late_vat(self) -> int:
        return vat_on(self.late_charge_pence, self.lines[0].price.vat.basis_points)


def _value(lines: Iterable[PricedLine]) -> int:
    prices = [each.price for each in lines]
    late = prices[0].late_charge_pence
    return sum(price.commitment_pence for price in prices) + late + vat_on(late, prices[0].vat.basis_points)


@dataclass(frozen=True)
class SchoolTotal:
    """What a basket comes to for one school, first year, in pence."""

    school: School
    orders: tuple[Order, ...]

    @property
    def net_pence(self) -> int:
        """Before VAT, late charges included."""
        return sum(order.net_pence + order.late_charge_pence for order in self.orders)

    @property
    def vat_pence(self) -> int:
        """VAT as it stands."""
        return sum(order.vat_pence for order in self.orders)

    @property
    def gross_pence(self) -> int:
        """With VAT."""
        return self.net_pence + self.vat_pence


@dataclass(frozen=True)
class PricedBasket:
    """A basket with its prices as of a day: orders to be, totals per school and in all, and what is in the way."""

    basket: Basket
    stands: Standing
    orders: tuple[Order, ...]

    @property
    def lines(self) -> list[PricedLine]:
        """All lines, in the order of the orders."""
        return [line for order in self.orders for line in order.lines]

    @property
    def problems(self) -> list[PricedLine]:
        """The lines that can't be ordered as they are."""
        return [line for line in self.lines if line.problem]

    @property
    def schools(self) -> list[SchoolTotal]:
        """Totals by school, by name."""
        by_school: dict[int, list[Order]] = {}
        for order in self.orders:
            by_school.setdefault(order.school.pk, []).append(order)
        return [SchoolTotal(orders[0].school, tuple(orders)) for orders in by_school.values()]

    @property
    def net_pence(self) -> int:
        """The first year of all schools before VAT, late charges included."""
        return sum(school.net_pence for school in self.schools)

    @property
    def vat_pence(self) -> int:
        """VAT as it stands."""
        return sum(school.vat_pence for school in self.schools)

    @property
    def gross_pence(self) -> int:
        """With VAT."""
        return self.net_pence + self.vat_pence

    @property
    def terms(self) -> list[TermsVersion]:
        """The terms to be accepted, one version per seller."""
        return list({order.terms.pk: order.terms for order in self.orders if order.terms}.values())


def priced_basket(basket: Basket, *, on: date) -> PricedBasket:
    """The basket as it would be ordered on a day."""
    lines = lines_of(basket)
    prices = prices_for(
        [Wish(line.edition, line.school.school, line.years, line.level) for line in lines], on=on
    )
    priced = [
        PricedLine(line, price, _problem(line, price)) for line, price in zip(lines, prices, strict=True)
    ]
    groups: dict[tuple[int, int, int], list[PricedLine]] = {}
    for each in priced:
        line = each.line
        key = (line.school_id, line.edition.package.seller_id, line.years)
        groups.setdefault(key, []).append(each)
    ladders = ladders_of({line.school_id: line.school for line in lines}.values())
    return PricedBasket(
        basket,
        standing(basket.window.dates, on),
        tuple(
            Order(
                school=group[0].line.school.school,
                seller=group[0].line.edition.package.seller,
                years=years,
                lines=tuple(group),
                terms=_latest_terms(group),
                requirement=step_for(ladders[school_id], _value(group)),
            )
            for (school_id, _, years), group in groups.items()
        ),
    )


def _latest_terms(lines: list[PricedLine]) -> TermsVersion | None:
    found = [each.line.edition.terms for each in lines if each.line.edition.terms]
    return max(found, key=lambda terms: terms.number, default=None)


def _problem(line: BasketLine, price: SchoolPrice) -> str:
    if line.edition.status != EditionStatus.PUBLISHED:
        return f"{line.edition.package.seller} has taken this package off sale. Take it out of the basket."
    if line.years not in line.edition.term_years:
        return "This length of agreement is not offered any more. Choose another."
    if price.held and price.held.covers_window:
        return (
            f"{line.school} has it already, in agreement {price.held.reference}. Take it out of the basket."
        )
    return price.problem
