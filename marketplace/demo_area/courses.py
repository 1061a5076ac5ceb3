"""Courses of the area: one that took place and was billed, one full with schools waiting, one bought by a group, one that sells badly.

They go through the actions people use, under the clock of the day on which somebody would have done it.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count, cycle
from typing import Any

from marketplace.billing.actions.courses import bill_courses
from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import Attendee, GroupShare
from marketplace.bookings.course_errors import LeadTaken
from marketplace.bookings.models import CourseEvent, EventStatus, LeadStatus, PlaceOrder
from marketplace.bookings.rules.courses import Stretch
from marketplace.buyback.queries import may_approve_order
from marketplace.catalogue.models import Offer, OfferStatus, ServiceKind
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, clock_at
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import add_working_days, is_working_day
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Area, Cluster, OrganisationKind, School
from marketplace.organisations.queries import actor_for

MORNING, AFTERNOON, TWILIGHT = (time(9), time(12)), (time(13), time(16)), (time(16), time(17, 30))
MOST_TRIES = 12
FEWEST_BUYERS = 8
"""In an area with fewer schools that buy, a course can’t be full with others waiting."""
NAMES = (
    "Alex",
    "Bela",
    "Casey",
    "Devi",
    "Ellis",
    "Farah",
    "Gwen",
    "Hari",
    "Imran",
    "Jo",
    "Kit",
    "Lena",
    "Mo",
    "Nia",
)
JOBS = ("Teacher", "Phase leader", "Teaching assistant", "Subject lead", "Deputy headteacher")


@dataclass
class _Stage:
    """Who there is, and what has been put on."""

    area: Area
    people: People
    chance: Chance
    today: Today
    offers: Iterator[Offer]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def heads_apart_from(self, event: CourseEvent) -> list[tuple[School, Actor]]:
        """Schools with somebody who may commit money, not those that give the course, in an order of their own."""
        schools = {
            school.pk: school
            for school in School.objects.filter(
                pk__in=self.people.budget_holders, status_code__in=School.OPEN_STATUSES
            )
            .select_related("organisation", "trust")
            .exclude(pk=event.provider_id)
        }
        found = [
            (schools[pk], actor_for(user)) for pk, user in self.people.budget_holders.items() if pk in schools
        ]
        own = self.people.receiving_school
        first = [pair for pair in found if own is not None and pair[0].pk == own.pk]
        return first + [pair for pair in found if pair not in first]

    def attendees(self, number: int) -> list[Attendee]:
        made = [next(self.numbers) for _ in range(number)]
        return [
            Attendee(f"{NAMES[n % len(NAMES)]} {chr(65 + n // len(NAMES) % 26)}.", JOBS[n % len(JOBS)])
            for n in made
        ]


def run_courses(area: Area, people: People, chance: Chance, today: Today) -> list[CourseEvent]:
    """Every kind of course there is, where the area has offers for them."""
    offers = list(
        Offer.objects.filter(
            status=OfferStatus.PUBLISHED,
            provider__area=area,
            provider__in=people.leads,
            current__support_type__service_kind=ServiceKind.COURSE,
            current__price_rule__kind="per_place",
            current__practitioners__is_active=True,
            current__scope="open",
        )
        .select_related("current", "provider__school")
        .distinct()
        .order_by("pk")
    )
    if not offers or len(people.budget_holders) < FEWEST_BUYERS:
        return []
    offers.sort(key=_led_by_ones_own)  # the course that took place is settled with whoever lent its leader
    stage = _Stage(area, people, chance, today, cycle(offers))
    made: list[CourseEvent | None] = []
    for make in (
        _delivered,
        _full_with_a_waiting_list,
        _bought_by_a_group,
        _sells_badly,
        _of_three_twilights,
        _waits_for_release,
    ):
        with suppress(DomainError):  # what the rules refuse in this area is not there
            made.append(make(stage))
    return [event for event in made if event is not None]


def _led_by_ones_own(offer: Offer) -> bool:
    first = offer.shown.practitioners.filter(is_active=True).order_by("pk").first()
    return first is None or first.releasing_organisation_id == offer.provider_id


def _delivered(stage: _Stage) -> CourseEvent | None:
    """Five weeks ago: six places, one nobody came to, one given back late."""
    event = _scheduled(stage, first_try=stage.today + -35, begun_days_before=50, hours=MORNING, seats=12)
    if event is None:
        return None
    buyers = stage.heads_apart_from(event)[:3]
    with clock_at(event.starts_at - timedelta(days=30)):
        orders = [_booked(stage, event, school, actor, 2) for school, actor in buyers]
    placed = [order for order in orders if order is not None]
    if not placed:
        return event
    with clock_at(event.starts_at - timedelta(days=6)):
        actor = next(actor for school, actor in buyers if school.pk == placed[-1].school_id)
        if placed[-1].status == "confirmed":
            courses.cancel_place(actor=actor, order=placed[-1].reference, number=2, reason="Staff illness")
    lead = actor_for(stage.people.leads[event.provider_id])
    with clock_at(event.ends_at + timedelta(hours=2)):
        here = [place.pk for place in event.places.filter(status="booked").order_by("pk")][1:]
        courses.sweep_courses()
        courses.take_register(actor=lead, event=event.reference, number=1, came=here)
        courses.finish_event(actor=lead, event=event.reference)
    # The year's papers are issued: this one is made up for this morning, and its number comes after theirs.
    with clock_at(stage.today.now):
        bill_courses(event_id=event.pk)
    return event


def _full_with_a_waiting_list(stage: _Stage) -> CourseEvent | None:
    """Six seats, all taken; three schools wait, and one seat that was given back this morning is offered to the first of them."""
    event = _scheduled(stage, first_try=stage.today + 28, begun_days_before=40, hours=AFTERNOON, seats=6)
    if event is None:
        return None
    schools = stage.heads_apart_from(event)
    first, *others = schools[:7]
    with clock_at(stage.today.ago(12)):
        taken = [_booked(stage, event, school, actor, 2) for school, actor in others[:3]]
    with clock_at(stage.today.ago(9)):
        for school, actor in [first, *others[3:5]]:
            courses.join_waiting(actor=actor, event=event.reference, school=school, places=1)
    given = next((order for order in taken if order is not None and order.status == "confirmed"), None)
    if given is not None:
        actor = next(actor for school, actor in others if school.pk == given.school_id)
        with clock_at(stage.today.now):
            courses.cancel_place(
                actor=actor, order=given.reference, number=1, reason="She is on jury service"
            )
    return event


def _bought_by_a_group(stage: _Stage) -> CourseEvent | None:
    """Three schools of a cluster buy five places between them, by pupils; one of them still has to approve."""
    event = _scheduled(stage, first_try=stage.today + 45, begun_days_before=30, hours=MORNING, seats=20)
    if event is None:
        return None
    payers = dict(stage.heads_apart_from(event))
    by_key = {school.pk: (school, actor) for school, actor in payers.items()}
    for cluster in Cluster.objects.filter(area=stage.area).prefetch_related("schools").order_by("pk"):
        members = [by_key[s.pk] for s in cluster.schools.order_by("urn") if s.pk in by_key and s.pupils][:3]
        if len(members) < 2:
            continue
        (lead, actor), *rest = members
        shares = [GroupShare(lead, 2), *(GroupShare(school, 1) for school, _ in rest)]
        with clock_at(stage.today.ago(2)):
            group = courses.book_as_group(
                actor=actor, event=event.reference, lead_school=lead, shares=shares, split_by="pupils"
            )
        for school, holder in rest[:-1]:
            share = PlaceOrder.objects.scoped().get(group=group, school=school.pk)
            if may_approve_order(holder, share.school, share.committed_pence, share.requested_by_id):
                with clock_at(stage.today.ago(1)):
                    courses.approve_places(actor=holder, order=share.reference)
        return event
    return event


def _sells_badly(stage: _Stage) -> CourseEvent | None:
    """In two and a half weeks, for eight people at least, and one place sold."""
    event = _scheduled(
        stage, first_try=stage.today + 16, begun_days_before=35, hours=MORNING, seats=25, minimum=8
    )
    if event is not None:
        school, actor = stage.heads_apart_from(event)[-1]
        with clock_at(stage.today.ago(5)):
            _booked(stage, event, school, actor, 1)
    return event


def _of_three_twilights(stage: _Stage) -> CourseEvent | None:
    """Three dates, a fortnight apart; the school to sign in as has two places, one of them not named yet."""
    event = _scheduled(
        stage, first_try=stage.today + 56, begun_days_before=20, hours=TWILIGHT, seats=16, dates=3
    )
    if event is not None:
        school, actor = stage.heads_apart_from(event)[0]
        with clock_at(stage.today.ago(3)):
            _placed(event, school, actor, [*stage.attendees(1), Attendee()])
    return event


def _waits_for_release(stage: _Stage) -> CourseEvent | None:
    """Led by somebody of a school whose headteacher has not said yes yet, where there is one."""
    return _scheduled(
        stage, first_try=stage.today + 70, begun_days_before=1, hours=MORNING, seats=15, release=False
    )


def _scheduled(
    stage: _Stage,
    *,
    first_try: date,
    begun_days_before: int,
    hours: tuple[time, time],
    seats: int,
    minimum: int = 1,
    dates: int = 1,
    release: bool = True,
) -> CourseEvent | None:
    """The next offer, on the first working days on which somebody is free to lead it; everybody released unless told otherwise."""
    offer = next(stage.offers)
    version = offer.shown
    leaders = list(
        version.practitioners.filter(is_active=True).select_related("releasing_organisation").order_by("pk")
    )[:1]
    lead = actor_for(stage.people.leads[offer.provider_id])
    day, moment = first_try, stage.today.ago(begun_days_before)
    is_remote = version.mode == "remote"
    host = _a_host(stage, offer)
    for _ in range(MOST_TRIES):
        while not is_working_day(day):
            day += timedelta(days=1)
        days = [add_working_days(day, 10 * number) for number in range(dates)]
        arguments: dict[str, Any] = {
            "actor": lead,
            "offer": offer,
            "dates": [Stretch(each, *hours) for each in days],
            "mode": "remote" if is_remote else "in_person",
            "held_at": None if is_remote else host,
            "joining": "The link comes by e-mail the day before."
            if is_remote
            else "Sign in at reception. There is parking behind the hall; coffee from half an hour before.",
            "seats": seats,
            "minimum_places": minimum,
            "closing_day": add_working_days(day, -2),
            "leaders": leaders,
        }
        with clock_at(min(moment, stage.today.now)):
            try:
                event = courses.schedule_event(**arguments)
            except LeadTaken:
                day += timedelta(days=1)
                continue
            except DomainError:
                return None
            return _released(stage, event) if release else event
    return None


def _released(stage: _Stage, event: CourseEvent) -> CourseEvent | None:
    """The headteacher says yes, if there is one on the exchange."""
    for lead in event.leads.filter(status=LeadStatus.AWAITING_RELEASE).select_related(
        "practitioner__releasing_organisation"
    ):
        employer = lead.practitioner.releasing_organisation
        is_school = employer.kind == OrganisationKind.SCHOOL
        head = (stage.people.heads if is_school else stage.people.leads).get(employer.pk)
        if head is None:
            return None
        courses.consent_to_lead(
            actor=actor_for(head),
            event=event.reference,
            practitioner=lead.practitioner.reference,
            beyond_agreed=True,
            note="Agreed: it is good for us, too.",
        )
    event.refresh_from_db()
    return event if event.status == EventStatus.OPEN else None


def _a_host(stage: _Stage, offer: Offer) -> School | None:
    if hasattr(offer.provider, "school"):
        return offer.provider.school
    places = School.objects.filter(area=stage.area, latitude__isnull=False, status_code="1")
    found = list(places.select_related("organisation").order_by("urn"))
    return stage.chance.one_of(found) if found else None


def _booked(
    stage: _Stage, event: CourseEvent, school: School, actor: Actor, number: int
) -> PlaceOrder | None:
    return _placed(event, school, actor, stage.attendees(number))


def _placed(event: CourseEvent, school: School, actor: Actor, who: list[Attendee]) -> PlaceOrder | None:
    place: Callable[..., PlaceOrder] = courses.book_places
    try:
        return place(actor=actor, event=event.reference, school=school, attendees=who)
    except DomainError:
        return None
