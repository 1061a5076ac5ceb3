"""Whose word an order needs: the rungs, whose ladder counts, who says yes, who may change it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.buyback import actions, queries
from marketplace.buyback.rules import (
    NATIONAL_LADDER,
    PRESETS,
    Approver,
    Ladder,
    LadderInvalid,
    Step,
    checked_steps,
    step_for,
)
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import OrganisationKind, School
from tests.builders import a_convenor, a_ladder, a_person, a_school, actor_of, an_organisation

STEPS = (
    Step(0, Approver.ANY_ORDERER),
    Step(50_000, Approver.SECOND_PERSON, quotes_needed=1),
    Step(200_000, Approver.GOVERNORS, quotes_needed=3, minute_needed=True),
)


def a_trust_school() -> School:
    return a_school(academy=True, trust=an_organisation(OrganisationKind.TRUST))


# The rungs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pence", "approver", "quotes", "minute"),
    [
        (0, Approver.ANY_ORDERER, 0, False),
        (99_999, Approver.ANY_ORDERER, 0, False),
        (100_000, Approver.SECOND_PERSON, 0, False),
        (999_999, Approver.SECOND_PERSON, 0, False),
        (1_000_000, Approver.HEADTEACHER, 3, False),
        (4_000_000, Approver.GOVERNORS, 3, True),
    ],
)
def test_the_national_ladder_asks_for_more_from_each_amount_on(
    pence: int, approver: Approver, quotes: int, minute: bool
) -> None:
    needed = step_for(NATIONAL_LADDER, pence)

    assert (needed.approver, needed.quotes_needed, needed.minute_needed) == (approver, quotes, minute)
    assert needed.source == "the exchange"


@given(st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_a_larger_order_never_needs_less(one: int, other: int) -> None:
    ranks = list(Approver)
    for preset in PRESETS:
        ladder = Ladder(preset.steps, preset.name)
        smaller, larger = step_for(ladder, min(one, other)), step_for(ladder, max(one, other))
        assert ranks.index(smaller.approver) <= ranks.index(larger.approver)
        assert smaller.quotes_needed <= larger.quotes_needed
        assert smaller.minute_needed <= larger.minute_needed


def test_a_requirement_reads_as_a_sentence() -> None:
    needed = step_for(Ladder(STEPS, "Ash Primary"), 200_000)

    assert (
        needed.words
        == "From £2,000.00: the governors, with 3 quotes and a minute reference (ladder of Ash Primary)"
    )


def test_every_preset_is_a_ladder() -> None:
    for preset in PRESETS:
        assert checked_steps(preset.steps, has_trust=False) == preset.steps


def test_steps_are_put_in_order() -> None:
    assert checked_steps(STEPS[::-1], has_trust=False) == STEPS


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([], "start at £0"),
        ([Step(1, Approver.ANY_ORDERER)], "start at £0"),
        ([Step(0, Approver.GOVERNORS), Step(5, Approver.HEADTEACHER)], "asks for less"),
        ([Step(0, Approver.GOVERNORS, 3), Step(5, Approver.GOVERNORS, 2)], "asks for less"),
        ([Step(0, Approver.GOVERNORS, 0, True), Step(5, Approver.GOVERNORS)], "asks for less"),
        ([Step(0, Approver.GOVERNORS), Step(0, Approver.GOVERNORS)], "Two steps"),
        ([Step(0, Approver.TRUST)], "only for schools of a trust"),
        ([Step(0, Approver.GOVERNORS, 6)], "5 quotes"),
        ([Step(0, Approver.GOVERNORS), Step(100_000_001, Approver.GOVERNORS)], "between"),
        ([Step(n, Approver.GOVERNORS) for n in range(9)], "8 steps"),
    ],
)
def test_steps_that_make_no_ladder_are_refused_in_words(steps: list[Step], says: str) -> None:
    with pytest.raises(LadderInvalid, match=says):
        checked_steps(steps, has_trust=False)


# Whose ladder ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_nearest_ladder_counts_school_then_trust_then_area_then_the_exchange() -> None:
    school = a_trust_school()
    organisation = school.organisation
    assert queries.ladder_of(organisation) == NATIONAL_LADDER

    convenor = actor_of(a_convenor(school.area))
    lead = actor_of(a_person(Role.TRUST_LEAD, at=school.trust))
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    for actor, owner in ((convenor, school.area), (lead, school.trust), (head, organisation)):
        actions.set_ladder(actor=actor, owner=owner, steps=STEPS)
        assert queries.ladder_of(organisation) == Ladder(STEPS, str(owner))

    actions.clear_ladder(actor=head, owner=organisation)
    assert queries.ladder_of(organisation).source == str(school.trust)
    assert queries.own_steps(organisation) == ()


@pytest.mark.django_db
def test_another_areas_ladder_does_not_count() -> None:
    school = a_school()
    a_ladder(a_school().area, *STEPS)

    assert queries.ladder_of(school.organisation) == NATIONAL_LADDER


@pytest.mark.django_db
def test_many_ladders_are_one_query(django_assert_num_queries: object) -> None:
    schools = [a_trust_school() for _ in range(5)]
    for school in schools:
        a_ladder(school.trust, *STEPS)
    organisations = [school.organisation for school in schools]
    for each in organisations:
        assert each.school

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = queries.ladders_of(organisations)

    assert {ladder.steps for ladder in found.values()} == {STEPS}


# Who says yes ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pence", "may"),
    [
        (10_000, {Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD}),
        (100_000, {Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD}),
        (1_000_000, {Role.HEADTEACHER, Role.GOVERNOR, Role.TRUST_LEAD}),
        (4_000_000, {Role.GOVERNOR, Role.TRUST_LEAD}),
    ],
)
def test_each_step_is_approved_by_those_it_names_and_those_above(pence: int, may: set[Role]) -> None:
    school = a_trust_school()
    for role in (Role.STAFF, Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.GOVERNOR, Role.TRUST_LEAD):
        actor = actor_of(a_person(role, at=school.trust if role == Role.TRUST_LEAD else school))
        assert queries.may_approve_order(actor, school.organisation, pence, None) == (role in may), role


@pytest.mark.django_db
def test_above_the_first_step_nobody_approves_their_own_order() -> None:
    school = a_school()
    holder = actor_of(a_person(Role.BUDGET_HOLDER, at=school))
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    assert queries.may_approve_order(holder, school.organisation, 99_999, holder.user_id)
    assert not queries.may_approve_order(holder, school.organisation, 100_000, holder.user_id)
    assert queries.may_approve_order(head, school.organisation, 100_000, holder.user_id)
    assert not queries.may_approve_order(head, school.organisation, 1_000_000, head.user_id)


@pytest.mark.django_db
def test_somebody_of_another_school_never_approves() -> None:
    outsider = actor_of(a_person(Role.HEADTEACHER, at=a_school()))

    assert not queries.may_approve_order(outsider, a_school().organisation, 1, None)


# Who may change it -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_budget_holder_does_not_set_the_ladder_they_work_under() -> None:
    school = a_school()
    for role in (Role.BUDGET_HOLDER, Role.STAFF):
        with pytest.raises(NotAllowed):
            actions.set_ladder(
                actor=actor_of(a_person(role, at=school)), owner=school.organisation, steps=STEPS
            )
    with pytest.raises(NotAllowed):
        actions.clear_ladder(actor=actor_of(a_person(Role.HEADTEACHER, at=school)), owner=school.area)


@pytest.mark.django_db
def test_the_trust_is_named_only_where_there_is_one() -> None:
    with_trust, without = a_trust_school(), a_school()
    steps = [Step(0, Approver.ANY_ORDERER), Step(100, Approver.TRUST)]

    a_ladder(with_trust, *steps)
    a_ladder(with_trust.trust, *steps)
    for owner in (without, without.area):
        with pytest.raises(LadderInvalid, match="trust"):
            a_ladder(owner, *steps)


@pytest.mark.django_db
def test_each_change_of_the_ladder_is_on_record_even_after_it_was_cleared() -> None:
    school = a_school()
    governor = actor_of(a_person(Role.GOVERNOR, at=school))
    ladder = actions.set_ladder(actor=governor, owner=school.organisation, steps=STEPS)
    actions.set_ladder(actor=governor, owner=school.organisation, steps=STEPS)  # nothing changed
    actions.set_ladder(actor=governor, owner=school.organisation, steps=STEPS[:1])
    actions.clear_ladder(actor=governor, owner=school.organisation)
    actions.clear_ladder(actor=governor, owner=school.organisation)

    lines = list(history.of(ladder))
    assert [(line.verb, line.before, line.after) for line in lines] == [
        ("set", "", "3 steps"),
        ("set", "3 steps", "1 step"),
        ("clear", "1 step", ""),
    ]
    assert "From £2,000.00: the governors" in lines[0].note
