"""Needs that schools called met since a time."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import Need, NeedStatus
from marketplace.coverage.queries.access import Sight
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import HistoryEntry


def needs_met_since(sight: Sight, since: datetime) -> Sequence[Need]:
    """Needs of the area's schools that are met and were called so after `since`, the latest first, for a convenor."""
    if not sight.exact:
        raise NotFound
    said = HistoryEntry.objects.filter(
        subject_type=Need._meta.label_lower, verb="meet", after=NeedStatus.MET, at__gt=since
    )
    met = brokerage.needs_visible_to(SYSTEM).filter(
        school__school__area=sight.area, status=NeedStatus.MET, pk__in=said.values("subject_id")
    )
    return list(met.order_by("-pk"))
