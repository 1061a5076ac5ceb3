"""Thirty-two orders at once for the last of a funding stream, each on a connection of its own; and the twin without the guard."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.buyback import actions, queries
from marketplace.buyback.models import FundingStream
from marketplace.buyback.verification import funding_is_accounted_for
from marketplace.kernel.access import SYSTEM
from tests.builders import a_stream
from tests.races import THREADS, at_once, unguarded_ledger

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def commitments(stream: FundingStream, number: int, *, effect: str = "") -> list[Callable[[], Any]]:
    """So many orders of £100."""

    def commit(n: int) -> Callable[[], Any]:
        return lambda: actions.commit_funding(
            actor=SYSTEM, stream=stream, pence=10_000, effect=effect or f"order:{n}"
        )

    return [commit(n) for n in range(number)]


def test_of_thirty_two_orders_only_as_many_are_committed_as_the_stream_can_bear() -> None:
    stream = a_stream(pence=50_000)

    results = at_once(commitments(stream, THREADS))

    assert Counter(type(result).__name__ for result in results) == {"list": 5, "BudgetExceeded": THREADS - 5}
    assert queries.budget_of(stream) == (50_000, 0, 50_000, 0)
    assert funding_is_accounted_for() == []


def test_one_order_sent_thirty_two_times_is_committed_once() -> None:
    stream = a_stream(pence=50_000)

    results = at_once(commitments(stream, THREADS, effect="one order"))

    assert sum(len(result) for result in results) == 1
    assert queries.budget_of(stream).committed == 10_000


def test_taking_out_of_the_budget_and_committing_never_take_the_same_penny() -> None:
    stream = a_stream(pence=20_000)

    def cut() -> Any:
        return actions.change_budget(actor=SYSTEM, stream=stream, pence=-10_000, reason="Forum")

    at_once([*commitments(stream, 4), cut, cut, cut])

    budget = queries.budget_of(stream)
    assert budget.agrees and budget.available == 0 and min(budget) >= 0


def test_without_locks_and_without_the_databases_check_a_stream_is_overdrawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = a_stream(pence=50_000)
    at_once(commitments(stream, 1))  # the accounts are there

    with unguarded_ledger(monkeypatch, 8):
        at_once(commitments(stream, 9)[1:])

        assert queries.budget_of(stream).available < 0
        assert funding_is_accounted_for() != []
