"""What a seller writes into an edition of a package: read, checked, and written to its columns."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from marketplace.buyback.models import (
    CarryForward,
    InclusionKind,
    PackageEdition,
    PackageInclusion,
    TermsVersion,
)
from marketplace.buyback.rules.pricing import Included, quantity_of
from marketplace.buyback.selling_errors import EditionIncomplete, EditionInvalid
from marketplace.catalogue.models import ActivityBasis, ServiceKind, SupportType, Theme
from marketplace.catalogue.pricing import PriceCannotBeWorkedOut, PriceRule, SchoolFacts, price_for
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel.errors import DomainError

LONGEST_TERM = 3
"""Years: the longest first agreement under the scheme for financing schools (section 8)."""

MOST_OF_A_KIND = 800
MOST_INCLUSIONS = 20
LENGTHS = {"summary": 300, "description": 10_000, "core_note": 4_000, "change_notice": 4_000}
WORDS = {"core_note": "note on what is free", "change_notice": "note on what changes"}


@dataclass(frozen=True)
class Inclusion:
    """So many of a kind (days in half-days), for a theme or support type, or for any."""

    kind: str
    quantity: int
    theme: Theme | None = None
    support_type: SupportType | None = None


@dataclass(frozen=True)
class EditionContent:
    """The content of an edition. `price_rule` and `cancellation_tariff` are data of the catalogue; both may be empty in a draft."""

    summary: str
    description: str = ""
    core_note: str = ""
    activity_basis: str = ActivityBasis.TRADED
    service_kind: str = ServiceKind.IMPROVEMENT
    price_rule: dict[str, Any] = field(default_factory=dict)
    term_years: tuple[int, ...] = (1,)
    carry_forward: str = CarryForward.NONE
    carry_cap_half_days: int = 0
    exchange_rights: bool = False
    cancellation_tariff: dict[str, Any] = field(default_factory=dict)
    terms: TermsVersion | None = None
    change_notice: str = ""
    inclusions: tuple[Inclusion, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The values of the edition's own columns."""
        return {name: getattr(self, name) for name in _COLUMNS} | {"term_years": sorted(set(self.term_years))}


_COLUMNS = tuple(
    each.name for each in fields(EditionContent) if each.name not in {"inclusions", "term_years"}
)


def content_of(edition: PackageEdition) -> EditionContent:
    """What an edition says now."""
    return EditionContent(
        **{name: getattr(edition, name) for name in _COLUMNS},
        term_years=tuple(edition.term_years),
        inclusions=tuple(
            Inclusion(each.kind, each.quantity, each.theme, each.support_type)
            for each in edition.inclusions.select_related("theme", "support_type")
        ),
    )


def write(edition: PackageEdition, content: EditionContent) -> None:
    """Store the content of a draft: its columns and its inclusions, in order."""
    for name, value in content.columns().items():
        setattr(edition, name, value)
    edition.save()
    edition.inclusions.all().delete()
    PackageInclusion.objects.bulk_create(
        PackageInclusion(
            edition=edition,
            position=position,
            kind=each.kind,
            quantity=each.quantity,
            theme=each.theme,
            support_type=each.support_type,
        )
        for position, each in enumerate(content.inclusions, start=1)
    )


# Checking ------------------------------------------------------------------------------------------------------------


def check_draft(content: EditionContent, *, seller_id: int) -> None:
    """Raise `EditionInvalid` (or the error of price rule or tariff) for content that cannot be kept even as a draft."""
    for name, longest in LENGTHS.items():
        text: str = getattr(content, name)
        if len(text) > longest:
            raise EditionInvalid(
                f"The {WORDS.get(name, name)} has {len(text):,} characters.",
                remedy=f"Use {longest:,} or fewer.",
                field=name,
            )
    _check_choices(content)
    _check_term(content)
    _check_inclusions(content)
    if content.price_rule:
        PriceRule.from_data(content.price_rule)
    if content.cancellation_tariff:
        CancellationTariff.from_data(content.cancellation_tariff)
    if content.terms is not None and content.terms.seller_id != seller_id:
        raise EditionInvalid(
            "These terms are another seller’s.", remedy="Choose terms of your own.", field="terms"
        )


def _check_choices(content: EditionContent) -> None:
    choices = {
        "activity_basis": ActivityBasis.values,
        "service_kind": ServiceKind.values,
        "carry_forward": CarryForward.values,
    }
    for name, known in choices.items():
        if getattr(content, name) not in known:
            raise EditionInvalid(
                f"“{getattr(content, name)}” is not one of the choices.",
                remedy=f"Choose one of: {', '.join(known)}.",
                field=name,
            )
    if content.carry_forward == CarryForward.CAPPED and not content.carry_cap_half_days:
        raise EditionInvalid(
            "Some unused days are carried into the next year, but not how many.",
            remedy="Say how many at most.",
            field="carry_cap",
        )


def _check_term(content: EditionContent) -> None:
    if not content.term_years or any(not 1 <= years <= LONGEST_TERM for years in content.term_years):
        raise EditionInvalid(
            "An agreement is for one, two or three years: a first agreement may not be longer.",
            remedy="Choose at least one length.",
            field="term_years",
        )


def _check_inclusions(content: EditionContent) -> None:
    if len(content.inclusions) > MOST_INCLUSIONS:
        raise EditionInvalid(
            f"{len(content.inclusions)} things are included.",
            remedy=f"List {MOST_INCLUSIONS} at most; put the rest into a package of its own.",
            field="inclusions",
        )
    for each in content.inclusions:
        if each.kind not in InclusionKind.values:
            raise EditionInvalid(
                f"“{each.kind}” can’t be included.", remedy="Choose one from the list.", field="inclusions"
            )
        if not 1 <= each.quantity <= MOST_OF_A_KIND:
            raise EditionInvalid(
                "A number of things included is too small or too large.",
                remedy=f"Use 1 to {MOST_OF_A_KIND} (half-days, places or reviews).",
                field="inclusions",
            )


def check_complete(edition: PackageEdition, content: EditionContent, *, on: date) -> None:
    """Raise `EditionIncomplete` with everything that is missing before schools may buy, were it ordered on a day."""
    problems = dict(problems_of(edition, content, on=on))
    if problems:
        raise EditionIncomplete(problems)


def problems_of(edition: PackageEdition, content: EditionContent, *, on: date) -> Iterator[tuple[str, str]]:
    """What is missing, by section: `about`, `includes`, `price`, `cancelling`, `terms`."""
    if not content.summary.strip():
        yield "about", "Write a summary."
    if not content.inclusions:
        yield "includes", "Say what is included: at least one thing."
    if not content.price_rule:
        yield "price", "Set a price."
    elif problem := _price_problem(edition, content, on):
        yield "price", problem
    if not content.cancellation_tariff:
        yield "cancelling", "Say what cancelling costs, be it nothing."
    if content.terms is None:
        yield "terms", "Choose the terms schools accept."
    elif content.terms.published_at is None:
        yield "terms", "Publish the terms first."
    if edition.window.dates.last_day < on:
        yield "window", "The contract year of this window is over."


TRIAL_SCHOOL = SchoolFacts(name="a school", pupils_total=300, primary=300, staff_heads=30, trust_pupils=3_000)
"""A school of which everything is known: where the rule gives it no price, the rule is at fault."""


def _price_problem(edition: PackageEdition, content: EditionContent, on: date) -> str:
    rule = PriceRule.from_data(content.price_rule)
    day = max(on, edition.window.orders_from)
    included = [Included(each.kind, each.quantity) for each in content.inclusions]
    quantity = quantity_of(
        included, level=rule.smallest_quantity().level or "", starts_on=edition.window.first_day
    )
    try:
        total = price_for(rule, TRIAL_SCHOOL, quantity, day).total_pence
    except PriceCannotBeWorkedOut as error:
        # A rule for secondary schools alone gives this school none, and is sound.
        return "" if "no rate for" in error.message else str(error)
    except DomainError as error:
        return str(error)
    if content.activity_basis == ActivityBasis.CORE and total:
        return "A core service is free to schools: set one fixed price of £0, or offer it as traded."
    return ""
