"""When the schools of an area order: set by its convenor or finance officer, open to everybody's eyes."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.selling import NewWindowForm, WindowForm
from frontend.views.catalogue.posting import posted
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import BuyBackWindow
from marketplace.buyback.rules.windows import late_terms, standing
from marketplace.kernel import history
from marketplace.kernel.dates import ContractCalendar
from marketplace.kernel.errors import DomainError, NotFound


@signed_in
def windows(request: HttpRequest) -> HttpResponse:
    """The windows of the areas one keeps, the latest contract year first."""
    areas = queries.areas_with_windows_kept_by(request.actor)
    if not areas:
        raise NotFound
    today = timezone.localdate()
    rows = queries.windows().filter(area__in=areas).order_by("-first_day", "area__name")
    page = page_of(request, rows)
    page.object_list = [
        {
            "window": window,
            "stands": standing(window.dates, today),
            "late": late_terms(window.dates),
        }
        for window in page.object_list
    ]
    return render(request, "frontend/selling/windows.html", {"page": page, "many_areas": len(areas) > 1})


@signed_in
def new_window(request: HttpRequest) -> HttpResponse:
    """Set the window of a contract year."""
    areas = queries.areas_with_windows_kept_by(request.actor)
    if not areas:
        raise NotFound
    form = NewWindowForm(posted(request), areas=areas, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        saved = _saved(
            form,
            lambda: actions.open_window(actor=request.actor, area=form.area_chosen, dates=form.new_dates),
        )
        if saved:
            messages.success(request, "The window is set. Sellers can put packages on sale in it.")
            return redirect("buyback:windows")
    return _shown(request, form, "Set a buy-back window")


@signed_in
def window(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the days of a window."""
    row = queries.window_by(reference)
    if not queries.may_keep_windows(request.actor, row.area_id):
        raise NotFound
    form = WindowForm(posted(request), initial=WindowForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        dates = form.dates(ContractCalendar(row.calendar), row.first_day)
        saved = _saved(form, lambda: actions.change_window(actor=request.actor, window=row, dates=dates))
        if saved:
            messages.success(request, "Saved. Agreements already made keep what they were made with.")
            return redirect("buyback:windows")
    return _shown(request, form, f"Buy-back window {row.year_label}", row)


def _saved(form: WindowForm, act: Callable[[], BuyBackWindow]) -> bool:
    """Whether the window was written; a rule's refusal stands on the form."""
    try:
        act()
    except DomainError as error:
        add_domain_error(form, error)
        return False
    return True


def _shown(
    request: HttpRequest, form: WindowForm, heading: str, row: BuyBackWindow | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "caption": f"{row.area}, {row.get_calendar_display().lower()}" if row else "",
        "history": history.of(row) if row else (),
    }
    return render(request, "frontend/selling/window.html", context, status=422 if form.errors else 200)
