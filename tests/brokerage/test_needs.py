"""Needs: who declares them, who sees them, and what they may hold."""

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import AlreadyDeclared, NeedInvalid
from marketplace.brokerage.models import Need, NeedLevel, NeedsReturn
from marketplace.kernel import history
from marketplace.kernel.access import Role, UnscopedAccess
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import Phase
from tests.builders import a_convenor, a_level_2_theme, a_need, a_person, a_school, a_theme, actor_of, an_area

pytestmark = pytest.mark.django_db
A_SIZE: dict[str, Any] = {
    "level": "light",
    "half_days": 5,
    "urgency": "this_year",
    "remote_ok": False,
    "max_price_pence": None,
}


def test_a_need_without_days_counts_the_days_of_its_level() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    need = actions.declare_need(
        actor=head, school=school, theme=a_level_2_theme(), phase=Phase.PRIMARY, level=NeedLevel.INTENSIVE
    )

    assert need.half_days_needed == 30


def test_the_same_theme_and_phase_are_declared_once_a_year() -> None:
    school, theme = a_school(), a_level_2_theme()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    actions.declare_need(actor=head, school=school, theme=theme, phase=Phase.PRIMARY)

    with pytest.raises(AlreadyDeclared, match="Change that one instead"):
        actions.declare_need(actor=head, school=school, theme=theme, phase=Phase.PRIMARY)

    assert Need.objects.scoped().count() == 1


def test_a_need_is_declared_for_a_phase_the_school_has() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    with pytest.raises(NeedInvalid, match="no secondary phase"):
        actions.declare_need(actor=head, school=school, theme=a_level_2_theme(), phase=Phase.SECONDARY)


def test_a_heading_is_no_theme_to_need() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    with pytest.raises(NeedInvalid, match="heading"):
        actions.declare_need(actor=head, school=school, theme=a_theme(), phase=Phase.PRIMARY)


@pytest.mark.parametrize("half_days", [0, -2, 401])
def test_days_that_can_not_be_right_are_refused(half_days: int) -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    with pytest.raises(NeedInvalid, match="between half a day and 200 days"):
        actions.declare_need(
            actor=head, school=school, theme=a_level_2_theme(), phase=Phase.PRIMARY, half_days=half_days
        )


@pytest.mark.parametrize(
    ("terms", "field"), [({"max_price_pence": 0}, "max_price"), ({"note": "a" * 1_001}, "note")]
)
def test_a_price_of_nothing_and_a_note_too_long_are_refused(terms: dict[str, Any], field: str) -> None:
    school = a_school()
    staff = actor_of(a_person(Role.STAFF, at=school))

    with pytest.raises(NeedInvalid) as refusal:
        actions.declare_need(actor=staff, school=school, theme=a_level_2_theme(), phase="primary", **terms)
    assert refusal.value.field == field
    with pytest.raises(NeedInvalid):
        actions.change_need(actor=staff, need=a_need(school), **A_SIZE | terms)


def test_the_history_of_a_need_counts_in_days() -> None:
    school = a_school()
    need = a_need(school, half_days=12)

    actions.change_need(actor=actor_of(a_person(Role.STAFF, at=school)), need=need, **A_SIZE)

    assert history.of(need).last().note == "6 days → 2½ days"


def test_nobody_declares_needs_for_another_school() -> None:
    other = actor_of(a_person(Role.HEADTEACHER, at=a_school()))

    with pytest.raises(NotAllowed):
        actions.declare_need(actor=other, school=a_school(), theme=a_level_2_theme(), phase=Phase.PRIMARY)


def test_a_need_is_seen_by_its_school_its_trust_and_the_convenor_only() -> None:
    area = an_area()
    school = a_school(area)
    need = a_need(school)
    neighbour = actor_of(a_person(Role.HEADTEACHER, at=a_school(area)))
    provider = actor_of(a_person(Role.PROVIDER_LEAD, at=school))
    elsewhere = actor_of(a_convenor(an_area()))

    for seen_by in (
        a_person(Role.HEADTEACHER, at=school),
        a_person(Role.GOVERNOR, at=school),
        a_convenor(area),
    ):
        assert queries.need_for(actor_of(seen_by), need.reference) == need
    for hidden_from in (neighbour, provider, elsewhere):
        with pytest.raises(NotFound):
            queries.need_for(hidden_from, need.reference)


def test_needs_without_a_scope_are_an_error() -> None:
    with pytest.raises(UnscopedAccess):
        Need.objects.all()


def test_a_withdrawn_need_says_why_and_can_not_be_changed() -> None:
    school = a_school()
    need = a_need(school)
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    with pytest.raises(NeedInvalid, match="Say why"):
        actions.withdraw_need(actor=head, need=need, reason=" ")
    actions.withdraw_need(actor=head, need=need, reason="Our trust will provide it.")

    with pytest.raises(NotNow, match="stands at “Withdrawn”"):
        actions.change_need(
            actor=head,
            need=need,
            level="light",
            half_days=2,
            urgency="later",
            remote_ok=False,
            max_price_pence=None,
        )


def test_reopening_a_need_declared_again_meanwhile_is_refused() -> None:
    school = a_school()
    need = a_need(school)
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    actions.withdraw_need(actor=head, need=need, reason="Not now.")
    actions.declare_need(actor=head, school=school, theme=need.theme, phase=need.phase)

    with pytest.raises(AlreadyDeclared):
        actions.reopen_need(actor=head, need=need)


def test_a_school_that_needs_nothing_can_say_so(run_jobs: Callable[[], list[str]]) -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    actions.confirm_needs(actor=head, school=school)
    actions.confirm_needs(actor=head, school=school)

    assert NeedsReturn.objects.filter(school=school.organisation).count() == 1
