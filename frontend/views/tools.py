"""What the views of every capability share: who may come in, pages of a list, CSV, a rule's refusal shown on a form.

@signed_in
def orders(request: HttpRequest) -> HttpResponse:
    page = page_of(request, queries.visible_to(request.actor), per_page=25)

try:
    actions.order_booking(actor=request.actor, …)
except DomainError as error:
    add_domain_error(form, error)
    return render(request, "…", {"form": form}, status=422)
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import resolve_url
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from marketplace.kernel.errors import DomainError
from marketplace.kernel.spreadsheets import csv_lines

P = ParamSpec("P")


def signed_in(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Let signed-in people through and send everybody else to sign in, back to where they were afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request: Any = args[0]
        if request.user.is_authenticated:
            return view(*args, **kwargs)
        return _to_sign_in(request)

    return guarded


def _to_sign_in(request: Any) -> HttpResponse:
    """Sign in, and go on where one was: after a form was sent, on the page it stands on."""
    back = request.get_full_path()
    if request.method != "GET":
        back = _page_of_form(request)
        messages.warning(request, "You were signed out before that was sent, so nothing was saved.")
    answer = redirect_to_login(back)
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer


def _page_of_form(request: HttpRequest) -> str:
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return "/"
    return came_from._replace(scheme="", netloc="", fragment="").geturl()


def page_of(request: HttpRequest, rows: Any, per_page: int = 20) -> Page[Any]:
    """The page of `rows` (a queryset or a list) that `?page=` asks for; a number out of range gives the nearest page there is."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def query_string(request: HttpRequest, **changes: Any) -> str:
    """The query string of this address with `changes` made (`None` takes a key out), for links of filters, sorting and pages."""
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query.setlist(key, [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)])
    return query.urlencode()


def csv_response(rows: Iterable[Sequence[object]], filename: str) -> StreamingHttpResponse:
    """Send `rows` (the headings first) as a CSV file, written while it is read, so that no list is too long.

    Text cells that a spreadsheet would run as a formula get an apostrophe before them. `filename` is without a folder.
    """
    answer = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def add_domain_error(form: BaseForm, error: DomainError) -> None:
    """Show a rule's refusal on the form: at the field it names where the form has that field, else above the form."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def too_late(request: HttpRequest, done: str, stands: str, to: str, *args: Any) -> HttpResponseRedirect:
    """Back to the page that says where things stand. Whoever had pressed a button is told that nothing was `done`, and keeps their words.

    `stands` says in a few words where things stand by now.
    """
    if request.method == "POST":
        typed = (request.POST.get("reason") or request.POST.get("note") or "").strip()
        words = f" You had written: “{typed}”" if typed else ""
        messages.error(
            request, f"Nothing was {done}, because things have changed meanwhile: {stands}.{words}"
        )
    return HttpResponseRedirect(resolve_url(to, *args))


def back_to(request: HttpRequest, fallback: str, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
    """Redirect to the address in `next` where it is one of ours, else to `fallback` (a URL name, with its arguments)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(resolve_url(fallback, *args, **kwargs))
