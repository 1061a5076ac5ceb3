"""Rules of deployments, as functions of values."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.brokerage import rules
from marketplace.brokerage.errors import NeedInvalid, TermsInvalid
from marketplace.brokerage.rules.deployments import Capacity, ObjectiveTerms, Payer, Terms
from marketplace.kernel.dates import Period

OBJECTIVE = ObjectiveTerms(1, "Read", "Nine in ten", "Six in ten", "attendance")
TERMS = Terms(
    focus="Early reading",
    background="",
    objectives=(OBJECTIVE,),
    half_days=8,
    starts_on=date(2026, 11, 2),
    ends_on=date(2027, 2, 12),
    mid_point_on=date(2026, 12, 20),
    confidentiality="Between us",
    payer=Payer.SCHOOL,
    school_percent=0,
    payer_note="",
    price={"total_pence": 140_000},
    net_pence=140_000,
    route="invoice",
    route_reason="",
)


def test_a_text_comes_back_from_its_version_as_it_was() -> None:
    assert Terms.from_data(TERMS.to_data()) == TERMS


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"focus": " "}, "focus"),
        ({"objectives": ()}, "aim_1"),
        ({"objectives": (replace(OBJECTIVE, success_measure=""),)}, "measure_1"),
        ({"objectives": (replace(OBJECTIVE, baseline=" "),)}, "baseline_1"),
        ({"objectives": (replace(OBJECTIVE, area="other"),)}, "area_1"),
        ({"half_days": 0}, "half_days"),
        ({"half_days": 121}, "half_days"),
        ({"ends_on": date(2026, 11, 1)}, "ends_on"),
        ({"ends_on": date(2029, 11, 1)}, "ends_on"),
        ({"mid_point_on": date(2027, 3, 1)}, "mid_point_on"),
        ({"payer": Payer.SPLIT, "school_percent": 100}, "school_percent"),
        ({"confidentiality": ""}, "confidentiality"),
    ],
)
def test_what_a_text_lacks_is_told_at_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(TermsInvalid) as refusal:
        rules.check_agreement_terms(replace(TERMS, **change))  # type: ignore[arg-type]

    assert refusal.value.field == field


def test_an_agreement_may_begin_in_the_past_and_not_end_there() -> None:
    rules.check_not_over(date(2026, 11, 30), date(2026, 11, 30))

    with pytest.raises(TermsInvalid, match="29 November 2026, has passed") as refusal:
        rules.check_not_over(date(2026, 11, 29), date(2026, 11, 30))
    assert refusal.value.field == "ends_on"


@pytest.mark.parametrize(
    ("reviewed", "following", "field"),
    [
        (date(2026, 12, 2), None, "reviewed_on"),
        (date(2027, 1, 11), None, "reviewed_on"),
        (date(2027, 1, 4), date(2027, 1, 4), "next_review_on"),
        (date(2027, 1, 4), date(2027, 2, 25), "next_review_on"),
    ],
)
def test_reviews_fall_into_the_time_of_the_deployment(
    reviewed: date, following: date | None, field: str
) -> None:
    period, today = Period(date(2026, 12, 3), date(2027, 2, 24)), date(2027, 1, 10)
    rules.check_review_days(period.start, period.end, period, today)

    with pytest.raises(NeedInvalid) as refusal:
        rules.check_review_days(reviewed, following, period, today)
    assert refusal.value.field == field


def test_more_than_five_objectives_are_too_many() -> None:
    with pytest.raises(TermsInvalid, match="more than 5"):
        rules.check_agreement_terms(
            replace(TERMS, objectives=tuple(replace(OBJECTIVE, number=n) for n in range(1, 7)))
        )


def test_a_shared_price_adds_up() -> None:
    assert replace(TERMS, payer=Payer.SPLIT, school_percent=33).paid_by == (
        "The school pays 33% (£462.00), the local authority 67% (£938.00)"
    )


def test_changes_are_told_in_words() -> None:
    other = replace(
        TERMS,
        half_days=10,
        net_pence=175_000,
        ends_on=date(2027, 2, 19),
        objectives=(replace(OBJECTIVE, aim="Write"), replace(OBJECTIVE, number=2)),
    )

    assert rules.changes(TERMS, other) == [
        "days 4 days → 5 days",
        "price £1,400.00 → £1,750.00 before VAT",
        "last day 12 February 2027 → 19 February 2027",
        "objective 2 added",
        "objective 1 changed",
    ]
    assert rules.changes(TERMS, TERMS) == []


def test_who_has_not_signed_is_told_in_the_usual_order() -> None:
    assert rules.still_to_sign(["practitioner"]) == (
        Capacity.RECEIVING_HEAD,
        Capacity.RELEASING_HEAD,
        Capacity.BROKER,
    )


@given(
    half_days=st.integers(0, 120),
    start=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    days=st.integers(0, 730),
)
def test_the_shares_of_the_years_add_up(half_days: int, start: date, days: int) -> None:
    period = Period(start, start + timedelta(days=days))

    shares = [rules.share_of_year(half_days, period, year) for year in rules.years_of(period)]

    assert sum(shares) == half_days and min(shares) >= 0
    assert rules.share_of_year(half_days, period, "2030/31") == 0


def test_a_day_without_assurance_is_found() -> None:
    period = Period(date(2026, 11, 2), date(2027, 2, 12))
    whole = (date(2026, 9, 1), date(2027, 8, 31))

    assert rules.first_day_uncovered(period, [whole]) is None
    assert rules.first_day_uncovered(period, []) == period.start
    assert rules.first_day_uncovered(
        period, [(date(2026, 1, 1), date(2026, 12, 31)), (date(2027, 1, 2), date(2027, 12, 31))]
    ) == date(2027, 1, 1)
    assert (
        rules.first_day_uncovered(
            period, [(date(2027, 1, 1), date(2027, 12, 31)), (date(2026, 1, 1), date(2026, 12, 31))]
        )
        is None
    )


def test_a_review_is_due_after_six_weeks_and_then_as_the_last_one_said() -> None:
    start, end = date(2026, 11, 2), date(2027, 2, 12)

    assert rules.review_due_on(start, end, None) == date(2026, 12, 14)
    assert rules.review_due_on(start, end, date(2027, 1, 8)) == date(2027, 1, 8)
    assert rules.review_due_on(start, end, date(2027, 5, 8)) == end


def test_it_is_time_to_evaluate_when_the_days_are_given_or_the_last_day_has_passed() -> None:
    ends_on = date(2027, 2, 12)

    def is_time(today: date, delivered: int) -> bool:
        return rules.may_be_evaluated(today=today, ends_on=ends_on, agreed=8, delivered=delivered)

    assert not is_time(ends_on, 7)
    assert is_time(ends_on, 8)
    assert is_time(ends_on + timedelta(days=1), 0)


def test_a_list_shows_the_worst_rating() -> None:
    assert rules.headline(["green", "red", "amber"]) == "red"
    assert rules.headline([]) == ""
