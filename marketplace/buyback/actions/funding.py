"""Pots of an area: making them, putting money in and taking it out, and what orders do to them.

Amounts are pence before VAT, which an authority recovers (VATA s.33). A pot is never overdrawn: money moves from `available` to
`committed` when an order is approved, to `spent` when it is delivered, and back when it is cancelled, each once per `effect`.
"""

from django.db import IntegrityError
from django.db.models import Sum
from django.utils import timezone

from marketplace.buyback.models import FundingKind, FundingStream
from marketplace.buyback.queries import funding as queries
from marketplace.buyback.queries.funding import StreamAccount
from marketplace.kernel import history, transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.money import MOST_PENCE, pounds
from marketplace.kernel.transfers import Movement, NotEnough
from marketplace.organisations.models import Area

LONGEST_NAME = 120
LONGEST_REASON = 160


class BudgetExceeded(DomainError):
    """The pot has less left than is asked of it."""

    code = "budget_exceeded"
    status = 409


class StreamInvalid(DomainError):
    """What was said of a pot can't be kept."""

    code = "stream_invalid"


@action
def create_stream(
    *, actor: Actor, area: Area, kind: str, name: str, financial_year: str, budget_pence: int = 0
) -> FundingStream:
    """Open a pot of an area for a financial year (`2026-27`), with money in it or none yet."""
    _must_manage(actor, area)
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise StreamInvalid(
            "The funding stream needs a name.",
            remedy=f"Use {LONGEST_NAME} characters or fewer.",
            field="name",
        )
    if kind not in FundingKind.values:
        raise StreamInvalid("Say whose money it is.", remedy="Choose one of the kinds.", field="kind")
    queries.check_financial_year(financial_year)
    try:
        stream = FundingStream.objects.create(area=area, kind=kind, name=name, financial_year=financial_year)
    except IntegrityError as error:
        if constraint_of(error) != "one_stream_of_a_name_per_year":
            raise
        raise StreamInvalid(
            f"{area} has a funding stream called {name} for {financial_year} already.",
            remedy="Add to that one, or give this one another name.",
            field="name",
        ) from error
    history.write(stream, verb="create", after="open", by=actor)
    if budget_pence:
        change_budget(actor=actor, stream=stream, pence=budget_pence, reason="Opening budget")
    return stream


@action
def change_budget(*, actor: Actor, stream: FundingStream, pence: int, reason: str) -> FundingStream:
    """Put `pence` into a pot, or take them out (below zero). Never below what is committed: raises `BudgetExceeded`."""
    row = _lock(stream)
    _must_manage(actor, row.area)
    _must_be_open(row)
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise StreamInvalid(
            "Say why the budget changes.",
            remedy="Name the decision, for example Schools Forum, 12 June 2026.",
            field="reason",
        )
    if not pence or abs(pence) > MOST_PENCE // 100:
        raise StreamInvalid(
            "Say by how much the budget changes.",
            remedy="Write an amount in pounds, for example 5000.",
            field="pence",
        )
    entry = history.write(
        row, verb="add" if pence > 0 else "reduce", after=pounds(abs(pence)), by=actor, note=reason
    )
    ways = (StreamAccount.GRANTED, StreamAccount.AVAILABLE)
    source, target = ways if pence > 0 else reversed(ways)
    _move(actor, row, source, target, abs(pence), reason, f"{row.account_detail}:budget:{entry.pk}")
    return row


@action
def close_stream(*, actor: Actor, stream: FundingStream) -> FundingStream:
    """Take no new orders on a pot. What is committed can still be spent or released; what is left stays to be seen."""
    row = _lock(stream)
    _must_manage(actor, row.area)
    _must_be_open(row)
    row.is_open = False
    row.save(update_fields=["is_open"])
    left = pounds(queries.budget_of(row).available)
    history.write(row, verb="close", before="open", after="closed", by=actor, note=f"{left} left")
    return row


@action
def commit_funding(
    *, actor: Actor, stream: FundingStream, pence: int, effect: str, reason: str = "Committed"
) -> list[Transfer]:
    """Set `pence` of a pot aside for an order, once per `effect`.

    Raises `BudgetExceeded` where less is left, `NotNow` where the pot is closed. The caller has authorised the order.
    """
    _must_be_open(_lock(stream))
    return _move(actor, stream, StreamAccount.AVAILABLE, StreamAccount.COMMITTED, pence, reason, effect)


@action
def spend_funding(
    *, actor: Actor, stream: FundingStream, pence: int, effect: str, reason: str = "Spent"
) -> list[Transfer]:
    """Spend `pence` of what is committed, once per `effect`. Raises `BudgetExceeded` where less is committed."""
    return _move(actor, stream, StreamAccount.COMMITTED, StreamAccount.SPENT, pence, reason, effect)


@action
def release_funding(
    *, actor: Actor, stream: FundingStream, pence: int, effect: str, reason: str = "Released"
) -> list[Transfer]:
    """Give `pence` of what is committed back to the pot, once per `effect`."""
    return _move(actor, stream, StreamAccount.COMMITTED, StreamAccount.AVAILABLE, pence, reason, effect)


@action
def refund_funding(
    *, actor: Actor, stream: FundingStream, pence: int, effect: str, reason: str = "Given back"
) -> list[Transfer]:
    """Give `pence` of what was spent back to the pot, once per `effect`: a charge that is not owed after all, or a credit note."""
    return _move(actor, stream, StreamAccount.SPENT, StreamAccount.AVAILABLE, pence, reason, effect)


@action
def refund_beyond(
    *, actor: Actor, stream: FundingStream, prefix: str, owed: int, effect: str, reason: str
) -> int:
    """Give back, once per `effect`, what was spent under effects that begin with `prefix` beyond the pence `owed`; how much it was.

    A charge let go and the credit note for it can both ask, in any order: what one gave back the other finds gone.
    """
    pair = [account_of(stream, purpose).pk for purpose in (StreamAccount.SPENT, StreamAccount.AVAILABLE)]
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=pair).order_by("pk"))
    pence = max(0, spent_under(prefix) - owed)
    if pence:
        refund_funding(
            actor=actor, stream=stream, pence=pence, effect=f"{prefix}refund:{effect}", reason=reason
        )
    return pence


def spent_under(prefix: str) -> int:
    """Pence spent, and not given back, by movements whose effects begin with `prefix`."""
    moved = Transfer.objects.filter(source__ledger=Ledger.FUNDING)
    spent = moved.filter(effect__startswith=f"{prefix}spend").aggregate(pence=Sum("amount"))["pence"]
    back = moved.filter(effect__startswith=f"{prefix}refund").aggregate(pence=Sum("amount"))["pence"]
    return int((spent or 0) - (back or 0))


def account_of(stream: FundingStream, purpose: StreamAccount) -> Account:
    """An account of a pot, made the first time it is asked for. Only what was granted lies below zero: it is where money comes from."""
    return transfers.account(
        ledger=Ledger.FUNDING,
        purpose=purpose,
        detail=stream.account_detail,
        unit="pence",
        may_go_negative=purpose == StreamAccount.GRANTED,
    )


def _move(
    actor: Actor,
    stream: FundingStream,
    source: StreamAccount,
    target: StreamAccount,
    pence: int,
    reason: str,
    effect: str,
) -> list[Transfer]:
    from_account, to_account = account_of(stream, source), account_of(stream, target)
    movement = Movement(from_account, to_account, pence, reason[:200], effect)
    try:
        return transfers.move(by=actor, movements=[movement], on=local(timezone.now()).date())
    except NotEnough as error:
        from_account.refresh_from_db()
        raise BudgetExceeded(
            f"{pounds(from_account.balance)} of “{stream}” is {source}, and this would take {pounds(pence)}.",
            remedy="Add to the budget first, or choose another funding stream.",
            field="stream",
        ) from error


def _lock(stream: FundingStream) -> FundingStream:
    row: FundingStream = locked(FundingStream.objects.select_related("area"), pk=stream.pk)
    return row


def _must_be_open(stream: FundingStream) -> None:
    if not stream.is_open:
        raise NotNow(f"“{stream}” is closed.", remedy="Choose a funding stream that is open.")


def _must_manage(actor: Actor, area: Area) -> None:
    if not queries.may_manage_streams(actor, area):
        raise NotAllowed(
            f"You can’t manage the funding streams of {area}.",
            remedy="Ask the area’s convenor or its finance officer.",
        )
