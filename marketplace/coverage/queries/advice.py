"""Advice on commissioning: for convenors alone, since it names providers and what they cost."""

from django.db.models import QuerySet

from marketplace.coverage.models import Advice
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area


def advice_of(actor: Actor, area: Area | None = None) -> QuerySet[Advice]:
    """Every advice of the areas the person convenes (or of one of them), newest first; the answers are left unread."""
    rows = Advice.objects.select_related("area", "theme", "ward").defer("result", "ward__geometry")
    if not actor.is_system:
        rows = rows.filter(area__in=actor.in_area(Role.CONVENOR))
    return rows if area is None else rows.filter(area=area)


def advice_for(actor: Actor, reference: str) -> Advice:
    """One advice with its answer. Raises `NotFound`."""
    rows = advice_of(actor).select_related("snapshot").defer(None).defer("ward__geometry")
    found = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
