"""What the verbs of commissions share. Lock order: commission → booking → accounts of the funding stream."""

from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations import queries as organisations
from marketplace.partnership import queries
from marketplace.partnership.models import Commission
from marketplace.partnership.states import COMMISSION


def today() -> date:
    """The local day."""
    return local(timezone.now()).date()


def lock_commission(actor: Actor, commission: Commission, *, to: str) -> Commission:
    """The commission, locked, for a convenor of its area; those who are only named for it read and write nothing."""
    row: Commission = locked(queries.commissions_visible_to(actor), pk=commission.pk)
    if not queries.may_keep(actor, row):
        raise NotAllowed(f"You can’t {to}.", remedy="Ask a convenor of the area.")
    return row


def must_be_in(row: Commission, *statuses: str, to: str) -> None:
    """Raise `NotNow` unless the commission is in one of the states in which this can be done."""
    if row.status not in statuses:
        raise NotNow(
            f"The commission is {row.get_status_display().lower()}, so you can’t {to}.",
            remedy="Open it again to see where it stands.",
        )


def must_have_no_interest(actor: Actor, row: Commission, *, decision: str) -> None:
    """Raise `InterestInTheWay` where the person has declared an interest in the provider, who is paid."""
    if row.provider is not None:
        organisations.check_no_interest(
            actor, row.provider, decision=decision, remedy="Another convenor of the area has to."
        )


def move(row: Commission, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move the commission along `verb`. Nothing is announced: whoever has to act finds it in “My work”."""
    COMMISSION.move(row, verb, by=actor, note=note, **also)
