"""A school's support category, and who else may read it. What is written here is written nowhere else: no event, no history line says it."""

from datetime import date

from django.utils import timezone

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.organisations.models import User
from marketplace.partnership import rules
from marketplace.partnership.actions.steps import lock_commission, must_be_in, today
from marketplace.partnership.errors import CommissionInvalid, MayNotKnow
from marketplace.partnership.events import ReaderNamed
from marketplace.partnership.models import (
    Commission,
    NeedToKnow,
    SupportCategory,
    SupportLevel,
)
from marketplace.partnership.models.commissions import OPEN
from marketplace.partnership.queries.commissions import roles_held

LONGEST_WHY = 200


@action
def set_category(
    *, actor: Actor, commission: Commission, level: str, since: date, reason: str
) -> SupportCategory:
    """Record the school's support category from a day on. The ones before stay as its history.

    The history of the commission says that a category was recorded, never which: see decision 32.
    """
    row = lock_commission(actor, commission, to="record a category")
    if level not in SupportLevel.values:
        raise CommissionInvalid("Choose the category.", remedy="Choose one of the four.", field="level")
    if since > today():
        raise CommissionInvalid(
            "That day has not come yet.", remedy="Choose today or a day before.", field="since"
        )
    made: SupportCategory = SupportCategory.objects.scoped().create(
        school_id=row.school_id,
        area_id=row.area_id,
        level=level,
        since=since,
        reason=rules.needed(reason, "reason", "Say why this category."),
        set_by_id=actor.user_id,
        set_by_name=actor.name,
    )
    history.write(row, verb="categorise", before=row.status, after=row.status, by=actor)
    return made


@action
def name_reader(*, actor: Actor, commission: Commission, user: User, why: str) -> NeedToKnow:
    """Let somebody read this commission and the school's category. Raises `MayNotKnow` for those who never do."""
    row = lock_commission(actor, commission, to="name readers")
    must_be_in(row, *OPEN, to="name readers")
    why = why.strip()
    if not why or len(why) > LONGEST_WHY:
        raise CommissionInvalid(
            "Say why they need to know.", remedy=f"Use up to {LONGEST_WHY} characters.", field="why"
        )
    school = row.school.school
    if refused := rules.why_may_not_know(roles_held(user.pk), school=school.pk, trust=school.trust_id):
        raise MayNotKnow(refused, remedy="Name somebody else.", field="email")
    found = NeedToKnow.objects.filter(commission=row, user=user, ended_at__isnull=True).first()
    if found is not None:
        return found
    made = NeedToKnow.objects.create(commission=row, user=user, why=why, added_by_name=actor.name)
    history.write(row, verb="name", before=row.status, after=row.status, by=actor, note=f"{user.name}: {why}")
    events.publish(ReaderNamed(made.pk))
    return made


@action
def unname_reader(*, actor: Actor, commission: Commission, reader: NeedToKnow) -> None:
    """Take the sight away again."""
    row = lock_commission(actor, commission, to="take sight away")
    ended = NeedToKnow.objects.filter(pk=reader.pk, commission=row, ended_at__isnull=True).update(
        ended_at=timezone.now()
    )
    if ended:
        history.write(
            row, verb="unname", before=row.status, after=row.status, by=actor, note=reader.user.name
        )
