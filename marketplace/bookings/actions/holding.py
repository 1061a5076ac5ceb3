"""Holding a person's time while a school decides.

The practitioner's row is locked first, so that of many people who want the same session exactly one gets it; the exclusion
constraint of the table stands behind the lock and says the same in the database's words. Whoever comes when the time is plainly gone
is told so before they queue for the row.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions.agreed import set_agreed
from marketplace.bookings.actions.steps import lock_practitioner, move, must_stand_alone
from marketplace.bookings.actions.wishes import (
    Wish,
    check_diary,
    check_open,
    check_person,
    checked,
    version_to_book,
)
from marketplace.bookings.errors import SlotTaken
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import OCCUPYING, UNCONFIRMED, Booking, BookingOrder, BookingStatus
from marketplace.bookings.queries.agreed import Agreed
from marketplace.bookings.rules import Moments
from marketplace.catalogue.models import DeliveryMode, Offer, Practitioner, Theme
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, constraint_of
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import Organisation, School


class Taken(Exception):
    """Somebody has the time: told as `SlotTaken` once the locks are gone."""


def hold_session(
    *,
    actor: Actor,
    offer: Offer,
    practitioner: Practitioner,
    school: School | Organisation,
    day: date,
    session: str,
    theme: Theme,
    phase: str,
    mode: str,
    focus: str = "",
    agreed: Agreed | None = None,
) -> Booking:
    """Hold a person for a session while the school decides, for `BOOKING_HOLD_MINUTES`.

    `agreed` is what an agreement made beforehand says of price and payer. Asking again for the same returns the same booking. Raises `NotBookable` where offer, person or school do not allow it,
    `NotAvailable` with the reason when the diary is closed, `SlotTaken` with the next free times when somebody was quicker.
    """
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="book for this school")
    remote = mode == DeliveryMode.REMOTE
    try:
        look_before_queueing(actor, [practitioner], session, day, remote=remote)
        return _hold(
            actor=actor,
            offer=offer,
            practitioner=practitioner,
            school_id=school.pk,
            day=day,
            session=session,
            theme=theme,
            phase=phase,
            mode=mode,
            focus=focus,
            agreed=agreed,
        )
    except (Taken, IntegrityError) as error:
        raise slot_taken(error, practitioner, session, day, school, remote=remote) from error


def slot_taken(
    error: Exception,
    practitioner: Practitioner | Sequence[Practitioner],
    session: str,
    day: date,
    school: School | Organisation,
    *,
    remote: bool,
) -> Exception:
    """What to tell whoever was not quick enough, with the next free times; any other fault of the database stays what it is."""
    if isinstance(error, IntegrityError) and constraint_of(error) != "a_person_is_in_one_place_at_a_time":
        return error
    now = timezone.now()
    return SlotTaken(
        queries.next_free_sessions(practitioner, session, after=day, now=now, remote=remote, school=school)
    )


@action
def _hold(
    *,
    actor: Actor,
    offer: Offer,
    practitioner: Practitioner,
    school_id: int,
    day: date,
    session: str,
    theme: Theme,
    phase: str,
    mode: str,
    focus: str,
    agreed: Agreed | None,
) -> Booking:
    person = lock_practitioner(practitioner.pk)
    version = version_to_book(offer, theme, person)
    wish = checked(version, school_id, session=session, theme=theme, phase=phase, mode=mode, focus=focus)
    check_person(wish, person)
    return place(actor, replace(wish, agreed=agreed), person, day, timezone.now())


def place(
    actor: Actor,
    wish: Wish,
    person: Practitioner,
    day: date,
    now: datetime,
    *,
    order: BookingOrder | None = None,
) -> Booking:
    """Hold the person, whose row is locked, where the day is free; the same wish of the same person again is the same booking."""
    check_open(wish.school, day, remote=wish.is_remote)
    diary = queries.facts_of([person], day, day, now=now, with_bookings=False)[person.pk]
    taken = diary.with_travel(rules.moments_of(day, wish.session), remote=wish.is_remote)
    if own := sweep_and_find_own(actor, person, wish.school.pk, wish.session, taken, now):
        if order is None and own.order_id is None and _is_same(own, wish):
            return own
        _let_go(own, actor)
    check_diary(diary, day, wish.session, now, remote=wish.is_remote)
    booking = _new_booking(actor, wish, person, day, taken, now)
    booking.order = order
    if wish.agreed is not None:
        set_agreed(booking, wish.agreed)
    booking.save(force_insert=True)
    history.write(booking, verb="hold", after=BookingStatus.HELD, by=actor)
    events.publish(BookingMoved(booking.pk, "hold", "", BookingStatus.HELD))
    return booking


def _let_go(own: Booking, actor: Actor) -> None:
    """The person's own hold of the same time gives way to another choice; one of several dates does not, on its own.

    Where they let go of it elsewhere at this moment, that is as good.
    """
    must_stand_alone(own)
    with suppress(NotNow):
        move(own, "withdraw", actor=actor, note="Another choice for the same time")


# Rivals -------------------------------------------------------------------------------------------------------------


def look_before_queueing(
    actor: Actor, people: Sequence[Practitioner], session: str, *days: date, remote: bool
) -> None:
    """`Taken` where others plainly have all the people on one of the days. That somebody is free is known only once rows are locked."""
    if rules.is_session(session):
        wanted = [rules.moments_of(day, session) for day in days]
        if queries.all_taken(actor, people, wanted, remote=remote):
            raise Taken


def sweep_and_find_own(
    actor: Actor,
    person: Practitioner,
    school_id: int,
    session: str,
    taken: Moments,
    now: datetime,
    *,
    but: Booking | None = None,
) -> Booking | None:
    """Let go of holds whose time is over; find the person's own hold; `Taken` where anybody else has the time (`but` a booking)."""
    own = None
    for rival in Booking.objects.scoped().filter(
        practitioner=person, status__in=OCCUPYING, during__overlap=tuple(taken)
    ):
        if rival.status == BookingStatus.HELD and rival.hold_expires_at <= now:
            _expire(rival)
        elif rival == but:
            continue
        elif _is_own_hold(rival, actor, school_id, session):
            own = rival
        else:
            raise Taken
    return own


def _is_own_hold(rival: Booking, actor: Actor, school_id: int, session: str) -> bool:
    return (
        rival.status == BookingStatus.HELD
        and rival.requested_by_id == actor.user_id
        and rival.receiving_school_id == school_id
        and rival.session == session
    )


def _is_same(own: Booking, wish: Wish) -> bool:
    kept = (own.offer_version_id, own.theme_id, own.phase, own.mode)
    as_agreed = wish.agreed is None or wish.agreed.is_kept_by(own)
    return as_agreed and kept == (wish.version.pk, wish.theme.pk, wish.phase, wish.mode)


def _new_booking(
    actor: Actor, wish: Wish, person: Practitioner, day: date, taken: Moments, now: datetime
) -> Booking:
    moments = rules.moments_of(day, wish.session)
    version, provider = wish.version, wish.version.offer.provider
    quote = queries.quote(
        version,
        school=wish.school,
        provider=provider,
        session=wish.session,
        day=day,
        today=local(now).date(),
    )
    assert actor.user_id is not None, "a person holds, never the exchange itself"
    return Booking(
        status=BookingStatus.HELD,
        offer_version=version,
        provider=provider,
        practitioner=person,
        releasing_organisation=person.releasing_organisation,
        receiving_school=wish.school.organisation,
        theme=wish.theme,
        phase=wish.phase,
        mode=wish.mode,
        focus=wish.focus,
        session=wish.session,
        day=day,
        starts_at=moments.starts_at,
        ends_at=moments.ends_at,
        during=tuple(taken),
        half_days=rules.times_of(wish.session).half_days,
        hold_expires_at=now + timedelta(minutes=settings.BOOKING_HOLD_MINUTES),
        price=quote.price.to_data() | {"shares": quote.price.split._asdict()},
        net_pence=quote.net_pence,
        vat_pence=quote.vat_pence,
        cancellation_tariff=quote.tariff.to_data(),
        brokerage_fee=version.brokerage_fee,
        route=quote.route.kind,
        route_reason=quote.route.reason,
        requested_by_id=actor.user_id,
    )


# Letting go ---------------------------------------------------------------------------------------------------------


def expire_holds(*, now: datetime | None = None) -> int:
    """Let go of holds whose time is over and of orders whose day came before they were confirmed; how many."""
    now = now or timezone.now()
    over = Booking.objects.scoped().filter(status=BookingStatus.HELD, hold_expires_at__lte=now)
    missed = Booking.objects.scoped().filter(status__in=UNCONFIRMED, starts_at__lte=now)
    pks = [*over.values_list("pk", flat=True), *missed.values_list("pk", flat=True)]
    return sum(_expire_one(pk=pk, now=now) for pk in pks)


@action
def _expire_one(*, pk: int, now: datetime) -> bool:
    booking = Booking.objects.scoped().select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
    if booking is None or not is_over(booking, now):
        return False
    _expire(booking)
    return True


def is_over(booking: Booking, now: datetime) -> bool:
    """Whether a hold's time, or the time to confirm an order, has run out."""
    if booking.status == BookingStatus.HELD:
        return booking.hold_expires_at <= now
    return booking.status in UNCONFIRMED and booking.starts_at <= now


def _expire(booking: Booking) -> None:
    """Whoever moved the booking meanwhile let go of it too: an order would have waited for the practitioner's row."""
    with suppress(NotNow):
        move(booking, "expire", actor=SYSTEM)
