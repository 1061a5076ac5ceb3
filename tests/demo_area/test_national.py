"""A country with real schools and generated needs: drawn alike from the same seed, labelled, and never mixed with real needs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marketplace.brokerage import queries as brokerage
from marketplace.catalogue.models import OfferVersion
from marketplace.coverage.models import Snapshot
from marketplace.demo_area.national.drawing import draw, read_schools
from marketplace.kernel.access import SYSTEM
from marketplace.organisations.models import Area
from tests.builders import a_need

REGISTER = "gias/edubasealldata_rotherham_sample.csv"
OUTLINES = "boundaries/england_ctyua_dec2023.geojson"


def test_the_same_seed_draws_the_same_and_days_come_near_to_each_other(
    open_data: Callable[[str], Path],
) -> None:
    schools = read_schools(open_data(REGISTER))

    first, again, other = draw(schools, seed=1), draw(schools, seed=1), draw(schools, seed=2)

    assert first == again and first.needs != other.needs
    needed = sum(need.half_days for need in first.needs)
    assert 0.4 * needed < sum(offer.half_days for offer in first.offers) < 2 * needed


@pytest.mark.django_db
def test_the_command_writes_labelled_rows_and_works_the_area_out(open_data: Callable[[str], Path]) -> None:
    call_command(
        "generate_national_areas", str(open_data(REGISTER)), "--boundaries", str(open_data(OUTLINES)), "--now"
    )

    area = Area.objects.get(code="372")
    assert area.region == "Yorkshire and the Humber" and area.outline.geometry["type"] == "Polygon"
    assert Snapshot.objects.filter(area=area).exists()
    notes = brokerage.needs_visible_to(SYSTEM).values_list("note", flat=True)
    assert len(notes) > 100 and all(note.startswith("Generated") for note in notes)
    assert all(
        title.startswith("Generated") for title in OfferVersion.objects.values_list("title", flat=True)
    )


@pytest.mark.django_db
def test_generated_needs_are_never_mixed_with_real_ones(open_data: Callable[[str], Path]) -> None:
    a_need(note="We said this ourselves")

    with pytest.raises(CommandError, match="not generated"):
        call_command("generate_national_areas", str(open_data(REGISTER)))
