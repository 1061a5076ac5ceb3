"""A status that is held back is told on no page, in no file and by no request of anybody but the area's own convenors."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from marketplace.coverage import queries
from marketplace.coverage.models import Cell, PublicPage
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_person,
    a_provider,
    actor_of,
    an_area,
    worked_out,
)
from tests.builders.scenarios import a_scenario, an_added_offer
from tests.coverage.test_releasing import area, held_back, phonics  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db

PARTS = re.compile(r"</tr>|</li>|</p>|</dd>|\n|(?<=\}),")
PAGES = [
    "/coverage/",
    "/coverage/?format=csv",
    "/coverage/oracy/primary/",
    "/coverage/map/?theme=oracy",
    "/coverage/wards.geojson?theme=oracy",
    "/coverage/radar/",
    "/coverage/what-if/",
    "/coverage/what-if/{scenario}/",
    "/coverage/our-needs/",
    "/coverage/wanted/",
    "/coverage/public/{code}/",
    "/coverage/benchmark/",
    "/coverage/country/?theme=oracy&phase=primary",
    "/coverage/country/?theme=oracy&phase=primary&format=csv",
    "/coverage/country/areas.geojson?theme=oracy&phase=primary",
    "/coverage/country/matrix/",
    "/coverage/country/matrix/?format=csv",
    "/coverage/country/areas/{code}/",
    "/coverage/country/areas/{code}/?format=csv",
    "/api/coverage/cells/?area={code}",
    "/api/coverage/cells/?area={code}&theme=oracy",
    "/api/coverage/scenarios/{scenario}/",
    "/",
]


def reader(name: str, place: Area) -> User | None:
    if name in ("board", "scrutiny"):
        return a_board_member(place, Role.BOARD_MEMBER if name == "board" else Role.SCRUTINY)
    if name == "provider":
        return a_person(Role.PROVIDER_LEAD, at=a_provider(place))
    if name == "school":
        return a_person(Role.HEADTEACHER, at=place.schools.order_by("pk")[0].organisation)
    if name == "another area":
        elsewhere = an_area()
        worked_out(elsewhere)
        return a_convenor(elsewhere)
    return a_convenor(place) if name == "its convenor" else None


def told_of_oracy(user: User | None, **names: str) -> Iterator[tuple[str, str]]:
    """(page, words) of each part of a page or file that names the theme."""
    client = Client()
    if user is not None:
        client.force_login(user)
    for page in PAGES:
        answer = client.get(page.format(**names))
        assert answer.status_code < 500, page
        content = b"".join(answer) if answer.streaming else answer.content
        for part in PARTS.split(content.decode()):
            if "oracy" in part.lower():
                yield page, re.sub(r"<[^>]+>", " ", part)


@pytest.mark.parametrize(
    "who",
    ["board", "scrutiny", "provider", "school", "another area", "anybody", "its convenor"],
)
def test_a_status_held_back_is_told_to_the_areas_convenors_alone(held_back: Area, who: str) -> None:  # noqa: F811
    sight = queries.sight_of(actor_of(a_convenor(held_back)))
    snapshot = queries.latest(sight)
    cell = Cell.objects.get(snapshot=snapshot, theme__code="oracy", phase="primary", ward=None)
    secret = re.compile(rf"\b({cell.status}|{cell.get_status_display()})\b")
    PublicPage.objects.create(area=held_back, is_on=True)
    scenario = a_scenario(
        held_back,
        a_convenor(held_back),
        an_added_offer(theme="oracy", days=20),
        name="Plan",
        shared_with="board",
    )

    told = list(told_of_oracy(reader(who, held_back), code=held_back.code, scenario=scenario.reference))

    given_away = [(page, " ".join(words.split())) for page, words in told if secret.search(words)]
    if who == "its convenor":
        assert {"/coverage/", "/coverage/?format=csv", "/api/coverage/cells/?area={code}"} <= {
            page for page, _ in given_away
        }
    else:
        assert given_away == []
        assert told or who == "school"
