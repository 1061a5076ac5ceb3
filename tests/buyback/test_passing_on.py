"""A school becomes an academy under another record: its credits go with it, and its agreements can all pass at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.buyback import actions, queries
from marketplace.buyback.ledgers import Credit, credit_accounts
from marketplace.buyback.models import AgreementEnding, ServiceAgreement
from marketplace.buyback.rules import ConversionInvalid
from marketplace.buyback.rules.exchange import MOVED
from marketplace.catalogue.models import SupportType
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import academic_year
from marketplace.kernel.transfers import Movement
from marketplace.organisations.models import LinkKind, Organisation, School, SchoolLink
from tests.builders import a_person, a_school, actor_of
from tests.buyback.test_agreement_endings import lead_of, month, running
from tests.buyback.test_agreements import head_of, nothing_disagrees, on_the

pytestmark = pytest.mark.django_db


def a_successor_of(school: School) -> Organisation:
    successor = a_school(school.organisation.area, academy=True)
    SchoolLink.objects.create(
        urn=school.urn, linked_urn=successor.urn, kind=LinkKind.SUCCESSOR, link_type="Successor"
    )
    return successor.organisation


def give_credits(school: Organisation, quantity: int) -> None:
    accounts = credit_accounts(school)
    source, target = accounts[school.pk, Credit.CONVERTED], accounts[school.pk, Credit.BALANCE]
    movement = Movement(source, target, quantity, "Test", f"test:{school.pk}")
    transfers.move(by=SYSTEM, movements=[movement], on=timezone.localdate())


def converted(agreement: ServiceAgreement, successor: Organisation) -> ServiceAgreement:
    return actions.convert_agreement(
        actor=lead_of(agreement), agreement=agreement, on=month(5), successor=successor
    )


def test_credits_pass_to_the_academy_that_goes_on() -> None:
    agreement = running()
    school, academy = agreement.buyer, a_successor_of(agreement.buyer.school)
    with on_the(month(5)):
        give_credits(school, 7)
        converted(agreement, academy)
        year = academic_year(month(5))

    assert (queries.credits_of(school.pk), queries.credits_of(academy.pk)) == ((0, 0), (7, 0))
    assert [step.verb for step in queries.credit_steps(school.pk)][-1] == "Passed on"
    assert [(step.verb, step.left) for step in queries.credit_steps(academy.pk)] == [("Taken over", 7)]
    for holder, moved in ((school, -7), (academy, 7)):
        statement = queries.statement_so_far(holder, year)
        assert statement.total(MOVED) == moved and statement.closing == queries.credits_of(holder.pk)[0]
    assert nothing_disagrees() and transfers.disagreements() == []


def test_a_school_that_goes_on_under_its_own_record_keeps_its_credits() -> None:
    school = running().buyer
    give_credits(school, 7)
    assert actions.pass_on_credits(actor=SYSTEM, school=school, academy=school) == 0
    assert queries.credits_of(school.pk) == (7, 0)


def test_what_comes_back_from_a_booked_session_follows_in_the_night() -> None:
    agreement = running()
    school, academy = agreement.buyer, a_successor_of(agreement.buyer.school)
    booked: dict[str, Any] = {
        "actor": SYSTEM,
        "school_id": school.pk,
        "quantity": 2,
        "effect": "booking:1",
        "reason": "A session",
        "support_type": SupportType.objects.first(),
    }
    with on_the(month(5)):
        give_credits(school, 7)
        actions.reserve_credits(**booked)
        converted(agreement, academy)
        assert queries.credits_of(school.pk) == (0, 2)
        actions.release_credits(**booked)

        assert actions.pass_on_what_came_back() == 2
        assert actions.pass_on_what_came_back() == 0

    assert queries.credits_of(academy.pk) == (7, 0)
    assert transfers.disagreements() == []


def test_all_agreements_of_a_school_pass_at_once_or_none_does() -> None:
    first = running()
    second = running(school=first.buyer.school)
    academy = a_successor_of(first.buyer.school)
    stranger = a_school(first.buyer.area, academy=True).organisation
    head = head_of(first.buyer.school)
    with on_the(month(5)):
        found = queries.also_convertible(head, first, month(5), academy, today=month(5))
        assert [each.agreement for each in found] == [second]
        with pytest.raises(ConversionInvalid):
            actions.convert_agreements(
                actor=head, agreements=[first, second], on=month(5), successor=stranger
            )
        assert not AgreementEnding.objects.exists()

        passed = actions.convert_agreements(
            actor=head, agreements=[first, second], on=month(5), successor=academy
        )

    assert [each.supersedes for each in passed] == [first, second]
    assert {each.buyer for each in passed} == {academy}
    assert nothing_disagrees()


def test_a_sellers_lead_is_offered_its_own_agreements_only() -> None:
    first = running()
    running(school=first.buyer.school)
    own = running(school=first.buyer.school, seller=first.seller)
    with on_the(month(5)):
        lead = actor_of(a_person(Role.PROVIDER_LEAD, at=first.seller))
        found = queries.also_convertible(lead, first, month(5), first.buyer, today=month(5))
    assert [each.agreement for each in found] == [own]


def test_what_is_over_by_then_or_ends_already_is_not_offered() -> None:
    first = running(years=2)
    second = running(school=first.buyer.school)
    head = head_of(first.buyer.school)
    after = second.ends_on + timedelta(days=30)
    with on_the(month(5)):
        assert queries.also_convertible(head, first, after, first.buyer, today=month(5)) == []
        actions.terminate_agreement(
            actor=head, agreement=second, ground="buyer_notice", last_day=month(9), reason="Enough"
        )
        assert queries.also_convertible(head, first, month(6), first.buyer, today=month(5)) == []
