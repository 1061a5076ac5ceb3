"""Whom a request for support could go to: providers whose offers fit, in the order of the published score."""

from marketplace.brokerage.models import SupportRequest
from marketplace.brokerage.queries.ranking import RankedProvider, ranked_providers
from marketplace.brokerage.queries.requests import askable_providers

SUGGESTED = 6
MOST_LOOKED_AT = 60


def suggested_providers(request: SupportRequest, limit: int = SUGGESTED) -> list[RankedProvider]:
    """Providers a request could go to beside those already chosen, the best fit first."""
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
    return [each for each in found if each.provider_id in askable - chosen][:limit]
