"""From what amount on an order needs a second person."""

import pytest

from marketplace.buyback import actions, queries
from marketplace.buyback.rules import DEFAULT_THRESHOLD_PENCE, needs_second_person
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import OrganisationKind, School
from tests.builders import a_convenor, a_person, a_school, actor_of, an_organisation

pytestmark = pytest.mark.django_db


def a_trust_school() -> School:
    return a_school(academy=True, trust=an_organisation(OrganisationKind.TRUST))


def test_the_nearest_rule_counts_school_then_trust_then_area_then_the_default() -> None:
    school = a_trust_school()
    organisation = school.organisation
    assert queries.threshold_for(organisation) == DEFAULT_THRESHOLD_PENCE == 100_000

    convenor = actor_of(a_convenor(school.area))
    lead = actor_of(a_person(Role.TRUST_LEAD, at=school.trust))
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    for actor, owner, pence in (
        (convenor, school.area, 80_000),
        (lead, school.trust, 60_000),
        (head, organisation, 40_000),
    ):
        actions.set_threshold(actor=actor, owner=owner, threshold_pence=pence)
        assert queries.threshold_of(organisation) == (pence, str(owner))

    actions.clear_threshold(actor=head, owner=organisation)
    assert queries.threshold_for(organisation) == 60_000


def test_another_areas_rule_does_not_count() -> None:
    school, elsewhere = a_school(), a_school()
    actions.set_threshold(actor=actor_of(a_convenor(elsewhere.area)), owner=elsewhere.area, threshold_pence=1)

    assert queries.threshold_for(school.organisation) == DEFAULT_THRESHOLD_PENCE


def test_the_threshold_itself_needs_a_second_person() -> None:
    assert needs_second_person(100_000, 100_000)
    assert not needs_second_person(99_999, 100_000)


def test_budget_holders_and_the_trusts_lead_approve() -> None:
    school = a_trust_school()
    holder = actor_of(a_person(Role.BUDGET_HOLDER, at=school))
    lead = actor_of(a_person(Role.TRUST_LEAD, at=school.trust))
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    assert queries.may_approve(holder, school.organisation) and queries.may_approve(lead, school.pk)
    assert not queries.may_approve(head, school.organisation)


def test_a_budget_holder_does_not_set_the_limit_they_work_under() -> None:
    school = a_school()

    for role in (Role.BUDGET_HOLDER, Role.STAFF):
        with pytest.raises(NotAllowed):
            actions.set_threshold(
                actor=actor_of(a_person(role, at=school)), owner=school.organisation, threshold_pence=1
            )
    with pytest.raises(NotAllowed):
        actions.clear_threshold(actor=actor_of(a_person(Role.HEADTEACHER, at=school)), owner=school.area)


@pytest.mark.parametrize("pence", [-1, 10_000_001])
def test_an_amount_out_of_range_is_refused(pence: int) -> None:
    school = a_school()

    with pytest.raises(actions.ThresholdInvalid):
        actions.set_threshold(
            actor=actor_of(a_person(Role.HEADTEACHER, at=school)),
            owner=school.organisation,
            threshold_pence=pence,
        )


def test_each_change_of_the_rule_is_on_record() -> None:
    school = a_school()
    governor = actor_of(a_person(Role.GOVERNOR, at=school))
    rule = actions.set_threshold(actor=governor, owner=school.organisation, threshold_pence=50_000)
    actions.set_threshold(actor=governor, owner=school.organisation, threshold_pence=70_000)

    assert [(e.before, e.after) for e in history.of(rule)] == [("", "£500.00"), ("£500.00", "£700.00")]
    assert list(queries.organisations_with_rules_of(governor)) == [school.organisation]
