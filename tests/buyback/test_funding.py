"""Funding streams: what may pay for whom, budgets that add up, and never more spent than there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.buyback import actions, queries
from marketplace.buyback.models import FundingKind, FundingStream
from marketplace.buyback.rules import Budget, FundedSchool, why_not_funded
from marketplace.buyback.verification import funding_is_accounted_for
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import OrganisationKind
from tests.builders import a_convenor, a_person, a_school, a_stream, actor_of, an_area, an_organisation


def a_funded(**facts: object) -> FundedSchool:
    defaults = {"name": "Ash Primary", "area_id": 1, "legal_status": "la_maintained", "phases": ("primary",)}
    return FundedSchool(**defaults | facts)  # type: ignore[arg-type]


# What may pay for whom -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, ""),
        ({"phases": ("early_years", "primary")}, ""),
        ({"legal_status": "academy"}, "not maintained"),
        ({"legal_status": "independent"}, "not maintained"),
        ({"phases": ("special_ap",)}, "special school"),
        ({"phases": ("early_years",)}, "nursery school"),
        ({"area_id": 2}, "not a school of this area"),
    ],
)
def test_de_delegated_money_is_for_maintained_mainstream_schools(facts: dict[str, object], says: str) -> None:
    why_not = why_not_funded("de_delegated", 1, a_funded(**facts))

    assert says in why_not and bool(says) == bool(why_not)


@pytest.mark.parametrize("kind", ["traded", "dsg", "commissioned", "grant"])
def test_other_money_is_for_every_school_of_the_area(kind: str) -> None:
    assert why_not_funded(kind, 1, a_funded(legal_status="academy", phases=("special_ap",))) == ""
    assert why_not_funded(kind, 2, a_funded()) != ""


# Budgets ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_money_goes_from_left_to_committed_to_spent_and_back() -> None:
    stream = a_stream(pence=10_000)
    actions.commit_funding(actor=SYSTEM, stream=stream, pence=4_000, effect="a")
    actions.spend_funding(actor=SYSTEM, stream=stream, pence=1_500, effect="b")
    actions.release_funding(actor=SYSTEM, stream=stream, pence=500, effect="c")
    assert queries.budget_of(stream) == Budget(granted=10_000, available=6_500, committed=2_000, spent=1_500)

    actions.refund_funding(actor=SYSTEM, stream=stream, pence=1_000, effect="d")
    assert queries.budget_of(stream) == (10_000, 7_500, 2_000, 500)
    assert queries.movements_of(stream).count() == 5
    assert funding_is_accounted_for() == []


@pytest.mark.django_db
def test_a_movement_of_one_effect_happens_once() -> None:
    stream = a_stream(pence=10_000)
    for _ in range(3):
        actions.commit_funding(actor=SYSTEM, stream=stream, pence=4_000, effect="booking:1:funding:commit")

    assert queries.budget_of(stream).committed == 4_000


@pytest.mark.django_db
def test_a_stream_is_never_overdrawn() -> None:
    stream = a_stream(pence=10_000)
    actions.commit_funding(actor=SYSTEM, stream=stream, pence=9_000, effect="a")

    for verb, pence in (
        (actions.commit_funding, 1_001),
        (actions.spend_funding, 9_001),
        (actions.release_funding, 9_001),
        (actions.refund_funding, 1),
    ):
        with pytest.raises(actions.BudgetExceeded, match="£"):
            verb(actor=SYSTEM, stream=stream, pence=pence, effect="b")
    with pytest.raises(actions.BudgetExceeded):
        actions.change_budget(actor=SYSTEM, stream=stream, pence=-1_001, reason="Cut")
    actions.change_budget(actor=SYSTEM, stream=stream, pence=-1_000, reason="Cut")
    assert queries.budget_of(stream) == (9_000, 0, 9_000, 0)


@given(
    granted=st.integers(1, 1_000_000),
    moves=st.lists(
        st.tuples(
            st.sampled_from(["commit", "spend", "release", "refund", "change"]), st.integers(1, 1_000_000)
        ),
        max_size=12,
    ),
)
@pytest.mark.django_db
def test_whatever_is_done_left_committed_and_spent_make_what_was_granted(
    granted: int, moves: list[tuple[str, int]]
) -> None:
    FundingStream.objects.all().delete()
    stream = a_stream(pence=granted)
    for n, (verb, pence) in enumerate(moves):
        try:
            if verb == "change":
                actions.change_budget(actor=SYSTEM, stream=stream, pence=pence * (-1) ** n, reason="Forum")
            else:
                move = getattr(actions, f"{verb}_funding")
                move(actor=SYSTEM, stream=stream, pence=pence, effect=f"{stream.pk}:{n}")
        except actions.BudgetExceeded:
            pass
        budget = queries.budget_of(stream)
        assert budget.agrees and min(budget) >= 0


@pytest.mark.django_db
def test_a_closed_stream_takes_nothing_new_but_finishes_what_it_began() -> None:
    stream = a_stream(pence=10_000)
    actions.commit_funding(actor=SYSTEM, stream=stream, pence=4_000, effect="a")
    actions.close_stream(actor=SYSTEM, stream=stream)

    for refused in (
        lambda: actions.commit_funding(actor=SYSTEM, stream=stream, pence=1, effect="b"),
        lambda: actions.change_budget(actor=SYSTEM, stream=stream, pence=1, reason="More"),
        lambda: actions.close_stream(actor=SYSTEM, stream=stream),
    ):
        with pytest.raises(NotNow, match="closed"):
            refused()
    actions.spend_funding(actor=SYSTEM, stream=stream, pence=3_000, effect="c")
    actions.release_funding(actor=SYSTEM, stream=stream, pence=1_000, effect="d")
    assert queries.budget_of(stream) == (10_000, 7_000, 0, 3_000)


# Who -------------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_streams_are_kept_by_the_areas_convenor_and_its_finance_officer() -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    finance = actor_of(a_person(Role.FINANCE, at=authority))
    stream = a_stream(area)

    for keeper in (convenor, finance):
        assert queries.stream_for(keeper, stream.reference) == stream
        actions.change_budget(actor=keeper, stream=stream, pence=100, reason="Forum")
    for other in (actor_of(a_convenor(an_area())), actor_of(a_person(Role.HEADTEACHER, at=a_school(area)))):
        with pytest.raises(NotFound):
            queries.stream_for(other, stream.reference)
        with pytest.raises(NotAllowed):
            actions.create_stream(
                actor=other, area=area, kind=FundingKind.GRANT, name="Mine", financial_year="2026-27"
            )
        with pytest.raises(NotAllowed):
            actions.change_budget(actor=other, stream=stream, pence=1, reason="Mine")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "lottery"}, "kind"),
        ({"financial_year": "2026/27"}, "financial_year"),
        ({"financial_year": "2026-28"}, "financial_year"),
        ({"name": "Taken"}, "name"),
    ],
)
def test_a_stream_that_makes_no_sense_is_refused_in_words(changes: dict[str, str], field: str) -> None:
    area = an_area()
    a_stream(area, name="Taken", financial_year="2026-27")
    arguments = {"kind": "grant", "name": "New", "financial_year": "2026-27"} | changes

    with pytest.raises((actions.StreamInvalid, queries.FinancialYearInvalid)) as refused:
        actions.create_stream(actor=SYSTEM, area=area, **arguments)
    assert refused.value.field == field


@pytest.mark.django_db
def test_where_the_money_comes_from_is_told_to_documents() -> None:
    area = an_area()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    stream = a_stream(area, kind=FundingKind.DSG)

    class Order:
        funding_stream: FundingStream | None = None

    order = Order()
    assert queries.funding_of(order) == (FundingKind.TRADED, None, None)
    order.funding_stream = stream
    assert queries.funding_of(order) == (FundingKind.DSG, stream, authority)
