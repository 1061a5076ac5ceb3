"""The write path: one transaction per action, locks in one order, and a short retry when the database asks for it.

Lock order in every action: practitioners (by primary key) → entitlement and money accounts (by primary key) → booking →
claims → transfers → history → job. Whoever locks the hottest row last holds it for the shortest time.
"""

import functools
import random
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, models, transaction

from marketplace.kernel.errors import Busy, NotFound

P = ParamSpec("P")
R = TypeVar("R")

# deadlock, serialisation failure, lock not available, administrator shutdown
RETRIED = frozenset({"40P01", "40001", "55P03", "57P01"})
ATTEMPTS = 4


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """Make a function one transaction, tried again up to three times when the database reports a passing conflict.

    Inside an outer transaction the function simply joins it: only the outermost action can be tried again. Raises `Busy` when
    every try failed.
    """

    @functools.wraps(verb)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            with transaction.atomic():
                return verb(*args, **kwargs)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return verb(*args, **kwargs)
            except OperationalError as error:
                if _sqlstate(error) not in RETRIED:
                    raise
                if attempt == ATTEMPTS:
                    raise Busy from error
                connection.close_if_unusable_or_obsolete()
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise AssertionError("unreachable")

    return wrapper


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def locked(rows: models.QuerySet[Any], **lookup: Any) -> Any:
    """The one row of `rows` matching `lookup`, locked until the transaction ends; `NotFound` if it isn't there for this actor.

    The lock is `FOR NO KEY UPDATE`, which does not stop others from inserting rows that refer to it.
    """
    row = rows.select_for_update(no_key=True, of=("self",)).filter(**lookup).first()
    if row is None:
        raise NotFound
    return row


def constraint_of(error: BaseException) -> str:
    """The name of the database constraint behind an `IntegrityError`, so that it can be told as a domain error."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
