"""From what schools said to the days that are counted."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.coverage.measures import Phase, Settings, measure
from marketplace.coverage.measures.demand import (
    choice_weight,
    counted_days,
    latent_days,
    phase_of_register,
)
from marketplace.coverage.measures.errors import MeasureError
from marketplace.coverage.measures.inputs import Layer
from tests.coverage.measures_builders import a_snapshot


def test_a_need_stated_only_as_an_intensity_is_given_assumed_days() -> None:
    assert [counted_days(stated=None, intensity=word) for word in ("light", "focused", "intensive")] == [
        1,
        6,
        15,
    ]
    assert counted_days(stated=None, intensity="focused", assumed={"focused": 4}) == 4
    assert counted_days(stated=5, deployed=1.75) == 3.25
    assert counted_days(stated=5, deployed=8) == 0
    with pytest.raises(MeasureError, match="light"):
        counted_days(stated=None)


def test_latent_need_is_modelled_from_pupils() -> None:
    assert latent_days(pupils=420, days_per_100_pupils=0.5, risk=1.25) == 2.5


def test_choice_weights_stay_between_one_and_three() -> None:
    assert choice_weight(priority_theme=False, risk="low", most_disadvantaged=False) == 1
    assert choice_weight(priority_theme=True, risk="medium", most_disadvantaged=True) == pytest.approx(2.25)
    assert choice_weight(priority_theme=True, risk="intervention", most_disadvantaged=True) == 3


def test_phases_of_the_register() -> None:
    assert phase_of_register(3, special_or_alternative=False) is Phase.PRIMARY
    assert phase_of_register(5, special_or_alternative=False) is Phase.SECONDARY
    assert phase_of_register(7, special_or_alternative=False) is Phase.ALL_THROUGH
    assert phase_of_register(0, special_or_alternative=True) is Phase.SPECIAL
    assert phase_of_register(0, special_or_alternative=False) is Phase.BLANK


def test_a_blank_need_of_an_all_through_school_is_split_by_its_pupils() -> None:
    def days_by_phase(**pupils: Any) -> dict[int | None, float]:
        schools = {"x": [0.0], "phase": [Phase.ALL_THROUGH]} | pupils
        found = measure(a_snapshot(schools=schools, needs={"id": [77]}), checks=False)
        assert found.needs.id.tolist() == [77, 77]
        return {cell.phase: cell.need_days for cell in found.by("phase") if cell.need_days}

    assert days_by_phase() == {Phase.PRIMARY: 5.0, Phase.SECONDARY: 5.0}
    assert days_by_phase(pupils_younger=[300], pupils_older=[900]) == {
        Phase.PRIMARY: 2.5,
        Phase.SECONDARY: 7.5,
    }


def test_a_need_keeps_its_own_phase_in_an_all_through_school() -> None:
    schools = {"x": [0.0], "phase": [Phase.ALL_THROUGH]}

    found = measure(a_snapshot(schools=schools, needs={"phase": [Phase.SECONDARY]}), checks=False)

    assert found.needs.phase.tolist() == [Phase.SECONDARY]


def test_needs_of_closed_schools_are_dropped() -> None:
    found = measure(
        a_snapshot(
            schools={"x": [0.0, 1.0], "open": [True, False]},
            needs={"school": [0, 1], "days": [3.0, 9.0], "id": [5, 6]},
        ),
        checks=False,
    )

    assert found.needs.id.tolist() == [5]
    assert found.by()[0].need_days == 3.0


def test_only_declared_needs_are_in_the_headline() -> None:
    snapshot = a_snapshot(
        needs={"school": [0, 0], "days": [3.0, 9.0], "layer": [Layer.DECLARED, Layer.LATENT]}
    )

    assert measure(snapshot, checks=False).by()[0].need_days == 3.0
    modelled = Settings(layers=(Layer.LATENT,))
    assert measure(snapshot, modelled, checks=False).by()[0].need_days == 9.0
