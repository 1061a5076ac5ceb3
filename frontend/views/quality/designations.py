"""Designations: those of an organisation, those that end soon, and a convenor's look at the evidence."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.quality import LastDayForm, ProviderDesignationForm
from frontend.views.tools import add_domain_error, back_to, csv_response, page_of, signed_in
from marketplace.brokerage import queries as brokerage
from marketplace.catalogue import actions, queries
from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.models import Award, Designation
from marketplace.kernel.access import Role
from marketplace.kernel.errors import DomainError, NotFound


@signed_in
def ending(request: HttpRequest) -> HttpResponseBase:
    """Designations of the area that end soon or that no convenor has looked at, the next to end first."""
    if not request.actor.in_area(Role.CONVENOR):
        raise NotFound
    rows = _of_area(request, only_soon=request.GET.get("which") != "unchecked")
    if request.GET.get("format") == "csv":
        lines = (
            [_bearer(a), a.scheme, a.awarded_by, a.valid_from, a.valid_to or "", a.evidence] for a in rows
        )
        headings = ["Who", "Designation", "Awarded by", "From", "Until", "Evidence"]
        return csv_response([headings, *lines], "designations.csv")
    page = page_of(request, rows)
    page.object_list = [
        {"award": award, "bearer": _bearer(award), "kind": _kind(award)} for award in page.object_list
    ]
    tabs = [
        {"text": text, "href": f"?which={key}", "current": request.GET.get("which", "soon") == key}
        for key, text in (
            ("soon", f"Ending within {queries.DAYS_BEFORE} days"),
            ("unchecked", "Not looked at"),
        )
    ]
    return render(request, "frontend/quality/designations.html", {"page": page, "tabs": tabs})


@signed_in
@require_POST
def check(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """A convenor has seen the evidence of one designation."""
    award = _convened(request, kind).filter(pk=number).first()
    if award is None:
        raise NotFound
    try:
        actions.check_designation(actor=request.actor, designation=award)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Noted that you have seen the evidence of {award}, {_bearer(award)}.")
    return back_to(request, "quality:designations")


@signed_in
def new(request: HttpRequest, reference: str) -> HttpResponse:
    """Note a designation of the organisation."""
    organisation = brokerage.provider_judged_by(request.actor, reference)
    if not request.actor.holds(*MANAGERS, at=organisation.pk):
        raise NotFound
    form = ProviderDesignationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.designate_provider(actor=request.actor, organisation=organisation, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Designation added.")
            return redirect("quality:provider", reference)
    context = {"form": form, "provider": organisation, "title": "Add a designation", "button": "Add it"}
    return render(request, "frontend/quality/designation.html", context, status=422 if form.errors else 200)


@signed_in
def end(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Give a designation of the organisation its last day."""
    organisation = brokerage.provider_judged_by(request.actor, reference)
    award = (
        queries.provider_designations_managed_by(request.actor)
        .filter(organisation=organisation, pk=number)
        .first()
    )
    if award is None:
        raise NotFound
    form = LastDayForm(request.POST if request.method == "POST" else None, initial={"ends": award.valid_to})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_provider_designation(
                actor=request.actor, designation=award, valid_to=form.cleaned_data["ends"]
            )
        except DomainError as error:
            form.add_error("ends", str(error))
        else:
            messages.success(request, "Last day saved.")
            return redirect("quality:provider", reference)
    context = {"form": form, "provider": organisation, "title": f"When does “{award}” end?", "button": "Save"}
    return render(request, "frontend/quality/designation.html", context, status=422 if form.errors else 200)


def _of_area(request: HttpRequest, *, only_soon: bool) -> list[Award]:
    today = timezone.localdate()
    wanted = queries.ending_soon(today) if only_soon else queries.in_force(today)
    unchecked = {} if only_soon else {"checked_at__isnull": True}
    found: list[Award] = [
        *queries.designations_convened_by(request.actor).filter(
            wanted, practitioner__is_active=True, **unchecked
        ),
        *queries.provider_designations_convened_by(request.actor).filter(wanted, **unchecked),
    ]
    return sorted(found, key=lambda award: (award.valid_to is None, award.valid_to or today, award.pk))


def _convened(request: HttpRequest, kind: str) -> QuerySet[Award]:
    if kind == "person":
        return queries.designations_convened_by(request.actor)  # type: ignore[return-value]
    if kind == "provider":
        return queries.provider_designations_convened_by(request.actor)  # type: ignore[return-value]
    raise NotFound


def _kind(award: Award) -> str:
    return "person" if isinstance(award, Designation) else "provider"


def _bearer(award: Award) -> str:
    if isinstance(award, Designation):
        person = award.practitioner
        return f"{person.name}, {person.listed_by or person.releasing_organisation}"
    return str(award.organisation)  # type: ignore[attr-defined]
