"""Complaints: the list, one of them, and what each side and the convenor do with it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.quality import (
    AnswerForm,
    ComplaintFilterForm,
    ComplaintForm,
    FindingForm,
    NoteForm,
)
from frontend.templatetags.ui.words import day
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.queries import courses
from marketplace.brokerage import actions, queries, rules
from marketplace.brokerage.models import Complaint, ComplaintStatus
from marketplace.brokerage.models.complaints import OPEN
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import Organisation

SORTS = {"raised": "raised_at", "school": "school__name", "provider": "provider__name", "status": "status"}
READERS = queries.COMPLAINERS | queries.COMPLAINT_ANSWERERS


@signed_in
def complaints(request: HttpRequest) -> HttpResponseBase:
    """The complaints one may read, the newest first."""
    if not (request.actor.organisations(*READERS) or request.actor.in_area(Role.CONVENOR)):
        raise NotFound
    form = ComplaintFilterForm(request.GET)
    rows = _filtered(queries.complaints_visible_to(request.actor), form)
    asked = request.GET.get("sort", "-raised")
    column = SORTS.get(asked.removeprefix("-"), "raised_at")
    rows = rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")
    if request.GET.get("format") == "csv":
        headings = ["Reference", "School", "Provider", "About", "Raised", "Answer due", "Status"]
        lines = (
            [c.reference, c.school, c.provider, c.get_subject_display(), c.raised_at, c.answer_due_on,
             c.get_status_display()]
            for c in rows
        )  # fmt: skip
        return csv_response([headings, *lines], "complaints.csv")
    context = {
        "page": page_of(request, rows),
        "filter_form": form,
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/quality/complaints.html", context)


@signed_in
def complaint(request: HttpRequest, reference: str) -> HttpResponse:
    """One complaint: what was said, what was answered, what was found, and what the person may do now."""
    row = queries.complaint_for(request.actor, reference)
    context = {"complaint": row, "ways": _ways(request.actor, row), "history": history.of(row)}
    return render(request, "frontend/quality/complaint.html", context)


@signed_in
@not_repeated
def complain(request: HttpRequest, reference: str) -> HttpResponse:
    """Complain about a booking, or about places on a course."""
    about = _about(request.actor, reference)
    form = ComplaintForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.raise_complaint(
                actor=request.actor,
                school=about.school,
                provider=about.provider,
                booking=about.booking,
                **form.cleaned_data | {"details": about.detailed(form.cleaned_data["details"])},
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Complaint {row.reference} is with {about.provider}.")
            return redirect("quality:complaint", row.reference)
    context = {"form": form, "about": about, "days": rules.ANSWER_DUE_WORKING_DAYS}
    return render(request, "frontend/quality/complain.html", context, status=422 if form.errors else 200)


class About(NamedTuple):
    """What a complaint is about: between whom, what it is called, and its page. `booking` where it is one."""

    school: Organisation
    provider: Organisation
    words: str
    page: str
    booking: Booking | None

    def detailed(self, details: str) -> str:
        """What the school wrote; a complaint that is tied to no booking says first what it is about."""
        return details if self.booking else f"{self.words}\n\n{details}"


def _about(actor: Actor, reference: str) -> About:
    """The booking or order of places the person may complain about; `NotFound` where there is none of this reference."""
    booking = bookings.visible_to(actor).filter(reference=reference).first()
    if booking is not None and queries.may_complain(actor, booking):
        words = f"{booking.reference}: {booking.practitioner}, {day(booking.day)}"
        page = reverse("bookings:booking", args=[reference])
        return About(booking.receiving_school, booking.provider, words, page, booking)
    order = courses.order_for(actor, reference)
    if not queries.may_complain_of_places(actor, order):
        raise NotFound
    words = f"{order.reference}: “{order.event.title}”, {day(order.event.starts_at)}"
    return About(order.school, order.event.provider, words, reverse("courses:order", args=[reference]), None)


@signed_in
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """The provider answers."""
    return _ask(
        request, reference, verb="answer", form_class=AnswerForm, title="Answer the complaint",
        button="Send the answer", act=actions.answer_complaint, done="Your answer is sent.",
    )  # fmt: skip


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """The school takes it back."""
    return _ask(
        request, reference, verb="withdraw", form_class=NoteForm, title="Withdraw the complaint",
        button="Withdraw it", act=actions.withdraw_complaint, done="The complaint is withdrawn.",
    )  # fmt: skip


@signed_in
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """The convenor finds."""
    return _ask(
        request, reference, verb="decide", form_class=FindingForm, title="Decide the complaint",
        button="Save the finding", act=actions.decide_complaint, done="Both sides are told what you found.",
    )  # fmt: skip


@signed_in
@require_POST
def settle(request: HttpRequest, reference: str) -> HttpResponse:
    """The school is content with the answer."""
    row = queries.complaint_for(request.actor, reference)
    try:
        actions.settle_complaint(actor=request.actor, complaint=row)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Settled. The provider and the convenor are told.")
    return redirect("quality:complaint", reference)


def _ask(
    request: HttpRequest,
    reference: str,
    *,
    verb: str,
    form_class: type[forms.Form],
    title: str,
    button: str,
    act: Callable[..., Any],
    done: str,
) -> HttpResponse:
    row = queries.complaint_for(request.actor, reference)
    if verb not in _ways(request.actor, row):
        return redirect("quality:complaint", reference)
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=request.actor, complaint=row, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("quality:complaint", reference)
    context = {"form": form, "complaint": row, "title": title, "button": button}
    return render(
        request, "frontend/quality/complaint_step.html", context, status=422 if form.errors else 200
    )


def _ways(actor: Actor, row: Complaint) -> list[str]:
    """What the person may do with it now: `answer`, `settle`, `withdraw`, `decide`."""
    ways = []
    if row.status == ComplaintStatus.RAISED and actor.holds(*queries.COMPLAINT_ANSWERERS, at=row.provider_id):
        ways.append("answer")
    if row.is_open and actor.holds(*queries.COMPLAINERS, at=row.school_id):
        ways += ["settle"] if row.status == ComplaintStatus.ANSWERED else []
        ways.append("withdraw")
    ready = rules.may_be_decided(
        is_answered=row.answered_at is not None,
        answer_due=row.answer_due_on,
        today=local(timezone.now()).date(),
    )
    if row.is_open and ready and queries.may_decide_complaint(actor, row):
        ways.append("decide")
    return ways


def _filtered(rows: QuerySet[Complaint], form: ComplaintFilterForm) -> QuerySet[Complaint]:
    chosen = form.cleaned_data if form.is_valid() else {}
    if words := chosen.get("q"):
        rows = rows.filter(
            Q(school__name__icontains=words) | Q(provider__name__icontains=words) | Q(reference__iexact=words)
        )
    if status := chosen.get("status"):
        rows = rows.filter(status__in=OPEN if status == "open" else [status])
    return rows
