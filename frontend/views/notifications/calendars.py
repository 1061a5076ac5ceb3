"""Calendars to subscribe to: making and taking back addresses, and answering the programs that ask for them."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend.views.tools import signed_in
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.notifications import actions, queries
from marketplace.notifications.feeds import pace


@require_safe
@signed_in
def calendars(request: HttpRequest) -> HttpResponse:
    """The calendars the person can have, with the addresses they have made."""
    return render(
        request, "frontend/notifications/calendars.html", {"choices": queries.calendars_of(request.actor)}
    )


@require_POST
@never_cache
@signed_in
def issue(request: HttpRequest) -> HttpResponse:
    """Make an address and show it: this once, since only its hash is kept. One made before stops working."""
    wanted = request.POST.get("organisation", "")
    choices = queries.calendars_of(request.actor)
    chosen = next((each for each in choices if _reference(each) == wanted), None)
    if chosen is None:
        raise NotFound
    made, token = actions.issue_feed(
        actor=request.actor,
        organisation=chosen.organisation,
        shows_details=request.POST.get("details") == "on",
    )
    address = settings.SITE_URL + reverse("messages:calendar_feed", args=[token])
    context = {"feed": made, "address": address, "webcal": "webcal" + address[address.index(":") :]}
    return render(request, "frontend/notifications/calendar_made.html", context)


def _reference(choice: Any) -> str:
    return choice.organisation.reference if choice.organisation else ""


@require_POST
@signed_in
def details(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Show what one's sessions are about in one's own calendar, or only that one is busy."""
    shows = request.POST.get("details") == "on"
    found = queries.feed_for(request.actor, reference)
    actions.show_details(actor=request.actor, feed=found, shows=shows)
    messages.success(
        request, "Your calendar now shows details." if shows else "Your calendar now shows when you are busy."
    )
    return redirect("messages:calendars")


@require_POST
@signed_in
def stop(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Take an address back."""
    actions.revoke_feed(actor=request.actor, feed=queries.feed_for(request.actor, reference))
    messages.success(request, "The address no longer works.")
    return redirect("messages:calendars")


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """What a calendar program asks for. The token is the permission; what its person may see is asked each time."""
    if pace.is_too_fast(queries.feeds.hash_of(token)):
        answer = HttpResponse("Too many requests. Ask again in ten minutes.\n", "text/plain", status=429)
        answer["Retry-After"] = str(pace.SECONDS)
        return answer
    try:
        found, content = queries.calendar_at(token, now=timezone.now())
    except DomainError as error:
        answer = HttpResponse(f"{error}\n", content_type="text/plain; charset=utf-8", status=error.status)
        answer["Cache-Control"] = "no-store"
        return answer
    actions.note_asked(feed=found)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
    answer["Cache-Control"] = "private, no-cache"
    answer["Content-Disposition"] = 'inline; filename="support.ics"'
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
