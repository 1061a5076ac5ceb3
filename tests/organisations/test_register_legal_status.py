"""Register codes decide how schools pay one another and in which phases they need and give support."""

import csv

import pytest

from marketplace.organisations.register.legal_status import is_la_maintained, legal_status, support_phases
from marketplace.organisations.register.vocabulary import GROUP_OF_TYPE, TYPE_GROUPS, TYPES
from tests.organisations.register_files import the_real


@pytest.mark.parametrize(
    ("types", "status"),
    [
        ("01 02 03 05 07 12 14 15", "la_maintained"),
        ("28 33 34 35 36 38 39 40 41 42 43 44 45 46 57", "academy"),
        ("06 10 11", "independent"),
        ("08", "non_maintained_special"),
        ("18 31 32", "further_education"),
        ("24 27 29 49 56", "other"),
    ],
)
def test_the_type_decides_the_legal_status(types, status):
    for type_code in types.split():
        assert legal_status(type_code) == status, type_code


def test_the_group_of_special_schools_does_not_make_a_school_maintained():
    assert is_la_maintained("07", "5")
    assert not is_la_maintained("08", "5")
    assert not is_la_maintained("10", "5")


def test_an_unknown_type_follows_its_group():
    assert legal_status("58", "4") == "la_maintained"
    assert legal_status("58", "11") == "academy"
    assert legal_status("58", "5") == "other"


@pytest.mark.parametrize(
    ("type_code", "phase", "ages", "phases"),
    [
        ("15", "1", (2, 5), ("early_years",)),
        ("01", "2", (4, 11), ("primary",)),
        ("01", "2", (3, 11), ("primary", "early_years")),
        ("34", "4", (11, 16), ("secondary",)),
        ("34", "4", (11, 18), ("secondary", "post_16")),
        ("34", "7", (4, 16), ("primary", "secondary")),
        ("34", "7", (3, 19), ("primary", "secondary", "post_16", "early_years")),
        ("01", "3", (8, 12), ("primary",)),
        ("01", "5", (9, 13), ("secondary",)),
        ("18", "6", (None, None), ("post_16",)),
        ("45", "0", (16, 19), ("post_16",)),
        ("07", "0", (2, 19), ("special_ap",)),
        ("44", "0", (None, None), ("special_ap",)),
        ("14", "0", (5, 16), ("special_ap",)),
        ("38", "4", (11, 16), ("special_ap",)),
        ("11", "0", (2, 18), ("primary", "secondary", "post_16", "early_years")),
        ("11", "0", (11, 16), ("secondary",)),
        ("11", "0", (4, 11), ("primary",)),
        ("11", "0", (2, 5), ("early_years",)),
        ("11", "", (16, 19), ("post_16",)),
        ("11", "0", (None, None), ()),
    ],
)
def test_support_phases_come_from_type_phase_and_ages(type_code, phase, ages, phases):
    assert support_phases(type_code, phase, *ages) == phases


def test_our_table_of_types_and_groups_is_the_registers_own():
    with the_real("gias/establishment_type_groups_20250422.csv").open(encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file):
            type_code = TYPES.code(row["type-of-establishment-code"], "")
            assert TYPES.code("", row["type-of-establishment-name"]) == type_code
            assert GROUP_OF_TYPE[type_code] == row["establishment-type-group-code"]
            assert (
                TYPE_GROUPS.code("", row["establishment-type-group-name"])
                == row["establishment-type-group-code"]
            )
