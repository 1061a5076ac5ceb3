"""Money in any order: documents, receipts, allocations, credit notes, refunds and write-offs keep every ledger in agreement.

After every step each organisation's trial balance is zero and `verify` finds nothing (I3, I4, I5).
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from marketplace.billing import actions, queries, verification
from marketplace.billing.models import Allocation, Document, DocumentKind, Receipt, WriteOff
from marketplace.billing.queries import ledgers
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError
from marketplace.kernel.models import Account
from tests.builders import a_debt, a_person, a_provider, a_receipt, a_school, actor_of, an_area
from tests.builders.money import TODAY

PENCE = st.integers(1, 60_000)
PICK = st.integers(0, 1_000)


class Money(RuleBasedStateMachine):
    """One supplier, two buyers, and everything that can be done with money between them. A refusal changes nothing."""

    @initialize()
    def begin(self) -> None:
        self.supplier = a_provider(an_area())
        self.buyers = [a_school(self.supplier.area, academy=True).organisation for _ in range(2)]
        self.asks = actor_of(a_person(Role.FINANCE, at=self.supplier))
        self.decides = actor_of(a_person(Role.PROVIDER_LEAD, at=self.supplier))

    def picked(self, rows: Any, pick: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[pick % len(found)] if found else None

    def attempt(self, verb: Any, **arguments: Any) -> None:
        """Do it or be refused; what is refused is rolled back."""
        if None in arguments.values():
            return
        try:
            with transaction.atomic():
                verb(**arguments)
        except DomainError:
            pass

    def documents(self) -> Any:
        return Document.objects.filter(supplier=self.supplier, kind=DocumentKind.INVOICE)

    def receipts(self) -> Any:
        return Receipt.objects.filter(payee=self.supplier)

    @rule(pence=PENCE, pick=PICK)
    def deliver(self, pence: int, pick: int) -> None:
        a_debt(pence, supplier=self.supplier, buyer=self.buyers[pick % 2])

    @rule(pence=PENCE, pick=PICK, known=st.booleans())
    def receive(self, pence: int, pick: int, known: bool) -> None:
        document = self.picked(self.documents(), pick)
        wishes = [(document, pence)] if document and known else []
        payer = document.buyer if document and known else None
        a_receipt(pence, payee=self.supplier, payer=payer, allocations=wishes)

    @rule(pence=PENCE, pick=PICK, other=PICK)
    def allocate(self, pence: int, pick: int, other: int) -> None:
        self.attempt(
            actions.allocate,
            actor=SYSTEM,
            receipt=self.picked(self.receipts(), pick),
            document=self.picked(self.documents(), other),
            pence=pence,
        )

    @rule(pence=PENCE, pick=PICK)
    def keep_on_account(self, pence: int, pick: int) -> None:
        receipt = self.picked(self.receipts(), pick)
        self.attempt(
            actions.put_on_account, actor=SYSTEM, receipt=receipt, buyer=self.buyers[pick % 2], pence=pence
        )

    @rule(pick=PICK, to_account=st.booleans())
    def take_back(self, pick: int, to_account: bool) -> None:
        row = self.picked(Allocation.objects.filter(receipt__payee=self.supplier), pick)
        self.attempt(actions.unallocate, actor=SYSTEM, allocation=row, reason="Wrong.", to_account=to_account)

    @rule(pence=PENCE, pick=PICK, on_account=st.booleans())
    def pay_back(self, pence: int, pick: int, on_account: bool) -> None:
        receipt = self.picked(self.receipts(), pick)
        if receipt is not None:
            buyer = {"buyer": self.buyers[pick % 2]} if on_account else {}
            self.attempt(
                actions.pay_back, actor=SYSTEM, receipt=receipt, pence=pence, reason="Asked.", **buyer
            )

    @rule(pick=PICK, release=st.booleans())
    def credit(self, pick: int, release: bool) -> None:
        document = self.picked(self.documents(), pick)
        self.attempt(actions.credit, actor=SYSTEM, document=document, reason="Never happened.")
        if release:
            self.attempt(actions.release_overpaid, actor=SYSTEM, document=document)

    @rule(pence=PENCE, pick=PICK)
    def write_off(self, pence: int, pick: int) -> None:
        document = self.picked(self.documents(), pick)
        self.attempt(
            actions.request_write_off, actor=self.asks, document=document, pence=pence, reason="Gone."
        )

    @rule(pick=PICK, verb=st.sampled_from(["approve", "refuse", "undo"]))
    def decide(self, pick: int, verb: str) -> None:
        row = self.picked(WriteOff.objects.filter(document__supplier=self.supplier), pick)
        if verb == "approve":
            self.attempt(actions.approve_write_off, actor=self.decides, write_off=row)
        elif verb == "refuse":
            self.attempt(actions.refuse_write_off, actor=self.decides, write_off=row, reason="No.")
        else:
            self.attempt(actions.undo_write_off, actor=self.asks, write_off=row, reason="They paid.")

    @invariant()
    def the_trial_balance_is_zero(self) -> None:
        if not hasattr(self, "supplier"):
            return
        balance = ledgers.trial_balance(self.supplier, TODAY.replace(year=2020), TODAY.replace(year=2100))
        assert balance.difference == balance.opening == 0
        assert balance.debits == balance.credits

    @invariant()
    def every_ledger_agrees_with_its_papers(self) -> None:
        checks = (
            transfers.disagreements,
            verification.totals_and_lines,
            verification.numbers_without_gaps,
            verification.ledger_and_documents,
            verification.on_account,
            verification.suspense,
            verification.receipts_and_allocations,
            verification.allocations_below_zero,
            verification.books_come_to_zero,
            verification.movements_stay_in_their_books,
        )
        assert [sentence for check in checks for sentence in check()] == []

    @invariant()
    def nothing_owed_to_others_is_below_zero(self) -> None:
        assert not Account.objects.filter(may_go_negative=False, balance__lt=0).exists()

    @invariant()
    def more_is_never_paid_than_owed_but_for_a_credit_note(self) -> None:
        for row in queries.with_outstanding(Document.objects.all()):
            assert row.outstanding_pence >= min(0, row.credited_pence)  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_money_in_any_order_keeps_every_ledger_in_agreement() -> None:
    class InASavepoint(Money):
        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        InASavepoint,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
