"""The fictional register is read by the same reader as the real one, and holds a believable borough."""

import csv
import time
from collections import Counter
from functools import cache

import pytest
import shapely

from marketplace.demo_area.geography import DemoAreaImpossible
from marketplace.demo_area.register_file import country, make_borough, register_csv
from marketplace.demo_area.schools import quota
from marketplace.organisations.register import Refusal, read_register
from marketplace.organisations.register.layouts import FULL_EXTRACT
from tests.organisations.register_files import parted, the_real


@cache
def the_borough():
    return make_borough()


@cache
def its_schools():
    schools, refusals = parted(read_register(register_csv([the_borough()])))
    assert not refusals
    return schools


def test_the_file_has_the_layout_encoding_and_quoting_of_the_full_extract():
    data = register_csv([the_borough()])
    reading = read_register(data)
    lines = data.split(b"\r\n")

    assert (reading.header.layout, reading.header.encoding) == ("full-140", "cp1252")
    assert lines[0].startswith(b'"URN","LA (code)","LA (name)"')
    assert lines[1].startswith(b'900001,"991","Calderbeck","')
    assert len(lines) == 131 and lines[-1], "no newline at the end, as in the real file"
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_every_school_is_read_without_refusal_or_doubt():
    assert len(its_schools()) == 130
    assert not [school.doubts for school in its_schools() if school.doubts]
    assert {school.la_code for school in its_schools()} == {"991"}


def test_the_mix_is_that_of_a_borough():
    kinds = Counter(school.kind for school in the_borough().schools)
    statuses = Counter(school.legal_status for school in its_schools())

    assert kinds["primary"] == 95
    assert kinds["secondary"] == 16
    assert kinds["special"] == 6
    assert {"nursery", "referral", "all_through", "independent", "sixth_form"} <= kinds.keys()
    assert set(statuses) == {
        "la_maintained",
        "academy",
        "independent",
        "further_education",
        "non_maintained_special",
    }
    assert 60 < statuses["la_maintained"] < 90
    assert {"01", "02", "03", "05", "07", "14", "15", "28", "34", "35"} <= {
        school.type_code for school in its_schools()
    }
    assert {phase for school in its_schools() for phase in school.support_phases} == {
        "early_years", "primary", "secondary", "post_16", "special_ap"
    }  # fmt: skip
    assert all(school.support_phases for school in its_schools())


def test_six_trusts_run_several_academies_and_two_run_one():
    academies = Counter(school.trust_code for school in its_schools() if school.trust_code)
    by_code = {trust.code: trust for trust in the_borough().trusts}

    assert set(academies) == set(by_code)
    assert sorted(academies[code] == 1 for code in by_code) == [False] * 6 + [True] * 2
    assert all((academies[code] > 1) == trust.is_multi_academy for code, trust in by_code.items())
    assert all(bool(school.trust_code) == (school.legal_status == "academy") for school in its_schools())


def test_two_federations_and_two_dioceses():
    federated = Counter(school.federation_code for school in its_schools() if school.federation_code)
    dioceses = {school.diocese_code for school in its_schools() if school.diocese_code}

    assert list(federated.values()) == [2, 2]
    assert dioceses == {"CE100", "RC100"}
    assert all((school.type_code == "02") <= bool(school.diocese_code) for school in its_schools())


def test_schools_stand_in_the_ward_they_say():
    wards = {ward.code: ward for ward in the_borough().geography.wards}
    located = [school for school in its_schools() if school.easting is not None]

    for school in located:
        ward = wards[school.ward_code]
        assert school.ward_name == ward.name
        assert ward.shape.contains(shapely.Point(school.easting, school.northing))


def test_every_ward_has_a_primary_school():
    wards = {school.ward_code for school in its_schools() if "primary" in school.support_phases}

    assert wards == {ward.code for ward in the_borough().geography.wards}


def test_a_few_schools_have_no_place_and_one_has_noughts():
    rows = the_borough().register_rows

    assert sum("Easting" not in row for row in rows) == 3
    assert sum(row.get("Easting") == row.get("Northing") == "0" for row in rows) == 1
    assert sum(school.easting is None for school in its_schools()) == 4
    assert all(school.ward_code for school in its_schools()), "so the ward's middle can stand in"


def test_numbers_of_pupils_and_meals_are_believable():
    for school in its_schools():
        if school.phase_code == "2":
            assert 20 <= school.pupils <= 700
        if school.type_code in ("01", "34") and school.phase_code == "4":
            assert 500 <= school.pupils <= 1_800
        assert school.percentage_fsm is None or 0 < school.percentage_fsm < 9_000
    assert len({school.percentage_fsm for school in its_schools()}) > 60


def test_names_and_numbers_are_unique_and_nobody_is_named():
    schools = its_schools()

    for field in ("urn", "name", "establishment_number", "ukprn", "website"):
        values = [getattr(school, field) for school in schools]
        assert len(set(values)) == len(values), field
    assert not [
        column
        for row in the_borough().register_rows
        for column in row
        if column.startswith(("Head", "Props"))
    ]


def test_no_real_school_has_one_of_our_names_or_urns():
    real = list(read_register(the_real("gias/establishments_england.csv.gz")))

    assert not {school.name for school in real} & {school.name for school in its_schools()}
    assert not {school.urn for school in real} & {school.urn for school in its_schools()}


def test_the_same_seed_makes_the_same_file_and_another_seed_another():
    again = register_csv([make_borough()])

    assert again == register_csv([the_borough()])
    assert register_csv([make_borough(seed=7)]) != again


@pytest.mark.parametrize("schools", [1, 2, 20, 400])
def test_any_number_of_schools(schools):
    borough = make_borough(schools=schools, wards=5)

    rows = list(read_register(register_csv([borough])))

    assert len(rows) == schools
    assert not [row for row in rows if isinstance(row, Refusal)]


def test_neighbours_have_their_own_codes_urns_trusts_and_names():
    one, other = make_borough(), make_borough(index=1)

    assert one.la_code != other.la_code
    assert not {school.urn for school in one.schools} & {school.urn for school in other.schools}
    assert not {trust.code for trust in one.trusts} & {trust.code for trust in other.trusts}
    assert not {body.code for body in one.federations} & {body.code for body in other.federations}
    assert not one.geography.outline.intersects(other.geography.outline)


def test_a_country_of_24_000_schools_is_made_in_time():
    started = time.perf_counter()
    areas = country()
    data = register_csv(areas)
    seconds = time.perf_counter() - started

    urns = [int(line.split(b",", 1)[0]) for line in data.split(b"\r\n")[1:]]
    assert seconds < 60, "about 5 s on an idle core"
    assert len(areas) == len({area.la_code for area in areas}) == 150
    assert urns == list(range(900_001, 924_001))
    sizes = sorted(len(area.schools) for area in areas)
    assert sizes[0] < 100 < 220 < sizes[-1], "areas differ in size"
    assert len({area.geography.region for area in areas}) == 9
    assert len({school.code for area in areas for school in area.trusts}) == sum(
        len(area.trusts) for area in areas
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_borough(schools=0),
        lambda: make_borough(schools=5_000),
        lambda: make_borough(wards=500),
        lambda: make_borough(index=500),
        lambda: make_borough(schools=10, first_urn=999_995),
        lambda: country(schools=10, areas=20),
        lambda: country(schools=200_000),
        lambda: country(areas=0),
        lambda: country(areas=1_000),
    ],
)
def test_numbers_that_cannot_be_met_are_refused_with_a_remedy(make):
    with pytest.raises(DemoAreaImpossible) as error:
        make()

    assert error.value.remedy


def test_the_header_is_the_full_extract():
    header = next(csv.reader([register_csv([]).decode("cp1252")]))

    assert tuple(header) == FULL_EXTRACT


def test_quotas_add_up():
    assert quota(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert quota(0, {"a": 1}) == {"a": 0}
    assert sum(quota(997, {"a": 0.3, "b": 1.7, "c": 2.2}).values()) == 997
