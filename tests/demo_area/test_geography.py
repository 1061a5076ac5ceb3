"""The fictional authority on the map: no gaps, no overlaps, nowhere real."""

import csv
import json
import math
from random import Random

import pytest
import shapely

from marketplace.demo_area.geography import DemoAreaImpossible, make_geography, squares
from marketplace.organisations.register.location import EASTINGS, NORTHINGS, to_grid
from tests.organisations.register_files import the_real


def an_area(index=0, wards=25, seed="a seed"):
    return make_geography(Random(f"{seed}/{index}"), index=index, wards=wards)


@pytest.mark.parametrize(("index", "wards"), [(0, 25), (1, 1), (2, 2), (3, 3), (7, 60)])
@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_wards_fill_the_outline_without_gap_or_overlap(seed, index, wards):
    area = an_area(index, wards, seed)
    shapes = [ward.shape for ward in area.wards]

    assert len(shapes) == wards
    assert shapely.coverage_is_valid(shapes)
    assert all(shape.geom_type == "Polygon" and shape.is_valid and not shape.interiors for shape in shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(area.outline.area)
    assert shapely.union_all(shapes).equals(area.outline)


def test_the_first_area_is_calderbeck_with_25_wards_named_and_coded():
    area = an_area()

    assert (area.name, area.la_code, area.region) == ("Calderbeck", "991", "Yorkshire and the Humber")
    assert [ward.code for ward in area.wards][::24] == ["E05991001", "E05991025"]
    assert len({ward.name for ward in area.wards}) == 25
    assert {"Calderbeck Central", "Calderbeck East", "Calderbeck West"} <= {ward.name for ward in area.wards}
    assert 150 < area.outline.area / 1e6 < 500, "square kilometres"


def test_geojson_has_the_form_of_the_ons_files():
    collection = json.loads(json.dumps(an_area().wards_geojson()))
    feature = collection["features"][0]

    assert collection["type"] == "FeatureCollection"
    assert list(feature["properties"]) == ["WD23CD", "WD23NM", "LAD23CD", "LAD23NM", "LONG", "LAT"]
    assert feature["geometry"]["type"] == "Polygon"
    ring = feature["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert shapely.LinearRing(ring).is_ccw
    for longitude, latitude in ring:
        assert -2.4 < longitude < -1.6 and 53.6 < latitude < 54.0
        assert round(longitude, 5) == longitude


def test_geojson_wards_are_valid_and_still_share_their_borders():
    shapes = [
        shapely.geometry.shape(feature["geometry"]) for feature in an_area().wards_geojson()["features"]
    ]

    assert all(shape.is_valid for shape in shapes)
    assert shapely.coverage_is_valid(shapes)


def test_degrees_lead_back_to_the_same_metres():
    area = an_area()
    ring = area.wards_geojson()["features"][0]["geometry"]["coordinates"][0]

    eastings, northings = to_grid([place[0] for place in ring], [place[1] for place in ring])

    worst = max(
        area.wards[0].shape.exterior.distance(shapely.Point(spot))
        for spot in zip(eastings, northings, strict=True)
    )
    assert worst < 1.5


def test_areas_never_overlap_and_lie_within_england():
    areas = [an_area(index, 3) for index in range(len(squares()))]
    outlines = shapely.STRtree([area.outline for area in areas])

    pairs = outlines.query([area.outline for area in areas], predicate="intersects")

    assert len(areas) >= 150
    assert all(one == other for one, other in pairs.T)
    for area in areas:
        west, south, east, north = area.outline.bounds
        assert EASTINGS[0] < west < east < EASTINGS[1]
        assert NORTHINGS[0] < south < north < NORTHINGS[1]


def test_every_area_has_its_own_name_and_codes():
    areas = [an_area(index, 1) for index in range(len(squares()))]

    assert len({area.name for area in areas}) == len(areas)
    assert len({area.la_code for area in areas}) == len(areas)
    assert len({area.wards[0].code for area in areas}) == len(areas)


def test_no_authority_in_england_has_one_of_our_codes():
    with the_real("boundaries/lookups/dfe_la_to_gss.csv").open(newline="") as file:
        real = list(csv.DictReader(file))
    areas = [an_area(index, 1) for index in range(len(squares()))]

    assert not {row["la_code"] for row in real} & {area.la_code for area in areas}
    assert not {row["gss_code"] for row in real} & {area.gss_code for area in areas}


def test_the_same_seed_draws_the_same_map_and_another_seed_another():
    assert an_area().wards_geojson() == an_area().wards_geojson()
    assert an_area(seed="other").wards_geojson() != an_area().wards_geojson()


def test_a_spot_in_a_ward_lies_inside_it():
    rng = Random(1)

    for ward in an_area().wards:
        assert ward.shape.contains(shapely.Point(ward.spot(rng)))


def test_poverty_falls_from_the_middle_outwards():
    area = an_area()
    middle = area.outline.centroid
    inmost_first = sorted(area.wards, key=lambda ward: ward.shape.centroid.distance(middle))

    inner, outer = inmost_first[:8], inmost_first[-8:]
    assert math.fsum(ward.deprivation for ward in inner) > 1.3 * math.fsum(ward.deprivation for ward in outer)


@pytest.mark.parametrize(
    "numbers", [{"index": 10_000, "wards": 3}, {"index": -1, "wards": 3}, {"index": 0, "wards": 0}]
)
def test_numbers_that_cannot_be_met_are_refused_with_a_remedy(numbers):
    with pytest.raises(DemoAreaImpossible) as error:
        make_geography(Random(1), **numbers)

    assert error.value.remedy
