"""How long the whole register of England takes to read and apply, and how much memory: `pytest -s tests/bench/bench_import.py`.

Meant: under 60 s and 500 MB on two cores for the 28,183 establishments of the open data set.
"""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from marketplace.kernel.access import SYSTEM
from marketplace.organisations import actions
from marketplace.organisations.models import School

SECONDS = 60
MEGABYTES = 500


@pytest.mark.django_db(transaction=True)
def test_all_england_is_imported_within_a_minute(open_data: Callable[[str], Path]) -> None:
    path = open_data("gias/establishments_england.csv.gz")
    started = time.monotonic()

    with path.open("rb") as upload:
        batch = actions.import_register_now(actor=SYSTEM, upload=upload, file_name=path.name, apply=False)
    previewed = time.monotonic()
    actions.apply_register(actor=SYSTEM, batch=batch, queue=False)
    batch.refresh_from_db()
    actions.carry_out_apply(actor=SYSTEM, batch=batch)
    applied = time.monotonic()
    with path.open("rb") as upload:
        again = actions.import_register_now(actor=SYSTEM, upload=upload, file_name=path.name)
    repeated = time.monotonic()
    actions.undo_register_now(actor=SYSTEM, batch=batch)
    undone = time.monotonic()

    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{batch.read} rows: preview {previewed - started:.1f} s, apply {applied - previewed:.1f} s,"
        f" again (nothing to do) {repeated - applied:.1f} s, undo {undone - repeated:.1f} s, {memory:.0f} MB at most"
    )
    assert batch.added == batch.read
    assert again.unchanged == again.read
    assert not School.objects.exists()
    assert applied - started < SECONDS
    assert memory < MEGABYTES
