"""Prices of packages on sale, to be taken into quotes evidence."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.approvals import PackageSearchForm
from frontend.views.tools import page_of, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import QuotesEvidence
from marketplace.buyback.queries import SchoolPrice, Wish
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound

PACKAGES_ON_A_PAGE = 10


@signed_in
def ask_packages(request: HttpRequest, reference: str) -> HttpResponse:
    """Prices of packages for this school and so many years, to put into the evidence."""
    evidence = queries.evidence_for(request.actor, reference)
    school = getattr(evidence.organisation, "school", None)
    if school is None:
        raise NotFound
    form = PackageSearchForm(request.GET or None, initial={"years": 1})
    text, years = (
        (form.cleaned_data["q"].strip(), int(form.cleaned_data["years"])) if form.is_valid() else ("", 1)
    )
    today = local(timezone.now()).date()
    if request.method == "POST":
        package, _, window = request.POST.get("package", "").partition(" ")
        quote = actions.ask_package(
            actor=request.actor,
            evidence=evidence,
            edition=queries.edition_on_sale(package, window, on=today),
            years=years,
            level=request.POST.get("level", "")[:100],
        )
        messages.success(request, f"{quote}’s price is in the evidence.")
        return redirect(request.get_full_path())
    found = queries.packages_matching(evidence.organisation, text, years=years, on=today)
    page = page_of(request, found, PACKAGES_ON_A_PAGE)
    wishes = [
        Wish(edition, school, years, level)
        for edition in page
        for level in queries.levels_of(edition) or ("",)
    ]
    context = {
        "evidence": evidence,
        "form": form,
        "page": page,
        "years": years,
        "priced": [_priced(price, evidence) for price in queries.prices_for(wishes, on=today)],
    }
    return render(request, "frontend/approvals/ask_packages.html", context)


def _priced(price: SchoolPrice, evidence: QuotesEvidence) -> dict[str, Any]:
    """A package with its price for the school and the whole term, or why there is none."""
    edition = price.wish.edition
    explained = price.term_explained()
    return {
        "edition": edition,
        "level": price.wish.level,
        "key": f"{edition.package.reference} {edition.window.reference}",
        "is_in": any(quote.edition_id == edition.pk for quote in evidence.quotes.all()),
        "why_not": price.problem,
        "pence": explained.get("total_pence"),
        "lines": [{"text": line["sentence"], "amount": line["pence"]} for line in explained.get("lines", [])],
    }
