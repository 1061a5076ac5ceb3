"""Billing agreements: plan the instalments of a contract year, issue each on its day, take back what was for months not run."""

import logging
from collections.abc import Iterable

from django.utils import timezone

from marketplace.billing import postings, rules
from marketplace.billing.actions import papers
from marketplace.billing.actions.crediting import credit
from marketplace.billing.actions.papers import KIND_BY_ROUTE, Paper
from marketplace.billing.models import Document, DocumentLine, Instalment
from marketplace.billing.postings import Posting
from marketplace.billing.queries.crediting import current_lines, current_of, lines_left
from marketplace.buyback.actions import spend_for_agreement
from marketplace.buyback.models import AgreementLine, AgreementYear, FundingKind, ServiceAgreement
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import Period, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds
from marketplace.kernel.supply import ServiceKind
from marketplace.organisations.models import Organisation

logger = logging.getLogger(__name__)

UNFORESEEN = "Something went wrong that a person has to look at. It is tried again every morning."


@action
def plan_instalments(*, actor: Actor, year: AgreementYear) -> list[Instalment]:
    """Make the instalments of a contract year, once: one for each financial year it touches. The late charge goes with the first."""
    agreement = locked(ServiceAgreement.objects.scoped(), pk=year.agreement_id)
    if made := list(year.instalments.all()):
        return made
    planned = rules.plan_instalments(year.period, year.pence)
    rows = [
        Instalment(
            agreement=agreement,
            year=year,
            position=position,
            financial_year=part.financial_year,
            starts_on=part.period.start,
            ends_on=part.period.end,
            pence=part.pence,
            late_charge_pence=agreement.late_charge_pence if year.number == position == 1 else 0,
            issue_on=part.issue_on,
        )
        for position, part in enumerate(planned, start=1)
    ]
    made = Instalment.objects.bulk_create(row for row in rows if row.net_pence)
    history.write_many(made, verb="plan", by=actor)
    return made


@action
def issue_instalment(*, actor: Actor, instalment: Instalment) -> Document:
    """Issue the invoice or journal of an instalment, once. Where a pot of the area pays, its local authority is billed."""
    row = locked(Instalment.objects.filter(cancelled_at__isnull=True), pk=instalment.pk)
    if row.document is not None:
        return row.document  # type: ignore[no-any-return]
    agreement = (
        ServiceAgreement.objects.scoped()
        .select_related("buyer__school", "buyer__area", "seller__area", "funding_stream__area")
        .get(pk=row.agreement_id)
    )
    stream, supplier = agreement.funding_stream, agreement.seller
    buyer = papers.payer(agreement.buyer, stream)
    route = papers.route_between(buyer, supplier)
    document = papers.write(
        actor,
        Paper(
            kind=KIND_BY_ROUTE[route],
            supplier=supplier,
            buyer=buyer,
            route=route,
            lines=_lines(row, agreement, buyer),
            effect=f"instalment:{row.pk}",
            agreement=agreement,
            purchase_order_number=agreement.purchase_order_number,
            note="" if stream else papers.why_rerouted(agreement.route, route, buyer),
            parties=papers.parties(supplier, buyer, on_behalf_of=agreement.buyer if stream else None),
        ),
    )
    earned = [Posting("income", "", document.net_pence), Posting("vat", "", document.vat_pence)]
    postings.post(actor=actor, document=document, postings=earned)
    spend_for_agreement(
        actor=actor, agreement=agreement, pence=document.net_pence, effect=f"instalment:{row.pk}"
    )
    row.document, row.error, row.failed_at = document, "", None
    row.save(update_fields=["document", "error", "failed_at"])
    history.write(row, verb="issue", by=actor, note=document.full_number)
    return document


def issue_due_instalments(of: Iterable[Instalment] | None = None) -> int:
    """Issue all instalments whose day has come (or those given), each in a transaction of its own; how many came out.

    One that can't be issued is kept with what went wrong, and the others go on.
    """
    due = Instalment.objects.filter(
        document__isnull=True, cancelled_at__isnull=True, issue_on__lte=papers.today()
    )
    if of is not None:
        due = due.filter(pk__in=[each.pk for each in of])
    return sum(_try_to_issue(instalment) for instalment in due.order_by("issue_on", "pk"))


def _try_to_issue(instalment: Instalment) -> bool:
    try:
        issue_instalment(actor=SYSTEM, instalment=instalment)
    except DomainError as error:
        _keep_error(instalment, str(error))
    except Exception:
        logger.exception("Instalment %s could not be issued", instalment.pk)
        _keep_error(instalment, UNFORESEEN)
    else:
        return True
    return False


@action
def _keep_error(instalment: Instalment, sentence: str) -> None:
    Instalment.objects.filter(pk=instalment.pk, document__isnull=True).update(
        error=sentence[:500], failed_at=timezone.now()
    )


@action
def take_back_not_run(*, actor: Actor, agreement: ServiceAgreement) -> list[Document]:
    """After an early ending: what was for months not run is taken off instalments not billed yet, and credited on those that were.

    The amounts are those of the ending. Done once, however often it is asked for; the credit notes come back.
    """
    ending = (
        agreement.endings.filter(carried_out_at__isnull=False, year_number__isnull=False)
        .order_by("-pk")
        .first()
    )
    if ending is None or ending.year_number is None or history.of(ending).filter(verb="take_back").exists():
        return []
    rows = list(
        Instalment.objects.select_for_update(no_key=True)
        .filter(agreement=agreement, year__number=ending.year_number, cancelled_at__isnull=True)
        .order_by("position")
    )
    parts = [_still_billed(row) for row in rows]
    reason = f"{agreement.reference} ended on {long_date(ending.last_day)}: months not run"
    notes = []
    for row, taken in zip(rows, rules.take_back(parts, ending.not_run), strict=True):
        if not taken:
            continue
        if row.document is None:
            _shrink(actor, row, taken, reason)
        else:
            by_line = {key: line.pk for key, line in _document_lines(row).items()}
            amounts = {by_line[key]: pence for key, pence in taken.items()}
            notes.append(
                credit(
                    actor=actor,
                    document=current_of(row.document),
                    reason=reason,
                    amounts=amounts,
                    effect=f"instalment:{row.pk}:not_run",
                )
            )
    history.write(ending, verb="take_back", by=actor, note=", ".join(note.full_number for note in notes))
    return notes


def _shrink(actor: Actor, row: Instalment, taken: dict[str, int], reason: str) -> None:
    row.pence = {key: pence - taken.get(key, 0) for key, pence in row.pence.items()}
    if not row.net_pence:
        row.cancelled_at = timezone.now()
    row.save(update_fields=["pence", "cancelled_at"])
    verb = "cancel" if row.cancelled_at else "reduce"
    history.write(row, verb=verb, by=actor, note=f"{reason}: {pounds(sum(taken.values()))}")


def _still_billed(row: Instalment) -> dict[str, int]:
    """What of each agreement line the instalment bills, or would, less what was credited."""
    if row.document is None:
        return dict(row.pence)
    left = {each.line.pk: each.left.net_pence for each in lines_left(current_of(row.document))}
    return {key: left[line.pk] for key, line in _document_lines(row).items()}


def _document_lines(row: Instalment) -> dict[str, DocumentLine]:
    """The line that bills each agreement line now: they were written in the same order, and may have been issued again since."""
    assert row.document is not None
    keys = [str(line.pk) for line in _agreement_lines(row)]
    written = zip(keys, row.document.lines.all(), strict=False)  # the late charge stands last
    now = current_lines(row.document)
    return {key: now[line.pk] for key, line in written if line.pk in now}


def _agreement_lines(row: Instalment) -> list[AgreementLine]:
    lines = AgreementLine.objects.filter(agreement=row.agreement_id).select_related("edition")
    return [line for line in lines.order_by("position") if row.pence.get(str(line.pk))]


def _lines(row: Instalment, agreement: ServiceAgreement, buyer: Organisation) -> list[DocumentLine]:
    billed = _agreement_lines(row)
    months = f"{long_date(row.starts_on)} to {long_date(row.ends_on)}"
    lines = [
        _line(
            agreement,
            buyer,
            line,
            f"{line.description}: {months}",
            row.pence[str(line.pk)],
            row.period,
        )
        for line in billed
    ]
    if row.late_charge_pence:
        first = billed[0] if billed else agreement.lines.select_related("edition").all()[0]
        lines.append(
            _line(
                agreement,
                buyer,
                first,
                "Charge for an order after the window closed",
                row.late_charge_pence,
                None,
            )
        )
    return lines


def _line(
    agreement: ServiceAgreement,
    buyer: Organisation,
    line: AgreementLine,
    description: str,
    pence: int,
    period: Period | None,
) -> DocumentLine:
    stream = agreement.funding_stream
    return papers.a_line(
        supplier=agreement.seller,
        buyer=buyer,
        service=ServiceKind(line.edition.service_kind),
        description=description,
        net_pence=pence,
        activity_basis=line.edition.activity_basis,
        funding=stream.kind if stream else FundingKind.TRADED,
        period=period,
    )
