"""Every page that needs nothing filled in, written out in full for every kind of person: an answer, never a fault."""

import re

import pytest
from django.test import Client

from tests.platform.authorisation.addresses import endpoints
from tests.platform.authorisation.world import World

pytestmark = pytest.mark.django_db

COLUMNS = ["anonymous", "headteacher", "provider_lead", "practitioner", "convenor", "board_member", "removed"]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_page_is_written_out_without_a_fault(column: str) -> None:
    world = World()
    client = world.client(column)
    client.raise_request_exception = True

    for endpoint in endpoints():
        if endpoint.method != "GET" or endpoint.name in ("billing:pdf", "schema"):
            continue
        answer = client.get(world.address(endpoint))
        assert answer.status_code < 500, endpoint
        if "text/html" in answer.get("Content-Type", "") and answer.status_code == 200:
            check_page(answer.content.decode(), str(endpoint))


def check_page(page: str, name: str) -> None:
    """What holds for every page whatever it says."""
    if "<html" not in page:
        return
    assert page.count("<h1") == 1, f"{name} has {page.count('<h1')} headings of the first level"
    assert re.search(r"<title>\s*\S", page), f"{name} has no title"
    assert not re.search(r"""\s(onclick|onload|onsubmit|style)=["']""", page), (
        f"{name} has inline script or style"
    )
    assert "{{" not in page and "{%" not in page, f"{name} shows template code"


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
