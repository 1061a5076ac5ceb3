"""What brokerage announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NeedsChanged:
    """A school declared, changed, withdrew or confirmed its needs."""

    school_id: int
    verb: str


@dataclass(frozen=True)
class SupportEvaluated:
    """A receiving head judged a delivered booking."""

    booking_id: int
