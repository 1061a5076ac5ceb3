"""Days that people write down of money that moved."""

from datetime import date, timedelta

import pytest

from marketplace.billing import actions
from marketplace.billing.actions import papers
from marketplace.billing.rules.days import check_day
from marketplace.kernel.errors import DomainError
from tests.billing.settling import Brokered
from tests.builders import a_receipt

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize("day", [TODAY, date(2026, 4, 1), date(2025, 4, 1)])
def test_today_and_days_of_this_and_the_last_financial_year_are_taken(day: date) -> None:
    check_day(day, today=TODAY, field="received_on")


@pytest.mark.parametrize(
    ("day", "words"), [(date(2026, 12, 1), "yet to come"), (date(1900, 1, 1), "from 1 April 2025 on")]
)
def test_days_to_come_and_days_of_closed_books_are_refused(day: date, words: str) -> None:
    with pytest.raises(DomainError, match=words) as refusal:
        check_day(day, today=TODAY, field="received_on")

    assert refusal.value.field == "received_on"


@pytest.mark.django_db
def test_a_statement_is_not_paid_before_its_first_day_nor_invoiced_before() -> None:
    scene = Brokered()
    scene.a_day()
    statement = scene.a_statement()
    before = statement.period_from - timedelta(days=1)

    with pytest.raises(DomainError, match="too long ago"):
        actions.record_invoice(actor=scene.head, statement=statement, number="1", dated=before, vat_pence=0)
    actions.record_invoice(
        actor=scene.head, statement=statement, number="1", dated=papers.today(), vat_pence=0
    )
    for day in (before, papers.today() + timedelta(days=1)):
        with pytest.raises(DomainError):
            actions.pay_statement(actor=scene.finance, statement=statement, paid_on=day)
    paid = actions.pay_statement(actor=scene.finance, statement=statement, paid_on=papers.today())
    assert paid.paid_on == papers.today()


@pytest.mark.django_db
def test_a_receipt_written_down_by_hand_is_not_of_closed_books() -> None:
    scene = Brokered()

    with pytest.raises(DomainError, match="too long ago"):
        a_receipt(100, payee=scene.broker, actor=scene.finance, received_on=date(1900, 1, 1))
