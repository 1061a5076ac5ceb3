"""Pages of courses: who sees what, what is shown before it is agreed to, and how many queries a list makes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from frontend.work import awaiting
from marketplace.bookings.actions import courses
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Actor
from marketplace.kernel.work import WorkItem
from marketplace.organisations.actions import suspend_organisation
from marketplace.organisations.models import User
from tests.builders import (
    CourseScene,
    a_booking_day,
    a_convenor,
    a_course,
    a_course_scene,
    a_practitioner,
    a_school,
    a_stream,
    a_theme,
    a_waiting_school,
    actor_of,
    attendees,
    it_is_over,
    places_for,
)

pytestmark = pytest.mark.django_db

MOST = 40


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def a_scene() -> CourseScene:
    return a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())


def work_of(actor: Actor) -> list[WorkItem]:
    from django.utils import timezone

    return [item for item in awaiting(actor, now=timezone.now()) if item.url_name.startswith("courses:")]


def test_coming_courses_are_found_by_theme_phase_date_seats_and_way() -> None:
    scene = a_scene()
    event = a_course(scene, seats=1)
    client = client_of(scene.head)
    theme = scene.offer.shown.themes.get()
    theme.parent = a_theme()
    theme.save()
    later = (event.starts_at.date() + timedelta(days=5)).isoformat()

    def found(**query: str) -> bool:
        return event.title in client.get("/courses/", query).content.decode()

    assert (
        found()
        and found(theme=theme.code)
        and found(phase="primary")
        and found(mode="in_person")
        and found(seats="on")
    )
    assert not found(phase="secondary")
    assert not found(first_day=later)
    assert not found(mode="remote")
    assert not found(within_km="5")  # nobody said where the Old Hall is
    places_for(event, scene.school, scene.head)
    assert not found(seats="on")
    assert found(theme="nonsense", first_day="yesterday")


def test_courses_held_at_a_school_are_found_by_distance() -> None:
    scene = a_scene()
    near, far = a_school(scene.area), a_school(scene.area)
    for school, latitude in ((scene.school, 53.40), (near, 53.42), (far, 53.60)):
        school.latitude, school.longitude = latitude, -1.3
        school.save()
    a_course(scene, held_at=near, venue="At the near school")
    a_course(scene, held_at=far, venue="At the far school", day=a_booking_day(days_ahead=50))

    page = client_of(scene.head).get("/courses/", {"within_km": "5"}).content.decode()

    assert "At the near school" in page
    assert "At the far school" not in page


def test_how_to_join_and_names_are_for_those_concerned() -> None:
    scene = a_scene()
    event = a_course(scene, joining="https://meet.example/secret")
    order = places_for(event, scene.school, scene.head, attendees=attendees(1))
    stranger = client_of(scene.another_school()[1])
    convenor = client_of(actor_of(a_convenor(scene.area)))
    name = order.places.get().attendee

    assert "meet.example" not in stranger.get(f"/courses/{event.reference}/").content.decode()
    assert stranger.get(f"/courses/places/{order.reference}/").status_code == 404
    assert b"meet.example" not in stranger.get(f"/courses/{event.reference}/calendar.ics").content
    seen = convenor.get(f"/courses/places/{order.reference}/").content.decode()
    assert order.reference in seen
    assert name not in seen
    own = client_of(scene.head)
    assert "meet.example" in own.get(f"/courses/{event.reference}/").content.decode()
    assert b"meet.example" in own.get(f"/courses/{event.reference}/calendar.ics").content.replace(
        b"\r\n ", b""
    )


def test_price_and_terms_stand_on_the_page_before_anything_is_booked() -> None:
    scene = a_scene()
    event = a_course(scene)
    client = client_of(scene.head)
    address = f"/courses/{event.reference}/book/?school={scene.school.urn}&places=2"

    page = client.get(address).content.decode()
    assert "£200.00" in page
    assert "50% of the price" in page
    answer = client.post(address, {"attendees": "Ada, Head\nGrace\nSomebody too many"})
    assert answer.status_code == 422
    answer = client.post(address, {"attendees": "Ada Lovelace, Head of maths"}, follow=True)

    assert "Ada Lovelace, Head of maths" in answer.content.decode()
    assert "Not named yet" in answer.content.decode()


def test_what_waits_for_each_person_about_courses() -> None:
    scene = a_scene()
    far = a_course(scene, seats=2, minimum_places=2, day=a_booking_day(days_ahead=14))
    asked = places_for(far, scene.school, scene.buyer)
    entry_of = a_course(scene, seats=1, day=a_booking_day(days_ahead=60))
    taken = places_for(entry_of, scene.school, scene.head)
    _, waiting_head = a_waiting_school(scene, entry_of)
    courses.cancel_place(actor=scene.head, order=taken.reference, number=1)

    assert [item.verb for item in work_of(scene.head)] == ["Approve"]
    assert [item.verb for item in work_of(waiting_head)] == ["Take or decline"]
    assert [item.title for item in work_of(scene.provider_lead)] == [f"Too few places sold: “{far.title}”"]
    courses.approve_places(actor=scene.head, order=asked.reference)
    it_is_over(far)
    assert [item.verb for item in work_of(scene.person)] == ["Fill in the register"]
    courses.take_register(actor=scene.person, event=far.reference, number=1, came=[])
    assert [item.verb for item in work_of(scene.person)] == ["Finish the course"]


def test_somebody_of_another_school_leads_once_their_headteacher_has_said_yes() -> None:
    scene = a_scene()
    school, head = scene.another_school()
    person = a_practitioner(school.organisation)
    scene.offer.shown.practitioners.add(person)
    event = a_course(scene, leaders=[person])
    address = f"/courses/{event.reference}/release/{person.reference}/"

    assert event.status == "planned"
    assert client_of(scene.head).get(f"/courses/{event.reference}/").status_code == 404
    assert [item.verb for item in work_of(head)] == ["Consent to release"]
    assert client_of(scene.provider_lead).get(address).status_code == 404
    client_of(head).post(address, {"decision": "yes"})

    event.refresh_from_db()
    assert event.status == "open"


def test_where_nobody_is_released_the_course_is_called_off_and_the_diary_is_free_again() -> None:
    scene = a_scene()
    school, head = scene.another_school()
    person = a_practitioner(school.organisation)
    scene.offer.shown.practitioners.add(person)
    event = a_course(scene, leaders=[person])

    client_of(head).post(
        f"/courses/{event.reference}/release/{person.reference}/", {"decision": "no", "note": "Inspection"}
    )

    event.refresh_from_db()
    assert event.status == "cancelled"
    assert a_course(scene, leaders=[person], day=event.dates.get().day).status == "planned"


def test_the_list_for_certificates_is_for_those_who_run_it() -> None:
    scene = a_scene()
    event = a_course(scene)
    order = places_for(event, scene.school, scene.head, 2)
    it_is_over(event)
    first = order.places.first()
    courses.take_register(actor=scene.person, event=event.reference, number=1, came=[first.pk])
    courses.finish_event(actor=scene.person, event=event.reference)
    address = f"/courses/{event.reference}/attendance.csv"

    lines = b"".join(client_of(scene.person).get(address).streaming_content).decode().splitlines()

    assert len(lines) == 3
    assert f"{first.attendee},Teacher,{scene.school.organisation}" in lines[1]
    assert ",1,1,Attended," in lines[1]
    assert ",0,1,Did not come," in lines[2]
    assert client_of(scene.head).get(address).status_code == 404


def test_the_convenor_lets_a_stream_pay() -> None:
    from marketplace.kernel.dates import financial_year, local

    scene = a_scene()
    event = a_course(scene)
    order = places_for(event, scene.school, scene.head)
    stream = a_stream(scene.area, financial_year=financial_year(local(event.starts_at).date()))
    client = client_of(actor_of(a_convenor(scene.area)))

    client.post(f"/courses/places/{order.reference}/commission/", {"stream": stream.reference})

    order.refresh_from_db()
    assert order.route == "commissioned"
    assert client_of(scene.head).get(f"/courses/places/{order.reference}/commission/").status_code == 404


@pytest.mark.parametrize("path", ["/courses/", "/courses/mine/", "/courses/run/"])
def test_lists_make_as_many_queries_for_many_rows_as_for_few(path: str) -> None:
    scene = a_scene()
    actor = scene.provider_lead if path.endswith("run/") else scene.head

    def some(number: int, start: int) -> None:
        for each in range(number):
            places_for(
                a_course(scene, day=a_booking_day(days_ahead=start + 3 * each)), scene.school, scene.head, 2
            )

    def queries() -> int:
        client = client_of(actor)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    some(2, 30)
    few = queries()
    some(6, 60)

    assert queries() == few <= MOST


def test_a_school_with_places_offered_to_it_is_not_asked_to_join_the_list() -> None:
    scene = a_scene()
    event = a_course(scene, seats=1)
    other, holder = scene.another_school()
    order = places_for(event, other, holder)
    entry = courses.join_waiting(actor=scene.head, event=event, school=scene.school, places=1)
    courses.cancel_place(actor=holder, order=order, number=1)
    client = client_of(scene.head)

    shown = client.get(f"/courses/{event.reference}/").content.decode()
    assert "Take the place offered to" in shown and "Join the waiting list" not in shown
    assert client.get(f"/courses/{event.reference}/wait/").status_code == 302
    assert entry.reference in shown


def test_a_number_of_places_that_is_none_is_told_with_what_was_asked() -> None:
    scene = a_scene()
    event = a_course(scene, seats=5)
    client = client_of(scene.head)

    shown = client.get(
        f"/courses/{event.reference}/book/?school={scene.school.urn}&places=0"
    ).content.decode()
    assert "How many places: enter a whole number from 1 to" in shown
    group = client.post(f"/courses/{event.reference}/group/", {f"places_{scene.school.urn}": "x"})
    assert (
        f"Places for {scene.school.organisation.name}: enter a whole number from 0" in group.content.decode()
    )


def test_a_school_that_waits_sees_the_course_though_its_offer_is_no_longer_on_show() -> None:
    scene = a_course_scene()
    event = a_course(scene, seats=1)
    places_for(event, scene.school, scene.head)
    entry, head = a_waiting_school(scene, event)
    convenor = actor_of(a_convenor(scene.area))
    suspend_organisation(actor=convenor, organisation=scene.provider, reason="Complaints")

    page = client_of(head).get(f"/courses/waiting/{entry.reference}/")
    assert page.status_code == 200 and "number 1 on the list" in page.content.decode()
