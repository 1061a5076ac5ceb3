"""Holding a person's time while a school decides.

The practitioner's row is locked first, so that of many people who want the same session exactly one gets it; the exclusion
constraint of the table stands behind the lock and says the same in the database's words.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.utils import timezone

from marketplace.bookings import queries, rules
from marketplace.bookings.actions.steps import LONGEST_NOTE, lock_practitioner, move, trimmed
from marketplace.bookings.errors import NotAvailable, NotBookable, SlotTaken
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import OCCUPYING, UNCONFIRMED, Booking, BookingStatus
from marketplace.bookings.rules import DiaryFacts, Moments
from marketplace.catalogue.models import (
    DeliveryMode,
    Offer,
    OfferScope,
    OfferStatus,
    OfferVersion,
    Practitioner,
    Theme,
)
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action, constraint_of
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import Organisation, School


class _Taken(Exception):
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
) -> Booking:
    """Hold a person for a session while the school decides, for `BOOKING_HOLD_MINUTES`.

    Asking again for the same returns the same booking. Raises `NotBookable` where offer, person or school do not allow it,
    `NotAvailable` with the reason when the diary is closed, `SlotTaken` with the next free times when somebody was quicker.
    """
    try:
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
        )
    except _Taken as taken:
        raise _slot_taken(practitioner, session, day) from taken
    except IntegrityError as error:
        if constraint_of(error) != "a_person_is_in_one_place_at_a_time":
            raise
        raise _slot_taken(practitioner, session, day) from error


def _slot_taken(practitioner: Practitioner, session: str, day: date) -> SlotTaken:
    now = timezone.now()
    return SlotTaken(queries.next_free_sessions(practitioner, session, after=day, now=now))


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
) -> Booking:
    actor.must_hold(*SCHOOL_BUYERS, at=school_id, to="book for this school")
    person = lock_practitioner(practitioner.pk)
    now = timezone.now()
    version = _version_to_book(offer, person, theme)
    school = School.objects.select_related("organisation__area", "trust").get(pk=school_id)
    _check_offer(version, session=session, phase=phase, mode=mode)
    _check_school(version, person, school)

    diary = queries.facts_of([person], day, day, now=now, with_bookings=False)[person.pk]
    taken = diary.with_travel(rules.moments_of(day, session))
    if own := _sweep_and_find_own(actor, person, school_id, session, taken, now):
        if _is_same(own, version, theme, phase, mode):
            return own
        move(own, "withdraw", actor=actor, note="Another choice for the same time")
    _check_diary(diary, day, session, now)

    booking = _new_booking(actor, version, person, school, day, session, taken, now)
    booking.theme, booking.phase, booking.mode, booking.focus = (
        theme,
        phase,
        mode,
        trimmed(focus, LONGEST_NOTE, "focus"),
    )
    booking.save(force_insert=True)
    history.write(booking, verb="hold", after=BookingStatus.HELD, by=actor)
    events.publish(BookingMoved(booking.pk, "hold", "", BookingStatus.HELD))
    return booking


def _version_to_book(offer: Offer, person: Practitioner, theme: Theme) -> OfferVersion:
    version = (
        OfferVersion.objects.filter(pk=offer.current_id or 0)
        .select_related("support_type", "offer__provider__school", "offer__provider__area")
        .annotate(
            has_person=Exists(
                OfferVersion.practitioners.through.objects.filter(
                    offerversion=OuterRef("pk"), practitioner=person
                )
            ),
            has_theme=Exists(
                OfferVersion.themes.through.objects.filter(offerversion=OuterRef("pk"), theme=theme)
            ),
        )
        .first()
    )
    if version is None or version.offer.status != OfferStatus.PUBLISHED:
        raise NotBookable("This offer is not open for bookings.", remedy="Look for another offer.")
    if version.offer.provider.suspended_at is not None:
        raise NotBookable("The provider takes no bookings at present.", remedy="Look for another provider.")
    if (
        not version.has_person
        or not person.is_active
        or person.releasing_organisation.suspended_at is not None
    ):
        raise NotBookable(f"{person} can’t be booked for this offer.", remedy="Choose another person.")
    if not version.has_theme:
        raise NotBookable(
            f"This offer is not for {theme}.", remedy="Choose one of its themes.", field="theme"
        )
    return version


def _check_offer(version: OfferVersion, *, session: str, phase: str, mode: str) -> None:
    if session not in rules.SESSIONS:
        raise NotBookable(
            "That is not a session.", remedy=f"Choose one of: {', '.join(rules.SESSIONS)}.", field="session"
        )
    if phase not in version.phases:
        raise NotBookable(
            "This offer is not for that phase.", remedy="Choose one of its phases.", field="phase"
        )
    modes = (
        {DeliveryMode.IN_PERSON, DeliveryMode.REMOTE} if version.mode == DeliveryMode.BOTH else {version.mode}
    )
    if mode not in modes:
        raise NotBookable(
            "This offer is not given that way.",
            remedy="Choose in person or remote, as the offer says.",
            field="mode",
        )
    if rules.SESSIONS[session].half_days < version.minimum_half_days:
        raise NotBookable(
            f"This offer is for at least {format_days(version.minimum_half_days)}.",
            remedy="Choose a longer session.",
            field="session",
        )


def _check_school(version: OfferVersion, person: Practitioner, school: School) -> None:
    provider = version.offer.provider
    if not school.is_open:
        raise NotBookable(
            f"{school.organisation} is closed in the register.", remedy="Book for an open school."
        )
    if school.pk in {person.releasing_organisation_id, provider.pk}:
        raise NotBookable(
            f"{person} works for {school.organisation}, and a school doesn’t book its own people.",
            remedy="Arrange the time within the school, or choose somebody else.",
        )
    if version.scope == OfferScope.TRUST and not _is_of_the_family(provider, school):
        raise NotBookable("This offer is only for schools of its trust.", remedy="Look for another offer.")


def _is_of_the_family(provider: Organisation, school: School) -> bool:
    """Whether the school belongs to the trust or federation that provides, or to that of the school that provides."""
    families: set[int | None] = {provider.pk}
    if hasattr(provider, "school"):
        families |= {provider.school.trust_id, provider.school.federation_id}
    return bool(({school.trust_id, school.federation_id} - {None}) & families)


def _check_diary(diary: DiaryFacts, day: date, session: str, now: datetime) -> None:
    if reason := rules.why_not_free(diary, day, session, now=now):
        raise NotAvailable(
            f"That time can’t be booked: {reason[0].lower()}{reason[1:]}.",
            remedy="Choose another day or session.",
            field="session",
        )


def _sweep_and_find_own(
    actor: Actor, person: Practitioner, school_id: int, session: str, taken: Moments, now: datetime
) -> Booking | None:
    """Let go of holds whose time is over; find the person's own hold; `_Taken` where anybody else has the time."""
    own = None
    for rival in Booking.objects.scoped().filter(
        practitioner=person, status__in=OCCUPYING, during__overlap=tuple(taken)
    ):
        if rival.status == BookingStatus.HELD and rival.hold_expires_at <= now:
            _expire(rival)
        elif _is_own_hold(rival, actor, school_id, session):
            own = rival
        else:
            raise _Taken
    return own


def _is_own_hold(rival: Booking, actor: Actor, school_id: int, session: str) -> bool:
    return (
        rival.status == BookingStatus.HELD
        and rival.requested_by_id == actor.user_id
        and rival.receiving_school_id == school_id
        and rival.session == session
    )


def _is_same(own: Booking, version: OfferVersion, theme: Theme, phase: str, mode: str) -> bool:
    kept = (own.offer_version_id, own.theme_id, own.phase, own.mode)
    return kept == (version.pk, theme.pk, phase, mode)


def _new_booking(
    actor: Actor,
    version: OfferVersion,
    person: Practitioner,
    school: School,
    day: date,
    session: str,
    taken: Moments,
    now: datetime,
) -> Booking:
    moments = rules.moments_of(day, session)
    quote = queries.quote(
        version,
        school=school,
        provider=version.offer.provider,
        session=session,
        day=day,
        today=local(now).date(),
    )
    assert actor.user_id is not None, "a person holds, never the exchange itself"
    return Booking(
        status=BookingStatus.HELD,
        offer_version=version,
        provider=version.offer.provider,
        practitioner=person,
        releasing_organisation=person.releasing_organisation,
        receiving_school=school.organisation,
        session=session,
        day=day,
        starts_at=moments.starts_at,
        ends_at=moments.ends_at,
        during=tuple(taken),
        half_days=rules.SESSIONS[session].half_days,
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
