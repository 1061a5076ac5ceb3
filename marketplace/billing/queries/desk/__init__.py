"""The finance desk: everything about money that needs a person, in one list of sections.

It holds what this person can deal with: what they may only read of other books is on the pages of those books.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from marketplace.billing.models import (
    Dispute,
    DisputeStatus,
    Document,
    Instalment,
    NightlyCheck,
    WriteOffStatus,
)
from marketplace.billing.queries.books import kept_by
from marketplace.billing.queries.cards import held_over, objections, stuck_sagas
from marketplace.billing.queries.collecting import (
    may_decide_write_off,
    on_account_balances,
    reminders_due,
    write_offs_visible_to,
)
from marketplace.billing.queries.desk import settling
from marketplace.billing.queries.desk.sections import SHOWN, Entry, Section, section
from marketplace.billing.queries.documents import SUPPLIER_READERS
from marketplace.billing.queries.instalments import failed_instalments
from marketplace.billing.queries.receipts import receipts_visible_to, with_remainder
from marketplace.billing.queries.unbilled import (
    DELIVERED,
    unbilled_in_books,
    unbilled_moves_in_books,
    unbilled_orders_in_books,
)
from marketplace.bookings.models import Booking, BookingMove, PlaceOrder
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.money import pounds
from marketplace.kernel.work import WorkItem
from marketplace.organisations.models import Organisation

__all__ = ["HELD_DAYS", "SHOWN", "Entry", "Section", "awaiting", "desk"]

HELD_DAYS = 60
ON_ACCOUNT = "on_account"
NOT_TRIED = "It is tried again the next morning."


def desk(actor: Actor, today: date) -> list[Section]:
    """The sections in which something waits for this person, the most urgent first. An empty list: nothing waits."""
    books = list(kept_by(actor))
    sections: Sequence[Callable[[Actor, list[Organisation], date], Section | None]] = (
        _findings,
        _failed_jobs,
        _objections,
        _stuck,
        _held,
        _failed_documents,
        _unmatched,
        _write_offs,
        _disputes,
        _reminders,
        settling.statements,
        settling.disputed_statements,
        settling.awaiting_invoice,
        settling.claims,
        settling.journals,
        _on_account,
    )
    return [found for make in sections if (found := make(actor, books, today)) is not None]


def awaiting(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """What “my work” says of the desk, a line for each section; money on account is no task. Nothing for who keeps no books."""
    if not actor.organisations(*SUPPLIER_READERS) and not actor.in_area(Role.FINANCE):
        return []
    sections = [each for each in desk(actor, local(now).date()) if each.key != ON_ACCOUNT]
    return [
        WorkItem(
            verb=each.title,
            title=each.entries[0].text if each.count == 1 else str(each.count),
            detail=each.todo,
            due_on=None,
            url_name=each.more or "finance:desk",
        )
        for each in sections
    ]


def _findings(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """What the last nightly replay found: everything for the area's finance, for others what names their own books."""
    last = NightlyCheck.objects.first()
    if last is None:
        return None
    whole = actor.is_system or bool(actor.in_area(Role.FINANCE))
    named = tuple(f"({book.reference})" for book in books)
    found = [each for each in last.findings if whole or any(name in each["sentence"] for name in named)]
    return section(
        "findings",
        "The books disagree",
        "Do not put these right yourself: tell the people who run the service, and quote the sentence.",
        [Entry(each["sentence"], each["rule"]) for each in found],
    )


def _failed_jobs(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Background work about money that gave up: known to the area's finance only, for it names no organisation."""
    if not (actor.is_system or actor.in_area(Role.FINANCE)):
        return None
    failed = ProcrastinateJob.objects.filter(status="failed").order_by("-id")[:200]
    about_money = [job for job in failed if _is_about_money(job)]
    return section(
        "jobs",
        "Background work that failed",
        "Tell the people who run the service. Nothing is lost: the work can be started again.",
        [Entry(_job_name(job), f"Job {job.pk}") for job in about_money],
    )


def _is_about_money(job: ProcrastinateJob) -> bool:
    args = job.args if isinstance(job.args, dict) else {}
    return job.queue_name in {"billing", "cards"} or "marketplace.billing" in str(args.get("subscriber", ""))


def _job_name(job: ProcrastinateJob) -> str:
    args = job.args if isinstance(job.args, dict) else {}
    subscriber = str(args.get("subscriber", "")).rpartition(".")[2]
    return (subscriber or str(job.task_name)).replace("_", " ").capitalize()


def _objections(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    entries = [
        Entry(
            f"{row.reference} of {row.payer}",
            f"Since {long_date(local(row.disputed_at).date())}. Nothing of it is passed on or given back meanwhile.",
            row.left_pence,
            "cards:objection",
            (row.reference,),
        )
        for row in objections(actor).filter(payee__in=books)
        if row.disputed_at
    ]
    return section(
        "objections",
        "Objections of card holders",
        "Answer each one in the card network’s dashboard in time, and say here what the bank decided.",
        entries,
    )


def _stuck(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    rows = stuck_sagas(actor=actor)
    entries = [
        Entry(
            f"{row.payment.reference} of {row.payment.payer}",
            f"{row.what} Since {long_date(local(row.since).date())}.",
            row.payment.pence,
            "cards:payment",
            (row.payment.reference,),
        )
        for row in rows
        if row.payment.payee_id in {book.pk for book in books}
    ]
    return section(
        "stuck",
        "Card refunds and payouts that are stuck",
        "Open each one: try again, or pay by bank transfer and say so there.",
        entries,
    )


def _held(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    own = {book.pk for book in books}
    entries = [
        Entry(
            f"{row.payment.reference} of {row.payment.payer}",
            f"Held for {row.days} days. The card network lets us hold money for 90.",
            row.pence,
            "cards:payment",
            (row.payment.reference,),
        )
        for row in held_over(HELD_DAYS, actor=actor)
        if row.payment.payee_id in own
    ]
    return section(
        "held",
        f"Card money held for more than {HELD_DAYS} days",
        "Find out whether the visit took place: have its record written, or give the money back.",
        entries,
    )


def _failed_documents(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Instalments, bookings, late moves and orders of places whose paper (or share of a package day) is due and could not be issued."""
    waiting: Sequence[tuple[QuerySet[Any], Callable[[Any], Entry]]] = (
        (failed_instalments(actor), _failed_instalment),
        (unbilled_in_books(actor, today), _unbilled),
        (unbilled_moves_in_books(actor, today), _unbilled_move),
        (unbilled_orders_in_books(actor, today), _unbilled_order),
    )
    entries: list[Entry] = []
    count = 0
    for rows, in_words in waiting:
        first = list(rows[:SHOWN])
        entries += map(in_words, first)
        count += len(first) if len(first) < SHOWN else rows.count()
    return section(
        "documents",
        "Documents that could not be issued",
        "Put right what the sentence names; the document is issued the next morning.",
        entries,
        count=count,
    )


def _failed_instalment(row: Instalment) -> Entry:
    return Entry(
        f"Instalment of {row.agreement.reference} for {row.agreement.buyer}",
        f"Due to be issued on {long_date(row.issue_on)}. {row.error}".strip(),
        None,
        "agreements:agreement",
        (row.agreement.reference,),
    )


def _unbilled(row: Booking) -> Entry:
    what = f"{row.reference} for {row.receiving_school}"
    return Entry(
        f"Booking {what}" if row.status in DELIVERED else f"Charge for the cancelled booking {what}",
        f"{long_date(row.day)}. {_why_not(row)}",
        row.net_pence if row.status in DELIVERED else row.cancellation_charge_pence,
        "bookings:booking",
        (row.reference,),
    )


def _unbilled_move(row: BookingMove) -> Entry:
    return Entry(
        f"Charge for moving the booking {row.booking.reference} for {row.booking.receiving_school}",
        f"From {long_date(row.from_day)} to {long_date(row.to_day)}. {_why_not(row.booking)}",
        row.charge_pence or None,
        "bookings:booking",
        (row.booking.reference,),
    )


def _unbilled_order(row: PlaceOrder) -> Entry:
    return Entry(
        f"Places {row.reference} for {row.school} on “{row.event.title}”",
        f"{long_date(local(row.event.starts_at).date())}. {NOT_TRIED}",
        None,
        "courses:order",
        (row.reference,),
    )


def _why_not(booking: Booking) -> str:
    failure = getattr(booking, "billing_failure", None)
    return failure.error if failure else NOT_TRIED


def _unmatched(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    received = receipts_visible_to(actor).filter(payee__in=books)
    rows = with_remainder(received).filter(unmatched_pence__gt=0).order_by("received_on", "pk")
    entries = [
        Entry(
            f"{row.payer_words} {row.payer_reference}".strip() or row.reference,
            f"Received by {row.payee} on {long_date(row.received_on)}",
            row.unmatched_pence,
            "finance:receipt",
            (row.reference,),
        )
        for row in rows[:SHOWN]
    ]
    return section(
        "unmatched",
        "Receipts not matched",
        "Say which document each one pays, or keep it on account of the buyer.",
        entries,
        count=rows.count() if entries else 0,
        more="finance:matching",
    )


def _write_offs(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    asked = write_offs_visible_to(actor).filter(status=WriteOffStatus.REQUESTED).order_by("pk")
    rows = [row for row in asked if may_decide_write_off(actor, row)]
    entries = [
        Entry(
            f"{row.document.full_number} of {row.document.buyer}",
            f"{row.requested_by or 'Somebody'} asks: {row.reason}",
            row.pence,
            "finance:write_off",
            (row.reference,),
        )
        for row in rows
    ]
    return section(
        "write_offs",
        "Write-offs to approve",
        "Somebody other than the person who asked approves or refuses each one.",
        entries,
        more="finance:write_offs",
    )


def _disputes(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    rows = list(
        Dispute.objects.filter(status=DisputeStatus.OPEN, document__supplier__in=books)
        .select_related("document__series", "document__buyer")
        .order_by("pk")
    )
    entries = [
        Entry(
            f"{row.document.full_number} of {row.document.buyer}",
            row.reason,
            row.document.gross_pence,
            "finance:answer",
            (row.pk,),
        )
        for row in rows
    ]
    return section(
        "disputes",
        "Questions of buyers",
        "Answer, or credit the document. No reminder is sent until you have answered.",
        entries,
    )


def _reminders(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    rows = reminders_due(Document.objects.filter(supplier__in=books), today)
    entries = [
        Entry(
            f"{row.document.full_number} of {row.document.buyer}",
            f"{row.days_overdue} days overdue",
            row.outstanding_pence,
            "billing:document",
            (row.document.reference,),
        )
        for row in rows
    ]
    return section(
        "reminders",
        "Reminders to send",
        "Read the list and send them; a document that is questioned is not in it.",
        entries,
        more="finance:reminders",
    )


def _on_account(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    balances = on_account_balances([book.pk for book in books])
    by_pk = {book.pk: book for book in books}
    buyers = Organisation.objects.in_bulk([buyer for _, buyer in balances])
    entries = [
        Entry(
            buyers[buyer].name,
            f"With {by_pk[supplier]}",
            pence,
            "finance:account",
            (by_pk[supplier].reference, buyers[buyer].reference),
        )
        for (supplier, buyer), pence in sorted(balances.items(), key=lambda each: -each[1])
        if buyer in buyers
    ]
    total = sum(balances.values())
    return section(
        ON_ACCOUNT,
        "Money on account",
        f"{pounds(total)} was paid in advance or twice: use it for the next document, or pay it back.",
        entries,
    )
