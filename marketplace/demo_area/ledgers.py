"""Ledgers in bulk: years of movements, checked as they come and written together.

Inside `collecting()` the kernel's own `account` and `move` are put aside for those of `Collected`, which keep their rules. Only a
command that makes an area, alone in its process and in one transaction, may do so: nothing is locked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, models
from django.utils import timezone

from marketplace.billing import numbers
from marketplace.billing.models import DocumentKind, NumberSeries
from marketplace.demo_area.stage import write, write_history
from marketplace.kernel import history, transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year
from marketplace.kernel.models import Account, HistoryEntry, Transfer
from marketplace.kernel.transfers import Movement, NotEnough
from marketplace.organisations.models import Organisation

Key = tuple[str, int | None, str, str, str]
"""What tells accounts apart: ledger, owner, purpose, detail and unit."""

BATCH = 1_000
_real_account, _real_move = transfers.account, transfers.move


class Collected:
    """The movements so far. They have no key until they are written: whoever reads the ledger calls `write` before."""

    def __init__(self) -> None:
        self._accounts: dict[Key, Account] = {}
        self._current_rows: dict[int, Account] = {}
        self._waiting: dict[str, Transfer] = {}

    def account(
        self,
        *,
        ledger: str,
        purpose: str,
        unit: str,
        owner_id: int | None = None,
        detail: str = "",
        may_go_negative: bool = False,
    ) -> Account:
        """As `transfers.account`; all there are come with the first."""
        if not self._accounts:
            self._accounts = {_key(row): row for row in Account.objects.all()}
        key = ledger, owner_id, purpose, detail, unit
        if key not in self._accounts:
            self._accounts[key] = _real_account(
                ledger=ledger,
                purpose=purpose,
                unit=unit,
                owner_id=owner_id,
                detail=detail,
                may_go_negative=may_go_negative,
            )
        return self._current(self._accounts[key])

    def move(self, *, by: Actor, movements: list[Movement], on: date) -> list[Transfer]:
        """As `transfers.move`."""
        written = []
        for movement in movements:
            if not movement.amount or movement.effect in self._waiting:
                continue
            source, target = self._current(movement.source), self._current(movement.target)
            _check(movement, source)
            source.balance -= movement.amount
            target.balance += movement.amount
            transfer = _transfer(movement, by=by, on=on)
            self._waiting[movement.effect] = transfer
            written.append(transfer)
        return written

    def write(self) -> None:
        """Write what was collected."""
        write(self._waiting.values())
        Account.objects.bulk_update(self._current_rows.values(), ["balance"], batch_size=BATCH)
        self._waiting = {}

    def forget(self) -> None:
        """Read accounts afresh from now on: somebody else has written to them."""
        self._accounts, self._current_rows = {}, {}

    def _current(self, row: Account) -> Account:
        return self._current_rows.setdefault(row.pk, row)


def _key(row: Account) -> Key:
    return row.ledger, row.owner_id, row.purpose, row.detail, row.unit


def _check(movement: Movement, source: Account) -> None:
    if movement.amount < 0 or movement.source.unit != movement.target.unit:
        raise ValueError(f"{movement.effect}: a movement is positive and keeps to one unit")
    if not source.may_go_negative and source.balance < movement.amount:
        raise NotEnough(
            f"There are {source.balance} {source.unit} left and this would take {movement.amount}.",
            remedy="Choose a smaller amount, or add to the balance first.",
        )


def _transfer(movement: Movement, *, by: Actor, on: date) -> Transfer:
    return Transfer(
        source=movement.source,
        target=movement.target,
        amount=movement.amount,
        unit=movement.source.unit,
        reason=movement.reason,
        effect=movement.effect,
        on=on,
        at=timezone.now(),
        by_id=by.user_id,
    )


_now: list[Collected] = []


@contextmanager
def collecting() -> Iterator[None]:
    """Inside the block movements are collected; they are written at its end, or when `at_once` asks for them."""
    collected = Collected()
    _now.append(collected)
    _put(collected.account, collected.move)
    try:
        yield
        collected.write()
    finally:
        _now.pop()
        _put(_real_account, _real_move)


@contextmanager
def at_once() -> Iterator[None]:
    """Inside the block the ledger is as it always is: what was collected is written, and each movement at once."""
    if not _now:
        yield
        return
    collected = _now[-1]
    collected.write()
    _put(_real_account, _real_move)
    try:
        yield
    finally:
        collected.forget()
        _put(collected.account, collected.move)


def _put(account: Any, move: Any) -> None:
    transfers.account, transfers.move = account, move


# Papers and history --------------------------------------------------------------------------------------------------


@contextmanager
def books_in_bulk() -> Iterator[None]:
    """Inside the block numbers of documents are counted here, ledgers and history are written together, and no savepoints are made.

    Nothing inside may fail and be caught: without savepoints the whole transaction would be lost.
    """
    with collecting(), _numbers_counted(), _history_later(), _no_savepoints():
        yield


@contextmanager
def _numbers_counted() -> Iterator[None]:
    real = numbers.next_number
    series: dict[tuple[int, str, str], NumberSeries] = {}

    def next_number(supplier: Organisation, kind: DocumentKind, on: date) -> tuple[NumberSeries, int]:
        key = supplier.pk, kind, financial_year(on)
        if key in series:
            series[key].last_number += 1
        else:
            series[key], _ = real(supplier, kind, on)
        return series[key], series[key].last_number

    numbers.next_number = next_number
    try:
        yield
        NumberSeries.objects.bulk_update(series.values(), ["last_number"])
    finally:
        numbers.next_number = real


@contextmanager
def _history_later() -> Iterator[None]:
    """Lines of history come in their order, together, at the end."""
    real, lines = history.write, []

    def write_later(
        row: models.Model, *, verb: str, by: Actor, before: str = "", after: str = "", note: str = ""
    ) -> HistoryEntry:
        line = HistoryEntry(
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
            verb=verb,
            before=before,
            after=after,
            by_id=by.user_id,
            by_name=by.name,
            note=note,
            at=timezone.now(),
        )
        lines.append(line)
        return line

    history.write = write_later
    try:
        yield
        write_history(lines)
    finally:
        history.write = real


@contextmanager
def _no_savepoints() -> Iterator[None]:
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = True
