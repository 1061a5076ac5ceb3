"""The API of calls for offers; commissions have none."""

from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from marketplace.organisations.models import User
from tests.builders import a_call, a_led_provider, a_support_type, an_answer, an_area, convenor_of

pytestmark = pytest.mark.django_db


def as_(actor: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def test_a_program_lists_calls_and_answers_one() -> None:
    call = a_call()
    (provider, lead), (other, rival) = a_led_provider(call.area), a_led_provider(call.area)
    an_answer(call, rival, other)
    client = as_(lead)
    [row] = client.get(reverse("offer-call-list"), {"status": "open", "phase": "primary"}).json()["results"]
    assert (row["reference"], row["half_days"]) == (call.reference, 40)
    given = {
        "provider": provider.reference,
        "half_days": 20,
        "pence_a_day": 40_000,
        "support_type": a_support_type().code,
        "approach": "We come",
    }
    respond = reverse("offer-call-respond", args=[call.reference])

    made = client.post(respond, given, content_type="application/json")

    assert made.status_code == 200 and made.json()["offer_status"] == "draft"
    detail = client.get(reverse("offer-call-detail", args=[call.reference])).json()
    assert [each["provider"] for each in detail["answers"]] == [provider.reference]
    dear = client.post(respond, given | {"pence_a_day": 45_001}, content_type="application/json")
    assert (dear.status_code, dear.json()["code"]) == (400, "call_invalid")
    for_other = client.post(respond, given | {"provider": other.reference}, content_type="application/json")
    assert for_other.status_code == 404


def test_the_list_of_calls_costs_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    area = an_area()
    for _ in range(4):
        a_call(area)
    client = as_(convenor_of(area))
    client.get(reverse("offer-call-list"))

    with django_assert_max_num_queries(8):
        assert len(client.get(reverse("offer-call-list")).json()["results"]) == 4


def test_commissions_have_no_address_in_the_api() -> None:
    names = [str(name) for name in get_resolver().reverse_dict]

    assert "offer-call-list" in names
    assert [
        name
        for name in names
        if "commission" in name and not name.startswith(("booking", "agreement", "place"))
    ] == []
