"""Money is whole pence.

Amounts are stored, passed and added as `int` pence. `Fraction` or `Decimal` appear only while an amount is being worked
out, and `round_half_up` brings them back to pence, once per document line. There is no float anywhere near money.

Half a penny rounds away from zero, so that a credit note is always the exact mirror of the line it corrects.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from marketplace.kernel.errors import DomainError

MOST_PENCE = 99_999_999_999
"""£999,999,999.99: more than any school spends; anything longer is a slip of the keyboard."""

BASIS_POINTS = 10_000
"""Percentages are integers of basis points: 2,000 is 20%, 10,000 the whole."""

_WRITTEN_AMOUNT = re.compile(
    r"(?P<sign>[-−]?)\s*£?\s*(?P<pounds>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<pence>[0-9]{1,2}))?"
)


class AmountNotUnderstood(DomainError):
    """A typed amount of money cannot be read."""

    code = "amount_not_understood"


class CannotSplit(DomainError):
    """An amount cannot be shared out by these weights."""

    code = "cannot_split"


def round_half_up(amount: Fraction | Decimal | int) -> int:
    """Whole pence nearest to `amount` (pence, exact); a half goes away from zero."""
    exact = Fraction(amount)
    nearest = (abs(exact.numerator) * 2 + exact.denominator) // (exact.denominator * 2)
    return nearest if exact >= 0 else -nearest


def percent_of(pence: int, basis_points: int) -> int:
    """`basis_points` of an amount in pence, rounded to the penny: `percent_of(1001, 2000)` is 200."""
    return round_half_up(Fraction(pence * basis_points, BASIS_POINTS))


def pro_rata(pence: int, part: int, whole: int) -> int:
    """`part` of `whole` of an amount in pence, rounded to the penny: months remaining of 12, say."""
    if whole <= 0:
        raise CannotSplit("A share needs something to be a share of.", remedy="Give a whole of 1 or more.")
    return round_half_up(Fraction(pence * part, whole))


def split_pence(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` pence out by `weights` so that the shares add up to `total` exactly.

    Each share is at most a penny from its exact value; odd pennies go to the largest remainders, earlier shares first
    where they are equal. Raises `CannotSplit` when no weight is above zero or one is below.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise CannotSplit(
            "An amount can only be shared out by weights of zero or more, at least one of them above zero.",
            remedy="Give each share its part as a whole number, for example 7 and 5.",
        )
    sign = 1 if total >= 0 else -1
    quotients = [divmod(abs(total) * weight, whole) for weight in weights]
    shares = [quotient for quotient, _ in quotients]
    by_remainder = sorted(range(len(weights)), key=lambda i: -quotients[i][1])
    for i in by_remainder[: abs(total) - sum(shares)]:
        shares[i] += 1
    return [sign * share for share in shares]


def pounds(pence: int) -> str:
    """An amount as people read it: `£1,234.50`, below zero `−£1,234.50`."""
    whole, odd = divmod(abs(pence), 100)
    return f"{'−' if pence < 0 else ''}£{whole:,}.{odd:02d}"


def percent(basis_points: int) -> str:
    """A percentage as people read it: `20%`, `17.5%`, `0.25%`."""
    whole, odd = divmod(abs(basis_points), 100)
    decimals = f".{odd:02d}".rstrip("0") if odd else ""
    return f"{'−' if basis_points < 0 else ''}{whole}{decimals}%"


def parse_pounds(text: str) -> int:
    """Pence from an amount as people type it: `£1,200`, `1200.5`, `−£3.20`.

    Raises `AmountNotUnderstood` for anything else, fractions of a penny included.
    """
    written = _WRITTEN_AMOUNT.fullmatch(text.strip())
    if written is None:
        raise AmountNotUnderstood(
            f"“{text.strip()[:40]}” is not an amount of money." if text.strip() else "The amount is missing.",
            remedy="Write pounds and pence in figures, for example 1200 or £1,200.50.",
        )
    digits = written["pounds"].replace(",", "").lstrip("0") or "0"
    if len(digits) > 9:
        raise AmountNotUnderstood(
            f"“{text.strip()[:40]}” is larger than any amount this service handles ({pounds(MOST_PENCE)}).",
            remedy="Check the number of digits.",
        )
    pence = int(digits) * 100 + int((written["pence"] or "0").ljust(2, "0"))
    return -pence if written["sign"] else pence
