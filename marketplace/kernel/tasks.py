"""The one job that carries events to their subscribers."""

from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.kernel import events


@app.task(name="deliver_event", queue="events", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def deliver(event_type: str, values: dict[str, Any], subscriber: str) -> None:
    """Hand one event to one subscriber; the queue tries again with growing waits if it fails."""
    events.deliver_now(event_type, values, subscriber)
