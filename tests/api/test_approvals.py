"""The API of ladders, quotes evidence and funding streams."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.buyback import actions
from marketplace.buyback.rules import Approver, Step
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.organisations.models import User
from tests.builders import (
    a_booking,
    a_convenor,
    a_ladder,
    a_person,
    a_scene,
    a_school,
    a_stream,
    actor_of,
    some_evidence,
)

pytestmark = pytest.mark.django_db


def call(actor: Actor, method: str, path: str, **data: Any) -> tuple[int, Any]:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    send = getattr(client, method)
    answer = send(path, data) if method == "get" else send(path, data, content_type="application/json")
    return answer.status_code, answer.json()


def test_the_ladder_in_force_is_told_with_its_source() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    a_ladder(school.area, Step(0, Approver.ANY_ORDERER), Step(500, Approver.GOVERNORS, 3, True))

    status, listed = call(head, "get", "/api/approval-ladders/")
    assert status == 200 and [each["source"] for each in listed["results"]] == [str(school.area)]
    _, told = call(head, "get", f"/api/approval-ladders/{school.organisation.reference}/")
    assert told["steps"][1] == {
        "from_pence": 500,
        "approver": "governors",
        "quotes_needed": 3,
        "minute_needed": True,
    }
    assert call(head, "get", f"/api/approval-ladders/{a_school().organisation.reference}/")[0] == 404


def test_evidence_from_start_to_end() -> None:
    scene = a_scene()
    actor, buyer = scene.buyer, scene.school.organisation.reference
    path = "/api/quotes-evidence/"

    status, made = call(actor, "post", path, organisation=buyer, subject="Reading", need_pence=100)
    assert status == 201 and made["missing"]
    own = f"{path}{made['reference']}/"
    assert call(actor, "post", f"{own}ask/", offer=scene.offer.reference, half_days=2)[0] == 200
    _, asked = call(actor, "post", f"{own}ask/", supplier_name="Eastgate")
    number = asked["quotes"][1]["number"]
    call(actor, "post", f"{own}answer/", number=number, answer="quoted", price_pence=30_000)
    _, chosen = call(actor, "post", f"{own}choose/", number=number)
    assert [quote["is_chosen"] for quote in chosen["quotes"]] == [False, True]
    status, refused = call(actor, "post", f"{own}complete/")
    assert status == 409 and refused["code"] == "evidence_incomplete" and refused["missing"]
    call(actor, "put", own, subject="Reading", need_pence=100, conflicts="None")
    status, done = call(actor, "post", f"{own}complete/")
    assert (status, done["status"], done["missing"]) == (200, "complete", [])
    assert call(actor, "post", f"{own}choose/", number=number)[0] == 409
    assert call(actor, "post", f"{own}choose/", number=number + 99)[0] == 404
    assert call(scene.provider_lead, "get", own)[0] == 404
    assert call(scene.provider_lead, "post", path, organisation=buyer, subject="x", need_pence=1)[0] == 404


def test_an_order_names_its_evidence_and_an_approval_its_minute() -> None:
    scene = a_scene()
    a_ladder(scene.school, Step(0, Approver.SECOND_PERSON, quotes_needed=3, minute_needed=True))
    booking = a_booking(
        status="held", school=scene.school, practitioner=scene.practitioner, offer=scene.offer
    )
    path = f"/api/bookings/{booking.reference}/"

    assert call(scene.buyer, "post", f"{path}order/")[1]["code"] == "evidence_missing"
    assert call(scene.buyer, "post", f"{path}order/", evidence=some_evidence().reference)[0] == 404
    evidence = some_evidence(scene.school, supplier=scene.provider).reference
    assert call(scene.buyer, "post", f"{path}order/", evidence=evidence)[0] == 200
    assert call(scene.budget_holder, "post", f"{path}approve/")[1]["code"] == "evidence_missing"
    status, approved = call(scene.budget_holder, "post", f"{path}approve/", minute_reference="FGB 7.2")
    assert (status, approved["status"]) == (200, "awaiting_release")


def test_streams_are_told_with_what_is_left() -> None:
    stream = a_stream(pence=1_000)
    actions.commit_funding(actor=SYSTEM, stream=stream, pence=300, effect="a")
    convenor = actor_of(a_convenor(stream.area))

    _, listed = call(convenor, "get", "/api/funding-streams/", financial_year=stream.financial_year)
    [told] = listed["results"]
    assert (told["granted_pence"], told["available_pence"], told["committed_pence"]) == (1_000, 700, 300)
    assert call(convenor, "get", f"/api/funding-streams/{stream.reference}/")[1] == told
    assert call(a_scene().budget_holder, "get", f"/api/funding-streams/{stream.reference}/")[0] == 404


@pytest.mark.parametrize("path", ["/api/quotes-evidence/", "/api/bookings/"])
def test_lists_cost_the_same_however_long(path: str) -> None:
    scene = a_scene()

    def cost() -> int:
        some_evidence(scene.school, complete=False)
        a_booking(status="awaiting_approval", school=scene.school)
        with CaptureQueriesContext(connection) as queries:
            assert call(scene.budget_holder, "get", path)[0] == 200
        return len(queries)

    cost()
    assert len({cost() for _ in range(3)}) == 1
