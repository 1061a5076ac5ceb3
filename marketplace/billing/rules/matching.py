"""Which documents a payment was meant for: by the reference it quotes, else by amount and name, with the reason in words.

A proposal is never more than a proposal: a person confirms it. It is *exact* when the payer quoted something of ours (a document
number, a document, agreement or booking reference, a purchase order) and the amount is to the penny what is outstanding on it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import NamedTuple

from marketplace.kernel.money import pounds

MOST_PROPOSALS = 4
EXACT = 100
_MOST_TOGETHER = 4
_MOST_SEARCHED = 14
_LEAST_NAME = 50
_SHORTEST_ORDER = 4
_SEPARATORS = r"[\s\-–—/._#:]*"
_ALIKE = str.maketrans("OIL", "011")
_WORDS_OF_MANY = frozenset(
    [
        "the",
        "of",
        "and",
        "a",
        "at",
        "st",
        "saint",
        "school",
        "schools",
        "primary",
        "secondary",
        "infant",
        "infants",
        "junior",
        "academy",
        "academies",
        "trust",
        "college",
        "nursery",
        "church",
        "england",
        "catholic",
        "rc",
        "c",
        "e",
        "ce",
        "cofe",
        "federation",
        "high",
        "community",
        "limited",
        "ltd",
        "mat",
        "council",
        "payment",
        "bacs",
        "ref",
        "invoice",
        "from",
    ]
)


@dataclass(frozen=True)
class Open:
    """A document with something outstanding. `references` are what else a payer may quote for it."""

    key: int
    number: str
    buyer: int
    buyer_name: str
    outstanding: int
    due_on: date | None = None
    references: tuple[str, ...] = ()
    purchase_order: str = ""


class Paid(NamedTuple):
    """Money that came in and is not matched yet: how much, and all that was written with it."""

    pence: int
    text: str
    payer_name: str = ""


class Share(NamedTuple):
    """So many pence to the document."""

    key: int
    pence: int


@dataclass(frozen=True)
class Proposal:
    """Documents the payment may be for, how sure that is (0–100), and why. `left` pence would stay on account.

    A trust pays for several schools at once: an exact proposal may name documents of several buyers.
    """

    shares: tuple[Share, ...]
    score: int
    reason: str
    left: int = 0
    is_exact: bool = field(default=False)


def proposals(paid: Paid, open_documents: Sequence[Open]) -> list[Proposal]:
    """The best proposals first, at most four, none twice. An exact one stands alone."""
    owed = [each for each in open_documents if each.outstanding > 0]
    if paid.pence <= 0:
        return []
    cited = _cited(paid, owed)
    if cited:
        found = _from_citation(paid, cited)
        exact = [each for each in found if each.is_exact]
        if len(exact) == 1:
            return exact
        return _best(found if not exact else [_less_sure(each) for each in exact])
    return _best(_from_amount(paid, owed))


# What was quoted -----------------------------------------------------------------------------------------------------


def quotes(text: str, reference: str) -> bool:
    """Whether `text` quotes a reference of ours such as `DOC-7F3K9XQ`, however it is spaced, dashed or cased."""
    prefix, _, rest = reference.upper().partition("-")
    said = text.upper()
    if not rest:
        return False
    pattern = _spread(prefix) + _SEPARATORS + _SEPARATORS.join(_either(letter) for letter in rest)
    return re.search(rf"(?<![A-Z0-9]){pattern}(?![A-Z0-9])", said) is not None


def quotes_number(text: str, number: str) -> bool:
    """Whether `text` quotes a document number such as `INV12-2627-00001`; leading zeros and dashes may be missing."""
    series, _, count = number.upper().rpartition("-")
    if not series or not count.isdecimal():
        return False
    letters = [each for each in series if each.isalnum()]
    pattern = _SEPARATORS.join(map(re.escape, letters)) + _SEPARATORS + "0*" + count.lstrip("0")
    return re.search(rf"(?<![A-Z0-9]){pattern}(?![0-9])", text.upper()) is not None


def quotes_order(text: str, purchase_order: str) -> bool:
    """Whether `text` quotes a purchase order number of at least four characters, a digit among them."""
    letters = [each for each in purchase_order.upper() if each.isalnum()]
    if len(letters) < _SHORTEST_ORDER or not any(each.isdigit() for each in letters):
        return False
    pattern = _SEPARATORS.join(map(re.escape, letters))
    return re.search(rf"(?<![A-Z0-9]){pattern}(?![A-Z0-9])", text.upper()) is not None


def _spread(letters: str) -> str:
    return _SEPARATORS.join(map(re.escape, letters))


def _either(letter: str) -> str:
    """The letter, or one that is easily taken for it: our references know no I, L or O."""
    return {"0": "[0O]", "1": "[1IL]"}.get(letter, re.escape(letter))


def _cited(paid: Paid, owed: Iterable[Open]) -> dict[str, list[Open]]:
    """Documents quoted, by what was quoted."""
    text = f"{paid.text} {paid.payer_name}"
    squashed = re.sub(r"[^A-Z0-9]", "", text.upper())
    alike = squashed.translate(_ALIKE)
    found: dict[str, list[Open]] = defaultdict(list)
    for each in owed:
        series = re.sub(r"[^A-Z0-9]", "", each.number.upper().rpartition("-")[0])
        if series and series in squashed and quotes_number(text, each.number):
            found[each.number].append(each)
            continue
        for reference in each.references:
            if reference.upper().partition("-")[2].translate(_ALIKE) in alike and quotes(text, reference):
                found[reference].append(each)
                break
        else:
            if each.purchase_order and quotes_order(text, each.purchase_order):
                found[each.purchase_order].append(each)
    return found


def _from_citation(paid: Paid, cited: dict[str, list[Open]]) -> list[Proposal]:
    everything = sorted((each for documents in cited.values() for each in documents), key=_oldest_first)
    named = " and ".join(cited)
    if sum(each.outstanding for each in everything) == paid.pence:
        return [_exactly(everything, f"The payment quotes {named}, and the amount agrees.")]
    by_buyer: dict[int, list[Open]] = defaultdict(list)
    for each in everything:
        by_buyer[each.buyer].append(each)
    found = []
    for buyer, documents in by_buyer.items():
        if sum(each.outstanding for each in documents) == paid.pence:
            found.append(_exactly(documents, f"The payment quotes {named}, and the amount agrees."))
            continue
        alone = [each for each in documents if each.outstanding == paid.pence]
        if len(alone) == 1:
            reason = f"The payment quotes {named}, and the amount is that of {alone[0].number}."
            found.append(_exactly(alone, reason))
            continue
        own = " and ".join(what for what, rows in cited.items() if any(row.buyer == buyer for row in rows))
        found.append(_spread_over(paid, documents, own, is_all=len(by_buyer) == 1))
    return found


def _exactly(documents: Sequence[Open], reason: str) -> Proposal:
    shares = tuple(Share(each.key, each.outstanding) for each in documents)
    return Proposal(shares, EXACT, reason, is_exact=True)


def _less_sure(proposal: Proposal) -> Proposal:
    """Two exact answers are no answer: somebody has to choose."""
    why = f"{proposal.reason} Another buyer’s document fits as well."
    return Proposal(proposal.shares, 85, why, proposal.left)


def _spread_over(paid: Paid, documents: Sequence[Open], named: str, *, is_all: bool) -> Proposal:
    """The quoted documents of one buyer, oldest first. Where it is not `is_all` that was quoted, somebody has to choose."""
    total = sum(each.outstanding for each in documents)
    left, shares = paid.pence, []
    for each in documents:
        if pence := min(left, each.outstanding):
            shares.append(Share(each.key, pence))
            left -= pence
    if left:
        reason = (
            f"The payment quotes {named} and is {pounds(left)} more than the {pounds(total)} outstanding."
        )
    else:
        reason = (
            f"The payment quotes {named} and pays {pounds(paid.pence)} of the {pounds(total)} outstanding."
        )
    if not is_all:
        return Proposal(tuple(shares), 50, f"{reason} It quotes documents of other buyers too.", left)
    return Proposal(tuple(shares), 80 if left else 90, reason, left)


# Amount and name -----------------------------------------------------------------------------------------------------


def name_likeness(said: str, name: str) -> int:
    """0–100: how much of what is particular in `name` is found in `said`; banks cut names short, so a beginning counts."""
    wanted = [word for word in _words(name) if word not in _WORDS_OF_MANY] or _words(name)
    heard = _words(said)
    if not wanted or not heard:
        return 0
    hits = sum(1 for word in wanted if any(_same_word(word, other) for other in heard))
    return 100 * hits // len(wanted)


def _same_word(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return word == other or (len(short) >= 3 and long.startswith(short) and other == short)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", text.casefold()))


def _from_amount(paid: Paid, owed: Sequence[Open]) -> list[Proposal]:
    said = f"{paid.payer_name} {paid.text}"
    by_buyer: dict[int, list[Open]] = defaultdict(list)
    for each in sorted(owed, key=_oldest_first):
        by_buyer[each.buyer].append(each)
    fitting = sum(1 for each in owed if each.outstanding == paid.pence)
    found = []
    for documents in by_buyer.values():
        likeness = name_likeness(said, documents[0].buyer_name)
        found += _single(paid, documents, likeness, fitting)
        if likeness >= _LEAST_NAME:
            found += _several(paid, documents, likeness)
            found += _oldest(paid, documents, likeness)
    return found


def _single(paid: Paid, documents: Sequence[Open], likeness: int, fitting: int) -> list[Proposal]:
    alike = likeness >= _LEAST_NAME
    base = 35 + likeness * 2 // 5 + (10 if fitting == 1 else 0)
    who = documents[0].buyer_name
    found = []
    for each in documents:
        if each.outstanding != paid.pence:
            continue
        reason = f"{pounds(paid.pence)} is what is outstanding on {each.number}"
        reason += (
            f", and the payer’s name is like {who}." if alike else f" of {who}, but the name is not alike."
        )
        if fitting == 1:
            reason += " No other document has this amount."
        found.append(Proposal((Share(each.key, paid.pence),), min(base, 85), reason))
    return found


def _several(paid: Paid, documents: Sequence[Open], likeness: int) -> list[Proposal]:
    subset = _adding_up(paid.pence, documents)
    if subset is None:
        return []
    numbers = ", ".join(each.number for each in subset)
    reason = f"The payer’s name is like {documents[0].buyer_name}, and {numbers} together come to {pounds(paid.pence)}."
    shares = tuple(Share(each.key, each.outstanding) for each in subset)
    return [Proposal(shares, 30 + likeness * 2 // 5, reason)]


def _adding_up(pence: int, documents: Sequence[Open]) -> Sequence[Open] | None:
    """Two or more documents that come to the amount: the oldest ones together, else the only few that do."""
    total = 0
    for count, each in enumerate(documents, start=1):
        total += each.outstanding
        if total == pence and count > 1:
            return documents[:count]
    near = documents[:_MOST_SEARCHED]
    for size in range(2, _MOST_TOGETHER + 1):
        fits = [few for few in combinations(near, size) if sum(each.outstanding for each in few) == pence]
        if fits:
            return fits[0] if len(fits) == 1 else None
    return None


def _oldest(paid: Paid, documents: Sequence[Open], likeness: int) -> list[Proposal]:
    """Nothing fits but the name: what the payer has owed longest."""
    left, shares = paid.pence, []
    for each in documents:
        if pence := min(left, each.outstanding):
            shares.append(Share(each.key, pence))
            left -= pence
    reason = f"The payer’s name is like {documents[0].buyer_name}; its oldest documents come first."
    return [Proposal(tuple(shares), likeness * 3 // 10, reason, left)]


def _oldest_first(document: Open) -> tuple[date, int]:
    return (document.due_on or date.max, document.key)


def _best(found: Iterable[Proposal]) -> list[Proposal]:
    ranked = sorted(found, key=lambda each: (-each.score, len(each.shares), each.shares))
    unique = {each.shares: each for each in reversed(ranked)}
    return [each for each in ranked if unique[each.shares] is each][:MOST_PROPOSALS]
