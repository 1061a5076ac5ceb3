"""The worker: runs the jobs of the queue, in a process of its own or beside the web server in one event loop.

A job that itself enqueues jobs must do so in its own transaction, so tasks keep the app that stands on Django's connection. Only
the fetching of jobs, which waits for notifications from the database, has an asynchronous connection pool of its own.
"""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from procrastinate import App
from procrastinate.contrib.django import app, django_connector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.psycopg_connector import PsycopgConnector

log = logging.getLogger(__name__)

# A job still running this long after the worker was asked to stop is waited for, but no other is begun.
GRACE_SECONDS = 20.0
LOOK_FOR_STALLED_EVERY = 30.0


def worker_app() -> App:
    """The queue's app as the worker needs it: the same tasks, fetched over an asynchronous pool."""
    assert isinstance(app.connector, django_connector.DjangoConnector)
    return app.with_connector(PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4))


async def run_worker(*, concurrency: int = 2, queues: list[str] | None = None, wait: bool = True) -> None:
    """Run jobs until cancelled (or, with `wait=False`, until none is left), and again those a dead worker left behind."""
    fetching = worker_app()
    async with fetching.open_async():
        await retry_stalled_jobs(fetching)
        looking = asyncio.create_task(_keep_retrying_stalled_jobs(fetching))
        try:
            await fetching.run_worker_async(
                concurrency=concurrency,
                queues=queues,  # type: ignore[arg-type]  # None is every queue
                wait=wait,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="successful",
            )
        finally:
            looking.cancel()
            await sync_to_async(close_old_connections)()  # the one over which periodic jobs were enqueued


async def _keep_retrying_stalled_jobs(fetching: App) -> None:
    while True:
        await asyncio.sleep(LOOK_FOR_STALLED_EVERY)
        try:
            await retry_stalled_jobs(fetching)
        except ConnectorException:
            log.exception("Could not look for jobs left behind; trying again in a while.")


async def retry_stalled_jobs(fetching: App) -> int:
    """Put jobs whose worker died (its heartbeat stopped) back into the queue; how many there were."""
    stalled = list(await fetching.job_manager.get_stalled_jobs())
    for job in stalled:
        log.warning("Job %s was left by a worker that died: it runs again.", job.call_string)
        try:
            await fetching.job_manager.retry_job(job)
        except (
            UniqueViolation
        ):  # the same work was asked for again meanwhile and waits in the queue: once is enough
            await fetching.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
    return len(stalled)
