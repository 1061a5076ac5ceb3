"""The VAT treatment of a service, chosen from a table with dates and reasons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from marketplace.billing.rules.parties import LegalFacts, ServiceKind
from marketplace.kernel.dates import long_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.vat import NoVatRate, VatTreatment, rate_on


class OverrideNeedsReason(DomainError):
    """A VAT treatment cannot be overridden without saying why."""

    code = "override_needs_reason"


class VatDecision(NamedTuple):
    """The VAT treatment of a line, the rate in basis points on the tax date, and why."""

    treatment: VatTreatment
    basis_points: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class VatRule:
    """One row of the VAT table: from a date on, for some services (all when empty), where a condition holds."""

    from_date: date
    treatment: VatTreatment
    reason: str
    when: Callable[[LegalFacts, LegalFacts], bool] = lambda supplier, buyer: True
    services: frozenset[ServiceKind] = frozenset()

    def applies(self, supplier: LegalFacts, buyer: LegalFacts, service: ServiceKind, on: date) -> bool:
        """Whether this row speaks of a supply."""
        return (
            self.from_date <= on
            and (not self.services or service in self.services)
            and self.when(supplier, buyer)
        )


VAT_RULES: tuple[VatRule, ...] = (
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.OUTSIDE_SCOPE,
        reason="Both parties act for the same local authority (School Standards and Framework Act 1998 s.49(5)), so there is "
        "no supply. A voluntary aided governing body spending its own money is different: override the treatment then.",
        when=lambda supplier, buyer: supplier.is_same_authority(buyer),
    ),
    VatRule(
        from_date=date(2010, 9, 1),
        treatment=VatTreatment.OUTSIDE_SCOPE,
        reason="Both parties are the same academy trust, one legal person, so there is no supply.",
        when=lambda supplier, buyer: supplier.is_same_trust(buyer),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.OUTSIDE_SCOPE,
        reason="The supplier is not registered for VAT and so charges none.",
        when=lambda supplier, buyer: not supplier.vat_registered,
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.OUTSIDE_SCOPE,
        reason="The person’s contract is suspended and the buyer employs them directly, so nobody supplies staff.",
        services=frozenset({ServiceKind.CONTRACT_SUSPENDED}),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.EXEMPT_EDUCATION,
        reason="Teaching staff supplied by one eligible body to another for the provision of education (HMRC VATEDU53600).",
        when=lambda supplier, buyer: supplier.eligible_body and buyer.eligible_body,
        services=frozenset({ServiceKind.TEACHING_STAFF}),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.STANDARD,
        reason="Teaching staff supplied where one of the two is not an eligible body for the education exemption.",
        services=frozenset({ServiceKind.TEACHING_STAFF}),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.STANDARD,
        reason="Staff who do not teach the buyer’s pupils are standard-rated (HMRC VATGPB8860).",
        services=frozenset({ServiceKind.OTHER_STAFF}),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.ZERO,
        reason="Books, booklets and other printed matter are zero-rated (VATA 1994 Sch. 8 Group 3).",
        services=frozenset({ServiceKind.PRINTED_MATTER}),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.STANDARD,
        reason="Training is standard-rated unless finance confirms that it is exempt vocational training by an eligible body: "
        "override the treatment then.",
        services=frozenset({ServiceKind.COURSE}),
    ),
    VatRule(
        from_date=date(1994, 9, 1),
        treatment=VatTreatment.STANDARD,
        reason="Advice and support to a school from another legal body is a taxable service.",
    ),
)
"""The VAT table: the first row that applies decides. A change of law is a row with its date, put before the one it replaces."""


def vat_treatment(supplier: LegalFacts, buyer: LegalFacts, service: ServiceKind, *, on: date) -> VatDecision:
    """How VAT treats a service from one legal body to another on a tax date. That it is education decides nothing.

    Raises `NoVatRate` for a date before the rules held here.
    """
    rule = next((rule for rule in VAT_RULES if rule.applies(supplier, buyer, service, on)), None)
    if rule is None:
        raise NoVatRate(f"No VAT rule is known for {long_date(on)}.", remedy="Check the tax date.")
    return VatDecision(rule.treatment, rate_on(rule.treatment, on), rule.reason)


def override_vat(treatment: VatTreatment, *, reason: str, on: date) -> VatDecision:
    """A treatment chosen by a finance officer. Raises `OverrideNeedsReason` without a reason."""
    if not reason.strip():
        raise OverrideNeedsReason(
            "The VAT treatment was changed without saying why.",
            remedy="Write the reason: it is printed and audited.",
        )
    return VatDecision(treatment, rate_on(treatment, on), f"Set by finance: {reason.strip()}")
