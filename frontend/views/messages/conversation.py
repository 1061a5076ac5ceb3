"""One conversation: reading it and writing in it. A page without script does all of it; with one, what others write appears by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from frontend.forms.messages import MessageForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.kernel.errors import DomainError, NotNow
from marketplace.notifications import actions, queries
from marketplace.notifications.conversations.contents import KINDS
from marketplace.notifications.conversations.sides import Standing
from marketplace.notifications.errors import ConversationClosed, MessageUnusable
from marketplace.notifications.models import Attachment, Conversation, ConversationMessage


@dataclass(frozen=True)
class Shown:
    """A message as the page shows it: whether it is one's own side's, is new to the reader, and who has read it."""

    message: ConversationMessage
    is_own: bool
    is_new: bool
    read_by: queries.ReadBy | None
    files: Sequence[dict[str, Any]]


@signed_in
def conversation(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Read: what is shown is read with it. Write: by POST."""
    found = queries.conversation_for(request.actor, reference)
    if request.method == "POST":
        return _write(request, found, queries.standing_of(found))
    return _page(request, found, queries.standing_of(found), MessageForm())


@signed_in
def about(request: HttpRequest, kind: str, reference: str) -> HttpResponseBase:
    """The conversation about a subject; where nobody has written yet, a page to be the first on."""
    key = request.GET.get("with", "")
    found, standing = queries.conversation_about(request.actor, kind=kind, reference=reference, key=key)
    if request.method == "POST":
        begun = actions.open_conversation(actor=request.actor, kind=kind, reference=reference, key=key)
        return _write(request, begun, standing)
    if found is not None:
        return redirect("messages:conversation", found.reference)
    return _page(request, None, standing, MessageForm())


def _write(request: HttpRequest, row: Conversation, standing: Standing) -> HttpResponseBase:
    kept, refusals = _keep_files(request, row)
    form = MessageForm(MessageForm.with_kept(request.POST, kept), kept=kept)
    for refusal in refusals:
        form.add_error("files", str(refusal))
    if form.is_valid():
        try:
            actions.write_message(
                actor=request.actor,
                conversation=row,
                text=form.cleaned_data["text"],
                key=form.cleaned_data["key"],
                files=form.cleaned_data.get("kept", []),
            )
        except (MessageUnusable, NotNow) as error:
            used_up = isinstance(error, NotNow) and not isinstance(error, ConversationClosed)
            form = MessageForm(MessageForm.with_kept(request.POST, kept, new_key=used_up), kept=kept)
            add_domain_error(form, error)
        else:
            messages.success(request, "Your message is sent.")
            return redirect("messages:conversation", row.reference)
    return _page(request, row if row.last_number else None, standing, form)


def _keep_files(request: HttpRequest, row: Conversation) -> tuple[list[Attachment], list[DomainError]]:
    """Keep what was uploaded with the form; with what was kept before and is still ticked, and what was refused."""
    kept = queries.unsent_files(request.actor, row, request.POST.getlist("kept"))
    refused: list[DomainError] = []
    for upload in request.FILES.getlist("files"):
        content = upload.read(settings.ATTACHMENT_MAX_BYTES + 1)
        try:
            kept.append(
                actions.keep_file(
                    actor=request.actor, conversation=row, name=upload.name or "", content=content
                )
            )
        except DomainError as error:
            refused.append(error)
    return kept, refused


def _page(
    request: HttpRequest, row: Conversation | None, standing: Standing, form: MessageForm
) -> HttpResponse:
    before = request.GET.get("before", "")
    earlier = int(before) if before.isdecimal() and len(before) < 9 else None
    context = {"conversation": row, "standing": standing, "form": form, "earlier": earlier}
    if row is not None:
        context |= _thread(request, row, standing, earlier)
    is_part = request.htmx and row is not None and request.method == "GET"
    template = "frontend/messages/_thread.html" if is_part else "frontend/messages/conversation.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _thread(
    request: HttpRequest, row: Conversation, standing: Standing, earlier: int | None
) -> dict[str, Any]:
    found, has_earlier = queries.newest_of(row, before=earlier)
    read_up_to = getattr(row, "up_to", 0)
    receipts = queries.read_by(request.actor, row, found, standing)
    own = {side.organisation_id for side in standing.sides_of(request.actor)}
    shown = [
        Shown(
            message=each,
            is_own=each.organisation_id in own,
            is_new=each.number > read_up_to and each.author_id != request.actor.user_id,
            read_by=receipts.get(each.number),
            files=[_file(each, file, request.actor.user_id) for file in each.attachments.all()],
        )
        for each in found
    ]
    if found and request.method == "GET":
        actions.mark_conversation_read(actor=request.actor, conversation=row, up_to=found[-1].number)
    return {"shown": shown, "first": found[0].number if has_earlier else None}


def _file(message: ConversationMessage, file: Attachment, user_id: int | None) -> dict[str, Any]:
    kind = KINDS[file.file_kind]
    return {"row": file, "kind": kind.suffixes[0][1:].upper(), "may_delete": file.uploaded_by_id == user_id}
