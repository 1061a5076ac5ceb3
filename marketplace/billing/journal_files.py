"""A journal run as a file: CSV, the same bytes each time, and a workbook with typed cells."""

import io
from collections.abc import Sequence

import xlsxwriter

from marketplace.billing.rules.journals import HEADINGS, VAT, JournalRow
from marketplace.kernel.spreadsheets import csv_lines


def csv_of(rows: Sequence[JournalRow]) -> bytes:
    """The run as CSV: UTF-8 with its mark, amounts in pounds, the control totals last."""
    debit, credit = _totals(rows)
    papers = len({row.reference for row in rows})
    empty = [""] * 5
    control = [
        "Control",
        *empty,
        _pounds(debit),
        _pounds(credit),
        "",
        f"{papers} papers",
        "",
        f"{len(rows)} rows",
    ]
    return b"".join(csv_lines([HEADINGS, *map(_cells, rows), control]))


def workbook_of(rows: Sequence[JournalRow], title: str) -> bytes:
    """The run as a workbook: text as text, amounts as numbers, dates as dates, the control totals last."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("Journal")
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    bold_money = book.add_format({"bold": True, "num_format": "#,##0.00"})
    book.set_properties({"title": title})
    sheet.write_row(0, 0, HEADINGS, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(HEADINGS) - 1, 16)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate((row.side, row.centre, row.name, row.urn, row.code, row.period)):
            sheet.write_string(number, column, text)
        sheet.write_number(number, 6, row.debit / 100, money)
        sheet.write_number(number, 7, row.credit / 100, money)
        sheet.write_string(number, 8, VAT)
        sheet.write_string(number, 9, row.reference)
        sheet.write_datetime(number, 10, row.issued_on, day)
        sheet.write_string(number, 11, row.narrative)
    debit, credit = _totals(rows)
    last = len(rows) + 1
    sheet.write_string(last, 0, "Control", bold)
    sheet.write_number(last, 6, debit / 100, bold_money)
    sheet.write_number(last, 7, credit / 100, bold_money)
    sheet.write_string(last, 9, f"{len({row.reference for row in rows})} papers", bold)
    sheet.write_string(last, 11, f"{len(rows)} rows", bold)
    book.close()
    return stream.getvalue()


def _cells(row: JournalRow) -> list[str]:
    first = [row.side, row.centre, row.name, row.urn, row.code, row.period]
    amounts = [_pounds(row.debit), _pounds(row.credit), VAT]
    return [*first, *amounts, row.reference, row.issued_on.isoformat(), row.narrative]


def _totals(rows: Sequence[JournalRow]) -> tuple[int, int]:
    return sum(row.debit for row in rows), sum(row.credit for row in rows)


def _pounds(pence: int) -> str:
    whole, odd = divmod(pence, 100)
    return f"{whole}.{odd:02d}"
