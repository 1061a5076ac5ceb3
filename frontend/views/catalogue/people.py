"""The people a provider keeps: the list, a person's page, designations, and the employer's assurance."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.catalogue import (
    AssuranceForm,
    DesignationForm,
    EndDesignationForm,
    NewPersonForm,
    PeopleFilterForm,
    PersonForm,
)
from frontend.views.catalogue.posting import posted
from frontend.views.catalogue.providing import section_tabs
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.catalogue import actions, queries
from marketplace.catalogue.access import MANAGERS, may_agree_days, may_manage_person, must_speak_as_employer
from marketplace.catalogue.models import Practitioner
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Organisation, OrganisationKind, School

SORTS = {
    "name": "name",
    "employer": "releasing_organisation__name",
    "agreed": "agreed_half_days",
    "assured": "assured_until",
}


@signed_in
def people(request: HttpRequest) -> HttpResponseBase:
    """The people whose pages one keeps."""
    filters = PeopleFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "our-people.csv")
    context = {
        "page": page_of(request, rows),
        "filter_form": filters,
        "tabs": section_tabs("people"),
        "may_add": bool(_listers(request)),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/catalogue/people.html", context)


@signed_in
def add(request: HttpRequest) -> HttpResponse:
    """Add a person."""
    listers = _listers(request)
    if not listers:
        raise NotFound
    form = NewPersonForm(posted(request), organisations=listers, employers=_employers(listers))
    if request.method == "POST" and form.is_valid():
        answer = _tried(
            request,
            form,
            lambda: actions.add_practitioner(
                actor=request.actor,
                organisation=form.organisation,
                profile=form.profile(),
                releasing_organisation=form.employer,
            ),
            "Added. Their employer gives its assurance next.",
        )
        if answer:
            return answer
    context = {"form": form, "heading": "Add a person", "submit": "Add", "back": reverse("catalogue:people")}
    return render(request, "frontend/catalogue/section.html", context, status=422 if form.errors else 200)


@signed_in
def person(request: HttpRequest, reference: str) -> HttpResponse:
    """A person's page: profile, designations, assurance, history."""
    found = queries.practitioner_for(request.actor, reference)
    return _page(request, found, DesignationForm())


@signed_in
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change what is written about a person."""
    found = _managed(request, reference)
    form = PersonForm(
        posted(request),
        initial=PersonForm.initial_of(found),
        may_agree_days=may_agree_days(request.actor, found),
    )
    if request.method == "POST" and form.is_valid():
        answer = _tried(
            request,
            form,
            lambda: actions.edit_practitioner(
                actor=request.actor, practitioner=found, profile=form.profile()
            ),
            "Saved.",
        )
        if answer:
            return answer
    context = {
        "form": form,
        "heading": found.name,
        "submit": "Save",
        "back": reverse("catalogue:person", args=[reference]),
    }
    return render(request, "frontend/catalogue/section.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def designate(request: HttpRequest, reference: str) -> HttpResponse:
    """Add a designation."""
    found = _managed(request, reference)
    form = DesignationForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        answer = _tried(
            request,
            form,
            lambda: actions.add_designation(actor=request.actor, practitioner=found, **given),
            "Designation added.",
            back_to=found,
        )
        if answer:
            return answer
    return _page(request, found, form)


@signed_in
@require_POST
def end_designation(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a designation its last day. Designations are named by their place on the page."""
    found = _managed(request, reference)
    form = EndDesignationForm(request.POST)
    awards = list(found.designations.all())
    if not form.is_valid() or form.cleaned_data["place"] >= len(awards):
        for problem in [error for errors in form.errors.values() for error in errors] or [
            "Choose a designation."
        ]:
            messages.error(request, str(problem))
        return redirect("catalogue:person", reference)
    award = awards[form.cleaned_data["place"]]
    try:
        actions.end_designation(actor=request.actor, designation=award, valid_to=form.cleaned_data["ends"])
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{award.scheme} ends on {form.cleaned_data['ends']:%-d %B %Y}.")
    return redirect("catalogue:person", reference)


@signed_in
@require_POST
def stand_down(request: HttpRequest, reference: str) -> HttpResponse:
    """Stop new bookings of a person."""
    actions.stand_down_practitioner(actor=request.actor, practitioner=_managed(request, reference))
    messages.success(request, "Stood down: nobody can book this person now. Bookings already made stand.")
    return redirect("catalogue:person", reference)


@signed_in
@require_POST
def reinstate(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a person be booked again."""
    actions.reinstate_practitioner(actor=request.actor, practitioner=_managed(request, reference))
    messages.success(request, "This person can be booked again.")
    return redirect("catalogue:person", reference)


@signed_in
def assurance(request: HttpRequest, reference: str) -> HttpResponse:
    """The employer's assurance, given by the releasing headteacher."""
    found = queries.practitioner_for(request.actor, reference)
    today = timezone.localdate()
    start = {
        "scope": "accompanied",
        "valid_from": today,
        "valid_to": today + timedelta(days=365),
        "agreed": found.agreed_half_days,
    }
    form = AssuranceForm(posted(request), initial=start)
    refusal = _refusal(request, found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answer = _tried(
            request,
            form,
            lambda: actions.record_assurance(
                actor=request.actor,
                practitioner=found,
                scope=given["scope"],
                valid_from=given["valid_from"],
                valid_to=given["valid_to"],
                agreed_half_days=given["agreed"],
            ),
            "Assurance given. Visits of this person can be confirmed.",
            back_to=found,
        )
        if answer:
            return answer
    context = {
        "form": form,
        "person": found,
        "refusal": refusal,
        "assurances": list(found.assurances.all()),
        "today": today,
    }
    return render(request, "frontend/catalogue/assurance.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def withdraw_assurance(request: HttpRequest, reference: str) -> HttpResponse:
    """Take an assurance back at once. Assurances are named by their place on the page."""
    found = queries.practitioner_for(request.actor, reference)
    given = list(found.assurances.all())
    place = request.POST.get("place", "")
    if not (place.isascii() and place.isdecimal() and int(place[:4]) < len(given)):
        raise NotFound
    actions.withdraw_assurance(actor=request.actor, assurance=given[int(place[:4])])
    messages.success(request, "Taken back. No new visit of this person can be confirmed.")
    return redirect("catalogue:assurance", reference)


# Reading -------------------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, found: Practitioner, form: DesignationForm) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "person": found,
        "form": form,
        "today": today,
        "assured": queries.assured_on(found, today),
        "may_manage": may_manage_person(request.actor, found),
        "may_assure": not _refusal(request, found),
        "end_form": EndDesignationForm(),
        "history": history.of(found),
    }
    return render(request, "frontend/catalogue/person.html", context, status=422 if form.errors else 200)


def _refusal(request: HttpRequest, found: Practitioner) -> str:
    """Why this person may not give the employer's assurance; empty where they may."""
    try:
        must_speak_as_employer(request.actor, found)
    except NotAllowed as error:
        return str(error)
    return ""


def _managed(request: HttpRequest, reference: str) -> Practitioner:
    return queries.practitioner_for(request.actor, reference)


def _listers(request: HttpRequest) -> list[Organisation]:
    own = organisations.organisations_of(request.actor, *MANAGERS)
    return [each for each in own.order_by("name") if each.is_provider_kind]


def _employers(listers: list[Organisation]) -> list[Organisation]:
    """Bodies that may employ a person listed here: the schools, trusts and other providers of the same areas."""
    areas = {each.area_id for each in listers if each.area_id}
    closed = School.objects.exclude(status_code__in=School.OPEN_STATUSES).values("pk")
    return list(
        Organisation.objects.filter(area__in=areas)
        .exclude(kind=OrganisationKind.LOCAL_AUTHORITY)
        .exclude(pk__in=closed)
        .order_by("name")
    )


def _filtered(request: HttpRequest, filters: PeopleFilterForm) -> QuerySet[Practitioner]:
    rows = queries.with_assurance(
        queries.practitioners_managed_by(request.actor), timezone.localdate()
    ).prefetch_related("designations")
    if not filters.is_valid():
        return rows
    chosen = filters.cleaned_data
    if not chosen["stood_down"]:
        rows = rows.filter(is_active=True)
    if chosen["q"]:
        rows = rows.filter(name__icontains=chosen["q"])
    if chosen["phase"]:
        rows = rows.filter(phases__overlap=chosen["phase"])
    if chosen["assurance"]:
        rows = rows.filter(Q(assured_until__isnull=chosen["assurance"] == "missing"))
    asked = request.GET.get("sort", "name")
    column = SORTS.get(asked.removeprefix("-"), "name")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "pk")


def _csv(rows: QuerySet[Practitioner]) -> Iterator[list[object]]:
    yield [
        "Reference",
        "Name",
        "Job title",
        "Released by",
        "Listed by",
        "Designations",
        "Agreed days a year",
        "Assured until",
    ]
    for each in rows:
        yield [
            each.reference,
            each.name,
            each.job_title,
            each.releasing_organisation.name,
            (each.listed_by or each.releasing_organisation).name,
            "; ".join(f"{award.scheme} ({award.awarded_by})" for award in each.designations.all()),
            each.agreed_half_days / 2,
            each.assured_until.isoformat() if each.assured_until else "",
        ]


# Writing -------------------------------------------------------------------------------------------------------------

FIELD_OF = {"agreed_half_days": "agreed"}


def _tried(
    request: HttpRequest,
    form: Any,
    act: Callable[[], Any],
    said: str,
    back_to: Practitioner | None = None,
) -> HttpResponse | None:
    """Do it and go to the person's page; `None` where a rule said no, which then stands on the form."""
    try:
        done = act()
    except DomainError as error:
        error.field = FIELD_OF.get(error.field, error.field)
        add_domain_error(form, error)
        return None
    messages.success(request, said)
    return redirect("catalogue:person", (back_to or done).reference)
