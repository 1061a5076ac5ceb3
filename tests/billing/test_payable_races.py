"""Thirty-two payments at once out of what is payable to a releasing school (I3), and the twin without the guard."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.billing import postings
from marketplace.billing.actions import papers
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action
from tests.billing.settling import Brokered, all_agrees, held
from tests.races import THREADS, at_once, unguarded_ledger

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

PAYABLE, A_PART = 29_750, 5_000


def payments(scene: Brokered, number: int) -> list[Callable[[], Any]]:
    """So many payments of £50 to the releasing school."""

    @action
    def pay(*, n: int) -> Any:
        entry = postings.Entry(
            (postings.Purpose.PAYABLE, f"organisation:{scene.releasing.pk}"),
            (postings.Purpose.CASH, ""),
            A_PART,
            "A part",
            f"part:{n}",
        )
        return postings.book(actor=SYSTEM, owner_id=scene.broker.pk, entries=[entry], on=papers.today())

    return [lambda n=n: pay(n=n) for n in range(number)]


def test_of_thirty_two_payments_no_more_go_out_than_is_payable() -> None:
    scene = Brokered()
    scene.a_day()
    assert held(scene.broker, "payable") == PAYABLE

    results = at_once(payments(scene, THREADS))

    paid = PAYABLE // A_PART
    assert Counter(type(result).__name__ for result in results) == {"list": paid, "NotEnough": THREADS - paid}
    assert held(scene.broker, "payable") == PAYABLE - paid * A_PART
    assert held(scene.broker, "cash") == paid * A_PART
    all_agrees()


def test_without_locks_and_without_the_databases_check_more_is_paid_than_is_owed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Brokered()
    scene.a_day()
    at_once(payments(scene, 1))  # the accounts are there

    with unguarded_ledger(monkeypatch, 8):
        at_once(payments(scene, 9)[1:])

        assert held(scene.broker, "payable") < 0
