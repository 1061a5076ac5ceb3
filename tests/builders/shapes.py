"""Offers of several people, and orders of several dates."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.bookings.models import Booking, BookingOrder
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import Role
from tests.builders.bookings import Scene, a_booking, a_booking_day, a_diary, a_scene
from tests.builders.catalogue import a_practitioner
from tests.builders.organisations import a_person, a_school, actor_of

__all__ = ["Team", "a_team", "an_order_of_dates", "head_of", "some_days"]


@dataclass
class Team:
    """A scene whose offer has several people, each released by a school of their own (the scene's person first)."""

    scene: Scene
    people: list[Practitioner]

    def wish(self, **changes: Any) -> dict[str, Any]:
        """The arguments of `hold_any_person` for a full day in two weeks."""
        asked = self.scene.wish(**changes)
        asked.pop("practitioner")
        return asked

    def dates(self, days: list[date], **changes: Any) -> dict[str, Any]:
        """The arguments of `hold_dates` for several days, of any person unless told."""
        asked = self.wish(**changes)
        asked.pop("day")
        return {"practitioner": None, "days": days} | asked


def a_team(number: int = 3, **scene: Any) -> Team:
    """An offer of `number` people who are free on the same days; each has 30 half-days agreed."""
    made = a_scene(**scene)
    people = [made.practitioner]
    for _ in range(number - 1):
        releasing = a_school(made.area)
        user = a_person(Role.PRACTITIONER, at=releasing)
        person = a_practitioner(releasing.organisation, user=user, listed_by=made.provider)
        a_diary(person)
        people.append(person)
    version = made.offer.current
    assert version is not None
    version.practitioners.set(people)
    return Team(made, people)


def some_days(number: int, *, days_ahead: int = 14) -> list[date]:
    """As many working days, a week apart."""
    return [a_booking_day(days_ahead=days_ahead + 7 * n) for n in range(number)]


def an_order_of_dates(
    scene: Scene, days: list[date], *, status: str = "confirmed", **fields: Any
) -> list[Booking]:
    """Several dates of a scene's person that were ordered as one, in any state."""
    requested_by = fields.pop("requested_by", None) or a_person(Role.STAFF, at=scene.school)
    order = BookingOrder.objects.scoped().create(
        offer_version=scene.offer.current,
        receiving_school=scene.school.organisation,
        requested_by=requested_by,
    )
    return [
        a_booking(
            status=status,
            school=scene.school,
            offer=scene.offer,
            practitioner=scene.practitioner,
            requested_by=requested_by,
            day=day,
            order=order,
            **fields,
        )
        for day in days
    ]


def head_of(person: Practitioner) -> Any:
    """A headteacher of the organisation that releases a person."""
    return actor_of(a_person(Role.HEADTEACHER, at=person.releasing_organisation))
