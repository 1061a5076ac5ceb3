"""The life of a booking as a table."""

import pytest

from marketplace.bookings import actions
from marketplace.bookings.models import BookingStatus
from marketplace.bookings.queries import may, scopes
from marketplace.bookings.states import BOOKING
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import NotNow
from tests.builders import a_booking

ENDS = {
    "evaluated",
    "completed",
    "declined",
    "withdrawn",
    "expired",
    "cancelled_by_buyer",
    "cancelled_by_provider",
    "cancelled_by_releasing_school",
    "cancelled_by_closure",
    "no_show_buyer",
    "no_show_provider",
}


def test_the_table_has_every_state_and_eleven_distinct_ends() -> None:
    assert BOOKING.states == set(BookingStatus.values)
    assert {state for state in BOOKING.states if not BOOKING.verbs_from(state)} == ENDS


def test_every_verb_says_who_may() -> None:
    verbs = {edge.verb for edge in BOOKING.edges}

    assert set(scopes._WHO) == verbs
    assert all(scopes.who_may(verb) for verb in verbs)


@pytest.mark.django_db
@pytest.mark.parametrize("status", BookingStatus.values)
def test_a_row_in_any_state_moves_along_its_edges_and_no_other(status: str) -> None:
    for verb in {edge.verb for edge in BOOKING.edges}:
        booking = a_booking(status=status)
        if verb in BOOKING.verbs_from(status):
            BOOKING.move(booking, verb, by=SYSTEM)
            booking.refresh_from_db()
            last = history.of(booking).last()
            assert last is not None and (last.before, last.after) == (status, booking.status)
        else:
            with pytest.raises(NotNow):
                BOOKING.move(booking, verb, by=SYSTEM)
            booking.refresh_from_db()
            assert booking.status == status
        assert may(SYSTEM, booking, verb)


VERBS = {
    "order": lambda b: actions.order_booking(actor=SYSTEM, booking=b),
    "approve": lambda b: actions.approve_booking(actor=SYSTEM, booking=b),
    "refuse_approval": lambda b: actions.refuse_approval(actor=SYSTEM, booking=b, reason="No"),
    "consent": lambda b: actions.consent_to_release(actor=SYSTEM, booking=b),
    "refuse_release": lambda b: actions.refuse_release(actor=SYSTEM, booking=b, reason="No"),
    "decline": lambda b: actions.decline_booking(actor=SYSTEM, booking=b, reason="No"),
    "withdraw": lambda b: actions.withdraw_booking(actor=SYSTEM, booking=b),
    "cancel_by_buyer": lambda b: actions.cancel_booking(actor=SYSTEM, booking=b, by="buyer", reason="No"),
    "evaluate": lambda b: actions.mark_evaluated(actor=SYSTEM, booking=b),
}


@pytest.mark.django_db
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", BookingStatus.values)
def test_an_action_out_of_its_state_is_refused_with_a_reason(status: str, verb: str) -> None:
    if verb in BOOKING.verbs_from(status) or (verb, status) == ("order", "expired"):
        return
    booking = a_booking(status=status)

    with pytest.raises(NotNow) as refusal:
        VERBS[verb](booking)

    assert refusal.value.remedy
