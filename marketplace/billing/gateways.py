"""What the exchange asks of a card network, whoever runs it: three narrow protocols and the values they speak in.

A call has one of three endings. It is answered; it is `Refused`, definitely and for good, so that nothing was done; or it is `Unsettled`:
nobody knows whether it was carried out (time-out, lost connection, a fault on the other side, the same key under way), and it is sent again
with the same key until one of the first two is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

CURRENCY = "gbp"


class Refused(Exception):
    """The network said no: nothing was done, and asking again changes nothing. `code` is the network's own word."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Unknown(Refused):
    """The network knows no such object."""


class NeverArrived(Refused):
    """A call too old to be sent again under its key left no trace: it may be made anew."""


class Unsettled(Exception):
    """Nobody knows whether the call was carried out: send the same again, under the same key."""


class NotGenuine(Exception):
    """An event that does not carry the network's signature, or one too old."""


class IntentStatus(StrEnum):
    """How far a payment has come, in the network's words."""

    WANTS_CARD = "requires_payment_method"
    WANTS_CONFIRMATION = "requires_confirmation"
    WANTS_ACTION = "requires_action"
    WANTS_CAPTURE = "requires_capture"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELLED = "canceled"


@dataclass(frozen=True)
class Intent:
    """A payment as the network has it now. `refusal` is why the last card was declined; `fee_pence` what the network keeps."""

    id: str
    status: IntentStatus
    pence: int
    currency: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    charge_id: str = ""
    fee_pence: int = 0
    is_disputed: bool = False
    client_secret: str = field(default="", repr=False)


class Outcome(StrEnum):
    """What became of a refund."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True)
class Done:
    """An object the network made for us: a refund, a transfer, a reversal."""

    id: str
    outcome: Outcome = Outcome.SUCCEEDED
    error: str = ""


@dataclass(frozen=True)
class Event:
    """That something happened to an object of the network: when, to which, and the marks we put on it."""

    id: str
    kind: str
    object_id: str
    happened_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    account_id: str = ""


@dataclass(frozen=True)
class PayeeAccount:
    """A payee's account with the network: whether money can be passed on to it, and what the network still wants to know."""

    id: str
    takes_payouts: bool
    wants: tuple[str, ...] = ()


Params = Mapping[str, Any]


class CardGateway(Protocol):
    """Take money from a card, and give it back. `params` are exactly those committed before the call."""

    def start(self, params: Params, *, key: str) -> Intent:
        """Set a payment up; nothing is taken until the payer confirms it."""
        ...

    def get(self, intent_id: str) -> Intent:
        """The payment as it is now. Raises `Unknown`."""
        ...

    def find(self, action: str, params: Params, *, since: datetime) -> str | None:
        """The id of the object an earlier call made, by the marks in `params`: for calls too old for their key to be remembered."""
        ...

    def cancel(self, params: Params, *, key: str) -> Intent:
        """Give a payment up. Raises `Refused` once it was carried out."""
        ...

    def refund(self, params: Params, *, key: str) -> Done:
        """Give money back to the card it came from."""
        ...

    def refund_of(self, refund_id: str) -> Done:
        """A refund as it is now."""
        ...

    def balance(self) -> int | None:
        """Pence that came in less what was given back, passed on and kept as fees, payouts to the bank left out; None where it can't tell."""
        ...


class PayoutGateway(Protocol):
    """Pass money on to the payees' own accounts. Only where that is switched on."""

    def open_account(self, *, name: str, metadata: Mapping[str, str], key: str) -> PayeeAccount:
        """Open an account for a payee."""
        ...

    def onboarding_url(self, account_id: str, *, back: str, again: str) -> str:
        """Where the payee tells the network what it wants to know; for a few minutes."""
        ...

    def account(self, account_id: str) -> PayeeAccount:
        """The account as it is now."""
        ...

    def pay(self, params: Params, *, key: str) -> Done:
        """Pass money of one payment on to an account."""
        ...

    def reverse(self, params: Params, *, key: str) -> Done:
        """Fetch passed-on money back."""
        ...


class EventSource(Protocol):
    """Learn what happened."""

    def verify(self, body: bytes, signature: str) -> Event:
        """The event in a request's raw body. Raises `NotGenuine`."""
        ...

    def since(self, moment: datetime) -> Iterator[Event]:
        """Every event from `moment` on, in no order that may be relied on."""
        ...


class CardNetwork(CardGateway, PayoutGateway, EventSource, Protocol):
    """All of it."""

    @property
    def is_simulated(self) -> bool:
        """Whether no money is moved: a stand-in for the network on this computer."""
        ...
