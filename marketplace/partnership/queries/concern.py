"""Support categories. Restricted: read through here by those who may see a commission of the school, and by the measures as a weight."""

from django.db.models import QuerySet

from marketplace.kernel.access import SYSTEM, Actor
from marketplace.organisations.models import Area, Organisation
from marketplace.partnership.models import Commission, SupportCategory
from marketplace.partnership.queries.commissions import commissions_visible_to


def categories_of(actor: Actor, commission: Commission) -> QuerySet[SupportCategory]:
    """The school's categories, the latest first, for somebody who may read the commission; none for anybody else."""
    rows = SupportCategory.objects.scoped().filter(school=commission.school_id, area=commission.area_id)
    return rows if commissions_visible_to(actor).filter(pk=commission.pk).exists() else rows.none()


def category_of(school: Organisation | int, area: Area | int) -> SupportCategory | None:
    """The category that counts now. Only actions of this capability and the weights ask here."""
    school_id = school if isinstance(school, int) else school.pk
    area_id = area if isinstance(area, int) else area.pk
    return SupportCategory.objects.scoped().filter(school=school_id, area=area_id).first()


def risks_in(actor: Actor, area: Area) -> dict[int, str]:
    """The level of each school of the area that has one, by its id: for the exchange, which weighs choices by it, and nobody else."""
    if actor != SYSTEM:
        return {}
    rows = SupportCategory.objects.scoped().filter(area=area).order_by("school", "-id").distinct("school")
    return dict(rows.values_list("school", "level"))
