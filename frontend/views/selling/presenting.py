"""What is sold, in words for a page: what is included, what becomes of unused days, what a year costs."""

from typing import Any

from django.urls import reverse

from marketplace.buyback.models import CarryForward, InclusionKind, PackageEdition
from marketplace.buyback.queries.prices import SchoolPrice
from marketplace.catalogue.models import ServiceKind
from marketplace.catalogue.pricing import PriceRule
from marketplace.catalogue.tariffs import CancellationTariff, describe
from marketplace.kernel.days import format_days
from marketplace.kernel.money import percent, pounds
from marketplace.kernel.supply import RouteKind

ROUTES = {RouteKind.JOURNAL: "Journal transfer", RouteKind.INVOICE: "Invoice"}


def included(edition: PackageEdition) -> list[str]:
    """Each thing included, in a line."""
    return [inclusion_in_words(each) for each in edition.inclusions.all()] + (
        ["Unused days can be turned into credits of the bank of days"] if edition.exchange_rights else []
    )


def inclusion_in_words(inclusion: Any) -> str:
    """`4 days of coaching on phonics`, `2 places on courses`."""
    number = inclusion.quantity
    if inclusion.kind == InclusionKind.DAYS:
        words = f"{format_days(number)} of "
        words += inclusion.support_type.name.lower() if inclusion.support_type else "support"
    elif inclusion.kind == InclusionKind.PLACES:
        words = f"{number} place{'s' if number > 1 else ''} on courses"
        words += f" ({inclusion.support_type.name.lower()})" if inclusion.support_type else ""
    else:
        words = f"{number} peer review{'s' if number > 1 else ''}"
    return words + (f" on {inclusion.theme.name.lower()}" if inclusion.theme else "")


HOW_USED = {
    InclusionKind.DAYS: "Days are used by booking sessions: choose the package as the way to pay.",
    InclusionKind.PLACES: "Places: tell {seller} who comes. It records each place used, and you are told.",
    InclusionKind.PEER_REVIEW: "Peer reviews: agree when with {seller}. It records the review as used, and you are told.",
}


def how_used(edition: PackageEdition) -> list[str]:
    """How each kind of thing included is used, in sentences."""
    kinds = dict.fromkeys(InclusionKind(each.kind) for each in edition.inclusions.all())
    return [HOW_USED[kind].format(seller=edition.package.seller) for kind in kinds]


def carry_forward(edition: PackageEdition) -> str:
    """What becomes of unused days, in a sentence."""
    if edition.carry_forward == CarryForward.CAPPED:
        return f"Up to {format_days(edition.carry_cap_half_days)} not used are carried into the next year."
    return f"{edition.get_carry_forward_display()}."


def tariff(edition: PackageEdition) -> list[str]:
    """What cancelling a booked session costs, in sentences."""
    return describe(CancellationTariff.from_data(edition.cancellation_tariff or {}))


def rule_in_words(edition: PackageEdition) -> list[str]:
    """The price rule in sentences, for any school."""
    return PriceRule.from_data(edition.price_rule).describe() if edition.price_rule else []


def lengths(edition: PackageEdition) -> str:
    """`1, 2 or 3 years`."""
    years = [str(each) for each in edition.term_years]
    words = " or ".join([", ".join(years[:-1]), years[-1]]) if len(years) > 1 else "".join(years)
    return f"{words} year{'s' if edition.term_years != [1] else ''}"


def vat_in_words(price: SchoolPrice) -> str:
    """`Standard-rated, 20%`."""
    rate = f", {percent(price.vat.basis_points)}" if price.vat.basis_points else ""
    return f"{price.vat.treatment.label}{rate}"


def price_lines(price: SchoolPrice) -> list[dict[str, Any]]:
    """The steps of a whole year's price, for the component."""
    if price.explanation is None:
        return []
    return [{"text": line.sentence, "amount": line.pence} for line in price.explanation.lines]


def facts_line(price: SchoolPrice) -> str:
    """Where the pupil numbers come from."""
    facts = price.explanation.school if price.explanation else None
    return f"{facts.name}: {facts.pupils:,} pupils, {facts.census}." if facts and facts.pupils else ""


def shown(price: SchoolPrice) -> dict[str, Any]:
    """A price with its words, as the pages show it."""
    change = price.change_pence
    return {
        "price": price,
        "lines": price_lines(price),
        "facts": facts_line(price),
        "vat": vat_in_words(price),
        "route": ROUTES[price.route.kind],
        "part": f"{price.first_year.months} of 12 months" if price.is_part_year else "",
        "change": _change(change) if change is not None else "",
    }


def _change(pence: int) -> str:
    if pence == 0:
        return "the same as this year"
    return f"{pounds(abs(pence))} {'more' if pence > 0 else 'less'} than this year"


def edition_rows(edition: PackageEdition) -> dict[str, list[tuple[str, Any]]]:
    """What an edition says, by section, for its seller."""
    return {
        "about": [
            ("Name", edition.package.name),
            ("Summary", edition.summary),
            ("Description", edition.description),
            ("Free to schools anyway", edition.core_note),
            ("Kind of service", _label(edition, "service_kind")),
            ("Basis", edition.get_activity_basis_display()),
        ],
        "includes": [("Included", ", ".join(included(edition)))],
        "price": [("Price", ". ".join(rule_in_words(edition)))],
        "cancelling": [
            ("Cancelling a session", " ".join(tariff(edition)) if edition.cancellation_tariff else "Not set")
        ],
        "terms": [
            ("Lengths of agreement", lengths(edition)),
            ("Unused days", carry_forward(edition)),
            ("Terms", str(edition.terms or "")),
            ("What changes from last year", edition.change_notice),
        ],
    }


def _label(edition: PackageEdition, name: str) -> str:
    return str(dict(ServiceKind.choices).get(getattr(edition, name), getattr(edition, name)))


def edition_url(name: str, edition: PackageEdition, *more: str) -> str:
    """An address of an edition's pages."""
    return reverse(f"buyback:{name}", args=[edition.package.reference, edition.window.reference, *more])
