"""How schools and the authority agree to spend: a ladder of a school's own, funding streams, quotes, orders the authority pays for."""

from datetime import time, timedelta

from marketplace.bookings.actions.commissioning import commission_booking
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries.commissioning import why_not_commissioned
from marketplace.buyback import actions as buyback
from marketplace.buyback.actions.evidence import (
    ask_supplier,
    choose_quote,
    complete_evidence,
    describe_evidence,
    record_answer,
    start_evidence,
)
from marketplace.buyback.actions.funding import create_stream
from marketplace.buyback.models import FundingKind, FundingStream, QuoteAnswer, QuotesEvidence
from marketplace.buyback.queries.funding import why_not_for
from marketplace.buyback.rules import PRESETS
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.demo_area.words.buyback import DECLINED, NO_CONFLICT, REASON_NOT_LOWEST
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import FINANCIAL, contract_year, financial_year, to_utc
from marketplace.organisations.models import School, User
from marketplace.organisations.queries import actor_for

STREAMS = (
    (FundingKind.DE_DELEGATED, "School improvement, de-delegated by the Schools Forum", 9_600_000),
    (FundingKind.COMMISSIONED, "Commissioned support", 4_500_000),
    (FundingKind.DSG, "High needs block: inclusion support", 6_200_000),
    (FundingKind.GRANT, "Early years grant", 1_800_000),
)
COMMISSIONED, APPROVED = 3, 2


def set_own_ladder(people: People, place: Place) -> None:
    """One school that buys has a stricter policy than the authority asks for."""
    strict = next(preset for preset in PRESETS if preset.key == "school").steps
    school = next((each for each in place.schools if each.pk in people.business_managers), None)
    if school is not None:
        buyback.set_ladder(actor=SYSTEM, owner=school.organisation, steps=strict)


def open_streams(place: Place, people: People, today: Today) -> list[FundingStream]:
    """The authority's pots of this financial year and the next, the next with less in them."""
    actor = actor_for(people.convenors[0])
    year = contract_year(FINANCIAL, today.day)
    made = []
    begun, coming = to_utc(year.start, time()), max(to_utc(year.start, time()), today.ago(6))
    for share, first, at in ((1, year.start, begun), (2, year.end + timedelta(days=1), coming)):
        for kind, name, pence in STREAMS:
            with clock_at(at):
                stream = create_stream(
                    actor=actor,
                    area=place.area,
                    kind=kind,
                    name=name,
                    financial_year=financial_year(first),
                    budget_pence=pence // share,
                )
            made.append(stream)
    return made


def commission_some(
    bookings: list[Booking], streams: list[FundingStream], people: People, today: Today
) -> list[Booking]:
    """The convenor puts a few orders on the authority's pots: one that waits for approval, and others that are approved already."""
    actor = actor_for(people.convenors[0])
    waiting, others = (
        [row for row in bookings if (row.status == BookingStatus.AWAITING_APPROVAL) == is_waiting]
        for is_waiting in (True, False)
    )
    own = {school.pk for school in (people.receiving_school,) if school}
    done: list[Booking] = []
    for booking in [*others, *waiting]:
        if booking.receiving_school_id in own or why_not_commissioned(booking):
            continue
        if len(done) >= (COMMISSIONED if booking in waiting else APPROVED):
            continue
        stream = next(
            (
                each
                for each in streams
                if each.financial_year == financial_year(booking.day)
                and not why_not_for(each, booking.receiving_school)
            ),
            None,
        )
        if stream is not None:
            with clock_at(today.now - timedelta(minutes=40 - len(done))):
                commission_booking(actor=actor, booking=booking, stream=stream)
            done.append(booking)
    return done


# Quotes --------------------------------------------------------------------------------------------------------------


def gather_quotes(
    school: School, person: User, providers: Providers, *, need_pence: int, chosen_pence: int, today: Today
) -> QuotesEvidence:
    """Complete evidence: one supplier declined, and the one chosen was not the lowest."""
    actor = actor_for(person)
    asked_on = today + -20
    with clock_at(today.ago(19)):
        evidence = start_evidence(
            actor=actor,
            organisation=school.organisation,
            subject="Improvement partner for three years",
            need_pence=need_pence,
        )
        quotes = [
            ask_supplier(
                actor=actor, evidence=evidence, supplier_name=name, asked_on=asked_on, supplier=supplier
            )
            for name, supplier in (
                ("", providers["service"]),
                ("", providers["independent_a"]),
                ("Northern Leaders in Education CIC", None),
                ("", providers["company"]),
            )
        ]
    with clock_at(today.ago(8)):
        answers = (chosen_pence, chosen_pence * 9 // 10, None, chosen_pence * 11 // 10)
        for quote, pence in zip(quotes, answers, strict=True):
            record_answer(
                actor=actor,
                quote=quote,
                answer=QuoteAnswer.DECLINED if pence is None else QuoteAnswer.QUOTED,
                price_pence=pence,
                answered_on=today + -9,
                comment=DECLINED if pence is None else "",
            )
        choose_quote(actor=actor, quote=quotes[0])
        describe_evidence(
            actor=actor,
            evidence=evidence,
            subject=evidence.subject,
            need_pence=need_pence,
            reason_not_lowest=REASON_NOT_LOWEST,
            conflicts=NO_CONFLICT,
            minute_reference="Finance committee, item 7",
        )
        return complete_evidence(actor=actor, evidence=evidence)


def begin_quotes(actor: Actor, school: School, providers: Providers, today: Today) -> QuotesEvidence:
    """Evidence still being gathered: two were asked, one has answered."""
    with clock_at(today.ago(4)):
        evidence = start_evidence(
            actor=actor,
            organisation=school.organisation,
            subject="Coaching for the new leadership team",
            need_pence=1_260_000,
        )
        first = ask_supplier(
            actor=actor,
            evidence=evidence,
            supplier_name="",
            asked_on=today + -4,
            supplier=providers["company"],
        )
        ask_supplier(
            actor=actor, evidence=evidence, supplier_name="Fellside Coaching Ltd", asked_on=today + -4
        )
    with clock_at(today.ago(2)):
        record_answer(
            actor=actor, quote=first, answer=QuoteAnswer.QUOTED, price_pence=1_012_500, answered_on=today + -2
        )
    return evidence
