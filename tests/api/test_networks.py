"""The API of networks: which there are, of whom, and whose school is asked stays out."""

from typing import Any

import pytest
from django.test import Client

from marketplace.kernel.access import Role
from tests.builders import a_person, a_provider, a_school, an_area
from tests.builders.networks import a_belonging, a_network

pytestmark = pytest.mark.django_db


def test_networks_are_listed_with_their_members_and_found_by_school(
    django_assert_max_num_queries: Any,
) -> None:
    area = an_area()
    schools = [a_school(area) for _ in range(4)]
    for n in range(3):
        network = a_network(area, *schools[n:3], name=f"Network {n}", lead=a_provider(area))
        a_belonging(network, schools[3], status="proposed")
    a_network(an_area(), name="Elsewhere")
    client = Client()
    client.force_login(a_person(Role.STAFF, at=schools[0]))

    with django_assert_max_num_queries(10):
        listed = client.get("/api/networks/").json()["results"]
    assert [(row["name"], len(row["schools"])) for row in listed] == [
        ("Network 0", 3),
        ("Network 1", 2),
        ("Network 2", 1),
    ]
    found = client.get("/api/networks/", {"school": schools[0].urn}).json()["results"]
    assert [row["name"] for row in found] == ["Network 0"]
    one = client.get(f"/api/networks/{listed[2]['reference']}/").json()
    assert [row["urn"] for row in one["schools"]] == [schools[2].urn]
