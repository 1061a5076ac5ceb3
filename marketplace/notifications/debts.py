"""What people are told of debts: reminders, questions of buyers and their answers, write-offs to decide."""

from django.urls import reverse

from marketplace.billing.events import DisputeMoved, ReminderSent, WriteOffMoved
from marketplace.billing.models import BankDetails, Dispute, Document, Reminder, WriteOff
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.dates import long_date
from marketplace.kernel.events import subscribe
from marketplace.kernel.money import pounds
from marketplace.notifications import people
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message, Recipient


@subscribe(ReminderSent)
def remind(event: ReminderSent) -> None:
    """Remind the buyer's budget holders and finance officers; where it has none, its headteacher."""
    reminder = Reminder.objects.select_related(
        "document__series", "document__supplier", "document__buyer"
    ).get(pk=event.reminder_id)
    document = reminder.document
    to = people.payers(document) or people.holders(
        document.buyer_id, {Role.HEADTEACHER, Role.TRUST_LEAD, Role.PROVIDER_LEAD}
    )
    tell(to=to, message=_reminder(reminder, document), effect=f"reminder:{reminder.pk}")


@subscribe(DisputeMoved)
def tell_of_dispute(event: DisputeMoved) -> None:
    """Tell the supplier of a question, and whoever asked of the answer."""
    dispute = Dispute.objects.select_related("document__series", "document__supplier", "document__buyer").get(
        pk=event.dispute_id
    )
    document, effect = dispute.document, f"dispute:{dispute.pk}:{event.verb}"
    if event.verb == "raise":
        tell(to=people.paid(document), message=_questioned(dispute, document), effect=effect)
    elif dispute.raised_by_id:
        answer = history.of(dispute).filter(verb="settle").last()
        to = [Recipient(dispute.raised_by_id, document.buyer_id)]
        tell(to=to, message=_answered(document, answer.note if answer else ""), effect=effect)


@subscribe(WriteOffMoved)
def tell_of_write_off(event: WriteOffMoved) -> None:
    """Ask those who may decide, never the one who asked; tell that one of the decision."""
    row = WriteOff.objects.select_related("document__series", "document__supplier", "document__buyer").get(
        pk=event.write_off_id
    )
    supplier, effect = row.document.supplier_id, f"write_off:{row.pk}:{event.verb}"
    if event.verb == "request":
        to = people.holders(supplier, {Role.HEADTEACHER, Role.PROVIDER_LEAD, Role.FINANCE})
        others = [each for each in to if each.user_id != row.requested_by_id]
        tell(to=others, message=_to_decide(row), effect=effect)
    elif row.requested_by_id:
        tell(to=[Recipient(row.requested_by_id, supplier)], message=_decided(row), effect=effect)


def _reminder(reminder: Reminder, document: Document) -> Message:
    level = reminder.get_level_display()
    due = f" It was due on {long_date(document.due_on)}." if document.due_on else ""
    return Message(
        Kind.PAYMENT_OVERDUE,
        f"{level}: {document.full_number}, {pounds(reminder.outstanding_pence)}",
        f"{document.supplier} has not received {pounds(reminder.outstanding_pence)} for {document.full_number} from "
        f"{document.buyer}.{due}\n\n{_how_to_pay(document)}\n\nIf something is wrong with it, say so on its page: no reminder "
        "is sent until that is settled. If you have just paid, you need do nothing.",
        reverse("billing:document", args=[document.reference]),
    )


def _how_to_pay(document: Document) -> str:
    bank = BankDetails.objects.filter(supplier=document.supplier_id).first()
    where = (
        f" to {bank.account_name}, sort code {bank.sort_code}, account {bank.account_number}" if bank else ""
    )
    return f"Please pay by bank transfer{where}, quoting {document.full_number}."


def _questioned(dispute: Dispute, document: Document) -> Message:
    return Message(
        Kind.DOCUMENT_QUESTIONED,
        f"Answer: {document.buyer} questions {document.full_number}",
        f"{document.buyer} says:\n\n{dispute.reason}\n\nAnswer, or credit the document. No reminder is sent meanwhile.",
        reverse("finance:answer", args=[dispute.pk]),
    )


def _answered(document: Document, answer: str) -> Message:
    return Message(
        Kind.DOCUMENT_ANSWERED,
        f"Answered: your question about {document.full_number}",
        f"{document.supplier} says:\n\n{answer}",
        reverse("billing:document", args=[document.reference]),
    )


def _to_decide(row: WriteOff) -> Message:
    return Message(
        Kind.WRITE_OFF_WANTED,
        f"Decide: write off {pounds(row.pence)} of {row.document.buyer}",
        f"{row.requested_by or 'The exchange'} asks to write off {pounds(row.pence)} of {row.document.full_number}:\n\n{row.reason}",
        reverse("finance:write_off", args=[row.reference]),
    )


def _decided(row: WriteOff) -> Message:
    return Message(
        Kind.WRITE_OFF_DECIDED,
        f"{row.get_status_display()}: {pounds(row.pence)} of {row.document.buyer}",
        f"Your write-off of {row.document.full_number} was decided by {row.decided_by or 'the exchange'}.",
        reverse("finance:write_off", args=[row.reference]),
    )
