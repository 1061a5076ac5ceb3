"""Places on courses and peer reviews, which no booking draws: their seller records each use by hand."""

from datetime import date

from django.utils import timezone

from marketplace.buyback.actions.drawing import NothingLeft
from marketplace.buyback.events import UseRecorded, UseTakenBack
from marketplace.buyback.ledgers import Drawdown, accounts_of
from marketplace.buyback.models import Entitlement, InclusionKind, RecordedUse
from marketplace.buyback.queries.balances import entitlements_visible_to
from marketplace.buyback.queries.recording import may_record_use
from marketplace.buyback.rules.drawing import amount_words
from marketplace.buyback.rules.recording import why_not_recorded
from marketplace.kernel import events, history, transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.transfers import Movement


class UseInvalid(DomainError):
    """A use can't be recorded so."""

    code = "use_invalid"
    status = 409


@action
def record_use(
    *, actor: Actor, entitlement: Entitlement, quantity: int, used_on: date, what: str
) -> RecordedUse:
    """The seller records that places or reviews were used on a day, and for what. The school is told.

    In the weeks after the year's end they come out of what has lapsed. Raises `UseInvalid`, and `NothingLeft` where less is left.
    """
    row = _sold_by(actor, entitlement)
    why = why_not_recorded(
        is_days=row.kind == InclusionKind.DAYS,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        used_on=used_on,
        today=_today(),
    )
    if why:
        raise UseInvalid(why, remedy="Choose a day on which they were used.", field="used_on")
    source = Drawdown.EXPIRED if row.closed_at is not None else Drawdown.AVAILABLE
    left = accounts_of(row, lock=True)[source].balance
    if not 1 <= quantity <= left:
        raise NothingLeft(
            f"{amount_words(left, row.unit)} of these are left.",
            remedy="Record that or less, and agree with the school how it pays for more.",
            field="quantity",
        )
    use = RecordedUse.objects.create(
        entitlement=row,
        quantity=quantity,
        used_on=used_on,
        what=_said(what, "what", "Say for what they were used."),
        recorded_by_id=actor.user_id,
    )
    _move(actor, row, source, Drawdown.USED, use, "use", f"{use.what}, {long_date(used_on)}")
    history.write(row, verb="record_use", by=actor, note=_words(use))
    events.publish(UseRecorded(use.pk))
    return use


@action
def take_back_use(*, actor: Actor, use: RecordedUse, reason: str) -> RecordedUse:
    """The seller takes back what it recorded by mistake: the school has it again. The school is told."""
    row = _sold_by(actor, use.entitlement)
    use = locked(RecordedUse.objects.filter(entitlement=row), pk=use.pk)
    if use.taken_back_at is not None:
        raise NotNow("This was taken back already.", remedy="Open the page again to see the balance.")
    use.taken_back_reason = _said(reason, "reason", "Say why.")
    use.taken_back_by_id, use.taken_back_at = actor.user_id, timezone.now()
    use.save(update_fields=["taken_back_by", "taken_back_at", "taken_back_reason"])
    _move(actor, row, Drawdown.USED, Drawdown.AVAILABLE, use, "take_back", use.taken_back_reason)
    history.write(row, verb="take_back_use", by=actor, note=f"{_words(use)} {use.taken_back_reason}")
    events.publish(UseTakenBack(use.pk))
    return use


def _sold_by(actor: Actor, entitlement: Entitlement) -> Entitlement:
    row: Entitlement = locked(entitlements_visible_to(actor), pk=entitlement.pk)
    if not may_record_use(actor, row):
        raise NotAllowed("You can’t record this.", remedy="A lead of the seller records what was used.")
    return row


def _move(
    actor: Actor,
    entitlement: Entitlement,
    source: Drawdown,
    target: Drawdown,
    use: RecordedUse,
    verb: str,
    reason: str,
) -> None:
    accounts = accounts_of(entitlement)
    effect = f"recorded_use:{use.pk}:{verb}"
    movement = Movement(accounts[source], accounts[target], use.quantity, reason[:200], effect)
    transfers.move(by=actor, movements=[movement], on=_today())


def _words(use: RecordedUse) -> str:
    return f"{amount_words(use.quantity, use.entitlement.unit)} on {long_date(use.used_on)}: {use.what}."


def _said(words: str, field: str, problem: str) -> str:
    if not words.strip():
        raise UseInvalid(problem, remedy="A few words are enough: the school reads them.", field=field)
    return words.strip()[:150]


def _today() -> date:
    return local(timezone.now()).date()
