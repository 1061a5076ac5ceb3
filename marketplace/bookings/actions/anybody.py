"""Holding any suitable person for a session, or one for each of several dates, all or nothing.

The rows of all people who might be sent are locked in the order of their keys before anything is read, so that whoever is chosen is
free, and two schools that want several people never wait for each other. Who is sent is a rule (`rules.choosing`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions.holding import Taken, look_before_queueing, place, slot_taken
from marketplace.bookings.actions.steps import lock_people
from marketplace.bookings.actions.wishes import Wish, check_person, checked, version_to_book
from marketplace.bookings.errors import DatesInvalid, NotAvailable, NotBookable
from marketplace.bookings.models import Booking, BookingOrder, BookingStatus
from marketplace.catalogue.models import DeliveryMode, Offer, Practitioner, Theme
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import academic_year, long_date
from marketplace.kernel.db import action
from marketplace.organisations.models import Organisation, School

MOST_DATES = 12


def hold_any_person(
    *,
    actor: Actor,
    offer: Offer,
    school: School | Organisation,
    day: date,
    session: str,
    theme: Theme,
    phase: str,
    mode: str,
    focus: str = "",
) -> Booking:
    """Hold one of the offer's people who is free, whose turn it is. Otherwise as `hold_session`."""
    asked: dict[str, Any] = {"session": session, "theme": theme, "phase": phase, "mode": mode, "focus": focus}
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="book for this school")
    people = list(queries.people_to_send(offer, school.pk))
    remote = mode == DeliveryMode.REMOTE
    try:
        look_before_queueing(actor, people, session, day, remote=remote)
        rows = _hold_dates(
            actor=actor, offer=offer, practitioner=None, school_id=school.pk, days=(day,), order=None, **asked
        )
    except (Taken, IntegrityError) as error:
        raise slot_taken(error, people, session, day, school, remote=remote) from error
    return rows[0]


def hold_dates(
    *,
    actor: Actor,
    offer: Offer,
    practitioner: Practitioner | None,
    school: School | Organisation,
    days: Sequence[date],
    session: str,
    theme: Theme,
    phase: str,
    mode: str,
    focus: str = "",
) -> BookingOrder:
    """Hold a session on each of several days as one, all or none of them: of a person or, where none is named, of any suitable one.

    Raises as `hold_session` does, for the first day that can't be had, and then none is held; `DatesInvalid` for no day, too many days or
    the same day twice.
    """
    wanted = _checked_days(days)
    asked: dict[str, Any] = {"session": session, "theme": theme, "phase": phase, "mode": mode, "focus": focus}
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="book for this school")
    people = [practitioner] if practitioner is not None else list(queries.people_to_send(offer, school.pk))
    remote = mode == DeliveryMode.REMOTE
    try:
        look_before_queueing(actor, people, session, *wanted, remote=remote)
        rows = _hold_dates(
            actor=actor,
            offer=offer,
            practitioner=practitioner,
            school_id=school.pk,
            days=wanted,
            order=BookingOrder(),
            **asked,
        )
    except (Taken, IntegrityError) as error:
        raise slot_taken(error, people, session, wanted[0], school, remote=remote) from error
    order = rows[0].order
    assert order is not None
    return order


def _checked_days(days: Sequence[date]) -> tuple[date, ...]:
    wanted = tuple(sorted(set(days)))
    if not wanted:
        raise DatesInvalid("Choose at least one date.", field="day")
    if len(wanted) != len(days):
        raise DatesInvalid("A date was chosen twice.", remedy="Choose each date once.", field="day")
    if len(wanted) > MOST_DATES:
        raise DatesInvalid(
            f"That is {len(wanted)} dates.", remedy=f"Order at most {MOST_DATES} together.", field="day"
        )
    return wanted


@action
def _hold_dates(
    *,
    actor: Actor,
    offer: Offer,
    practitioner: Practitioner | None,
    school_id: int,
    days: tuple[date, ...],
    order: BookingOrder | None,
    session: str,
    theme: Theme,
    phase: str,
    mode: str,
    focus: str,
) -> list[Booking]:
    if practitioner is not None:
        people = lock_people([practitioner.pk])
        version = version_to_book(offer, theme, people[0])
    else:
        people = lock_people(queries.people_to_send(offer, school_id).values_list("pk", flat=True))
        version = version_to_book(offer, theme)
    wish = checked(version, school_id, session=session, theme=theme, phase=phase, mode=mode, focus=focus)
    now = timezone.now()
    if held := _held_already(actor, wish, people, days, now, together=order is not None):
        return held
    if practitioner is not None:
        check_person(wish, people[0])
        sent = people * len(days)
    else:
        sent = _send(wish, people, days, now)
    if order is not None:
        order = _new_order(actor, wish, len(days))
    return [place(actor, wish, person, day, now, order=order) for person, day in zip(sent, days, strict=True)]


def _held_already(
    actor: Actor,
    wish: Wish,
    people: list[Practitioner],
    days: tuple[date, ...],
    now: datetime,
    *,
    together: bool,
) -> list[Booking]:
    """What the same wish got a moment ago: a double click holds nobody else."""
    rows = Booking.objects.scoped().filter(
        status=BookingStatus.HELD,
        hold_expires_at__gt=now,
        practitioner__in=people,
        requested_by=actor.user_id,
        receiving_school=wish.school.pk,
        offer_version=wish.version,
        theme=wish.theme,
        phase=wish.phase,
        mode=wish.mode,
        session=wish.session,
        day__in=days,
        order__isnull=not together,
    )
    groups: dict[int | None, list[Booking]] = {}
    for row in rows.select_related("order").order_by("day", "pk"):
        groups.setdefault(row.order_id, []).append(row)
    return next((found for found in groups.values() if tuple(row.day for row in found) == days), [])


def _send(
    wish: Wish, people: list[Practitioner], days: tuple[date, ...], now: datetime
) -> list[Practitioner]:
    """Whom to send on each day. Raises `Taken` where a day's people are all booked, `NotAvailable` with the reason where closed."""
    if not people:
        raise NotBookable(
            "None of the offer’s people can come to this school.", remedy="Choose another offer."
        )
    diaries = queries.facts_of(people, days[0], days[-1], now=now)
    visited = queries.visited_school(wish.school, days[0], days[-1], remote=wish.is_remote)
    free = []
    for day in days:
        reasons = {
            person.pk: rules.why_not_free(
                diaries[person.pk], day, wish.session, now=now, remote=wish.is_remote, visited=visited
            )
            for person in people
        }
        free.append([pk for pk, reason in reasons.items() if not reason])
        if not free[-1]:
            _refuse(day, list(reasons.values()))
    turns = queries.turns_of(people, academic_year(days[0]))
    sent = rules.share_out(turns, free, rules.times_of(wish.session).half_days)
    assert sent is not None, "every day has somebody"
    by_pk = {person.pk: person for person in people}
    return [by_pk[pk] for pk in sent]


def _refuse(day: date, reasons: list[str]) -> None:
    if rules.BOOKED in reasons:
        raise Taken
    reason = reasons[0]
    raise NotAvailable(
        f"Nobody is free on {long_date(day)}: {reason[0].lower()}{reason[1:]}.",
        remedy="Choose another day or session.",
        field="session",
    )


def _new_order(actor: Actor, wish: Wish, number: int) -> BookingOrder:
    assert actor.user_id is not None, "a person holds, never the exchange itself"
    order: BookingOrder = BookingOrder.objects.scoped().create(
        offer_version=wish.version,
        receiving_school=wish.school.organisation,
        requested_by_id=actor.user_id,
    )
    history.write(order, verb="hold", by=actor, note=f"{number} dates")
    return order
