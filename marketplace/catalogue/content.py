"""What an offer says, as one value: the same for pages, API, imports and the demo area.

`OfferContent` is everything a provider writes. `check_draft` refuses what could not even be kept; `check_complete` tells
everything that is still missing or wrong before a convenor sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from marketplace.catalogue.models import (
    ActivityBasis,
    DeliveryMode,
    OfferScope,
    OfferVersion,
    Practitioner,
    SupportType,
    Theme,
)
from marketplace.catalogue.presets import STANDARD, TARIFFS
from marketplace.catalogue.pricing import BrokerageFee, PriceCannotBeWorkedOut, PriceRule, SchoolFacts
from marketplace.catalogue.quotes import quote
from marketplace.catalogue.rules import refuse_certificate_numbers
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Organisation, OrganisationKind, Phase

MOST_REACH_KM = 500
MOST_HALF_DAYS = 2_000
MOST_THEMES = 8

LENGTHS = {"title": 120, "summary": 300, "description": 10_000, "evidence": 5_000}


class OfferInvalid(DomainError):
    """Something in an offer cannot be kept as it is. `field` names the part at fault."""

    code = "offer_invalid"


class OfferIncomplete(DomainError):
    """An offer is not ready to be judged: `problems` holds each field's name with what to do about it."""

    code = "offer_incomplete"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("The offer is not complete.", remedy=" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class OfferContent:
    """The content of one version. Times in half-days, `reach_km` in kilometres.

    `price_rule` and `brokerage_fee` are data of `catalogue.pricing`; both may be empty in a draft, the fee always.
    `cancellation_tariff` is data of `catalogue.tariffs`.
    """

    title: str
    summary: str
    support_type: SupportType
    description: str = ""
    themes: tuple[Theme, ...] = ()
    phases: tuple[str, ...] = ()
    mode: str = DeliveryMode.IN_PERSON
    reach_km: int = 25
    capacity_half_days: int | None = None
    minimum_half_days: int = 1
    activity_basis: str = ActivityBasis.TRADED
    scope: str = OfferScope.OPEN
    price_rule: dict[str, Any] = field(default_factory=dict)
    brokerage_fee: dict[str, Any] = field(default_factory=dict)
    cancellation_tariff: dict[str, Any] = field(default_factory=lambda: TARIFFS[STANDARD].data)
    evidence: str = ""
    practitioners: tuple[Practitioner, ...] = ()

    def columns(self) -> dict[str, Any]:
        """The values of the version's own columns."""
        return {name: getattr(self, name) for name in _COLUMNS} | {
            "phases": [phase for phase in Phase.values if phase in self.phases]
        }


_APART = ("themes", "practitioners", "phases")
_COLUMNS = tuple(f.name for f in fields(OfferContent) if f.name not in _APART)


def content_of(version: OfferVersion) -> OfferContent:
    """The content of a version, to be changed with `dataclasses.replace` and written back."""
    return OfferContent(
        **{name: getattr(version, name) for name in _COLUMNS},
        phases=tuple(version.phases),
        themes=tuple(version.themes.all()),
        practitioners=tuple(version.practitioners.all()),
    )


def check_draft(content: OfferContent, provider: Organisation) -> None:
    """Raise `OfferInvalid` (or the error of price rule, fee or tariff) for content that cannot be kept even as a draft."""
    if not content.title.strip():
        raise OfferInvalid("The offer has no title.", remedy="Give it a title.", field="title")
    for name, longest in LENGTHS.items():
        text: str = getattr(content, name)
        if len(text) > longest:
            raise OfferInvalid(
                f"The {name} has {len(text):,} characters.", remedy=f"Use {longest:,} or fewer.", field=name
            )
        refuse_certificate_numbers(text, name)
    _check_choices(content)
    _check_numbers(content)
    if content.scope == OfferScope.TRUST and not has_trust(provider):
        raise OfferInvalid(
            f"{provider.name} belongs to no trust, so the offer can’t be for its trust only.",
            remedy="Open it to all schools.",
            field="scope",
        )
    if len(content.themes) > MOST_THEMES:
        raise OfferInvalid(
            f"The offer names {len(content.themes)} themes.",
            remedy=f"Choose the {MOST_THEMES} it is really for; schools searching for others would be led astray.",
            field="themes",
        )
    if content.price_rule:
        PriceRule.from_data(content.price_rule)
    if content.brokerage_fee:
        BrokerageFee.from_data(content.brokerage_fee)
    CancellationTariff.from_data(content.cancellation_tariff)


def _check_choices(content: OfferContent) -> None:
    choices = {
        "mode": DeliveryMode.values,
        "activity_basis": ActivityBasis.values,
        "scope": OfferScope.values,
    }
    for name, known in choices.items():
        if getattr(content, name) not in known:
            raise OfferInvalid(
                f"“{getattr(content, name)}” is not one of the choices.",
                remedy=f"Choose one of: {', '.join(known)}.",
                field=name,
            )
    for phase in content.phases:
        if phase not in Phase.values:
            raise OfferInvalid(
                f"There is no phase called “{phase}”.",
                remedy=f"Use {', '.join(Phase.values)}.",
                field="phases",
            )


def _check_numbers(content: OfferContent) -> None:
    limits = {
        "reach_km": (1, MOST_REACH_KM, "kilometres"),
        "minimum_half_days": (1, MOST_HALF_DAYS, "half-days"),
        "capacity_half_days": (0, MOST_HALF_DAYS, "half-days"),
    }
    for name, (least, most, unit) in limits.items():
        value = getattr(content, name)
        if value is not None and not least <= value <= most:
            raise OfferInvalid(
                f"{value:,} is out of range.", remedy=f"Give from {least} to {most:,} {unit}.", field=name
            )
    if content.capacity_half_days and content.minimum_half_days > content.capacity_half_days:
        raise OfferInvalid(
            "The least that can be booked is more than what you can give in a year.",
            remedy="Lower the one or raise the other.",
            field="minimum_half_days",
        )


def has_trust(provider: Organisation) -> bool:
    """Whether an offer of this provider can be kept to the schools of its trust or federation."""
    if provider.kind in (OrganisationKind.TRUST, OrganisationKind.FEDERATION):
        return True
    school = getattr(provider, "school", None)
    return school is not None and (school.trust_id is not None or school.federation_id is not None)


def check_complete(content: OfferContent, today: date) -> None:
    """Raise `OfferIncomplete` with everything that is missing before a convenor may judge the offer."""
    problems = dict(_missing(content, today))
    if problems:
        raise OfferIncomplete(problems)


def _missing(content: OfferContent, today: date) -> Iterator[tuple[str, str]]:
    if not content.summary.strip():
        yield "summary", "Write a summary."
    if not content.themes:
        yield "themes", "Choose at least one theme."
    if not content.phases:
        yield "phases", "Choose at least one phase."
    if not content.price_rule:
        yield "price_rule", "Set a price."
    elif problem := _price_problem(content, today):
        yield "price_rule", problem


def _price_problem(content: OfferContent, today: date) -> str:
    """What is wrong with price and fee together, tried on a school of which everything is known."""
    school = SchoolFacts(name="a school", pupils_total=300, primary=300, staff_heads=30, trust_pupils=3000)
    rule = PriceRule.from_data(content.price_rule)
    try:
        price = quote(
            content.price_rule,
            content.brokerage_fee,
            school,
            on_date=rule.effective_from or today,
            minimum_half_days=content.minimum_half_days,
        )
    except PriceCannotBeWorkedOut:
        return ""
    except DomainError as error:
        return str(error)
    if rule.effective_to and rule.effective_to < today:
        return "The price has ended: set one that holds today."
    if content.activity_basis == ActivityBasis.CORE and price.total_pence:
        return "A core service is free to schools: choose “One fixed price” of £0, or offer it as traded."
    return ""
