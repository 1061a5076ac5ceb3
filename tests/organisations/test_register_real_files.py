"""The reader on files as the Department for Education published them (open data, not kept in this repository)."""

import gzip
import json
import time
import tracemalloc

import pytest

from marketplace.organisations.register import (
    LinkRow,
    Refusal,
    points,
    read_groups,
    read_links,
    read_memberships,
    read_register,
    successions,
)
from marketplace.organisations.register.layouts import FULL_EXTRACT, FULL_EXTRACT_2018, STATE_FUNDED
from tests.organisations.register_files import parted, the_real

SAMPLE = "gias/edubasealldata_rotherham_sample.csv"
ENGLAND = "gias/establishments_england.csv.gz"


@pytest.mark.parametrize(
    ("path", "layout", "encoding", "schools"),
    [
        (ENGLAND, "search-export", "cp1252", 28_183),
        (SAMPLE, "full-140", "utf-8", 279),
        ("gias/original/edubasealldata_201812_full_layout_4_rows.csv", "full-133", "utf-8", 4),
        ("gias/original/edubaseallstatefunded20250717.csv.gz", "state-funded-33", "cp1252", 22_010),
        ("gias/original/edubaseallstatefunded20250717_rotherham.csv", "state-funded-33", "utf-8", 124),
        ("gias/original/edubaseallstatefunded20250717_non_ascii_rows.csv", "state-funded-33", "cp1252", 6),
    ],
)
def test_every_row_of_every_real_file_is_read(path, layout, encoding, schools):
    reading = read_register(the_real(path))

    rows, refusals = parted(reading)

    assert (reading.header.layout, reading.header.encoding) == (layout, encoding)
    assert len(rows) == schools
    assert not refusals
    assert all(row.type_code and row.type_group_code and row.status_code for row in rows)


@pytest.mark.parametrize("path", [ENGLAND, SAMPLE])
def test_all_128_open_schools_of_one_authority_are_located(path):
    reading = read_register(the_real(path), only_la_codes={"372"})

    schools = [school for school in reading if school.is_open]
    found = points([school.easting for school in schools], [school.northing for school in schools])

    assert len(schools) == 128
    assert all(-1.5 < place.longitude < -1.1 and 53.2 < place.latitude < 53.6 for place in found)


def test_open_schools_without_a_place_are_the_121_known_ones():
    schools, _ = parted(read_register(the_real(ENGLAND)))

    assert sum(school.is_open for school in schools) == 25_097
    assert sum(school.is_open and school.easting is None for school in schools) == 121


def test_characters_outside_ascii_are_whole():
    path = the_real("gias/original/edubaseallstatefunded20250717_non_ascii_rows.csv")

    names = {school.name for school in read_register(path)}

    assert "North Star 180°" in names
    assert any(name.startswith("St Thomas à Becket") for name in names)


def test_the_same_bytes_as_utf_8_and_without_packing_give_the_same_schools():
    data = gzip.decompress(the_real(ENGLAND).read_bytes())
    again = data.decode("cp1252").encode("utf-8-sig")

    assert list(read_register(data)) == list(read_register(again))


def test_names_only_give_the_same_codes_as_codes():
    by_code = {school.urn: school for school in read_register(the_real(ENGLAND))}
    by_name = [
        school
        for school in read_register(the_real("gias/original/edubaseallstatefunded20250717.csv.gz"))
        if school.urn in by_code
    ]

    assert len(by_name) > 20_000
    same = sum(school.type_code == by_code[school.urn].type_code for school in by_name)
    assert same / len(by_name) > 0.999


def test_layouts_are_those_on_record():
    layouts = json.loads(the_real("gias/column_layouts.json").read_text())

    assert list(FULL_EXTRACT_2018) == layouts["edubasealldata 2018-12 (133 columns)"]
    assert list(FULL_EXTRACT) == layouts["edubasealldata 2024-02 (140 columns)"]
    assert list(FULL_EXTRACT) == layouts["edubasealldata 2025-04 (140 columns)"]
    assert list(STATE_FUNDED) == layouts["edubaseallstatefunded 2025-07 (33 columns)"]


def test_all_england_streams_in_seconds_and_little_memory():
    path = the_real(ENGLAND)

    started = time.perf_counter()
    count = sum(1 for _ in read_register(path))
    seconds = time.perf_counter() - started
    tracemalloc.start()
    for number, _ in enumerate(read_register(path)):
        if number > 5_000:
            break
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 28_183
    assert seconds < 12, "about 2 s on an idle core"
    assert peak < 40_000_000


def test_groups_memberships_and_links_as_published():
    groups = list(read_groups(the_real("gias/groups/all_groups_202607.csv.gz")))
    academies = list(read_memberships(the_real("gias/groups/academy_trust_membership_202509.csv.gz")))
    federated = list(
        read_memberships(the_real("gias/groups/group_links_federations_trusts_sponsors_202203.csv.gz"))
    )

    refused = [row for row in groups if isinstance(row, Refusal)]
    assert len(groups) == 7_176
    assert {row.reason for row in refused} == {"is a group of children’s centres, not of schools"}
    assert len(refused) == 653
    assert not [row for row in academies + federated if isinstance(row, Refusal)]
    assert sum(row.group.is_open for row in academies) == 11_743
    assert len(federated) == 8_867


def test_links_tell_which_school_became_which():
    links = list(read_links(the_real("gias/links_edubasealldata20250422.csv.gz")))
    assert all(isinstance(link, LinkRow) for link in links)

    pairs = {(link.predecessor, link.successor) for link in successions(links)}

    known = {(106861, 150215), (106864, 151486), (106896, 150959), (106966, 151166), (141730, 150938)}
    assert known <= pairs
