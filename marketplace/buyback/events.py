"""What the buy-back announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AgreementMoved:
    """An agreement moved along a verb of `states.AGREEMENT`."""

    agreement_id: int
    verb: str
    before: str
    after: str


@dataclass(frozen=True)
class AgreementYearBegan:
    """A contract year of an agreement in force has its price and begins: it can be billed and drawn down."""

    agreement_year_id: int


@dataclass(frozen=True)
class EditionPublished:
    """A package went on sale in a window."""

    edition_id: int


@dataclass(frozen=True)
class CarryRequested:
    """A school asked the seller to carry unused days into the next contract year."""

    carry_request_id: int


@dataclass(frozen=True)
class AgreementApprovalBarred:
    """Somebody who may approve orders of the school was about to approve this one and has an interest in its seller."""

    agreement_id: int
    user_id: int


@dataclass(frozen=True)
class CarryDecided:
    """The seller answered a request to carry unused days forward."""

    carry_request_id: int


@dataclass(frozen=True)
class AgreementEndingTold:
    """Notice was given that an agreement ends early or passes to an academy, or it was taken back."""

    ending_id: int


@dataclass(frozen=True)
class PriceChangeTold:
    """A buyer of a package is told of another price for next year."""

    notice_id: int


@dataclass(frozen=True)
class UseRecorded:
    """A seller recorded by hand that places or reviews were used."""

    use_id: int


@dataclass(frozen=True)
class UseTakenBack:
    """A seller took back a use it had recorded by mistake."""

    use_id: int


@dataclass(frozen=True)
class NotSoldAgainTold:
    """A buyer is told of packages that it can't have again next year. `entry_id` is the line of its agreement's history."""

    agreement_id: int
    entry_id: int
