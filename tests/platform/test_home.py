"""The front page, the frame of every page, and a person's session."""

import re
import time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from frontend import accounts
from frontend.context import WAYS, in_words
from frontend.session import RENEWED
from marketplace.kernel.access import Role
from tests.builders import a_booking, a_convenor, a_person, a_school, an_area, an_organisation
from tests.builders.notifications import a_notification

pytestmark = pytest.mark.django_db


def ways(client: Client) -> list[str]:
    page = client.get("/").content.decode()
    return re.findall(
        r'class="govuk-service-navigation__link" href="[^"]+"[^>]*>(?:<strong[^>]*>)?([^<]+)', page
    )


def test_a_visitor_reads_what_it_is_and_can_sign_in(client: Client) -> None:
    answer = client.get("/")

    assert answer.status_code == 200 and "Schools helping schools" in answer.content.decode()
    assert ways(client) == []


@pytest.mark.parametrize("name", ["accessibility", "cookies", "privacy"])
def test_the_pages_about_the_exchange_are_open_to_all(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.STAFF, {"Find support", "Needs", "Bookings"}, {"Money", "Quality", "Register", "Coverage", "People"}),
        (Role.HEADTEACHER, {"Find support", "Needs", "Bookings", "Money", "People"}, {"Quality", "Register"}),
        (Role.PRACTITIONER, {"Bookings", "Provide"}, {"Find support", "Needs", "Money", "People"}),
        (Role.PROVIDER_LEAD, {"Provide", "Needs", "Bookings", "Money", "People"}, {"Quality", "Coverage"}),
        (Role.FINANCE, {"Money", "Bookings"}, {"Needs", "Provide", "Register"}),
    ],
)  # fmt: skip
def test_the_navigation_shows_what_the_persons_roles_allow(
    client: Client, role: Role, shown: set[str], hidden: set[str]
) -> None:
    client.force_login(a_person(role, at=a_school()))

    found = set(ways(client))

    assert shown <= found and not hidden & found


def test_a_convenor_finds_the_whole_area(client: Client) -> None:
    client.force_login(a_convenor(an_area()))

    assert {"Coverage", "Quality", "Register", "People", "Needs"} <= set(ways(client))


def test_every_way_on_leads_somewhere() -> None:
    for way in WAYS:
        assert reverse(way.url_name).startswith(way.prefixes), way.text


def test_my_work_lists_what_waits_and_what_comes_up(client: Client) -> None:
    school = a_school()
    holder = a_person(Role.BUDGET_HOLDER, at=school)
    waiting, coming = a_booking(status="awaiting_approval", school=school), a_booking(school=school)
    client.force_login(holder)

    page = client.get("/").content.decode()

    assert f"Approve: {waiting.practitioner}" in page
    assert reverse("bookings:approve", args=[waiting.reference]) in page
    assert f"{coming.practitioner} at {coming.receiving_school}" in page


def test_the_front_page_costs_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    school = a_school()
    client.force_login(a_person(Role.BUDGET_HOLDER, Role.HEADTEACHER, at=school))
    for _ in range(3):
        a_booking(status="awaiting_approval", school=school)
        a_booking(school=school)
    client.get("/")

    with django_assert_max_num_queries(39):
        client.get("/")


def test_the_badge_counts_what_is_not_read(client: Client) -> None:
    person = a_person(Role.STAFF, at=a_school())
    a_notification(person)
    a_notification(person)
    client.force_login(person)

    assert "2 unread" in client.get("/").content.decode()


# Acting for -----------------------------------------------------------------------------------------------------------


def test_a_person_chooses_whom_they_act_for(client: Client) -> None:
    one, other = a_school(name="Alder School"), a_school(name="Birch School")
    person = a_person(Role.HEADTEACHER, at=one)
    person.memberships.create(organisation=other.organisation, role=Role.GOVERNOR)
    client.force_login(person)

    answer = client.post(reverse("home:act_for"), {"organisation": other.pk, "next": "/cookies/"})

    assert answer.url == "/cookies/"
    assert "<strong>Birch School</strong>, governor" in client.get("/").content.decode()


@pytest.mark.parametrize("chosen", ["", "x", "0", "99999999999999999999"])
def test_nobody_acts_for_an_organisation_they_have_no_role_at(client: Client, chosen: str) -> None:
    client.force_login(a_person(Role.HEADTEACHER, at=a_school()))
    stranger = a_school()

    assert client.post(reverse("home:act_for"), {"organisation": chosen or stranger.pk}).status_code == 404
    assert "organisation" not in client.session


def test_roles_are_told_in_words() -> None:
    assert in_words(frozenset({Role.STAFF})) == "staff"
    assert (
        in_words(frozenset({Role.GOVERNOR, Role.STAFF, Role.HEADTEACHER}))
        == "staff, headteacher and governor"
    )


# Session --------------------------------------------------------------------------------------------------------------


def test_pages_know_how_long_the_session_lasts_and_opening_one_renews_it(client: Client) -> None:
    client.force_login(a_person(Role.STAFF, at=a_school()))
    client.get("/")
    session = client.session
    session[RENEWED] = int(time.time()) - 600
    session.save()
    left = re.search(r'data-session="(\d+)"', client.get("/").content.decode())
    assert left and settings.SESSION_COOKIE_AGE - 610 <= int(left[1]) <= settings.SESSION_COOKIE_AGE - 600

    session[RENEWED] = int(time.time()) - 3600
    session.save()
    client.get("/")

    assert client.session[RENEWED] >= time.time() - 5


def test_asking_for_news_does_not_keep_a_forgotten_screen_signed_in(client: Client) -> None:
    client.force_login(a_person())
    session = client.session
    session[RENEWED] = then = int(time.time()) - 3600
    session.save()

    assert client.get("/live/poll/?since=0").status_code == 200

    assert client.session[RENEWED] == then


def test_a_session_can_be_extended_by_script_and_without(client: Client) -> None:
    client.force_login(a_person())

    assert client.post(reverse("home:extend_session")).status_code == 204
    assert client.session[RENEWED] >= time.time() - 5
    assert client.post(reverse("home:extend_session"), {"next": "/cookies/"}).url == "/cookies/"


# One-time links -------------------------------------------------------------------------------------------------------


def path_of(link: str) -> str:
    return link.removeprefix(settings.SITE_URL)


def test_a_one_time_link_signs_in_once(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    person = a_person(Role.STAFF, at=a_school())
    path = path_of(accounts.one_time_link(person))

    assert client.get(path).url == "/"
    assert int(client.session["_auth_user_id"]) == person.pk
    assert Client().get(path).status_code == 404


def test_outside_debug_there_are_no_one_time_links(client: Client) -> None:
    assert client.get(path_of(accounts.one_time_link(a_person()))).status_code == 404


def test_an_old_a_forged_and_a_closed_accounts_link_sign_nobody_in(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    person = a_person()
    path = path_of(accounts.one_time_link(person))
    assert client.get(path[:-3] + "xx/").status_code == 404
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda now=time.time(): now + accounts.LINK_SECONDS + 5)
        assert client.get(path).status_code == 404

    person.is_active = False
    person.save()

    assert client.get(path).status_code == 404


def test_the_demo_areas_people_are_offered_on_ones_own_computer_in_debug_only(
    client: Client, settings: Any
) -> None:
    a_person(Role.CONVENOR, at=an_organisation("local_authority"), email="convenor@calderbeck.example")
    assert "Try it as" not in client.get("/").content.decode()

    settings.DEBUG = True
    assert "Try it as" not in client.get("/", REMOTE_ADDR="192.0.2.7").content.decode()
    page = client.get("/").content.decode()
    link = re.search(r'href="(/sign-in/[^"]+)">Convenor<', page)

    assert link and client.get(link[1]).url == "/"


def test_a_trust_lead_may_act_for_each_school_of_the_trust(client: Client) -> None:
    trust = an_organisation("trust", name="Elm Trust")
    school = a_school(name="Fir School", trust=trust)
    client.force_login(a_person(Role.TRUST_LEAD, at=trust))

    client.post(reverse("home:act_for"), {"organisation": school.pk})

    assert "<strong>Fir School</strong>, trust lead" in client.get("/").content.decode()
