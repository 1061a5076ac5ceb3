"""The person's conversations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from frontend.forms.messages import ConversationFilterForm
from frontend.views.tools import page_of, signed_in
from marketplace.notifications import actions, queries

PER_PAGE = 25


@require_safe
@signed_in
def conversations(request: HttpRequest) -> HttpResponse:
    """What one takes part in, the newest on top, with how much is not read yet."""
    form = ConversationFilterForm(request.GET)
    rows = queries.with_unread_counts(request.actor, form.rows_for(request.actor))
    page = page_of(request, rows, per_page=PER_PAGE)
    context = {
        "page": page,
        "filter_form": form,
        "rows": queries.with_standing(list(page.object_list)),
        "unread": any(row.unread for row in page.object_list),
    }
    template = "frontend/messages/_list.html" if request.htmx else "frontend/messages/list.html"
    return render(request, template, context)


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponseBase:
    """Mark every conversation as read."""
    actions.mark_all_conversations_read(actor=request.actor)
    messages.success(request, "All conversations are marked as read.")
    return redirect("messages:list")
