"""Workbooks (XLSX) of tables. Text is written as text: no cell is ever run as a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(rows: Iterable[Sequence[Any]], filename: str, *, sheet: str) -> HttpResponse:
    """Send `rows` (the headings first) as a workbook of one sheet. `Decimal` cells become pounds and pence, dates days."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet[:31])
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "d mmm yyyy"})
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    page.write_number(at, column, cell, money)
                elif isinstance(cell, date):
                    page.write_datetime(at, column, cell, day)
                elif isinstance(cell, int):
                    page.write_number(at, column, cell)
                else:
                    page.write_string(at, column, str(cell), bold if at == 0 else None)
        page.freeze_panes(1, 0)
        page.autofit()
    answer = HttpResponse(buffer.getvalue(), content_type=TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return answer
