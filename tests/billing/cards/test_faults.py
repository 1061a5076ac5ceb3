"""The network at its worst: slow, gone after it has done what was asked, failing and then well again. The same key, and nothing twice."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from marketplace.billing import network
from marketplace.billing.actions import cards as actions
from marketplace.billing.gateways import Unsettled
from marketplace.billing.models import CardPaymentStatus, GatewayCall, Refund, RefundStatus
from marketplace.kernel.access import SYSTEM
from tests.billing.cards.paying import Run, a_paid_booking
from tests.billing.cards.wire import CheckedClient
from tests.builders import a_booking_payment
from tests.card_network import Cards, a_gateway

pytestmark = pytest.mark.django_db
FAULTS: list[str] = []


class _Between(BaseHTTPRequestHandler):
    """Passes requests on to the stand-in, and does to the next POSTs what `FAULTS` says."""

    target = ""

    def do_GET(self) -> None:
        self._pass_on(None, "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = FAULTS.pop(0) if FAULTS else ""
        if fault == "500":
            self._answer(500, b'{"error": {"type": "api_error", "message": "at fault"}}')
        elif fault == "409":
            self._answer(409, b'{"error": {"type": "invalid_request_error", "message": "under way"}}')
        else:
            self._pass_on(body, fault)

    def _pass_on(self, body: bytes | None, fault: str) -> None:
        kept = ("Authorization", "Content-Type", "Idempotency-Key")
        headers = {name: value for name, value in self.headers.items() if name in kept}
        asked = urllib.request.Request(self.target + self.path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
            return
        if fault == "slow":
            time.sleep(1.5)
        self._answer(status, text)

    def _answer(self, status: int, text: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except OSError:
            pass  # nobody waits any more

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def faulty(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckedClient]:
    """The exchange reaches the stand-in only through what makes faults."""
    FAULTS.clear()
    handler = type("Between", (_Between,), {"target": cards.stand_in.base})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gateway, client = a_gateway(cards.stand_in, base=f"http://127.0.0.1:{server.server_port}")
    client._timeout = (1.0, 1.0)
    monkeypatch.setattr(network, "client", lambda: gateway)
    monkeypatch.setattr(type(client), "_sleep_time_seconds", lambda *_, **__: 0.01)
    yield client
    server.shutdown()
    server.server_close()


def intents(cards: Cards, reference: str) -> int:
    rows = cards.gateway._v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    return sum(row.metadata.to_dict().get("payment") == reference for row in rows)


@pytest.mark.parametrize(
    "faults", [["500"], ["drop"], ["slow"], ["409"], ["drop", "500"], ["slow", "drop"]], ids="-".join
)
def test_a_passing_fault_is_got_over_under_the_same_key(
    cards: Cards, faulty: CheckedClient, run_jobs: Run, faults: list[str]
) -> None:
    payment = a_booking_payment()
    FAULTS.extend(faults)

    run_jobs()

    payment.refresh_from_db()
    keys = {request.headers["Idempotency-Key"] for request in faulty.sent}
    assert payment.status == CardPaymentStatus.AWAITING_CARD
    assert len(faulty.sent) == len(faults) + 1 and keys == {GatewayCall.objects.get().key}
    assert intents(cards, payment.reference) == 1


def test_a_fault_that_lasts_leaves_the_call_open_and_it_is_sent_again_later(
    cards: Cards, run_jobs: Run, faulty: CheckedClient
) -> None:
    payment = a_booking_payment()
    [call] = GatewayCall.objects.all()
    FAULTS.extend(["drop"] * 3)

    with pytest.raises(Unsettled):
        actions.carry_out(call.pk)
    call.refresh_from_db()
    assert call.status == "pending"
    actions.carry_out(call.pk)

    call.refresh_from_db()
    payment.refresh_from_db()
    assert (call.status, call.tries, payment.intent_id) == ("done", 2, call.object_id)
    assert intents(cards, payment.reference) == 1


def test_money_whose_return_was_not_heard_of_is_given_back_once(
    cards: Cards, run_jobs: Run, faulty: CheckedClient
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    actions.request_refund(actor=SYSTEM, payment=payment, pence=10_000, reason="Half")
    FAULTS.extend(["drop", "slow"])

    run_jobs()

    rows = cards.gateway._v1.refunds.list({"payment_intent": str(payment.intent_id)}).auto_paging_iter()
    assert sum(row.amount for row in rows) == 10_000
    assert Refund.objects.get().status == RefundStatus.DONE
