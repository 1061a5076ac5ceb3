"""Pages of networks: the list, one of them, its members, a file of many, and the map."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Network, NetworkMembership, School, User
from tests.builders import a_convenor, a_person, a_provider, a_school, a_ward, an_area
from tests.builders.networks import a_belonging, a_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    return an_area(name="Calderbeck")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return " ".join(content.decode("utf-8-sig").split())


def schools_of(area: Area, number: int) -> list[School]:
    ward = a_ward(area, name="Holm")
    return [a_school(area, name=f"School {n} of {area}", ward=ward) for n in range(number)]


def test_a_convenor_makes_a_network_brings_a_school_in_and_takes_it_out(area: Area) -> None:
    school = a_school(area, name="Holm Primary")
    client = client_of(a_convenor(area))

    made = client.post("/networks/new/", {"name": "East", "kind": "cluster", "themes": ["inclusion"]})
    page = made["Location"]
    client.post(f"{page}schools/", {"school": school.urn, "role": "lead"})
    shown = text(client.get(page))
    assert "Holm Primary" in shown and "Lead school" in shown and "Inclusion" in shown

    row = NetworkMembership.objects.scoped().get()
    client.post(f"{page}schools/{row.pk}/remove/")
    assert "No school belongs to it yet" in text(client.get(page))


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(area: Area) -> None:
    network = a_network(area, name="East")
    client = client_of(a_convenor(area))

    answer = client.post("/networks/new/", {"name": "East", "kind": "cluster", "purpose": "To meet"})
    assert answer.status_code == 422
    assert "There is a network called East already" in text(answer) and "To meet" in text(answer)

    for given in ("", "900000000", "x\0"):
        answer = client.post(f"/networks/{network.reference}/schools/", {"school": given, "role": "member"})
        assert answer.status_code in (404, 422)


def test_a_head_answers_the_lead_who_asked(area: Area) -> None:
    lead, school = a_provider(area), a_school(area, name="Holm Primary")
    network = a_network(area, name="East", lead=lead)
    leader, head = a_person(Role.PROVIDER_LEAD, at=lead), a_person(Role.HEADTEACHER, at=school)
    page = f"/networks/{network.reference}/"

    asked = client_of(leader).post(f"{page}schools/", {"school": school.urn, "role": "member"}, follow=True)
    assert "Holm Primary is asked." in text(asked)
    assert "East asks Holm Primary to join" in text(client_of(head).get("/"))
    row = NetworkMembership.objects.scoped().get()
    joined = client_of(head).post(f"{page}schools/{row.pk}/accept/", follow=True)

    assert "Holm Primary belongs to East now." in text(joined)
    assert "East" in text(client_of(head).get(f"/organisations/{school.organisation.reference}/"))


def test_a_file_is_looked_at_first_and_imported_then(area: Area) -> None:
    first, second = schools_of(area, 2)
    client = client_of(a_convenor(area))
    good = f"network,kind,urn\nEast,cluster,{first.urn}\nEast,cluster,{second.urn}\n"

    looked = client.post("/networks/file/", {"file": SimpleUploadedFile("n.csv", good.encode("cp1252"))})
    assert "What this file would do" in text(looked)
    assert not Network.objects.scoped().exists()
    client.post("/networks/file/", {"text": good, "import": "yes"})
    assert NetworkMembership.objects.scoped().count() == 2

    bad = client.post("/networks/file/", {"text": "network,kind,urn\nEast,cluster,1\n", "import": "yes"})
    assert (bad.status_code, "Line 2: “1” is not a URN" in text(bad)) == (422, True)
    for nothing in ({}, {"text": " "}, {"text": "a\0b"}, {"file": SimpleUploadedFile("n.csv", b"a\0b")}):
        assert client.post("/networks/file/", nothing).status_code == 422


def test_the_map_shows_overlaps_duplication_and_schools_in_none(area: Area) -> None:
    schools = schools_of(area, 5)
    a_network(area, *schools[:4], name="East")
    a_network(area, *schools[1:4], name="Sunrise")
    client = client_of(a_person(Role.STAFF, at=schools[0]))

    shown = text(client.get("/networks/overlaps/"))
    assert "3 schools in both, overlap 75%, the same kind" in shown
    assert "4 of 5 open schools belong to a network. 1 belongs to nothing at all" in shown
    assert f"{schools[4].organisation}" in text(client.get("/networks/schools/?times=0"))
    assert "No school matches this" in text(client.get("/networks/schools/?q=nowhere&times=9&ward=x"))
    assert "4 of 5 schools in a network" in text(client.get("/networks/wards/"))
    assert "East,Cluster or learning community,4,Sunrise" in text(
        client.get("/networks/overlaps/?format=csv")
    )
    assert f"{schools[4].urn}" in text(client.get("/networks/schools/?format=csv"))
    assert "Holm,5,4" in text(client.get("/networks/wards/?format=csv"))
    assert text(client.get("/networks/?format=csv")).count("Sunrise") == 3


@pytest.mark.parametrize(
    "page", ["/networks/", "/networks/overlaps/?show=all", "/networks/schools/", "/networks/wards/"]
)
def test_each_page_takes_the_same_queries_however_many_schools_and_networks(
    area: Area, page: str, django_assert_max_num_queries: Any
) -> None:
    schools = schools_of(area, 6)
    for n in range(4):
        a_network(area, *schools[n:], lead=a_provider(area))
    client = client_of(a_convenor(area))
    client.get(page)

    with django_assert_max_num_queries(20):
        client.get(page)


def test_the_page_of_a_network_takes_the_same_queries_however_many_schools_it_has(
    area: Area, django_assert_max_num_queries: Any
) -> None:
    schools = schools_of(area, 6)
    network = a_network(area, *schools[:5], lead=a_provider(area))
    a_belonging(network, schools[5], status="proposed")
    client = client_of(a_convenor(area))

    with django_assert_max_num_queries(20):
        client.get(f"/networks/{network.reference}/")
