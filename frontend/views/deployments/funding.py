"""The authority says from which of its funding streams it pays for a deployment."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.forms.approvals import FundForm
from frontend.views.deployments import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.brokerage import actions, queries
from marketplace.kernel.errors import DomainError, NotAllowed


@signed_in
def fund(request: HttpRequest, reference: str) -> HttpResponse:
    """Name the funding stream that pays for the visits of its year."""
    found = queries.deployment_for(request.actor, reference)
    if not queries.may_fund(request.actor, found):
        raise NotAllowed(
            "You can’t say how the authority pays for this deployment.",
            remedy="This is for the convenor of the school’s area, where the agreement says that the authority pays.",
        )
    choices = queries.streams_to_fund(request.actor, found)
    usable = [(stream, hint) for stream, hint, why_not in choices if not why_not]
    form = FundForm(request.POST or None, streams=usable)
    if request.method == "POST" and form.is_valid():
        try:
            actions.fund_deployment(actor=request.actor, deployment=found, stream=form.chosen)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{form.chosen} pays for visits of {form.chosen.financial_year}.")
            return redirect("deployments:deployment", reference)
    context = {
        "form": form,
        "deployment": found,
        "terms": queries.terms_in_force(found) or queries.agreement_terms_of(found),
        "years": queries.years_to_fund(found),
        "funding_rows": presenting.funding_rows(queries.funding_of_deployment(found)),
        "usable": usable,
        "refused": [(stream, why_not) for stream, _, why_not in choices if why_not],
    }
    return render(request, "frontend/deployments/fund.html", context, status=422 if form.errors else 200)
