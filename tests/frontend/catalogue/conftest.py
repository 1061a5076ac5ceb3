"""Who looks at the pages of the catalogue: the people of a school, of a hub and of the area."""

import pytest

from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Organisation, OrganisationKind, School, User
from tests.builders import (
    a_convenor,
    a_person,
    a_school,
    an_area,
    an_organisation,
)


@pytest.fixture
def area() -> Area:
    return an_area()


@pytest.fixture
def school(area: Area) -> School:
    return a_school(area, name="Meadow Primary")


@pytest.fixture
def head(school: School) -> User:
    return a_person(Role.HEADTEACHER, at=school)


@pytest.fixture
def hub(area: Area) -> Organisation:
    return an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB, area=area, name="Brightwater Hub")


@pytest.fixture
def lead(hub: Organisation) -> User:
    return a_person(Role.PROVIDER_LEAD, at=hub)


@pytest.fixture
def convenor(area: Area) -> User:
    return a_convenor(area)
