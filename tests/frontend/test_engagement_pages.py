"""Pages of who takes part: what a convenor and what the board reads, and reminders by a click."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.catalogue.models import Theme
from marketplace.coverage.engagement.models import EngagementNudge
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, School, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_need,
    a_person,
    a_school,
    a_ward,
    an_area,
    an_organisation,
    worked_out,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    """Seven schools of two wards: four have said what they need, three have not."""
    area = an_area(name="Calderbeck")
    wards = [a_ward(area, name=name) for name in ("Holm", "Fell")]
    phonics = Theme.objects.get(code="phonics")
    for n in range(7):
        school = a_school(area, name=f"School {n}", ward=wards[n % 2], trust=an_organisation("trust"))
        a_person(Role.HEADTEACHER, at=school, name=f"Head {n}")
        if n < 4:
            a_need(school, phonics)
    worked_out(area)
    return area


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return " ".join(content.decode("utf-8-sig").split())


def a_school_named(name: str) -> School:
    return School.objects.get(organisation__name=name)


def test_a_convenor_reads_figures_by_any_dimension_of_the_schools_chosen(area: Area) -> None:
    client = client_of(a_convenor(area))

    assert "4 of 7 open schools took part in the last 12 months: 57%" in text(client.get("/engagement/"))
    for dimension in ("phase", "type", "trust", "diocese", "governors", "ward", "cluster", "nonsense\0"):
        assert client.get("/engagement/", {"by": dimension}).status_code == 200
    holm = area.wards.get(name="Holm").code
    assert "2 of 4 open schools of those chosen" in text(client.get(f"/engagement/?by=type&ward={holm}"))
    assert "Fell,3,2,67," in text(client.get("/engagement/?by=ward&format=csv"))


def test_the_board_reads_shares_and_no_small_number_and_no_school(area: Area) -> None:
    client = client_of(a_board_member(area))

    shown = text(client.get("/engagement/?by=ward"))
    assert "Hidden" in shown and "4 of 7 open schools" in shown
    assert "School 1" not in shown and "Schools that have not taken part" not in shown
    assert "Holm,4,,," in text(client.get("/engagement/?by=ward&format=csv"))
    holm = area.wards.get(name="Holm").code
    assert "4 of 7 open schools took part" in text(client.get(f"/engagement/?ward={holm}"))
    for page in ("schools", "reminders", "words"):
        assert client.get(f"/engagement/{page}/").status_code == 404
    assert (
        client.get("/engagement/remind/").status_code == client.post("/engagement/remind/").status_code == 404
    )


def test_the_list_says_who_is_missing_why_and_whom_to_write_to(area: Area) -> None:
    client = client_of(a_convenor(area))

    shown = text(client.get("/engagement/schools/"))
    assert "School 4" in shown and "School 0" not in shown
    assert "Nobody has signed in yet" in shown and "Head 4" in shown
    assert "School 0" in text(client.get("/engagement/schools/?show=taking"))
    assert "No school matches this" in text(client.get("/engagement/schools/?q=nowhere"))
    assert text(client.get("/engagement/schools/?format=csv")).count("Nobody has signed in yet") == 3


def test_one_click_reminds_and_the_list_shows_it_with_what_followed(area: Area) -> None:
    school = a_school_named("School 4")
    client = client_of(a_convenor(area))

    answer = client.post("/engagement/remind/?q=School+4", {"urn": school.urn}, follow=True)
    assert answer.redirect_chain[-1][0] == "/engagement/schools/?q=School+4"
    assert "School 4 was reminded: 1 person at the school." in text(answer)
    assert "Again from" in text(client.get("/engagement/schools/?q=School+4"))
    assert client.post("/engagement/remind/", {"urn": school.urn}).status_code == 409
    assert client.post("/engagement/remind/", {"urn": "x"}).status_code == 404

    assert "Nothing yet" in text(client.get("/engagement/reminders/"))
    EngagementNudge.objects.update(sent_at=timezone.now() - timedelta(days=2))
    a_need(school, Theme.objects.get(code="maths"))
    assert "Said what it needs" in text(client.get("/engagement/reminders/"))
    assert "We have not heard from School 4" in text(client.get("/engagement/reminders/?format=csv"))
    assert "2 schools reminded." in text(client.post("/engagement/remind/", follow=True))


def test_a_reminder_to_all_is_looked_at_before_it_is_sent(area: Area) -> None:
    client = client_of(a_convenor(area))
    assert 'href="/engagement/remind/?q=School"' in text(client.get("/engagement/schools/?q=School"))
    client.post("/engagement/remind/", {"urn": a_school_named("School 4").urn})

    page = text(client.get("/engagement/remind/"))

    assert "A reminder would go to 2 schools" in page and "Remind 2 schools" in page
    assert "<li>School 5</li>" in page and "<li>School 4</li>" not in page
    assert EngagementNudge.objects.count() == 1
    client.post("/engagement/remind/")
    assert "Nobody is due a reminder" in text(client.get("/engagement/remind/"))


def test_a_convenor_chooses_the_words(area: Area) -> None:
    client = client_of(a_convenor(area))

    client.post("/engagement/words/", {"text": "Dear [school], come back."})
    assert "Dear [school], come back." in text(client.get("/engagement/schools/"))

    answer = client.post("/engagement/words/", {"text": "x" * 1001})
    assert (answer.status_code, "x" * 1001 in text(answer)) == (422, True)


@pytest.mark.parametrize("page", ["/engagement/?by=trust", "/engagement/schools/", "/engagement/reminders/"])
def test_each_page_takes_the_same_queries_however_many_schools(
    area: Area, page: str, django_assert_max_num_queries: Any
) -> None:
    client = client_of(a_convenor(area))
    client.post("/engagement/remind/")

    with django_assert_max_num_queries(45):
        client.get(page)
