"""Packages: what was granted, reserved, used and is left, every movement, carrying forward, and turning days into credits."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.balances import BalanceFilterForm, CarryDecisionForm, CarryForm, ConvertForm
from frontend.views.balances.shared import bookings_behind, tabs
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.actions.entitlements import (
    carries_with_approval,
    is_ordered_again,
    waits_for_an_order,
)
from marketplace.buyback.models import CarryStatus, Entitlement, InclusionKind
from marketplace.buyback.rules.drawing import amount_words
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound

SORTS = {
    "package": "line__description",
    "school": "holder__name",
    "granted": "granted",
    "reserved": "reserved",
    "used": "used",
    "left": "available",
    "until": "valid_to",
    "drawn": "drawn",
}


@signed_in
def index(request: HttpRequest) -> HttpResponseBase:
    """What the person's schools hold: for a trust's lead, all its schools."""
    rows = queries.entitlements_held_by(request.actor)
    if not request.actor.organisations(*queries.HOLDER_READERS) and queries.entitlements_sold(request.actor):
        return redirect("balances:sold")
    return _list(request, rows, "index", "Balances", "balances.csv")


@signed_in
def sold(request: HttpRequest) -> HttpResponseBase:
    """How much of what was sold is drawn down, and who has days about to lapse: for sellers, convenors and finance."""
    rows = queries.entitlements_sold(request.actor)
    return _list(request, rows, "sold", "What was sold and is drawn down", "sold.csv")


@signed_in
def entitlement(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One entitlement with every movement: who, when, for which booking, and what was left."""
    found = queries.entitlement_for(request.actor, reference, number)
    steps = queries.steps_of(found)
    today = local(timezone.now()).date()
    carry = getattr(found, "carry_request", None)
    answers = queries.may_answer_for(request.actor, found.holder_id)
    may_record = queries.may_record_use(request.actor, found)
    is_open = found.closed_at is None and found.valid_to >= today
    context = {
        "entitlement": found,
        "left": found.available,
        "steps": list(reversed(steps)),
        "bookings": bookings_behind(request.actor, [step.transfer for step in steps]),
        "history": history.of(found),
        "may_see_agreement": queries.agreements_visible_to(request.actor)
        .filter(pk=found.agreement_id)
        .exists(),
        "carry": carry,
        "may_decide": carry is not None
        and carry.status == CarryStatus.WAITING
        and queries.may_decide_for_seller(request.actor, found),
        "may_ask": answers
        and (is_open or (found.closed_at is None and waits_for_an_order(found, on=today)))
        and carry is None
        and bool(found.available)
        and carries_with_approval(found)
        and is_ordered_again(found),
        "may_convert": answers
        and is_open
        and bool(found.available)
        and found.unit == "half_days"
        and found.line.edition.exchange_rights,
        "is_days": found.kind == InclusionKind.DAYS,
        "uses": queries.recorded_uses_of(found),
        "may_record": may_record and queries.can_record_now(found, today=today),
        "may_take_back": may_record,
        "tabs": tabs(request, "index"),
    }
    return render(request, "frontend/balances/entitlement.html", context)


@signed_in
def carry(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Ask the seller to carry unused days into the next contract year."""
    found = _answered_for(request, reference, number)
    form = CarryForm(
        request.POST or None,
        entitlement=found,
        question="How much should be carried forward?",
        hint=f"{amount_words(found.available, found.unit)} left.",
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.request_carry_forward(actor=request.actor, entitlement=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{found.agreement.seller} is asked to carry them forward.")
            return redirect("balances:entitlement", reference, number)
    context = {
        "form": form,
        "entitlement": found,
        "title": "Ask to carry unused days forward",
        "explanation": f"{found.agreement.seller} decides. Without its word what is left lapses at the end of the year.",
        "button": "Ask the seller",
    }
    return render(request, "frontend/balances/ask.html", context, status=422 if form.errors else 200)


@signed_in
def carry_decide(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The seller lets unused days be carried forward, or not."""
    found = queries.entitlement_for(request.actor, reference, number)
    asked = getattr(found, "carry_request", None)
    if asked is None or not queries.may_decide_for_seller(request.actor, found):
        raise NotFound
    if asked.status != CarryStatus.WAITING:
        return redirect("balances:entitlement", reference, number)
    form = CarryDecisionForm(
        request.POST or None,
        question="Do you carry these forward into the next contract year?",
        yes="Yes, carry them forward",
        no="No, they lapse",
        hint="A reason is needed if you say no. The school reads it.",
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide_carry_forward(
                actor=request.actor, request=asked, approve=form.is_yes, note=form.cleaned_data["note"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The school is told.")
            return redirect("balances:entitlement", reference, number)
    context = {
        "form": form,
        "entitlement": found,
        "carry": asked,
        "title": "Carry unused days forward?",
        "button": "Send the answer",
    }
    return render(request, "frontend/balances/ask.html", context, status=422 if form.errors else 200)


@signed_in
def convert(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Turn unused days into credits of the bank of days."""
    found = _answered_for(request, reference, number)
    form = ConvertForm(
        request.POST or None,
        entitlement=found,
        question="How many days become credits?",
        hint=f"{amount_words(found.available, found.unit)} left. Half a day becomes one credit.",
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.convert_to_credits(actor=request.actor, entitlement=found, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The credits are in your bank of days.")
            return redirect("balances:holder", found.holder.reference)
    context = {
        "form": form,
        "entitlement": found,
        "title": "Turn unused days into credits",
        "explanation": "Credits do not lapse, can be spent with every school that lends people, and can’t be turned back into days.",
        "button": "Turn them into credits",
    }
    return render(request, "frontend/balances/ask.html", context, status=422 if form.errors else 200)


def _answered_for(request: HttpRequest, reference: str, number: int) -> Any:
    """The entitlement, for those who decide what becomes of it; to others it isn't there."""
    found = queries.entitlement_for(request.actor, reference, number)
    if not queries.may_answer_for(request.actor, found.holder_id):
        raise NotFound
    return found


# Lists ---------------------------------------------------------------------------------------------------------------


def _list(
    request: HttpRequest, rows: QuerySet[Entitlement], name: str, title: str, filename: str
) -> HttpResponseBase:
    form = BalanceFilterForm(request.GET)
    today = local(timezone.now()).date()
    balanced = queries.with_balances(rows).annotate(drawn=(F("used") + F("reserved")) * 100 / F("granted"))
    lapsing = queries.lapsing(balanced, today=today)
    found = _sorted(request, _filtered(form, balanced, lapsing))
    if request.GET.get("format") == "csv":
        return csv_response(_csv(found), filename)
    context = {
        "title": title,
        "name": name,
        "filter_form": form,
        "page": page_of(request, found),
        "lapsing": lapsing.count(),
        "soon": {row.pk: (row.valid_to - today).days for row in lapsing},
        "tabs": tabs(request, name),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/balances/list.html", context)


def _filtered(
    form: BalanceFilterForm, rows: QuerySet[Entitlement], lapsing: QuerySet[Entitlement]
) -> QuerySet[Entitlement]:
    if not form.is_valid():
        return rows
    state, text = form.cleaned_data["state"], form.cleaned_data["q"].strip()
    if state == "lapsing":
        rows = lapsing
    elif state:
        rows = rows.filter(closed_at__isnull=state == "open")
    if text:
        rows = rows.filter(
            Q(holder__name__icontains=text)
            | Q(line__description__icontains=text)
            | Q(agreement__reference__iexact=text)
        )
    return rows


def _sorted(request: HttpRequest, rows: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
    asked = request.GET.get("sort", "until")
    field = SORTS.get(asked.removeprefix("-"), "valid_to")
    return rows.order_by(f"-{field}" if asked.startswith("-") else field, "-pk")


def _csv(rows: QuerySet[Entitlement]) -> Iterator[tuple[object, ...]]:
    yield (
        "School",
        "Seller",
        "Agreement",
        "Package",
        "Kind",
        "Unit",
        "Granted",
        "Reserved",
        "Used",
        "Left",
        "Lapsed",
        "Carried over",
        "Turned into credits",
        "From",
        "Until",
    )
    for row in rows.iterator(chunk_size=500):
        yield (
            row.holder.name,
            row.agreement.seller.name,
            row.agreement.reference,
            row.line.description,
            row.get_kind_display(),
            row.unit.replace("_", "-"),
            row.granted,
            row.reserved,
            row.used,
            row.available,
            row.expired,
            row.carried,
            row.converted,
            row.valid_from.isoformat(),
            row.valid_to.isoformat(),
        )
