"""Any suitable person, and several dates as one."""

from datetime import date

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import (
    DatesInvalid,
    NotAvailable,
    NotBookable,
    PartOfAnOrder,
    SlotTaken,
)
from marketplace.bookings.models import Booking, BookingOrder
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from tests.builders import a_booking, a_booking_day, a_person, a_scene, a_team, an_interest, some_days

pytestmark = pytest.mark.django_db


def test_the_exchange_sends_whose_turn_it_is() -> None:
    team = a_team(3)
    first, second, third = team.people
    a_booking(practitioner=first, day=a_booking_day(days_ahead=30))
    second.agreed_half_days = 10
    second.save()
    a_booking(practitioner=second, day=a_booking_day(days_ahead=30), session="morning")

    booking = actions.hold_any_person(**team.wish())

    assert booking.practitioner == third
    assert booking.releasing_organisation == third.releasing_organisation


def test_a_busy_person_is_never_sent() -> None:
    team = a_team(2)
    first, second = team.people
    a_booking(practitioner=first, day=team.scene.day)
    for ahead in (30, 37, 44):
        a_booking(practitioner=second, day=a_booking_day(days_ahead=ahead))

    assert actions.hold_any_person(**team.wish()).practitioner == second


def test_where_everybody_is_booked_the_next_free_times_of_any_are_told() -> None:
    team = a_team(2)
    for person in team.people:
        a_booking(practitioner=person, day=team.scene.day)

    with pytest.raises(SlotTaken) as refusal:
        actions.hold_any_person(**team.wish())

    assert len(refusal.value.next_free) == 3


def test_where_nobody_works_that_day_the_reason_is_told() -> None:
    team = a_team(2)

    with pytest.raises(NotAvailable, match="Nobody is free on"):
        actions.hold_any_person(**team.wish(day=date(2027, 12, 25)))


def test_asking_twice_holds_one_person() -> None:
    team = a_team(3)

    assert actions.hold_any_person(**team.wish()) == actions.hold_any_person(**team.wish())
    assert Booking.objects.scoped().count() == 1


def test_a_schools_own_people_are_not_sent_to_it() -> None:
    team = a_team(2)
    own, other = team.people
    own.releasing_organisation = team.scene.school.organisation
    own.save()

    assert actions.hold_any_person(**team.wish()).practitioner == other
    other.is_active = False
    other.save()
    with pytest.raises(NotBookable, match="None of the offer’s people"):
        actions.hold_any_person(**team.wish(day=some_days(2)[1]))


@pytest.mark.parametrize(("kind", "is_sent"), [("family", False), ("employment", True)])
def test_who_declared_a_personal_tie_to_the_school_is_not_sent_to_it(kind: str, is_sent: bool) -> None:
    team = a_team(1)
    [person] = team.people
    person.user = a_person()
    person.save()
    an_interest(person.user, team.scene.school, kind=kind, details="My sister teaches there")

    assert list(queries.people_to_send(team.scene.offer, team.scene.school.pk)) == [person] * is_sent
    if is_sent:
        return
    with pytest.raises(NotBookable, match="can come to this school"):
        actions.hold_any_person(**team.wish())
    with pytest.raises(NotBookable, match="for a tie to it") as refusal:
        actions.hold_session(**team.wish(), practitioner=person)
    assert "sister" not in str(refusal.value)


def test_the_calendar_of_any_person_is_free_where_somebody_is() -> None:
    team = a_team(2)
    day = team.scene.day
    a_booking(practitioner=team.people[0], day=day)
    a_booking(practitioner=team.people[1], day=day, session="morning")

    [answer] = queries.free_sessions_of_any(team.people, day, day, now=timezone.now())

    assert {each.session: each.is_free for each in answer.sessions} == {
        "day": False,
        "morning": False,
        "afternoon": True,
        "twilight": True,
    }


def test_an_hour_and_a_half_at_half_past_ten_is_held_for_half_a_day() -> None:
    scene = a_scene()

    booking = actions.hold_session(**scene.wish(session="10:30+90"))

    assert (booking.half_days, booking.get_session_display()) == (1, "1 hour 30 minutes")
    with pytest.raises(NotBookable, match="not a session"):
        actions.hold_session(**scene.wish(session="10:20+90"))


def test_a_remote_session_takes_no_time_to_travel() -> None:
    scene = a_scene(mode="both")
    actions.hold_session(**scene.wish(session="10:30+90", mode="remote"))

    after = actions.hold_session(**scene.wish(session="12:00+60"))

    assert (after.during[1] - after.ends_at).seconds == 30 * 60


# Several dates --------------------------------------------------------------------------------------------------------


def test_several_dates_are_held_as_one_with_one_person() -> None:
    team = a_team(2)
    days = some_days(3)

    order = actions.hold_dates(**team.dates(days))

    rows = list(order.bookings.order_by("day"))
    assert [row.day for row in rows] == days
    assert len({row.practitioner for row in rows}) == 1
    assert {row.status for row in rows} == {"held"}
    assert history.of(order).get().note == "3 dates"


def test_where_one_date_is_taken_none_is_held() -> None:
    team = a_team(1)
    days = some_days(3)
    a_booking(practitioner=team.people[0], day=days[1])

    with pytest.raises(SlotTaken):
        actions.hold_dates(**team.dates(days, practitioner=team.people[0]))

    assert Booking.objects.scoped().filter(status="held").count() == 0
    assert BookingOrder.objects.scoped().count() == 0


def test_where_one_person_can_do_all_dates_they_do() -> None:
    team = a_team(2)
    days = some_days(2)
    a_booking(practitioner=team.people[0], day=days[1])

    rows = actions.hold_dates(**team.dates(days)).bookings.all()

    assert {row.practitioner for row in rows} == {team.people[1]}


def test_dates_are_chosen_once_and_not_too_many() -> None:
    team = a_team(1)
    [day] = some_days(1)

    for days in ([], [day, day], some_days(13)):
        with pytest.raises(DatesInvalid):
            actions.hold_dates(**team.dates(days))


def test_the_same_dates_twice_are_one_order() -> None:
    team = a_team(3)
    days = some_days(2)

    assert actions.hold_dates(**team.dates(days)) == actions.hold_dates(**team.dates(days))
    assert Booking.objects.scoped().count() == 2


def test_a_date_of_an_order_is_not_let_go_for_another_choice() -> None:
    team = a_team(1)
    [person] = team.people
    days = some_days(2)
    actions.hold_dates(**team.dates(days, practitioner=person))

    with pytest.raises(PartOfAnOrder):
        actions.hold_session(**team.scene.wish(day=days[0]))


@pytest.mark.parametrize("verb", ["order_booking", "approve_booking", "withdraw_booking"])
def test_one_date_of_an_order_is_not_decided_on_its_own(verb: str) -> None:
    team = a_team(1)
    order = actions.hold_dates(**team.dates(some_days(2)))
    if verb == "approve_booking":
        actions.order_together(actor=team.scene.buyer, order=order)

    with pytest.raises(PartOfAnOrder) as refusal:
        getattr(actions, verb)(actor=SYSTEM, booking=order.bookings.first())

    assert refusal.value.extensions == {"order": order.reference}
