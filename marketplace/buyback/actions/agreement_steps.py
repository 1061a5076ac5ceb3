"""The steps every verb of agreements takes: lock, check who, move and tell."""

from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.buyback.events import AgreementMoved
from marketplace.buyback.models import ServiceAgreement
from marketplace.buyback.queries import agreements as queries
from marketplace.buyback.states import AGREEMENT
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import locked
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.transitions import words

LONGEST_REASON = 2_000
LONGEST_NAME = 150
LONGEST_CAPACITY = 120

AgreementRef = ServiceAgreement | str
"""An agreement, or its reference."""


class ReasonNeeded(DomainError):
    """A no is given with a reason."""

    code = "reason_missing"


class TextTooLong(DomainError):
    """A text is longer than can be kept."""

    code = "too_long"


def lock_agreement(actor: Actor, agreement: AgreementRef) -> ServiceAgreement:
    """The agreement as it is now, locked; `NotFound` where it isn't there for this person."""
    lookup = {"reference": agreement} if isinstance(agreement, str) else {"pk": agreement.pk}
    row: ServiceAgreement = locked(queries.agreements_visible_to(actor), **lookup)
    return row


def must(actor: Actor, agreement: ServiceAgreement, verb: str) -> None:
    """Raise `NotAllowed` unless the person's roles let them do this, whatever state the agreement is in."""
    if not queries.may_with_agreement(actor, agreement, verb):
        raise NotAllowed(
            f"You can’t {words(verb)} this agreement.",
            remedy=f"This is for {queries.who_may_with_agreement(verb)}.",
        )


def must_move(actor: Actor, agreement: ServiceAgreement, verb: str) -> None:
    """The same, and `NotNow` unless the agreement is in a state for it."""
    must(actor, agreement, verb)
    AGREEMENT.target(agreement.status, verb)


def move(agreement: ServiceAgreement, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move the agreement along `verb`, keep the fields in `also` with it, and tell those who listen."""
    before = str(agreement.status)
    AGREEMENT.move(agreement, verb, by=actor, note=note, **also)
    events.publish(AgreementMoved(agreement.pk, verb, before, str(agreement.status)))


def needed(reason: str, field: str = "reason") -> str:
    """The reason, or `ReasonNeeded`."""
    if not reason.strip():
        raise ReasonNeeded(
            "Say why.", remedy="One sentence is enough: the other side will read it.", field=field
        )
    return trimmed(reason, LONGEST_REASON, field)


def trimmed(text: str, longest: int, field: str) -> str:
    """The text without spaces around it; `TextTooLong` where it can't be kept."""
    text = text.strip()
    if len(text) > longest:
        raise TextTooLong("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)
    return text


def today() -> date:
    """The day it is in London."""
    return local(timezone.now()).date()
