"""Who deals with whom: legal bodies, kinds of service, and the route a debt takes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


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
