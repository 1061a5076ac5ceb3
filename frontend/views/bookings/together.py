"""Several dates as one order: where it stands, checking and placing it, approving, releasing and withdrawing it."""

from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.bookings import (
    ApprovalForm,
    ConsentForm,
    OptionalReasonForm,
    OrderForm,
    session_query,
)
from frontend.views.bookings import presenting
from frontend.views.bookings.ordering import approval_words, release_words, why_somebody_else
from frontend.views.tools import add_domain_error, signed_in, too_late
from marketplace.bookings import actions, queries
from marketplace.bookings.errors import HoldExpired
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries import DatesTogether
from marketplace.buyback import queries as buyback
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import academic_year, clock_words, local
from marketplace.kernel.days import format_days
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds


@signed_in
def dates_together(request: HttpRequest, reference: str) -> HttpResponse:
    """The dates of an order, each with its state, what can be done with all of them, and the history of the order."""
    together = queries.order_for(request.actor, reference)
    first = together.bookings[0]
    standing = _about(together) | {"buttons": _buttons(request.actor, together)}
    if request.htmx:  # something happened while the page was open
        return render(request, "frontend/bookings/_dates_standing.html", standing)
    context = standing | {
        "rows": [("Reference", reference), *presenting.payment_rows(first)[2:], *_who_and_what(together)],
        "terms": presenting.cancellation_terms(first),
        "history": history.of(together.order),
    }
    return render(request, "frontend/bookings/together.html", context)


@signed_in
def order_dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Check the dates while they are held, then order them all or let them go."""
    together = queries.order_for(request.actor, reference)
    held, now = together.in_state(BookingStatus.HELD), timezone.now()
    first = together.bookings[0]
    if len(held) < len(together.bookings) or not queries.may(request.actor, first, "order"):
        return redirect("bookings:dates_together", reference)
    if first.hold_expires_at <= now:
        return _too_late(request, together)
    form = OrderForm(
        request.POST or None,
        initial={"focus": first.focus},
        requirement=queries.requirement_of(first),
        evidence=list(buyback.complete_evidence_of(request.actor, first.receiving_school)),
        ways=queries.ways_to_pay_together(together),
    )
    if request.method == "POST":
        if "let_go" in request.POST:
            actions.withdraw_together(actor=request.actor, order=reference)
            messages.success(request, "The times are free for others again.")
            return redirect(_choose_again(together))
        if form.is_valid():
            try:
                actions.order_together(actor=request.actor, order=reference, **form.order())
            except HoldExpired:
                return _too_late(request, together)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, f"Order {reference} is placed.")
                return redirect("bookings:dates_together", reference)
    context = _about(together) | _to_check(request.actor, together, form, now)
    return render(request, "frontend/bookings/order_dates.html", context, status=422 if form.errors else 200)


@signed_in
def approve_dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Commit the school's money for all dates, or not."""
    together = queries.order_for(request.actor, reference)
    waiting = together.in_state(BookingStatus.AWAITING_APPROVAL)
    if not waiting or not queries.may(request.actor, waiting[0], "approve"):
        return _come_too_late(request, together, "decided")
    first = waiting[0]
    requirement = queries.requirement_of(first)
    form = ApprovalForm(
        request.POST or None,
        question="Do you approve this order?",
        yes="Yes, approve all dates",
        no="No, refuse all dates",
        hint="A reason is needed if you refuse. The person who ordered reads it.",
    )
    evidence = first.quotes_evidence
    minute = first.minute_reference or (evidence.minute_reference if evidence else "")
    if minute or not requirement.minute_needed:
        del form.fields["minute_reference"]
    if request.method == "POST" and form.is_valid():
        note, named = form.cleaned_data["note"], form.cleaned_data.get("minute_reference", "")
        try:
            if form.is_yes:
                actions.approve_together(
                    actor=request.actor, order=reference, note=note, minute_reference=named
                )
            else:
                actions.refuse_together(actor=request.actor, order=reference, reason=note)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Order approved." if form.is_yes else "Order refused.")
            return redirect("bookings:dates_together", reference)
    total = queries.order_pence_of(first)
    own = buyback.is_own_order(request.actor, requirement, first.requested_by_id)
    context = _about(together) | {
        "title": "Approve these dates?",
        "form": form,
        "rows": presenting.payment_rows(first)[2:],
        "sentences": [
            f"Together they take {pounds(total)} with VAT from the school’s budget.",
            why_somebody_else(requirement),
        ],
        "warnings": ["You ordered this yourself: somebody else has to approve it."] if own else [],
        "terms": presenting.cancellation_terms(first),
        "button": "Save the decision",
    }
    return _decided(request, form, context)


@signed_in
def consent_dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Release one's people on all dates that wait for it, or not, seeing their load."""
    together = queries.order_for(request.actor, reference)
    waiting = together.to_release(request.actor)
    if not waiting:
        return _come_too_late(request, together, "decided")
    loads = _loads(waiting)
    form = ConsentForm(
        request.POST or None,
        question="Do you release them for these visits?",
        yes="Yes, for all dates",
        no="No",
        hint="A reason is needed if you say no. The school and the provider read it.",
    )
    if all(left >= 0 for _, left in loads):
        del form.fields["beyond_agreed"]
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        try:
            if form.is_yes:
                actions.consent_together(
                    actor=request.actor,
                    order=reference,
                    note=data["note"],
                    beyond_agreed=data.get("beyond_agreed", False),
                )
            else:
                actions.refuse_release_together(actor=request.actor, order=reference, reason=data["note"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The visits are confirmed." if form.is_yes else "Release refused.")
            return redirect("bookings:dates_together", reference)
    context = _about(together, waiting) | {
        "title": "Release for these dates?",
        "form": form,
        "rows": presenting.visit_rows(waiting[0])[2:],
        "sentences": [sentence for sentence, _ in loads],
        "warnings": [f"{sentence} This is more than was agreed." for sentence, left in loads if left < 0],
        "button": "Save the decision",
    }
    return _decided(request, form, context)


@signed_in
def withdraw_dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back all dates that are not confirmed yet."""
    together = queries.order_for(request.actor, reference)
    now = timezone.now()
    open_rows = [b for b in together.bookings if "withdraw" in queries.verbs_for(request.actor, b, now=now)]
    if not open_rows:
        return _come_too_late(request, together, "withdrawn")
    form = OptionalReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_together(
                actor=request.actor, order=reference, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The dates are withdrawn.")
            return redirect("bookings:dates_together", reference)
    context = _about(together, open_rows) | {
        "title": "Withdraw these dates",
        "form": form,
        "sentences": [
            "They are not confirmed yet, so there is nothing to pay. The times become free for others."
        ],
        "button": "Withdraw them",
        "style": "warning",
    }
    return _decided(request, form, context)


# Words and rows --------------------------------------------------------------------------------------------------------


def _decided(request: HttpRequest, form: Any, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "frontend/bookings/decide_dates.html", context, status=status)


def _about(together: DatesTogether, bookings: list[Booking] | None = None) -> dict[str, Any]:
    shown = list(together.bookings) if bookings is None else bookings
    return {
        "order": together.order,
        "dates": [{"booking": booking, "when": presenting.when(booking)} for booking in shown],
        "total": sum(booking.net_pence for booking in shown),
    }


def _who_and_what(together: DatesTogether) -> list[tuple[str, Any]]:
    first = together.bookings[0]
    ordered = f"{together.order.requested_by}, for {together.order.receiving_school}"
    return [*presenting.visit_rows(first)[2:], ("Ordered by", ordered)]


def _buttons(actor: Actor, together: DatesTogether) -> list[dict[str, str]]:
    now = timezone.now()
    verbs = {verb for b in together.bookings for verb in queries.verbs_for(actor, b, now=now)}
    if len(together.in_state(BookingStatus.HELD)) < len(together.bookings):
        verbs -= {"order"}  # all of them or none
    return [
        {"text": text, "href": reverse(page, args=[together.order.reference]), "style": style}
        for verb, (text, page, style) in presenting.PAGES_OF_DATES.items()
        if verb in verbs
    ]


def _to_check(actor: Actor, together: DatesTogether, form: OrderForm, now: datetime) -> dict[str, Any]:
    first = together.bookings[0]
    releases = dict.fromkeys(release_words(booking) for booking in together.bookings)
    return {
        "form": form,
        "held_until": clock_words(local(first.hold_expires_at).time()),
        "minutes_left": max(1, ceil((first.hold_expires_at - now).total_seconds() / 60)),
        "rows": [
            *presenting.visit_rows(first)[2:],
            ("VAT", f"{pounds(together.vat_pence)} as things stand"),
            ("Paid by", f"{first.get_route_display()}. {first.route_reason}"),
            ("Approval", approval_words(actor, first)),
            ("Release", " ".join(releases)),
        ],
        "terms": presenting.cancellation_terms(first),
        "requirement": queries.requirement_of(first),
        "new_evidence": _new_evidence(together),
        "choose_again": _choose_again(together),
    }


def _loads(waiting: list[Booking]) -> list[tuple[str, int]]:
    """For each person a sentence on their year, and the half-days left after all of these dates."""
    found = []
    for person in {b.practitioner_id: b.practitioner for b in waiting}.values():
        mine = [b for b in waiting if b.practitioner_id == person.pk]
        year = academic_year(mine[0].day)
        load = queries.load_of(person, year)  # these dates are promised already
        sentence = (
            f"{person} in {year}: {format_days(load.agreed)} agreed, {format_days(load.used)} used,"
            f" {format_days(load.promised)} promised with these dates."
        )
        found.append((sentence, load.left))
    return found


def _new_evidence(together: DatesTogether) -> str:
    first = together.bookings[0]
    query = urlencode(
        {
            "organisation": first.receiving_school.reference,
            "subject": f"{first.offer_version.title}: {first.theme}",
            "pence": queries.order_pence_of(first),
            "offer": first.offer_version.offer.reference,
            "next": reverse("bookings:order_dates", args=[together.order.reference]),
        }
    )
    return f"{reverse('approvals:new_evidence')}?{query}"


def _too_late(request: HttpRequest, together: DatesTogether) -> HttpResponse:
    first = together.bookings[0]
    context = {
        "booking": first,
        "held_until": clock_words(local(first.hold_expires_at).time()),
        "when": "; ".join(presenting.when(booking) for booking in together.bookings),
        "choose_again": _choose_again(together),
    }
    return render(request, "frontend/bookings/hold_ended.html", context, status=409)


def _choose_again(together: DatesTogether) -> str:
    """The calendar with the dates as they were chosen."""
    first = together.bookings[0]
    person = first.practitioner.reference if len(together.people) == 1 else "any"
    query = {
        "offer": first.offer_version.offer.reference,
        "practitioner": person,
        "school": first.receiving_school.school.urn,
        "theme": first.theme.code,
        "phase": first.phase,
        "mode": first.mode,
        "several": 1,
        "month": f"{first.day:%Y-%m}",
        "chosen": [booking.day.isoformat() for booking in together.bookings],
    } | session_query(first.session)
    return f"{reverse('bookings:dates')}?{urlencode(query, doseq=True)}"


def _come_too_late(request: HttpRequest, together: DatesTogether, done: str) -> HttpResponse:
    """Back to the dates, for whoever comes when nothing can be `done` any more."""
    states = sorted({booking.get_status_display().lower() for booking in together.bookings})
    stands = f"the dates are {' or '.join(states)}"
    return too_late(request, done, stands, "bookings:dates_together", together.order.reference)
