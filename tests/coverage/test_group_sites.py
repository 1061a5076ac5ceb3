"""Where the days of a trust come from: its schools, as it has no place of its own."""

import pytest

from marketplace.organisations.models import OrganisationKind
from tests.builders import (
    a_level_2_theme,
    a_needy_school,
    a_school,
    an_area,
    an_organisation,
    cell_of,
    days_of_help,
    worked_out,
)

pytestmark = pytest.mark.django_db


def test_the_days_of_a_trust_come_from_the_nearest_of_its_schools() -> None:
    area, theme = an_area(), a_level_2_theme()
    trust = an_organisation(OrganisationKind.TRUST, area=area, easting=None, northing=None)
    a_school(area, academy=True, trust=trust, easting=440_000, northing=390_000)
    a_school(area, academy=True, trust=trust, easting=480_000, northing=390_000)
    a_needy_school(area, 6, theme, east=38)
    days_of_help(trust, 10, theme, reach_km=5)

    cell = cell_of(worked_out(area), theme)

    assert (cell.met, cell.reach_gap) == (6, 0)


def test_closed_schools_of_a_trust_send_nobody() -> None:
    area, theme = an_area(), a_level_2_theme()
    trust = an_organisation(OrganisationKind.TRUST, area=area, easting=None, northing=None)
    a_school(area, academy=True, trust=trust, status_code="2")
    a_needy_school(area, 6, theme)
    days_of_help(trust, 10, theme, reach_km=5)

    cell = cell_of(worked_out(area), theme)

    assert (cell.met, cell.reach_gap) == (0, 6)
