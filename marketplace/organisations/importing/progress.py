"""Telling how far a long transaction has come, while it shows nothing yet to anybody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from marketplace.organisations.models import RegisterImport

EVERY = 500  # records


@contextmanager
def progress_of(batch: RegisterImport) -> Iterator[Callable[[int], None]]:
    """A function that takes the number of records done and writes it beside the batch, on a connection of its own.

    Progress is a courtesy: where it can't be written, the work goes on.
    """
    aside = connections["default"].copy()
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        if done - told >= EVERY:
            told = done
            _write(aside, batch.pk, done)

    try:
        yield tell
    finally:
        aside.close()


def _write(aside: BaseDatabaseWrapper, pk: int, done: int) -> None:
    table = RegisterImport._meta.db_table
    try:
        with aside.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            cursor.execute(
                f"UPDATE {table} SET done = %s, worked_at = %s WHERE id = %s",  # noqa: S608 – our own table's name
                [done, timezone.now(), pk],
            )
    except DatabaseError:
        return
