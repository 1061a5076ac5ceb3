"""A worker killed at each point where it could die: no charge is lost, none is doubled, no refund either (I9, I10).

The network here stands behind a key: the same request under the same key is carried out once, as with the real one.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from backend.card_network import StandIn
from marketplace.billing import crash_points
from marketplace.billing.actions import cards as actions
from marketplace.billing.actions import credit
from marketplace.billing.gateways import Event
from marketplace.billing.models import (
    CardPayment,
    CardPaymentStatus,
    GatewayCall,
    LegStatus,
    Refund,
    RefundStatus,
)
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import cards as queries
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from tests.billing.cards.paying import Run, a_paid_booking, a_paid_document, set_up
from tests.billing.cards.test_passing_on import with_account
from tests.builders import a_booking_payment
from tests.card_network import Cards

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ROOT = Path(__file__).resolve().parent.parent.parent.parent
OF_CALLS = [crash_points.ASKED, crash_points.CLAIMED, crash_points.ANSWERED, crash_points.COMPLETED]
OF_EVENTS = [crash_points.EVENT_STORED, crash_points.FETCHED, crash_points.APPLIED]
Worker = Callable[..., int]


@dataclass
class Workers:
    """The process that starts workers, and the file in which the network keeps what was passed on and fetched back."""

    process: subprocess.Popen[str]
    passed_on: Path


@pytest.fixture(scope="module")
def workers(
    simulated_network: StandIn,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workers]:
    """The process that starts workers on this test's database and network."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
    environment = os.environ | simulated_network.environment()
    environment |= {
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "DATABASE_URL": urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl(),
        "DEBUG": "1",
        "SITE_URL": settings.SITE_URL,
        "PASSED_ON": str(tmp_path_factory.mktemp("network") / "passed_on"),
    }
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.billing.cards.dying"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield Workers(started, Path(environment["PASSED_ON"]))
    assert started.stdin
    started.stdin.close()
    started.wait(30)


@pytest.fixture
def worker(workers: Workers) -> Worker:
    """Run the queue in a process of its own, which may be told to die; how it ended."""

    def run(*arguments: str) -> int:
        process = workers.process
        assert process.stdin and process.stdout
        process.stdin.write(" ".join(arguments) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    return run


@pytest.fixture
def passed_on(workers: Workers) -> Callable[[], list[tuple[str, int]]]:
    """What the network has passed on and fetched back since the test began: the last word of the address, and the pence."""
    workers.passed_on.write_text("")

    def read() -> list[tuple[str, int]]:
        lines = [line.split() for line in workers.passed_on.read_text().splitlines()]
        return [(path.rpartition("/")[2], int(pence)) for path, pence, _ in lines]

    return read


def intents(cards: Cards, payment: CardPayment) -> list[str]:
    rows = cards.gateway._v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    return [row.id for row in rows if row.metadata.to_dict().get("payment") == payment.reference]


def given_back(cards: Cards, payment: CardPayment) -> int:
    rows = cards.gateway._v1.refunds.list({"payment_intent": str(payment.intent_id)}).auto_paging_iter()
    return sum(row.amount for row in rows)


@pytest.mark.parametrize("point", OF_CALLS)
def test_a_payment_is_set_up_once_wherever_the_worker_dies(cards: Cards, worker: Worker, point: str) -> None:
    payment = a_booking_payment()

    assert worker(point) == -signal.SIGKILL
    assert worker("nowhere") == 0

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    assert intents(cards, payment) == [payment.intent_id]
    assert GatewayCall.objects.get().status == "done"


@pytest.mark.parametrize("point", OF_EVENTS)
def test_what_was_paid_is_booked_once_wherever_the_worker_dies(
    cards: Cards, run_jobs: Run, worker: Worker, point: str
) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    cards.accept(payment)
    event = Event("evt_1", "payment_intent.succeeded", str(payment.intent_id), timezone.now())
    actions.keep_event(event=event, source="webhook")

    assert worker(point) == -signal.SIGKILL
    assert worker("nowhere") == 0

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.PAID
    assert queries.held_pence(payment) == 42_000
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == -42_000
    assert transfers.disagreements() == []


@pytest.mark.parametrize("point", OF_CALLS)
def test_money_is_given_back_once_wherever_the_worker_dies(
    cards: Cards, run_jobs: Run, worker: Worker, point: str
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    actions.request_refund(actor=SYSTEM, payment=payment, pence=10_000, reason="Half")

    assert worker(point) == -signal.SIGKILL
    assert worker("nowhere") == 0

    assert Refund.objects.get().status == RefundStatus.DONE
    assert given_back(cards, payment) == 10_000
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == -32_000


@pytest.mark.parametrize("point", OF_CALLS)
def test_a_payment_is_given_up_once_wherever_the_worker_dies(
    cards: Cards, run_jobs: Run, worker: Worker, point: str
) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    actions.give_up(actor=SYSTEM, payment=payment)

    assert worker(point) == -signal.SIGKILL
    assert worker("nowhere") == 0

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.CANCELLED
    assert cards.gateway.get(str(payment.intent_id)).status == "canceled"
    assert set(GatewayCall.objects.values_list("action", "status")) == {("start", "done"), ("cancel", "done")}


@pytest.mark.parametrize("point", OF_CALLS)
def test_money_is_passed_on_once_wherever_the_worker_dies(
    cards: Cards, run_jobs: Run, worker: Worker, passed_on: Any, settings: Any, point: str
) -> None:
    settings.STRIPE_CONNECT = True
    payment = with_account(a_paid_document(cards, run_jobs))
    payout = actions.pay_out(actor=SYSTEM, payment=payment)

    assert worker(point) == -signal.SIGKILL
    assert worker("nowhere") == 0

    payout.refresh_from_db()
    assert (payout.status, passed_on()) == ("done", [("transfers", 42_000)])
    assert account_of(payment.payee_id, Purpose.CASH).balance == -42_000


@pytest.mark.parametrize("point", [f"{point}{leg}" for leg in ("", "@2") for point in OF_CALLS])
def test_money_is_fetched_back_and_given_back_once_wherever_between_the_legs_the_worker_dies(
    cards: Cards, run_jobs: Run, worker: Worker, passed_on: Any, settings: Any, point: str
) -> None:
    """The first call of the saga fetches back what was passed on, the second (`@2`) gives it to the payer."""
    settings.STRIPE_CONNECT = True
    payment = with_account(a_paid_document(cards, run_jobs))
    actions.pay_out(actor=SYSTEM, payment=payment)
    assert worker("nowhere") == 0
    assert payment.document
    credit(actor=SYSTEM, document=payment.document, reason="Not what was ordered")
    run_jobs()
    actions.request_refund(actor=SYSTEM, payment=payment, pence=42_000, reason="Credited")

    assert worker(point) == -signal.SIGKILL
    assert worker("nowhere") == 0

    refund = Refund.objects.get()
    assert (refund.status, {leg.status for leg in refund.legs.all()}) == (RefundStatus.DONE, {LegStatus.DONE})
    assert passed_on() == [("transfers", 42_000), ("reversals", 42_000)]
    assert given_back(cards, payment) == 42_000
    assert account_of(payment.payee_id, Purpose.CARD_CLEARING).balance == 0
    assert account_of(payment.payee_id, Purpose.CASH).balance == 0
    assert transfers.disagreements() == []


def test_every_point_is_one_at_which_a_worker_dies_here() -> None:
    named = {value for name, value in vars(crash_points).items() if name.isupper() and isinstance(value, str)}
    marks = [
        mark
        for test in list(globals().values())
        for mark in getattr(test, "pytestmark", ())
        if callable(test)
    ]
    armed = {value for mark in marks if mark.args[:1] == ("point",) for value in mark.args[1]}

    assert named == set(crash_points.POINTS) == {point.partition("@")[0] for point in armed}


def test_asked_inside_the_transaction_money_is_given_back_twice(
    cards: Cards, run_jobs: Run, worker: Worker
) -> None:
    """The guard-off twin: what was noted is rolled back with the worker, what was sent is not."""
    payment = a_paid_booking(cards, run_jobs)
    actions.request_refund(actor=SYSTEM, payment=payment, pence=10_000, reason="Half")

    assert worker(crash_points.ANSWERED, "inside") == -signal.SIGKILL
    assert worker("nowhere", "inside") == 0

    assert given_back(cards, payment) == 20_000
