"""What bookings leave behind: records of visit, evaluations, and ties to needs."""

from collections import defaultdict
from datetime import datetime, timedelta

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import rules
from marketplace.brokerage.models import (
    ImpactEvaluation,
    Need,
    NeedBooking,
    NeedStatus,
    UnmetDemand,
    VisitRecord,
)
from marketplace.brokerage.queries import COUNTED_STATUSES
from marketplace.catalogue.models import Offer
from marketplace.demo_area.bodies import Place
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.needs import Needs
from marketplace.demo_area.offers import Listed
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, write
from marketplace.demo_area.words.support import (
    COUNTER_EVIDENCE,
    EVIDENCE_OF_CHANGE,
    HAPPENED,
    NEXT_STEPS,
    UNMET,
    UNMET_WORDS,
    WHAT_CHANGED,
)
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, contract_year, local
from marketplace.kernel.models import HistoryEntry

PROMISED = (BookingStatus.AWAITING_APPROVAL, BookingStatus.AWAITING_RELEASE)
PERCENT_MET = 60


# Records and evaluations ---------------------------------------------------------------------------------------------


def write_records(booked: Booked, listed: list[Listed], chance: Chance) -> None:
    """A record for every visit that took place, an evaluation where the head has written one, and the ratings of offers."""
    records, evaluations = [], []
    totals: dict[int, list[int]] = defaultdict(list)
    for booking in booked.rows:
        life = booked.lives[booking.reference]
        if delivered := life.step("deliver"):
            assert delivered.by is not None
            records.append(
                VisitRecord(
                    booking=booking,
                    written_by=delivered.by,
                    written_at=delivered.at,
                    happened=chance.one_of(HAPPENED).format(theme=booking.theme.name.lower()),
                    next_steps=chance.one_of(NEXT_STEPS),
                    late=local(delivered.at).date() > rules.record_due_on(booking.day),
                )
            )
        if evaluated := life.step("evaluate"):
            assert evaluated.by is not None
            made = _evaluation(booking, chance)
            made.evaluated_by, made.evaluated_at = evaluated.by, evaluated.at
            evaluations.append(made)
            totals[booking.offer_version.offer_id].append(rules.rating_of(made.success, made.effectiveness))
    write(records)
    write(evaluations)
    rated = [each.offer for each in listed if each.offer.pk in totals]
    for offer in rated:
        offer.rating_total, offer.rating_count = sum(totals[offer.pk]), len(totals[offer.pk])
    Offer.objects.bulk_update(rated, ["rating_total", "rating_count"], batch_size=500)


def _evaluation(booking: Booking, chance: Chance) -> ImpactEvaluation:
    success = chance.rng.choices((5, 4, 3, 2, 1), (25, 42, 22, 8, 3))[0]
    said = {5: (0, 1, 3), 4: (0, 1, 2, 3), 3: (2, 4), 2: (4, 5), 1: (5,)}[success]
    return ImpactEvaluation(
        booking=booking,
        success=success,
        effectiveness=min(5, max(1, success + chance.rng.choice((0, 0, 1, -1)))),
        what_changed=WHAT_CHANGED[chance.one_of(said)].format(theme=booking.theme.name.lower()),
        evidence=chance.one_of(EVIDENCE_OF_CHANGE),
        counter_evidence=chance.one_of(COUNTER_EVIDENCE),
    )


# Needs ---------------------------------------------------------------------------------------------------------------


def tie_to_needs(booked: Booked, needs: Needs, chance: Chance, today: Today) -> dict[int, int]:
    """Tie this year's bookings to the needs they were made for; half-days met come back, by need. Some needs are met by them."""
    begins = contract_year(ACADEMIC, today.day).start
    by_what = {
        (need.school_id, need.theme_id, need.phase): need
        for need in needs.rows
        if need.status == NeedStatus.OPEN
    }
    ties: list[NeedBooking] = []
    met: dict[int, int] = defaultdict(int)
    last: dict[int, datetime] = {}
    for booking in booked.rows:
        need = by_what.get((booking.receiving_school_id, booking.theme_id, booking.phase))
        if need is None or booking.day < begins or booking.created_at < need.declared_at:
            continue
        if booking.status in (*COUNTED_STATUSES, *PROMISED):
            ties.append(NeedBooking(need=need, booking=booking))
        if booking.status in COUNTED_STATUSES:
            met[need.pk] += booking.half_days
        if booking.delivered_at:
            last[need.pk] = max(booking.delivered_at, last.get(need.pk, booking.delivered_at))
    write(ties)
    done = [
        need
        for need in needs.rows
        if need.pk in last and met[need.pk] >= need.half_days_needed and chance.happens(PERCENT_MET)
    ]
    for need in done:
        need.status = NeedStatus.MET
    Need.objects.scoped().bulk_update(done, ["status"], batch_size=500)
    write([_met(need, last[need.pk], today) for need in done])
    return dict(met)


def _met(need: Need, delivered_at: datetime, today: Today) -> HistoryEntry:
    by = need.declared_by
    return HistoryEntry(
        subject_type=Need._meta.label_lower,
        subject_id=need.pk,
        verb="meet",
        before=NeedStatus.OPEN,
        after=NeedStatus.MET,
        by=by,
        by_name=by.name if by else SYSTEM.name,
        at=min(delivered_at + timedelta(days=1), today.now),
    )


def days_taken(booked: Booked, today: Today) -> dict[int, int]:
    """Half-days of this school year that are confirmed, delivered or waited for, by offer."""
    year = contract_year(ACADEMIC, today.day)
    taken: dict[int, int] = defaultdict(int)
    for booking in booked.rows:
        counts = booking.status in (*COUNTED_STATUSES, *PROMISED, BookingStatus.HELD)
        if counts and booking.day in year:
            taken[booking.offer_version.offer_id] += booking.half_days
    return dict(taken)


def write_unmet(place: Place, people: People, chance: Chance, today: Today) -> None:
    """Searches that found nothing; now and then somebody passed one on with a word."""
    schools = [school.organisation for school in place.schools if school.pk in people.heads] or [
        school.organisation for school in place.schools
    ]
    rows: list[UnmetDemand] = []
    for number, query in enumerate(UNMET):
        for _ in range(1 + number % 2 if schools else 0):
            told = chance.happens(25)
            rows.append(
                UnmetDemand(
                    area=place.area,
                    organisation=chance.one_of(schools),
                    query=query,
                    told_us=told,
                    note=chance.one_of(UNMET_WORDS) if told else "",
                    at=chance.between(today.ago(80), today.ago(1)),
                )
            )
    rows.sort(key=lambda row: row.at)
    write(rows)
