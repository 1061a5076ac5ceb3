"""Edits of a scenario as data: what may be in them and what they cost."""

from typing import Any

import pytest

from marketplace.coverage.errors import ScenarioEditInvalid
from marketplace.coverage.scenarios import lines
from marketplace.coverage.scenarios.lines import Kind

GOOD: list[dict[str, Any]] = [
    {"kind": "add", "theme": "phonics", "phase": "primary", "days": 20, "ward": "E05000001", "km": 25, "pence": 40_000},
    {"kind": "extend", "offer": "OF-1", "days": 2.5, "pence": 35_000},
    {"kind": "reach", "offer": "OF-1", "km": 40, "cost_pence": 60_000},
    {"kind": "remote", "offer": "OF-1", "remote": False},
    {"kind": "redirect", "offer": "OF-1", "theme": "maths", "cost_pence": 50_000},
    {"kind": "remove", "offer": "OF-1"},
    {"kind": "remove", "provider": "OR-1"},
    {"kind": "need", "school": 123456, "theme": "maths", "phase": "primary", "days": 4, "remote": True},
]  # fmt: skip


@pytest.mark.parametrize("data", GOOD)
def test_a_line_is_stored_and_read_again_as_it_was(data: dict[str, Any]) -> None:
    line = lines.read(data, number=3)

    assert lines.stored(line.as_data()) == line
    assert line.as_data() == {**data, "id": 3}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "kind"),
        ({"kind": "bribe"}, "kind"),
        ({"kind": 7}, "kind"),
        ({"kind": "add", "theme": "phonics", "phase": "primary"}, "days"),
        ({**GOOD[0], "days": 0}, "days"),
        ({**GOOD[0], "days": -1}, "days"),
        ({**GOOD[0], "days": 1.1}, "days"),
        ({**GOOD[0], "days": True}, "days"),
        ({**GOOD[0], "days": float("nan")}, "days"),
        ({**GOOD[0], "days": "20"}, "days"),
        ({**GOOD[0], "days": 10**9}, "days"),
        ({**GOOD[0], "phase": "nonsense"}, "phase"),
        ({**GOOD[0], "phase": ["primary"]}, "phase"),
        ({**GOOD[0], "theme": "a\x00b"}, "theme"),
        ({**GOOD[0], "theme": {"code": "phonics"}}, "theme"),
        ({**GOOD[0], "pence": 1.5}, "pence"),
        ({**GOOD[0], "pence": -1}, "pence"),
        ({**GOOD[0], "mode": "by owl"}, "mode"),
        ({**GOOD[0], "offer": "OF-1"}, "offer"),
        ({**GOOD[2], "km": 1000}, "km"),
        ({**GOOD[3], "remote": "no"}, "remote"),
        ({"kind": "remove"}, "offer"),
        ({"kind": "remove", "offer": "OF-1", "provider": "OR-1"}, "offer"),
        ({**GOOD[7], "school": "123456"}, "school"),
        ({**GOOD[7], "school": -5}, "school"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_field_at_fault(data: dict[str, Any], field: str) -> None:
    with pytest.raises(ScenarioEditInvalid) as refused:
        lines.read(data, number=1)

    assert refused.value.field == field
    assert refused.value.remedy


def test_a_line_costs_its_days_or_what_is_paid_once() -> None:
    assert lines.read(GOOD[0], number=1).spent_pence == 800_000
    assert lines.read(GOOD[1], number=1).spent_pence == 87_500
    assert lines.read(GOOD[2], number=1).spent_pence == 60_000
    assert lines.read(GOOD[5], number=1).spent_pence == 0


def test_every_kind_has_words_and_fields() -> None:
    for kind in Kind:
        assert kind.label
        assert lines.REQUIRED[kind] | lines.OPTIONAL[kind] <= set(lines.READ)
