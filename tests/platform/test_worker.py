"""The worker: jobs at least once, also those a dead worker left behind (I10)."""

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from marketplace.kernel import events
from marketplace.kernel.worker import run_worker
from tests.loops import run_async

pytestmark = pytest.mark.django_db(transaction=True)


class Rang:
    """How often the bell was heard."""

    times = 0


def ring(key: int) -> None:
    Rang.times += 1


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscriber that counts instead of those of the business."""
    Rang.times = 0
    monkeypatch.setattr(events, "deliver_now", lambda event_type, values, subscriber: ring(**values))


def enqueue(key: int) -> int:
    return int(app.tasks["deliver_event"].defer(event_type="t", values={"key": key}, subscriber="s"))


def work() -> None:
    run_async(run_worker(wait=False))


def jobs() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, attempts FROM procrastinate_jobs WHERE task_name = 'deliver_event' ORDER BY id"
        )
        return list(cursor.fetchall())


def test_a_job_is_run_and_gone_when_it_succeeded() -> None:
    enqueue(1)

    work()

    assert Rang.times == 1 and jobs() == []


def test_what_was_rolled_back_is_never_run() -> None:
    with transaction.atomic():
        enqueue(1)
        transaction.set_rollback(True)

    work()

    assert Rang.times == 0


def test_a_job_that_fails_waits_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError("the mail server is away")

    monkeypatch.setattr(events, "deliver_now", fail)
    enqueue(1)

    work()

    assert jobs() == [("todo", 1)]


def test_a_job_left_by_a_dead_worker_is_run_again() -> None:
    job = enqueue(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
        )
        [worker] = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job]
        )

    work()

    assert Rang.times == 1 and jobs() == []


def test_a_job_a_living_worker_is_at_is_left_alone() -> None:
    job = enqueue(1)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        [worker] = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job]
        )

    work()

    assert Rang.times == 0 and jobs() == [("doing", 0)]


def test_a_job_enqueued_by_a_job_belongs_to_that_jobs_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    def enqueue_and_fail(event_type: str, values: dict[str, int], subscriber: str) -> None:
        with transaction.atomic():
            if values["key"] == 1:
                enqueue(2)
                raise RuntimeError
            ring(values["key"])

    monkeypatch.setattr(events, "deliver_now", enqueue_and_fail)
    enqueue(1)

    work()

    assert Rang.times == 0 and len(jobs()) == 1
