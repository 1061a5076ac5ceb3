"""Workers in processes of their own that die where they are told to: `python -m tests.billing.cards.dying`.

For each line of its input (`POINT`, `POINT@2` for the second time, or `POINT inside` for the twin) it has a fresh process run the jobs of
the queue one after the other, as the worker does. That process kills itself without a word on reaching the point. What it ended with is the
line of output.

Every request is checked as in the other tests. The stand-in knows no passing on: what is passed on and fetched back is written into the file
`PASSED_ON` instead, once for each key, as the real network would do it; the file outlives the worker as the network does.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from procrastinate.contrib.django import app  # noqa: E402

from marketplace.billing import crash_points, network  # noqa: E402
from marketplace.billing.gateways import Done  # noqa: E402
from marketplace.billing.models import Refund, RefundLeg  # noqa: E402
from marketplace.billing.stripe_gateway import StripeNetwork  # noqa: E402
from tests.billing.cards.wire import CheckedClient, check, flat  # noqa: E402


class Network(StripeNetwork):
    """The stand-in, each request checked; passing on is kept in a file."""

    def __init__(self, passed_on: Path) -> None:
        super().__init__(
            settings.STRIPE_SECRET_KEY, base=settings.STRIPE_API_BASE, http_client=CheckedClient()
        )
        self._passed_on = passed_on

    def pay(self, params: Mapping[str, Any], *, key: str) -> Done:
        return self._once("/v1/transfers", params, key)

    def reverse(self, params: Mapping[str, Any], *, key: str) -> Done:
        rest = {name: value for name, value in params.items() if name != "transfer"}
        return self._once(f"/v1/transfers/{params['transfer']}/reversals", rest, key)

    def _once(self, path: str, params: Mapping[str, Any], key: str) -> Done:
        check("post", f"https://api.stripe.com{path}", "&".join(flat(params)))
        kept = self._passed_on.read_text().splitlines() if self._passed_on.exists() else []
        known = [number for number, line in enumerate(kept) if line.endswith(f" {key}")]
        if not known:
            with self._passed_on.open("a") as file:
                file.write(f"{path} {params['amount']} {key}\n")
        return Done(f"tr_{known[0] if known else len(kept)}")


def arm(point: str) -> None:
    """Die, by the one signal nobody can answer, on reaching the point; on reaching it for the second time where it says `@2`."""
    wanted, _, times = point.partition("@")
    left = [int(times or 1)]

    def reached(name: str) -> None:
        left[0] -= name == wanted
        if name == wanted and not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    crash_points.reached = reached


def run_next() -> bool:
    """Run the next job of the queue; it leaves the queue only once it has ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = 'cards' ORDER BY id LIMIT 1"
        )
        job = cursor.fetchone()
    if job is None:
        return False
    number, name, arguments = job
    app.tasks[name].func(**(json.loads(arguments) if isinstance(arguments, str) else arguments))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [number])
    return True


def pay_inside_a_transaction() -> None:
    """The guard-off twin: refund first and note it afterwards, all in one transaction, under a key nobody has kept."""
    with transaction.atomic():
        leg = RefundLeg.objects.select_for_update().filter(status="sent").get()
        params = {"payment_intent": leg.refund.payment.intent_id, "amount": leg.pence, "metadata": {}}
        network.client().refund(params, key=str(uuid4()))
        crash_points.reached(crash_points.ANSWERED)
        RefundLeg.objects.filter(pk=leg.pk).update(status="done")
        Refund.objects.filter(pk=leg.refund_id).update(status="done", done_at="2026-11-21T00:00Z")


def work(point: str, how: str = "") -> None:
    """What a worker does until it is done, or dead."""
    arm(point)
    if how == "inside":
        pay_inside_a_transaction()
        return
    while run_next():
        pass


def main() -> None:
    """Start a worker for each line, and say how it ended: 0, or minus the signal that ended it."""
    checked = Network(Path(os.environ["PASSED_ON"]))
    network.client = lambda: checked
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                work(*line.split())
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
