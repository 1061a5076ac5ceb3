"""What billing announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentIssued:
    """An invoice, journal or credit note was issued."""

    document_id: int


@dataclass(frozen=True)
class CardPaymentMoved:
    """A card payment went along `verb` to the state `after` (values of `CardPaymentStatus`)."""

    payment_id: int
    verb: str
    after: str


@dataclass(frozen=True)
class CardRefundMoved:
    """A refund of a card payment was asked for, given back, or got stuck."""

    refund_id: int
    after: str


@dataclass(frozen=True)
class CardObjectionMoved:
    """A card's holder objected at their bank (`raise`), or the objection was settled (`win`, `lose`: for or against the payee)."""

    payment_id: int
    verb: str


@dataclass(frozen=True)
class CardMoneyHeld:
    """Money of a card payment has been held so long that somebody should look (`alert`), decide (`decide`), or should have (`over`)."""

    payment_id: int
    state: str


@dataclass(frozen=True)
class ReminderSent:
    """A buyer is to be reminded of a document."""

    reminder_id: int


@dataclass(frozen=True)
class WriteOffMoved:
    """A write-off was asked for, approved or refused (`verb`)."""

    write_off_id: int
    verb: str


@dataclass(frozen=True)
class DisputeMoved:
    """A buyer questioned a document, or the supplier answered (`verb`)."""

    dispute_id: int
    verb: str


@dataclass(frozen=True)
class StatementMoved:
    """A settlement statement was made, invoiced, paid, disputed or withdrawn."""

    statement_id: int
    verb: str


@dataclass(frozen=True)
class ClaimMoved:
    """A claim for cover was made or decided."""

    claim_id: int
    verb: str
