"""Parameters of an area: read, written back, and what they do to what is counted."""

import pytest

from marketplace.coverage import actions, queries
from marketplace.coverage.errors import CoverageSettingsInvalid
from marketplace.coverage.gathering import gather
from marketplace.coverage.measures import Settings
from marketplace.coverage.models import CoverageSettings
from marketplace.coverage.options import OPTIONS
from marketplace.coverage.parameters import PARAMETERS, settings_from, value_of, values_from
from marketplace.coverage.queries import Sight
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area
from tests.builders import (
    a_convenor,
    a_level_2_theme,
    a_need,
    a_needy_school,
    a_provider_at,
    a_school,
    a_ward,
    actor_of,
    an_area,
    days_of_help,
    replied,
    worked_out,
)
from tests.builders.coverage import cell_of

DEFAULTS = {each.name: each.default for each in PARAMETERS}


def gathered(area: Area, settings: Settings | None = None):  # type: ignore[no-untyped-def]
    from django.utils import timezone

    return gather(area, today=local(timezone.now()).date(), settings=settings or Settings())


def test_only_what_differs_from_the_defaults_is_kept_and_read_back() -> None:
    values = values_from(DEFAULTS | {"thin_k": 1.3, "light_days": 2.0}, remote_fit={}, sides={"E05": 1})

    assert values == {"thresholds": {"thin_k": 1.3}, "light_days": 2.0, "sides": {"E05": 1}}
    assert values_from(DEFAULTS) == {}
    assert {each.name: value_of(values, each) for each in PARAMETERS} == DEFAULTS | {
        "thin_k": 1.3,
        "light_days": 2.0,
    }
    settings = settings_from(values)
    assert settings.thresholds.thin_k == 1.3
    assert settings.choices.assumed_days["light"] == 2.0
    assert settings_from({}) == Settings(version="0")


def test_the_answer_to_an_option_is_kept_where_it_is_not_the_default() -> None:
    pooled = values_from(DEFAULTS, {"pool_the_region": True})

    assert pooled == {"pool_the_region": True}
    assert settings_from(pooled).pool_the_region and not settings_from({}).pool_the_region
    assert values_from(DEFAULTS, {each.name: each.default for each in OPTIONS}) == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"priority_weight": 9}, "priority_weight"),
        ({"thresholds": {"gap_best": 1.2}}, "gap_best"),
        ({"radius_km": 5, "full_weight_km": 8}, "radius_km"),
        ({"remote_fit": [1]}, "remote_fit"),
        ({"priority_themes": "phonics"}, "priority_themes"),
        ({"remote_fit": {"phonics": 1.5}}, ""),
        ({"pool_the_region": "yes"}, "pool_the_region"),
        ({"pool_the_region": 1}, "pool_the_region"),
        ({"decay": "cubic"}, "decay"),
        ({"window": "week"}, "window"),
    ],
)
def test_values_that_make_no_sense_are_refused_by_name(values: dict[str, object], field: str) -> None:
    with pytest.raises(CoverageSettingsInvalid) as refused:
        settings_from(values)

    assert refused.value.field == field


@pytest.mark.django_db
def test_what_a_level_stands_for_is_the_areas_own() -> None:
    area = an_area()
    a_need(a_school(area), a_level_2_theme(), level="light", half_days=None)

    assert gathered(area).inputs.needs.days.tolist() == [1.0]
    assert gathered(area, settings_from({"light_days": 2.5})).inputs.needs.days.tolist() == [2.5]


@pytest.mark.django_db
def test_a_priority_theme_comes_first_and_changes_no_counted_day() -> None:
    area, theme = an_area(), a_level_2_theme()
    a_needy_school(area, 5, theme)
    before, after = gathered(area), gathered(area, settings_from({"priority_themes": [theme.code]}))

    assert before.inputs.needs.choice_weight.tolist() == [1.0]
    assert after.inputs.needs.choice_weight.tolist() == [1.5]
    assert after.inputs.needs.days.tolist() == before.inputs.needs.days.tolist() == [5.0]


@pytest.mark.django_db
def test_a_theme_may_be_worth_more_at_a_distance_and_have_its_own_radius_here() -> None:
    area, theme = an_area(), a_level_2_theme()
    settings = settings_from({"remote_fit": {theme.code: 0.9}, "theme_radius_km": {theme.code: 15}})

    found = gathered(area, settings)

    row = [key.id for key in found.themes].index(theme.pk)
    assert found.inputs.themes.remote_fit[row] == 0.9
    assert found.inputs.themes.radius_m[row] == 15_000
    assert found.fingerprint(settings) != gathered(area).fingerprint(Settings())


@pytest.mark.django_db
def test_nobody_travels_across_the_water_in_person() -> None:
    area, theme = an_area(), a_level_2_theme()
    near = a_ward(area, easting=440_000, northing=390_000)
    across = a_ward(area, easting=443_000, northing=390_000)
    replied(a_needy_school(area, 10, theme, ward=near).school)
    replied(a_needy_school(area, 10, theme, east=3, ward=across).school)
    days_of_help(a_provider_at(area), 40, theme)
    convenor = actor_of(a_convenor(area))

    assert cell_of(worked_out(area), theme).reach_gap == 0
    actions.change_settings(actor=convenor, area=area, values={"sides": {across.code: 1}})

    assert cell_of(worked_out(area), theme).reach_gap == 10


@pytest.mark.django_db
def test_a_preview_says_what_would_change_and_writes_nothing() -> None:
    area, theme = an_area(), a_level_2_theme()
    replied(a_needy_school(area, 10, theme).school)
    days_of_help(a_provider_at(area), 7, theme)
    sight = Sight(area, exact=True)

    found = queries.preview(sight, {"thresholds": {"gap_best": 0.6}})

    [moved] = found.moved
    assert (moved.theme_code, moved.before, moved.after) == (theme.code, "gap", "thin")
    assert {(status.value, now, then) for status, now, then in found.counts} >= {
        ("gap", 1, 0),
        ("thin", 0, 1),
    }
    assert found.met == (7.0, 7.0) and found.changes_anything and not found.days_move
    assert not queries.preview(sight, {}).changes_anything
    assert not CoverageSettings.objects.exists()
    with pytest.raises(NotFound):
        queries.preview(Sight(area, exact=False), {})


@pytest.mark.django_db
def test_a_preview_names_sums_and_wards_whose_status_would_change_though_no_theme_in_a_phase_does() -> None:
    area, helped, alone = an_area(), a_level_2_theme(), a_level_2_theme()
    ward = a_ward(area)
    for theme, days in ((helped, 7), (alone, 3)):
        replied(a_needy_school(area, days, theme, ward=ward).school)
    days_of_help(a_provider_at(area), 7, helped)

    found = queries.preview(Sight(area, exact=True), {"thresholds": {"gap_best": 0.7, "thin_expected": 0.5}})

    assert found.changes_anything and not found.moved
    assert [(each.name, each.before, each.after) for each in found.totals] == [
        ("All themes, primary", "gap", "thin"),
        ("All themes, all phases", "gap", "thin"),
    ]
    assert (found.wards, found.wards_within) == ([ward.name], [])


@pytest.fixture
def a_neighbours_pool() -> Area:
    """An area that needs 10 days; the only provider is a neighbour's, has 12 and owes 9 of them to its own school's 30."""
    area, neighbour, theme = an_area(), an_area(), a_level_2_theme()
    replied(a_needy_school(area, 10, theme).school)
    a_needy_school(neighbour, 30, theme)
    days_of_help(a_provider_at(neighbour), 12, theme)
    return area


@pytest.mark.django_db
def test_neighbours_keep_what_falls_to_them_unless_the_area_pools_the_region(a_neighbours_pool: Area) -> None:
    area = a_neighbours_pool
    fenced = cell_of(worked_out(area), None, phase="")

    actions.change_settings(actor=actor_of(a_convenor(area)), area=area, values={"pool_the_region": True})
    pooled = cell_of(worked_out(area), None, phase="")

    assert (fenced.met, fenced.best) == (3, 3)
    assert (pooled.met, pooled.best) == (3, 10)


@pytest.mark.django_db
def test_a_preview_says_what_pooling_the_region_would_do(a_neighbours_pool: Area) -> None:
    found = queries.preview(Sight(a_neighbours_pool, exact=True), {"pool_the_region": True})

    assert (found.met, found.best) == ((3.0, 3.0), (3.0, 10.0))
    assert [(moved.before, moved.after) for moved in found.moved] == [("gap", "thin")]


@pytest.mark.django_db
def test_a_preview_says_what_another_fall_of_the_weight_would_do() -> None:
    area, theme = an_area(), a_level_2_theme()
    replied(a_needy_school(area, 6, theme).school)
    replied(a_needy_school(area, 6, theme, east=24).school)
    days_of_help(a_provider_at(area), 12, theme)

    found = queries.preview(Sight(area, exact=True), {"decay": "stepped"})

    # 12 days by weights 1 and 16/30 fall 7.8 to 4.2 on needs of 6 and 6; by 1 and 0.68 they fall 7.1 to 4.9
    assert found.met == (pytest.approx(10.17, abs=0.01), pytest.approx(10.86, abs=0.01))
    assert found.best == (12.0, 12.0)
