"""Wards from GeoJSON, and where a school stands."""

import json
from typing import Any

import pytest
from shapely.geometry import shape

from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations import actions
from marketplace.organisations.boundaries import read_wards
from marketplace.organisations.errors import BoundariesUnusable, InvalidDetails
from marketplace.organisations.models import Area, AreaOutline, Ward
from tests.builders.organisations import a_convenor, a_person, a_ward, actor_of, an_area
from tests.organisations.importing import a_row, imported, the_school

# Around easting 410000, northing 430000.
WEST = [[-1.90, 53.74], [-1.84, 53.74], [-1.84, 53.80], [-1.90, 53.80], [-1.90, 53.74]]
EAST = [[-1.84, 53.74], [-1.80, 53.74], [-1.80, 53.80], [-1.84, 53.80], [-1.84, 53.74]]


BOTH = [[-1.90, 53.74], [-1.80, 53.74], [-1.80, 53.80], [-1.90, 53.80], [-1.90, 53.74]]


def polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def a_feature(code: str, name: str = "Holm", ring: Any = WEST, **properties: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"WD23CD": code, "WD23NM": name} | properties,
        "geometry": polygon(ring),
    }


def geojson(*features: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more)


TWO = geojson(a_feature("E05000001", "West"), a_feature("E05000002", "East", EAST))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "can’t be read as JSON"),
        ("[1, 2]", "not a GeoJSON feature collection"),
        (geojson(), "no wards"),
        (geojson(1), "no code and name"),
        (geojson(a_feature("E05000001", crs="x"), crs={"properties": {"name": "EPSG:27700"}}), "not WGS 84"),
        (geojson(a_feature("E05000001", ring=[[4e5, 4e5], [5e5, 4e5], [5e5, 5e5], [4e5, 4e5]])), "not in England"),
        (geojson(a_feature("E05000001", ring=[[-1, 53], [-1.1, 53.1], [-1.1, 53], [-1, 53.1], [-1, 53]])), "proper area"),
        (geojson(a_feature("E05000001", ring=[["a", "b"]])), "can’t be read"),
        (geojson(a_feature("E05000001", ring=[])), "Holm"),
        (geojson(a_feature("E05000001"), a_feature("E05000001")), "Two wards have the code"),
        (geojson(a_feature("")), "no code and name"),
        (geojson(a_feature("12")), "not the ONS code"),
        (geojson({"type": "Feature", "properties": {"code": "E05000001", "name": "x"}, "geometry": None}), "not a polygon"),
    ],
)  # fmt: skip
def test_boundaries_that_can_not_be_used_are_refused_with_the_reason(content: str, says: str) -> None:
    with pytest.raises(BoundariesUnusable, match=says):
        read_wards(content)


def test_the_middle_of_a_ward_is_told_in_both_grids() -> None:
    [ward] = read_wards(geojson(a_feature("E05000001")))

    assert (ward.easting, ward.northing) == pytest.approx((408_670, 430_390), abs=100)
    assert (ward.longitude, ward.latitude) == pytest.approx((-1.870, 53.77), abs=0.001)


@pytest.mark.parametrize(
    "names", [("WD15CD", "WD15NM"), ("wd24cd", "wd24nm"), ("code", "name"), ("ward_code", "ward_name")]
)
def test_code_and_name_are_found_under_the_names_of_any_year(names: tuple[str, str]) -> None:
    feature = a_feature("E05000001") | {"properties": {names[0]: "E05000009", names[1]: "Clough"}}

    [ward] = read_wards(geojson(feature))

    assert (ward.code, ward.name) == ("E05000009", "Clough")


def test_of_a_file_with_several_districts_only_ours_is_taken() -> None:
    content = geojson(
        a_feature("E05000001", LAD23CD="E08000019"), a_feature("E05000002", ring=EAST, LAD23CD="E08000020")
    )

    assert [ward.code for ward in read_wards(content, district="E08000019")] == ["E05000001"]
    with pytest.raises(BoundariesUnusable, match="None of the wards in this file is in E08000099"):
        read_wards(content, district="E08000099")


@pytest.mark.django_db
class TestWardsOfAnArea:
    def test_a_school_lies_in_the_ward_its_register_names_whatever_the_boundaries_say(self) -> None:
        imported(a_row(AdministrativeWardcode="E05000002"), a_row(100002))
        area = Area.objects.get()

        actions.import_wards(actor=SYSTEM, area=area, content=TWO)

        assert the_school().ward is not None and the_school().ward.name == "East"
        assert the_school(100002).ward is not None and the_school(100002).ward.name == "West"

    def test_a_school_without_a_point_stands_in_the_middle_of_its_ward_and_says_so(self) -> None:
        imported(a_row(AdministrativeWardcode="E05000001", Easting="0", Northing="0"))
        assert the_school().location_source == "none"

        actions.import_wards(actor=SYSTEM, area=Area.objects.get(), content=TWO)

        ward = Ward.objects.get(code="E05000001")
        school = the_school()
        assert school.location_source == "ward"
        assert (school.easting, school.latitude) == (ward.easting, ward.latitude)
        assert school.organisation.easting == ward.easting

    def test_wards_known_before_the_schools_do_as_well(self) -> None:
        area = actions.create_area(actor=SYSTEM, code="373", name="Calderbeck", gss_code="E08000019")
        actions.import_wards(actor=SYSTEM, area=area, content=TWO)

        imported(a_row(), a_row(100002, AdministrativeWardcode="E05000002", Easting="", Northing=""))

        assert the_school().ward.name == "West"
        assert (the_school(100002).ward.name, the_school(100002).location_source) == ("East", "ward")

    def test_a_school_without_point_and_ward_is_not_located(self) -> None:
        imported(a_row(Easting="", Northing=""))

        assert (the_school().location_source, the_school().latitude) == ("none", None)

    def test_a_ward_of_the_register_that_has_no_boundary_is_left_open(self) -> None:
        imported(a_row(AdministrativeWardcode="E05999999"))

        actions.import_wards(actor=SYSTEM, area=Area.objects.get(), content=TWO)

        assert the_school().ward is None
        assert the_school().ward_code == "E05999999"

    def test_new_boundaries_replace_the_wards_they_cover_and_leave_others(self) -> None:
        imported(a_row())
        area = Area.objects.get()
        a_ward(area, code="E05000077", name="Far away")
        actions.import_wards(actor=SYSTEM, area=area, content=TWO)

        actions.import_wards(actor=SYSTEM, area=area, content=geojson(a_feature("E05000003", "West", WEST)))

        assert sorted(Ward.objects.values_list("code", flat=True)) == ["E05000002", "E05000003", "E05000077"]
        assert the_school().ward.code == "E05000003"

    def test_wards_of_another_area_are_not_taken_over(self) -> None:
        here, there = an_area(gss_code=""), an_area(gss_code="")
        actions.import_wards(actor=SYSTEM, area=there, content=TWO)

        with pytest.raises(InvalidDetails, match="is a ward of"):
            actions.import_wards(actor=SYSTEM, area=here, content=TWO)

    def test_only_a_convenor_changes_the_wards(self) -> None:
        imported(a_row())
        area = Area.objects.get()

        with pytest.raises(NotAllowed):
            actions.import_wards(
                actor=actor_of(a_person(Role.HEADTEACHER, at=the_school())), area=area, content=TWO
            )
        assert len(actions.import_wards(actor=actor_of(a_convenor(area)), area=area, content=TWO)) == 2


@pytest.mark.django_db
class TestClusters:
    def test_a_convenor_makes_renames_fills_and_deletes_a_cluster(self) -> None:
        imported(a_row(), a_row(100002))
        area = Area.objects.get()
        convenor = actor_of(a_convenor(area))

        cluster = actions.create_cluster(actor=convenor, area=area, name="Upper  Valley", urns=[100001])
        assert (cluster.name, [s.urn for s in cluster.schools.all()]) == ("Upper Valley", [100001])

        actions.change_cluster(actor=convenor, cluster=cluster.reference, name="Valley", urns=[100002])
        cluster.refresh_from_db()
        assert (cluster.name, [s.urn for s in cluster.schools.all()]) == ("Valley", [100002])

        actions.delete_cluster(actor=convenor, cluster=cluster.reference)
        assert not area.clusters.exists()

    def test_bad_names_and_schools_are_refused_with_the_field(self) -> None:
        imported(a_row(), a_row(100002, EstablishmentStatuscode="2"))
        area = Area.objects.get()
        convenor = actor_of(a_convenor(area))
        actions.create_cluster(actor=convenor, area=area, name="Valley")

        for name, urns, field in (("", [], "name"), ("Valley", [], "name"), ("Hill", [100002], "schools")):
            with pytest.raises(InvalidDetails) as refused:
                actions.create_cluster(actor=convenor, area=area, name=name, urns=urns)
            assert refused.value.field == field
        assert area.clusters.count() == 1

    def test_others_may_see_but_not_change_clusters(self) -> None:
        imported(a_row())
        head = actor_of(a_person(Role.HEADTEACHER, at=the_school()))
        cluster = actions.create_cluster(actor=SYSTEM, area=Area.objects.get(), name="Valley")

        with pytest.raises(NotAllowed):
            actions.change_cluster(actor=head, cluster=cluster, name="Mine", urns=[])


@pytest.mark.django_db
def test_wards_put_together_are_the_outline_until_an_operator_brings_one() -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    actions.import_wards(actor=convenor, area=area, content=TWO)

    assert shape(AreaOutline.objects.get(area=area).geometry).equals(shape(polygon(BOTH)))

    brought = {"type": "Feature", "properties": {"code": area.code}, "geometry": polygon(WEST)}
    actions.import_outlines(actor=SYSTEM, content=geojson(brought))
    actions.import_wards(actor=convenor, area=area, content=TWO)

    assert shape(AreaOutline.objects.get(area=area).geometry).equals(shape(polygon(WEST)))
