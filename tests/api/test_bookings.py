"""The API of bookings."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.bookings.models import Booking
from marketplace.kernel.access import Actor, Role
from marketplace.organisations.models import User
from tests.builders import Scene, a_booking, a_booking_day, a_person, a_scene, a_school

pytestmark = pytest.mark.django_db

Call = Callable[..., tuple[int, Any]]


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def call(actor: Actor, method: str, path: str, **data: Any) -> tuple[int, Any]:
    client = signed_in(actor)
    send = getattr(client, method)
    answer = send(path, data) if method == "get" else send(path, data, content_type="application/json")
    return answer.status_code, answer.json()


def a_wish(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "offer": scene.offer.reference,
        "practitioner": scene.practitioner.reference,
        "school": scene.school.urn,
        "theme": scene.theme.code,
        "phase": "primary",
        "mode": "in_person",
        "day": scene.day.isoformat(),
        "session": "day",
    } | changes


def test_visitors_are_asked_to_sign_in() -> None:
    assert Client().get("/api/bookings/").status_code == 401
    assert Client().post("/api/bookings/", {}, content_type="application/json").status_code == 401
    assert Client().get("/api/practitioners/PR-1/free-sessions/").status_code == 401


def test_from_a_hold_to_a_confirmed_visit() -> None:
    scene = a_scene()

    status, held = call(scene.buyer, "post", "/api/bookings/", **a_wish(scene))
    assert (status, held["status"], held["verbs"]) == (201, "held", ["order", "withdraw"])
    assert held["net_pence"] == sum(line["pence"] for line in held["price_lines"]) == 35_000
    path = f"/api/bookings/{held['reference']}"

    status, ordered = call(scene.buyer, "post", f"{path}/order/", purchase_order_number="PO-1")
    assert (status, ordered["status"], ordered["purchase_order_number"]) == (200, "awaiting_approval", "PO-1")
    status, approved = call(scene.budget_holder, "post", f"{path}/approve/")
    assert (status, approved["status"]) == (200, "awaiting_release")
    status, confirmed = call(scene.releasing_head, "post", f"{path}/consent/")
    assert (status, confirmed["status"]) == (200, "confirmed")

    status, quote = call(scene.budget_holder, "get", f"{path}/cancellation-quote/", by="buyer")
    assert (status, quote["charge_pence"]) == (200, 0)
    status, cancelled = call(scene.budget_holder, "post", f"{path}/cancel/", by="buyer", reason="Inset moved")
    assert (status, cancelled["status"]) == (200, "cancelled_by_buyer")
    status, shown = call(scene.buyer, "get", f"{path}/")
    assert [line["verb"] for line in shown["history"]] == [
        "hold",
        "order",
        "approve",
        "consent",
        "cancel_by_buyer",
    ]


def test_a_taken_time_answers_409_with_the_next_free_times() -> None:
    scene = a_scene()
    call(scene.buyer, "post", "/api/bookings/", **a_wish(scene))
    other = a_school(scene.area)
    user = a_person(Role.STAFF, at=other)
    client = Client()
    client.force_login(user)

    answer = client.post("/api/bookings/", a_wish(scene, school=other.urn), content_type="application/json")

    assert answer.status_code == 409
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "slot_taken"
    assert len(answer.json()["next_free"]) == 3


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"offer": "OF-NOTHERE"}, 404),
        ({"practitioner": "PR-NOTHERE"}, 400),
        ({"school": 1}, 400),
        ({"day": "31 February"}, 400),
        ({"session": "midnight"}, 400),
        ({"day": "2999-01-01"}, 409),
        ({"day": "9999-12-31"}, 400),
        ({"day": "1800-01-01"}, 400),
        ({"focus": "x" * 2_001}, 400),
    ],
)
def test_bad_input_is_told_and_never_a_fault(changes: dict[str, Any], status: int) -> None:
    scene = a_scene()

    answered, problem = call(scene.buyer, "post", "/api/bookings/", **a_wish(scene, **changes))

    assert answered == status, problem
    assert problem["title"]


@pytest.mark.parametrize(
    "verb",
    [
        "order",
        "approve",
        "consent",
        "refuse-approval",
        "refuse-release",
        "decline",
        "withdraw",
        "cancel",
        "no-show",
    ],
)
def test_a_booking_of_others_is_not_there(verb: str) -> None:
    booking = a_booking()
    stranger = a_scene().buyer
    data = {"reason": "No", "by": "buyer", "absent": "buyer"}

    status, _ = call(stranger, "post", f"/api/bookings/{booking.reference}/{verb}/", **data)

    assert status == 404
    assert call(stranger, "get", f"/api/bookings/{booking.reference}/")[0] == 404
    assert call(stranger, "get", "/api/bookings/")[1]["count"] == 0


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        ("awaiting_approval", "refuse-approval"),
        ("awaiting_release", "refuse-release"),
        ("awaiting_release", "decline"),
        ("confirmed", "no-show"),
    ],
)
def test_saying_no_needs_a_reason(status: str, verb: str) -> None:
    scene = a_scene()
    booking = a_booking(
        status=status, school=scene.school, practitioner=scene.practitioner, offer=scene.offer
    )

    answered, problem = call(
        scene.budget_holder, "post", f"/api/bookings/{booking.reference}/{verb}/", absent="provider"
    )

    assert (answered, "reason" in problem["errors"]) == (400, True)


def test_each_verb_is_for_its_own_people() -> None:
    scene = a_scene()
    booking = a_booking(
        status="awaiting_release", school=scene.school, practitioner=scene.practitioner, offer=scene.offer
    )
    path = f"/api/bookings/{booking.reference}"

    assert call(scene.budget_holder, "post", f"{path}/consent/")[0] == 403
    assert call(scene.releasing_head, "post", f"{path}/refuse-release/", reason="Exams")[0] == 200
    assert call(scene.releasing_head, "post", f"{path}/consent/")[0] == 409


def test_the_list_filters_and_pages_with_few_queries(django_assert_max_num_queries: Any) -> None:
    scene = a_scene()
    for days in range(3):
        a_booking(
            school=scene.school,
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=a_booking_day(days_ahead=7 * (days + 2)),
        )
    a_booking(status="held", school=scene.school)

    client = signed_in(scene.buyer)
    with django_assert_max_num_queries(10):
        page = client.get("/api/bookings/", {"status": "confirmed", "page_size": 2}).json()

    assert (page["count"], len(page["results"])) == (3, 2)
    assert call(scene.buyer, "get", "/api/bookings/", first_day=scene.day)[1]["count"] == 4
    assert call(scene.buyer, "get", "/api/bookings/", status="nothing")[0] == 400


def test_free_sessions_say_what_is_free_and_why_not() -> None:
    scene = a_scene()
    a_booking(practitioner=scene.practitioner, day=scene.day, session="morning")
    path = f"/api/practitioners/{scene.practitioner.reference}/free-sessions/"

    status, days = call(scene.buyer, "get", path, **{"from": scene.day, "to": scene.day})

    assert status == 200
    reasons = {s["session"]: s["reason"] for s in days[0]["sessions"]}
    assert reasons == {"day": "Already booked", "morning": "Already booked", "afternoon": "", "twilight": ""}


@pytest.mark.parametrize(
    ("first", "last"),
    [("2027-01-02", "2027-01-01"), ("2027-01-01", "2027-06-01"), ("soon", "later"), ("", "")],
)
def test_a_span_that_makes_no_sense_is_refused(first: str, last: str) -> None:
    scene = a_scene()
    path = f"/api/practitioners/{scene.practitioner.reference}/free-sessions/"

    assert call(scene.buyer, "get", path, **{"from": first, "to": last})[0] == 400


def test_a_person_on_no_offer_is_not_there_for_schools() -> None:
    scene = a_scene()
    scene.offer.current.practitioners.clear()  # type: ignore[union-attr]
    path = f"/api/practitioners/{scene.practitioner.reference}/free-sessions/"
    today = timezone.localdate()

    assert call(scene.buyer, "get", path, **{"from": today, "to": today})[0] == 404
    assert call(scene.provider_lead, "get", path, **{"from": today, "to": today})[0] == 200
    assert Booking.objects.scoped().count() == 0
