"""Journals of an area: what waits for the next run, the runs made, and the file of a run."""

from datetime import date

from django.db.models import Q, QuerySet

from marketplace.billing.models import (
    CostCentre,
    Document,
    DocumentKind,
    JournalEntry,
    JournalRun,
    SettlementStatus,
)
from marketplace.billing.queries.receipts import with_outstanding
from marketplace.billing.rules import journals as rules
from marketplace.billing.rules.journals import JournalLine, JournalRow, Side
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Organisation


def journal_areas(actor: Actor) -> QuerySet[Area]:
    """Areas whose journals the person runs: as finance of the area."""
    areas = Area.objects.order_by("name")
    return areas if actor.is_system else areas.filter(pk__in=actor.in_area(Role.FINANCE))


def journal_area(actor: Actor, code: str) -> Area:
    """One of those areas; `NotFound` otherwise."""
    found = journal_areas(actor).filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def waiting_journals(area: Area, up_to: date) -> QuerySet[Document]:
    """Journal papers of the area that were issued by a day and are in no run: journals, self-billing between its own, and their credit
    notes, oldest first. A statement in dispute waits; one withdrawn goes over with its credit note. A paper with VAT stays out with its own.
    """
    return (
        _journal_papers(area)
        .filter(issued_on__lte=up_to)
        .filter(
            Q(kind__in=[DocumentKind.JOURNAL, DocumentKind.SELF_BILL], vat_pence=0)
            | Q(kind=DocumentKind.CREDIT_NOTE, credits__vat_pence=0)
        )
        .exclude(settlement__status=SettlementStatus.TO_JOURNAL, settlement__disputed_at__isnull=False)
        .order_by("issued_on", "pk")
    )


def journals_with_vat(area: Area) -> QuerySet[Document]:
    """Journal papers of the area that no run takes, because they carry VAT, and that nobody has credited so far, oldest first."""
    rows = _journal_papers(area).exclude(vat_pence=0)
    return with_outstanding(rows).filter(outstanding_pence__gt=0).order_by("issued_on", "pk")


def _journal_papers(area: Area) -> QuerySet[Document]:
    """Papers by journal between two of the area that are in no run."""
    rows = Document.objects.filter(route="journal", supplier__area=area, buyer__area=area)
    return rows.exclude(journal_entry__isnull=False).select_related(
        "series", "supplier__area", "buyer__area", "credits"
    )


def journal_runs_visible_to(actor: Actor) -> QuerySet[JournalRun]:
    """Runs of the person's areas."""
    return JournalRun.objects.filter(area__in=journal_areas(actor).order_by()).select_related(
        "area", "made_by"
    )


def journal_run_for(actor: Actor, reference: str) -> JournalRun:
    """One run; `NotFound` where there is none for this person."""
    found = journal_runs_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def rows_of(run: JournalRun) -> list[JournalRow]:
    """The rows of a run's file: always the same, for papers never change and the cost centres are kept with the run."""
    entries = run.entries.select_related("document__series").prefetch_related("document__lines")
    lines = [line for entry in entries for line in lines_of(entry)]
    return rules.journal_rows(lines, rules.period_name(run.period_from))


def lines_of(entry: JournalEntry) -> list[JournalLine]:
    """The lines of a paper as the ledger is told of them."""
    document = entry.document
    buyer = _side(entry.buyer_centre, document.parties["buyer"])
    supplier = _side(entry.supplier_centre, document.parties["supplier"])
    return [
        JournalLine(
            buyer=buyer,
            supplier=supplier,
            cfr_code=line.cfr_code,
            income_code=line.income_code,
            net_pence=line.net_pence,
            vat_pence=line.vat_pence,
            reference=document.full_number,
            issued_on=document.issued_on,
            narrative=line.description,
        )
        for line in document.lines.all()
    ]


def _side(centre: str, party: dict[str, str]) -> Side:
    return Side(centre, party["name"], party["urn"])


def centres_of(area: Area) -> dict[int, str]:
    """Cost centres of an area's organisations by their id."""
    rows = CostCentre.objects.filter(organisation__area=area)
    return dict(rows.values_list("organisation_id", "code"))


def centre_of(organisation: Organisation, known: dict[int, str]) -> str:
    """The cost centre of an organisation, or what stands in for it: its URN, or its reference here."""
    school = getattr(organisation, "school", None)
    return known.get(organisation.pk) or (f"URN {school.urn}" if school else organisation.reference)


def journal_parties(area: Area) -> QuerySet[Organisation]:
    """Organisations of the area that the authority's ledger knows: its own, and the schools it maintains."""
    return (
        Organisation.objects.filter(area=area, legal_status__in=["la_maintained", "local_authority"])
        .select_related("school", "cost_centre")
        .order_by("name", "pk")
    )
