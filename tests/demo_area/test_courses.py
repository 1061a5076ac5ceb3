"""The courses of Calderbeck: one that took place, one full with schools waiting, one bought by a group, all of it true to the rules."""

import pytest

from marketplace.billing.models import Document
from marketplace.bookings.models import CourseEvent, GroupBooking, PlaceOrder, WaitingEntry
from marketplace.demo_area.build import make_demo_area
from marketplace.kernel.verification import verify

pytestmark = pytest.mark.django_db


def test_courses_are_in_every_state_and_agree_with_everything() -> None:
    make_demo_area(schools=60)

    events = CourseEvent._rows.values_list("status", flat=True)
    assert {"open", "delivered"} <= set(events)
    assert Document.objects.filter(effect__startswith="places:").exists()
    assert {"waiting", "offered"} <= set(WaitingEntry._rows.values_list("status", flat=True))
    assert GroupBooking.objects.exists()
    assert {"confirmed", "delivered"} <= set(PlaceOrder._rows.values_list("status", flat=True))
    assert [line for verdict in verify() for line in verdict.disagreements] == []
