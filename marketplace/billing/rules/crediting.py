"""Credit notes: what of a line can still be credited, and its VAT, so that the pieces always make the line."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds, round_half_up, split_pence


class CreditTooLarge(DomainError):
    """More would be credited than the document still asks for."""

    code = "credit_too_large"
    status = 409


class Piece(NamedTuple):
    """A part of a line's net amount and of its VAT, in pence."""

    net_pence: int
    vat_pence: int


def left_of(line: Piece, credited: Sequence[Piece]) -> Piece:
    """What of a line has not been credited. `credited` are the amounts taken back so far, above zero."""
    return Piece(
        line.net_pence - sum(piece.net_pence for piece in credited),
        line.vat_pence - sum(piece.vat_pence for piece in credited),
    )


def credit_piece(line: Piece, credited: Sequence[Piece], net_pence: int) -> Piece:
    """The next piece of a line to be credited, with its share of the VAT; the last piece takes all the VAT that is left.

    So however a line is credited, the VAT of the pieces sums to the line's own. Raises `CreditTooLarge` where the line has not that
    much left, or where nothing would be credited.
    """
    left = left_of(line, credited)
    if net_pence <= 0 or net_pence > left.net_pence:
        raise CreditTooLarge(
            f"{pounds(net_pence)} can’t be credited: {pounds(left.net_pence)} of this line is left.",
            remedy="Choose an amount between a penny and what is left.",
            field="amount",
        )
    net_after = line.net_pence - left.net_pence + net_pence
    vat_before = line.vat_pence - left.vat_pence
    vat_after = round_half_up(Fraction(line.vat_pence * net_after, line.net_pence))
    return Piece(net_pence, vat_after - vat_before)


def share_of_postings(
    posted: Mapping[tuple[str, str], int], taken: Mapping[tuple[str, str], int], net_pence: int
) -> dict[tuple[str, str], int]:
    """How a credit of `net_pence` is shared by those who earned the document's net price, in the proportion they earned it.

    `posted` is what the document gave each account, `taken` what earlier credits took back. When all is credited, each account has
    given back exactly what it got.
    """
    if not posted:
        return {}
    keys = list(posted)
    so_far = sum(taken.values()) + net_pence
    shares = split_pence(so_far, [posted[key] for key in keys])
    found = {key: share - taken.get(key, 0) for key, share in zip(keys, shares, strict=True)}
    return {key: pence for key, pence in found.items() if pence}
