"""The catalogue in words, for more than one page: what a version says, what it costs, what cancelling costs."""

from collections.abc import Mapping
from typing import Any

from marketplace.catalogue.models import OfferVersion
from marketplace.catalogue.pricing import BrokerageFee, PriceRule, SchoolFacts
from marketplace.catalogue.quotes import Priced, Quote, priced
from marketplace.catalogue.tariffs import CancellationTariff, describe
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Phase

EXAMPLE_SCHOOLS = (
    SchoolFacts(name="a small primary school", pupils_total=90, primary=90, staff_heads=18),
    SchoolFacts(name="a primary school", pupils_total=210, primary=210, staff_heads=35),
    SchoolFacts(name="a large primary school", pupils_total=420, primary=420, staff_heads=60),
    SchoolFacts(name="a secondary school", pupils_total=1_050, secondary=1_050, staff_heads=120),
)
"""What reviewers see prices for."""


def about_rows(version: OfferVersion) -> list[tuple[str, Any]]:
    """What the offer is."""
    return [
        ("Title", version.title),
        ("Summary", version.summary),
        ("Support type", version.support_type.name),
        ("Themes", ", ".join(theme.name for theme in version.themes.all())),
        ("Phases", phases_in_words(version.phases)),
        ("Description", version.description),
        ("Evidence", version.evidence),
    ]


def delivery_rows(version: OfferVersion) -> list[tuple[str, Any]]:
    """How and by whom it is given."""
    return [
        ("How it is given", version.get_mode_display()),
        ("Travels up to", f"{version.reach_km} km"),
        (
            "Days in an academic year",
            "Not stated" if version.capacity_half_days is None else format_days(version.capacity_half_days),
        ),
        ("Least that can be booked", format_days(version.minimum_half_days)),
        ("Basis", version.get_activity_basis_display()),
        ("For whom", version.get_scope_display()),
        ("People", ", ".join(person.name for person in version.practitioners.all())),
    ]


def price_rows(version: OfferVersion) -> list[tuple[str, Any]]:
    """The price in sentences, for any school."""
    return [
        ("Price", "; ".join(price_in_words(version.price_rule)) or "Not set"),
        ("Broker’s fee", fee_in_words(version.brokerage_fee)),
    ]


def terms_rows(version: OfferVersion) -> list[tuple[str, Any]]:
    """The terms of cancelling."""
    return [("Cancelling", " ".join(cancellation_terms(version)))]


def all_rows(version: OfferVersion) -> list[tuple[str, Any]]:
    """Everything a version says."""
    return [*about_rows(version), *delivery_rows(version), *price_rows(version), *terms_rows(version)]


def changes_between(old: OfferVersion, new: OfferVersion) -> list[dict[str, Any]]:
    """What a new version says otherwise than the one on show."""
    pairs = zip(all_rows(old), all_rows(new), strict=True)
    return [
        {"what": name, "before": before, "after": after}
        for (name, before), (_, after) in pairs
        if before != after
    ]


def phases_in_words(phases: list[str]) -> str:
    return ", ".join(str(Phase(phase).label) for phase in phases)


def price_in_words(rule: dict[str, Any]) -> list[str]:
    """A price rule in sentences; for one that makes no sense, what is wrong with it."""
    if not rule:
        return []
    try:
        return PriceRule.from_data(rule).describe()
    except DomainError as error:
        return [str(error)]


def fee_in_words(fee: dict[str, Any]) -> str:
    if not fee:
        return "None"
    try:
        return BrokerageFee.from_data(fee).describe()
    except DomainError as error:
        return str(error)


def cancellation_terms(version: OfferVersion) -> list[str]:
    """What cancelling costs, in sentences."""
    return tariff_in_words(version.cancellation_tariff)


def tariff_in_words(data: Mapping[str, Any]) -> list[str]:
    """A cancellation tariff in sentences; for one that makes no sense, what is wrong with it."""
    try:
        return describe(CancellationTariff.from_data(data))
    except DomainError as error:
        return [str(error)]


def price_lines(quote: Quote | None) -> list[dict[str, Any]]:
    """The lines of a price as the price table takes them."""
    return [{"text": line.sentence, "amount": line.pence} for line in quote.lines] if quote else []


def priced_for(quote: Quote) -> str:
    """What a price is for: `for 1 day`, `for 1 session`, `for level Bronze`, `for the whole service`."""
    asked = quote.quantity
    for count, noun in ((asked.sessions, "session"), (asked.places, "place")):
        if count:
            return f"for {count} {noun if count == 1 else f'{noun}s'}"
    if asked.half_days:
        return f"for {format_days(asked.half_days)}"
    return f"for level {asked.level}" if asked.level else "for the whole service"


def total_in_words(quote: Quote) -> str:
    """What a school pays: `£350.00`, or that it pays nothing."""
    return pounds(quote.total_pence) if quote.total_pence else "Free of charge"


def example_prices(version: OfferVersion, today: Any) -> list[dict[str, str]]:
    """The price for schools of different sizes, for whoever judges the offer."""
    return [
        {
            "school": f"{school.name} with {school.pupils:,} pupils",
            "price": _in_words(_priced(version, school, today)),
        }
        for school in EXAMPLE_SCHOOLS
    ]


def _priced(version: OfferVersion, school: SchoolFacts, today: Any) -> Priced:
    return priced(
        version.price_rule,
        version.brokerage_fee,
        school,
        on_date=today,
        minimum_half_days=version.minimum_half_days,
    )


def _in_words(price: Priced) -> str:
    quote = price.quote
    return f"{total_in_words(quote)} {priced_for(quote)}" if quote else price.problem


def rating_in_words(total: int, count: int) -> str:
    """`4.2 out of 5 from 12 evaluations`."""
    if not count:
        return "Not rated yet"
    tenths = (total * 10 + 10 * count) // (20 * count)
    return (
        f"{tenths // 10}.{tenths % 10} out of 5 from {count} {'evaluation' if count == 1 else 'evaluations'}"
    )


def distance_in_words(metres: int | None) -> str:
    """A straight line in kilometres: `3.4 km`."""
    if metres is None:
        return ""
    tenths = (metres + 50) // 100
    return f"{tenths // 10}.{tenths % 10} km"
