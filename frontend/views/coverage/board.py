"""For the board: which snapshots meetings were shown, and the page to hand out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.coverage_settings import BoardDateForm
from frontend.pdf import pdf_response
from frontend.templatetags.ui.words import moment
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import add_domain_error
from marketplace.coverage import actions, queries
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound

TO_CHOOSE_FROM = 30


@looking
def board(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The meetings so far, and the form that says what another one was shown."""
    if not look.sight.exact:
        raise NotFound
    snapshots = [
        (each.number, f"{moment(each.computed_at)}: {each.because.lower()}")
        for each in queries.snapshots_of(look.sight)[:TO_CHOOSE_FROM]
    ]
    form = BoardDateForm(request.POST or None, snapshots=snapshots)
    if request.method == "POST" and form.is_valid() and _marked(request, look, form):
        messages.success(request, "Kept. What changes from now on can be compared with it.")
        return redirect(look.link("board"))
    context = {
        "form": form,
        "tabs": tabs(look, "board"),
        "shown": queries.board_dates(look.sight),
        "post_url": look.link("board"),
        "pack_url": look.link("pack"),
        "pdf_url": look.link("pack", format="pdf"),
        "changes_url": look.link("changes"),
        "area_query": f"?area={look.area_code}" if look.area_code else "",
    }
    answer = page(request, look, "frontend/coverage/board.html", context, fragments={})
    answer.status_code = 422 if form.errors else 200
    return answer


def _marked(request: HttpRequest, look: Look, form: BoardDateForm) -> bool:
    """Whether it could be kept; what speaks against it is on the form."""
    said = form.cleaned_data
    try:
        actions.show_to_board(
            actor=request.actor,  # type: ignore[attr-defined]
            area=look.sight.area,
            number=said["snapshot"],
            day=said["day"],
            meeting=said["meeting"],
        )
    except DomainError as error:
        add_domain_error(form, error)
        return False
    return True


@require_POST
@looking
def take_back(request: HttpRequest, look: Look, pk: int) -> HttpResponse:
    """Say that a meeting was not shown a snapshot after all."""
    actions.take_back_board_date(
        actor=request.actor,  # type: ignore[attr-defined]
        area=look.sight.area,
        pk=pk,
    )
    messages.success(request, "Taken back.")
    return redirect(look.link("board"))


@looking
def pack(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The page to hand out, to print or as a PDF: as the board sees it, whoever prints it."""
    today = local(timezone.now()).date()
    found = queries.board_pack(look.sight, look.snapshot, today=today)
    context = {
        "pack": found,
        "area": look.sight.area,
        "snapshot": look.snapshot,
        "today": today,
        "back_url": look.link("board"),
        "pdf_url": look.link("pack", format="pdf"),
    }
    if request.GET.get("format") == "pdf":
        printed = render_to_string("frontend/coverage/pack_pdf.html", context)
        return pdf_response(printed, f"coverage-{look.sight.area.code}-{today.isoformat()}.pdf")
    return render(request, "frontend/coverage/pack.html", context)
