"""How long an area takes to be worked out, database and all: `pytest -s tests/bench/bench_coverage.py`.

A borough of 130 schools with 700 needs and 150 offers. Meant: shown within 5 s of the change that set it off.
"""

import random
import time

import pytest

from marketplace.catalogue.models import Theme
from marketplace.coverage.models import Cell, NeedOutcome, PoolOutcome, Share
from marketplace.organisations.models import Phase
from tests.builders import a_need, a_provider_at, a_school, a_ward, an_area, an_offer, replied, worked_out

SECONDS = 5


@pytest.mark.django_db
def test_a_borough_is_worked_out_within_seconds() -> None:
    rng = random.Random(2026)
    area = an_area()
    themes = list(Theme.objects.filter(parent__isnull=False))
    wards = [a_ward(area) for _ in range(25)]
    for n in range(130):
        school = a_school(
            area,
            ward=wards[n % 25],
            phases=[Phase.EARLY_YEARS, Phase.PRIMARY] if n % 8 else [Phase.SECONDARY],
            easting=430_000 + rng.randrange(20_000),
            northing=380_000 + rng.randrange(20_000),
        )
        replied(school)
        for theme in rng.sample(themes, 4 + n % 3):
            a_need(school, theme, phase=rng.choice(school.phases), half_days=rng.choice([4, 8, 12, 20]))
    for _ in range(150):
        an_offer(
            a_provider_at(area, east=rng.uniform(-10, 10), north=rng.uniform(-10, 10)),
            themes=rng.sample(themes, 3),
            phases=rng.choice([[Phase.PRIMARY], [Phase.EARLY_YEARS, Phase.PRIMARY], [Phase.SECONDARY]]),
            capacity_half_days=rng.choice([20, 40, 60, 80]),
            reach_km=rng.choice([8, 15, 25]),
        )

    started, cpu = time.perf_counter(), time.process_time()
    snapshot = worked_out(area)
    took, of_cpu = time.perf_counter() - started, time.process_time() - cpu
    started = time.perf_counter()
    assert worked_out(area) == snapshot
    again = time.perf_counter() - started

    rows = {
        m.__name__: m.objects.filter(snapshot=snapshot).count()
        for m in (Cell, NeedOutcome, PoolOutcome, Share)
    }
    print(f"\n{rows}: {took:.2f} s ({of_cpu:.2f} s of processor here), found unchanged in {again:.2f} s")
    assert took < SECONDS
