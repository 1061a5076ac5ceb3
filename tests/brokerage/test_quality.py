"""A provider's figures, and what a suspension touches."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.errors import NotBookable
from marketplace.brokerage import queries
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, contract_year
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.actions import lift_suspension, suspend_organisation
from marketplace.organisations.errors import InvalidDetails
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_complaint,
    a_convenor,
    a_course,
    a_course_scene,
    a_provider_designation,
    a_scene,
    actor_of,
    places_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return a_scene(cancellation_tariff=STANDARD_TARIFF.to_data())


def standing(scene: Scene) -> queries.Standing:
    today = timezone.localdate()
    year = contract_year(ACADEMIC, today)
    [found] = queries.standings([scene.provider], year=(year.start, year.end), today=today)
    return found


def booked(scene: Scene, status: str, **fields: object) -> object:
    fields = {"cancellation_tariff": STANDARD_TARIFF.to_data()} | fields
    return a_booking(
        status=status, school=scene.school, offer=scene.offer, practitioner=scene.practitioner, **fields
    )  # type: ignore[arg-type]


def test_the_first_rating_moves_the_quality_by_a_sixth_only(scene: Scene) -> None:
    assert standing(scene).quality == 70
    assert standing(scene).average is None

    Offer.objects.filter(pk=scene.offer.pk).update(rating_total=100, rating_count=1)

    assert standing(scene).quality == 75  # (5 × 70 + 100) / 6
    assert standing(scene).average == 100


def test_figures_count_what_happened_this_year(scene: Scene) -> None:
    a_complaint(booked(scene, "delivered"))  # type: ignore[arg-type]
    booked(scene, "cancelled_by_provider", day=a_booking_day(days_ahead=20))
    a_provider_designation(scene.provider, valid_to=timezone.localdate() + timedelta(days=30))

    found = standing(scene)

    assert (found.on_show, found.delivered, found.cancelled, found.missed) == (1, 1, 1, 0)
    assert (found.complaints_open, found.complaints_upheld, found.ending) == (1, 0, 1)


def test_figures_of_many_providers_take_the_same_queries(scene: Scene) -> None:
    others = [a_scene(area=scene.area).provider for _ in range(3)]
    today = timezone.localdate()
    year = contract_year(ACADEMIC, today)

    for providers in ([scene.provider], [scene.provider, *others]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            queries.standings(providers, year=(year.start, year.end), today=today)
        assert len(asked) == 4


class TestSuspension:
    def test_it_is_for_convenors_and_says_why(self, scene: Scene) -> None:
        with pytest.raises(NotAllowed):
            suspend_organisation(actor=scene.provider_lead, organisation=scene.provider, reason="No")
        with pytest.raises(NotFound):
            suspend_organisation(actor=scene.receiving_head, organisation=scene.provider, reason="No")
        with pytest.raises(InvalidDetails):
            suspend_organisation(
                actor=actor_of(a_convenor(scene.area)), organisation=scene.provider, reason=" "
            )

    def test_it_stops_new_bookings_and_takes_offers_out_of_the_search(self, scene: Scene) -> None:
        convenor = actor_of(a_convenor(scene.area))

        suspend_organisation(actor=convenor, organisation=scene.provider, reason="Three complaints upheld")

        assert not catalogue.published(SYSTEM).filter(pk=scene.offer.pk).exists()
        with pytest.raises(NotBookable, match="takes no bookings"):
            hold(scene)
        with pytest.raises(NotNow):
            suspend_organisation(actor=convenor, organisation=scene.provider, reason="Again")

        lift_suspension(actor=convenor, organisation=scene.provider, reason="A new lead")
        assert hold(scene).pk

    def test_people_of_a_suspended_employer_are_not_booked_either(self, scene: Scene) -> None:
        convenor = actor_of(a_convenor(scene.area))

        suspend_organisation(actor=convenor, organisation=scene.releasing.organisation, reason="Inspection")

        with pytest.raises(NotBookable):
            hold(scene)

    def test_what_it_touches_is_listed(self, scene: Scene) -> None:
        visit = booked(scene, "confirmed")
        booked(scene, "delivered")
        convenor = actor_of(a_convenor(scene.area))

        touched = queries.affected_by_suspension(convenor, scene.provider, today=timezone.localdate())

        assert list(touched.bookings) == [visit]
        assert list(touched.offers) == [scene.offer]
        with pytest.raises(NotFound):
            queries.affected_by_suspension(scene.receiving_head, scene.provider, today=timezone.localdate())

    def test_places_on_its_courses_are_listed_with_their_schools(self) -> None:
        scene = a_course_scene()
        ordered = places_for(a_course(scene), scene.school, scene.buyer)
        convenor, today = actor_of(a_convenor(scene.area)), timezone.localdate()

        touched = queries.affected_by_suspension(convenor, scene.provider, today=today)

        assert list(touched.places) == [ordered]
        assert queries.schools_with_places(scene.provider, today=today) == [scene.school.pk]
        assert queries.schools_expecting(scene.provider, today=today) == []

    def test_a_school_cancels_a_visit_of_a_suspended_provider_free_of_charge(self, scene: Scene) -> None:
        visit = booked(scene, "confirmed", day=a_booking_day(days_ahead=3))
        before = booking_queries.cancellation_quote(visit, by="buyer", now=timezone.now())  # type: ignore[arg-type]
        assert before.charge_pence > 0

        suspend_organisation(
            actor=actor_of(a_convenor(scene.area)), organisation=scene.provider, reason="Complaints"
        )
        cancelled = bookings.cancel_booking(
            actor=scene.receiving_head,
            booking=visit.reference,
            by="buyer",
            reason="Suspended",  # type: ignore[attr-defined]
        )

        assert cancelled.cancellation_charge_pence == 0
        assert "is suspended" in cancelled.cancellation_explanation


def hold(scene: Scene) -> object:
    return bookings.hold_session(
        actor=scene.buyer,
        offer=scene.offer,
        practitioner=scene.practitioner,
        school=scene.school,
        day=scene.day,
        session="day",
        theme=scene.offer.shown.themes.first(),
        phase="primary",
        mode="in_person",
    )
