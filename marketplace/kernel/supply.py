"""A supply: one legal body does something for another. By which route it is paid, and how VAT treats it.

Both follow from the legal body of the supplier, that of the buyer and the kind of service. Two schools maintained by the same
local authority are one legal body: they settle by an internal journal and there is no supply for VAT. The treatments are a table
with dates, not code, and every answer carries its reason, so that a finance officer can agree with it or override it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from marketplace.kernel.dates import long_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.vat import NoVatRate, VatTreatment, rate_on


class LegalStatus(StrEnum):
    """Whose money a body spends. The values are those of an organisation's legal status."""

    LA_MAINTAINED = "la_maintained"
    ACADEMY = "academy"
    INDEPENDENT = "independent"
    NON_MAINTAINED_SPECIAL = "non_maintained_special"
    FURTHER_EDUCATION = "further_education"
    LOCAL_AUTHORITY = "local_authority"
    COMPANY = "company"
    CHARITY = "charity"
    OTHER = "other"


ELIGIBLE_FOR_EDUCATION = frozenset(
    {
        LegalStatus.LA_MAINTAINED,
        LegalStatus.ACADEMY,
        LegalStatus.INDEPENDENT,
        LegalStatus.NON_MAINTAINED_SPECIAL,
        LegalStatus.FURTHER_EDUCATION,
        LegalStatus.LOCAL_AUTHORITY,
    }
)
"""Bodies that are eligible under VATA 1994 Sch. 9 Group 6 whatever their articles say; a company or a charity may be one."""


@dataclass(frozen=True, kw_only=True)
class LegalFacts:
    """What money rules need to know of a party.

    `la_code` is the DfE code of the authority that maintains a school (or of the authority itself), `trust` any key of
    the trust an academy belongs to. A trust is given as an academy with its own key. `non_profit_education` tells that a
    company or charity is an eligible body: it may not distribute profits and puts them back into education.
    """

    name: str
    status: LegalStatus
    la_code: str = ""
    trust: str = ""
    vat_registered: bool = True
    non_profit_education: bool = False

    @property
    def authority(self) -> str:
        """The code of the local authority whose own money this is; empty for every other body."""
        own = self.status in {LegalStatus.LA_MAINTAINED, LegalStatus.LOCAL_AUTHORITY}
        return self.la_code if own else ""

    @property
    def eligible_body(self) -> bool:
        """Whether it is an eligible body for the education exemption."""
        return self.status in ELIGIBLE_FOR_EDUCATION or self.non_profit_education

    def is_same_authority(self, other: "LegalFacts") -> bool:
        """Whether both spend the money of one local authority."""
        return bool(self.authority) and self.authority == other.authority

    def is_same_trust(self, other: "LegalFacts") -> bool:
        """Whether both are parts of one academy trust, which is one legal person."""
        return bool(self.trust) and self.trust == other.trust


class ServiceKind(StrEnum):
    """What a service is for tax. The first four are those a support type has; the others are for lines entered by finance."""

    IMPROVEMENT = "improvement"
    COURSE = "course"
    GOVERNANCE = "governance"
    TEACHING_STAFF = "teaching_staff"
    OTHER_STAFF = "other_staff"
    CONTRACT_SUSPENDED = "contract_suspended"
    PRINTED_MATTER = "printed_matter"


class RouteKind(StrEnum):
    """How a debt is settled."""

    JOURNAL = "journal"
    INVOICE = "invoice"


class Route(NamedTuple):
    """How a debt is settled, and why so."""

    kind: RouteKind
    reason: str


def route_for(buyer: LegalFacts, supplier: LegalFacts) -> Route:
    """Journal where both spend the money of one local authority, else invoice."""
    if buyer.is_same_authority(supplier):
        return Route(
            RouteKind.JOURNAL,
            f"{buyer.name} and {supplier.name} both spend the money of the same local authority, "
            "so its ledger moves it from one to the other.",
        )
    if buyer.is_same_trust(supplier):
        reason = f"{buyer.name} and {supplier.name} belong to one academy trust, whose finance office settles it on this paper."
    elif buyer.authority and supplier.authority:
        reason = f"{buyer.name} and {supplier.name} belong to different local authorities, so {supplier.name} sends an invoice."
    else:
        outside = supplier if buyer.authority else buyer
        reason = f"{outside.name} keeps its money apart from the local authority’s, so {supplier.name} sends an invoice."
    return Route(RouteKind.INVOICE, reason)


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
        "no supply. A voluntary aided governing body spending its own money is different: the seller puts its VAT right then.",
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
        "the seller puts its VAT right then.",
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
