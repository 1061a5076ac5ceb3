"""The bank of days' settlement statement: what a school's credits did in an academic year, and what that was worth.

Barter is a supply: a school that lends a person for credits is paid in kind, and VAT is worked out on the money equivalent (domain 1.6).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

EARNED, SPENT, SPONSORED, CONVERTED = "earned", "spent", "sponsored", "converted"
GIVEN = "given"
MOVED = "moved"

KINDS = {
    EARNED: "Earned by releasing people",
    SPENT: "Spent on support",
    SPONSORED: "Received from sponsors",
    CONVERTED: "From unused package days",
    MOVED: "Passed on when a school became an academy",
    GIVEN: "Given to schools as a sponsor",
}

VAT_REMARK = (
    "A day lent for credits is a supply for payment in kind. VAT, where it is due, is due on the money equivalent shown, from the "
    "organisation that lent the person; the treatment stands beside each movement. This statement is no VAT invoice: finance "
    "issues one where VAT is due."
)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Credits in (above zero) or out (below), what each was worth in pence on the day (None where nobody said), and the VAT.

    `vat_pence` is the VAT on the equivalent where the supply is standard-rated.
    """

    on: date
    kind: str
    description: str
    credits: int
    pence_each: int | None = None
    vat: str = ""
    vat_pence: int = 0

    @property
    def pence(self) -> int | None:
        """The money equivalent of the movement, with its sign."""
        return None if self.pence_each is None else self.credits * self.pence_each


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One organisation, one academic year. opening + all movements = closing; what was reserved counts as not yet spent."""

    year: str
    opening: int
    movements: tuple[Movement, ...]

    @property
    def closing(self) -> int:
        """Credits at the end."""
        return self.opening + sum(movement.credits for movement in self.movements)

    def total(self, kind: str) -> int:
        """Credits that moved in one way; spent credits are below zero."""
        return sum(movement.credits for movement in self.movements if movement.kind == kind)

    def pence(self, kind: str) -> int:
        """The money equivalent of what moved in one way, without movements nobody put a value on."""
        return sum(movement.pence or 0 for movement in self.movements if movement.kind == kind)

    @property
    def unvalued(self) -> int:
        """How many movements have no money equivalent."""
        return sum(1 for movement in self.movements if movement.pence is None)

    def to_data(self) -> dict[str, Any]:
        """The statement as it is kept."""
        return {
            "year": self.year,
            "opening": self.opening,
            "closing": self.closing,
            "movements": [asdict(movement) | {"on": movement.on.isoformat()} for movement in self.movements],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Statement":
        """The statement as it was kept."""
        movements = (Movement(**row | {"on": date.fromisoformat(row["on"])}) for row in data["movements"])
        return cls(year=data["year"], opening=data["opening"], movements=tuple(movements))


@dataclass(frozen=True)
class Valued:
    """What a credit was worth from a day on, for a support type or (None) for all without a value of their own."""

    support_type: int | None
    from_day: date
    pence: int


def value_on(values: Iterable[Valued], support_type: int | None, day: date) -> int | None:
    """The pence of a credit on a day: the type's own value, else the general one; None where nobody has said."""
    held = [value for value in values if value.from_day <= day]
    for wanted in dict.fromkeys((support_type, None)):
        own = [value for value in held if value.support_type == wanted]
        if own:
            return max(own, key=lambda value: value.from_day).pence
    return None
