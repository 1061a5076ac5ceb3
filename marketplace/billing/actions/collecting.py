"""Verbs of getting paid: remind, pause for a dispute, write off with a second person's word, and take that back."""

import logging
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.billing import postings, states
from marketplace.billing.actions.receipts import lock_document, must_keep_books
from marketplace.billing.errors import MoreThanOutstanding
from marketplace.billing.events import DisputeMoved, ReminderSent, WriteOffMoved
from marketplace.billing.models import (
    BankDetails,
    Dispute,
    DisputeStatus,
    Document,
    DocumentKind,
    Reminder,
    ReminderPolicy,
    WriteOff,
    WriteOffStatus,
)
from marketplace.billing.postings import Entry, Purpose
from marketplace.billing.queries import collecting as queries
from marketplace.billing.queries.documents import BUYER_READERS, documents_visible_to
from marketplace.billing.queries.receipts import outstanding
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.models import Transfer
from marketplace.kernel.money import pounds
from marketplace.kernel.transfers import reverse
from marketplace.organisations.models import Organisation

logger = logging.getLogger(__name__)


@action
def set_reminder_policy(
    *,
    actor: Actor,
    supplier: Organisation,
    first_days: int,
    second_days: int,
    final_days: int,
    sends_itself: bool,
) -> ReminderPolicy:
    """Say after how many days overdue a supplier reminds, and whether reminders leave by themselves."""
    must_keep_books(actor, supplier)
    if not 1 <= first_days < second_days < final_days <= 365:
        raise DomainError(
            "Reminders come one after the other, within a year.",
            remedy="Give three numbers of days, each larger than the one before it.",
            field="second_days",
        )
    policy, _ = ReminderPolicy.objects.update_or_create(
        supplier=supplier,
        defaults={
            "first_days": first_days,
            "second_days": second_days,
            "final_days": final_days,
            "sends_itself": sends_itself,
        },
    )
    history.write(policy, verb="set", by=actor, note=f"{first_days}, {second_days}, {final_days} days")
    return policy


@action
def set_bank_details(
    *,
    actor: Actor,
    supplier: Organisation,
    account_name: str,
    sort_code: str,
    account_number: str,
    remittance_email: str = "",
) -> BankDetails:
    """Say where bank transfers to a supplier go. The earlier account stays in its history."""
    must_keep_books(actor, supplier)
    digits = "".join(each for each in sort_code if each.isdecimal())
    number = "".join(each for each in account_number if each.isdecimal())
    if len(digits) != 6:
        raise DomainError("A sort code has 6 digits.", remedy="Write it like 12-34-56.", field="sort_code")
    if len(number) != 8:
        raise DomainError(
            "An account number has 8 digits.",
            remedy="Put a 0 before a number of 7 digits.",
            field="account_number",
        )
    sorted_code = f"{digits[:2]}-{digits[2:4]}-{digits[4:]}"
    details, _ = BankDetails.objects.update_or_create(
        supplier=supplier,
        defaults={
            "account_name": account_name,
            "sort_code": sorted_code,
            "account_number": number,
            "remittance_email": remittance_email,
        },
    )
    history.write(details, verb="set", by=actor, note=f"{account_name}, {sorted_code}, ends {number[-4:]}")
    return details


@action
def send_reminder(*, actor: Actor, document: Document, on: date | None = None) -> Reminder | None:
    """Send the reminder that is due on a document; None where none is (paid meanwhile, disputed, or sent already)."""
    document = lock_document(document)
    must_keep_books(actor, document.supplier)
    today = on or local(timezone.now()).date()
    waiting = queries.reminders_due(Document.objects.filter(pk=document.pk), today)
    if not waiting:
        return None
    [due] = waiting
    reminder = Reminder.objects.create(
        document=document,
        level=due.level,
        outstanding_pence=due.outstanding_pence,
        days_overdue=due.days_overdue,
        sent_by_id=actor.user_id,
    )
    history.write(document, verb="remind", by=actor, note=f"{reminder.get_level_display()}")
    events.publish(ReminderSent(reminder.pk))
    return reminder


def send_due_reminders(on: date | None = None) -> int:
    """Send all reminders due today for suppliers whose reminders leave by themselves; how many were sent.

    Each in its own transaction: one that fails is logged, tried again on the next weekday, and holds up no other.
    """
    today = on or local(timezone.now()).date()
    waiting = queries.reminders_due(
        Document.objects.exclude(supplier__reminder_policy__sends_itself=False), today
    )
    return sum(_try_to_remind(due.document, today) for due in waiting)


def _try_to_remind(document: Document, on: date) -> bool:
    try:
        return send_reminder(actor=SYSTEM, document=document, on=on) is not None
    except Exception:
        logger.exception("No reminder of %s could be sent", document.full_number)
        return False


@action
def raise_dispute(*, actor: Actor, document: Document, reason: str) -> Dispute:
    """Object to a document as its buyer: reminders pause until it is settled."""
    document = lock_document(documents_visible_to(actor).get(pk=document.pk))
    actor.must_hold(*BUYER_READERS, at=document.buyer_id, to="question this document")
    if not reason.strip():
        raise DomainError("Say what is wrong.", remedy="The supplier answers to it.", field="reason")
    if document.kind == DocumentKind.CREDIT_NOTE:
        raise NotAllowed("A credit note has nothing to pay.", remedy="Question the document it credits.")
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(
                document=document, reason=reason.strip(), raised_by_id=actor.user_id
            )
    except IntegrityError as error:
        if constraint_of(error) == "one_open_dispute_per_document":
            raise NotNow(
                "This document is questioned already.", remedy="Wait for the supplier’s answer."
            ) from error
        raise
    history.write(document, verb="question", by=actor, note=reason.strip())
    history.write(dispute, verb="raise", by=actor, after=DisputeStatus.OPEN)
    events.publish(DisputeMoved(dispute.pk, "raise"))
    return dispute


@action
def settle_dispute(*, actor: Actor, dispute: Dispute, answer: str) -> None:
    """Answer a question, as the supplier; reminders go on."""
    dispute = locked(Dispute.objects.select_related("document__supplier"), pk=dispute.pk)
    must_keep_books(actor, dispute.document.supplier)
    if not answer.strip():
        raise DomainError("Say how it was settled.", remedy="The buyer reads it.", field="answer")
    states.DISPUTE.move(dispute, "settle", by=actor, note=answer.strip(), settled_at=timezone.now())
    history.write(dispute.document, verb="answer", by=actor, note=answer.strip())
    events.publish(DisputeMoved(dispute.pk, "settle"))


@action
def request_write_off(*, actor: Actor, document: Document, pence: int, reason: str) -> WriteOff:
    """Ask to give up so much of a debt. Another person decides. Raises `MoreThanOutstanding`."""
    document = lock_document(documents_visible_to(actor).get(pk=document.pk))
    must_keep_books(actor, document.supplier)
    if not reason.strip():
        raise DomainError("Say why the debt is given up.", remedy="Auditors read the reason.", field="reason")
    _check_owed(document, pence)
    try:
        with transaction.atomic():
            write_off = WriteOff.objects.create(
                document=document, pence=pence, reason=reason.strip(), requested_by_id=actor.user_id
            )
    except IntegrityError as error:
        if constraint_of(error) == "one_write_off_of_a_document_waits":
            raise NotNow(
                "A write-off of this document waits for approval already.", remedy="Decide that one first."
            ) from error
        raise
    history.write(write_off, verb="request", by=actor, after=WriteOffStatus.REQUESTED, note=reason.strip())
    events.publish(WriteOffMoved(write_off.pk, "request"))
    return write_off


@action
def approve_write_off(*, actor: Actor, write_off: WriteOff) -> None:
    """Give up the debt, as another person than the one who asked: out of what is owed, into bad debts."""
    document = lock_document(write_off.document)
    write_off = _to_decide(actor, write_off)
    _check_owed(document, write_off.pence)
    states.WRITE_OFF.move(
        write_off, "approve", by=actor, decided_by_id=actor.user_id, decided_at=timezone.now()
    )
    entry = Entry(
        (Purpose.BAD_DEBT, ""),
        (Purpose.RECEIVABLE, f"buyer:{document.buyer_id}"),
        write_off.pence,
        f"Write-off {write_off.reference} of {document.full_number}",
        _effect(write_off),
    )
    postings.book(
        actor=actor, owner_id=document.supplier_id, entries=[entry], on=local(timezone.now()).date()
    )
    history.write(document, verb="write_off", by=actor, note=f"{pounds(write_off.pence)}: {write_off.reason}")
    events.publish(WriteOffMoved(write_off.pk, "approve"))


@action
def refuse_write_off(*, actor: Actor, write_off: WriteOff, reason: str) -> None:
    """Keep the debt, with the reason."""
    write_off = _to_decide(actor, write_off)
    if not reason.strip():
        raise DomainError("Say why not.", remedy="The person who asked reads it.", field="reason")
    states.WRITE_OFF.move(
        write_off,
        "refuse",
        by=actor,
        note=reason.strip(),
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
    )
    events.publish(WriteOffMoved(write_off.pk, "refuse"))


@action
def undo_write_off(*, actor: Actor, write_off: WriteOff, reason: str) -> None:
    """Put a debt back that was written off, because the money comes in after all: by the reversing entry."""
    document = lock_document(write_off.document)
    write_off = locked(WriteOff.objects.select_related("document"), pk=write_off.pk)
    must_keep_books(actor, document.supplier)
    if not reason.strip():
        raise DomainError("Say why it is undone.", remedy="Auditors read the reason.", field="reason")
    states.WRITE_OFF.move(write_off, "undo", by=actor, note=reason.strip())
    transfer = Transfer.objects.get(effect=_effect(write_off))
    reverse(
        by=actor, transfer=transfer, reason=f"Undone: {reason.strip()}"[:200], on=local(timezone.now()).date()
    )
    history.write(document, verb="undo_write_off", by=actor, note=reason.strip())


def _to_decide(actor: Actor, write_off: WriteOff) -> WriteOff:
    write_off = locked(
        WriteOff.objects.select_related("document__supplier", "document__series"), pk=write_off.pk
    )
    if not queries.may_decide_write_off(actor, write_off):
        raise NotAllowed(
            "You can’t decide this write-off.",
            remedy="Another lead, headteacher or finance officer of the supplier than the one who asked decides it.",
        )
    return write_off


def _check_owed(document: Document, pence: int) -> None:
    owed = outstanding(document)
    if pence <= 0:
        raise DomainError(
            "Nothing would be written off.", remedy="Enter an amount above zero.", field="amount"
        )
    if pence > owed:
        raise MoreThanOutstanding(
            f"Only {pounds(max(owed, 0))} is outstanding on {document.full_number}.",
            remedy="Write off no more than that.",
            field="amount",
        )


def _effect(write_off: WriteOff) -> str:
    return f"write_off:{write_off.pk}"
