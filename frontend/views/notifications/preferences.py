"""Choosing which e-mails one gets, and stopping them from an e-mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from frontend.forms.notifications import PreferencesForm
from frontend.views.tools import signed_in
from marketplace.notifications import actions, queries, unsubscribing
from marketplace.notifications.choosing import words_of


@signed_in
def preferences(request: HttpRequest) -> HttpResponseBase:
    """A choice for each kind of notification."""
    form = PreferencesForm(request.POST or None, chosen=queries.choices_of(request.actor))
    if request.method == "POST" and form.is_valid():
        actions.choose_emails(actor=request.actor, choices=form.choices())
        messages.success(request, "Your choices are saved.")
        return redirect("notifications:settings")
    status = 422 if form.errors else 200
    return render(request, "frontend/notifications/settings.html", {"form": form}, status=status)


# The link is the permission, and a mail program that presses the button for the person has no token of ours.
@csrf_exempt
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop the e-mails a link is about; by POST, stop them. Nobody has to sign in for that."""
    if request.method == "POST":
        _, kind = actions.stop_emails(token=token)
    else:
        _, kind = unsubscribing.read(token)
    context = {
        "what": words_of(kind) if kind else "",
        "asks": bool(kind and kind.asks_to_act),
        "stopped": request.method == "POST",
    }
    return render(request, "frontend/notifications/stop.html", context)
