"""Editing diaries, blackouts and term dates: nothing booked is left outside what is open (I2)."""

from contextlib import nullcontext
from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries, rules
from marketplace.bookings.actions import PatternStretch, TermStretch
from marketplace.bookings.errors import BookingsInTheWay, DiaryInvalid, NotAvailable
from marketplace.bookings.models import Booking, Diary, TermDate, WeeklyPattern
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.dates import academic_year
from marketplace.kernel.errors import NotAllowed, NotFound
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_convenor,
    a_person,
    a_practitioner,
    a_scene,
    a_school,
    actor_of,
)

pytestmark = pytest.mark.django_db

MORNINGS = [PatternStretch(weekday, time(9), time(12)) for weekday in range(5)]


def reason_on(scene: Scene, day: date, session: str = "day") -> str:
    [answer] = queries.free_sessions(scene.practitioner, day, day, now=timezone.now())
    return next(s.reason for s in answer.sessions if s.session == session)


def test_the_weekly_pattern_is_replaced_as_a_whole() -> None:
    scene = a_scene()

    actions.set_weekly_pattern(actor=scene.person, practitioner=scene.practitioner, stretches=MORNINGS)

    assert WeeklyPattern.objects.filter(practitioner=scene.practitioner).count() == 5
    assert reason_on(scene, scene.day) == "Not in their weekly pattern"
    assert reason_on(scene, scene.day, "morning") == ""
    assert history.of(scene.practitioner).last().verb == "set_weekly_pattern"  # type: ignore[union-attr]


@pytest.mark.parametrize("status", ["held", "awaiting_approval", "awaiting_release", "confirmed"])
def test_an_edit_that_would_leave_a_booking_outside_names_it_and_changes_nothing(status: str) -> None:
    scene = a_scene()
    booking = a_booking(status=status, practitioner=scene.practitioner, offer=scene.offer)

    with pytest.raises(BookingsInTheWay) as refusal:
        actions.set_weekly_pattern(actor=scene.person, practitioner=scene.practitioner, stretches=MORNINGS)

    [named] = refusal.value.bookings
    assert booking.reference in named and str(booking.receiving_school) not in named
    assert reason_on(scene, booking.day + timedelta(days=7)) == ""


def test_bookings_that_are_over_cancelled_or_lapsed_are_in_nobodys_way() -> None:
    scene = a_scene()
    a_booking(status="delivered", practitioner=scene.practitioner)
    a_booking(status="cancelled_by_buyer", practitioner=scene.practitioner)
    a_booking(
        status="held",
        practitioner=scene.practitioner,
        hold_expires_at=timezone.now() - timedelta(minutes=1),
    )

    actions.set_weekly_pattern(actor=scene.person, practitioner=scene.practitioner, stretches=MORNINGS)


def test_closing_days_is_refused_where_they_are_booked() -> None:
    scene = a_scene()
    booking = a_booking(practitioner=scene.practitioner, session="morning")
    day = {"first_day": booking.day, "last_day": booking.day}
    edit = {"actor": scene.provider_lead, "practitioner": scene.practitioner}

    with pytest.raises(BookingsInTheWay):
        actions.add_exception(**edit, **day, reason="Training")
    actions.add_exception(**edit, **day, starts=time(12, 30), ends=time(18), reason="Training")

    assert reason_on(scene, booking.day, "afternoon") == "Training"


def test_an_opened_day_that_is_booked_cannot_be_taken_back() -> None:
    scene = a_scene()
    saturday = scene.day + timedelta(days=(5 - scene.day.weekday()) % 7)
    exception = actions.add_exception(
        actor=scene.person,
        practitioner=scene.practitioner,
        first_day=saturday,
        last_day=saturday,
        is_open=True,
        starts=time(9),
        ends=time(16),
    )
    booking = actions.hold_session(**scene.wish(day=saturday))

    remove = {"actor": scene.person, "practitioner": scene.practitioner, "exception_id": exception.pk}
    with pytest.raises(BookingsInTheWay):
        actions.remove_exception(**remove)
    actions.withdraw_booking(actor=scene.buyer, booking=booking)
    actions.remove_exception(**remove)
    with pytest.raises(NotFound):
        actions.remove_exception(**remove)


def test_notice_travel_and_term_time_are_settings_of_the_diary() -> None:
    scene = a_scene()

    actions.change_diary(
        actor=scene.person,
        practitioner=scene.practitioner,
        minimum_notice_days=60,
        travel_minutes=45,
        term_time_only=False,
    )

    assert Diary.objects.get().travel_minutes == 45
    assert reason_on(scene, scene.day) == "Too soon: 60 days’ notice needed"


def test_bookings_keep_the_travel_time_they_were_made_with() -> None:
    scene = a_scene()
    booking = actions.hold_session(**scene.wish(session="morning"))
    actions.change_diary(
        actor=scene.person,
        practitioner=scene.practitioner,
        minimum_notice_days=0,
        travel_minutes=90,
        term_time_only=False,
    )

    booking.refresh_from_db()
    assert booking.during.upper - booking.ends_at == timedelta(minutes=30)


def test_who_may_edit_a_diary() -> None:
    scene = a_scene()
    allowed = (scene.person, scene.provider_lead, scene.releasing_head)
    others = (scene.buyer, scene.receiving_head, actor_of(a_convenor(scene.area)))

    for actor in allowed:
        actions.set_weekly_pattern(actor=actor, practitioner=scene.practitioner, stretches=MORNINGS)
    for actor in others:
        with pytest.raises(NotFound):
            actions.set_weekly_pattern(actor=actor, practitioner=scene.practitioner, stretches=[])


@pytest.mark.parametrize(
    "stretch",
    [
        PatternStretch(5, time(9), time(12)),
        PatternStretch(0, time(12), time(9)),
        PatternStretch(0, time(9), time(12), date(2027, 1, 2), date(2027, 1, 1)),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(stretch: PatternStretch) -> None:
    scene = a_scene()

    with pytest.raises(DiaryInvalid):
        actions.set_weekly_pattern(actor=scene.person, practitioner=scene.practitioner, stretches=[stretch])


@pytest.mark.parametrize(
    "fields",
    [
        {"last_day": date(2027, 1, 1)},
        {"is_open": True},
        {"starts": time(9)},
        {"starts": time(12), "ends": time(9)},
    ],
)
def test_an_exception_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    scene = a_scene()
    days = {"first_day": date(2027, 1, 11), "last_day": date(2027, 1, 12)}

    with pytest.raises(DiaryInvalid):
        actions.add_exception(actor=scene.person, practitioner=scene.practitioner, **days | fields)  # type: ignore[arg-type]


def test_settings_out_of_range_are_refused() -> None:
    scene = a_scene()
    edit = {"actor": scene.person, "practitioner": scene.practitioner, "term_time_only": True}

    with pytest.raises(DiaryInvalid):
        actions.change_diary(**edit, minimum_notice_days=91, travel_minutes=30)  # type: ignore[arg-type]
    with pytest.raises(DiaryInvalid):
        actions.change_diary(**edit, minimum_notice_days=5, travel_minutes=-1)  # type: ignore[arg-type]


# Organisations and areas -----------------------------------------------------------------------------------------------


def test_a_blackout_of_the_area_closes_every_diary_with_its_reason() -> None:
    scene = a_scene()
    convenor = actor_of(a_convenor(scene.area))

    blackout = actions.add_blackout(
        actor=convenor,
        owner=scene.area,
        first_day=scene.day,
        last_day=scene.day,
        reason="Key stage 2 tests week",
    )
    assert reason_on(scene, scene.day) == "Key stage 2 tests week"

    actions.remove_blackout(actor=convenor, owner=scene.area, blackout_id=blackout.pk)
    assert reason_on(scene, scene.day) == ""


def test_a_blackout_of_a_school_closes_only_the_diaries_of_its_people() -> None:
    scene, other = a_scene(), a_scene()
    organisation = scene.releasing.organisation

    actions.add_blackout(
        actor=scene.releasing_head,
        owner=organisation,
        first_day=scene.day,
        last_day=scene.day,
        reason="Inspection window",
    )

    assert reason_on(scene, scene.day) == "Inspection window"
    assert reason_on(other, scene.day) == ""


def test_a_blackout_is_refused_where_anybody_is_booked() -> None:
    scene = a_scene()
    colleague = a_practitioner(scene.releasing.organisation)
    booking = a_booking(practitioner=colleague)

    with pytest.raises(BookingsInTheWay, match=booking.reference):
        actions.add_blackout(
            actor=scene.releasing_head,
            owner=scene.releasing.organisation,
            first_day=booking.day,
            last_day=booking.day,
            reason="Inspection window",
        )


def test_only_a_convenor_closes_an_area_and_only_a_head_closes_a_school() -> None:
    scene = a_scene()
    days = {"first_day": scene.day, "last_day": scene.day, "reason": "Tests"}

    with pytest.raises(NotAllowed):
        actions.add_blackout(actor=scene.releasing_head, owner=scene.area, **days)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        actions.add_blackout(actor=scene.buyer, owner=scene.releasing.organisation, **days)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        actions.remove_blackout(actor=scene.releasing_head, owner=scene.releasing.organisation, blackout_id=1)


def a_year(scene: Scene, *, up_to: date) -> tuple[str, list[TermStretch]]:
    label = academic_year(scene.day)
    start = date(int(label[:4]), 9, 1)
    return label, [TermStretch("Autumn", start, up_to)]


def test_term_dates_are_entered_by_the_year_and_take_holidays_out() -> None:
    scene = a_scene()
    Diary.objects.update(term_time_only=True)
    label, terms = a_year(scene, up_to=scene.day - timedelta(days=1))
    convenor = actor_of(a_convenor(scene.area))

    actions.set_terms(actor=convenor, area=scene.area, academic_year=label, terms=terms)
    assert reason_on(scene, scene.day) == "School holiday"

    label, terms = a_year(scene, up_to=scene.day)
    actions.set_terms(actor=convenor, area=scene.area, academic_year=label, terms=terms)
    assert reason_on(scene, scene.day) == ""
    assert scene.area.term_dates.count() == 1


def test_terms_that_would_make_a_booked_day_a_holiday_are_refused() -> None:
    scene = a_scene()
    Diary.objects.update(term_time_only=True)
    a_booking(practitioner=scene.practitioner, day=scene.day)
    label, terms = a_year(scene, up_to=scene.day - timedelta(days=1))

    with pytest.raises(BookingsInTheWay):
        actions.set_terms(
            actor=actor_of(a_convenor(scene.area)), area=scene.area, academic_year=label, terms=terms
        )


@pytest.mark.parametrize(("mode", "refused"), [("in_person", True), ("remote", False)])
def test_terms_that_would_close_a_school_on_the_day_of_a_visit_from_elsewhere_are_refused(
    mode: str, refused: bool
) -> None:
    scene = a_scene()
    elsewhere = a_practitioner(a_school().organisation)
    visit = a_booking(school=scene.school, practitioner=elsewhere, day=scene.day, mode=mode)
    label, terms = a_year(scene, up_to=scene.day - timedelta(days=1))
    convenor = actor_of(a_convenor(scene.area))

    with pytest.raises(BookingsInTheWay, match=visit.reference) if refused else nullcontext():
        actions.set_terms(actor=convenor, area=scene.area, academic_year=label, terms=terms)


@pytest.mark.parametrize(
    "terms",
    [
        [TermStretch("", date(2026, 9, 2), date(2026, 10, 23))],
        [TermStretch("Autumn", date(2026, 10, 23), date(2026, 9, 2))],
        [TermStretch("Autumn", date(2025, 9, 2), date(2025, 10, 23))],
        [
            TermStretch("Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
            TermStretch("Autumn 2", date(2026, 10, 23), date(2026, 12, 18)),
        ],
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: list[TermStretch]) -> None:
    scene = a_scene()

    with pytest.raises(DiaryInvalid):
        actions.set_terms(
            actor=actor_of(a_convenor(scene.area)), area=scene.area, academic_year="2026/27", terms=terms
        )


def test_only_the_convenor_of_the_area_sets_its_terms() -> None:
    scene = a_scene()

    with pytest.raises(NotAllowed):
        actions.set_terms(
            actor=actor_of(a_convenor(a_school().area)), area=scene.area, academic_year="2026/27", terms=[]
        )


def test_a_person_without_a_diary_is_shown_as_having_none() -> None:
    scene = a_scene()
    person = a_practitioner(scene.releasing.organisation)

    [answer] = queries.free_sessions(person, scene.day, scene.day, now=timezone.now())

    assert answer.reason == "Their diary has not been filled in"
    assert queries.diary_of(person).minimum_notice_days == 5
    assert queries.term_dates_missing(person, scene.day)


def test_first_free_days_are_found_for_many_people_in_two_queries(
    django_assert_max_num_queries: object,
) -> None:
    scene = a_scene()
    people = [scene.practitioner] + [a_scene(area=scene.area).practitioner for _ in range(5)]
    closed = a_practitioner(scene.releasing.organisation)
    a_booking(practitioner=people[1], day=scene.day)
    today = timezone.localdate()

    with django_assert_max_num_queries(2):  # type: ignore[operator]
        found = queries.first_free_days(
            [person.pk for person in [*people, closed]],
            first_day=today,
            last_day=today + timedelta(days=30),
            now=timezone.now(),
        )

    assert set(found) == {person.pk for person in people}
    assert all(day >= today + timedelta(days=5) for day in found.values())
    assert Booking.objects.scoped().count() == 1


def test_a_person_edits_only_through_people_they_keep() -> None:
    scene = a_scene()
    stranger = actor_of(a_person(Role.PROVIDER_LEAD, at=a_school()))

    assert set(queries.diaries_editable_by(scene.provider_lead)) == {scene.practitioner}
    assert not queries.diaries_editable_by(stranger).exists()


def holidays_around(scene: Scene) -> None:
    """The area’s terms of this school year leave out the day of the scene."""
    year = rules.academic_period(academic_year(scene.day))
    if year.start < scene.day:
        before = scene.day - timedelta(days=1)
        TermDate.objects.create(area=scene.area, name="Before", first_day=year.start, last_day=before)
    after = min(scene.day + timedelta(days=21), year.end)
    TermDate.objects.create(area=scene.area, name="After", first_day=after, last_day=year.end)


def test_nobody_visits_a_school_in_its_holidays_though_the_person_has_time() -> None:
    scene = a_scene(mode="both")
    Diary.objects.filter(practitioner=scene.practitioner).update(term_time_only=False)
    holidays_around(scene)

    [answer] = queries.free_sessions(
        scene.practitioner, scene.day, scene.day, now=timezone.now(), school=scene.school
    )
    assert (answer.free, answer.reason) == ((), "School holiday")
    with pytest.raises(NotAvailable, match="school holiday") as refusal:
        actions.hold_session(**scene.wish())
    assert "remote support" in refusal.value.remedy
    with pytest.raises(NotAvailable, match="school holiday"):
        actions.hold_any_person(**{k: v for k, v in scene.wish().items() if k != "practitioner"})
    assert actions.hold_session(**scene.wish(mode="remote")).status == "held"


def test_a_visit_is_not_moved_into_the_holidays_of_the_school() -> None:
    scene = a_scene()
    booking = a_booking(
        practitioner=scene.practitioner,
        offer=scene.offer,
        school=scene.school,
        day=a_booking_day(days_ahead=7),
    )
    Diary.objects.filter(practitioner=scene.practitioner).update(term_time_only=False)
    holidays_around(scene)

    with pytest.raises(NotAvailable, match="school holiday"):
        actions.reschedule_booking(
            actor=scene.receiving_head, booking=booking, day=scene.day, session="day", reason="Inset"
        )
