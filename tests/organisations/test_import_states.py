"""The life of a register import: every pair of state and verb is decided."""

import itertools

import pytest

from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import NotNow
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import ImportStatus, RegisterImport
from marketplace.organisations.states import IMPORTS

pytestmark = pytest.mark.django_db
VERBS = sorted({edge.verb for edge in IMPORTS.edges})
ALLOWED = {(str(edge.source), edge.verb): str(edge.target) for edge in IMPORTS.edges}


def test_every_state_of_an_import_is_in_the_table() -> None:
    assert {str(state) for state in IMPORTS.states} == set(ImportStatus.values)


@pytest.mark.parametrize(("state", "verb"), list(itertools.product(ImportStatus.values, VERBS)))
def test_an_import_moves_along_the_table_only(state: str, verb: str) -> None:
    batch = RegisterImport.objects.create(file_name="x.csv", sha256="", status=state)

    if target := ALLOWED.get((state, verb)):
        IMPORTS.move(batch, verb, by=SYSTEM)
        assert RegisterImport.objects.get().status == target
        assert HistoryEntry.objects.latest("pk").after == target
    else:
        with pytest.raises(NotNow):
            IMPORTS.move(batch, verb, by=SYSTEM)
        assert RegisterImport.objects.get().status == state
