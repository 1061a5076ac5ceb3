"""Scheduling a course: dates, seats and the people who lead it, whose time is taken under the same lock as a booking takes it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone

from marketplace.bookings import rules as diary_rules
from marketplace.bookings.actions.courses.steps import EventRef, lock_event, move_event
from marketplace.bookings.actions.steps import LONGEST_NOTE, lock_practitioner, move, trimmed
from marketplace.bookings.course_errors import CourseInvalid, LeadTaken
from marketplace.bookings.course_events import LeadAsked
from marketplace.bookings.errors import NotBookable
from marketplace.bookings.models import (
    OCCUPYING,
    Booking,
    BookingStatus,
    CourseDate,
    CourseEvent,
    CourseLead,
    EventStatus,
    LeadStatus,
    LeadTime,
)
from marketplace.bookings.models.courses import ONE_PLACE
from marketplace.bookings.queries.courses import scopes
from marketplace.bookings.queries.diaries import diary_of
from marketplace.bookings.rules import courses as rules
from marketplace.bookings.rules.courses import Stretch
from marketplace.catalogue.models import (
    DeliveryMode,
    Offer,
    OfferStatus,
    OfferVersion,
    Practitioner,
    ServiceKind,
)
from marketplace.catalogue.pricing import PriceRule
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import clock_words, long_date
from marketplace.kernel.db import action, constraint_of
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import OrganisationKind, School

LONGEST_VENUE = 200
TAKEN_BY = frozenset({ONE_PLACE, "a_person_leads_one_course_at_a_time"})


def schedule_event(
    *,
    actor: Actor,
    offer: Offer,
    dates: Sequence[Stretch],
    mode: str,
    seats: int,
    minimum_places: int,
    closing_day: date,
    leaders: Sequence[Practitioner],
    venue: str = "",
    held_at: School | None = None,
    joining: str = "",
) -> CourseEvent:
    """Put a course of a published offer on its dates. It opens for bookings once all who lead it are released.

    `held_at` is the school it is held at, which tells how far away it is. Raises `CourseInvalid`, `DatesInvalid`, `NotBookable`, and
    `LeadTaken` where a person who should lead it has something else at that time.
    """
    try:
        return _schedule(
            actor=actor,
            offer=offer,
            dates=sorted(dates),
            mode=mode,
            seats=seats,
            minimum_places=minimum_places,
            closing_day=closing_day,
            leaders=leaders,
            venue=venue,
            held_at=held_at,
            joining=joining,
        )
    except IntegrityError as error:
        if constraint_of(error) not in TAKEN_BY:
            raise
        raise LeadTaken(
            "One of the people who should lead the course was booked for that time a moment ago.",
            remedy="Choose other dates or somebody else.",
            field="leaders",
        ) from error


@action
def _schedule(
    *,
    actor: Actor,
    offer: Offer,
    dates: Sequence[Stretch],
    mode: str,
    seats: int,
    minimum_places: int,
    closing_day: date,
    leaders: Sequence[Practitioner],
    venue: str,
    held_at: School | None,
    joining: str,
) -> CourseEvent:
    if not scopes.runs(actor, offer.provider_id):
        raise NotAllowed("You can’t schedule this course.", remedy="This is for a lead of the provider.")
    now = timezone.now()
    rules.check_dates(dates)
    version = _version_to_schedule(offer)
    _check_mode(version, mode, venue, held_at)
    _check_seats(seats, minimum_places)
    closes_at = rules.closing_moment(closing_day, dates[0])
    if closes_at <= now:
        raise CourseInvalid(
            "Bookings would have closed already.", remedy="Choose a later closing date.", field="closing_day"
        )
    # The locks first, in order, as bookings take them; then everything that is written.
    people = [lock_practitioner(pk) for pk in sorted({person.pk for person in leaders})]
    _check_leaders(version, people)
    for person in people:
        _check_free(person, dates, mode, now)
    event = CourseEvent.objects.scoped().create(
        status=EventStatus.PLANNED,
        offer_version=version,
        provider=version.offer.provider,
        title=version.title,
        mode=mode,
        venue=trimmed(venue, LONGEST_VENUE, "venue") or (_address(held_at) if held_at else ""),
        venue_latitude=held_at.latitude if held_at else None,
        venue_longitude=held_at.longitude if held_at else None,
        joining=trimmed(joining, LONGEST_NOTE, "joining"),
        seats=seats,
        minimum_places=minimum_places,
        starts_at=dates[0].starts_at,
        ends_at=max(stretch.ends_at for stretch in dates),
        closes_at=closes_at,
        cancellation_tariff=CancellationTariff.from_data(version.cancellation_tariff).to_data(),
        scheduled_by_id=actor.user_id,
    )
    rows = CourseDate.objects.bulk_create(
        CourseDate(
            event=event, number=number, day=stretch.day, starts_at=stretch.starts_at, ends_at=stretch.ends_at
        )
        for number, stretch in enumerate(dates, start=1)
    )
    history.write(event, verb="schedule", after=EventStatus.PLANNED, by=actor)
    half_days = sum(stretch.half_days for stretch in dates)
    for person in people:
        _add_lead(actor, event, person, rows, half_days, now)
    open_when_released(event)
    return event


@action
def change_joining(*, actor: Actor, event: EventRef, joining: str) -> CourseEvent:
    """Change what those with a place are told about joining: the link, what to bring, where to park."""
    row = lock_event(actor, event)
    if not scopes.may_take_register(actor, row):
        raise NotAllowed(
            "You can’t change this course.",
            remedy="This is for those who lead it and the leads of its provider.",
        )
    row.joining = trimmed(joining, LONGEST_NOTE, "joining")
    row.save(update_fields=["joining"])
    history.write(row, verb="change_joining", by=actor)
    return row


def open_when_released(event: CourseEvent) -> None:
    """Open a planned course once nobody who leads it still has to be released."""
    if event.status != EventStatus.PLANNED:
        return
    if not CourseLead.objects.filter(event=event, status=LeadStatus.AWAITING_RELEASE).exists():
        move_event(event, "open", actor=SYSTEM, note="Everybody who leads it is released")


def times_of(event: CourseEvent, lead: CourseLead, dates: Sequence[CourseDate]) -> list[LeadTime]:
    """The times a course takes of somebody who leads it, travel included where it is held in a room."""
    travel = timedelta(minutes=diary_of(lead.practitioner).travel_minutes if event.mode == "in_person" else 0)
    return [
        LeadTime(
            lead=lead,
            date=date_row,
            practitioner_id=lead.practitioner_id,
            during=(date_row.starts_at, date_row.ends_at + travel),
        )
        for date_row in dates
    ]


def _add_lead(
    actor: Actor,
    event: CourseEvent,
    person: Practitioner,
    dates: Sequence[CourseDate],
    half_days: int,
    now: datetime,
) -> None:
    lead = CourseLead(
        event=event,
        practitioner=person,
        releasing_organisation=person.releasing_organisation,
        half_days=half_days,
    )
    is_school = person.releasing_organisation.kind == OrganisationKind.SCHOOL
    released = diary_rules.release_is_automatic(
        provider_id=event.provider_id,
        releasing_id=person.releasing_organisation_id,
        releasing_is_school=is_school,
    ) or scopes.may_release(actor, lead)
    if released:
        lead.status = LeadStatus.RELEASED
        lead.decided_by_id, lead.decided_at = actor.user_id, now
    lead.save(force_insert=True)
    LeadTime.objects.bulk_create(times_of(event, lead, dates))
    history.write(lead, verb="schedule", after=lead.status, by=actor)
    if not released:
        events.publish(LeadAsked(lead.pk))


def _version_to_schedule(offer: Offer) -> OfferVersion:
    version = (
        OfferVersion.objects.filter(pk=offer.current_id or 0)
        .select_related("support_type", "offer__provider")
        .first()
    )
    if version is None or version.offer.status != OfferStatus.PUBLISHED:
        raise NotBookable("This offer is not published.", remedy="Publish it first.", field="offer")
    if version.offer.provider.suspended_at is not None:
        raise NotBookable("The provider takes no bookings at present.", remedy="Ask the convenor.")
    if version.support_type.service_kind != ServiceKind.COURSE:
        raise NotBookable(
            f"“{version.title}” is not a course.", remedy="Choose an offer whose kind of support is a course."
        )
    if not PriceRule.from_data(version.price_rule).smallest_quantity().places:
        raise NotBookable(
            f"“{version.title}” has no price a place.",
            remedy="Give the offer a price a place, and publish it again.",
        )
    return version


def _check_mode(version: OfferVersion, mode: str, venue: str, held_at: School | None) -> None:
    modes = (
        {DeliveryMode.IN_PERSON, DeliveryMode.REMOTE} if version.mode == DeliveryMode.BOTH else {version.mode}
    )
    if mode not in modes:
        raise CourseInvalid(
            "The offer is not given that way.",
            remedy="Choose in person or remote, as the offer says.",
            field="mode",
        )
    if mode == DeliveryMode.IN_PERSON and not venue.strip() and held_at is None:
        raise CourseInvalid(
            "Say where it takes place.", remedy="Give the venue or the school.", field="venue"
        )


def _check_seats(seats: int, minimum: int) -> None:
    if not 1 <= seats <= rules.MOST_SEATS:
        raise CourseInvalid(
            "Say how many seats there are.", remedy=f"Give 1 to {rules.MOST_SEATS}.", field="seats"
        )
    if not 1 <= minimum <= seats:
        raise CourseInvalid(
            "The fewest people it takes place with must be between 1 and the number of seats.",
            remedy="Correct one of the two.",
            field="minimum_places",
        )


def _check_leaders(version: OfferVersion, people: Sequence[Practitioner]) -> None:
    if not people:
        raise CourseInvalid("Say who leads the course.", remedy="Choose one person or more.", field="leaders")
    known = set(version.practitioners.values_list("pk", flat=True))
    for person in people:
        if person.pk not in known or not person.is_active or person.releasing_organisation.suspended_at:
            raise CourseInvalid(
                f"{person} can’t lead a course of this offer.",
                remedy="Choose people the offer names.",
                field="leaders",
            )


def _check_free(person: Practitioner, dates: Sequence[Stretch], mode: str, now: datetime) -> None:
    """Raise `LeadTaken` where the person has something else; holds whose time is over are let go. The person's row is locked."""
    travel = timedelta(minutes=diary_of(person).travel_minutes if mode == "in_person" else 0)
    for stretch in dates:
        span = (stretch.starts_at, stretch.ends_at + travel)
        for rival in Booking.objects.scoped().filter(
            practitioner=person, status__in=OCCUPYING, during__overlap=span
        ):
            if rival.status == BookingStatus.HELD and rival.hold_expires_at <= now:
                with suppress(NotNow):
                    move(rival, "expire", actor=SYSTEM)
                continue
            raise _taken(person, stretch)
        if LeadTime.objects.filter(practitioner=person, during__overlap=span).exists():
            raise _taken(person, stretch)


def _taken(person: Practitioner, stretch: Stretch) -> LeadTaken:
    return LeadTaken(
        f"{person} is booked already on {long_date(stretch.day)} between {clock_words(stretch.starts)} and {clock_words(stretch.ends)}.",
        remedy="Choose another date or somebody else.",
        field="leaders",
    )


def _address(school: School) -> str:
    parts = (school.organisation.name, school.street, school.town, school.postcode)
    return ", ".join(part for part in parts if part)[:LONGEST_VENUE]
