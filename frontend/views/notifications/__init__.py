"""The notification centre, and the news an open page asks for when its socket is away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend.forms.notifications import FilterForm
from frontend.views.tools import back_to, page_of, signed_in
from marketplace.notifications import actions, live, queries

PER_PAGE = 25


@require_safe
@signed_in
def notifications(request: HttpRequest) -> HttpResponse:
    """The person's notifications, newest first, all or the unread ones."""
    rows = queries.visible_to(request.actor)  # type: ignore[attr-defined]
    form = FilterForm(request.GET)
    page = page_of(request, form.apply_to(rows), per_page=PER_PAGE)
    context = {"page": page, "filter_form": form, "unread": rows.filter(read_at__isnull=True).exists()}
    return render(request, "frontend/notifications/list.html", context)


@require_POST
@signed_in
def read(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Mark one as read and go to what it is about (`open`), or stay on the list."""
    actor = request.actor  # type: ignore[attr-defined]
    notification = queries.notification_for(actor, reference)
    actions.mark_read(actor=actor, notification=notification)
    if "open" in request.POST and notification.path:
        return HttpResponseRedirect(notification.path)
    return back_to(request, "notifications:list")


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponseBase:
    """Mark all as read."""
    actions.mark_all_read(actor=request.actor)  # type: ignore[attr-defined]
    messages.success(request, "All notifications are marked as read.")
    return redirect("notifications:list")


@require_safe
@never_cache
def poll(request: HttpRequest) -> JsonResponse:
    """The frames after number `since`, for a page whose socket is away. 401 when signed out: a script has no use for a form."""
    if not request.user.is_authenticated:
        return JsonResponse({"frames": []}, status=401)
    since = request.GET.get("since", "")
    if not since.isdecimal() or int(since) > 2**62:
        return JsonResponse(
            {"title": "`since` is the number of the last frame you have.", "frames": []}, status=400
        )
    frames = live.frames_for(request.actor, since=int(since))  # type: ignore[attr-defined]
    return JsonResponse({"frames": [live.frame_of(frame) for frame in frames]})
