"""A NUL character in an address is answered like any address that isn't there, and never reaches the database."""

import pytest
from django.test import Client

from marketplace.kernel.access import Role
from tests.builders import a_person, a_school

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/bookings/%00/", "/needs/%00/", "/money/%00/", "/api/needs/%00/", "/find/%00"]
)
def test_a_path_with_a_nul_is_not_found(path: str) -> None:
    client = Client()
    client.force_login(a_person(Role.HEADTEACHER, at=a_school()))

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/bookings/new/?need=%00", "/find/?q=%00", "/bookings/?q=%00"])
def test_a_query_loses_its_nul(path: str) -> None:
    client = Client()
    client.force_login(a_person(Role.HEADTEACHER, at=a_school()))

    assert client.get(path).status_code in {200, 302, 404}
