"""From an order to an agreement in force: accepting, approving, refusing, withdrawing, contract years, its end."""

from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from marketplace.buyback import actions, queries
from marketplace.buyback.actions import EvidenceMissing, SecondPersonNeeded, TermsNotAccepted
from marketplace.buyback.actions.agreement_steps import ReasonNeeded
from marketplace.buyback.actions.ladders import set_ladder
from marketplace.buyback.models import AgreementYear, Entitlement, FundingKind, ServiceAgreement
from marketplace.buyback.queries.funding import budget_of
from marketplace.buyback.rules import Approver, Step
from marketplace.buyback.verification import (
    agreements_follow_their_history,
    contract_years_are_whole,
    contract_years_price_every_line,
    endings_give_back_no_more_than_was_paid,
    successors_follow,
    years_begin_with_the_agreement,
)
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import FINANCIAL, contract_year, local, to_utc
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.kernel.models import Account
from marketplace.organisations.models import School
from tests.builders import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    a_stream,
    actor_of,
    an_area,
    an_organisation,
)
from tests.builders.buyback import a_package, a_window, an_agreement, an_edition

pytestmark = pytest.mark.django_db

CHECKS = (
    agreements_follow_their_history,
    contract_years_are_whole,
    contract_years_price_every_line,
    years_begin_with_the_agreement,
    endings_give_back_no_more_than_was_paid,
    successors_follow,
)


def today() -> date:
    return local(timezone.now()).date()


def head_of(school: School) -> Actor:
    return actor_of(a_person(Role.HEADTEACHER, at=school))


def on_the(day: date) -> Any:
    """The clock at noon of a day."""
    noon = to_utc(day, datetime.min.time().replace(hour=12))
    return mock.patch.object(timezone, "now", return_value=noon)


def waiting(**fields: Any) -> ServiceAgreement:
    """An order of a member of staff for next year, its terms accepted by the headteacher."""
    return an_agreement(status="awaiting_approval", **fields)


def nothing_disagrees() -> bool:
    return not [sentence for check in CHECKS for sentence in check()]


# Approval -------------------------------------------------------------------------------------------------------------


def test_an_approved_agreement_waits_for_its_first_day_and_then_is_in_force_with_its_first_year() -> None:
    agreement = waiting()
    head = head_of(agreement.buyer.school)

    actions.approve_agreement(actor=head, agreement=agreement, note="In the budget")

    agreement.refresh_from_db()
    assert (agreement.status, agreement.approved_by_id) == ("submitted", head.user_id)
    assert not AgreementYear.objects.exists()
    with on_the(agreement.starts_on):
        assert actions.run_agreements() == 1
        assert actions.run_agreements() == 0
    agreement.refresh_from_db()
    year = AgreementYear.objects.get()
    assert agreement.status == "active"
    assert (year.number, sum(year.pence.values()), year.period) == (1, 120_000, agreement.period)
    assert Entitlement.objects.get().granted == 8
    assert nothing_disagrees()


def test_an_agreement_that_should_have_begun_begins_when_it_is_approved() -> None:
    agreement = waiting(starts_on=today().replace(day=1))

    actions.approve_agreement(actor=head_of(agreement.buyer.school), agreement=agreement)

    agreement.refresh_from_db()
    assert agreement.status == "active"
    assert agreement.contract_years.get().starts_on == agreement.starts_on
    assert nothing_disagrees()


def test_a_large_order_needs_a_second_person() -> None:
    school = a_school(academy=True)
    orderer = a_person(Role.BUDGET_HOLDER, at=school)
    agreement = waiting(school=school, requested_by=orderer, years=3)
    set_ladder(
        actor=head_of(school),
        owner=school.organisation,
        steps=[Step(0, Approver.ANY_ORDERER, 0, False), Step(400_000, Approver.SECOND_PERSON, 0, False)],
    )

    with pytest.raises(SecondPersonNeeded, match="£4,320"):
        actions.approve_agreement(actor=actor_of(orderer), agreement=agreement)

    actions.approve_agreement(actor=head_of(school), agreement=agreement)


def test_the_ladder_is_asked_for_the_whole_term_with_vat() -> None:
    three_years = waiting(school=a_school(academy=True), years=3)

    assert queries.order_value(three_years) == 3 * 144_000
    assert queries.gross_of_first_year(three_years) == 144_000


def test_what_a_funding_stream_pays_asks_for_nothing_of_the_schools_ladder() -> None:
    area = an_area()
    school = a_school(area)
    head = a_person(Role.HEADTEACHER, at=school)
    stream = a_stream(area, pence=200_000)
    agreement = waiting(school=school, requested_by=head, funding_stream=stream)
    set_ladder(
        actor=actor_of(head),
        owner=school.organisation,
        steps=[Step(0, Approver.ANY_ORDERER, 0, False), Step(100_000, Approver.GOVERNORS, 2, True)],
    )

    assert queries.order_value(agreement) == 0
    assert actions.approve_agreement(actor=actor_of(head), agreement=agreement).status == "submitted"


def test_staff_and_strangers_do_not_approve() -> None:
    agreement = waiting()
    staff = actor_of(a_person(Role.STAFF, at=agreement.buyer))
    stranger = head_of(a_school())

    with pytest.raises(NotAllowed, match="approve"):
        actions.approve_agreement(actor=staff, agreement=agreement)
    with pytest.raises(NotFound):
        actions.approve_agreement(actor=stranger, agreement=agreement.reference)


def test_terms_are_accepted_by_a_named_person_with_authority_before_anybody_approves() -> None:
    agreement = waiting(accepted_by=None, accepted_name="", accepted_capacity="", accepted_at=None)
    head = head_of(agreement.buyer.school)
    with pytest.raises(TermsNotAccepted):
        actions.approve_agreement(actor=head, agreement=agreement)
    staff = actor_of(a_person(Role.STAFF, at=agreement.buyer))
    with pytest.raises(NotAllowed, match="accept"):
        actions.accept_terms(actor=staff, agreement=agreement, name="A", capacity="B")
    with pytest.raises(ReasonNeeded, match="capacity"):
        actions.accept_terms(actor=head, agreement=agreement, name="Ada Holt", capacity=" ")

    actions.accept_terms(actor=head, agreement=agreement, name="Ada Holt", capacity="Headteacher")
    actions.approve_agreement(actor=head, agreement=agreement)

    agreement.refresh_from_db()
    assert (agreement.accepted_by_id, agreement.accepted_capacity) == (head.user_id, "Headteacher")
    assert "Ada Holt, Headteacher" in history.of(agreement).get(verb="terms_accepted").note
    with pytest.raises(NotNow):
        actions.accept_terms(actor=head, agreement=agreement, name="Ada Holt", capacity="Headteacher")


def test_a_minute_the_ladder_asks_for_is_given_on_approval() -> None:
    agreement = waiting()
    school = agreement.buyer.school
    governor = actor_of(a_person(Role.GOVERNOR, at=school))
    set_ladder(
        actor=head_of(school),
        owner=school.organisation,
        steps=[Step(0, Approver.ANY_ORDERER, 0, False), Step(100_000, Approver.GOVERNORS, 0, True)],
    )

    with pytest.raises(EvidenceMissing, match="minute"):
        actions.approve_agreement(actor=governor, agreement=agreement)
    actions.approve_agreement(actor=governor, agreement=agreement, minute_reference="FGB 12/11, 7.2")

    agreement.refresh_from_db()
    assert agreement.minute_reference == "FGB 12/11, 7.2"


def test_refusing_needs_a_reason_and_withdrawing_is_free_until_it_is_approved() -> None:
    agreement, other = waiting(), waiting()
    head = head_of(agreement.buyer.school)

    with pytest.raises(ReasonNeeded):
        actions.refuse_agreement(actor=head, agreement=agreement, reason=" ")
    actions.refuse_agreement(actor=head, agreement=agreement, reason="Not in the budget")
    actions.withdraw_agreement(actor=actor_of(a_person(Role.STAFF, at=other.buyer)), agreement=other)

    agreement.refresh_from_db()
    other.refresh_from_db()
    assert (agreement.status, agreement.end_reason) == ("withdrawn", "Not in the budget")
    assert other.status == "withdrawn"
    with pytest.raises(NotNow):
        actions.approve_agreement(actor=head, agreement=agreement)
    assert nothing_disagrees()


def test_approval_commits_the_first_year_from_the_funding_stream_once_and_no_more_than_is_left() -> None:
    area = an_area()
    keeper = actor_of(a_convenor(area))
    stream = actions.create_stream(
        actor=keeper,
        area=area,
        kind=FundingKind.COMMISSIONED,
        name="Improvement",
        financial_year="2027-28",
        budget_pence=200_000,
    )
    school = a_school(area)
    first, second = (waiting(school=school, funding_stream=stream) for _ in range(2))

    actions.approve_agreement(actor=head_of(school), agreement=first)

    assert budget_of(stream).committed == actions.still_committed(first) == 120_000
    with pytest.raises(actions.BudgetExceeded):
        actions.approve_agreement(actor=head_of(school), agreement=second)
    second.refresh_from_db()
    assert second.status == "awaiting_approval"


# Year after year ------------------------------------------------------------------------------------------------------


def test_each_contract_year_of_a_longer_agreement_has_its_own_price_by_the_rule_and_the_census_of_the_day() -> (
    None
):
    area = an_area()
    school, seller = a_school(area, pupils=200), a_provider(area)
    window = a_window(area, first_day=contract_year(FINANCIAL, today()).start, state="late")
    rule = {"kind": "per_pupil", "primary_pence": 500}
    edition = an_edition(a_package(seller), window=window, price_rule=rule)
    agreement = an_agreement(school=school, editions=[edition], years=2)
    school.pupils = 220
    school.save()

    with on_the(agreement.starts_on.replace(year=agreement.starts_on.year + 1)):
        actions.run_agreements()
        actions.run_agreements()

    first, second = agreement.contract_years.all()
    assert (sum(first.pence.values()), sum(second.pence.values())) == (100_000, 110_000)
    assert "220" in str(second.explained)
    assert nothing_disagrees()


def test_a_price_held_for_longer_agreements_stays_held_and_rises_for_shorter_ones() -> None:
    area = an_area()
    seller = a_provider(area)
    window = a_window(area, first_day=contract_year(FINANCIAL, today()).start, state="late")
    freeze = {"kind": "price_freeze", "years": 3, "yearly_increase_bp": 500}
    rule = {"kind": "fixed", "amount_pence": 120_000, "modifiers": [freeze]}
    edition = an_edition(a_package(seller), window=window, price_rule=rule)
    held, rising = (an_agreement(school=a_school(area), editions=[edition], years=n) for n in (3, 2))

    with on_the(held.starts_on.replace(year=held.starts_on.year + 1)):
        actions.run_agreements()

    assert sum(held.contract_years.get(number=2).pence.values()) == 120_000
    assert sum(rising.contract_years.get(number=2).pence.values()) == 126_000


def test_a_school_the_register_no_longer_counts_pays_by_the_numbers_of_its_order() -> None:
    area = an_area()
    school = a_school(area, pupils=200)
    window = a_window(area, first_day=contract_year(FINANCIAL, today()).start, state="late")
    edition = an_edition(
        a_package(a_provider(area)), window=window, price_rule={"kind": "per_pupil", "primary_pence": 500}
    )
    agreement = an_agreement(school=school, editions=[edition], years=2)
    school.pupils = None
    school.save()

    assert [year.total_pence for year in queries.years_standing(agreement)] == [100_000, 100_000]


def test_a_late_joiner_pays_the_months_left_and_then_whole_years() -> None:
    start = contract_year(FINANCIAL, today()).start
    agreement = an_agreement(starts_on=start.replace(month=10), years=2)

    first, second = queries.years_standing(agreement)

    assert (first.total_pence, first.is_begun) == (60_000, True)
    assert (second.total_pence, second.is_begun) == (120_000, False)


def test_an_agreement_ends_after_its_last_day_and_its_days_lapse() -> None:
    agreement = waiting(starts_on=today().replace(day=1))
    actions.approve_agreement(actor=head_of(agreement.buyer.school), agreement=agreement)

    with on_the(agreement.ends_on):
        assert actions.run_agreements() == 0
    with on_the(agreement.ends_on + timedelta(days=1)):
        assert actions.run_agreements() == 1
        assert actions.run_agreements() == 0

    agreement.refresh_from_db()
    assert (agreement.status, agreement.ended_on) == ("ended", agreement.ends_on)
    assert not Account.objects.filter(ledger="entitlement", purpose="available", balance__gt=0).exists()
    assert nothing_disagrees()


def test_a_job_that_slept_through_a_year_begins_it_before_the_agreement_ends() -> None:
    agreement = an_agreement(years=2)

    with on_the(agreement.ends_on + timedelta(days=3)):
        actions.run_agreements()

    agreement.refresh_from_db()
    assert agreement.status == "ended"
    assert [year.number for year in agreement.contract_years.all()] == [1, 2]
    assert nothing_disagrees()


def test_one_agreement_that_fails_holds_up_no_other() -> None:
    broken, sound = (an_agreement(years=2) for _ in range(2))
    broken.lines.update(price={})

    with on_the(sound.starts_on.replace(year=sound.starts_on.year + 1)):
        actions.run_agreements()

    assert broken.contract_years.count() == 1
    assert sound.contract_years.count() == 2


# Who sees -------------------------------------------------------------------------------------------------------------


def test_an_agreement_is_seen_by_its_school_its_trust_its_seller_and_the_area_and_by_nobody_else() -> None:
    area = an_area()
    trust = an_organisation("trust", area=area)
    school = a_school(area, academy=True, trust=trust)
    agreement = an_agreement(school=school)
    authority = a_convenor(area)
    finance = a_person(Role.FINANCE, at=authority.memberships.get().organisation)
    seeing = [
        a_person(Role.STAFF, at=school),
        a_person(Role.GOVERNOR, at=school),
        a_person(Role.TRUST_LEAD, at=trust),
        a_person(Role.PROVIDER_LEAD, at=agreement.seller),
        a_person(Role.FINANCE, at=agreement.seller),
        authority,
        finance,
    ]
    others = [
        a_person(Role.HEADTEACHER, at=a_school(area)),
        a_person(Role.PRACTITIONER, at=school),
        a_person(Role.BOARD_MEMBER, at=authority.memberships.get().organisation),
        a_convenor(an_area()),
    ]

    for person in seeing:
        assert queries.agreement_for(actor_of(person), agreement.reference) == agreement
    for person in others:
        with pytest.raises(NotFound):
            queries.agreement_for(actor_of(person), agreement.reference)
    assert queries.agreements_visible_to(SYSTEM).count() == 1
