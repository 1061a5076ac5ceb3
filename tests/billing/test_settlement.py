"""Two-sided settlement: each day on one statement, paid once, by the paper the two parties agreed on; and cover."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.billing import actions, queries
from marketplace.billing.actions import papers
from marketplace.billing.errors import NothingToSettle
from marketplace.billing.models import (
    Document,
    DocumentKind,
    SelfBillingAgreement,
    SettlementStatus,
    StatementLine,
)
from marketplace.billing.rules import BackfillTooLarge
from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound, NotNow
from marketplace.organisations.models import OrganisationKind
from tests.billing.settling import Brokered, all_agrees, held
from tests.builders import (
    a_person,
    actor_of,
    an_organisation,
)

pytestmark = pytest.mark.django_db


# Statements


def test_a_statement_shows_the_buyers_price_the_fee_and_the_schools_share() -> None:
    scene = Brokered()
    scene.a_day()
    scene.a_day()

    statement = scene.a_statement()

    assert statement.status == SettlementStatus.AWAITING_INVOICE
    assert statement.net_pence == 59_500
    first = statement.lines.first()
    assert first and (first.buyer_pence, first.fee_pence, first.net_pence) == (35_000, 5_250, 29_750)


def test_a_statement_ends_no_later_than_the_day_it_is_made() -> None:
    scene = Brokered()
    scene.a_day()

    statement = actions.make_statement(
        actor=scene.finance,
        broker=scene.broker,
        supplier=scene.releasing,
        up_to=papers.today() + timedelta(days=30),
    )

    assert statement.period_to == papers.today()


def test_each_day_stands_on_one_statement_only() -> None:
    scene = Brokered()
    scene.a_day()
    first = scene.a_statement()

    with pytest.raises(NothingToSettle):
        scene.a_statement()
    scene.a_day()
    second = scene.a_statement()

    assert second.net_pence == 29_750
    transfer = first.lines.get().transfer
    with pytest.raises(IntegrityError, match="a_payable_is_settled_once"), transaction.atomic():
        StatementLine.objects.create(
            statement=second, position=9, transfer=transfer, description="", on=transfer.on, net_pence=1
        )


def test_without_self_billing_the_schools_own_invoice_is_asked_for_and_then_paid() -> None:
    scene = Brokered()
    scene.a_day()
    statement = scene.a_statement()

    with pytest.raises(NotNow):
        actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    statement = actions.record_invoice(
        actor=scene.head, statement=statement, number="OAK-12", dated=papers.today(), vat_pence=5_950
    )
    statement = actions.pay_statement(
        actor=scene.finance, statement=statement, paid_on=papers.today(), reference="BACS 7"
    )

    assert statement.status == SettlementStatus.PAID
    assert held(scene.broker, "payable") == 0
    assert held(scene.broker, "cash") == 35_700  # paid out: the bank stands on the other side
    all_agrees()


def test_the_vat_of_an_invoice_can_not_be_more_than_the_rate() -> None:
    scene = Brokered()
    scene.a_day()

    with pytest.raises(DomainError, match=r"between nothing and £59\.50"):
        actions.record_invoice(
            actor=scene.head,
            statement=scene.a_statement(),
            number="OAK-12",
            dated=papers.today(),
            vat_pence=5_951,
        )


def test_with_self_billing_the_broker_writes_the_schools_invoice_in_the_schools_numbers() -> None:
    scene = Brokered()
    scene.a_day()
    scene.signs()

    statement = scene.a_statement()

    document = statement.document
    assert statement.status == SettlementStatus.TO_PAY and document is not None
    assert (document.kind, document.supplier, document.buyer) == (
        DocumentKind.SELF_BILL,
        scene.releasing,
        scene.broker,
    )
    assert document.full_number.startswith(f"SBI{scene.releasing.pk}-")
    assert (document.net_pence, document.vat_pence) == (29_750, 5_950)
    assert document.lines.get().vat_treatment == "standard"
    actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    assert queries.outstanding(document) == 0
    assert held(scene.broker, "payable") == 0
    assert held(scene.releasing, "receivable") == 0
    all_agrees()


def test_inside_one_authority_the_statement_goes_into_the_journal_without_vat() -> None:
    scene = Brokered(same_authority=True)
    scene.a_day()

    statement = scene.a_statement()

    assert statement.status == SettlementStatus.TO_JOURNAL and statement.document is not None
    assert (statement.document.route, statement.document.vat_pence) == ("journal", 0)
    with pytest.raises(NotNow):
        actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())


def test_a_package_day_has_no_paper_for_the_buyer_and_is_owed_to_the_releasing_school() -> None:
    scene = Brokered()
    booking = scene.a_day(route=PaymentRoute.ENTITLEMENT)
    actions.issue_for_delivery(actor=SYSTEM, booking=booking)  # told twice

    assert not Document.objects.filter(booking=booking).exists()
    assert (held(scene.broker, "payable"), held(scene.broker, "cost_of_delivery")) == (29_750, -29_750)
    line = scene.a_statement().lines.get()
    assert (line.booking, line.net_pence, line.source_document) == (booking, 29_750, None)


def test_a_day_paid_in_credits_is_settled_in_credits_on_both_sides() -> None:
    scene = Brokered()

    scene.a_day(route=PaymentRoute.EXCHANGE)

    assert held(scene.broker, "payable") == 0


def test_a_commissioned_day_is_billed_to_the_local_authority() -> None:
    scene = Brokered()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)

    booking = scene.a_day(route=PaymentRoute.COMMISSIONED)

    document = Document.objects.get(booking=booking)
    assert document.buyer == authority and document.route == "journal"
    assert document.lines.get().funding == "commissioned"
    assert document.parties["school"]["name"] == scene.buyer.organisation.name
    head = actor_of(a_person(Role.HEADTEACHER, at=scene.buyer))
    with pytest.raises(NotFound):
        queries.document_for(head, document.reference)


# Self-billing agreements


def test_a_self_billing_agreement_is_signed_by_the_supplier_for_a_year_at_most() -> None:
    scene = Brokered()
    today = papers.today()

    with pytest.raises(DomainError, match="twelve months"):
        scene.signs(ends_on=today + timedelta(days=366))
    signed = scene.signs()
    with pytest.raises(NotNow, match="already"):
        scene.signs()
    with pytest.raises(NotAllowed):
        actions.agree_self_billing(
            actor=scene.finance,
            broker=scene.broker,
            supplier=scene.releasing,
            signed_name="The broker",
            signed_capacity="Finance",
            starts_on=today + timedelta(days=400),
            ends_on=today + timedelta(days=500),
        )

    assert signed.holds_on(today) and not signed.holds_on(today + timedelta(days=365))


def test_after_its_end_the_schools_own_invoice_is_asked_for_again() -> None:
    scene = Brokered()
    signed = scene.signs()
    SelfBillingAgreement.objects.filter(pk=signed.pk).update(
        starts_on=papers.today() - timedelta(days=200), ends_on=papers.today() - timedelta(days=1)
    )
    scene.a_day()

    assert scene.a_statement().status == SettlementStatus.AWAITING_INVOICE


# Cover


def claim(scene: Brokered, booking: Booking, pence: int, actor: Actor | None = None, **also: str) -> Any:
    return actions.claim_backfill(
        actor=actor or scene.head, booking=booking, pence=pence, **{"cover": "supply"} | also
    )


def test_an_accepted_claim_stands_on_the_statement_with_its_code_and_adds_nothing() -> None:
    scene = Brokered()
    booking = scene.a_day()

    actions.accept_backfill(actor=scene.finance, claim=claim(scene, booking, 18_000, cover="agency"))
    statement = scene.a_statement()

    line = statement.lines.get()
    assert (line.backfill_pence, line.backfill_code, statement.net_pence) == (18_000, "E26", 29_750)


def test_a_claim_lies_inside_the_schools_share() -> None:
    scene = Brokered()
    booking = scene.a_day()

    with pytest.raises(BackfillTooLarge):
        claim(scene, booking, 29_751)
    assert claim(scene, booking, 29_750).cfr_code == "E02"


def test_a_booking_has_one_live_claim_and_none_once_it_is_settled() -> None:
    scene = Brokered()
    booking = scene.a_day()
    first = claim(scene, booking, 10_000)
    with pytest.raises(NotNow):
        claim(scene, booking, 10_000)
    actions.refuse_backfill(actor=scene.finance, claim=first, reason="No receipt.")
    second = claim(scene, booking, 9_000)
    actions.withdraw_backfill(actor=scene.head, claim=second)

    scene.a_statement()

    with pytest.raises(NotNow):
        claim(scene, booking, 9_000)


def test_a_claim_is_not_accepted_while_its_day_stands_on_a_statement_without_it() -> None:
    scene = Brokered()
    made = claim(scene, scene.a_day(), 10_000)
    statement = scene.a_statement()

    with pytest.raises(NotNow, match=statement.reference):
        actions.accept_backfill(actor=scene.finance, claim=made)
    actions.withdraw_statement(actor=scene.finance, statement=statement, reason="A claim for cover.")
    actions.accept_backfill(actor=scene.finance, claim=made)

    assert scene.a_statement().lines.get().backfill_pence == 10_000


def test_only_the_releasing_school_claims_and_only_the_broker_decides() -> None:
    scene = Brokered()
    booking = scene.a_day()
    with pytest.raises(NotAllowed):
        claim(scene, booking, 100, actor=scene.finance)
    made = claim(scene, booking, 100)

    with pytest.raises(NotAllowed):
        actions.accept_backfill(actor=scene.head, claim=made)
