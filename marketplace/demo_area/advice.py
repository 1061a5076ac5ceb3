"""Advice that a convenor of the area asked for: one for all its gaps, one for part of them with limits. A worker refines them."""

from marketplace.coverage import actions
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Membership, OrganisationKind, Phase
from marketplace.organisations.queries import actor_for

BUDGET_PENCE = 20_000_00
FOR_SECONDARY_PENCE = 8_000_00


def ask_about_gaps(area: Area) -> None:
    """Asked after the area was worked out."""
    held = Membership.objects.filter(
        role=Role.CONVENOR,
        ended_at__isnull=True,
        organisation__kind=OrganisationKind.LOCAL_AUTHORITY,
        organisation__area=area,
    )
    convenor = held.select_related("user").order_by("pk").first()
    if convenor is None:
        return
    actor = actor_for(convenor.user)
    actions.ask_for_advice(
        actor=actor, area=area, budget_pence=FOR_SECONDARY_PENCE, phase=Phase.SECONDARY, limit_owners=True
    )
    actions.ask_for_advice(actor=actor, area=area, budget_pence=BUDGET_PENCE)
