"""The year-end note of an organisation: on the screen, as CSV, as PDF."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from frontend.forms.settling import YearEndForm
from frontend.pdf import pdf_response
from frontend.views.tools import csv_response, query_string, signed_in
from marketplace.billing import queries
from marketplace.billing.queries import YearEndNote
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound

HEADINGS = (
    "Organisation",
    "Year end",
    "Kind",
    "Reference",
    "Other party",
    "Description",
    "Code",
    "Whole amount",
    "Amount",
    "How it is worked out",
)


@signed_in
def year_end(request: HttpRequest) -> HttpResponseBase:
    """Choose an organisation and a year's end; the note, line by line; as CSV or PDF with `format`."""
    organisations = queries.year_end_organisations(request.actor)
    if not organisations.exists():
        raise NotFound
    today = local(timezone.now()).date()
    asked = request.GET if "on" in request.GET else None
    form = YearEndForm(
        asked, organisations=organisations, today=today, initial=_initial(request, organisations)
    )
    note = _note(request, form) if form.is_valid() else None
    if note and request.GET.get("format") == "csv":
        return csv_response(_csv(note), f"year-end-{note.on.isoformat()}.csv")
    if note and request.GET.get("format") == "pdf":
        page = render_to_string("frontend/billing/year_end_pdf.html", {"note": note})
        return pdf_response(page, f"year-end-{note.on.isoformat()}.pdf")
    context = {
        "form": form,
        "note": note,
        "csv_query": query_string(request, format="csv"),
        "pdf_query": query_string(request, format="pdf"),
    }
    return render(request, "frontend/billing/year_end.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, organisations: Any) -> dict[str, Any]:
    current = organisations.filter(pk=request.actor.current).first() or organisations.first()
    return {"organisation": current.reference}


def _note(request: HttpRequest, form: YearEndForm) -> YearEndNote:
    organisation = form.cleaned_data["organisation"]
    return queries.year_end_note(
        request.actor, organisation.reference, date.fromisoformat(form.cleaned_data["on"])
    )


def _csv(note: YearEndNote) -> Iterator[tuple[Any, ...]]:
    yield HEADINGS
    for section in note.sections:
        for line in section.lines:
            yield (
                note.organisation.name,
                note.on.isoformat(),
                section.heading,
                line.reference,
                line.party,
                line.description,
                line.code,
                f"{line.whole_pence / 100:.2f}",
                f"{line.pence / 100:.2f}",
                line.explained,
            )
