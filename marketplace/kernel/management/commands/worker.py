"""`python manage.py worker`: run the jobs of the queue in a process of its own, until stopped."""

import asyncio
import contextlib
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marketplace.kernel.worker import run_worker


class Command(BaseCommand):
    help = "Run the jobs of the queue until stopped (Ctrl-C or SIGTERM); a job begun is finished first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs run at the same time (2)")
        parser.add_argument("--queues", help="only these queues, separated by commas")
        parser.add_argument("--until-empty", action="store_true", help="stop when no job is waiting")

    def handle(self, *args: Any, **options: Any) -> None:
        queues = options["queues"].split(",") if options["queues"] else None
        asyncio.run(
            _until_stopped(concurrency=options["concurrency"], queues=queues, wait=not options["until_empty"])
        )


async def _until_stopped(**options: Any) -> None:
    work = asyncio.ensure_future(run_worker(**options))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work
