"""Many people settling and paying at once: one statement, one payment, and never below nothing."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from marketplace.billing import actions, postings
from marketplace.billing.actions import papers
from marketplace.billing.models import (
    StatementLine,
)
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from tests.billing.settling import Brokered, all_agrees, held

pytestmark = pytest.mark.django_db


def _all_at_once(work: Callable[[], None], threads: int) -> list[str]:
    """Run `work` in many threads at one moment; the names of the errors raised come back."""
    errors: list[str] = []
    barrier = threading.Barrier(threads)

    def run() -> None:
        barrier.wait()
        try:
            work()
        except Exception as error:
            errors.append(type(error).__name__)
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return errors


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_sixteen_people_paying_one_statement_pay_it_once() -> None:
    scene = Brokered()
    scene.a_day()
    scene.signs()
    statement = scene.a_statement()

    errors = _all_at_once(
        lambda: (
            actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today()) and None
        ),
        16,
    )

    assert errors == ["NotNow"] * 15
    assert held(scene.broker, "cash") == 35_700
    all_agrees()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_sixteen_people_settling_make_one_statement() -> None:
    scene = Brokered()
    scene.a_day()

    errors = _all_at_once(lambda: scene.a_statement() and None, 16)

    assert errors == ["NothingToSettle"] * 15
    assert StatementLine.objects.filter(is_live=True).count() == 1


def test_what_is_payable_never_falls_below_nothing() -> None:
    """I3: the account itself refuses, whatever an action may forget."""
    scene = Brokered()
    scene.a_day()
    entry = postings.Entry(
        (postings.Purpose.PAYABLE, f"organisation:{scene.releasing.pk}"),
        (postings.Purpose.CASH, ""),
        29_751,
        "Too much",
        "too-much",
    )

    with pytest.raises(transfers.NotEnough):
        postings.book(actor=SYSTEM, owner_id=scene.broker.pk, entries=[entry], on=papers.today())
