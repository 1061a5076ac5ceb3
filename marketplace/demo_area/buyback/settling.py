"""What the company pays the organisations whose people it sends: statements paid and waiting, self-billing, a claim for cover."""

from datetime import date, timedelta
from functools import partial

from django.utils import timezone

from marketplace.billing.actions.backfill import accept_backfill, claim_backfill
from marketplace.billing.actions.self_billing import agree_self_billing
from marketplace.billing.actions.settlement import (
    make_statement,
    pay_statement,
    record_invoice,
    withdraw_statement,
)
from marketplace.billing.models import CoverKind, SettlementStatement, SettlementStatus
from marketplace.billing.queries.settlement import claimable_bookings, open_balances, payable_account
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.demo_area.agenda import Agenda
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.buyback.books import Books
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today
from marketplace.demo_area.words.buyback import BACKFILL, OVERTAKEN
from marketplace.kernel.dates import local
from marketplace.organisations.models import LegalStatus, Organisation
from marketplace.organisations.queries import actor_for

ROUNDS = ((210, 10), (110, 10), (18, 4), (3, 5))
"""Days ago on which the company made its statements, and for how many organisations, those it owes most first."""

PAID_AFTER = timedelta(days=24)
LEAST_PENCE = 10_000
COVER_PENCE = 14_000


class Settling:
    """The statements of the school company."""

    def __init__(
        self, company: Organisation, books: Books, people: People, agenda: Agenda, today: Today
    ) -> None:
        self.company, self.books, self.people = company, books, people
        self.agenda, self.today = agenda, today

    def plan(self, booked: Booked) -> None:
        """Put the rounds, the self-billing agreement and the claims for cover on the agenda."""
        releasing = self._releasing(booked)
        if releasing:
            at = self.today.ago(250) + timedelta(hours=10)
            self.agenda.at_once(at, lambda: self._agree_to_self_billing(releasing[0]))
        for days, count in ROUNDS:
            self.agenda.at_once(
                self.today.ago(days) + timedelta(hours=15),
                partial(self._round, count),
            )
        self.agenda.at_once(self.today.ago(3) + timedelta(hours=9), lambda: self._claim_cover(booked))

    def _releasing(self, booked: Booked) -> list[Organisation]:
        """Schools with a head that release people for the company and are no maintained schools' journals, those with most first."""
        counted: dict[int, int] = {}
        found: dict[int, Organisation] = {}
        for booking in booked.rows:
            home = booking.releasing_organisation
            if booking.provider_id == self.company.pk and home.pk in self.people.heads:
                counted[home.pk] = counted.get(home.pk, 0) + 1
                found[home.pk] = home
        academies = [
            pk for pk in counted if found[pk].legal_status in (LegalStatus.ACADEMY, LegalStatus.LA_MAINTAINED)
        ]
        return [found[pk] for pk in sorted(academies, key=lambda pk: (-counted[pk], pk))]

    def _agree_to_self_billing(self, school: Organisation) -> None:
        head = self.people.heads[school.pk]
        starts = self._today()
        agree_self_billing(
            actor=actor_for(head),
            broker=self.company,
            supplier=school,
            signed_name=head.name,
            signed_capacity="Headteacher",
            starts_on=starts,
            ends_on=starts + timedelta(days=364),
        )

    def _round(self, count: int) -> None:
        keeper = self.books.keeper(self.company)
        owed = [
            balance
            for balance in open_balances(keeper, self._today())
            if balance.broker == self.company and balance.pence >= LEAST_PENCE
        ]
        owed.sort(key=lambda balance: (-balance.pence, balance.supplier.pk))
        for balance in owed[:count]:
            statement = make_statement(
                actor=keeper, broker=self.company, supplier=balance.supplier, up_to=self._today()
            )
            later = timezone.now() + timedelta(days=5)
            self.agenda.at_once(later, partial(self._invoice, statement))
            self.agenda.at_once(timezone.now() + PAID_AFTER, partial(self._pay, statement))

    def _invoice(self, statement: SettlementStatement) -> None:
        statement.refresh_from_db()
        head = self.people.heads.get(statement.supplier_id) or self.people.leads.get(statement.supplier_id)
        if statement.status != SettlementStatus.AWAITING_INVOICE or head is None:
            return
        record_invoice(
            actor=actor_for(head),
            statement=statement,
            number=f"INV-{statement.pk:04}",
            dated=self._today(),
            vat_pence=0,
        )

    def _pay(self, statement: SettlementStatement) -> None:
        statement.refresh_from_db()
        keeper = self.books.keeper(self.company)
        account = payable_account(self.company.pk, statement.supplier_id)
        if statement.status == SettlementStatus.TO_PAY and account:
            if account.balance < statement.gross_pence:  # something on it was credited meanwhile
                withdraw_statement(actor=keeper, statement=statement, reason=OVERTAKEN)
                return
            pay_statement(
                actor=keeper,
                statement=statement,
                paid_on=self._today(),
                reference=f"BACS {statement.reference}",
            )

    def _claim_cover(self, booked: Booked) -> None:
        """Two claims for the latest days: one agreed to, one that waits."""
        delivered = (BookingStatus.DELIVERED, BookingStatus.EVALUATED)
        rows = [b for b in booked.rows if b.provider_id == self.company.pk and b.status in delivered]
        made = 0
        for booking in sorted(rows, key=lambda row: (row.day, row.pk), reverse=True):
            if made < 2 and self._may_claim(booking):
                head = actor_for(self.people.heads[booking.releasing_organisation_id])
                claim = claim_backfill(
                    actor=head, booking=booking, pence=COVER_PENCE, cover=CoverKind.SUPPLY, note=BACKFILL
                )
                if made == 0:
                    accept_backfill(actor=self.books.keeper(self.company), claim=claim)
                made += 1

    def _may_claim(self, booking: Booking) -> bool:
        head = self.people.heads.get(booking.releasing_organisation_id)
        return (
            head is not None
            and booking.price["shares"]["releasing_school"] >= COVER_PENCE
            and claimable_bookings(actor_for(head)).filter(pk=booking.pk).exists()
        )

    def _today(self) -> date:
        return local(timezone.now()).date()
