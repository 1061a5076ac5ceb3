"""Whom a request for support could go to: providers whose offers fit, in the order of the published score."""

from collections.abc import Sequence

from django.utils import timezone

from marketplace.bookings.queries.quotes import vat_of
from marketplace.brokerage.models import SupportRequest
from marketplace.brokerage.queries.ranking import RankedProvider, ranked_providers
from marketplace.brokerage.queries.requests import askable_providers
from marketplace.catalogue.models import Offer
from marketplace.kernel.dates import local

SUGGESTED = 6
MOST_LOOKED_AT = 60


def suggested_providers(request: SupportRequest, limit: int = SUGGESTED) -> list[RankedProvider]:
    """Providers a request could go to beside those already chosen, the best fit first. The budget holds their VAT too."""
    chosen = set(request.invitations.values_list("provider", flat=True))
    askable = set(askable_providers(request).values_list("pk", flat=True))
    found = ranked_providers(
        request.theme,
        request.phase,
        request.school.school,
        request.half_days,
        request.remote_ok,
        request.budget_pence,
        MOST_LOOKED_AT,
    )
    return _within_budget(request, [each for each in found if each.provider_id in askable - chosen])[:limit]


def _within_budget(request: SupportRequest, found: Sequence[RankedProvider]) -> list[RankedProvider]:
    """Those whose price with VAT the budget holds; what has no price that can be worked out is kept."""
    budget, today = request.budget_pence, local(timezone.now()).date()
    if budget is None:
        return list(found)
    offers = Offer.objects.select_related(
        "current__support_type", "provider__school__trust", "provider__area"
    ).in_bulk([each.offer_reference for each in found], field_name="reference")

    def gross_pence(each: RankedProvider, net_pence: int) -> int:
        offer = offers[each.offer_reference]
        return net_pence + vat_of(offer.shown, offer.provider, request.school, net_pence, today=today)

    return [
        each for each in found if each.price_pence is None or gross_pence(each, each.price_pence) <= budget
    ]
