"""What tests of settlement stand on: a broker, a school that releases somebody, a school that buys; and what the books hold."""

from datetime import date, timedelta
from typing import Any

from marketplace.billing import actions, verification
from marketplace.billing.actions import papers
from marketplace.billing.models import (
    SelfBillingAgreement,
    SettlementStatement,
)
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.models import Account
from marketplace.organisations.models import Organisation
from tests.builders import (
    a_booking,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_offer,
)

FEE = {"buyer": 35_000, "releasing_school": 29_750, "broker": 5_250}
PRICE = {"total_pence": 35_000, "lines": [], "shares": FEE}


class Brokered:
    """A broker, an academy that releases a person, an academy that buys: three legal bodies."""

    def __init__(self, *, same_authority: bool = False) -> None:
        area = an_area()
        self.area = area
        self.broker = a_provider(area)
        self.school = a_school(area, academy=not same_authority)
        self.releasing = self.school.organisation
        self.buyer = a_school(area, academy=True)
        self.person = a_practitioner(self.releasing, listed_by=self.broker)
        self.offer = an_offer(self.broker, practitioners=[self.person])
        self.finance = actor_of(a_person(Role.FINANCE, at=self.broker))
        self.head = actor_of(a_person(Role.HEADTEACHER, at=self.school))
        self.days = 0

    def a_day(self, *, issue: bool = True, **fields: Any) -> Booking:
        self.days += 1
        booking = a_booking(
            status=BookingStatus.DELIVERED,
            school=self.buyer,
            offer=self.offer,
            practitioner=self.person,
            day=date(2026, 10, self.days),
            price=PRICE,
            **fields,
        )
        if issue:
            actions.issue_for_delivery(actor=SYSTEM, booking=booking)
        return booking

    def a_statement(self) -> SettlementStatement:
        return actions.make_statement(
            actor=self.finance, broker=self.broker, supplier=self.releasing, up_to=papers.today()
        )

    def signs(self, **dates: date) -> SelfBillingAgreement:
        period = {"starts_on": papers.today(), "ends_on": papers.today() + timedelta(days=364)} | dates
        return actions.agree_self_billing(
            actor=self.head,
            broker=self.broker,
            supplier=self.releasing,
            signed_name="Ada Head",
            signed_capacity="Headteacher",
            **period,
        )


def held(owner: Organisation, purpose: str, detail: str = "") -> int:
    rows = Account.objects.filter(ledger="money", owner_id=owner.pk, purpose=purpose)
    return sum(row.balance for row in (rows.filter(detail=detail) if detail else rows))


def all_agrees() -> None:
    assert transfers.disagreements() == []
    for check in (
        verification.totals_and_lines,
        verification.numbers_without_gaps,
        verification.ledger_and_documents,
    ):
        assert check() == []
