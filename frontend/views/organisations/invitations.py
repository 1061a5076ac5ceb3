"""Where an invitation's link leads. Having the link is the right to see the page, so nobody needs to be signed in."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from frontend.accounts import BACKEND
from frontend.forms.organisations import AcceptForm
from frontend.views.tools import add_domain_error
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions, queries
from marketplace.organisations.errors import InvitationUnusable
from marketplace.organisations.models import Invitation


@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: as the person signed in, or as a new person with a name and perhaps a password."""
    invitation = queries.invitations_by_token(token).first()
    if invitation is None:
        return _unusable(
            request,
            InvitationUnusable(
                "This invitation link does not work.",
                remedy="It may have been replaced by a newer one: look for the latest e-mail, and copy the whole link. "
                "Otherwise ask the person who invited you to send it again.",
            ),
            status=404,
        )
    try:
        queries.check_usable(invitation)
    except InvitationUnusable as error:
        return _unusable(request, error, status=410)
    situation = _situation(request, invitation)
    form = AcceptForm(request.POST or None) if situation == "new" else None
    if request.method == "POST" and situation in ("new", "own") and (form is None or form.is_valid()):
        try:
            user = actions.accept_invitation(
                actor=request.actor,  # type: ignore[attr-defined]
                token=token,
                **(form.cleaned_data if form else {}),
            )
        except DomainError as error:
            if form is None:
                raise
            add_domain_error(form, error)
        else:
            if situation == "new":
                login(request, user, backend=BACKEND)
            messages.success(
                request,
                f"Welcome. You are {invitation.get_role_display().lower()} of {invitation.organisation} now.",
            )
            request.session["organisation"] = invitation.organisation_id
            return redirect("home:home")
    context = {"invitation": invitation, "situation": situation, "form": form}
    return render(
        request,
        "frontend/organisations/invitation.html",
        context,
        status=422 if form and form.errors else 200,
    )


def _situation(request: HttpRequest, invitation: Invitation) -> str:
    """Who has the page open: `own` the person signed in, `other` somebody else signed in, `known` one who should sign in, or
    `new`."""
    if request.user.is_authenticated:
        return "own" if request.user.email == invitation.email else "other"  # type: ignore[union-attr]
    return "known" if queries.has_account(invitation) else "new"


def _unusable(request: HttpRequest, error: InvitationUnusable, *, status: int) -> HttpResponse:
    return render(request, "frontend/organisations/invitation_unusable.html", {"error": error}, status=status)
