"""What every answer has, that of an unknown address too."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import a_person

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_a_page_in_the_layout_of_all_others(client: Client) -> None:
    answer = client.get("/no-such-page/")

    assert answer.status_code == 404 and "School Support Exchange" in answer.content.decode()


def test_an_unknown_address_of_the_api_is_refused_as_the_api_refuses(client: Client) -> None:
    answer = client.get("/api/no-such-thing/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_every_page_carries_the_policies_of_a_safe_site(client: Client) -> None:
    answer = client.get("/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_an_address_that_only_takes_a_button_is_a_page_that_says_so(client: Client) -> None:
    client.force_login(a_person())

    answer = client.get(reverse("bookings:take_offer_back", args=["BK-0000000"]))

    shown = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address only takes a button" in shown and "School Support Exchange" in shown
