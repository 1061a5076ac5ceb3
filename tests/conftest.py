"""What every test stands on: jobs run when asked, a database of which little is made anew, open data by path."""

import gc
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django.plugin import DjangoDbBlocker

from tests import database
from tests.card_network import cards, simulated_network  # noqa: F401  (fixtures)

hypothesis.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis.load_profile("house")

SHARED_DATA = Path(
    os.environ.get("SHARED_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data")
)


# Files that take a minute go first, so that no process is left with one while the other has nothing to do. The browser goes
# last, because its event loop stays on the thread of the tests.
FIRST = ("platform/test_authorisation", "demo_area/", "billing/test_", "platform/test_serve", "partnership/")
LAST = ("e2e/test_m", "e2e/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = (*FIRST, "", *LAST)
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        name = Path(os.path.relpath(item.path, here)).as_posix()
        return order.index(next((each for each in (*FIRST, *LAST) if name.startswith(each)), ""))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it for garbage again and again takes a tenth of the time of all tests."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


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
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        if settings.EMBEDDED:
            database.be_quick_rather_than_safe()
        connection.settings_dict["TEST"]["TEMPLATE"] = database.template()


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
def _empty_between_transactional_tests() -> Iterator[None]:
    """What a migration put there stays: the next test file may rely on it."""
    from marketplace.catalogue import vocabulary
    from marketplace.catalogue.models import SupportType, Theme

    kept: list[tuple[type[Model], list[Model]]] = []

    def empty(self: TransactionTestCase) -> None:
        database.empty()
        if not kept:
            vocabulary.install(Theme, SupportType)
            kept.extend((model, list(model.objects.order_by("pk"))) for model in (Theme, SupportType))
        else:
            for model, rows in kept:
                model._default_manager.bulk_create(rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


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
