"""What one may read of areas, organisations, schools and people."""

from collections import defaultdict

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from marketplace.kernel.access import ANONYMOUS, Actor, Role
from marketplace.organisations.models import Area, Membership, Organisation, OrganisationKind, School, User

AREA_ROLES = frozenset({Role.CONVENOR, Role.BOARD_MEMBER, Role.SCRUTINY, Role.FINANCE, Role.SUPPORT})


def actor_for(user: User | AnonymousUser, *, current: int | None = None) -> Actor:
    """The person as an `Actor`, with the roles held now: two queries, read afresh so that an ended role ends at once.

    A trust lead acts for every school of the trust. Roles held at the local authority itself count for its whole area.
    """
    if not user.is_authenticated or not user.is_active:
        return ANONYMOUS
    held: dict[int, set[Role]] = defaultdict(set)
    areas: dict[Role, set[int]] = defaultdict(set)
    memberships = Membership.objects.filter(user=user, ended_at__isnull=True).select_related("organisation")
    for membership in memberships:
        role, organisation = Role(membership.role), membership.organisation
        held[organisation.pk].add(role)
        if role in AREA_ROLES and organisation.kind == OrganisationKind.LOCAL_AUTHORITY and organisation.area_id:
            areas[role].add(organisation.area_id)
    trusts = [pk for pk, roles in held.items() if Role.TRUST_LEAD in roles]
    if trusts:
        for school in School.objects.filter(trust__in=trusts).values_list("pk", flat=True):
            held[school].add(Role.TRUST_LEAD)
    own = [m.organisation_id for m in memberships]
    return Actor(
        user_id=user.pk,
        name=user.name or user.email,
        roles={pk: frozenset(roles) for pk, roles in held.items()},
        areas={role: frozenset(ids) for role, ids in areas.items()},
        current=current if current in held else (own[0] if own else None),
    )


def memberships_of(actor: Actor) -> QuerySet[Membership]:
    """The person's own live roles with their organisations, for the switcher."""
    return (
        Membership.objects.filter(user_id=actor.user_id, ended_at__isnull=True)
        .select_related("organisation")
        .order_by("organisation__name", "role")
    )


def areas_convened_by(actor: Actor) -> QuerySet[Area]:
    """The areas the person convenes."""
    if actor.is_system:
        return Area.objects.all()
    return Area.objects.filter(pk__in=actor.in_area(Role.CONVENOR))


def open_schools(area: Area) -> QuerySet[School]:
    """The area's open schools: what the register publishes, so anybody may see them."""
    return School.objects.filter(area=area, status_code__in=School.OPEN_STATUSES).select_related(
        "organisation", "ward", "trust"
    )


def organisations_of(actor: Actor, *roles: Role) -> QuerySet[Organisation]:
    """Organisations where the person holds any of `roles`, those reached through a trust included."""
    return Organisation.objects.filter(pk__in=actor.organisations(*roles)).select_related("school", "area")


def schools_buying_for(actor: Actor) -> QuerySet[School]:
    """Open schools the person may order for."""
    from marketplace.kernel.access import SCHOOL_BUYERS

    return School.objects.filter(
        Q(organisation_id__in=actor.organisations(*SCHOOL_BUYERS)), status_code__in=School.OPEN_STATUSES
    ).select_related("organisation", "ward", "trust", "area")
