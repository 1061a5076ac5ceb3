"""What billing does when a booking or an agreement moves, and every morning."""

from procrastinate.contrib.django import app

from marketplace.billing import (
    actions,
    card_tasks,  # noqa: F401  (jobs of cards are found here)
    course_tasks,  # noqa: F401  (and those of courses)
    nightly,
    queries,
)
from marketplace.billing.events import DocumentIssued
from marketplace.billing.models import Document, DocumentKind
from marketplace.bookings.events import BookingMoved, BookingRescheduled, ChargeWaived, MoveChargeWaived
from marketplace.bookings.models import BookingMove, BookingStatus, MoveWaiver
from marketplace.buyback.events import AgreementMoved, AgreementYearBegan
from marketplace.buyback.models import AgreementStatus, AgreementYear, ServiceAgreement
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe

ENDED_EARLY = (AgreementStatus.TERMINATED, AgreementStatus.SUPERSEDED)


@subscribe(BookingMoved)
def issue_what_the_move_calls_for(event: BookingMoved) -> None:
    """A delivered booking gets its document; a booking cancelled late gets one for the charge. What can't be issued is kept."""
    booking = queries.billable_bookings().get(pk=event.booking_id)
    if event.after in (BookingStatus.DELIVERED, booking.status):
        actions.bill_booking(booking)


@subscribe(BookingRescheduled)
def issue_for_late_move(event: BookingRescheduled) -> None:
    """A visit that was moved late gets the document for the charge. What can't be issued is kept."""
    actions.bill_move(BookingMove.objects.select_related("booking").get(pk=event.move_id))


@subscribe(ChargeWaived)
def credit_waived_charge(event: ChargeWaived) -> None:
    """A charge that is not owed after all is credited, where it was billed."""
    booking = queries.billable_bookings().get(pk=event.booking_id)
    actions.credit_waived_charge(actor=SYSTEM, booking=booking)


@subscribe(MoveChargeWaived)
def credit_waived_move(event: MoveChargeWaived) -> None:
    """The charge of a late move that is not owed after all is credited, where it was billed."""
    waiver = MoveWaiver.objects.select_related("move").get(pk=event.waiver_id)
    actions.credit_waived_move(actor=SYSTEM, move=waiver.move, reason=waiver.decision_note)


@subscribe(AgreementYearBegan)
def bill_agreement_year(event: AgreementYearBegan) -> None:
    """A contract year gets its instalments, and those whose day has come their documents."""
    year = AgreementYear.objects.select_related("agreement").get(pk=event.agreement_year_id)
    actions.issue_due_instalments(actions.plan_instalments(actor=SYSTEM, year=year))


@subscribe(AgreementMoved)
def take_back_months_not_run(event: AgreementMoved) -> None:
    """An agreement that ended early is not billed for what it did not run."""
    if event.after in ENDED_EARLY:
        agreement = ServiceAgreement.objects.scoped().get(pk=event.agreement_id)
        actions.take_back_not_run(actor=SYSTEM, agreement=agreement)


@app.periodic(cron="15 5 * * *")
@app.task(name="issue_due_instalments", queue="billing", queueing_lock="issue_due_instalments")
def issue_due_instalments(timestamp: int) -> None:
    """Every morning: the instalments of the day, and those that could not be issued before."""
    actions.issue_due_instalments()


@app.periodic(cron="45 5 * * *")
@app.task(name="bill_what_was_missed", queue="billing", queueing_lock="bill_what_was_missed")
def bill_what_was_missed(timestamp: int) -> None:
    """Every morning: bookings delivered, charged or moved late whose document or share is missing, because it failed at the time."""
    actions.bill_what_was_missed()


@subscribe(DocumentIssued)
def release_what_was_overpaid(event: DocumentIssued) -> None:
    """A credit note frees what was paid on its document: it goes on account of the buyer."""
    note = Document.objects.select_related("credits").get(pk=event.document_id)
    if note.kind == DocumentKind.CREDIT_NOTE and note.credits:
        actions.release_overpaid(actor=SYSTEM, document=note.credits)


@app.periodic(cron="30 7 * * 1-5")
@app.task(name="send_reminders", queue="billing", queueing_lock="send_reminders")
def send_reminders(timestamp: int) -> None:
    """On the morning of each weekday: remind of what is overdue."""
    actions.send_due_reminders()


@app.periodic(cron="40 2 * * *")
@app.task(name="check_ledgers", queue="billing", queueing_lock="check_ledgers")
def check_ledgers(timestamp: int) -> None:
    """Every night: replay every ledger and keep what does not agree, for the finance desk."""
    nightly.check_ledgers()
