"""Suspending a provider: it takes no new bookings until the suspension is lifted. What is promised already is for people to decide."""

from django.utils import timezone

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations import queries
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.events import SuspensionChanged
from marketplace.organisations.models import Organisation

LONGEST_REASON = 1000


@action
def suspend_organisation(*, actor: Actor, organisation: Organisation, reason: str) -> Organisation:
    """Stop new bookings of an organisation's offers and of the people it releases, with the reason its lead reads.

    For convenors of the areas it belongs to. Bookings confirmed already stand until somebody cancels them. Raises `NotAllowed`,
    `NotNow` where it is suspended already, `InvalidDetails` without a reason.
    """
    row = _convened(actor, organisation)
    if row.suspended_at is not None:
        raise NotNow(f"{row} is suspended already.", remedy="Open its page to see since when and why.")
    row.suspended_at = timezone.now()
    row.save(update_fields=["suspended_at"])
    history.write(row, verb="suspend", by=actor, note=_reason(reason))
    events.publish(SuspensionChanged(row.pk, "suspend"))
    return row


@action
def lift_suspension(*, actor: Actor, organisation: Organisation, reason: str) -> Organisation:
    """Let a suspended organisation be booked again, with what has changed. Raises as `suspend_organisation` does."""
    row = _convened(actor, organisation)
    if row.suspended_at is None:
        raise NotNow(f"{row} is not suspended.", remedy="There is nothing to lift.")
    row.suspended_at = None
    row.save(update_fields=["suspended_at"])
    history.write(row, verb="lift_suspension", by=actor, note=_reason(reason))
    events.publish(SuspensionChanged(row.pk, "lift_suspension"))
    return row


def _convened(actor: Actor, organisation: Organisation) -> Organisation:
    row: Organisation = locked(queries.organisations_managed_by(actor), pk=organisation.pk)
    if not queries.may_suspend(actor, row):
        raise NotAllowed(f"You can’t suspend {row}.", remedy="Ask a convenor of its area.")
    return row


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidDetails("Say why.", remedy="The organisation’s lead reads it.", field="reason")
    if len(text) > LONGEST_REASON:
        raise InvalidDetails(
            f"The reason is longer than {LONGEST_REASON} characters.", remedy="Shorten it.", field="reason"
        )
    return text
