"""Diaries and bookings. Bookings are written as rows, with their history, so that a test can start in any state."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from marketplace.bookings import rules
from marketplace.bookings.models import Booking, BookingStatus, Diary, PaymentRoute, Session, WeeklyPattern
from marketplace.bookings.rules import moments_of
from marketplace.catalogue.models import DeliveryMode, Offer, Practitioner, Theme
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import is_working_day, local
from marketplace.organisations.models import Area, Organisation, School, User
from tests.builders.catalogue import a_practitioner, an_offer
from tests.builders.organisations import a_person, a_provider, a_school, actor_of, an_area

__all__ = ["Scene", "a_booking", "a_booking_day", "a_diary", "a_scene"]

# The verbs that lead to each state, in order: what the history of such a booking holds.
_WAYS: dict[str, list[tuple[str, str]]] = {
    "held": [("hold", "held")],
    "awaiting_approval": [("order", "awaiting_approval")],
    "awaiting_release": [("approve", "awaiting_release")],
    "confirmed": [("consent", "confirmed")],
    "delivered": [("deliver", "delivered")],
    "evaluated": [("evaluate", "evaluated")],
    "completed": [("complete", "completed")],
}
_ENDS: dict[str, tuple[str, str]] = {
    "withdrawn": ("awaiting_approval", "withdraw"),
    "declined": ("awaiting_approval", "decline"),
    "expired": ("held", "expire"),
    "cancelled_by_buyer": ("confirmed", "cancel_by_buyer"),
    "cancelled_by_provider": ("confirmed", "cancel_by_provider"),
    "cancelled_by_releasing_school": ("confirmed", "cancel_by_releasing_school"),
    "cancelled_by_closure": ("confirmed", "close_for_the_day"),
    "no_show_buyer": ("confirmed", "no_show_buyer"),
    "no_show_provider": ("confirmed", "no_show_provider"),
}
_ORDER = ["held", "awaiting_approval", "awaiting_release", "confirmed", "delivered", "evaluated"]


def a_diary(practitioner: Practitioner, **settings: Any) -> Diary:
    """Monday to Friday, 9 to 18, whole year, with five days' notice and half an hour's travel."""
    defaults: dict[str, Any] = {"term_time_only": False}
    diary, _ = Diary.objects.update_or_create(practitioner=practitioner, defaults=defaults | settings)
    WeeklyPattern.objects.bulk_create(
        WeeklyPattern(practitioner=practitioner, weekday=weekday, starts=time(9), ends=time(18))
        for weekday in range(5)
    )
    practitioner.refresh_from_db()
    return diary


def a_booking_day(*, days_ahead: int = 14, now: datetime | None = None) -> date:
    """A working day at least so many days ahead (behind, where below zero)."""
    day = local(now or timezone.now()).date() + timedelta(days=days_ahead)
    while not is_working_day(day):
        day += timedelta(days=1 if days_ahead >= 0 else -1)
    return day


def a_booking(
    *,
    status: str = BookingStatus.CONFIRMED,
    school: School | Organisation | None = None,
    offer: Offer | None = None,
    practitioner: Practitioner | None = None,
    requested_by: User | None = None,
    day: date | None = None,
    session: str = Session.DAY,
    **fields: Any,
) -> Booking:
    """A confirmed full day in two weeks (in the past for what has happened), £350 before VAT, with its history."""
    practitioner = practitioner or a_practitioner()
    offer = offer or an_offer(practitioners=[practitioner])
    version = offer.current
    assert version is not None
    buyer = school.organisation if isinstance(school, School) else school or a_school().organisation
    requested_by = requested_by or a_person(Role.STAFF, at=buyer)
    happened = status in {"delivered", "evaluated", "completed", "no_show_buyer", "no_show_provider"}
    day = day or a_booking_day(days_ahead=-14 if happened else 14)
    moments = moments_of(day, session)
    half_days = rules.times_of(session).half_days
    now = timezone.now()
    way = _way_to(status)
    approved = "approve" in [verb for verb, _ in way]
    released = "consent" in [verb for verb, _ in way]
    defaults: dict[str, Any] = {
        "offer_version": version,
        "provider": offer.provider,
        "practitioner": practitioner,
        "releasing_organisation": practitioner.releasing_organisation,
        "receiving_school": buyer,
        "theme": version.themes.first(),
        "phase": version.phases[0],
        "mode": DeliveryMode.IN_PERSON,
        "starts_at": moments.starts_at,
        "ends_at": moments.ends_at,
        "during": (moments.starts_at, moments.ends_at + timedelta(minutes=30)),
        "half_days": half_days,
        "hold_expires_at": now + timedelta(minutes=20),
        "price": {
            "lines": [{"sentence": "£350.00 a day", "pence": 17_500 * half_days}],
            "total_pence": 17_500 * half_days,
            "shares": {"buyer": 17_500 * half_days, "releasing_school": 17_500 * half_days, "broker": 0},
        },
        "net_pence": 17_500 * half_days,
        "vat_pence": 3_500 * half_days,
        "route": PaymentRoute.INVOICE,
        "route_reason": "The provider is not part of the school’s local authority.",
        "requested_by": requested_by,
        "approved_by": requested_by if approved else None,
        "approved_at": now if approved else None,
        "released_by": requested_by if released else None,
        "released_at": now if released else None,
        "delivered_at": moments.ends_at if status in {"delivered", "evaluated", "completed"} else None,
        "cancellation_charge_pence": 0 if status in _ENDS and _ENDS[status][0] == "confirmed" else None,
    }
    booking: Booking = Booking.objects.scoped().create(
        status=status, day=day, session=session, **defaults | fields
    )
    before = ""
    for verb, after in way:
        history.write(booking, verb=verb, before=before, after=after, by=SYSTEM)
        before = after
    return booking


@dataclass
class Scene:
    """A school that buys, a provider that brokers, a school that releases, and one offer of one person, with their people."""

    area: Area
    school: School
    buyer: Actor
    budget_holder: Actor
    receiving_head: Actor
    provider: Organisation
    provider_lead: Actor
    releasing: School
    releasing_head: Actor
    practitioner: Practitioner
    person: Actor
    offer: Offer
    day: date

    @property
    def theme(self) -> Theme:
        assert self.offer.current is not None
        theme = self.offer.current.themes.first()
        assert theme is not None
        return theme

    def wish(self, **changes: Any) -> dict[str, Any]:
        """The arguments of `hold_session` for a full day in two weeks."""
        return {
            "actor": self.buyer,
            "offer": self.offer,
            "practitioner": self.practitioner,
            "school": self.school,
            "day": self.day,
            "session": "day",
            "theme": self.theme,
            "phase": "primary",
            "mode": "in_person",
        } | changes


def a_scene(
    *, area: Area | None = None, academy: bool = False, own_employee: bool = False, **offer: Any
) -> Scene:
    """Everything for a booking: a maintained school buys from the council's service, which brokers a teacher of another school.

    With `own_employee` the person works for the service itself; with `academy` the buying school is an academy.
    """
    area = area or an_area()
    school, releasing = a_school(area, academy=academy), a_school(area)
    provider = a_provider(area)
    person = a_person(Role.PRACTITIONER, at=releasing)
    practitioner = a_practitioner(
        provider if own_employee else releasing.organisation, user=person, listed_by=provider
    )
    a_diary(practitioner)
    return Scene(
        area=area,
        school=school,
        buyer=actor_of(a_person(Role.STAFF, at=school)),
        budget_holder=actor_of(a_person(Role.BUDGET_HOLDER, at=school)),
        receiving_head=actor_of(a_person(Role.HEADTEACHER, at=school)),
        provider=provider,
        provider_lead=actor_of(a_person(Role.PROVIDER_LEAD, at=provider)),
        releasing=releasing,
        releasing_head=actor_of(a_person(Role.HEADTEACHER, at=releasing)),
        practitioner=practitioner,
        person=actor_of(person),
        offer=an_offer(provider, practitioners=[practitioner], **offer),
        day=a_booking_day(),
    )


def _way_to(status: str) -> list[tuple[str, str]]:
    start, last = _ENDS.get(status, ("", ""))
    if last:
        return [*_way_to(start), (last, status)]
    states = (
        [*_ORDER[: _ORDER.index("delivered") + 1], status]
        if status == "completed"
        else _ORDER[: _ORDER.index(status) + 1]
    )
    return [step for state in states for step in _WAYS[state]]
