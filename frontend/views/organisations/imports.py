"""Register imports: the list, the upload, and one import from its reading to its undoing."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from frontend.forms.organisations import ImportFilterForm, UploadForm
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions, queries
from marketplace.organisations.models import ChangeKind, ImportStatus, RegisterImport

SORTS = {"started": "pk", "file": "file_name", "status": "status", "added": "added", "changed": "changed"}
HEADINGS = (
    "Import",
    "File",
    "Area",
    "Status",
    "Read",
    "Added",
    "Changed",
    "Closed",
    "Unchanged",
    "Refused",
    "Started",
)
REFUSED = "refused"
TABS = (
    (ChangeKind.ADD, "Added", "added"),
    (ChangeKind.CHANGE, "Changed", "changed"),
    (ChangeKind.CLOSE, "Closed", "closed"),
    (ChangeKind.MISSING, "Not in the file", "missing"),
    (REFUSED, "Refused", "refused"),
)
WORKING = {
    ImportStatus.UPLOADED: "Waiting to be read",
    ImportStatus.READING: "Reading the file",
    ImportStatus.APPLYING: "Applying the changes",
    ImportStatus.UNDOING: "Undoing the changes",
}


@signed_in
def imports(request: HttpRequest) -> HttpResponseBase:
    """The imports of the areas one convenes, newest first."""
    _must_convene(request)
    form = ImportFilterForm(request.GET)
    rows = filtered(
        form,
        queries.imports_visible_to(request.actor),  # type: ignore[attr-defined]
        {"status": lambda rows, value: rows.filter(status=value)},
    )
    rows = in_order(request, rows, SORTS, "-started")
    if wants_csv(request):
        return csv_response(headed(HEADINGS, map(_csv_row, rows.iterator(500))), "register-imports.csv")
    context = {"page": page_of(request, rows), "filter_form": form, "csv_query": csv_query(request)}
    return render(request, "frontend/organisations/imports.html", context)


@signed_in
def upload(request: HttpRequest) -> HttpResponse:
    """Upload a register file."""
    areas = _must_convene(request)
    form = UploadForm(request.POST or None, request.FILES or None, areas=areas)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = actions.upload_register(
                actor=request.actor,  # type: ignore[attr-defined]
                upload=file,
                file_name=file.name,
                area=form.cleaned_data["area"],
            )
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            return redirect("organisations:import", batch.reference)
    return render(
        request, "frontend/organisations/upload.html", {"form": form}, status=422 if form.errors else 200
    )


@signed_in
def one_import(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One import: how far it is, what it would do or did, and what can be done with it."""
    batch = _visible(request, reference)
    if request.htmx and not batch.is_working:  # type: ignore[attr-defined]
        # Only the progress bar asks; it is done, so the whole page is to be shown anew.
        return HttpResponseClientRefresh()
    show = _tab_asked(request, batch)
    rows = _rows(request, batch, show)
    if wants_csv(request):
        return csv_response(_csv_of(rows, show), f"{batch.reference}-{show}.csv")
    page = page_of(request, rows, per_page=25)
    if show != REFUSED:
        page.object_list = queries.told_in_words(batch, list(page.object_list))
    context = {
        "batch": batch,
        "working": WORKING.get(batch.status, ""),  # type: ignore[call-overload]
        "progress_text": "" if batch.total else f"{batch.done:,} rows so far",
        "may_manage": queries.imports_managed_by(request.actor).filter(pk=batch.pk).exists(),  # type: ignore[attr-defined]
        "tabs": _tabs(batch, show),
        "show": show,
        "page": page,
        "csv_query": csv_query(request),
        "history": history.of(batch),
    }
    return render(request, "frontend/organisations/import.html", context)


@signed_in
@require_POST
def apply(request: HttpRequest, reference: str) -> HttpResponse:
    """Apply a previewed import."""
    actions.apply_register(actor=request.actor, batch=reference)  # type: ignore[attr-defined]
    return redirect("organisations:import", reference)


@signed_in
def undo(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask whether to undo an import, and do so."""
    batch = _visible(request, reference)
    if request.method == "POST":
        actions.undo_register(actor=request.actor, batch=reference)  # type: ignore[attr-defined]
        return redirect("organisations:import", reference)
    return render(request, "frontend/organisations/undo.html", {"batch": batch})


@signed_in
@require_POST
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Put an import aside."""
    batch = actions.discard_register(actor=request.actor, batch=reference)  # type: ignore[attr-defined]
    messages.success(request, f"{batch.reference} is discarded. Nothing was changed.")
    return redirect("organisations:register")


def _must_convene(request: HttpRequest) -> Any:
    areas = queries.areas_convened_by(request.actor)  # type: ignore[attr-defined]
    if not areas.exists():
        raise NotFound
    return areas


def _visible(request: HttpRequest, reference: str) -> RegisterImport:
    batch = queries.imports_visible_to(request.actor).filter(reference=reference).first()  # type: ignore[attr-defined]
    if batch is None:
        raise NotFound
    return batch


def _tab_asked(request: HttpRequest, batch: RegisterImport) -> str:
    """The list asked for, else the first with anything in it."""
    asked = request.GET.get("show")
    known = {str(kind): count for kind, _, count in TABS}
    if asked in known:
        return asked
    return next((kind for kind, count in known.items() if getattr(batch, count)), str(ChangeKind.ADD))


def _tabs(batch: RegisterImport, show: str) -> list[dict[str, Any]]:
    address = reverse("organisations:import", args=[batch.reference])
    return [
        {
            "href": f"{address}?show={kind}",
            "text": text,
            "count": getattr(batch, count),
            "current": str(kind) == show,
        }
        for kind, text, count in TABS
    ]


def _rows(request: HttpRequest, batch: RegisterImport, show: str) -> Any:
    if show == REFUSED:
        return batch.refusals.all()
    return queries.changes_visible_to(request.actor, batch).filter(kind=show).defer("batch")  # type: ignore[attr-defined]


def _csv_row(batch: RegisterImport) -> Iterable[object]:
    return (
        batch.reference,
        batch.file_name,
        batch.area or "all areas",
        batch.get_status_display(),
        batch.read,
        batch.added,
        batch.changed,
        batch.closed,
        batch.unchanged,
        batch.refused,
        batch.created_at.isoformat(timespec="minutes"),
    )


def _csv_of(rows: Any, show: str) -> Iterable[list[object]]:
    """One line per value that differs, so that it can be filtered in a spreadsheet."""
    if show == REFUSED:
        return headed(
            ("Line", "URN", "Reason"), ((row.line, row.urn, row.reason) for row in rows.iterator(500))
        )
    if show == ChangeKind.MISSING:
        return headed(("URN", "School"), ((row.urn, row.name) for row in rows.iterator(500)))
    return headed(
        ("Line", "URN", "School", "Value", "Before", "After", "Note"),
        (
            (change.line, change.urn, change.name, value.label, value.before, value.after, change.note)
            for change in rows.iterator(500)
            for value in queries.in_words(change)
        ),
    )
