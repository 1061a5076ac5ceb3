"""Verbs of bank statements: read one, take it in or set it aside; and confirm what its money is for."""

import hashlib
from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.billing import states
from marketplace.billing.actions.receipts import allocate, must_keep_books, put_on_account, record_receipt
from marketplace.billing.errors import StatementKnown
from marketplace.billing.models import (
    BankLine,
    BankStatement,
    Document,
    Receipt,
    ReceiptMethod,
    StatementStatus,
)
from marketplace.billing.queries import matching
from marketplace.billing.queries import receipts as queries
from marketplace.billing.rules import statements as rules
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Organisation

LARGEST_FILE = 5 * 1024 * 1024
_SHOWN_REFUSALS = 500


@action
def read_statement(*, actor: Actor, payee: Organisation, file_name: str, content: bytes) -> BankStatement:
    """Read an uploaded bank statement for a preview; nothing is taken in yet.

    Raises `StatementKnown` for a file that was uploaded before, `StatementNotUnderstood` for one that is no statement.
    """
    must_keep_books(actor, payee)
    if len(content) > LARGEST_FILE:
        raise DomainError("The file is larger than 5 MB.", remedy="Export a shorter period.", field="file")
    digest = hashlib.sha256(content).hexdigest()
    _refuse_known(payee, digest)
    found = rules.read(_decoded(content), today=local(timezone.now()).date())
    known = set(
        BankLine.objects.filter(
            payee=payee, fingerprint__in=[line.fingerprint for line in found.money_in]
        ).values_list("fingerprint", flat=True)
    )
    fresh = [line for line in found.money_in if line.fingerprint not in known]
    try:
        with transaction.atomic():
            statement = BankStatement.objects.create(
                payee=payee,
                file_name=file_name[:200],
                sha256=digest,
                layout=found.layout,
                preview={
                    "lines": [[*line[:1], line.received_on.isoformat(), *line[2:]] for line in fresh],
                    "refused": [list(each) for each in found.refused[:_SHOWN_REFUSALS]],
                },
                added=len(fresh),
                known=len(known),
                money_out=found.money_out,
                refused=len(found.refused),
                total_pence=sum(line.pence for line in fresh),
                uploaded_by_id=actor.user_id,
            )
    except IntegrityError as error:
        if constraint_of(error) == "a_bank_statement_is_taken_in_once":
            _refuse_known(payee, digest)
        raise
    history.write(statement, verb="read", by=actor, after=StatementStatus.PREVIEWED)
    return statement


@action
def apply_statement(*, actor: Actor, statement: BankStatement) -> int:
    """Take in the lines of a statement that are not yet known, each as an unmatched receipt; how many there were."""
    statement = _locked(actor, statement)
    # Two overlapping statements taken in at once wait for each other here.
    Organisation.objects.select_for_update(no_key=True).get(pk=statement.payee_id)
    rows = statement.preview["lines"]
    known = set(
        BankLine.objects.filter(payee=statement.payee, fingerprint__in=[row[5] for row in rows]).values_list(
            "fingerprint", flat=True
        )
    )
    fresh = [row for row in rows if row[5] not in known]
    states.BANK_STATEMENT.move(statement, "apply", by=actor, applied_at=timezone.now(), added=len(fresh))
    for line, received_on, pence, payer_name, text, fingerprint in fresh:
        row = BankLine.objects.create(
            statement=statement,
            payee=statement.payee,
            line=line,
            received_on=date.fromisoformat(received_on),
            pence=pence,
            payer_name=payer_name,
            text=text,
            fingerprint=fingerprint,
        )
        record_receipt(
            actor=actor,
            payee=statement.payee,
            payer=None,
            pence=pence,
            method=ReceiptMethod.BACS,
            received_on=row.received_on,
            reference=text,
            effect=f"bank_line:{row.pk}",
            bank_line=row,
        )
    return len(fresh)


@action
def discard_statement(*, actor: Actor, statement: BankStatement) -> None:
    """Set a previewed statement aside; it may be uploaded again."""
    states.BANK_STATEMENT.move(_locked(actor, statement), "discard", by=actor)


@action
def confirm_match(
    *,
    actor: Actor,
    receipt: Receipt,
    shares: Sequence[tuple[Document, int]],
    rest_on_account: bool = True,
) -> int:
    """Allocate an unmatched receipt as a person confirmed it; what is left goes on account of the buyer where there is only one.

    The pence that went on account come back.
    """
    for document, pence in sorted(shares, key=lambda share: share[0].pk):
        allocate(actor=actor, receipt=receipt, document=document, pence=pence, reason="Matched")
    buyers = {document.buyer for document, _ in shares}
    left = queries.unmatched(receipt)
    if not left or not rest_on_account or len(buyers) > 1:
        return 0
    put_on_account(actor=actor, receipt=receipt, buyer=buyers.pop(), pence=left, reason="Paid too much")
    return left


@action
def confirm_exact(*, actor: Actor, payee: Organisation, chosen: Sequence[tuple[str, str]]) -> int:
    """Confirm exact proposals a person saw: pairs of a receipt's reference and the proposal's value. How many still were exact.

    A pair that is no longer exact is left for the person to look at again.
    """
    must_keep_books(actor, payee)
    wanted = dict(chosen)
    waiting = [r for r in matching.unmatched_receipts([payee.pk]) if r.reference in wanted]
    done = 0
    for receipt, proposed in matching.proposals_for(waiting):
        exact = next((each for each in proposed if each.proposal.is_exact), None)
        if exact and exact.value == wanted[receipt.reference]:
            confirm_match(actor=actor, receipt=receipt, shares=exact.shares, rest_on_account=False)
            done += 1
    return done


def _locked(actor: Actor, statement: BankStatement) -> BankStatement:
    statement = locked(BankStatement.objects.select_related("payee"), pk=statement.pk)
    must_keep_books(actor, statement.payee)
    return statement


def _refuse_known(payee: Organisation, digest: str) -> None:
    earlier = (
        BankStatement.objects.filter(payee=payee, sha256=digest)
        .exclude(status=StatementStatus.DISCARDED)
        .first()
    )
    if earlier:
        raise StatementKnown(
            f"This file was uploaded before, as {earlier.reference}.",
            remedy="Open that one, or export a later period from your bank.",
            field="file",
        )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
