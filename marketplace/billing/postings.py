"""The money ledger: its chart of accounts, and what a document does to it.

Each organisation that sells, brokers or is paid has books of its own, and no movement crosses from one organisation's books into
another's, so that each one's trial balance is zero. A balance above zero is owed or earned (a credit), below zero owned or spent
(a debit): `receivable` goes down by what a buyer owes and up by what it pays, `payable` up by what a releasing organisation is owed.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from marketplace.billing.models import Document
from marketplace.kernel import transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.transfers import Movement

UNIT = "pence"


class Purpose(StrEnum):
    """The chart of accounts. `detail` of an account tells whose, or for what."""

    RECEIVABLE = "receivable"  # buyer:<id>
    ON_ACCOUNT = "on_account"  # buyer:<id>
    HELD = "held"  # card:<payment id>
    PAYABLE = "payable"  # organisation:<id>
    INCOME = "income"
    FEE_INCOME = "fee_income"
    VAT = "vat"
    COST_OF_DELIVERY = "cost_of_delivery"
    BAD_DEBT = "bad_debt"
    CASH = "cash"
    CARD_CLEARING = "card_clearing"
    JOURNAL_CLEARING = "journal_clearing"  # area:<id>
    SUSPENSE = "suspense"


class Heading(NamedTuple):
    """An account's name, the side of the trial balance it usually stands on, and whether it may stand on the other."""

    label: str
    is_debit: bool
    may_go_negative: bool


CHART: dict[Purpose, Heading] = {
    Purpose.RECEIVABLE: Heading("Owed by buyers", True, True),
    Purpose.ON_ACCOUNT: Heading("Paid by buyers in advance or twice", False, False),
    Purpose.HELD: Heading("Card money held until delivery", False, False),
    Purpose.PAYABLE: Heading("Owed to releasing organisations", False, False),
    Purpose.INCOME: Heading("Income", False, True),
    Purpose.FEE_INCOME: Heading("Brokerage fees", False, True),
    Purpose.VAT: Heading("VAT", False, True),
    Purpose.COST_OF_DELIVERY: Heading("Cost of delivery", True, True),
    Purpose.BAD_DEBT: Heading("Written off", True, True),
    Purpose.CASH: Heading("Bank", True, True),
    Purpose.CARD_CLEARING: Heading("With the card network", True, True),
    Purpose.JOURNAL_CLEARING: Heading("Journals sent to the authority’s ledger", True, True),
    Purpose.SUSPENSE: Heading("Receipts not yet matched", False, True),
}
"""Debits lie below zero, so they may. What is owed to others never falls below zero (I3)."""


class Posting(NamedTuple):
    """An amount in pence from the buyer's debt to the account of the purpose, told apart by `detail`."""

    purpose: str
    detail: str
    pence: int


class Entry(NamedTuple):
    """`pence` out of one account of an organisation's books into another, once (`effect`)."""

    source: tuple[Purpose, str]
    target: tuple[Purpose, str]
    pence: int
    reason: str
    effect: str


def account_of(owner_id: int, purpose: Purpose | str, detail: str = "") -> Account:
    """An account in the books of an organisation, made the first time it is asked for."""
    return transfers.account(
        ledger=Ledger.MONEY,
        owner_id=owner_id,
        purpose=str(purpose),
        detail=detail,
        unit=UNIT,
        may_go_negative=CHART[Purpose(purpose)].may_go_negative,
    )


def book(*, actor: Actor, owner_id: int, entries: Iterable[Entry], on: date) -> list[Transfer]:
    """Write entries into the books of one organisation, each once. Raises `transfers.NotEnough` where one can't be met."""
    movements = [
        Movement(
            source=account_of(owner_id, *entry.source),
            target=account_of(owner_id, *entry.target),
            amount=entry.pence,
            reason=entry.reason[:200],
            effect=entry.effect,
        )
        for entry in entries
    ]
    return transfers.move(by=actor, movements=movements, on=on)


def post(*, actor: Actor, document: Document, postings: Iterable[Posting]) -> None:
    """Write the movements of an issued document: each posting once, the other way round where it is below zero.

    A document may owe several organisations: an account is told by its purpose and its detail.
    """
    receivable = (Purpose.RECEIVABLE, f"buyer:{document.buyer_id}")
    entries = []
    for posting in postings:
        credit = (Purpose(posting.purpose), posting.detail)
        source, target = (receivable, credit) if posting.pence >= 0 else (credit, receivable)
        entries.append(
            Entry(
                source,
                target,
                abs(posting.pence),
                f"{document.get_kind_display()} {document.full_number}",
                f"document:{document.pk}:{':'.join(filter(None, [posting.purpose, posting.detail]))}",
            )
        )
    book(actor=actor, owner_id=document.supplier_id, entries=entries, on=document.issued_on)
