"""Schools that asked for the charge of a cancelled visit to be waived: one waits for an answer, one was refused."""

from datetime import timedelta

from marketplace.bookings.actions.asking_waiver import ask_for_waiver, decide_waiver
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.kernel import history
from marketplace.organisations.queries import actor_for

REFUSED = ("We had inspectors in the school on that day.", "We were told at noon and had paid for the cover.")
WAITING = "The road to the school was flooded."


def ask_for_waivers(booked: Booked, people: People, today: Today) -> None:
    """Of visits cancelled late, by schools with somebody to ask and providers with somebody to answer."""
    ready = [each for each in booked.rows if _can_be_asked(each, people, today)]
    for booking, reason, answer in zip(ready, (REFUSED[0], WAITING), (REFUSED[1], ""), strict=False):
        with clock_at(today.ago(2) + timedelta(hours=9)):
            ask_for_waiver(
                actor=actor_for(people.budget_holders[booking.receiving_school_id]),
                booking=booking.reference,
                reason=reason,
            )
        if answer:
            with clock_at(today.ago(1) + timedelta(hours=9)):
                decide_waiver(
                    actor=actor_for(people.leads[booking.provider_id]),
                    booking=booking.reference,
                    approve=False,
                    note=answer,
                )


def _can_be_asked(booking: Booking, people: People, today: Today) -> bool:
    if booking.status != BookingStatus.CANCELLED_BY_BUYER or not booking.is_charged:
        return False
    if booking.receiving_school_id not in people.budget_holders or booking.provider_id not in people.leads:
        return False
    last = history.of(booking).last()
    return last is not None and last.at < today.ago(2)
