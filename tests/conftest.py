"""What every test stands on: jobs run when asked, append-only tables emptied between transactional tests, open data by path."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from tests.card_network import cards, simulated_network  # noqa: F401  (fixtures)

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("house")

SHARED_DATA = Path(
    os.environ.get("SHARED_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data")
)


@pytest.fixture
def open_data() -> Callable[[str], Path]:
    """`open_data("gias/x.csv")` is the path of a file of the open data set; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"open data file {name} is not here: set SHARED_DATA to the folder that holds it")
        return path

    return find


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, which goes at the end although a thread of a server may not have hung up yet."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True, scope="session")
def _flush_append_only_tables() -> Iterator[None]:
    """Between transactional tests all tables are emptied, the queue's too; only here are the append-only triggers lifted."""
    from marketplace.catalogue import vocabulary
    from marketplace.catalogue.models import SupportType, Theme

    flush = TransactionTestCase._fixture_teardown

    def flush_with_triggers_lifted(self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        try:
            flush(self)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = DEFAULT")
                cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
        # What a migration put there belongs there: the next test file may rely on it.
        vocabulary.install(Theme, SupportType)

    TransactionTestCase._fixture_teardown = flush_with_triggers_lifted  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = flush  # type: ignore[method-assign]


@pytest.fixture
def run_jobs() -> Callable[[], list[str]]:
    """Run the jobs waiting in the queue, and those they enqueue, on this connection; the names of the tasks run come back."""
    from procrastinate.contrib.django import app

    def run() -> list[str]:
        ran = []
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = (SELECT id FROM procrastinate_jobs"
                    " WHERE status = 'todo' ORDER BY id LIMIT 1) RETURNING task_name, args"
                )
                job = cursor.fetchone()
            if job is None:
                return ran
            name, arguments = job
            app.tasks[name].func(**(json.loads(arguments) if isinstance(arguments, str) else arguments))
            ran.append(name)

    return run
