"""Journal runs: hand the month's papers to the authority's ledger, each once, balanced, and note in the books that they went."""

import hashlib
from calendar import monthrange
from collections import defaultdict
from datetime import date

from marketplace.billing.actions import papers
from marketplace.billing.actions.receipts import pay_back, record_receipt, release_overpaid
from marketplace.billing.actions.settlement import on_behalf_of_the_other_side, take_out
from marketplace.billing.errors import NotGivenBack, NothingToExport
from marketplace.billing.events import StatementMoved
from marketplace.billing.journal_files import csv_of
from marketplace.billing.models import (
    CostCentre,
    Document,
    JournalEntry,
    JournalRun,
    ReceiptMethod,
    SettlementStatement,
    SettlementStatus,
)
from marketplace.billing.postings import Purpose
from marketplace.billing.queries import journals as queries
from marketplace.billing.queries.receipts import on_account
from marketplace.billing.rules import journals as rules
from marketplace.billing.states import SETTLEMENT
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import month_and_year
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Area, Organisation


@action
def run_journals(*, actor: Actor, area: Area, month: date) -> JournalRun:
    """Export what waits for a month (any day of it): all journal papers issued by its end that are in no run yet.

    A paper is exported once; one with VAT stays out until it is put right. In the books of each supplier what went over counts as
    received, and what was credited as paid back.
    Raises `NotAllowed`, `NothingToExport`, `NotGivenBack`, `JournalUnbalanced`.
    """
    _must_run(actor, area)
    first, last = month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])
    if first > papers.today():
        raise DomainError(
            "That month has not begun.", remedy="Choose this month or an earlier one.", field="month"
        )
    locked(Area.objects.all(), pk=area.pk)  # runs of an area come one after the other
    documents = list(queries.waiting_journals(area, last).prefetch_related("lines"))
    if not documents:
        raise NothingToExport(
            f"No journal of {area.name} waits for {month_and_year(first)}.",
            remedy="Journals appear here when they are issued; look at the last run for those already exported.",
        )
    run = _store(actor, area, first, last, documents)
    _settle(actor, run, documents)
    return run


@action
def set_cost_centre(*, actor: Actor, organisation: Organisation, code: str) -> None:
    """Say which cost centre an organisation is in the authority's ledger; empty takes it away. Runs already made keep theirs."""
    if organisation.area is None:
        raise NotAllowed("This organisation is in no area.", remedy="Add it to one first.")
    _must_run(actor, organisation.area)
    code = code.strip()
    if len(code) > 20:
        raise DomainError("A cost centre has at most 20 characters.", remedy="Check the code.", field="code")
    before = queries.centres_of(organisation.area).get(organisation.pk, "")
    if code == before:
        return
    if code:
        CostCentre.objects.update_or_create(organisation=organisation, defaults={"code": code})
    else:
        CostCentre.objects.filter(organisation=organisation).delete()
    history.write(
        organisation, verb="set_cost_centre", by=actor, note=f"{before or 'none'} → {code or 'none'}"
    )


def _must_run(actor: Actor, area: Area) -> None:
    if not actor.is_system and area.pk not in actor.in_area(Role.FINANCE):
        raise NotAllowed(
            f"You can’t export the journals of {area.name}.", remedy="Ask the authority’s finance officer."
        )


def _store(actor: Actor, area: Area, first: date, last: date, documents: list[Document]) -> JournalRun:
    centres = queries.centres_of(area)
    entries = [
        JournalEntry(
            document=document,
            position=position,
            buyer_centre=queries.centre_of(document.buyer, centres)[:20],
            supplier_centre=queries.centre_of(document.supplier, centres)[:20],
        )
        for position, document in enumerate(documents, start=1)
    ]
    lines = [line for entry in entries for line in queries.lines_of(entry)]
    rows = rules.journal_rows(lines, rules.period_name(first))
    control = rules.control_of(rows)
    run = JournalRun.objects.create(
        area=area,
        number=JournalRun.objects.filter(area=area).count() + 1,
        period_from=first,
        period_to=last,
        count=len(documents),
        debit_pence=control.debit_pence,
        credit_pence=control.credit_pence,
        sha256=hashlib.sha256(csv_of(rows)).hexdigest(),
        made_by_id=actor.user_id,
    )
    for entry in entries:
        entry.run = run
    JournalEntry.objects.bulk_create(entries)
    history.write(run, verb="export", by=actor, note=f"{len(documents)} papers")
    return run


def _settle(actor: Actor, run: JournalRun, documents: list[Document]) -> None:
    """In each supplier's books: a paper with its credit notes in the run is received, or given back where it was received before."""
    of_paper: dict[int, list[Document]] = defaultdict(list)
    for document in documents:
        of_paper[document.credits_id or document.pk].append(document)
    originals = Document.objects.select_related("supplier", "buyer", "series").in_bulk(of_paper)
    for key, together in sorted(of_paper.items()):
        pence = sum(document.gross_pence for document in together)
        if pence > 0:
            _receive(actor, run, originals[key], pence)
        elif pence < 0:
            _give_back(actor, run, originals[key], -pence)
    statements = SettlementStatement.objects.filter(
        document__in=documents, status=SettlementStatus.TO_JOURNAL
    )
    for statement in statements.select_for_update(no_key=True).order_by("pk"):
        take_out(actor, statement, (Purpose.JOURNAL_CLEARING, f"area:{run.area_id}"))
        SETTLEMENT.move(statement, "export", by=actor, note=run.reference, paid_on=papers.today())
        events.publish(StatementMoved(statement.pk, "export"))


def _receive(actor: Actor, run: JournalRun, document: Document, pence: int) -> None:
    record_receipt(
        actor=on_behalf_of_the_other_side(actor),
        payee=document.supplier,
        payer=document.buyer,
        pence=pence,
        method=ReceiptMethod.JOURNAL,
        received_on=papers.today(),
        reference=f"{run.reference} {document.full_number}",
        allocations=[(document, pence)],
        effect=f"journal_run:{run.pk}:{document.pk}",
    )


def _give_back(actor: Actor, run: JournalRun, document: Document, pence: int) -> None:
    """Take what was credited out of what earlier runs brought in: from the document on account, and from there back."""
    writer = on_behalf_of_the_other_side(actor)
    release_overpaid(actor=writer, document=document)
    receipts = (
        document.supplier.receipts.filter(method=ReceiptMethod.JOURNAL, allocations__document=document)
        .distinct()
        .order_by("-pk")
    )
    for receipt in receipts:
        part = min(pence, on_account(receipt, document.buyer_id))
        if part > 0:
            pay_back(
                actor=writer,
                receipt=receipt,
                pence=part,
                reason=f"Credited in journal run {run.reference}",
                buyer=document.buyer,
                effect=f"journal_run:{run.pk}:{document.pk}:{receipt.pk}",
            )
            pence -= part
    if pence:
        raise NotGivenBack(
            f"{pounds(pence)} credited on {document.full_number} was received in an earlier run and has gone elsewhere since.",
            remedy=f"Take it back from what it was used for, on the account of {document.buyer} with {document.supplier}; then run again.",
        )
