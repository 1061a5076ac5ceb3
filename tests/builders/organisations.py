"""Areas, organisations, schools and people."""

import itertools
from typing import Any
from unittest import mock

from marketplace.kernel import events
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.organisations import actions, queries
from marketplace.organisations.models import (
    Area,
    Invitation,
    LegalStatus,
    LocationSource,
    Membership,
    Organisation,
    OrganisationKind,
    Phase,
    School,
    User,
    Ward,
)

_count = itertools.count(1)

__all__ = [
    "a_convenor",
    "a_person",
    "a_provider",
    "a_school",
    "a_ward",
    "actor_of",
    "an_area",
    "an_invitation",
    "an_organisation",
]


def an_area(**fields: Any) -> Area:
    n = next(_count)
    return Area.objects.create(
        **{"code": f"{n % 1000:03d}", "gss_code": f"E08{n:06d}", "name": f"Area {n}"} | fields
    )


def a_ward(area: Area, *, easting: int = 440_000, northing: int = 390_000, **fields: Any) -> Ward:
    n = next(_count)
    square = [[-1.4, 53.4], [-1.3, 53.4], [-1.3, 53.5], [-1.4, 53.5], [-1.4, 53.4]]
    defaults = {
        "code": f"E05{n:06d}",
        "name": f"Ward {n}",
        "geometry": {"type": "Polygon", "coordinates": [square]},
        "latitude": 53.45,
        "longitude": -1.35,
    }
    return Ward.objects.create(area=area, easting=easting, northing=northing, **defaults | fields)


def an_organisation(
    kind: str = OrganisationKind.LA_SERVICE, *, area: Area | None = None, **fields: Any
) -> Organisation:
    n = next(_count)
    legal = {
        OrganisationKind.LA_SERVICE: LegalStatus.LOCAL_AUTHORITY,
        OrganisationKind.LOCAL_AUTHORITY: LegalStatus.LOCAL_AUTHORITY,
        OrganisationKind.TRUST: LegalStatus.ACADEMY,
        OrganisationKind.SCHOOL_COMPANY: LegalStatus.COMPANY,
    }.get(OrganisationKind(kind), LegalStatus.OTHER)
    defaults = {"name": f"Organisation {n}", "legal_status": legal, "easting": 440_000, "northing": 390_000}
    return Organisation.objects.create(kind=kind, area=area, **defaults | fields)


def a_provider(area: Area | None = None, **fields: Any) -> Organisation:
    """A provider that is not a school: the local authority's own service."""
    return an_organisation(OrganisationKind.LA_SERVICE, area=area or an_area(), **fields)


def a_school(
    area: Area | None = None, *, academy: bool = False, name: str = "", legal_status: str = "", **fields: Any
) -> School:
    """An open primary school maintained by the local authority (or an academy), located, with 210 pupils."""
    n = next(_count)
    area = area or an_area()
    legal = legal_status or (LegalStatus.ACADEMY if academy else LegalStatus.LA_MAINTAINED)
    organisation = Organisation.objects.create(
        kind=OrganisationKind.SCHOOL,
        name=name or f"School {n}",
        area=area,
        legal_status=legal,
        easting=fields.get("easting", 440_000),
        northing=fields.get("northing", 390_000),
    )
    defaults = {
        "urn": 900_000 + n,
        "type_code": "34" if academy else "01",
        "type_group_code": "10" if academy else "4",
        "status_code": "1",
        "phase_code": "2",
        "phases": [Phase.PRIMARY],
        "low_age": 4,
        "high_age": 11,
        "pupils": 210,
        "easting": 440_000,
        "northing": 390_000,
        "latitude": 53.4,
        "longitude": -1.4,
        "location_source": LocationSource.REGISTER,
    }
    return School.objects.create(organisation=organisation, area=area, **defaults | fields)


def a_person(*roles: Role, at: Organisation | School | None = None, name: str = "", email: str = "") -> User:
    """A person holding `roles` at an organisation."""
    n = next(_count)
    user = User.objects.create(email=email or f"person{n}@example.org", name=name or f"Person {n}")
    organisation = at.organisation if isinstance(at, School) else at
    for role in roles:
        assert organisation is not None, "say at which organisation the role is held"
        Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


def actor_of(user: User) -> Actor:
    return queries.actor_for(user)


def an_invitation(
    role: str = Role.STAFF, *, email: str = "new@example.org", at: Organisation | None = None
) -> tuple[Invitation, str]:
    """An open invitation and its token, which no table keeps: only the letter carries it."""
    tokens: list[str] = []
    with mock.patch.object(events, "publish", lambda event: tokens.append(event.token)):
        invitation = actions.invite(
            actor=SYSTEM, organisation=at or a_school().organisation, email=email, role=role
        )
    return invitation, tokens[0]


def a_convenor(area: Area) -> User:
    """A convenor of the area, holding the role at its local authority."""
    authority = Organisation.objects.filter(area=area, kind=OrganisationKind.LOCAL_AUTHORITY).first()
    return a_person(
        Role.CONVENOR, at=authority or an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    )
