"""Rules of calls and commissions, without a database."""

from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.kernel.errors import NotNow
from marketplace.partnership import rules
from marketplace.partnership.errors import CallInvalid, CommissionInvalid
from marketplace.partnership.rules import Box, CallTerms, CommissionTerms, Held, ResponseTerms

TODAY = date(2026, 10, 5)
CALL = {
    "title": "Early reading",
    "words": "Too few people.",
    "phases": ("primary",),
    "half_days": 40,
    "ceiling_pence": 45_000,
    "closes_on": TODAY + timedelta(days=21),
}
ANSWER = {"half_days": 20, "pence_a_day": 40_000, "mode": "in_person", "reach_km": 30, "approach": "We come."}


def test_a_whole_call_can_be_published() -> None:
    rules.check_call(CallTerms(**CALL), themes=1, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "themes", "field"),
    [
        ({"title": " "}, 1, "title"),
        ({"words": ""}, 1, "words"),
        ({"phases": ()}, 1, "phases"),
        ({}, 0, "themes"),
        ({}, 9, "themes"),
        ({"half_days": 0}, 1, "days"),
        ({"ceiling_pence": 2_000_000}, 1, "ceiling"),
        ({"closes_on": TODAY}, 1, "closes_on"),
        ({"closes_on": TODAY + timedelta(days=181)}, 1, "closes_on"),
        ({"origin": "x" * 301}, 1, "origin"),
    ],
)
def test_a_call_says_what_is_wrong_with_it(changes: dict[str, Any], themes: int, field: str) -> None:
    with pytest.raises(CallInvalid) as refused:
        rules.check_call(CallTerms(**CALL | changes), themes=themes, today=TODAY)

    assert refused.value.field == field and refused.value.remedy


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"half_days": 0}, "days"),
        ({"pence_a_day": 45_001}, "price"),
        ({"pence_a_day": -1}, "price"),
        ({"mode": "by_post"}, "mode"),
        ({"reach_km": 0}, "reach_km"),
        ({"approach": " "}, "approach"),
    ],
)
def test_an_answer_says_what_is_wrong_with_it(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(CallInvalid) as refused:
        _check(ResponseTerms(**ANSWER | changes))

    assert refused.value.field == field


def test_an_answer_is_taken_to_the_end_of_the_last_day_and_not_after() -> None:
    _check(ResponseTerms(**ANSWER), closes_on=TODAY)

    with pytest.raises(NotNow, match="Answers were taken until 4 October 2026"):
        _check(ResponseTerms(**ANSWER), closes_on=TODAY - timedelta(days=1))


def _check(terms: ResponseTerms, closes_on: date = TODAY + timedelta(days=1)) -> None:
    rules.check_response(
        terms, ceiling_pence=45_000, closes_on=closes_on, today=TODAY, modes=["in_person", "remote"]
    )


def test_a_neighbour_counts_within_forty_kilometres_of_the_areas_schools() -> None:
    box = Box(400_000, 300_000, 420_000, 320_000)

    assert box.is_near(360_000, 310_000)
    assert not box.is_near(359_999, 310_000)
    assert not box.is_near(None, 310_000)


# Commissions -----------------------------------------------------------------------------------------------------------


def test_the_authority_decides_for_maintained_schools_only() -> None:
    assert rules.who_decides("la_maintained") is False
    assert rules.who_decides("academy") is True
    with pytest.raises(CommissionInvalid):
        rules.who_decides("independent")


@pytest.mark.parametrize(
    ("trust", "diocese", "first"),
    [
        ("Elm Trust", "", {"trust"}),
        ("", "Diocese of Barchester", {"diocese"}),
        ("Elm Trust", "Diocese of Barchester", {"trust", "diocese"}),
        ("", "", {"other"}),
    ],
)
def test_an_academys_trust_or_diocese_is_told_first(trust: str, diocese: str, first: set[str]) -> None:
    assert rules.first_to_inform(is_academy=True, trust=trust, diocese=diocese) == first
    assert rules.first_to_inform(is_academy=False, trust=trust, diocese=diocese) == frozenset()


def test_the_bodies_offered_fit_the_school() -> None:
    maintained = rules.bodies_to_inform(school="Alder", is_academy=False, trust="", diocese="Barchester")
    academy = rules.bodies_to_inform(school="Alder", is_academy=True, trust="Elm Trust", diocese="")

    assert [body.kind for body in maintained] == ["governing_body", "diocese", "other"]
    assert [body.kind for body in academy] == ["trust", "other"]


def test_no_words_say_that_the_authority_intervenes_in_an_academy() -> None:
    for level in ("low", "medium", "high", "intervention"):
        assert "ntervention" not in rules.level_words(level, is_academy=True)
    assert "Intervention" in rules.level_words("intervention", is_academy=False)


def test_what_is_missing_before_the_start_is_said() -> None:
    assert rules.missing_to_start(provider=True, stream=True, price=True, category=True) == []
    assert len(rules.missing_to_start(provider=False, stream=False, price=False, category=False)) == 4


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"half_days": 0}, "days"), ({"pence_a_day": 2_000_000}, "price"), ({"reason": " "}, "reason")],
)
def test_a_commission_says_what_is_wrong_with_it(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(CommissionInvalid) as refused:
        rules.check_commission(
            CommissionTerms(**{"half_days": 12, "pence_a_day": None, "reason": "Results"} | changes)
        )

    assert refused.value.field == field


def test_an_end_needs_evidence_and_a_day_between_start_and_today() -> None:
    end = {"reason": "Done", "evidence": "Results", "ended_on": TODAY, "started_on": TODAY, "today": TODAY}
    rules.check_exit(**end)

    for field, value in (("evidence", ""), ("reason", ""), ("ended_on", TODAY + timedelta(days=1))):
        with pytest.raises(CommissionInvalid) as refused:
            rules.check_exit(**end | {field: value})
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("role", "place", "kind", "may"),
    [
        ("finance", 9, "local_authority", True),
        ("headteacher", 1, "school", True),
        ("governor", 1, "school", True),
        ("trust_lead", 5, "trust", True),
        ("headteacher", 2, "school", False),
        ("trust_lead", 6, "trust", False),
        ("finance", 7, "la_service", False),
        ("provider_lead", 1, "school", False),
        ("practitioner", 1, "school", False),
        ("board_member", 9, "local_authority", False),
        ("scrutiny", 9, "local_authority", False),
    ],
)
def test_who_can_be_named_as_needing_to_know(role: str, place: int, kind: str, may: bool) -> None:
    refused = rules.why_may_not_know([Held(role, place, kind)], school=1, trust=5)

    assert (refused == "") is may


def test_one_role_that_never_knows_is_enough_to_refuse() -> None:
    held = [Held("headteacher", 1, "school"), Held("practitioner", 1, "school")]

    assert rules.why_may_not_know(held, school=1, trust=None)
    assert rules.why_may_not_know([], school=1, trust=None)
