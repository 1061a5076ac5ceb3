"""A person's session: signing in by a one-time link (debug only), staying signed in, and choosing whom to act for."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import accounts
from frontend.session import renew
from frontend.views.tools import back_to, signed_in
from marketplace.kernel.errors import NotFound


@require_safe
@never_cache
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponseRedirect:
    """Sign in the person of a one-time link. Outside debug, and for a link used, forged or old, there is no such page."""
    user = accounts.person_of_link(token) if settings.DEBUG else None
    if user is None:
        raise NotFound
    login(request, user, backend=accounts.BACKEND)
    return redirect("home:home")


@require_POST
@signed_in
def act_for(request: HttpRequest) -> HttpResponseBase:
    """Choose the organisation the person acts for, one where they hold a role, and go back to where they were."""
    chosen = request.POST.get("organisation", "")
    if not chosen.isdecimal() or int(chosen) not in request.actor.roles:  # type: ignore[attr-defined]
        raise NotFound
    request.session["organisation"] = int(chosen)
    return back_to(request, "home:home")


@require_POST
@signed_in
def extend_session(request: HttpRequest) -> HttpResponse:
    """Stay signed in for another full session: what the time-out warning's button does."""
    renew(request)
    if "next" in request.POST:
        return back_to(request, "home:home")
    return HttpResponse(status=204)
