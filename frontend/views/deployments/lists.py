"""The list of deployments, the page of one with its whole chain, and the agreement as a PDF."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from frontend.forms.deployments import DeploymentFilterForm
from frontend.pdf import pdf_response
from frontend.views.deployments import presenting
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.brokerage import queries
from marketplace.brokerage.models import Deployment
from marketplace.brokerage.rules.deployments import HEADS
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS
from marketplace.kernel.dates import local

SORTS = {
    "school": "receiving_school__name",
    "person": "practitioner__name",
    "starts": "starts_on",
    "days": "half_days",
    "status": "status",
}
HEADINGS = (
    "Reference",
    "Status",
    "Receiving school",
    "URN",
    "Practitioner",
    "Released by",
    "Provider",
    "Theme",
    "Phase",
    "Days agreed",
    "Days given",
    "First day",
    "Last day",
    "Price before VAT",
    "Last review",
    "Worst rating of the last review",
)


@signed_in
def deployments(request: HttpRequest) -> HttpResponseBase:
    """The deployments the person has to do with, filtered and sorted, as a page or as CSV."""
    form = DeploymentFilterForm(request.GET)
    rows = _sorted(request, queries.with_standing(_filtered(request, form)))
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "deployments.csv")
    context = {
        "filter_form": form,
        "page": page_of(request, rows),
        "csv_query": query_string(request, page=None, format="csv"),
        "may_begin": bool(request.actor.organisations(*SCHOOL_BUYERS)),
    }
    return render(request, "frontend/deployments/list.html", context)


@signed_in
def deployment(request: HttpRequest, reference: str) -> HttpResponse:
    """Need, objectives, visits, reviews, evaluation: the chain from top to bottom, and what the person can do next."""
    found = _with_chain(request, reference)
    actor, today = request.actor, local(timezone.now()).date()
    in_force = found.version_in_force
    taken, given = queries.half_days_taken(found), queries.half_days_given(found)
    visits = [presenting.visit_shown(visit, today) for visit in queries.visits_of(found)]
    overseer = queries.is_overseer_only(actor, found)
    agreed_sides = {each.capacity for each in found.standing_consents}
    own_sides = {each.value for each in queries.capacities_of(actor, found) if each in HEADS}
    context = _agreement(request, found, in_force or found.version) | {
        "verbs": queries.verbs_for_deployment(actor, found),
        "to_sign": queries.capacities_to_sign(actor, found),
        "signatures": presenting.signatures(found, queries.signatures_of(found)),
        "fallen": presenting.fallen(found),
        "need_rows": presenting.need_rows(actor, found),
        "sees_need": queries.sees_need(actor, found),
        "visits": visits,
        "visits_to_come": [each for each in visits if each["booking"].ends_at > timezone.now()],
        "taken": taken,
        "given": given,
        "reviews": list(found.reviews.all()),
        "mid_point": getattr(found, "mid_point", None),
        "evaluation": getattr(found, "evaluation", None),
        "next": presenting.what_comes_next(found, given=given, taken=taken),
        "concerns": queries.concerns_visible_to(actor).filter(deployment=found),
        "is_overseer": overseer,
        "may_fund": queries.may_fund(actor, found),
        "funding_rows": presenting.funding_rows(queries.funding_of_deployment(found)),
        "agreed_sides": agreed_sides,
        "may_agree_to_share": not own_sides <= agreed_sides,
        "may_take_back": bool(own_sides & agreed_sides),
        "history": history.of(found),
    }
    return render(request, "frontend/deployments/deployment.html", context)


@signed_in
def agreement_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The agreement in force, or on the table, with its signatures, as a tagged PDF."""
    found = _with_chain(request, reference)
    number = found.version_in_force or found.version
    context = _agreement(request, found, number) | {
        "signatures": presenting.signatures(found, queries.signatures_of(found, number)),
        "printed_on": local(timezone.now()).date(),
    }
    page = render_to_string("frontend/deployments/agreement_pdf.html", context)
    return pdf_response(page, f"{found.reference}.pdf")


def _with_chain(request: HttpRequest, reference: str) -> Deployment:
    """The deployment with all that was said under it, read at once."""
    queries.deployment_for(request.actor, reference)
    rows = queries.with_chain(queries.deployments_visible_to(request.actor))
    found: Deployment = rows.get(reference=reference)
    return found


def _agreement(request: HttpRequest, found: Deployment, number: int) -> dict[str, Any]:
    terms = queries.agreement_terms_of(found, number)
    return {
        "deployment": found,
        "number": number,
        "terms": terms,
        "parties": presenting.party_rows(found),
        "terms_rows": presenting.terms_rows(
            terms, with_background=not queries.is_overseer_only(request.actor, found)
        ),
        "objectives": [(each, presenting.objective_rows(each)) for each in terms.objectives],
        "price_lines": presenting.price_lines(terms),
    }


def _filtered(request: HttpRequest, form: DeploymentFilterForm) -> QuerySet[Deployment]:
    rows = queries.deployments_visible_to(request.actor)
    if not form.is_valid():
        return rows
    given = form.cleaned_data
    if text := given["q"]:
        rows = rows.filter(
            Q(reference__iexact=text)
            | Q(practitioner__name__icontains=text)
            | Q(receiving_school__name__icontains=text)
            | Q(provider__name__icontains=text)
        )
    if given["status"]:
        rows = rows.filter(status=given["status"])
    return queries.case_studies(rows) if given["case_study"] else rows


def _sorted(request: HttpRequest, rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    asked = request.GET.get("sort", "-starts")
    column = SORTS.get(asked.removeprefix("-"), "starts_on")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "pk")


def _csv(rows: QuerySet[Deployment]) -> Iterator[tuple[object, ...]]:
    yield HEADINGS
    for row in rows:
        yield (
            row.reference,
            row.get_status_display(),
            row.receiving_school.name,
            row.receiving_school.school.urn,
            row.practitioner.name,
            row.releasing_organisation.name,
            row.provider.name,
            row.theme.name,
            row.get_phase_display(),
            row.half_days / 2,
            (row.given or 0) / 2,
            row.starts_on.isoformat(),
            row.ends_on.isoformat(),
            f"{row.net_pence / 100:.2f}",
            row.last_review.isoformat() if row.last_review else "",
            row.worst_rag or "",
        )
