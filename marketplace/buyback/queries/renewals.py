"""The year after an agreement: the same packages again, what they cost then, and who has to be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from marketplace.buyback.models import (
    AgreementLine,
    AgreementStatus,
    AgreementYear,
    BuyBackWindow,
    PackageEdition,
    PriceNotice,
    ServiceAgreement,
)
from marketplace.buyback.queries import selling
from marketplace.buyback.queries.prices import SchoolPrice, Wish, prices_for
from marketplace.buyback.rules import PriceChange, notice_by
from marketplace.buyback.rules.windows import Standing, standing
from marketplace.organisations.models import School


@dataclass(frozen=True)
class RenewalLine:
    """A package of an agreement beside the same one next year. `edition` is None where it is not on sale (yet)."""

    line: AgreementLine
    edition: PackageEdition | None
    years: int
    price: SchoolPrice | None
    change: PriceChange
    problem: str

    @property
    def can_be_ordered(self) -> bool:
        """Whether it can be put into a basket."""
        return self.edition is not None and not self.problem


@dataclass(frozen=True)
class Renewal:
    """What “the same again” would be: the window of the year after, how it stands, and each package."""

    agreement: ServiceAgreement
    first_day: date
    window: BuyBackWindow | None
    stands: Standing | None
    lines: tuple[RenewalLine, ...]

    @property
    def is_possible(self) -> bool:
        """Whether anything can be put into a basket now."""
        return bool(self.stands and self.stands.can_fill) and any(line.can_be_ordered for line in self.lines)

    @property
    def last_pence(self) -> int:
        """A whole year of all packages now."""
        return sum(line.change.last_pence for line in self.lines)

    @property
    def next_pence(self) -> int:
        """A whole year of those that are on sale again."""
        return sum(line.change.next_pence or 0 for line in self.lines)

    @property
    def notice_by(self) -> date:
        """By when a school says that it does not want a package again."""
        return notice_by(self.first_day)


def renewal_of(agreement: ServiceAgreement, *, on: date) -> Renewal:
    """What follows an agreement in the contract year after its last day, as it can be seen on a day."""
    first_day = agreement.ends_on + timedelta(days=1)
    window = (
        selling.windows(area=agreement.window.area_id)
        .filter(calendar=agreement.calendar, first_day=first_day)
        .first()
    )
    lines = list(agreement.lines.select_related("edition__package"))
    stands = standing(window.dates, on) if window else None
    return Renewal(agreement, first_day, window, stands, tuple(_lines(agreement, lines, window, on)))


def _lines(
    agreement: ServiceAgreement, lines: list[AgreementLine], window: BuyBackWindow | None, on: date
) -> Iterable[RenewalLine]:
    packages = [line.edition.package_id for line in lines]
    sale = selling.editions_on_sale(on=on, window=window).filter(package__in=packages) if window else []
    editions = {edition.package_id: edition for edition in sale}
    school = School.objects.select_related("organisation__area", "trust", "area").get(pk=agreement.buyer_id)
    year = agreement.contract_years.last()
    wishes = {
        line.pk: Wish(
            editions[line.edition.package_id],
            school,
            _years(agreement.years, editions[line.edition.package_id]),
            level_of(line),
        )
        for line in lines
        if line.edition.package_id in editions
    }
    prices = dict(zip(wishes, prices_for(list(wishes.values()), on=on), strict=True))
    for line in lines:
        price = prices.get(line.pk)
        change = PriceChange(
            line.edition.package.name, whole_year(line, year), price.year_pence if price else None
        )
        wish = wishes.get(line.pk)
        yield RenewalLine(
            line, wish.edition if wish else None, wish.years if wish else 1, price, change, _problem(price)
        )


def _problem(price: SchoolPrice | None) -> str:
    if price is None:
        return "Not on sale for next year so far."
    if price.held and price.held.covers_window:
        return f"Ordered already: agreement {price.held.reference}."
    return price.problem


def _years(years: int, edition: PackageEdition) -> int:
    return years if years in edition.term_years else min(edition.term_years, default=1)


def level_of(line: AgreementLine) -> str:
    """The level the line was ordered at, where its price has levels and it is not simply the lowest."""
    if line.price.get("rule", {}).get("kind") != "levels":
        return ""
    return str(line.price["inputs"]["quantity"].get("level") or "")


def whole_year(line: AgreementLine, year: AgreementYear | None) -> int:
    """A whole year's price of a line, in pence before VAT, in the latest contract year that has one."""
    explained = year.explained.get(str(line.pk)) if year else None
    return int((explained or line.price)["total_pence"])


# Next year's price ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChangedPrice:
    """A line whose package is on sale for next year at another price."""

    line: AgreementLine
    change: PriceChange


def changed_prices(edition: PackageEdition, *, on: date) -> list[ChangedPrice]:
    """Whom the price of an edition just published concerns: buyers whose term ends on the day before its year, at another price.

    Who is in the middle of a longer agreement pays by its own rule and is not told.
    """
    lines = list(
        AgreementLine.objects.filter(
            edition__package=edition.package_id,
            agreement__status__in=(AgreementStatus.SUBMITTED, AgreementStatus.ACTIVE),
            agreement__calendar=edition.window.calendar,
            agreement__window__area=edition.window.area_id,
            agreement__ends_on=edition.window.first_day - timedelta(days=1),
        )
        .select_related("agreement", "edition__package")
        .prefetch_related(Prefetch("agreement__contract_years", AgreementYear.objects.order_by("-number")))
        .order_by("pk")
    )
    buyers = {line.agreement.buyer_id for line in lines}
    rows = School.objects.select_related("organisation__area", "trust", "area").filter(pk__in=buyers)
    schools = {school.pk: school for school in rows}
    lines = [line for line in lines if line.agreement.buyer_id in schools]
    wishes = [
        Wish(
            edition,
            schools[line.agreement.buyer_id],
            _years(line.agreement.years, edition),
            level_of(line),
        )
        for line in lines
    ]
    found = []
    for line, price in zip(lines, prices_for(wishes, on=on), strict=True):
        if price.explanation is None:
            continue
        year = next(iter(line.agreement.contract_years.all()), None)
        change = PriceChange(edition.package.name, whole_year(line, year), price.explanation.total_pence)
        if change.needs_notice():
            found.append(ChangedPrice(line, change))
    return found


def price_notices_of(agreement: ServiceAgreement) -> QuerySet[PriceNotice]:
    """What the buyer of an agreement was told of next year's prices, in the order of its lines."""
    return PriceNotice.objects.filter(line__agreement=agreement).select_related(
        "edition__package", "edition__window", "line"
    )
