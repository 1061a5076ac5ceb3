"""When the daily summary goes: on working days from seven in the morning, by the clock in London."""

from datetime import UTC, date, datetime
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.notifications import actions, queries

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.periodic(cron="*/30 6-18 * * *")
@app.task(name="send_digests", queue="notifications")
def send_digests(timestamp: int) -> None:
    """From seven o'clock on (in London: the queue's own clock has no summer time), one job for each person with a summary to come.

    Asked every half hour, so that a worker which was down at seven makes up for it. What came after seven waits for the next day.
    """
    day = queries.digest_day(datetime.fromtimestamp(timestamp, tz=UTC))
    if day is None:
        return
    jobs: list[dict[str, Any]] = [
        {"user_id": pk, "day": day.isoformat()} for pk in queries.people_to_summarise(day)
    ]
    if jobs:
        app.configure_task("send_digest", queue="notifications").batch_defer(*jobs)


@app.task(name="send_digest", queue="notifications", retry=RETRY)
def send_digest(user_id: int, day: str) -> None:
    """One person's summary."""
    actions.send_digest(user_id=user_id, day=date.fromisoformat(day))
