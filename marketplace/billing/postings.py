"""What a document does to the money ledger.

The accounts are the supplier's. A balance above zero is owed or earned (a credit), below zero owned (a debit): `receivable` goes
down by what the buyer owes, `payable` up by what the releasing organisation is owed, `income`, `fee_income` and `vat` up by
theirs. Together they make zero.
"""

from collections.abc import Iterable
from typing import NamedTuple

from marketplace.billing.models import Document
from marketplace.kernel import transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.models import Account, Ledger
from marketplace.kernel.transfers import Movement

UNIT = "pence"


class Posting(NamedTuple):
    """An amount in pence from the buyer's debt to the account of the purpose, told apart by `detail`."""

    purpose: str
    detail: str
    pence: int


def post(*, actor: Actor, document: Document, postings: Iterable[Posting]) -> None:
    """Write the movements of an issued document: each posting once, the other way round where it is below zero."""
    receivable = _account(document, "receivable", f"buyer:{document.buyer_id}")
    movements = []
    for posting in postings:
        credit = _account(document, posting.purpose, posting.detail)
        source, target = (receivable, credit) if posting.pence >= 0 else (credit, receivable)
        movements.append(
            Movement(
                source=source,
                target=target,
                amount=abs(posting.pence),
                reason=f"{document.get_kind_display()} {document.full_number}",
                effect=f"document:{document.pk}:{posting.purpose}",
            )
        )
    transfers.move(by=actor, movements=movements, on=document.issued_on)


def receivable_from(document: Document) -> Account:
    """The account that holds what the document's buyer owes its supplier, below zero."""
    return _account(document, "receivable", f"buyer:{document.buyer_id}")


def _account(document: Document, purpose: str, detail: str) -> Account:
    # Only what is owed to others must never fall below zero (I3); a debt does, and a credit note may turn income round.
    return transfers.account(
        ledger=Ledger.MONEY,
        owner_id=document.supplier_id,
        purpose=purpose,
        detail=detail,
        unit=UNIT,
        may_go_negative=purpose != "payable",
    )
