"""One process for `make run`: database, migrations, demo area, then web server and job worker in one event loop.

The parts can be run apart as well (`docker/compose.yaml` does): `manage.py migrate`, a WSGI or ASGI server on `backend.wsgi` or
`backend.asgi`, and `manage.py worker`.
"""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import environ
import uvicorn

from backend import card_network

log = logging.getLogger(__name__)

SECONDS_FOR_OPEN_REQUESTS = 5
SECONDS_BEFORE_WORKER_RESTARTS = 2.0


def main() -> int:
    """Prepare, serve until Ctrl-C or SIGTERM, and leave nothing running. Returns the exit code of the process."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    try:
        listening = socket.create_server((host, port), backlog=128)
    except OSError as error:
        print(_why_not(error, host, port), file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    os.environ.setdefault("DATABASE_POOL", "1")
    os.environ["PORT"] = str(listening.getsockname()[1])
    with listening, _simulated_cards():
        prepare()
        with contextlib.suppress(KeyboardInterrupt), _process_id_kept():
            asyncio.run(serve(listening))
    print("Stopped. Your data is kept; make run brings it back.")
    return 0


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Choose another one: PORT={port + 1} make run"
    return f"Can't listen on {host} port {port}: {error.strerror}. Set HOST and PORT to an address of this computer."


@contextlib.contextmanager
def _simulated_cards() -> Iterator[None]:
    """On one person's computer, without keys of the real card network, a stand-in for it runs beside the exchange."""
    environ.Env.read_env(Path(__file__).resolve().parent.parent / ".env")
    env = environ.Env()
    is_installation = bool(env("DATABASE_URL", default="")) or not env.bool("DEBUG", default=True)
    if is_installation or env("STRIPE_SECRET_KEY", default="") or not card_network.is_installed():
        yield
        return
    with card_network.stand_in() as running:
        os.environ.update(running.environment())
        running.send_events_to(f"http://127.0.0.1:{os.environ['PORT']}/webhooks/stripe/")
        yield


def prepare() -> None:
    """Bring the database up to date, make the demo area the first time, and say who can sign in."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from marketplace.organisations.models import Area

    if _migrations_are_due():
        print("Bringing the database up to date …", flush=True)
        call_command("migrate", verbosity=0)
    if settings.DEMO_AREA and not Area.objects.exists():
        print("Making the demo area, a fictional borough. Once only, about a minute …", flush=True)
        call_command("demo_area")
    if settings.DEBUG:
        call_command("sign_in_links")
    print(f"\nThe exchange is at {settings.SITE_URL}/   (Ctrl-C stops it)\n", flush=True)


def _migrations_are_due() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


async def serve(listening: socket.socket) -> None:
    """Web server and worker side by side until a signal; then requests and jobs already begun are finished."""
    from backend.asgi import application

    # WhiteNoise answers with ordinary iterators, which Django reads in a thread: meant, and not worth a line per file.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    server = _Server(
        uvicorn.Config(
            application,
            log_level="warning",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_FOR_OPEN_REQUESTS,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    worker = asyncio.create_task(_keep_working())
    try:
        await server.serve(sockets=[listening])
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker


class _Server(uvicorn.Server):
    """uvicorn, leaving the signals to `serve`, which stops the worker with it."""

    def stop(self) -> None:
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _keep_working() -> None:
    """Run the worker, and begin again should it fail (the database was away for a moment)."""
    from marketplace.kernel.worker import run_worker

    while True:
        try:
            await run_worker()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("The worker failed; it starts again in a moment.")
        await asyncio.sleep(SECONDS_BEFORE_WORKER_RESTARTS)


@contextlib.contextmanager
def _process_id_kept() -> Iterator[None]:
    """Keep this process's id in the data folder while it runs, so that `make reset` does not empty it underneath."""
    from django.conf import settings

    kept = settings.DATA_DIR / "serve.pid"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(os.getpid()))
    try:
        yield
    finally:
        kept.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
