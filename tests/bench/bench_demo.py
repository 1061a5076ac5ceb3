"""How long the demo area takes to make, and how much memory: `pytest -s tests/bench/bench_demo.py`.

Meant, on two cores of one's own: the borough in under 20 s; a country of 24,000 schools in 150 areas in under 6 minutes and 1 GB.
"""

import resource
import time

import pytest

from marketplace.demo_area.build import make_demo_area
from marketplace.demo_area.tally import tally
from marketplace.organisations.models import School


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("schools", "areas", "seconds", "megabytes"), [(130, 1, 20, 400), (24_000, 150, 360, 1_000)]
)
def test_an_area_is_made_in_time(schools: int, areas: int, seconds: int, megabytes: int) -> None:
    started, cpu = time.monotonic(), time.process_time()

    make_demo_area(schools=schools, areas=areas)
    took = time.monotonic() - started

    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{areas} areas: {took:.1f} s ({time.process_time() - cpu:.1f} s of our own), {memory:.0f} MB at most"
    )
    print("\n".join(tally()))
    assert School.objects.count() == schools
    assert took < seconds
    assert memory < megabytes
