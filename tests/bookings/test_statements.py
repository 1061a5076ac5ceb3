"""A booking request makes at most 16 statements, those that open and close the transaction included."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.bookings import actions
from tests.builders import a_scene

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 16


def told(queries: CaptureQueriesContext) -> str:
    return "\n".join(query["sql"][:160] for query in queries.captured_queries)


def test_holding_and_ordering_keep_to_the_budget() -> None:
    scene = a_scene()
    wish = scene.wish()

    with CaptureQueriesContext(connection) as holding:
        booking = actions.hold_session(**wish)
    with CaptureQueriesContext(connection) as ordering:
        actions.order_booking(actor=scene.buyer, booking=booking)

    assert len(holding) <= MOST, told(holding)
    assert len(ordering) <= MOST, told(ordering)


def test_an_order_that_is_confirmed_at_once_keeps_to_the_budget_of_two_requests() -> None:
    scene = a_scene(own_employee=True)
    booking = actions.hold_session(**scene.wish())

    with CaptureQueriesContext(connection) as ordering:
        booking = actions.order_booking(actor=scene.budget_holder, booking=booking)

    assert booking.status == "confirmed"
    assert len(ordering) <= MOST, told(ordering)
