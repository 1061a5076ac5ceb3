"""Advice as it is asked for, kept, refined and told: who may, what it rests on, and that it says what it means."""

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.catalogue.models import Theme
from marketplace.coverage import actions, advising, queries
from marketplace.coverage.advising.words import Names, reckoning, sentence
from marketplace.coverage.errors import AdviceImpossible, CoverageSettingsInvalid
from marketplace.coverage.events import AdviceRefined
from marketplace.coverage.measures.advice import Candidate, Costs, Kind
from marketplace.coverage.models import Advice, Cell, Snapshot
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import NotFound
from marketplace.notifications import tasks as notifications
from marketplace.notifications.models import LiveFrame
from marketplace.organisations.models import Area
from tests.builders import (
    a_board_member,
    a_convenor,
    a_needy_school,
    a_provider_at,
    a_ward,
    actor_of,
    an_area,
    days_of_help,
    worked_out,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def phonics() -> Theme:
    return Theme.objects.get(code="phonics")


@pytest.fixture
def area(phonics: Theme) -> Area:
    """20 days of phonics needed by two schools of a ward; Fell Hub has 8 days at its price, and nobody else any."""
    area = an_area(name="Calderbeck")
    ward = a_ward(area, name="Ward of Holm")
    for n in range(2):
        a_needy_school(area, 10, phonics, east=n, ward=ward)
    days_of_help(a_provider_at(area, name="Fell Hub"), 8, phonics, title="Phonics coaching")
    worked_out(area)
    return area


def ask(area: Area, **question: Any) -> Advice:
    return actions.ask_for_advice(
        actor=actor_of(a_convenor(area)), area=area, **{"budget_pence": 400_000} | question
    )


def test_a_first_answer_is_there_at_once_and_a_worker_refines_it(
    area: Area, run_jobs: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    advice = ask(area)
    assert (advice.state, advice.result["exact"]) == ("at_once", None)
    monkeypatch.setattr("marketplace.kernel.events.publish", told.append)

    ran = run_jobs()

    advice = Advice.objects.get(pk=advice.pk)
    assert "refine_advice" in ran and told == [AdviceRefined(area.pk, advice.pk)]
    assert advice.state == "refined" and advice.refined_at is not None
    assert advice.result["exact"]["bound"] >= advice.result["days"] - 0.01
    assert [entry.verb for entry in history.of(advice)] == ["ask", "refine"]


def test_the_answer_agrees_with_the_snapshot_and_closes_what_it_says(area: Area, phonics: Theme) -> None:
    advice = ask(area)

    cell = Cell.objects.get(snapshot=advice.snapshot, theme=phonics, phase="primary", ward=None)
    [line] = advice.result["lines"]
    assert advice.result["unmet_days"] == cell.capacity_gap == 12
    assert (line["kind"], line["days"], line["capacity_gap"], line["schools"]) == ("more_days", 5, 5, 2)
    assert line["sentence"] == "Ask Fell Hub for 5 days more of “Phonics coaching”."
    assert line["cells"] == [
        {
            "theme": "phonics",
            "theme_name": phonics.name,
            "phase": "primary",
            "phase_label": "Primary",
            "days": 5,
            "schools": 2,
        }
    ]
    assert line["ward"] == area.wards.get().code
    assert line["pence_per_day"] * 5 == line["cost_pence"] <= 400_000


def test_advice_rests_on_what_is_there_now(area: Area, phonics: Theme) -> None:
    before = Snapshot.objects.filter(area=area).count()
    a_needy_school(area, 6, phonics)

    advice = ask(area)

    assert Snapshot.objects.filter(area=area).count() == before + 1
    assert advice.result["unmet_days"] == 18


def test_without_a_budget_only_brokering_is_advised(phonics: Theme) -> None:
    area = an_area()
    a_needy_school(area, 6, phonics)
    a_needy_school(area, 6, phonics, east=30)
    days_of_help(a_provider_at(area), 6, phonics, reach_km=5)
    days_of_help(a_provider_at(area, east=10), 6, phonics, reach_km=25)

    answer = ask(area, budget_pence=0).result

    assert answer["lines"] == [] and answer["cost_pence"] == 0
    assert answer["free_days"] > 0
    assert answer["free_days"] == sum(cell["days"] for cell in answer["free"])


def test_only_a_convenor_of_the_area_asks_and_reads(area: Area) -> None:
    advice = ask(area)

    for stranger in (actor_of(a_convenor(an_area())), actor_of(a_board_member(area))):
        with pytest.raises(NotFound):
            actions.ask_for_advice(actor=stranger, area=area, budget_pence=1)
        with pytest.raises(NotFound):
            queries.advice_for(stranger, advice.reference)
        assert not queries.advice_of(stranger).exists()
    assert queries.advice_for(actor_of(a_convenor(area)), advice.reference) == advice


def test_a_question_that_makes_no_sense_says_how_to_put_it_right(area: Area) -> None:
    heading = Theme.objects.get(code="curriculum-and-teaching")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"budget_pence": -1}, "budget"),
        ({"budget_pence": actions.MOST_BUDGET + 1}, "budget"),
        ({"theme": heading}, "theme"),
        ({"phase": "sixth"}, "phase"),
        ({"ward": a_ward(an_area())}, "ward"),
        ({"ward_floor_percent": 101}, "floor"),
    ]
    for question, field in wrong:
        with pytest.raises(AdviceImpossible) as refused:
            ask(area, **question)
        assert refused.value.field == field and refused.value.remedy


def test_a_question_is_narrowed_down_to_theme_phase_and_ward(area: Area, phonics: Theme) -> None:
    other = a_ward(area, name="Ward of Fell")
    a_needy_school(area, 30, phonics, ward=other)

    narrow = ask(area, theme=phonics, phase="primary", ward=other, ward_floor_percent=50, limit_owners=True)

    assert narrow.result["unmet_days"] < ask(area).result["unmet_days"]
    assert ask(area, phase="secondary").result["unmet_days"] == 0
    assert {line["ward"] for line in narrow.result["lines"]} <= {other.code}


def test_the_areas_own_costs_are_reckoned_with(area: Area) -> None:
    convenor = actor_of(a_convenor(area))
    with pytest.raises(CoverageSettingsInvalid, match="outside_day_pence must be a whole number"):
        actions.change_settings(actor=convenor, area=area, values={"advice": {"outside_day_pence": "dear"}})
    with pytest.raises(CoverageSettingsInvalid, match="not a record"):
        actions.change_settings(actor=convenor, area=area, values={"advice": 3})

    actions.change_settings(actor=convenor, area=area, values={"advice": {"outside_day_pence": 100_00}})
    [line, *_] = ask(area).result["lines"]

    assert (line["kind"], line["cost_pence"] / line["bought"]) == ("outside", 100_00)


def test_refining_again_changes_nothing(area: Area) -> None:
    advice = ask(area)
    asked = advising.plan_for(advice, seconds=1.0)
    actions.refine_advice(actor=SYSTEM, advice_id=advice.pk)
    first = Advice.objects.get(pk=advice.pk).refined_at

    actions.refine_advice(actor=SYSTEM, advice_id=advice.pk)
    actions._keep_refined(actor=SYSTEM, advice_id=advice.pk, asked=asked)

    assert Advice.objects.get(pk=advice.pk).refined_at == first


def test_refined_advice_is_shown_to_convenors_and_not_to_the_board(area: Area) -> None:
    convenor, member = a_convenor(area), a_board_member(area)

    notifications.show_advice(AdviceRefined(area.pk, 1))

    told = set(LiveFrame.objects.filter(kind="advice").values_list("user_id", flat=True))
    assert convenor.pk in told and member.pk not in told and None not in told


@pytest.mark.parametrize(
    ("kind", "says", "costs"),
    [
        (Kind.MORE_DAYS, "Ask Fell Hub for 10 days more of “Coaching”.", "10 days at £400.00"),
        (Kind.WIDER_REACH, "to travel up to 30 km with “Coaching”", "£400.00 of travel each"),
        (Kind.REMOTE, "Help Fell Hub to give “Coaching” remotely too", "equipment and a trial"),
        (
            Kind.REDIRECT,
            "Prepare Fell Hub to support Maths as well",
            "training and release, for straightforward cases",
        ),
        (
            Kind.OUTSIDE,
            "Call for offers of Maths, primary, from providers new to the area: 10 days",
            "£400.00",
        ),
        (Kind.PRACTITIONER, "new practitioner for Maths, primary, at Holm School", "£1,000.00 to prepare"),
    ],
)
def test_each_way_is_told_in_words_that_can_be_acted_on(kind: Kind, says: str, costs: str) -> None:
    candidate = Candidate(kind=kind, days=5, cost_pence=200_000, weeks=4, owner=1, most=2, reach_m=30_000)
    names = Names("Fell Hub", "Coaching", "Maths", "primary", "Holm School")

    assert says in sentence(candidate, 2, names)
    assert costs in reckoning(candidate, 2, Costs())


def test_asking_takes_as_many_queries_whatever_the_size_of_the_area(
    area: Area, phonics: Theme, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        a_needy_school(area, 3, phonics, east=n / 3)
        days_of_help(a_provider_at(area, east=n / 3), 3, phonics)
    worked_out(area)
    convenor = actor_of(a_convenor(area))

    with django_assert_max_num_queries(48):
        actions.ask_for_advice(actor=convenor, area=area, budget_pence=400_000)
