"""The same again next year: both prices side by side, and one button that fills the basket."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.views.agreements import presenting
from frontend.views.tools import signed_in
from marketplace.buyback import actions, queries
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError


@signed_in
def renew(request: HttpRequest, reference: str) -> HttpResponse:
    """This year's packages beside next year's; on POST they go into the basket."""
    agreement = queries.agreement_for(request.actor, reference)
    refusal = None
    if request.method == "POST":
        try:
            renewed = actions.renew_agreement(actor=request.actor, agreement=agreement)
        except DomainError as error:
            refusal = error
        else:
            for sentence in renewed.left_out:
                messages.info(request, f"Left out. {sentence}")
            messages.success(request, "The same again is in your basket. Look it over and order it there.")
            return redirect("buyback:basket", renewed.basket.reference)
    today = local(timezone.now()).date()
    renewal = queries.renewal_of(agreement, on=today)
    context = {
        "agreement": agreement,
        "renewal": renewal,
        "is_time_to_say_no": today <= renewal.notice_by,
        "rows": presenting.party_rows(agreement),
        "may_renew": queries.may_with_agreement(request.actor, agreement, "renew"),
        "followed_by": queries.following(agreement).first(),
        "refusal": refusal,
    }
    return render(request, "frontend/agreements/renew.html", context, status=422 if refusal else 200)
