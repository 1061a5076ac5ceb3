"""Many people at once, each on a connection of their own; and ledgers with their guards taken away, for the twins that must fail."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from marketplace.kernel import transfers
from marketplace.kernel.models import Account

THREADS = 32
PATIENCE = 60


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run the jobs together from one starting line; what each returned, or the error it raised."""
    line = threading.Barrier(len(jobs), timeout=PATIENCE)
    results: list[Any] = [None] * len(jobs)

    def run(number: int, job: Callable[[], Any]) -> None:
        try:
            line.wait()
            results[number] = job()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody is still waiting"
    return results


@contextmanager
def unguarded_ledger(monkeypatch: pytest.MonkeyPatch, takers: int) -> Iterator[None]:
    """The ledger as programs write it that know nothing of races: no lock, no check by the database, and all `takers` read before
    any of them writes."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)
    meeting = threading.Barrier(takers, timeout=PATIENCE)

    def read_then_wait(row: Account, amount: int) -> None:
        if amount < 0:
            meeting.wait()
            assert row.balance + amount >= 0
        Account.objects.filter(pk=row.pk).update(balance=F("balance") + amount)

    monkeypatch.setattr(transfers, "_shift", read_then_wait)
    constraint = next(c for c in Account._meta.constraints if c.name == "account_balance_is_not_negative")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Account, constraint)
    try:
        yield
    finally:
        Account.objects.filter(balance__lt=0, may_go_negative=False).update(balance=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(Account, constraint)
