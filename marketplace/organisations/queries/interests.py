"""Who has declared an interest in whom, and who may read so.

A person reads their own. The headteacher or trust lead reads those of the people who decide for their school, a convenor those of
the people who decide and deliver in the area: nobody else. Whether somebody's interest stands in the way of a decision is
answered with yes or no.
"""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations import rules
from marketplace.organisations.errors import InterestInTheWay
from marketplace.organisations.models import (
    InterestDeclaration,
    InterestKind,
    InterestStatus,
    Membership,
    Organisation,
    School,
    User,
)
from marketplace.organisations.queries.schools import areas_of

DECIDERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.GOVERNOR, Role.TRUST_LEAD})
DELIVERERS = frozenset({Role.PRACTITIONER, Role.PROVIDER_LEAD})
OVERSEERS = frozenset({Role.HEADTEACHER, Role.TRUST_LEAD})
"""Those who read what the people deciding for their school declared, beside the convenor of its area."""


def own_interests(actor: Actor) -> QuerySet[InterestDeclaration]:
    """What the person declared themselves, in every state."""
    return _all().filter(user=actor.user_id)


def interests_overseen_by(actor: Actor) -> QuerySet[InterestDeclaration]:
    """What others declared whom the person answers for: the deciders of their school, or an area's deciders and deliverers."""
    if actor.is_system:
        return _all()
    people = people_overseen_by(actor).order_by().values("pk")
    return _all().filter(user__in=people)


def people_overseen_by(actor: Actor) -> QuerySet[User]:
    """Whom the person answers for in this: the deciders of their school, or an area's deciders and deliverers; never themselves."""
    if actor.is_system:
        return User.objects.all()
    if actor.user_id is None:
        return User.objects.none()
    areas = actor.in_area(Role.CONVENOR)
    in_area = School.objects.filter(area__in=areas)
    convened = (
        Q(organisation__area__in=areas)
        | Q(organisation__in=in_area.values("pk"))
        | Q(organisation__in=in_area.values("trust"))
    )
    held = Membership.objects.filter(
        Q(organisation__in=actor.organisations(*OVERSEERS), role__in=DECIDERS)
        | Q(convened, role__in=DECIDERS | DELIVERERS),
        ended_at__isnull=True,
    )
    return User.objects.filter(pk__in=held.values("user")).exclude(pk=actor.user_id)


def interests_visible_to(actor: Actor) -> QuerySet[InterestDeclaration]:
    """What the person declared and what those they answer for did."""
    return _all().filter(
        Q(pk__in=own_interests(actor).values("pk")) | Q(pk__in=interests_overseen_by(actor).values("pk"))
    )


def interest_for(actor: Actor, reference: str) -> InterestDeclaration:
    """One declaration by its reference; `NotFound` where there is none for this person."""
    found = interests_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def organisations_to_name(actor: Actor) -> QuerySet[Organisation]:
    """Organisations one may have a tie to: those of the areas the person has to do with, and those of no area."""
    own = areas_of(actor)
    return Organisation.objects.filter(
        Q(area__in=own) | Q(school__area__in=own) | Q(area__isnull=True, school__isnull=True)
    ).order_by("name", "pk")


def counting(on: date) -> QuerySet[InterestDeclaration]:
    """Every declaration that counts on a day, as `rules.interest_counts` says. For other queries, never to be shown."""
    since = rules.months_before(on, rules.EMPLOYMENT_COUNTS_MONTHS)
    return (
        InterestDeclaration.objects.scoped()
        .exclude(status=InterestStatus.STRUCK_OUT)
        .filter(
            Q(ended_on__isnull=True)
            | Q(ended_on__gte=on)
            | Q(kind=InterestKind.EMPLOYMENT, ended_on__gte=since)
        )
        .order_by()
    )


def people_with_interest(user_ids: Collection[int], organisations: Iterable[int]) -> frozenset[int]:
    """Those of the people who have an interest in any of the organisations, or in its trust or federation. One query."""
    if not user_ids:
        return frozenset()
    rows = counting(_today()).filter(_in_any_of(organisations), user__in=user_ids)
    return frozenset(rows.values_list("user", flat=True))


def people_tied_to(school_id: int) -> QuerySet[User]:
    """Who declared a personal tie to a school, its trust or federation: they don't go there. Having been employed there is none."""
    ties = counting(_today()).exclude(kind=InterestKind.EMPLOYMENT).filter(_in_any_of([school_id]))
    return User.objects.filter(pk__in=ties.values("user"))


def _in_any_of(organisations: Iterable[int]) -> Q:
    wanted = list(organisations)
    return (
        Q(organisation__in=wanted)
        | Q(organisation__trust_schools__in=wanted)
        | Q(organisation__federation_schools__in=wanted)
    )


def tied(user_id: int | None, *columns: str) -> Exists | Value:
    """The condition on rows that a person has an interest in one of the organisations in `columns`, to annotate by."""
    if user_id is None:
        return Value(False)
    theirs = counting(_today()).filter(user=user_id)
    either = Q()
    for column in columns:
        either |= (
            Q(organisation=OuterRef(column))
            | Q(organisation__trust_schools=OuterRef(column))
            | Q(organisation__federation_schools=OuterRef(column))
        )
    return Exists(theirs.filter(either))


def interest_in_the_way(*organisations: Organisation, decision: str, remedy: str) -> InterestInTheWay:
    """The refusal for a person with an interest in a party; `decision` completes “so you can’t …”."""
    names = " or ".join(dict.fromkeys(str(each) for each in organisations))
    return InterestInTheWay(
        f"You have declared an interest in {names}, so you can’t {decision}.", remedy=remedy
    )


def has_interest(user_id: int | None, *organisations: Organisation | int) -> bool:
    """Whether a person has an interest in any of the organisations, or in its trust or federation."""
    ids = [each if isinstance(each, int) else each.pk for each in organisations]
    return user_id is not None and bool(people_with_interest([user_id], ids))


def organisations_of_interest(user_id: int | None) -> frozenset[int]:
    """Ids of the organisations a person takes no decisions about: for lists, so that one query answers for all its rows."""
    if user_id is None:
        return frozenset()
    declared = counting(_today()).filter(user=user_id).values("organisation")
    found = Organisation.objects.filter(
        Q(pk__in=declared) | Q(school__trust__in=declared) | Q(school__federation__in=declared)
    )
    return frozenset(found.order_by().values_list("pk", flat=True))


def check_no_interest(actor: Actor, *organisations: Organisation, decision: str, remedy: str) -> None:
    """Raise `InterestInTheWay` where the person has an interest in a party; `decision` completes “so you can’t …”."""
    if has_interest(actor.user_id, *organisations):
        raise interest_in_the_way(*organisations, decision=decision, remedy=remedy)


def standing_since_before(day: date) -> QuerySet[InterestDeclaration]:
    """Declarations in force that nobody has confirmed after a day, the longest unconfirmed first. For work lists and reminders."""
    return (
        _all()
        .filter(status=InterestStatus.DECLARED, confirmed_at__date__lte=day)
        .order_by("confirmed_at", "pk")
    )


def _all() -> QuerySet[InterestDeclaration]:
    return InterestDeclaration.objects.scoped().select_related("user", "organisation")


def _today() -> date:
    return local(timezone.now()).date()
