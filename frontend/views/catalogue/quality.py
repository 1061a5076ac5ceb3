"""Quality assurance: the convenor's queue, and one version to judge."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.catalogue import ReturnForm
from frontend.views.catalogue import presenting
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.catalogue import actions, queries
from marketplace.catalogue.models import Offer, OfferVersion, VersionStatus
from marketplace.kernel.access import Role
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations.models import OrganisationKind

SORTS = {"handed_in": "submitted_at", "title": "title", "provider": "offer__provider__name"}


@signed_in
def quality(request: HttpRequest) -> HttpResponseBase:
    """What waits to be judged, the longest waiting first."""
    if not request.actor.in_area(Role.CONVENOR):
        raise NotFound
    asked = request.GET.get("sort", "handed_in")
    column = SORTS.get(asked.removeprefix("-"), "submitted_at")
    rows = queries.to_review(request.actor).order_by(f"-{column}" if asked.startswith("-") else column, "pk")
    if words := request.GET.get("q", "").replace("\x00", "").strip()[:100]:
        rows = rows.filter(title__icontains=words)
    if request.GET.get("format") == "csv":
        lines = ([v.offer.reference, v.title, v.offer.provider.name, _kind(v), v.submitted_at] for v in rows)
        return csv_response(
            [["Reference", "Title", "Provider", "New or changed", "Handed in"], *lines], "offers-to-judge.csv"
        )
    page = page_of(request, rows)
    page.object_list = [{"version": version, "kind": _kind(version)} for version in page.object_list]
    context = {"page": page, "q": words, "csv_query": query_string(request, page=None, format="csv")}
    return render(request, "frontend/catalogue/quality.html", context)


@signed_in
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """One version to judge: what it says, what has changed, what schools would pay, and the two decisions."""
    offer = queries.offer_for(request.actor, reference)
    if not queries.convenes(request.actor, offer.provider):
        raise NotFound
    version = queries.version_in_work(offer)
    if version is None or version.status != VersionStatus.SUBMITTED:
        return render(request, "frontend/catalogue/judged.html", {"offer": offer})
    form = ReturnForm(request.POST if request.POST.get("decision") == "return" else None)
    if request.method == "POST":
        answer = _decide(request, offer, form)
        if answer:
            return answer
    context = {
        "offer": offer,
        "version": version,
        "form": form,
        "refusal": _refusal(request, offer, version),
        "is_la_service": offer.provider.kind == OrganisationKind.LA_SERVICE,
        "sections": [
            {"title": "What it is", "rows": presenting.about_rows(version)},
            {"title": "How it is given", "rows": presenting.delivery_rows(version)},
            {
                "title": "Price and terms",
                "rows": [*presenting.price_rows(version), *presenting.terms_rows(version)],
            },
        ],
        "changes": presenting.changes_between(offer.current, version) if offer.current else [],
        "examples": presenting.example_prices(version, timezone.localdate()),
        "terms": presenting.cancellation_terms(version),
        "history": queries.history_of(offer),
    }
    return render(request, "frontend/catalogue/review.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, offer: Offer, form: ReturnForm) -> HttpResponse | None:
    """Publish or return; `None` where the reason is missing or a rule said no, which then stands on the form."""
    if request.POST.get("decision") == "publish":
        actions.approve_offer(actor=request.actor, offer=offer)
        messages.success(request, "Published.")
        return redirect("catalogue:quality")
    if not form.is_valid():
        return None
    try:
        actions.return_offer(actor=request.actor, offer=offer, reason=form.cleaned_data["reason"])
    except DomainError as error:
        add_domain_error(form, error)
        return None
    messages.success(request, "Returned to the provider with your reasons.")
    return redirect("catalogue:quality")


def _refusal(request: HttpRequest, offer: Offer, version: OfferVersion) -> str:
    try:
        actions.check_may_judge(request.actor, offer, version)
    except NotAllowed as error:
        return str(error)
    return ""


def _kind(version: OfferVersion) -> Any:
    return "New offer" if version.offer.current_id is None else f"Version {version.number}"
