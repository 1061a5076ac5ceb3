"""The pages of provider quality: complaints end to end, suspension, designations."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.brokerage.models import Complaint
from marketplace.catalogue.models import ProviderDesignation
from marketplace.kernel.access import Actor
from marketplace.organisations.models import User
from tests.builders import (
    Scene,
    a_booking,
    a_complaint,
    a_convenor,
    a_course,
    a_course_scene,
    a_provider_designation,
    a_scene,
    an_offer,
    places_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return a_scene()


def client_of(actor: Actor | User) -> Client:
    client = Client()
    client.force_login(actor if isinstance(actor, User) else User.objects.get(pk=actor.user_id))
    return client


def visited(scene: Scene) -> object:
    return a_booking(
        status="delivered", school=scene.school, offer=scene.offer, practitioner=scene.practitioner
    )


def test_a_complaint_goes_from_the_booking_to_the_finding(scene: Scene) -> None:
    booking = visited(scene)
    head, lead = client_of(scene.receiving_head), client_of(scene.provider_lead)
    convenor = client_of(a_convenor(scene.area))

    page = head.get(f"/bookings/{booking.reference}/")  # type: ignore[attr-defined]
    assert f"/complaints/about/{booking.reference}/" in page.content.decode()  # type: ignore[attr-defined]
    head.post(f"/complaints/about/{booking.reference}/", {"subject": "quality", "details": "Slides."})  # type: ignore[attr-defined]
    complaint = Complaint.objects.scoped().get()
    assert "Answer it" in lead.get(f"/complaints/{complaint.reference}/").content.decode()
    lead.post(f"/complaints/{complaint.reference}/answer/", {"answer": "We will come again."})
    assert "We are content" in head.get(f"/complaints/{complaint.reference}/").content.decode()
    convenor.post(f"/complaints/{complaint.reference}/decide/", {"verb": "dismiss", "finding": "Put right."})

    page = head.get(f"/complaints/{complaint.reference}/")
    assert "Not upheld" in page.content.decode() and "Put right." in page.content.decode()


def test_a_school_with_places_only_complains_from_the_page_of_its_order() -> None:
    scene = a_course_scene()
    order = places_for(a_course(scene), scene.school, scene.head)
    head, page = client_of(scene.head), f"/complaints/about/{order.reference}/"

    assert page in head.get(f"/courses/places/{order.reference}/").content.decode()
    assert page not in client_of(scene.buyer).get(f"/courses/places/{order.reference}/").content.decode()
    assert client_of(scene.buyer).get(page).status_code == 404
    assert order.reference in head.get(page).content.decode()
    head.post(page, {"subject": "quality", "details": "Slides."})

    complaint = Complaint.objects.scoped().get()
    assert (complaint.school, complaint.provider) == (scene.school.organisation, scene.provider)
    assert complaint.details.startswith(order.reference) and complaint.details.endswith("Slides.")


def test_a_complaint_without_words_is_sent_back_with_what_is_missing(scene: Scene) -> None:
    booking = visited(scene)

    page = client_of(scene.receiving_head).post(
        f"/complaints/about/{booking.reference}/", {"subject": "quality"}
    )  # type: ignore[attr-defined]

    assert page.status_code == 422
    assert "Say what went wrong" in page.content.decode()


def test_staff_see_no_way_to_complain(scene: Scene) -> None:
    booking = visited(scene)

    page = client_of(scene.buyer).get(f"/bookings/{booking.reference}/")  # type: ignore[attr-defined]

    assert "Complain" not in page.content.decode()


def test_a_convenor_suspends_a_provider_and_sees_first_what_it_touches(scene: Scene) -> None:
    visit = a_booking(school=scene.school, offer=scene.offer, practitioner=scene.practitioner)
    client, page = client_of(a_convenor(scene.area)), f"/quality/providers/{scene.provider.reference}/"

    asked = client.get(f"{page}suspend/").content.decode()
    assert "1 visit to come" in asked and visit.reference in asked
    client.post(f"{page}suspend/", {"reason": "Complaints upheld"})

    scene.provider.refresh_from_db()
    assert scene.provider.suspended_at is not None
    assert "Complaints upheld" in client.get(page).content.decode()
    shown = client.get(page).content.decode()
    assert "Lift the suspension" in shown and "None while it is suspended" in shown
    hint = "Schools are told that it is suspended"
    assert hint in asked and hint not in client.get(f"{page}lift/").content.decode()


def test_a_lead_reads_its_own_figures_and_no_others(scene: Scene) -> None:
    other = an_offer().provider
    lead = client_of(scene.provider_lead)

    assert scene.provider.name in lead.get("/quality/providers/").content.decode()
    assert other.name not in lead.get("/quality/providers/").content.decode()
    assert lead.get(f"/quality/providers/{other.reference}/").status_code == 404
    assert lead.get(f"/quality/providers/{scene.provider.reference}/suspend/").status_code == 404


def test_designations_that_end_soon_are_listed_and_checked(scene: Scene) -> None:
    today = timezone.localdate()
    award = a_provider_designation(scene.provider, valid_to=today + timedelta(days=20))
    a_provider_designation(scene.provider, scheme="Later hub")
    client = client_of(a_convenor(scene.area))

    soon = client.get("/quality/designations/").content.decode()
    assert "Teaching school hub" in soon and "Later hub" not in soon
    assert "Later hub" in client.get("/quality/designations/?which=unchecked").content.decode()
    client.post(f"/quality/designations/provider/{award.pk}/check/")

    assert ProviderDesignation.objects.get(pk=award.pk).checked_at is not None


def test_lists_take_the_same_few_queries_however_long(
    scene: Scene, django_assert_max_num_queries: object
) -> None:
    client = client_of(a_convenor(scene.area))
    for _ in range(4):
        other = a_scene(area=scene.area)
        a_complaint(visited(other))  # type: ignore[arg-type]
        a_provider_designation(other.provider)

    for address in ("/quality/providers/", "/complaints/", "/quality/designations/?which=unchecked"):
        with django_assert_max_num_queries(16):  # type: ignore[operator]
            assert client.get(address).status_code == 200


def test_csv_of_every_list(scene: Scene) -> None:
    a_complaint(visited(scene))  # type: ignore[arg-type]
    client = client_of(a_convenor(scene.area))

    for address in ("/quality/providers/", "/complaints/", "/quality/designations/"):
        answer = client.get(address, {"format": "csv"})
        assert b"".join(answer.streaming_content).count(b"\n") >= 1  # type: ignore[attr-defined]


def test_the_api_gives_complaints_to_their_parties_only(scene: Scene) -> None:
    complaint = a_complaint(visited(scene))  # type: ignore[arg-type]

    assert client_of(scene.provider_lead).get("/api/complaints/").json()["count"] == 1
    assert client_of(scene.buyer).get("/api/complaints/").json()["count"] == 0
    assert client_of(scene.buyer).get(f"/api/complaints/{complaint.reference}/").status_code == 404
