"""Who sees what, what waits for whom, and how much of a year is used."""

from datetime import date, time

import pytest
from django.utils import timezone

from marketplace.bookings import queries
from marketplace.catalogue import actions as catalogue
from marketplace.kernel.access import ANONYMOUS, SYSTEM, Actor, Role
from marketplace.kernel.dates import add_working_days, to_utc
from marketplace.kernel.errors import NotFound
from marketplace.kernel.verification import verify
from marketplace.organisations.models import OrganisationKind
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_convenor,
    a_ladder,
    a_person,
    a_practitioner,
    a_scene,
    a_school,
    actor_of,
    an_area,
    an_organisation,
)

pytestmark = pytest.mark.django_db


def booked(scene: Scene, **fields: object) -> str:
    fields = {"school": scene.school, "practitioner": scene.practitioner, "offer": scene.offer} | fields
    return a_booking(**fields).reference  # type: ignore[arg-type]


def sees(actor: Actor) -> set[str]:
    return set(queries.visible_to(actor).values_list("reference", flat=True))


def test_the_parties_and_the_convenor_see_a_booking() -> None:
    scene = a_scene()
    reference = booked(scene)
    trust = an_organisation(OrganisationKind.TRUST)
    scene.school.trust = trust
    scene.school.save()

    for actor in (
        scene.buyer,
        scene.budget_holder,
        scene.receiving_head,
        scene.provider_lead,
        scene.releasing_head,
        actor_of(a_person(Role.STAFF, at=scene.releasing)),
        scene.person,
        actor_of(a_convenor(scene.area)),
        actor_of(a_person(Role.TRUST_LEAD, at=trust)),
        SYSTEM,
    ):
        assert sees(actor) == {reference}


def test_to_everybody_else_it_is_not_there() -> None:
    scene = a_scene()
    reference = booked(scene)
    colleague = a_practitioner(a_school().organisation, user=a_person())

    for actor in (
        actor_of(a_person(Role.HEADTEACHER, at=a_school(scene.area))),
        actor_of(a_person(Role.GOVERNOR, at=scene.school)),
        actor_of(a_convenor(an_area())),
        actor_of(a_person(Role.BOARD_MEMBER, at=an_organisation("local_authority", area=scene.area))),
        actor_of(colleague.user),  # type: ignore[arg-type]
        actor_of(a_person()),
        ANONYMOUS,
    ):
        assert sees(actor) == set()
        with pytest.raises(NotFound):
            queries.booking_for(actor, reference)


def test_buttons_are_those_that_work_for_this_person_now() -> None:
    scene = a_scene()
    now = timezone.now()
    held = queries.booking_for(SYSTEM, booked(scene, status="held", day=a_booking_day(days_ahead=21)))
    waiting = queries.booking_for(SYSTEM, booked(scene, status="awaiting_approval"))
    past = queries.booking_for(SYSTEM, booked(scene, day=date(2026, 1, 13)))

    assert queries.verbs_for(scene.buyer, held, now=now) == ("order", "withdraw")
    assert queries.verbs_for(scene.budget_holder, waiting, now=now) == (
        "approve",
        "refuse_approval",
        "withdraw",
        "reschedule",
    )
    assert queries.verbs_for(scene.provider_lead, waiting, now=now) == ("decline",)
    assert queries.verbs_for(scene.releasing_head, waiting, now=now) == ("refuse_release",)
    assert queries.verbs_for(scene.person, past, now=now) == ("no_show_buyer", "deliver")
    assert queries.verbs_for(scene.budget_holder, past, now=now) == ("no_show_provider",)
    assert queries.verbs_for(actor_of(a_convenor(scene.area)), waiting, now=now) == ()


def verbs(actor: Actor) -> list[str]:
    return [item.verb for item in queries.awaiting(actor)]


def test_the_work_list_asks_those_who_can_decide() -> None:
    scene = a_scene()
    booked(scene, status="awaiting_approval")
    booked(scene, status="awaiting_release", day=a_booking_day(days_ahead=21))

    assert verbs(scene.budget_holder) == ["Approve"]
    assert verbs(scene.releasing_head) == ["Consent to release"]
    assert verbs(scene.buyer) == verbs(scene.provider_lead) == verbs(scene.person) == []


def test_a_decision_is_due_in_time_for_those_who_decide_after_it_and_never_before_today() -> None:
    scene = a_scene()
    booked(scene, status="awaiting_approval", day=scene.day, session="morning")
    booked(scene, status="awaiting_release", day=scene.day, session="twilight")

    [approval] = queries.awaiting(scene.budget_holder)
    [consent] = queries.awaiting(scene.releasing_head)
    assert approval.due_on == add_working_days(scene.day, -2)
    assert consent.due_on == add_working_days(scene.day, -1)

    late = to_utc(scene.day, time(7))
    assert queries.awaiting(scene.budget_holder, now=late)[0].due_on == scene.day


def test_a_large_order_of_ones_own_is_not_on_ones_own_list() -> None:
    scene = a_scene()
    user = a_person(Role.BUDGET_HOLDER, at=scene.school)
    booked(scene, status="awaiting_approval", requested_by=user)
    assert verbs(actor_of(user)) == ["Approve"]

    a_ladder(scene.area, second_person_from=10_000)
    assert verbs(actor_of(user)) == []
    assert verbs(scene.budget_holder) == ["Approve"]


def test_a_hold_of_ones_own_waits_to_be_finished() -> None:
    scene = a_scene()
    user = a_person(Role.STAFF, at=scene.school)
    booked(scene, status="held", requested_by=user)

    [item] = queries.awaiting(actor_of(user))
    assert (item.verb, item.url_name) == ("Finish your booking", "bookings:order")
    assert verbs(scene.buyer) == []


def test_the_lead_of_a_service_releases_its_own_people() -> None:
    scene = a_scene(own_employee=True)
    booked(scene, status="awaiting_release")

    assert verbs(scene.provider_lead) == ["Consent to release"]


def test_a_confirmed_visit_that_lost_its_assurance_is_on_the_employers_list() -> None:
    scene = a_scene()
    booked(scene)
    assert verbs(scene.releasing_head) == []

    catalogue.withdraw_assurance(actor=scene.releasing_head, assurance=scene.practitioner.assurances.get())

    assert verbs(scene.releasing_head) == ["Assure again or cancel"]


def test_upcoming_are_confirmed_bookings_to_come() -> None:
    scene = a_scene()
    booked(scene, status="awaiting_release", day=a_booking_day(days_ahead=21))
    booked(scene, day=date(2026, 1, 13))
    coming = booked(scene)

    assert [b.reference for b in queries.upcoming(scene.buyer)] == [coming]


def test_the_load_counts_half_days_of_the_academic_year() -> None:
    scene = a_scene()
    person = scene.practitioner
    in_year = {"practitioner": person}
    a_booking(status="evaluated", day=date(2026, 9, 8), **in_year)  # type: ignore[arg-type]
    a_booking(status="delivered", day=date(2026, 9, 9), session="twilight", **in_year)  # type: ignore[arg-type]
    a_booking(status="no_show_buyer", day=date(2026, 9, 10), session="morning", **in_year)  # type: ignore[arg-type]
    a_booking(status="awaiting_release", day=date(2027, 6, 8), **in_year)  # type: ignore[arg-type]
    ours = a_booking(status="awaiting_release", day=date(2027, 6, 9), session="morning", **in_year)  # type: ignore[arg-type]
    a_booking(status="held", day=date(2027, 6, 10), **in_year)  # type: ignore[arg-type]
    a_booking(status="cancelled_by_buyer", day=date(2027, 6, 11), **in_year)  # type: ignore[arg-type]
    a_booking(status="evaluated", day=date(2026, 7, 8), **in_year)  # type: ignore[arg-type]
    a_booking(status="confirmed", day=date(2027, 9, 8), **in_year)  # type: ignore[arg-type]

    load = queries.load_of(person, "2026/27", without=ours)

    assert (load.agreed, load.used, load.promised, load.left) == (30, 4, 2, 24)


def test_verify_finds_bookings_whose_status_left_their_history() -> None:
    scene = a_scene()
    booking = queries.booking_for(SYSTEM, booked(scene))
    assert [sentence for verdict in verify() for sentence in verdict.disagreements] == []

    queries.visible_to(SYSTEM).update(status="no_show_provider")

    found = [sentence for verdict in verify() for sentence in verdict.disagreements]
    assert len(found) == 2 and all(booking.reference in s or str(booking.pk) in s for s in found)
