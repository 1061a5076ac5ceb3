"""Sections of settlement: statements, claims for cover, journals for the authority's ledger."""

from datetime import date, timedelta

from django.db.models import QuerySet

from marketplace.billing.models import ClaimStatus, SettlementStatement, SettlementStatus
from marketplace.billing.queries.desk.sections import Entry, Section, section
from marketplace.billing.queries.journals import journal_areas, waiting_journals
from marketplace.billing.queries.settlement import claims_visible_to
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date, month_and_year
from marketplace.organisations.models import Organisation


def statements(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Statements that can be paid."""
    rows = _of_brokers(books).filter(status=SettlementStatus.TO_PAY, disputed_at__isnull=True)
    return _statement_section(
        "statements",
        "Settlement statements to pay",
        "Pay the releasing organisation and record the payment on its statement.",
        rows,
    )


def disputed_statements(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Statements somebody objected to."""
    rows = _of_brokers(books).filter(disputed_at__isnull=False)
    return _statement_section(
        "disputed_statements",
        "Settlement statements in dispute",
        "Nothing on them is paid. Say how the dispute was settled, or withdraw the statement.",
        rows.exclude(status__in=[SettlementStatus.PAID, SettlementStatus.WITHDRAWN]),
    )


def awaiting_invoice(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Statements whose releasing organisation has to send its invoice."""
    rows = _of_brokers(books).filter(status=SettlementStatus.AWAITING_INVOICE, disputed_at__isnull=True)
    return _statement_section(
        "awaiting_invoice",
        "Settlement statements that wait for an invoice",
        "The releasing organisation records its invoice, or you do when it arrives; then the statement can be paid.",
        rows,
    )


def _of_brokers(books: list[Organisation]) -> QuerySet[SettlementStatement]:
    rows = SettlementStatement.objects.filter(broker__in=books)
    return rows.select_related("supplier", "broker").order_by("pk")


def _statement_section(
    key: str, title: str, todo: str, rows: QuerySet[SettlementStatement]
) -> Section | None:
    entries = [
        Entry(
            f"{row.reference} to {row.supplier}",
            row.dispute_reason or f"For {long_date(row.period_from)} to {long_date(row.period_to)}",
            row.gross_pence,
            "settling:statement",
            (row.reference,),
        )
        for row in rows
    ]
    return section(key, title, todo, entries, more="settling:statements")


def claims(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Claims for cover nobody has decided."""
    rows = claims_visible_to(actor).filter(status=ClaimStatus.CLAIMED, booking__provider__in=books)
    entries = [
        Entry(
            f"{row.booking.reference} of {row.booking.releasing_organisation}",
            f"{row.get_cover_display()}. {row.note}".strip(),
            row.pence,
            "settling:decide",
            (row.reference,),
        )
        for row in rows.order_by("pk")
    ]
    return section(
        "claims",
        "Claims for cover to decide",
        "Accept or refuse each one before its day goes on a statement.",
        entries,
        more="settling:claims",
    )


def journals(actor: Actor, books: list[Organisation], today: date) -> Section | None:
    """Journals of months that are over and in no run yet, for whoever runs them."""
    last = today.replace(day=1) - timedelta(days=1)
    found = [(area, waiting_journals(area, last)) for area in journal_areas(actor)]
    entries = [
        Entry(
            f"{area}: {count} {'paper' if count == 1 else 'papers'} up to {month_and_year(last)}",
            "The authority’s ledger has not been told of them.",
            None,
            "settling:journals",
        )
        for area, rows in found
        if (count := rows.count())
    ]
    return section(
        "journals",
        "Journals that wait for a run",
        "Export them for the ledger of the local authority.",
        entries,
        more="settling:journals",
    )
