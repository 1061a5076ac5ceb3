"""The one job that carries events to their subscribers."""

from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.kernel import events, idempotency


@app.task(name="deliver_event", queue="events", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def deliver(event_type: str, values: dict[str, Any], subscriber: str) -> None:
    """Hand one event to one subscriber; the queue tries again with growing waits if it fails."""
    events.deliver_now(event_type, values, subscriber)


@app.periodic(cron="20 3 * * *")
@app.task(name="forget_idempotency_keys", queue="tidying")
def forget_idempotency_keys(timestamp: int) -> None:
    """Every night: drop stored answers nobody will ask for again."""
    idempotency.forget_old_keys()
