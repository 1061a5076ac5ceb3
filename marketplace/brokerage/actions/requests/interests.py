"""Whoever decides on public money has no interest in those it could go to."""

from marketplace.brokerage import queries
from marketplace.brokerage.errors import HasInterest
from marketplace.kernel.access import Actor
from marketplace.organisations.models import Organisation


def check_no_interest(actor: Actor, provider: Organisation) -> None:
    """Raise `HasInterest` where the person belongs to the provider."""
    if queries.has_own_interest(actor, provider.pk):
        raise HasInterest(
            f"You belong to {provider}, which answered this request, so you can’t decide it.",
            remedy="Somebody of your school who has no interest in any of the providers has to.",
        )
