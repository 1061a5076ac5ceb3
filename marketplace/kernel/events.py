"""Events: what one capability announces and others react to, without the one knowing the others.

`publish(event)` puts one job per subscriber into the queue **in the same transaction**: what was rolled back is never told,
and what was committed is never forgotten. A job may run more than once, so subscribers are idempotent.

    @dataclass(frozen=True)
    class BookingDelivered:
        booking_id: int

    @subscribe(BookingDelivered)
    def issue_document(event: BookingDelivered) -> None: ...

Subscribers live in `tasks.py` of their capability, which the queue imports at start. Events carry ids and plain values only.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from procrastinate.contrib.django import app

E = TypeVar("E")
Subscriber = Callable[[Any], None]

_subscribers: dict[type, dict[str, Subscriber]] = defaultdict(dict)
_types: dict[str, type] = {}


def _name_of(thing: Callable[..., Any] | type) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def subscribe(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function to be run by a worker for each event of the type."""

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        _types[_name_of(event_type)] = event_type
        _subscribers[event_type][_name_of(function)] = function
        return function

    return register


def publish(event: Any) -> None:
    """Enqueue one job per subscriber of the event, inside the current transaction."""
    common: dict[str, Any] = {"event_type": _name_of(type(event)), "values": dataclasses.asdict(event)}
    jobs = [common | {"subscriber": subscriber} for subscriber in _subscribers[type(event)]]
    if jobs:
        app.configure_task("deliver_event", queue="events").batch_defer(
            *jobs
        )  # one statement, however many subscribers


def deliver_now(event_type: str, values: dict[str, Any], subscriber: str) -> None:
    """Run one subscriber for one event: what the queue's job does."""
    kind = _types[event_type]
    _subscribers[kind][subscriber](kind(**values))


def subscriptions() -> dict[str, list[str]]:
    """Event name → names of its subscribers, for the documents and tests."""
    return {_name_of(kind): sorted(functions) for kind, functions in _subscribers.items()}
