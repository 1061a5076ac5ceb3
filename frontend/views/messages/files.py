"""Files sent with messages: a link is signed for the person let in, and they are let in again when they follow it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend.views.tools import signed_in
from marketplace.notifications import actions, queries
from marketplace.notifications.conversations import links
from marketplace.notifications.conversations.contents import KINDS


@require_safe
@never_cache
@signed_in
def file(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Send who takes part on to the file, by a link that is theirs and works for a short while."""
    found = queries.attachment_for(request.actor, reference)
    return redirect("messages:take_file", reference, links.token_for(request.actor, found))


@require_safe
@never_cache
@signed_in
def take(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """The file, always to be saved and never shown by the browser as if it were a page of ours."""
    found, content = actions.take_file(actor=request.actor, reference=reference, token=token)
    answer = HttpResponse(content, content_type=KINDS[found.file_kind].media_type)
    answer["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@signed_in
def delete(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Ask once, then delete a file one has sent."""
    found = queries.attachment_for(request.actor, reference)
    back = redirect("messages:conversation", found.conversation.reference)
    if request.method == "POST":
        actions.delete_file(actor=request.actor, attachment=found)
        messages.success(request, "The file is deleted.")
        return back
    if found.deleted_at or found.uploaded_by_id != request.actor.user_id:
        return back
    return render(request, "frontend/messages/delete_file.html", {"file": found})
