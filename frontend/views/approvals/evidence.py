"""Quotes evidence: the list, a new one, its page, its PDF, and closing it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from frontend.forms.approvals import EvidenceDetailsForm, EvidenceFilterForm, NewEvidenceForm
from frontend.pdf import pdf_response
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.bookings import queries as bookings
from marketplace.buyback import actions, queries
from marketplace.buyback.models import EvidenceStatus, QuotesEvidence
from marketplace.buyback.rules import NO_CONFLICT, Requirement, is_lowest, missing_from, prices
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations

SORTS = {"started": "created_at", "subject": "subject", "amount": "need_pence", "buyer": "organisation__name"}
BACK = "evidence_back"


@signed_in
def evidence_list(request: HttpRequest) -> HttpResponseBase:
    """The evidence of the person's organisations."""
    filters = EvidenceFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "quotes.csv")
    context = {
        "filter_form": filters,
        "page": page_of(request, rows),
        "csv_query": query_string(request, page=None, format="csv"),
        "may_start": bool(request.actor.organisations(*SCHOOL_BUYERS)),
    }
    return render(request, "frontend/approvals/evidence_list.html", context)


@signed_in
def new_evidence(request: HttpRequest) -> HttpResponse:
    """Begin: what, for whom, about how much. An order that needs evidence leads here with the answers filled in."""
    own = organisations.organisations_of(request.actor).filter(
        pk__in=request.actor.organisations(*SCHOOL_BUYERS)
    )
    if not own:
        raise NotAllowed("You can’t gather quotes.", remedy="Ask somebody who orders for your school.")
    form = NewEvidenceForm(request.POST or None, organisations=own, initial=_filled_in(request))
    if request.method == "POST" and form.is_valid():
        try:
            evidence = actions.start_evidence(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            _remember_way_back(request, evidence)
            messages.success(request, "Started. Now say who you asked, or take prices from the exchange.")
            return redirect("approvals:evidence", evidence.reference)
    context = {"form": form, "back": request.GET.get("next", "")}
    return render(
        request, "frontend/approvals/new_evidence.html", context, status=422 if form.errors else 200
    )


@signed_in
def evidence(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about the quotes on one page: who was asked, what they said, which is chosen and why."""
    found = queries.evidence_for(request.actor, reference)
    context = _page(request, found) | {
        "history": history.of(found),
        "way_back": request.session.get(BACK, {}).get(reference, ""),
        "details_form": _details_form(found),
    }
    return render(request, "frontend/approvals/evidence.html", context)


@signed_in
def details(request: HttpRequest, reference: str) -> HttpResponse:
    """Reasons, conflicts of interest and the minute."""
    found = queries.evidence_for(request.actor, reference)
    if found.status != EvidenceStatus.DRAFT or not queries.may_gather(request.actor, found.organisation):
        return redirect("approvals:evidence", reference)
    form = EvidenceDetailsForm(request.POST or None, initial=_details_form(found).initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.describe_evidence(actor=request.actor, evidence=found, **form.values())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("approvals:evidence", reference)
    context = _page(request, found) | {"form": form}
    return render(
        request, "frontend/approvals/evidence_details.html", context, status=422 if form.errors else 200
    )


@signed_in
@require_POST
def complete(request: HttpRequest, reference: str) -> HttpResponse:
    """Close the evidence for ever."""
    found = queries.evidence_for(request.actor, reference)
    actions.complete_evidence(actor=request.actor, evidence=found)
    messages.success(request, "The evidence is complete and stays as it is. You can attach it to an order.")
    return redirect("approvals:evidence", reference)


@signed_in
def evidence_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The evidence as a tagged PDF, for the minutes and the auditor."""
    found = queries.evidence_for(request.actor, reference)
    page = render_to_string("frontend/approvals/evidence_pdf.html", _page(request, found))
    return pdf_response(page, f"{found.reference}.pdf")


def _page(request: HttpRequest, evidence: QuotesEvidence) -> dict[str, Any]:
    pack = queries.pack_of(evidence)
    given = prices(pack.asked)
    lowest = given[0].price_pence if given else None
    requirement = _requirement(evidence)
    draft = evidence.status == EvidenceStatus.DRAFT
    orders = bookings.visible_to(request.actor).filter(quotes_evidence=evidence)
    agreements = queries.agreements_visible_to(request.actor).filter(quotes_evidence=evidence)
    return {
        "evidence": evidence,
        "requirement": requirement,
        "quotes": [
            {
                "quote": quote,
                "difference": quote.price_pence - lowest
                if quote.price_pence is not None and lowest is not None
                else None,
                "lines": [
                    {"text": line["sentence"], "amount": line["pence"]}
                    for line in quote.price.get("lines", [])
                ],
            }
            for quote in evidence.quotes.all()
        ],
        "prices_given": len(given),
        "chosen_is_lowest": is_lowest(pack.asked),
        "missing": missing_from(pack, requirement.quotes_needed) if draft else [],
        "may_change": draft and queries.may_gather(request.actor, evidence.organisation),
        "may_price_offers": hasattr(evidence.organisation, "school"),
        "uses": [*orders.select_related("approved_by"), *agreements.select_related("approved_by")],
        "bookings": orders.select_related("approved_by"),
        "agreements": agreements.select_related("approved_by"),
        "rows": _rows(evidence, requirement),
    }


def _requirement(evidence: QuotesEvidence) -> Requirement:
    """What the ladder asked for when the evidence was completed; what it asks for now, before."""
    if evidence.requirement:
        return queries.requirement_from_data(evidence.requirement)
    return queries.requirement_for(evidence.organisation, evidence.need_pence)


def _rows(evidence: QuotesEvidence, requirement: Requirement) -> list[tuple[str, Any]]:
    conflicts = {"": "Not declared yet", NO_CONFLICT: "None declared: nobody has an interest"}
    return [
        ("For", str(evidence.organisation)),
        ("Expected cost", f"{pounds(evidence.need_pence)}, VAT included"),
        ("What the ladder asks", requirement.words),
        ("Approved by", requirement.approver.in_full[0].upper() + requirement.approver.in_full[1:]),
        ("Why not the lowest", evidence.reason_not_lowest or "–"),
        ("Why fewer quotes", evidence.reason_fewer_quotes or "–"),
        ("Conflicts of interest", conflicts.get(evidence.conflicts, evidence.conflicts)),
        ("Minute reference", evidence.minute_reference or "–"),
    ]


def _details_form(evidence: QuotesEvidence) -> EvidenceDetailsForm:
    interest = {"": None, NO_CONFLICT: "none"}.get(evidence.conflicts, "some")
    return EvidenceDetailsForm(
        initial={
            "subject": evidence.subject,
            "need_pence": evidence.need_pence,
            "reason_not_lowest": evidence.reason_not_lowest,
            "reason_fewer_quotes": evidence.reason_fewer_quotes,
            "interest": interest,
            "conflicts": evidence.conflicts if interest == "some" else "",
            "minute_reference": evidence.minute_reference,
        }
    )


def _filled_in(request: HttpRequest) -> dict[str, Any]:
    """What the address says already: an order's page, a need or an offer leads here with it."""
    asked = request.GET
    return {
        "organisation": asked.get("organisation", ""),
        "subject": asked.get("subject", "")[:200],
        "need_pence": int(asked["pence"])
        if asked.get("pence", "").isdecimal() and len(asked["pence"]) < 11
        else None,
    }


def _remember_way_back(request: HttpRequest, evidence: QuotesEvidence) -> None:
    wanted = request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        request.session[BACK] = {**request.session.get(BACK, {}), evidence.reference: wanted}


def _filtered(request: HttpRequest, filters: EvidenceFilterForm) -> QuerySet[QuotesEvidence]:
    rows = queries.evidence_visible_to(request.actor)
    if filters.is_valid():
        if text := filters.cleaned_data["q"].strip():
            rows = rows.filter(Q(subject__icontains=text) | Q(reference__iexact=text))
        if status := filters.cleaned_data["status"]:
            rows = rows.filter(status=status)
    asked = request.GET.get("sort", "-started")
    column = SORTS.get(asked.removeprefix("-"), "created_at")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _csv(rows: QuerySet[QuotesEvidence]) -> Iterator[list[Any]]:
    yield [
        "Reference",
        "Status",
        "Buyer",
        "What",
        "Expected cost with VAT",
        "Supplier",
        "Asked",
        "Answer",
        "Price before VAT",
        "Chosen",
        "Minute",
    ]
    for row in rows:
        for quote in row.quotes.all():
            yield [
                row.reference,
                row.get_status_display(),
                row.organisation.name,
                row.subject,
                f"{row.need_pence / 100:.2f}",
                quote.supplier_name,
                quote.asked_on.isoformat(),
                quote.get_answer_display(),
                "" if quote.price_pence is None else f"{quote.price_pence / 100:.2f}",
                "yes" if quote.is_chosen else "",
                row.minute_reference,
            ]
