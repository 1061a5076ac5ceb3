"""Suggestions and interests by the API."""

import pytest
from django.test import Client

from marketplace.kernel.access import Role
from marketplace.organisations.models import User
from tests.builders import a_market, a_person, a_scene, an_interest

pytestmark = pytest.mark.django_db


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_suggestions_come_with_their_parts_and_what_is_left_out() -> None:
    market = a_market()
    best = market.offer()
    market.offer(reach_km=1)
    head = of(a_person(Role.HEADTEACHER, at=market.school))

    answer = head.get(f"/api/needs/{market.need.reference}/suggestions/").json()

    [suggested] = answer["suggested"]
    assert (suggested["offer"], suggested["place"]) == (best.reference, 1)
    assert [part["key"] for part in suggested["parts"]] == [
        "expertise",
        "phase",
        "distance",
        "availability",
        "quality",
        "price",
        "context",
    ]
    assert suggested["total"] == pytest.approx(
        sum(part["weight"] * part["share"] for part in suggested["parts"])
    )
    assert answer["left_out"] == [{"reason": "reach", "label": "Out of reach", "offers": 1}]


def test_why_not_by_the_api() -> None:
    market = a_market()
    market.offer()
    behind = market.offer(market.provider_school(km=20))
    head = of(a_person(Role.HEADTEACHER, at=market.school))

    answer = head.get(f"/api/needs/{market.need.reference}/suggestions/{behind.reference}/").json()

    assert answer["offer"]["place"] == 2
    assert answer["losses"][0] == {"key": "distance", "points": pytest.approx(5)}
    assert answer["changes_alone"]


def test_a_need_of_somebody_else_is_not_there() -> None:
    market = a_market()

    stranger = of(a_person(Role.HEADTEACHER, at=market.provider_school()))

    assert stranger.get(f"/api/needs/{market.need.reference}/suggestions/").status_code == 404


def test_an_interest_is_declared_listed_and_ended() -> None:
    scene = a_scene()
    holder = of(User.objects.get(pk=scene.budget_holder.user_id))
    given = {"organisation": scene.provider.reference, "kind": "governance"}

    declared = holder.post("/api/interests/", given, content_type="application/json")
    listed = holder.get("/api/interests/").json()
    ended = holder.post(
        f"/api/interests/{declared.json()['reference']}/end/",
        {"ended_on": declared.json()["declared_at"][:10]},
        content_type="application/json",
    )

    assert declared.status_code == 201
    assert [row["organisation_name"] for row in listed["results"]] == [str(scene.provider)]
    assert ended.json()["status"] == "ended"


def test_a_refused_approval_names_its_code() -> None:
    scene = a_scene()
    holder = User.objects.get(pk=scene.budget_holder.user_id)
    an_interest(holder, scene.provider)
    client = of(holder)
    hold = {
        "offer": scene.offer.reference,
        "practitioner": scene.practitioner.reference,
        "school": scene.school.urn,
        "theme": scene.theme.code,
        "phase": "primary",
        "mode": "in_person",
        "session": "day",
        "day": scene.day.isoformat(),
    }
    booking = client.post("/api/bookings/", hold, content_type="application/json").json()["reference"]

    ordered = client.post(f"/api/bookings/{booking}/order/", {}, content_type="application/json").json()
    refused = client.post(f"/api/bookings/{booking}/approve/", {}, content_type="application/json")

    assert ordered["status"] == "awaiting_approval"
    assert (refused.status_code, refused.json()["code"]) == (403, "interest_in_the_way")
