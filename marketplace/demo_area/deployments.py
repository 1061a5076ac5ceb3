"""Deployments of the area: some of the year's bookings belong to agreements that four people signed, in every state there is.

They go through the actions people use, with the clock turned back, so that each is exactly what it would be. What a visit was stays as
`evidence` wrote it; here it only learns which agreement it belongs to.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from marketplace.bookings.errors import BeyondAgreedDays
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries import load_of
from marketplace.brokerage import actions
from marketplace.brokerage.models import Deployment, Need, NeedBooking
from marketplace.brokerage.queries import GIVEN, TAKING_DAYS
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.catalogue.models import OfferStatus
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.demo_area.words import deployments as words
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year, to_utc
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for

WANTED = (
    "active",
    "finished",
    "concern",
    "to_sign",
    "review",
    "paused",
    "finished",
    "stopped",
    "declined",
    "draft",
)
"""One deployment of each, as long as there are bookings for it; the people to sign in as come first."""

LEAST_HALF_DAYS = 2
MOST_HALF_DAYS = 24
SPARE_HALF_DAYS = 8


@dataclass
class Case:
    """One person's visits to one school this year, and the people around them."""

    bookings: list[Booking]
    need: Need | None
    signers: dict[str, User]
    staff: User
    may_grow: bool
    """Whether days beyond those booked can be agreed: the person to sign in as has orders of their own to come."""

    @property
    def first(self) -> date:
        return self.bookings[0].day

    @property
    def last(self) -> date:
        return self.bookings[-1].day

    @property
    def half_days(self) -> int:
        return sum(each.half_days for each in self.bookings)

    def actor(self, capacity: str) -> Actor:
        return actor_for(self.signers[capacity])


def agree_deployments(booked: Booked, people: People, today: Today) -> list[Deployment]:
    """The deployments of the area, ten at most."""
    cases = _cases(booked, people, today)
    made: list[Deployment] = []
    for wanted in WANTED:
        case = next((each for each in cases if _suits(each, wanted, today)), None)
        if case is None:
            continue
        cases.remove(case)
        with _left_out_where_refused():
            made.append(_live(case, wanted, today))
    return made


@contextmanager
def _left_out_where_refused() -> Iterator[None]:
    """An offer withdrawn meanwhile, a person stood down: such a case makes no deployment."""
    try:
        yield
    except DomainError:
        return


# Choosing --------------------------------------------------------------------------------------------------------------


def _cases(booked: Booked, people: People, today: Today) -> list[Case]:
    """Pairs of a school and a person with visits of this year that everybody concerned could sign for, the cast's own first."""
    begins = contract_year(ACADEMIC, today.day).start
    cast = people.receiving_school.pk if people.receiving_school else None
    by_pair: dict[tuple[int, int, int], list[Booking]] = defaultdict(list)
    for booking in booked.rows:
        waits = booking.status == BookingStatus.DELIVERED and booking.receiving_school_id == cast
        if booking.status in TAKING_DAYS and booking.status != "held" and booking.day >= begins and not waits:
            key = (booking.receiving_school_id, booking.practitioner_id, booking.offer_version.offer_id)
            by_pair[key].append(booking)
    ties = NeedBooking.objects.filter(booking__in=[each.pk for rows in by_pair.values() for each in rows])
    needs = {tie.booking_id: tie.need for tie in ties.select_related("need__theme")}
    cases = [case for rows in by_pair.values() if (case := _case(rows, people, needs))]
    return sorted(
        cases,
        key=lambda each: (
            each.signers[Capacity.PRACTITIONER] != people.practitioner,
            each.bookings[0].receiving_school_id != cast,
            -len(each.bookings),
            each.bookings[0].reference,
        ),
    )


def _case(rows: list[Booking], people: People, needs: dict[int, Need]) -> Case | None:
    rows = sorted(rows, key=lambda each: each.starts_at)
    booking = rows[0]
    offer = booking.offer_version.offer
    is_school = booking.releasing_organisation.kind == "school"
    employers = people.heads if is_school else people.leads
    signers = {
        Capacity.RECEIVING_HEAD: people.heads.get(booking.receiving_school_id),
        Capacity.RELEASING_HEAD: employers.get(booking.releasing_organisation_id),
        Capacity.PRACTITIONER: booking.practitioner.user,
        Capacity.BROKER: people.leads.get(booking.provider_id),
    }
    known = {capacity.value: user for capacity, user in signers.items() if user is not None}
    staff = people.staff.get(booking.receiving_school_id) or known.get(Capacity.RECEIVING_HEAD)
    half_days = sum(each.half_days for each in rows)
    open_offer = offer.status == OfferStatus.PUBLISHED and booking.practitioner.is_active
    if len(known) < len(Capacity) or staff is None or not open_offer:
        return None
    if not LEAST_HALF_DAYS <= half_days <= MOST_HALF_DAYS:
        return None
    need = next((needs[each.pk] for each in rows if each.pk in needs), None)
    left = load_of(booking.practitioner, academic_year(rows[-1].day)).left
    return Case(
        rows, need, known, staff, left >= SPARE_HALF_DAYS and booking.practitioner.user != people.practitioner
    )


def _suits(case: Case, wanted: str, today: Today) -> bool:
    """A finished one has all its visits behind it, a running one begun; for one that never came about any will do."""
    given = all(each.status in GIVEN for each in case.bookings)
    if wanted == "finished":
        return given and case.last < today.day - timedelta(days=7)
    if wanted in ("active", "concern", "review", "paused", "stopped"):
        return case.first < today.day
    return True


# Living ----------------------------------------------------------------------------------------------------------------


def _live(case: Case, wanted: str, today: Today) -> Deployment:
    """Written three weeks before the first visit and lived up to today."""
    waits = wanted in ("to_sign", "declined", "draft")
    begun = today.day - timedelta(days=4) if waits else case.first - timedelta(days=21)
    row = _written(case, wanted, begun, today)
    if wanted == "draft":
        return row
    with clock_at(_at(begun, 11)):
        row = actions.send_deployment(actor=actor_for(case.staff), deployment=row)
    if waits:
        return _halfway(case, row, wanted, begun)
    _sign_all(case, row, begun)
    _take_in(case, row, begun)
    _note(case, row, today)
    _go_on(case, row, wanted, today)
    row.refresh_from_db()
    return row


def _written(case: Case, wanted: str, on: date, today: Today) -> Deployment:
    booking = case.bookings[0]
    theme = booking.theme.name
    starts_on = on + timedelta(days=7)
    ends_on = case.last + timedelta(days=5)
    if wanted != "finished":
        ends_on = max(case.last, today.day) + timedelta(days=35)
    more = 0 if wanted == "finished" or not case.may_grow else 2
    with clock_at(_at(on, 9)):
        return actions.draft_deployment(
            actor=actor_for(case.staff),
            school=booking.receiving_school.school,
            offer=booking.offer_version.offer,
            practitioner=booking.practitioner,
            theme=booking.theme,
            phase=booking.phase,
            need=case.need,
            focus=words.FOCUS.format(theme=theme),
            background=words.BACKGROUND,
            objectives=[
                each | {"number": None, "aim": each["aim"].format(theme=theme.lower())}
                for each in words.OBJECTIVES
            ],
            half_days=case.half_days + more,
            starts_on=starts_on,
            ends_on=max(starts_on, ends_on),
        )


def _halfway(case: Case, row: Deployment, wanted: str, begun: date) -> Deployment:
    """Some have signed; of the one not agreed the employer says no."""
    for capacity in (Capacity.RECEIVING_HEAD, Capacity.BROKER):
        _sign(case, row, capacity, _at(begun + timedelta(days=1), 10))
    if wanted == "declined":
        with clock_at(_at(begun + timedelta(days=2), 9)):
            return actions.decline_deployment(
                actor=case.actor(Capacity.RELEASING_HEAD), deployment=row, reason=words.DECLINED
            )
    row.refresh_from_db()
    return row


def _sign_all(case: Case, row: Deployment, begun: date) -> None:
    for number, capacity in enumerate(Capacity):
        _sign(case, row, capacity, _at(begun + timedelta(days=1 + number), 10))


def _sign(case: Case, row: Deployment, capacity: Capacity, at: datetime) -> None:
    arguments: dict[str, Any] = {
        "actor": case.actor(capacity),
        "deployment": row,
        "capacity": capacity,
        "version": row.version,
    }
    with clock_at(at):
        try:
            actions.sign_deployment(**arguments)
        except BeyondAgreedDays:
            actions.sign_deployment(**arguments, beyond_agreed=True, note="Agreed with our governors.")


def _take_in(case: Case, row: Deployment, begun: date) -> None:
    with clock_at(_at(begun + timedelta(days=6), 9)):
        for number, booking in enumerate(case.bookings):
            kind = "scoping" if number == 0 else "visit"
            actions.tie_visit(actor=actor_for(case.staff), deployment=row, booking=booking, kind=kind)


def _note(case: Case, row: Deployment, today: Today) -> None:
    """Every recorded visit did something for the objectives."""
    visits = row.visits.filter(booking__visit_record__isnull=False).select_related("booking__visit_record")
    for number, visit in enumerate(visits):
        notes = {1: words.NOTES[number % 3], 2: words.NOTES[(number + 1) % 3]}
        with clock_at(min(visit.booking.visit_record.written_at + timedelta(minutes=9), today.now)):
            actions.note_objectives(actor=case.actor(Capacity.PRACTITIONER), visit=visit, notes=notes)


def _go_on(case: Case, row: Deployment, wanted: str, today: Today) -> None:
    recent = max(today.day - timedelta(days=6), case.first)
    if wanted in ("finished", "review", "concern", "active"):
        _review(case, row, min(recent, case.last + timedelta(days=1)), wanted)
    if wanted == "finished":
        _finish(case, row, today)
    if wanted == "concern":
        with clock_at(_at(recent, 15)):
            actions.raise_concern(actor=case.actor(Capacity.PRACTITIONER), deployment=row, text=words.CONCERN)
    if wanted == "review":
        _answered_concern(case, row, recent)
    ends = {"paused": actions.pause_deployment, "stopped": actions.stop_deployment}
    if wanted in ends:
        reason = words.PAUSED if wanted == "paused" else words.STOPPED
        with clock_at(_at(recent, 8)):
            ends[wanted](actor=case.actor(Capacity.RECEIVING_HEAD), deployment=row, reason=reason)


def _review(case: Case, row: Deployment, on: date, wanted: str) -> None:
    ratings = {n: actions.Rating(*words.REVIEWS[n - 1]) for n in (1, 2, 3)}
    if wanted == "concern":
        ratings[1] = actions.Rating(*words.OFF_TRACK)
    following = None if wanted == "finished" else on + timedelta(days=28)
    with clock_at(_at(on, 14)):
        actions.review_progress(
            actor=case.actor(Capacity.PRACTITIONER),
            deployment=row,
            ratings=ratings,
            next_steps=words.NEXT_STEPS,
            next_review_on=following,
        )
        if wanted in ("finished", "review"):
            actions.check_mid_point(
                actor=case.actor(Capacity.BROKER), deployment=row, on_course="yes", value=words.VALUE
            )


def _answered_concern(case: Case, row: Deployment, on: date) -> None:
    with clock_at(_at(on, 15)):
        concern = actions.raise_concern(
            actor=case.actor(Capacity.PRACTITIONER), deployment=row, text=words.CONCERN
        )
    with clock_at(_at(on + timedelta(days=1), 9)):
        actions.answer_concern(actor=case.actor(Capacity.BROKER), concern=concern, answer=words.ANSWER)


def _finish(case: Case, row: Deployment, today: Today) -> None:
    with clock_at(min(_at(case.last + timedelta(days=6), 16), today.now)):
        actions.evaluate_deployment(
            actor=case.actor(Capacity.RECEIVING_HEAD),
            deployment=row,
            outcomes={n: actions.Judged(*words.OUTCOMES[n - 1]) for n in (1, 2, 3)},
            overall=4,
            effectiveness=5,
            value_for_money="yes",
            what_lasts=words.LASTS,
        )
        actions.comment_on_evaluation(
            actor=case.actor(Capacity.PRACTITIONER), deployment=row, text=words.COMMENT
        )
        for capacity in (Capacity.RECEIVING_HEAD, Capacity.RELEASING_HEAD):
            actions.agree_case_study(actor=case.actor(capacity), deployment=row, agreed=True)


def _at(day: date, hour: int) -> datetime:
    return to_utc(day, time(hour))
