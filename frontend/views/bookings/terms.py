"""Term dates of an area, and days on which an area or an organisation releases nobody."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.bookings import BlackoutForm, TermsForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions
from marketplace.bookings.rules import academic_period
from marketplace.kernel.access import Role
from marketplace.kernel.dates import academic_year, local, long_date
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Area, Organisation

CALENDAR_KEEPERS = (Role.HEADTEACHER, Role.PROVIDER_LEAD, Role.TRUST_LEAD)
YEARS_SHOWN = 3


# Areas ---------------------------------------------------------------------------------------------------------------


@signed_in
def term_dates(request: HttpRequest) -> HttpResponse:
    """The terms of a school year, entered together, and the area's closed days."""
    area = _area(request)
    year = _year(request)
    form = TermsForm(request.POST or None, terms=_terms(area, year))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_terms(actor=request.actor, area=area, academic_year=year, terms=form.terms())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"The terms of {year} are saved.")
            return redirect(_area_page(area, year))
    return _area_response(request, area, year, terms_form=form)


@signed_in
@require_POST
def area_closed_days(request: HttpRequest) -> HttpResponse:
    """Close days in the whole area."""
    area = _area(request)
    form = BlackoutForm(request.POST)
    if form.is_valid():
        try:
            actions.add_blackout(actor=request.actor, owner=area, **form.values())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The days are closed in the whole area.")
            return redirect(_area_page(area, _year(request)))
    return _area_response(request, area, _year(request), blackout_form=form)


@signed_in
@require_POST
def remove_area_closed_days(request: HttpRequest, number: int) -> HttpResponse:
    """Open days of the area again."""
    area = _area(request)
    actions.remove_blackout(actor=request.actor, owner=area, blackout_id=number)
    messages.success(request, "The days are open again.")
    return redirect(_area_page(area, _year(request)))


def _area_response(
    request: HttpRequest,
    area: Area,
    year: str,
    *,
    terms_form: TermsForm | None = None,
    blackout_form: BlackoutForm | None = None,
) -> HttpResponse:
    today = local(timezone.now()).date()
    terms_form = terms_form or TermsForm(terms=_terms(area, year))
    blackout_form = blackout_form or BlackoutForm()
    context = {
        "area": area,
        "areas": list(organisations.areas_convened_by(request.actor)),
        "year": year,
        "year_tabs": _year_tabs(area, year, today),
        "form": terms_form,
        "blackout_form": blackout_form,
        **_closed(area, "bookings:remove_area_closed_days", query=f"?area={area.code}&year={year}"),
    }
    wrong = terms_form.errors or blackout_form.errors
    return render(request, "frontend/bookings/term_dates.html", context, status=422 if wrong else 200)


def _year_tabs(area: Area, current: str, today: date) -> list[dict[str, Any]]:
    years = [academic_year(date(today.year + n, today.month, 1)) for n in range(YEARS_SHOWN)]
    return [{"text": year, "href": _area_page(area, year), "current": year == current} for year in years]


def _closed(owner: Area | Organisation, remove: str, *args: Any, query: str = "") -> dict[str, Any]:
    """Closed days to come, each with the address that opens it again."""
    blackouts = list(owner.blackouts.filter(last_day__gte=local(timezone.now()).date()))
    rows = [
        {
            "days": days,
            "url": reverse(remove, args=[*args, days.pk]) + query,
            "label": f"{days.reason}, {long_date(days.first_day)}",
        }
        for days in blackouts
    ]
    return {"blackouts": blackouts, "rows": rows}


def _area(request: HttpRequest) -> Area:
    areas = organisations.areas_convened_by(request.actor)
    asked = request.GET.get("area")
    area = areas.filter(code=asked).first() if asked else areas.first()
    if area is None:
        raise (
            NotFound
            if asked
            else NotAllowed("You can’t enter term dates.", remedy="Ask a convenor of the area to do it.")
        )
    return area


def _year(request: HttpRequest) -> str:
    """The school year asked for, this one where that is no year."""
    asked = request.GET.get("year", "")
    try:
        return academic_year(academic_period(asked).start)
    except (ValueError, DomainError):
        return academic_year(local(timezone.now()).date())


def _terms(area: Area, year: str) -> Any:
    period = academic_period(year)
    return area.term_dates.filter(first_day__range=(period.start, period.end))


def _area_page(area: Area, year: str) -> str:
    return f"{reverse('bookings:term_dates')}?area={area.code}&year={year}"


# Organisations -------------------------------------------------------------------------------------------------------


@signed_in
def closed_days(request: HttpRequest) -> HttpResponse:
    """The one organisation whose calendar one keeps, or the choice between several."""
    own = list(organisations.organisations_of(request.actor, *CALENDAR_KEEPERS))
    if not own:
        raise NotAllowed(
            "You can’t close days.", remedy="Ask the headteacher or the lead of the organisation to do it."
        )
    if len(own) == 1:
        return redirect("bookings:closed_days_of", own[0].reference)
    return render(request, "frontend/bookings/closed_days_choose.html", {"organisations": own})


@signed_in
def closed_days_of(request: HttpRequest, reference: str) -> HttpResponse:
    """Days on which an organisation releases nobody."""
    organisation = _own(request, reference)
    form = BlackoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_blackout(actor=request.actor, owner=organisation, **form.values())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The days are closed.")
            return redirect("bookings:closed_days_of", reference)
    context = {
        "organisation": organisation,
        "form": form,
        **_closed(organisation, "bookings:remove_closed_days_of", reference),
    }
    return render(request, "frontend/bookings/closed_days.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def remove_closed_days_of(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Open days of an organisation again."""
    actions.remove_blackout(actor=request.actor, owner=_own(request, reference), blackout_id=number)
    messages.success(request, "The days are open again.")
    return redirect("bookings:closed_days_of", reference)


def _own(request: HttpRequest, reference: str) -> Organisation:
    own = organisations.organisations_of(request.actor, *CALENDAR_KEEPERS).filter(reference=reference).first()
    if own is None:
        raise NotFound
    return own
