"""The bank of days: sponsors, what a credit is worth, and the year's statement."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bookings import actions as bookings
from marketplace.buyback import actions, queries
from marketplace.buyback.actions import CreditsInvalid
from marketplace.buyback.models import ExchangeStatement
from marketplace.buyback.rules.exchange import Movement, Statement, Valued, value_on
from marketplace.catalogue.models import SupportType
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import academic_year
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from tests.bookings.test_paying import credits_for, past
from tests.builders import a_convenor, a_person, a_scene, a_school, actor_of, an_organisation

pytestmark = pytest.mark.django_db


def this_year() -> str:
    from django.utils import timezone

    return academic_year(timezone.now().date())


def test_a_sponsor_gives_credits_to_a_school_with_the_reason() -> None:
    school = a_school()
    authority = an_organisation("local_authority", area=school.area)
    convenor = actor_of(a_person(Role.CONVENOR, at=authority))

    actions.sponsor_credits(
        actor=convenor, sponsor=authority, school=school.organisation, quantity=4, reason="Requires support"
    )

    assert queries.credits_of(school.pk) == (4, 0)
    [step] = queries.credit_steps(school.pk)
    assert (step.verb, step.quantity, step.left) == ("Received from a sponsor", 4, 4)
    assert "Requires support" in step.transfer.reason
    [given] = queries.credit_steps(authority.pk)
    assert (given.verb, given.quantity) == ("Given as a sponsor", 0)


@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({"quantity": 0}, CreditsInvalid, "between 1"),
        ({"reason": " "}, CreditsInvalid, "Say why"),
        ({"elsewhere": True}, CreditsInvalid, "not a school of"),
        ({"actor": "school"}, NotAllowed, "can’t give"),
    ],
)
def test_what_a_sponsor_may_not_do(changes: dict[str, Any], error: type[Exception], why: str) -> None:
    school = a_school()
    authority = an_organisation("local_authority", area=school.area)
    actor = actor_of(a_person(Role.CONVENOR, at=authority))
    if changes.pop("actor", ""):
        actor = actor_of(a_person(Role.HEADTEACHER, at=school))
    target = a_school() if changes.pop("elsewhere", False) else school
    wanted = {"quantity": 1, "reason": "Why"} | changes

    with pytest.raises(error, match=why):
        actions.sponsor_credits(
            actor=actor,
            sponsor=authority,
            school=target.organisation,
            **wanted,  # type: ignore[arg-type]
        )


def test_a_value_holds_from_its_day_and_a_types_own_comes_first() -> None:
    values = [
        Valued(None, date(2026, 9, 1), 150_00),
        Valued(None, date(2027, 1, 1), 160_00),
        Valued(7, date(2027, 1, 1), 200_00),
    ]
    assert value_on(values, 7, date(2026, 12, 31)) == 150_00
    assert value_on(values, 7, date(2027, 1, 1)) == 200_00
    assert value_on(values, None, date(2027, 3, 1)) == 160_00
    assert value_on(values, 7, date(2026, 8, 31)) is None


def test_finance_and_convenors_say_what_a_credit_is_worth_from_this_year_on() -> None:
    school = a_school()
    area = school.area
    convenor = actor_of(a_convenor(area))
    kind = SupportType.objects.first()

    value = actions.set_credit_value(
        actor=convenor, area=area, support_type=kind, pence=175_00, from_day=date(2027, 9, 1)
    )
    assert (value.pence, value.support_type) == (175_00, kind)
    with pytest.raises(CreditsInvalid, match="settled"):
        actions.set_credit_value(
            actor=convenor, area=area, support_type=None, pence=1, from_day=date(2020, 1, 1)
        )
    with pytest.raises(NotAllowed):
        actions.set_credit_value(
            actor=actor_of(a_person(Role.HEADTEACHER, at=school)),
            area=area,
            support_type=None,
            pence=1,
            from_day=date(2027, 9, 1),
        )


def test_the_statement_says_what_moved_what_it_was_worth_and_how_vat_treats_it() -> None:
    scene = a_scene(academy=True)
    credits_for(scene, 3)
    first = queries.year_period(this_year()).start
    actions.set_credit_value(actor=SYSTEM, area=scene.area, support_type=None, pence=175_00, from_day=first)
    booking = past(scene, None)
    bookings.mark_delivered(actor=scene.person, booking=booking)

    spender = queries.statement_so_far(scene.school.organisation, this_year())
    earner = queries.statement_so_far(scene.releasing.organisation, this_year())

    assert [(m.kind, m.credits, m.pence) for m in spender.movements] == [
        ("converted", 3, 525_00),
        ("spent", -2, -350_00),
    ]
    assert (spender.opening, spender.closing) == (0, 1)
    [earned] = earner.movements
    assert (earned.kind, earned.credits, earned.pence) == ("earned", 2, 350_00)
    assert (earned.vat, earned.vat_pence) == ("Standard-rated", 70_00)
    assert earner.total("earned") == -spender.total("spent")


def test_between_schools_of_one_authority_barter_is_no_supply_for_vat() -> None:
    scene = a_scene()
    credits_for(scene, 2)
    bookings.mark_delivered(actor=scene.person, booking=past(scene, None))
    [earned] = queries.statement_so_far(scene.releasing.organisation, this_year()).movements
    assert (earned.vat, earned.vat_pence, earned.pence) == ("Outside the scope of VAT", 0, None)


def test_a_year_is_settled_once_when_it_is_over_and_its_statement_stays() -> None:
    scene = a_scene()
    credits_for(scene, 2)
    convenor = actor_of(a_convenor(scene.area))
    organisation = scene.school.organisation
    with pytest.raises(NotNow, match="runs until 31 August"):
        actions.make_exchange_statement(actor=convenor, organisation=organisation, year=this_year())
    with pytest.raises(NotAllowed):
        actions.make_exchange_statement(actor=scene.budget_holder, organisation=organisation, year="2020/21")

    made = actions.make_exchange_statement(actor=convenor, organisation=organisation, year="2020-21")
    again = actions.make_exchange_statement(actor=convenor, organisation=organisation, year="2020/21")

    assert made == again and ExchangeStatement.objects.count() == 1
    assert Statement.from_data(made.content).closing == 0


def test_the_nightly_job_settles_the_year_that_ended() -> None:
    from datetime import UTC, datetime

    scene = a_scene()
    credits_for(scene, 2)
    end = queries.year_period(this_year()).end
    from unittest.mock import patch

    later = datetime(end.year, 9, 2, tzinfo=UTC)
    with patch("django.utils.timezone.now", return_value=later):
        assert actions.make_exchange_statements() == 1
        assert actions.make_exchange_statements() == 0
    statement = Statement.from_data(ExchangeStatement.objects.get().content)
    assert (statement.closing, statement.total("converted")) == (2, 2)


def test_a_year_that_is_none_is_not_found() -> None:
    for wrong in ("2026", "2026/28", "abcd/ef", "2026-2027"):
        with pytest.raises(NotFound):
            queries.year_period(wrong)


@given(
    st.lists(
        st.builds(
            Movement,
            on=st.dates(date(2026, 9, 1), date(2027, 8, 31)),
            kind=st.sampled_from(["earned", "spent", "sponsored", "converted"]),
            description=st.text(max_size=5),
            credits=st.integers(-20, 20),
            pence_each=st.one_of(st.none(), st.integers(1, 50_000)),
        ),
        max_size=12,
    ),
    st.integers(0, 50),
)
def test_a_statement_adds_up_and_reads_back_as_it_was_kept(movements: list[Movement], opening: int) -> None:
    statement = Statement(year="2026/27", opening=opening, movements=tuple(movements))
    kinds = ("earned", "spent", "sponsored", "converted")
    assert statement.closing == opening + sum(statement.total(kind) for kind in kinds)
    assert Statement.from_data(statement.to_data()) == statement
