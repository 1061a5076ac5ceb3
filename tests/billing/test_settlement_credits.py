"""What is credited or disputed, before and after a statement and its payment: never paid twice, never more than is owed."""

import pytest

from marketplace.billing import actions, queries
from marketplace.billing.actions import papers
from marketplace.billing.errors import Disputed, NothingToSettle, Overtaken
from marketplace.billing.models import (
    Dispute,
    Document,
    SettlementStatus,
)
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.models import OrganisationKind
from tests.billing.settling import Brokered, all_agrees, held
from tests.builders import (
    a_person,
    actor_of,
    an_organisation,
)

pytestmark = pytest.mark.django_db


def test_what_is_credited_before_the_statement_is_not_settled() -> None:
    scene = Brokered()
    scene.a_day()
    booking = scene.a_day()
    actions.credit(
        actor=scene.finance, document=Document.objects.get(booking=booking), reason="Never happened."
    )

    statement = scene.a_statement()

    assert statement.net_pence == 29_750
    assert [line.net_pence for line in statement.lines.all()] == [29_750, 29_750, -29_750]


def test_what_is_credited_after_the_statement_stops_the_payment_until_a_new_one_is_made() -> None:
    scene = Brokered()
    scene.a_day()
    booking = scene.a_day()
    scene.signs()
    statement = scene.a_statement()
    actions.credit(
        actor=scene.finance, document=Document.objects.get(booking=booking), reason="Never happened."
    )

    with pytest.raises(Overtaken):
        actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    actions.withdraw_statement(actor=scene.finance, statement=statement, reason="A day was credited.")
    again = scene.a_statement()
    actions.pay_statement(actor=scene.finance, statement=again, paid_on=papers.today())

    assert again.net_pence == 29_750
    assert held(scene.broker, "cash") == 35_700
    assert held(scene.broker, "payable") == 0 and held(scene.releasing, "receivable") == 0
    all_agrees()


def test_what_is_credited_after_it_was_paid_out_the_broker_bears() -> None:
    scene = Brokered()
    booking = scene.a_day()
    scene.signs()
    actions.pay_statement(actor=scene.finance, statement=scene.a_statement(), paid_on=papers.today())
    document = Document.objects.get(booking=booking)

    actions.credit(actor=scene.finance, document=document, reason="A gesture.")

    assert (held(scene.broker, "receivable"), held(scene.broker, "payable")) == (0, 0)
    assert held(scene.broker, "cost_of_delivery") == -29_750
    all_agrees()


@pytest.mark.parametrize("paid_before", [True, False])
def test_vat_put_right_does_not_pay_the_releasing_school_again(paid_before: bool) -> None:
    scene = Brokered()
    booking = scene.a_day()
    scene.signs()
    statement = scene.a_statement()
    if paid_before:
        actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    document = Document.objects.get(booking=booking)

    _, again = actions.override_vat(
        actor=scene.finance, document=document, treatment="zero", reason="Told by HMRC."
    )
    if not paid_before:
        actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())

    assert held(scene.broker, "payable") == 0 and held(scene.broker, "cost_of_delivery") == 0
    assert held(scene.broker, "fee_income") == 5_250
    with pytest.raises(NothingToSettle):
        scene.a_statement()
    all_agrees()

    _, third = actions.override_vat(
        actor=scene.finance, document=again, treatment="standard", reason="It was right."
    )
    line = third.lines.get()
    actions.credit(actor=scene.finance, document=third, reason="Half.", amounts={line.pk: 17_500})
    actions.credit(actor=scene.finance, document=third, reason="The rest.")

    assert held(scene.broker, "receivable") == held(scene.broker, "payable") == 0
    assert held(scene.broker, "fee_income") == 0 and held(scene.broker, "cost_of_delivery") == -29_750
    all_agrees()


def test_nothing_is_paid_while_a_statement_is_disputed() -> None:
    scene = Brokered()
    scene.a_day()
    scene.signs()
    statement = actions.dispute_statement(
        actor=scene.head, statement=scene.a_statement(), reason="It was a day and a half."
    )

    with pytest.raises(Disputed):
        actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    actions.clear_dispute(actor=scene.finance, statement=statement, note="One day, agreed by telephone.")
    paid = actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())

    assert paid.status == SettlementStatus.PAID


def test_a_day_whose_buyer_disputes_it_waits() -> None:
    scene = Brokered()
    scene.a_day()
    disputed = Document.objects.get(booking=scene.a_day())
    Dispute.objects.create(document=disputed, reason="Nobody came.")

    assert scene.a_statement().net_pence == 29_750


def test_only_the_broker_settles_and_only_its_two_sides_see_it() -> None:
    scene = Brokered()
    scene.a_day()
    with pytest.raises(NotAllowed):
        actions.make_statement(
            actor=scene.head, broker=scene.broker, supplier=scene.releasing, up_to=papers.today()
        )
    statement = scene.a_statement()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    readers = [scene.finance, scene.head, actor_of(a_person(Role.FINANCE, at=authority))]
    others = [
        actor_of(a_person(Role.HEADTEACHER, at=scene.buyer)),
        actor_of(a_person(Role.STAFF, at=scene.school)),
        actor_of(a_person(Role.CONVENOR, at=authority)),
    ]

    for reader in readers:
        assert queries.statement_for(reader, statement.reference) == statement
    for other in others:
        with pytest.raises(NotFound):
            queries.statement_for(other, statement.reference)
