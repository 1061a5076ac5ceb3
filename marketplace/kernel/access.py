"""Who is acting, and the rule that a protected row is reached only through a scope.

An `Actor` is a person with the roles they hold at organisations at this moment, read afresh on every request, or the system
itself for jobs. `ScopedManager` refuses to hand out rows until a scope is named, so that a forgotten filter is an error in
the first test that meets it and never a leak.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from django.db import models

from marketplace.kernel.errors import NotAllowed


class Role(StrEnum):
    """Roles are held per organisation: one person can be headteacher of A, practitioner of B and board member of the area."""

    STAFF = "staff"
    HEADTEACHER = "headteacher"
    BUDGET_HOLDER = "budget_holder"
    GOVERNOR = "governor"
    TRUST_LEAD = "trust_lead"
    PROVIDER_LEAD = "provider_lead"
    PRACTITIONER = "practitioner"
    CONVENOR = "convenor"
    BOARD_MEMBER = "board_member"
    SCRUTINY = "scrutiny"
    FINANCE = "finance"
    SUPPORT = "support"


SCHOOL_BUYERS = frozenset({Role.STAFF, Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})


@dataclass(frozen=True)
class Actor:
    """A person (or the system) and what they may act for.

    `roles` maps an organisation's id to the roles held there, including those that reach down from a trust to its schools;
    `areas` are the ids of the areas for which the person is convenor, board member, scrutiny, finance or support, by role.
    `current` is the organisation the person is acting for, where they chose one.
    """

    user_id: int | None
    name: str
    roles: dict[int, frozenset[Role]] = field(default_factory=dict)
    areas: dict[Role, frozenset[int]] = field(default_factory=dict)
    current: int | None = None
    is_system: bool = False

    def holds(self, *roles: Role, at: int | None) -> bool:
        """Whether the person holds any of `roles` at the organisation with id `at`."""
        return self.is_system or bool(at is not None and self.roles.get(at, frozenset()) & set(roles))

    def organisations(self, *roles: Role) -> frozenset[int]:
        """Ids of the organisations where any of `roles` is held (all organisations of the person when none is named)."""
        wanted = set(roles)
        return frozenset(o for o, held in self.roles.items() if not wanted or held & wanted)

    def convenes(self, area_id: int | None) -> bool:
        """Whether the person is a convenor of the area."""
        return self.is_system or area_id in self.areas.get(Role.CONVENOR, frozenset())

    def in_area(self, *roles: Role) -> frozenset[int]:
        """Ids of the areas in which the person holds any of the area-wide `roles`."""
        return frozenset().union(*(self.areas.get(role, frozenset()) for role in roles))

    def must_hold(self, *roles: Role, at: int | None, to: str) -> None:
        """Raise `NotAllowed` unless one of `roles` is held at `at`; `to` completes the sentence “You can’t …”."""
        if not self.holds(*roles, at=at):
            who = " or ".join(role.replace("_", " ") for role in roles)
            raise NotAllowed(f"You can’t {to}.", remedy=f"Ask a {who} of the organisation to do it.")


SYSTEM = Actor(user_id=None, name="The exchange", is_system=True)
ANONYMOUS = Actor(user_id=None, name="Visitor")


class UnscopedAccess(RuntimeError):
    """Protected rows were asked for without saying for whom: a fault of the program, never of the person."""


class ScopedManager(models.Manager[Any]):
    """A manager whose rows are reached only through `scoped()`, which `queries.py` of the capability calls.

    Models using it name an ordinary manager too, as `base_manager_name`, for Django's own needs.
    """

    def get_queryset(self) -> NoReturn:
        raise UnscopedAccess(
            f"{self.model.__name__}: go through queries.visible_to(actor), or .scoped() inside the capability"
        )

    def none(self) -> models.QuerySet[Any]:
        """No rows: that needs no scope."""
        return super().get_queryset().none()

    def scoped(self) -> models.QuerySet[Any]:
        """Every row: for `queries.py` and `actions.py` of the owning capability only."""
        return super().get_queryset()
