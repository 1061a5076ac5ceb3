"""The API of deployments."""

from typing import Any

import pytest
from django.test import Client

from marketplace.brokerage import actions
from marketplace.kernel.access import Role
from tests.api.test_bookings import call
from tests.builders import (
    a_booking,
    a_booking_day,
    a_deployment,
    a_person,
    a_school,
    actor_of,
    some_terms,
    the_parties,
)

pytestmark = pytest.mark.django_db
CANARY = "CANARY-category"


def test_visitors_are_asked_to_sign_in() -> None:
    assert Client().get("/api/deployments/").status_code == 401


def test_a_party_reads_the_chain_and_never_the_schools_own_words(
    django_assert_max_num_queries: Any,
) -> None:
    parties = the_parties(note=CANARY)
    row = a_deployment(parties, status="finished")

    with django_assert_max_num_queries(38):
        status, found = call(parties.scene.provider_lead, "get", f"/api/deployments/{row.reference}/")

    assert status == 200 and CANARY not in str(found)
    assert found["terms"]["objectives"][0]["number"] == 1
    assert [each["capacity"] for each in found["signatures"]] == [
        "receiving_head",
        "releasing_head",
        "practitioner",
        "broker",
    ]
    assert found["reviews"][0]["ratings"] == [
        {"objective": 1, "rag": "amber", "details": "Six classes of ten"}
    ]
    assert found["evaluation"]["outcomes"][0]["counter_evidence"] == "Two pupils joined late"
    assert found["history"][0]["verb"] == "write"


def test_a_convenor_who_oversees_does_not_get_the_background() -> None:
    parties = the_parties()
    row = a_deployment(parties, background=CANARY)

    assert CANARY not in str(call(parties.convenor, "get", f"/api/deployments/{row.reference}/")[1])
    assert CANARY in str(call(parties.scene.person, "get", f"/api/deployments/{row.reference}/")[1])


def test_other_schools_get_nothing() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    other = actor_of(a_person(Role.HEADTEACHER, at=a_school(parties.scene.area)))

    assert call(other, "get", "/api/deployments/")[1]["results"] == []
    assert call(other, "get", f"/api/deployments/{row.reference}/")[0] == 404


def test_the_list_is_filtered_at_the_same_cost(django_assert_max_num_queries: Any) -> None:
    parties = the_parties()
    row = a_deployment(parties)
    for _ in range(3):
        a_deployment(parties, status="to_sign")

    with django_assert_max_num_queries(26):
        found = call(parties.scene.person, "get", "/api/deployments/", status="active")[1]

    assert [each["reference"] for each in found["results"]] == [row.reference]


def test_one_signs_the_version_one_names_and_no_other() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")
    person, path = parties.scene.person, f"/api/deployments/{row.reference}/sign/"
    actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=6))

    status, problem = call(person, "post", path, capacity="practitioner", version=1)
    assert (status, problem["code"]) == (409, "text_changed")
    status, found = call(person, "post", path, capacity="practitioner", version=2)
    assert status == 200 and found["capacities_to_sign"] == []
    assert [each["capacity"] for each in found["signatures"]] == ["practitioner"]


def test_a_booking_is_taken_in_and_progress_reviewed() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    booking = a_booking(
        school=parties.scene.school,
        practitioner=parties.scene.practitioner,
        offer=parties.scene.offer,
        day=a_booking_day(days_ahead=20),
    )
    path = f"/api/deployments/{row.reference}/"

    status, visit = call(parties.scene.buyer, "post", f"{path}visits/", booking=booking.reference)
    assert (status, visit["booking"], visit["kind"]) == (201, booking.reference, "visit")
    status, review = call(
        parties.scene.person,
        "post",
        f"{path}reviews/",
        ratings=[{"objective": 1, "rag": "red", "details": "Nothing moved"}],
        next_steps="Talk with the head",
    )
    assert status == 201 and review["ratings"][0]["rag"] == "red"
    assert call(parties.scene.buyer, "get", "/api/deployments/")[1]["results"][0]["worst_rag"] == "red"
