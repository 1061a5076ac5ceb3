"""A person's diary: the week, notice and travel, days that differ, and what schools see of it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.bookings import DiarySettingsForm, ExceptionForm, PatternForm
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.models import Session
from marketplace.bookings.rules import DayAnswer
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.errors import DomainError, NotFound

WEEKS_SHOWN = 4
SATURDAY = 5


@signed_in
def diary(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about when a person can be booked, on one page."""
    return _page(request, _person(request, reference))


@signed_in
@require_POST
def week(request: HttpRequest, reference: str) -> HttpResponse:
    """Save the weekly pattern."""
    person = _person(request, reference)
    form = PatternForm(request.POST, rows=person.weekly_patterns.all())
    return _save(
        request,
        person,
        form,
        "pattern_form",
        lambda: actions.set_weekly_pattern(
            actor=request.actor, practitioner=person, stretches=form.stretches()
        ),
        "The week is saved.",
    )


@signed_in
@require_POST
def settings(request: HttpRequest, reference: str) -> HttpResponse:
    """Save notice, travel and term time."""
    person = _person(request, reference)
    form = DiarySettingsForm(request.POST)
    return _save(
        request,
        person,
        form,
        "settings_form",
        lambda: actions.change_diary(actor=request.actor, practitioner=person, **form.cleaned_data),
        "Notice and travel are saved.",
    )


@signed_in
@require_POST
def add_exception(request: HttpRequest, reference: str) -> HttpResponse:
    """Close or open days."""
    person = _person(request, reference)
    form = ExceptionForm(request.POST)
    return _save(
        request,
        person,
        form,
        "exception_form",
        lambda: actions.add_exception(actor=request.actor, practitioner=person, **form.values()),
        "The days are saved.",
    )


@signed_in
@require_POST
def remove_exception(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take days that differ out again."""
    person = _person(request, reference)
    try:
        actions.remove_exception(actor=request.actor, practitioner=person, exception_id=number)
    except NotFound:
        messages.info(request, "Those days were taken out before.")
    except DomainError as error:
        return _page(request, person, refusal=error)
    else:
        messages.success(request, "The days are taken out.")
    return redirect("bookings:diary", reference)


def _save(
    request: HttpRequest, person: Practitioner, form: BaseForm, name: str, act: Any, done: str
) -> HttpResponse:
    if form.is_valid():
        try:
            act()
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("bookings:diary", person.reference)
    forms: dict[str, Any] = {name: form}
    return _page(request, person, **forms)


def _page(
    request: HttpRequest,
    person: Practitioner,
    *,
    pattern_form: BaseForm | None = None,
    settings_form: BaseForm | None = None,
    exception_form: BaseForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    now = timezone.now()
    today = local(now).date()
    kept = queries.diary_of(person)
    initial = {
        "minimum_notice_days": kept.minimum_notice_days,
        "travel_minutes": kept.travel_minutes,
        "term_time_only": kept.term_time_only,
    }
    forms = {
        "pattern_form": pattern_form or PatternForm(rows=person.weekly_patterns.all()),
        "settings_form": settings_form or DiarySettingsForm(initial=initial),
        "exception_form": exception_form or ExceptionForm(),
    }
    wrong = refusal is not None or any(form.errors for form in forms.values())
    context = forms | {
        "person": person,
        "refusal": refusal,
        "exceptions": person.diary_exceptions.filter(last_day__gte=today),
        "year": academic_year(today),
        "load": queries.load_of(person, academic_year(today)),
        "session_labels": Session.labels,
        "days": _shown(queries.free_sessions(person, today, today + timedelta(weeks=WEEKS_SHOWN), now=now)),
        "may_cancel_days": bool(queries.sides_over(request.actor, person)),
        "terms_missing": kept.term_time_only and queries.term_dates_missing(person, today),
    }
    return render(request, "frontend/bookings/diary.html", context, status=422 if wrong else 200)


def _shown(days: tuple[DayAnswer, ...]) -> list[DayAnswer]:
    """Weekends are left out unless one is open."""
    return [answer for answer in days if answer.day.weekday() < SATURDAY or answer.free]


def _person(request: HttpRequest, reference: str) -> Practitioner:
    person = queries.diaries_editable_by(request.actor).filter(reference=reference).first()
    if person is None:
        raise NotFound
    return person
