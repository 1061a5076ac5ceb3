"""From an order to a refund, in any order: package and bank of money agree with every booking after each step.

A school with a package orders sessions, has them, hands them over to another school of its trust (and gets them back), cancels them in
time or late, is credited, has its VAT put right, pays and is paid back; the authority pays for some from its pots, and the seller
settles with the school whose teacher it sends. After every step the seller's trial balance is zero, nobody is paid twice, and all of
`verify` finds nothing (I3, I4, I5, I7).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from marketplace.billing import actions as billing
from marketplace.billing.actions import crediting
from marketplace.billing.models import (
    Document,
    DocumentKind,
    Receipt,
    SettlementStatement,
    SettlementStatus,
)
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import billable_bookings, ledgers
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute
from marketplace.buyback import actions as buyback
from marketplace.buyback.ledgers import Drawdown, accounts_of
from marketplace.buyback.models import FundingStream
from marketplace.demo_area.stage import clock_at
from marketplace.kernel import verification
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import financial_year, is_working_day, local
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Organisation
from tests.bookings.test_waiving import a_family
from tests.builders import a_booking, a_convenor, a_scene, a_stream, actor_of, an_agreement

PICK = st.integers(0, 1_000)
PENCE = st.integers(1, 60_000)


class Orders(RuleBasedStateMachine):
    """One school, one seller that brokers another school's teacher, one package of four days. A refusal changes nothing."""

    @initialize()
    def begin(self) -> None:
        self.scene = a_scene(academy=True)
        self.days = working_days_after(self.scene.day)
        agreement = an_agreement(school=self.scene.school, seller=self.scene.provider)
        year = agreement.contract_years.get()
        billing.issue_due_instalments(billing.plan_instalments(actor=SYSTEM, year=year))
        [self.entitlement] = buyback.grant_entitlements(actor=SYSTEM, year=year)
        self.entitlement.valid_from -= timedelta(days=400)
        self.entitlement.valid_to += timedelta(days=800)
        self.entitlement.save()
        sibling, theirs = a_family(self.scene)
        self.schools = {self.scene.school.pk: self.scene.budget_holder, sibling.pk: theirs}
        self.convenor = actor_of(a_convenor(self.scene.area))

    def bookings(self, *statuses: str) -> Any:
        return Booking.objects.scoped().filter(provider=self.scene.provider, status__in=statuses)

    def documents(self) -> Any:
        return Document.objects.filter(supplier=self.scene.provider, kind=DocumentKind.INVOICE)

    def statements(self, status: str) -> Any:
        return SettlementStatement.objects.filter(broker=self.scene.provider, status=status)

    @rule(from_package=st.booleans(), session=st.sampled_from(["day", "morning"]))
    def order(self, from_package: bool, session: str) -> None:
        scene = self.scene
        booking = a_booking(
            status=BookingStatus.HELD,
            school=scene.school,
            offer=scene.offer,
            practitioner=scene.practitioner,
            requested_by=None,
            day=next(self.days),
            session=session,
            cancellation_tariff=scene.offer.shown.cancellation_tariff,
        )
        pay = {"pay_by": PaymentRoute.ENTITLEMENT, "entitlement": self.entitlement} if from_package else {}
        attempt(actions.order_booking, actor=scene.budget_holder, booking=booking, **pay)

    @rule(pick=PICK)
    def approve_and_release(self, pick: int) -> None:
        waiting = picked(self.bookings(BookingStatus.AWAITING_APPROVAL), pick)
        attempt(actions.approve_booking, actor=self.scene.receiving_head, booking=waiting)
        ordered = picked(self.bookings(BookingStatus.AWAITING_RELEASE), pick)
        attempt(actions.consent_to_release, actor=self.scene.releasing_head, booking=ordered, **BEYOND)

    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        ordered = (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE)
        attempt(
            actions.withdraw_booking,
            actor=self.scene.budget_holder,
            booking=picked(self.bookings(*ordered), pick),
        )

    @rule(pick=PICK, into_package=st.booleans())
    def hand_over(self, pick: int, into_package: bool) -> None:
        booking = picked(self.bookings(BookingStatus.CONFIRMED), pick)
        if booking is None:
            return
        [(other, taker)] = [each for each in self.schools.items() if each[0] != booking.receiving_school_id]
        attempt(
            actions.offer_session,
            actor=self.schools[booking.receiving_school_id],
            booking=booking,
            school=Organisation.objects.get(pk=other),
            reason="Inspection.",
        )
        back = into_package and other == self.scene.school.pk
        pay = {"pay_by": PaymentRoute.ENTITLEMENT, "entitlement": self.entitlement} if back else {}
        on_offer = queries.open_hand_over(booking)
        attempt(actions.accept_session, actor=taker, hand_over=on_offer, **pay)
        if on_offer is not None and queries.open_hand_over(booking) is not None:
            attempt(actions.refuse_session, actor=taker, hand_over=on_offer)

    @rule(pick=PICK)
    def commission(self, pick: int) -> None:
        """The authority pays, from a pot of a few sessions."""
        live = (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE, BookingStatus.CONFIRMED)
        booking = picked(self.bookings(*live), pick)
        if booking is not None:
            year = financial_year(booking.day)
            stream = FundingStream.objects.filter(area=self.scene.area, financial_year=year).first()
            stream = stream or a_stream(self.scene.area, financial_year=year, pence=100_000)
            attempt(actions.commission_booking, actor=self.convenor, booking=booking, stream=stream)

    @rule(pick=PICK)
    def use(self, pick: int) -> None:
        booking = picked(self.bookings(BookingStatus.CONFIRMED), pick)
        if booking is not None:
            with clock_at(booking.ends_at + timedelta(hours=1)):
                attempt(actions.mark_delivered, actor=SYSTEM, booking=booking)
                again(lambda: billing.issue_for_delivery(actor=SYSTEM, booking=fresh(booking)))

    @rule(pick=PICK, days_before=st.sampled_from([40, 20, 10, 2]), by=st.sampled_from(["buyer", "provider"]))
    def cancel(self, pick: int, days_before: int, by: str) -> None:
        booking = picked(self.bookings(BookingStatus.CONFIRMED), pick)
        if booking is not None:
            with clock_at(booking.starts_at - timedelta(days=days_before)):
                attempt(
                    actions.cancel_booking, actor=SYSTEM, booking=booking, by=by, reason="Something came up."
                )
                again(lambda: billing.issue_for_cancellation(actor=SYSTEM, booking=fresh(booking)))

    @rule(pick=PICK)
    def waive(self, pick: int) -> None:
        booking = picked(self.bookings(BookingStatus.CANCELLED_BY_BUYER), pick)
        attempt(actions.waive_charge, actor=self.scene.provider_lead, booking=booking, reason="Flood.")
        if booking is not None and fresh(booking).charge_waived_by_id:
            again(lambda: billing.credit_waived_charge(actor=SYSTEM, booking=fresh(booking)))

    @rule(pick=PICK, part=st.integers(1, 4))
    def credit(self, pick: int, part: int) -> None:
        document = picked(self.documents(), pick)
        if document is not None:
            line = document.lines.first()
            amounts = {line.pk: line.net_pence // part}
            attempt(billing.credit, actor=SYSTEM, document=document, reason="Agreed.", amounts=amounts)
            billing.release_overpaid(actor=SYSTEM, document=document)

    @rule(pick=PICK, treatment=st.sampled_from(["zero", "standard", "exempt_education"]))
    def put_vat_right(self, pick: int, treatment: str) -> None:
        document = picked(self.documents(), pick)
        attempt(billing.override_vat, actor=SYSTEM, document=document, treatment=treatment, reason="HMRC.")

    @rule(then=st.sampled_from(["nothing", "export", "export", "withdraw"]))
    def settle(self, then: str) -> None:
        with clock_at(timezone.now() + timedelta(days=400)):
            today = local(timezone.now()).date()
            parties = {"broker": self.scene.provider, "supplier": self.scene.releasing.organisation}
            attempt(billing.make_statement, actor=SYSTEM, **parties, up_to=today)
            if then == "export":
                attempt(billing.run_journals, actor=SYSTEM, area=self.scene.area, month=today)
            if then == "withdraw":
                statement = self.statements(SettlementStatus.TO_JOURNAL).last()
                attempt(billing.withdraw_statement, actor=SYSTEM, statement=statement, reason="Again.")

    @rule(pick=PICK, pence=PENCE)
    def pay(self, pick: int, pence: int) -> None:
        document = picked(self.documents(), pick)
        if document is not None:
            billing.record_receipt(
                actor=SYSTEM,
                payee=self.scene.provider,
                payer=document.buyer,
                pence=pence,
                method="bacs",
                received_on=local(timezone.now()).date(),
                reference=document.full_number,
                allocations=[(document, pence)],
                effect=f"machine:{Receipt.objects.count()}",
            )

    @rule(pick=PICK, pence=PENCE)
    def refund(self, pick: int, pence: int) -> None:
        receipt = picked(Receipt.objects.filter(payee=self.scene.provider), pick)
        buyer = self.scene.school.organisation
        attempt(billing.pay_back, actor=SYSTEM, receipt=receipt, pence=pence, reason="Asked.", buyer=buyer)

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, "entitlement"):
            return
        found = {
            verdict.rule: verdict.disagreements for verdict in verification.verify() if verdict.disagreements
        }
        assert found == {}
        assert_trial_balance_is_zero(self.scene.provider)

    @invariant()
    def nobody_is_paid_twice(self) -> None:
        if hasattr(self, "entitlement"):
            paid = sum(each.net_pence for each in self.statements(SettlementStatus.PAID))
            charged = self.bookings(BookingStatus.DELIVERED, BookingStatus.CANCELLED_BY_BUYER)
            earned = sum(most_owed_for(booking) for booking in charged)
            owed = account_of(
                self.scene.provider.pk,
                Purpose.PAYABLE,
                f"organisation:{self.scene.releasing.organisation.pk}",
            )
            assert paid + owed.balance <= earned

    @invariant()
    def what_was_granted_is_somewhere(self) -> None:
        if hasattr(self, "entitlement"):
            accounts = accounts_of(self.entitlement)
            held = sum(row.balance for name, row in accounts.items() if name != Drawdown.GRANTED)
            assert held == self.entitlement.granted == -accounts[Drawdown.GRANTED].balance


def most_owed_for(booking: Booking) -> int:
    """What the releasing school can be owed for a booking, in pence: its share of what was delivered, or of what the tariff kept."""
    share: int = booking.price["shares"]["releasing_school"]
    if booking.status == BookingStatus.DELIVERED:
        return share
    kept = booking.cancellation_charge_half_days
    return share * kept // booking.half_days if kept else booking.cancellation_charge_pence or 0


BEYOND = {"beyond_agreed": True, "note": "Agreed with the headteacher."}


def working_days_after(day: Any) -> Iterator[Any]:
    while True:
        day += timedelta(days=1)
        if is_working_day(day):
            yield day


def picked(rows: Any, pick: int) -> Any:
    found = list(rows.order_by("pk"))
    return found[pick % len(found)] if found else None


def fresh(booking: Booking) -> Booking:
    return billable_bookings().get(pk=booking.pk)


def attempt(verb: Any, **arguments: Any) -> None:
    """Do it or be refused; what is refused is rolled back."""
    if None in arguments.values():
        return
    try:
        with transaction.atomic():
            verb(**arguments)
    except DomainError:
        pass


def again(job: Any) -> None:
    """Jobs may run twice and take effect once."""
    job()
    job()


def assert_trial_balance_is_zero(organisation: Organisation) -> None:
    today = local(timezone.now()).date()
    balance = ledgers.trial_balance(organisation, today.replace(year=2020), today.replace(year=2100))
    assert balance.difference == balance.opening == 0
    assert balance.debits == balance.credits


def a_settled_day_under_other_vat() -> Orders:
    """One way through the machine: a session is held, settled with the releasing school, and its paper issued again."""
    machine = Orders()
    machine.begin()
    machine.order(False, "day")
    machine.approve_and_release(0)
    machine.use(0)
    machine.settle("export")
    machine.put_vat_right(1, "zero")
    assert machine.documents().get(replaces__isnull=False).booking is not None
    return machine


@pytest.mark.django_db
def test_a_paper_issued_again_after_settlement_owes_nobody_twice() -> None:
    machine = a_settled_day_under_other_vat()

    machine.nobody_is_paid_twice()
    machine.everything_agrees()


@pytest.mark.django_db
def test_a_paper_that_posts_the_shares_of_the_first_again_is_noticed() -> None:
    """The guard-off twin: the paper issued again owes the releasing school what it was paid already."""
    post_note = crediting._post_note

    def all_again(actor: Actor, made: Any) -> Any:
        post_note(actor, made)
        return made.shares

    with mock.patch.object(crediting, "_post_note", all_again):
        machine = a_settled_day_under_other_vat()

    with pytest.raises(AssertionError):
        machine.nobody_is_paid_twice()


@pytest.mark.django_db
def test_orders_in_any_order_keep_package_papers_and_money_in_agreement() -> None:
    class InASavepoint(Orders):
        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        InASavepoint,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
