"""Uses that sellers recorded by hand: who may record and take back, and what was recorded."""

from datetime import date

from django.db.models import QuerySet

from marketplace.buyback.models import Entitlement, InclusionKind, RecordedUse
from marketplace.buyback.queries.balances import entitlements_visible_to, may_decide_for_seller
from marketplace.buyback.rules.recording import last_day_to_record
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound


def may_record_use(actor: Actor, entitlement: Entitlement) -> bool:
    """Whether the person records what is used: a lead of the seller."""
    return actor.is_system or may_decide_for_seller(actor, entitlement)


def can_record_now(entitlement: Entitlement, *, today: date) -> bool:
    """Whether uses can be recorded on a day: places and reviews, from their first day to some weeks after their last."""
    begun = entitlement.valid_from <= today <= last_day_to_record(entitlement.valid_to)
    return entitlement.kind != InclusionKind.DAYS and begun


def recorded_uses_of(entitlement: Entitlement) -> QuerySet[RecordedUse]:
    """What was recorded of an entitlement, the latest use first, with who did it."""
    return RecordedUse.objects.filter(entitlement=entitlement).select_related("recorded_by", "taken_back_by")


def recorded_use_for(actor: Actor, reference: str, number: int, use: int) -> RecordedUse:
    """A recorded use by the agreement's reference and the numbers of both; `NotFound` where there is none."""
    rows = entitlements_visible_to(actor).filter(agreement__reference=reference, pk=number)
    found = (
        RecordedUse.objects.filter(entitlement__in=rows, pk=use)
        .select_related("entitlement__agreement__seller", "entitlement__line", "entitlement__holder")
        .first()
    )
    if found is None:
        raise NotFound
    return found
