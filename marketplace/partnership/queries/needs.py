"""Days the authority has commissioned and nobody has given yet: a layer of need of its own, never added to what schools declared."""

from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from marketplace.bookings import queries as bookings
from marketplace.brokerage.queries import TAKING_DAYS
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.organisations.models import Area
from marketplace.partnership.models import Commission
from marketplace.partnership.models.commissions import OPEN


class CommissionedNeed(NamedTuple):
    """An open commission as need, in half-days still to be given: what was commissioned less what is booked for it."""

    id: int
    school: int
    theme: int
    phase: str
    stated: int
    booked: int

    @property
    def half_days(self) -> int:
        return max(0, self.stated - self.booked)


def commissioned_needs(actor: Actor, area: Area) -> list[CommissionedNeed]:
    """The open commissions of an area, for its convenors and the exchange; nothing for anybody else. One query."""
    if not actor.convenes(area.pk):
        return []
    rows = Commission.objects.scoped().filter(area=area, status__in=OPEN).order_by("pk")
    return [
        CommissionedNeed(*row)
        for row in rows.annotate(booked=Coalesce(Subquery(_booked()), 0)).values_list(
            "pk", "school", "theme", "phase", "half_days", "booked"
        )
    ]


def _booked() -> QuerySet[Any]:
    """Half-days that bookings paid for under the commission, or visits of its deployment, take up."""
    of_commission = Q(commission_visit__commission=OuterRef("pk")) | Q(
        deployment_visit__deployment=OuterRef("deployment")
    )
    rows = bookings.visible_to(SYSTEM).filter(of_commission, status__in=TAKING_DAYS).order_by()
    return rows.annotate(all=Value(1)).values("all").annotate(total=Sum("half_days")).values("total")


def commissioned_total(actor: Actor, area: Area) -> tuple[int, int] | None:
    """Half-days still to be given under open commissions and the number of schools; `None` where the person may not know."""
    if area.pk not in actor.in_area(Role.CONVENOR):
        return None
    needs = [each for each in commissioned_needs(actor, area) if each.half_days]
    return sum(each.half_days for each in needs), len({each.school for each in needs})
