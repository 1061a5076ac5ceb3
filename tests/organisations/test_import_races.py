"""Two imports of one area at the same moment: one is carried out, the other is told to wait."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from marketplace.kernel.access import SYSTEM
from marketplace.organisations import actions
from marketplace.organisations.actions import register
from marketplace.organisations.errors import ImportInTheWay
from marketplace.organisations.models import RegisterImport
from tests.organisations.importing import a_row, imported, previewed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

IMPORTS_AT_ONCE = 8


def at_once(batches: list[RegisterImport], apply: Callable[[RegisterImport], object]) -> list[object]:
    """What became of applying each batch in a thread of its own, all beginning together."""
    start = threading.Barrier(len(batches))
    outcomes: list[object] = []

    def run(batch: RegisterImport) -> None:
        start.wait()
        try:
            apply(batch)
            outcomes.append("applied")
        except Exception as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def several_previews() -> list[RegisterImport]:
    imported(a_row())
    return [previewed(a_row(NumberOfPupils=str(pupils))) for pupils in range(IMPORTS_AT_ONCE)]


def ask(batch: RegisterImport) -> None:
    actions.apply_register(actor=SYSTEM, batch=batch.reference, queue=False)


def test_of_imports_applied_at_once_one_is_taken_and_the_others_are_refused() -> None:
    batches = several_previews()

    outcomes = at_once(batches, ask)

    assert outcomes.count("applied") == 1
    assert outcomes.count(ImportInTheWay) == IMPORTS_AT_ONCE - 1
    assert RegisterImport.objects.filter(status="applying").count() == 1


def test_without_the_lock_on_the_area_several_would_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = several_previews()
    all_checked = threading.Barrier(IMPORTS_AT_ONCE)
    check = register._check_nothing_at_work
    monkeypatch.setattr(register, "_lock_areas", lambda batch: None)
    monkeypatch.setattr(
        register, "_check_nothing_at_work", lambda batch: (check(batch), all_checked.wait(timeout=10))
    )

    outcomes = at_once(batches, ask)

    assert outcomes.count("applied") > 1
