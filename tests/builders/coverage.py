"""Areas with needs and offers on a map, worked out."""

from typing import Any

from marketplace.brokerage.models import Need, NeedsReturn
from marketplace.catalogue.models import Offer, Theme
from marketplace.coverage import actions
from marketplace.coverage.models import Cell, Snapshot
from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations.models import Area, Organisation, OrganisationKind, School, User
from tests.builders.brokerage import a_level_2_theme, a_need
from tests.builders.catalogue import an_offer
from tests.builders.organisations import a_person, a_provider, a_school, an_organisation

__all__ = [
    "a_board_member",
    "a_needy_school",
    "a_provider_at",
    "cell_of",
    "days_of_help",
    "replied",
    "worked_out",
]


def a_needy_school(
    area: Area, days: float, theme: Theme | None = None, *, east: float = 0, north: float = 0, **fields: Any
) -> Need:
    """A primary school so many kilometres east and north of the middle of the map, and the days it needs."""
    need_fields = {name: fields.pop(name) for name in ("remote_ok", "max_price_pence") if name in fields}
    school = a_school(
        area, easting=440_000 + round(1000 * east), northing=390_000 + round(1000 * north), **fields
    )
    return a_need(school, theme or a_level_2_theme(), half_days=round(2 * days), **need_fields)


def a_provider_at(area: Area, *, east: float = 0, north: float = 0, **fields: Any) -> Organisation:
    return a_provider(
        area, easting=440_000 + round(1000 * east), northing=390_000 + round(1000 * north), **fields
    )


def days_of_help(
    provider: Organisation, days: float | None, theme: Theme, *, reach_km: int = 40, **fields: Any
) -> Offer:
    """A published offer of so many days for primary schools."""
    capacity = None if days is None else round(2 * days)
    return an_offer(provider, themes=[theme], capacity_half_days=capacity, reach_km=reach_km, **fields)


def replied(school: School | Organisation, **fields: Any) -> NeedsReturn:
    """A school's word that its list of needs is complete."""
    from django.utils import timezone

    organisation = school.organisation if isinstance(school, School) else school
    defaults = {"academic_year": "2026/27", "confirmed_at": timezone.now()}
    return NeedsReturn.objects.create(school=organisation, **defaults | fields)


def worked_out(area: Area, because: str = "A test asked") -> Snapshot:
    return actions.recompute(actor=SYSTEM, area=area, because=because)


def cell_of(snapshot: Snapshot, theme: Theme | None, phase: str = "primary", ward: Any = None) -> Cell:
    return Cell.objects.get(snapshot=snapshot, theme=theme, phase=phase, ward=ward)


def a_board_member(area: Area, role: Role = Role.BOARD_MEMBER) -> User:
    """A member of the area's partnership board (or scrutiny), holding the role at its local authority."""
    authority = Organisation.objects.filter(area=area, kind=OrganisationKind.LOCAL_AUTHORITY).first()
    return a_person(role, at=authority or an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area))
