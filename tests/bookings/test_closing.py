"""Calling off a person's days with everything on them, and schools that are closed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import (
    BookingsInTheWay,
    ClosureInvalid,
    NotAvailable,
    ReasonMissing,
    WhoIsNotKnown,
)
from marketplace.bookings.models import Booking, Diary, SchoolClosure
from marketplace.kernel.errors import NotAllowed
from marketplace.notifications.models import Notification
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_convenor,
    a_person,
    a_provider,
    a_scene,
    a_school,
    actor_of,
    an_offer,
)

pytestmark = pytest.mark.django_db


def a_full_day(scene: Scene) -> dict[str, Booking]:
    """A day of the scene's person with a booking in every state that is still to come, for different schools."""
    sessions = {"confirmed": "morning", "awaiting_release": "12:30+120", "awaiting_approval": "twilight"}
    made = {
        status: a_booking(
            status=status,
            session=session,
            school=a_school(scene.area),
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=scene.day,
        )
        for status, session in sessions.items()
    }
    made["held"] = a_booking(
        status="held",
        school=scene.school,
        practitioner=scene.practitioner,
        offer=scene.offer,
        day=scene.day + timedelta(days=1),
    )
    return made


def cancel(scene: Scene, **changes: Any) -> list[Booking]:
    arguments: dict[str, Any] = {
        "actor": scene.provider_lead,
        "practitioner": scene.practitioner,
        "first_day": scene.day,
        "last_day": scene.day + timedelta(days=1),
        "by": "provider",
        "reason": "Unexpectedly away",
    }
    return actions.cancel_days(**arguments | changes)


def test_the_provider_calls_off_a_day_with_everything_on_it(run_jobs: Any) -> None:
    scene = a_scene()
    made = a_full_day(scene)

    assert len(cancel(scene)) == 4

    for booking in made.values():
        booking.refresh_from_db()
    assert {before: booking.status for before, booking in made.items()} == {
        "confirmed": "cancelled_by_provider",
        "awaiting_release": "declined",
        "awaiting_approval": "declined",
        "held": "expired",
    }
    assert made["confirmed"].cancellation_charge_pence == 0
    with pytest.raises(NotAvailable, match="unexpectedly away"):
        actions.hold_session(**scene.wish())
    run_jobs()
    for status in ("confirmed", "awaiting_release", "awaiting_approval"):
        told = Notification.objects.filter(user=made[status].requested_by, kind="booking_ended")
        assert "Unexpectedly away" in told.get().body


def test_the_releasing_school_does_likewise() -> None:
    scene = a_scene()
    made = a_full_day(scene)

    cancel(scene, actor=scene.releasing_head, by="releasing_school")

    for status in ("confirmed", "awaiting_release", "awaiting_approval"):
        made[status].refresh_from_db()
        assert made[status].status == "cancelled_by_releasing_school"


def test_what_is_another_providers_is_not_called_off_and_then_nothing_is() -> None:
    scene = a_scene()
    made = a_full_day(scene)
    theirs = an_offer(a_provider(scene.area), practitioners=[scene.practitioner])
    a_booking(practitioner=scene.practitioner, offer=theirs, day=scene.day + timedelta(days=2))

    with pytest.raises(NotAllowed):
        cancel(scene, last_day=scene.day + timedelta(days=2))

    made["confirmed"].refresh_from_db()
    assert made["confirmed"].status == "confirmed"
    affected = queries.diary_bookings(
        scene.practitioner, scene.day, scene.day + timedelta(days=2), now=timezone.now()
    )
    assert queries.sides_of(scene.provider_lead, scene.practitioner, affected) == []
    assert queries.sides_of(scene.releasing_head, scene.practitioner, affected) == ["releasing_school"]


def test_who_and_why_are_said_and_closing_alone_still_refuses() -> None:
    scene = a_scene()
    a_full_day(scene)

    with pytest.raises(WhoIsNotKnown):
        cancel(scene, by="buyer")
    with pytest.raises(ReasonMissing):
        cancel(scene, reason="")
    with pytest.raises(NotAllowed):
        cancel(scene, by="releasing_school")
    with pytest.raises(BookingsInTheWay):
        actions.add_exception(
            actor=scene.person, practitioner=scene.practitioner, first_day=scene.day, last_day=scene.day
        )


# Schools that are closed ------------------------------------------------------------------------------------------------


def close(scene: Scene, **changes: Any) -> SchoolClosure:
    arguments: dict[str, Any] = {
        "actor": actor_of(a_convenor(scene.area)),
        "place": scene.area,
        "day": scene.day,
        "reason": "Snow",
    }
    return actions.declare_closure(**arguments | changes)


def a_scene_this_week(**offer: Any) -> Scene:
    """A scene whose day lies near enough for a closure nobody could foresee, and far enough for the person’s notice."""
    scene = a_scene(**offer)
    scene.day = a_booking_day(days_ahead=3)
    Diary.objects.filter(practitioner=scene.practitioner).update(minimum_notice_days=1)
    return scene


def test_an_areas_visits_are_called_off_free_of_charge_or_turned_remote(run_jobs: Any) -> None:
    scene = a_scene_this_week(mode="both")
    common = {"practitioner": scene.practitioner, "offer": scene.offer, "day": scene.day}
    off = a_booking(session="morning", school=scene.school, **common)
    remote = a_booking(session="12:30+120", school=a_school(scene.area), **common)
    elsewhere = a_booking(session="twilight", school=a_school(), **common)

    close(scene, remote=[remote.reference])

    for booking in (off, remote, elsewhere):
        booking.refresh_from_db()
    assert (off.status, off.cancellation_charge_pence, off.cancellation_reason) == (
        "cancelled_by_closure",
        0,
        "Snow",
    )
    assert (remote.status, remote.mode, remote.during.upper) == ("confirmed", "remote", remote.ends_at)
    assert (elsewhere.status, elsewhere.mode) == ("confirmed", "in_person")
    run_jobs()
    titles = list(Notification.objects.filter(user=scene.person.user_id).values_list("title", flat=True))
    assert any(title.startswith("Now remote") for title in titles)
    assert any(title.startswith("Cancelled: the school was closed") for title in titles)


def test_a_visit_that_is_given_in_person_only_is_not_turned_remote() -> None:
    scene = a_scene_this_week()
    booking = a_booking(
        school=scene.school, practitioner=scene.practitioner, offer=scene.offer, day=scene.day
    )

    with pytest.raises(ClosureInvalid, match="in person only"):
        close(scene, remote=[booking.reference])

    assert not SchoolClosure.objects.exists()


def test_nobody_books_a_visit_to_a_closed_school_but_remote_support_they_do() -> None:
    scene = a_scene_this_week(mode="both")
    close(scene, actor=scene.receiving_head, place=scene.school.organisation)

    with pytest.raises(NotAvailable, match="is closed on"):
        actions.hold_session(**scene.wish())
    assert actions.hold_session(**scene.wish(mode="remote")).status == "held"


def test_a_head_closes_their_own_school_and_a_convenor_their_area() -> None:
    scene = a_scene_this_week()

    for actor, place in (
        (scene.buyer, scene.school.organisation),
        (scene.receiving_head, scene.area),
        (scene.receiving_head, scene.releasing.organisation),
        (actor_of(a_person()), scene.area),
    ):
        with pytest.raises(NotAllowed):
            close(scene, actor=actor, place=place)
    close(scene, place=scene.school.organisation)
    with pytest.raises(ClosureInvalid, match="already"):
        close(scene, place=scene.school.organisation)


def test_a_closure_is_for_a_day_that_is_not_over() -> None:
    scene = a_scene_this_week()

    with pytest.raises(ClosureInvalid, match="over"):
        close(scene, day=timezone.localdate() - timedelta(days=1))
    with pytest.raises(ClosureInvalid, match="more than 7 days off"):
        close(scene, day=timezone.localdate() + timedelta(days=8))


def test_the_calendar_shows_a_closed_school_with_its_reason() -> None:
    scene = a_scene_this_week()
    close(scene, actor=scene.receiving_head, place=scene.school.organisation)

    def reasons(**where: Any) -> set[str]:
        [answer] = queries.free_sessions(
            scene.practitioner, scene.day, scene.day, now=timezone.now(), **where
        )
        return {each.reason for each in answer.sessions}

    assert reasons(school=scene.school) == {"Snow"}
    assert "Snow" not in reasons(school=scene.school, remote=True) | reasons()
