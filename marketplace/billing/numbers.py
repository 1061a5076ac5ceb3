"""Document numbers: each series runs 1…n without a gap (I14).

The counter row is locked last, in the transaction that issues the document: what is rolled back gives its number back.
"""

from datetime import date

from django.db.models import F

from marketplace.billing.models import DocumentKind, NumberSeries
from marketplace.kernel.dates import financial_year
from marketplace.organisations.models import Organisation

PREFIXES = {
    DocumentKind.INVOICE: "INV",
    DocumentKind.JOURNAL: "JNL",
    DocumentKind.CREDIT_NOTE: "CRN",
    DocumentKind.SELF_BILL: "SBI",
}


def next_number(supplier: Organisation, kind: DocumentKind, on: date) -> tuple[NumberSeries, int]:
    """The series of the supplier, kind and financial year, and its next number. Call it last before the document is written."""
    year = financial_year(on)
    series, _ = NumberSeries.objects.get_or_create(
        supplier=supplier, kind=kind, year=year, defaults={"prefix": _prefix(supplier, kind, year)}
    )
    NumberSeries.objects.filter(pk=series.pk).update(
        last_number=F("last_number") + 1
    )  # takes the row's lock until commit
    series.refresh_from_db()
    return series, series.last_number


def _prefix(supplier: Organisation, kind: DocumentKind, year: str) -> str:
    """Kind, supplier and year in at most 16 characters: the supplier by its own number, which never changes."""
    return f"{PREFIXES[kind]}{supplier.pk}-{year[2:4]}{year[-2:]}"
