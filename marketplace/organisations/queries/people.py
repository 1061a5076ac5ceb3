"""Who is acting, which people and invitations they may see, and which roles they may give."""

import hashlib
from collections import defaultdict

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.kernel.access import ANONYMOUS, Actor, Role
from marketplace.organisations import rules
from marketplace.organisations.errors import InvitationUnusable
from marketplace.organisations.models import (
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    School,
    User,
)

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
        if (
            role in AREA_ROLES
            and organisation.kind == OrganisationKind.LOCAL_AUTHORITY
            and organisation.area_id
        ):
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
    if actor.user_id is None:
        return Membership.objects.none()
    return (
        Membership.objects.filter(user_id=actor.user_id, ended_at__isnull=True)
        .select_related("organisation")
        .order_by("organisation__name", "role")
    )


def organisations_managed_by(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose people the person looks after: as head or lead there, or as convenor of the area.

    Groups of schools belong to no single area: their convenors are those of their schools.
    """
    everything = Organisation.objects.select_related("area", "school")
    if actor.is_system:
        return everything
    convened = actor.in_area(Role.CONVENOR)
    here = School.objects.filter(area__in=convened)
    return everything.filter(
        Q(pk__in=actor.organisations(*rules.MANAGERS))
        | Q(area__in=convened)
        | Q(pk__in=here.values("trust"))
        | Q(pk__in=here.values("federation"))
    )


def roles_to_give(actor: Actor, organisation: Organisation) -> tuple[Role, ...]:
    """The roles the person may give and end at the organisation, the leading one first; empty for none."""
    held = actor.roles.get(organisation.pk, frozenset())
    return rules.roles_given_by(held, kind=organisation.kind, convenes=_convenes_all_of(actor, organisation))


def may_suspend(actor: Actor, organisation: Organisation) -> bool:
    """Whether the person may suspend the organisation: a convenor of every area it belongs to, and not of the authority itself."""
    return organisation.kind != OrganisationKind.LOCAL_AUTHORITY and _convenes_all_of(actor, organisation)


def _convenes_all_of(actor: Actor, organisation: Organisation) -> bool:
    """A trust lead acts for every school of the trust, so only who convenes all their areas may make one."""
    if actor.is_system:
        return True
    convened = actor.in_area(Role.CONVENOR)
    if not convened:
        return False
    if organisation.kind in (OrganisationKind.TRUST, OrganisationKind.FEDERATION):
        areas = set(
            School.objects.filter(Q(trust=organisation) | Q(federation=organisation))
            .values_list("area", flat=True)
            .distinct()
        )
        return bool(areas) and areas <= convened
    return organisation.area_id in convened


def people_visible_to(actor: Actor) -> QuerySet[Membership]:
    """Live roles at the person's own organisations and at those they look after."""
    live = Membership.objects.filter(ended_at=None).select_related("user", "organisation")
    if actor.is_system:
        return live
    return live.filter(
        Q(organisation__in=actor.organisations())
        | Q(organisation__in=organisations_managed_by(actor).values("pk"))
    )


def invitations_managed_by(actor: Actor) -> QuerySet[Invitation]:
    """Invitations to the organisations the person looks after, whatever became of them."""
    return Invitation.objects.filter(
        organisation__in=organisations_managed_by(actor).values("pk")
    ).select_related("organisation", "invited_by")


def open_invitations(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Those of `invitations` that were neither accepted nor revoked; they may have run out."""
    return invitations.filter(accepted_at=None, revoked_at=None)


def invitations_by_token(token: str) -> QuerySet[Invitation]:
    """The invitation a link leads to: having the link is the right to see it."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Invitation.objects.filter(token_hash=digest).select_related("organisation", "invited_by")


def invitation_state(invitation: Invitation) -> str:
    """`accepted`, `revoked`, `expired` or `open`."""
    return rules.invitation_state(
        accepted=invitation.accepted_at,
        revoked=invitation.revoked_at,
        expires=invitation.expires_at,
        now=timezone.now(),
    )


def check_usable(invitation: Invitation) -> None:
    """Raise `InvitationUnusable` that says what became of the invitation and what to do."""
    remedies = {
        "accepted": ("has been accepted already", "Sign in with your e-mail address."),
        "revoked": ("was taken back", f"Ask {invitation.organisation} whether you should have another."),
        "expired": ("has run out", f"Ask {invitation.organisation} to send it again."),
    }
    if told := remedies.get(invitation_state(invitation)):
        raise InvitationUnusable(f"This invitation {told[0]}.", remedy=told[1])


def has_account(invitation: Invitation) -> bool:
    """Whether the person invited can sign in already."""
    return User.objects.filter(email=invitation.email).exists()
