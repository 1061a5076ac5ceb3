"""Moving a visit to another time as one act, with the tariff."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.billing.models import Document
from marketplace.bookings import actions, queries
from marketplace.bookings.errors import NotAvailable, NotMovable, ReasonMissing, SlotTaken
from marketplace.bookings.models import Booking, BookingMove, HandOver
from marketplace.bookings.verification import (
    bookings_are_where_they_were_moved,
    streams_follow_bookings,
)
from marketplace.buyback import queries as balances
from marketplace.buyback.actions import NothingLeft
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import financial_year
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.kernel.verification import status_disagreements
from marketplace.notifications.models import Notification
from tests.bookings.test_paying import a_package_of, confirmed, credits_for, lying
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_scene,
    a_stream,
    an_order_of_dates,
    some_days,
)

pytestmark = pytest.mark.django_db


def a_visit(scene: Scene, **fields: Any) -> Booking:
    defaults: dict[str, Any] = {
        "school": scene.school,
        "practitioner": scene.practitioner,
        "offer": scene.offer,
        "day": a_booking_day(days_ahead=20),
        "cancellation_tariff": STANDARD_TARIFF.to_data(),
    }
    return a_booking(**defaults | fields)


def move(scene: Scene, booking: Booking, **changes: Any) -> Booking:
    arguments: dict[str, Any] = {
        "actor": scene.receiving_head,
        "booking": booking.reference,
        "day": a_booking_day(days_ahead=40),
        "session": booking.session,
        "reason": "Inset moved",
    }
    return actions.reschedule_booking(**arguments | changes)


def test_the_old_time_is_freed_and_the_new_one_taken() -> None:
    scene = a_scene()
    booking = a_visit(scene)
    old = booking.day

    moved = move(scene, booking)

    booking.refresh_from_db()
    assert booking.day == a_booking_day(days_ahead=40) == moved.day
    assert (booking.status, booking.released_by, booking.released_at) == ("awaiting_release", None, None)
    assert booking.ends_at - booking.starts_at == timedelta(hours=6, minutes=30)
    assert booking.during.upper - booking.ends_at == timedelta(minutes=30)
    other = actions.hold_session(**scene.wish(day=old))
    assert other.status == "held"
    assert status_disagreements(Booking) == []


def test_moving_late_costs_what_cancelling_would_and_the_price_stays() -> None:
    scene = a_scene()
    booking = a_visit(scene)

    move(scene, booking)

    row = BookingMove.objects.get()
    assert (row.charge_pence, row.charge_half_days) == (17_500, 0)
    assert row.explanation.startswith("Moved with ")
    booking.refresh_from_db()
    assert (booking.net_pence, booking.cancellation_charge_pence) == (35_000, None)
    last = history.of(booking).last()
    assert last is not None and "Inset moved" in last.note and "Moved with" in last.note


def test_the_charge_is_billed_once_and_the_visit_after_it(run_jobs: Any) -> None:
    scene = a_scene()
    booking = a_visit(scene)

    move(scene, booking)
    run_jobs()

    [document] = Document.objects.filter(booking=booking)
    assert document.net_pence == 17_500
    assert document.lines.get().description.startswith(f"Late move of {booking.reference}")


def test_an_order_that_is_not_confirmed_moves_free_of_charge_and_stays_where_it_is() -> None:
    for status in ("awaiting_approval", "awaiting_release"):
        scene = a_scene()
        booking = a_visit(scene, status=status, day=a_booking_day(days_ahead=7))

        moved = move(scene, booking)

        assert moved.status == status
        assert moved.moves.get().charge_pence == 0


def test_on_the_same_day_nobody_is_asked_again() -> None:
    scene = a_scene()
    booking = a_visit(scene, session="morning")

    moved = move(scene, booking, day=booking.day, session="afternoon")

    assert (moved.status, moved.get_session_display()) == ("confirmed", "Afternoon")
    assert moved.released_by is not None
    assert move(scene, booking, day=booking.day, session="13:00+120").half_days == 1


def test_a_services_own_employee_is_confirmed_again_at_once() -> None:
    scene = a_scene(own_employee=True)
    booking = a_visit(scene)

    assert move(scene, booking).status == "confirmed"


def test_when_the_new_time_is_taken_nothing_changes() -> None:
    scene = a_scene()
    booking = a_visit(scene)
    taken = a_booking_day(days_ahead=40)
    a_booking(practitioner=scene.practitioner, day=taken)
    before = Booking._rows.filter(pk=booking.pk).values().get()

    with pytest.raises(SlotTaken) as refusal:
        move(scene, booking, day=taken)

    assert len(refusal.value.next_free) == 3
    assert Booking._rows.filter(pk=booking.pk).values().get() == before
    assert not BookingMove.objects.exists()


def test_what_can_not_be_moved_says_why() -> None:
    scene = a_scene()
    booking = a_visit(scene)

    with pytest.raises(NotMovable, match="keeps its length"):
        move(scene, booking, session="morning")
    with pytest.raises(NotMovable, match="when it is already"):
        move(scene, booking, day=booking.day)
    with pytest.raises(NotAvailable):
        move(scene, booking, day=booking.day + timedelta(days=(5 - booking.day.weekday()) % 7))
    with pytest.raises(ReasonMissing):
        move(scene, booking, reason=" ")
    with pytest.raises(NotAllowed):
        move(scene, booking, actor=scene.provider_lead)
    with pytest.raises(NotNow):
        move(scene, a_visit(scene, status="delivered", day=a_booking_day(days_ahead=-9)))
    HandOver.objects.create(
        booking=booking,
        from_school=scene.school.organisation,
        to_school=scene.releasing.organisation,
        reason="Inspection",
    )
    with pytest.raises(NotMovable, match="on offer"):
        move(scene, booking)


# What pays for it -----------------------------------------------------------------------------------------------------


def test_a_package_gives_the_days_of_the_charge_on_top() -> None:
    scene = a_scene()
    scene.day = a_booking_day(days_ahead=20)
    entitlement = a_package_of(scene)
    booking = confirmed(scene, entitlement)

    move(scene, booking)

    assert BookingMove.objects.get().charge_half_days == 1
    assert lying(entitlement) == {"available": 5, "reserved": 2, "used": 1}


def test_a_package_without_the_days_for_the_charge_leaves_the_visit_where_it_is() -> None:
    scene = a_scene()
    scene.day = a_booking_day(days_ahead=20)
    entitlement = a_package_of(scene)
    booking = confirmed(scene, entitlement)
    for ahead in (70, 77, 84):
        other = actions.hold_session(**scene.wish(day=a_booking_day(days_ahead=ahead)))
        actions.order_booking(
            actor=scene.budget_holder, booking=other, pay_by="entitlement", entitlement=entitlement
        )

    with pytest.raises(NothingLeft):
        move(scene, booking)

    booking.refresh_from_db()
    assert (booking.day, booking.status) == (scene.day, "confirmed")


def test_a_package_has_to_reach_the_new_day() -> None:
    scene = a_scene()
    scene.day = a_booking_day(days_ahead=20)
    entitlement = a_package_of(scene, valid_to=scene.day + timedelta(days=5))
    booking = confirmed(scene, entitlement)

    with pytest.raises(NotMovable):
        move(scene, booking)


def test_credits_of_the_charge_go_to_the_school_that_kept_the_time_free() -> None:
    scene = a_scene()
    scene.day = a_booking_day(days_ahead=20)
    credits_for(scene, 5)
    booking = confirmed(scene, None)

    move(scene, booking)

    assert balances.credits_of(scene.school.pk) == (2, 2)
    assert balances.credits_of(scene.releasing.pk) == (1, 0)


def test_a_funding_stream_pays_the_charge_and_reaches_its_own_year_only() -> None:
    scene = a_scene()
    day = a_booking_day(days_ahead=20)
    stream = a_stream(scene.area, financial_year=financial_year(day))
    booking = a_visit(scene, status="awaiting_approval", day=day)
    Booking._rows.filter(pk=booking.pk).update(funding_stream=stream, route="commissioned")
    actions.approve_booking(actor=scene.budget_holder, booking=booking.reference)
    actions.consent_to_release(actor=scene.releasing_head, booking=booking.reference)

    move(scene, booking, day=a_booking_day(days_ahead=25))

    budget = balances.budget_of(stream)
    assert (budget.committed, budget.spent) == (35_000, 17_500)
    assert streams_follow_bookings() == []
    with pytest.raises(NotMovable, match="which pays for it"):
        move(scene, booking, day=a_booking_day(days_ahead=200))


def test_both_sides_are_told_and_the_head_is_asked_again_each_time(run_jobs: Any) -> None:
    scene = a_scene()
    booking = a_visit(scene)

    move(scene, booking)
    run_jobs()

    def told(actor: Any) -> list[str]:
        rows = Notification.objects.filter(user=actor.user_id, kind__in=["release_wanted", "booking_moved"])
        return list(rows.order_by("pk").values_list("kind", flat=True))

    assert told(scene.releasing_head) == ["release_wanted"]
    assert told(scene.provider_lead) == told(scene.person) == ["booking_moved"]
    assert told(scene.receiving_head) == []
    move(scene, booking, day=a_booking_day(days_ahead=50))
    run_jobs()
    assert told(scene.releasing_head) == ["release_wanted"] * 2


def test_who_was_told_of_the_first_date_is_told_when_the_new_one_is_confirmed(run_jobs: Any) -> None:
    scene = a_scene()
    booking = a_booking(
        status="awaiting_release",
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=a_booking_day(days_ahead=20),
    )
    for days_ahead in (40, 50):
        actions.consent_to_release(actor=scene.releasing_head, booking=booking.reference)
        run_jobs()
        move(scene, booking, day=a_booking_day(days_ahead=days_ahead))
        run_jobs()

    told = Notification.objects.filter(user=scene.receiving_head.user_id, kind="booking_confirmed")
    assert told.count() == 2


def test_verify_notices_a_booking_that_is_not_where_it_was_moved() -> None:
    scene = a_scene()
    booking = a_visit(scene)
    move(scene, booking)
    assert bookings_are_where_they_were_moved() == []

    Booking._rows.filter(pk=booking.pk).update(day=a_booking_day(days_ahead=60))

    assert bookings_are_where_they_were_moved() != []


def test_one_date_of_an_order_can_be_moved() -> None:
    scene = a_scene()
    first, second = an_order_of_dates(scene, some_days(2, days_ahead=20))

    moved = move(scene, first)

    assert (moved.status, queries.booking_for(SYSTEM, second.reference).status) == (
        "awaiting_release",
        "confirmed",
    )
    assert timezone.now() < moved.starts_at
