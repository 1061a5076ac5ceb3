"""Who has said what of their interests: declared some, nothing to declare, or nothing said.

Read by those who read the declarations themselves, of the same people.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils import timezone

from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.work import WorkItem
from marketplace.organisations import rules
from marketplace.organisations.models import InterestDeclaration, InterestStatus, NilReturn, User
from marketplace.organisations.queries.interests import people_overseen_by

DECLARED, NOTHING, SILENT = "declared", "nothing", "silent"
STATES = {DECLARED: "Has declared interests", NOTHING: "Nothing to declare", SILENT: "Has not said"}


def returns_of_others(actor: Actor) -> QuerySet[User]:
    """The people one answers for, each with `said` (one of `STATES`), `said_at` and `organisations`, by name."""
    return _with_said(people_overseen_by(actor)).order_by("name", "pk")


def nil_return_of(actor: Actor) -> datetime | None:
    """When the person last said that they have nothing to declare; `None` where they declared something since, or never did."""
    if actor.user_id is None:
        return None
    row = _with_said(User.objects.filter(pk=actor.user_id)).filter(said=NOTHING).first()
    return row.said_at if row else None


def nil_returns_since_before(day: date) -> QuerySet[User]:
    """People who said so last on that day or before and have declared nothing since, each with `said_at`. For reminders."""
    return _with_said(User.objects.filter(is_active=True)).filter(said=NOTHING, said_at__date__lte=day)


def _with_said(people: QuerySet[User]) -> QuerySet[Any]:
    told = InterestDeclaration.objects.scoped().filter(user=OuterRef("pk")).order_by()
    standing = told.filter(status=InterestStatus.DECLARED)
    meant = told.exclude(status=InterestStatus.STRUCK_OUT).values("user")
    nil = NilReturn.objects.scoped().filter(user=OuterRef("pk")).order_by().values("user")
    return people.annotate(
        nil_at=Subquery(nil.annotate(last=Max("declared_at")).values("last")),
        told_at=Subquery(meant.annotate(last=Max("confirmed_at")).values("last")),
        oldest=Subquery(standing.values("user").annotate(first=Min("confirmed_at")).values("first")),
        standing=Subquery(standing.values("user").annotate(n=Count("pk")).values("n")),
        said=Case(
            When(Exists(standing), then=Value(DECLARED)),
            When(
                Q(told_at__isnull=True) | Q(told_at__lt=F("nil_at")),
                nil_at__isnull=False,
                then=Value(NOTHING),
            ),
            default=Value(SILENT),
            output_field=CharField(),
        ),
        said_at=Case(When(said=DECLARED, then=F("told_at")), When(said=NOTHING, then=F("nil_at"))),
    )


# What waits ----------------------------------------------------------------------------------------------------------


def interests_to_confirm(actor: Actor) -> list[WorkItem]:
    """What the person said of their interests and has not looked at for a year."""
    if actor.user_id is None:
        return []
    year_ago = local(timezone.now()).date() - timedelta(days=rules.INTEREST_CONFIRMED_FOR_DAYS)
    row: Any = _with_said(User.objects.filter(pk=actor.user_id)).first()
    asked = {
        DECLARED: ("Are the interests you declared still so?", row.oldest),
        NOTHING: ("Do you still have nothing to declare?", row.nil_at),
    }
    if row.said == SILENT or local(asked[row.said][1]).date() > year_ago:
        return []
    return [_to_confirm(*asked[row.said])]


def _to_confirm(question: str, said_at: datetime) -> WorkItem:
    return WorkItem(
        verb="Check your interests",
        title=question,
        detail=f"You last said so on {long_date(local(said_at).date())}. Schools ask once a year.",
        due_on=None,
        url_name="interests:own",
    )
