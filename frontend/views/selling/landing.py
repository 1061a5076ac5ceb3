"""The front door of the buy-back: each role finds what it needs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.views.tools import signed_in
from marketplace.buyback import queries
from marketplace.buyback.models import BuyBackWindow, EditionStatus
from marketplace.buyback.rules.windows import standing
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation


@signed_in
def landing(request: HttpRequest) -> HttpResponse:
    """Windows for one's schools, packages for sellers, windows to set for convenors and finance officers; a seller’s finance its agreements."""
    buyer = queries.acting_buyer(request.actor)
    sellers = list(queries.sellers_of(request.actor))
    areas = list(queries.areas_with_windows_kept_by(request.actor))
    if buyer is None and not sellers and not areas:
        if request.actor.organisations(Role.FINANCE):
            return redirect("agreements:list")
        raise NotFound
    today = timezone.localdate()
    editions = queries.editions_kept_by(request.actor) if sellers else None
    context = {
        "buyer": buyer,
        "windows": [_window(buyer, each) for each in queries.windows_for(buyer, on=today)] if buyer else [],
        "coming": queries.next_windows_for(buyer, on=today) if buyer else [],
        "sellers": sellers,
        "on_sale": editions.filter(status=EditionStatus.PUBLISHED).count() if editions is not None else 0,
        "drafts": editions.filter(status=EditionStatus.DRAFT).count() if editions is not None else 0,
        "areas": areas,
    }
    return render(request, "frontend/selling/landing.html", context)


def _window(buyer: Organisation, window: BuyBackWindow) -> dict[str, Any]:
    basket = queries.open_basket(buyer, window)
    return {
        "window": window,
        "stands": standing(window.dates, timezone.localdate()),
        "basket": basket,
        "in_basket": basket.lines.count() if basket else 0,
        "href": reverse("buyback:order") + f"?for={buyer.reference}&window={window.reference}",
    }
