"""People and their roles: the list, invitations, ending a role."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.organisations import (
    ChooseOrganisationForm,
    EndRoleForm,
    InviteForm,
    PeopleFilterForm,
)
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.tools import add_domain_error, csv_response, page_of, signed_in
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions, queries
from marketplace.organisations.models import Membership

PEOPLE_SORTS = {
    "name": "user__name",
    "role": "role",
    "organisation": "organisation__name",
    "since": "started_at",
}
INVITATION_SORTS = {"email": "email", "role": "role", "organisation": "organisation__name", "sent": "sent_at"}


@signed_in
def people(request: HttpRequest) -> HttpResponseBase:
    """People of the organisations one looks after."""
    actor = request.actor  # type: ignore[attr-defined]
    organisations = _looked_after(request)
    form = PeopleFilterForm(request.GET, organisations=organisations)
    rows = filtered(
        form,
        queries.people_visible_to(actor),
        {
            "q": lambda rows, words: rows.filter(
                Q(user__name__icontains=words) | Q(user__email__icontains=words)
            ),
            "organisation": lambda rows, organisation: rows.filter(organisation=organisation),
            "role": lambda rows, role: rows.filter(role=role),
        },
    )
    rows = in_order(request, rows, PEOPLE_SORTS, "name")
    if wants_csv(request):
        told = (
            (
                m.user.name,
                m.user.email,
                m.get_role_display(),
                m.organisation.name,
                local(m.started_at).date().isoformat(),
            )
            for m in rows.iterator(500)
        )
        return csv_response(headed(("Name", "E-mail", "Role", "Organisation", "Since"), told), "people.csv")
    page = page_of(request, rows, per_page=25)
    _mark_those_to_end(request, page.object_list)
    context = {
        "page": page,
        "filter_form": form,
        "csv_query": csv_query(request),
        "tabs": _tabs(request, "people"),
    }
    return render(request, "frontend/organisations/people.html", context)


@signed_in
def invitations(request: HttpRequest) -> HttpResponseBase:
    """Invitations that were neither accepted nor taken back."""
    form = PeopleFilterForm(request.GET, organisations=_looked_after(request))
    rows = filtered(
        form,
        queries.open_invitations(queries.invitations_managed_by(request.actor)),  # type: ignore[attr-defined]
        {
            "q": lambda rows, words: rows.filter(email__icontains=words),
            "organisation": lambda rows, organisation: rows.filter(organisation=organisation),
            "role": lambda rows, role: rows.filter(role=role),
        },
    )
    rows = in_order(request, rows, INVITATION_SORTS, "-sent")
    if wants_csv(request):
        told = (
            (
                i.email,
                i.get_role_display(),
                i.organisation.name,
                local(i.sent_at).date(),
                local(i.expires_at).date(),
                queries.invitation_state(i),
            )
            for i in rows
        )
        return csv_response(
            headed(("E-mail", "Role", "Organisation", "Sent", "Until", "State"), told), "invitations.csv"
        )
    page = page_of(request, rows, per_page=25)
    for invitation in page.object_list:
        invitation.state = queries.invitation_state(invitation)
    context = {
        "page": page,
        "filter_form": form,
        "csv_query": csv_query(request),
        "tabs": _tabs(request, "invitations"),
    }
    return render(request, "frontend/organisations/invitations.html", context)


@signed_in
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """To which organisation somebody is invited; the only one straight away."""
    organisations = _looked_after(request)
    only = list(organisations[:2])
    if len(only) == 1:
        return redirect("organisations:invite_to", only[0].reference)
    form = ChooseOrganisationForm(
        request.GET if "organisation" in request.GET else None, organisations=organisations
    )
    if form.is_valid():
        return redirect("organisations:invite_to", form.cleaned_data["organisation"].reference)
    return render(
        request,
        "frontend/organisations/choose_organisation.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@signed_in
def invite(request: HttpRequest, reference: str) -> HttpResponse:
    """Invite somebody to an organisation."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = _looked_after(request).filter(reference=reference).first()
    roles = queries.roles_to_give(actor, organisation) if organisation else ()
    if organisation is None or not roles:
        raise NotFound
    form = InviteForm(request.POST if request.method == "POST" else None, roles=roles)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = actions.invite(actor=actor, organisation=organisation, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"Invited {invitation.email} as {invitation.get_role_display().lower()} of {organisation}.",
            )
            return redirect("organisations:invitations")
    context = {"form": form, "organisation": organisation}
    return render(request, "frontend/organisations/invite.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def resend(request: HttpRequest, reference: str) -> HttpResponse:
    """Send an invitation again."""
    invitation = actions.resend_invitation(actor=request.actor, invitation=reference)  # type: ignore[attr-defined]
    messages.success(request, f"A new link is on its way to {invitation.email}. The old one no longer works.")
    return redirect("organisations:invitations")


@signed_in
@require_POST
def revoke(request: HttpRequest, reference: str) -> HttpResponse:
    """Take an invitation back."""
    invitation = actions.revoke_invitation(actor=request.actor, invitation=reference)  # type: ignore[attr-defined]
    messages.success(
        request, f"The invitation of {invitation.email} is taken back. Its link no longer works."
    )
    return redirect("organisations:invitations")


@signed_in
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask whether to end a role, and do so."""
    membership = _role_to_end(request, reference)
    form = EndRoleForm(request.POST if request.method == "POST" else None)
    own = membership.user_id == request.actor.user_id  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_membership(
                actor=request.actor,  # type: ignore[attr-defined]
                membership=membership,
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request,
                f"{membership.user} is no longer {membership.get_role_display().lower()} of {membership.organisation}.",
            )
            return redirect("home:home" if own else "organisations:people")
    context = {"form": form, "membership": membership, "own": own}
    return render(
        request, "frontend/organisations/end_role.html", context, status=422 if form.errors else 200
    )


def _mark_those_to_end(request: HttpRequest, memberships: Iterable[Any]) -> None:
    """Note on each role whether the person may end it, so that only links that work are shown."""
    actor = request.actor  # type: ignore[attr-defined]
    given: dict[int, tuple[str, ...]] = {}
    for membership in memberships:
        organisation = membership.organisation
        if organisation.pk not in given:
            given[organisation.pk] = queries.roles_to_give(actor, organisation)
        own = membership.user_id == actor.user_id
        membership.may_end = own or membership.role in given[organisation.pk]


def _looked_after(request: HttpRequest) -> Any:
    """The organisations whose people one looks after; there is no such page for who has none."""
    rows = queries.organisations_managed_by(request.actor).order_by("name")  # type: ignore[attr-defined]
    if not rows.exists():
        raise NotFound
    return rows


def _role_to_end(request: HttpRequest, reference: str) -> Membership:
    actor = request.actor  # type: ignore[attr-defined]
    membership: Membership | None = queries.people_visible_to(actor).filter(reference=reference).first()
    if membership is None:
        raise NotFound
    own = membership.user_id == actor.user_id
    if not own and membership.role not in queries.roles_to_give(actor, membership.organisation):
        raise NotFound
    return membership


def _tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    waiting = queries.open_invitations(queries.invitations_managed_by(request.actor)).count()  # type: ignore[attr-defined]
    return [
        {"href": reverse("organisations:people"), "text": "People", "current": current == "people"},
        {
            "href": reverse("organisations:invitations"),
            "text": "Invitations",
            "count": waiting,
            "current": current == "invitations",
        },
    ]
