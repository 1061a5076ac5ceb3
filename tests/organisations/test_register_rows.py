"""Each oddity of the register's rows is either understood or refused with its line and a reason; none stops the rest."""

from dataclasses import asdict
from datetime import date

import pytest

from marketplace.organisations.register import Inspection, Refusal, read_register
from marketplace.organisations.register.layouts import FULL_EXTRACT
from tests.organisations.register_files import a_file, a_school, parted, read, read_one, refused


def test_a_whole_row_becomes_typed_fields():
    row = read_one(
        EstablishmentName="  Alder  Lane Primary School ",
        GSSLACodename="E08000991",
        UKPRN="10072606",
        SchoolCapacity="1,487",
        CensusDate="18-01-2024",
        PercentageFSM="18.1",
        Gendercode="3",
        ReligiousCharactername="Does not apply",
        Diocesecode="CE23",
        Diocesename="Diocese of Calderbeck",
        Trustscode="17101",
        Trustsname="BECKSIDE LEARNING TRUST",
        Federationscode="1700",
        Federationsname="Two Mills Federation",
        OpenDate="01-09-2013",
        Street="Alder Lane",
        Town="Calderbeck",
        Countyname="Not recorded",
        Postcode="ng220ea",
        SchoolWebsite="WWW.AlderLane.example.org/Home",
        TelephoneNum="01632 960123",
        GORcode="D",
        AdministrativeWardcode="E05991001",
        AdministrativeWardname="Alder",
        DistrictAdministrativecode="E08000991",
        OfstedLastInsp="27-02-2024",
        OfstedRatingname="Good",
    )

    assert (row.line, row.urn, row.name) == (2, 900101, "Alder Lane Primary School")
    assert (row.type_code, row.type_group_code, row.status_code, row.phase_code) == ("01", "4", "1", "2")
    assert (row.low_age, row.high_age, row.pupils, row.capacity) == (4, 11, 236, 1487)
    assert row.percentage_fsm == 1810
    assert (row.census_date, row.open_date, row.close_date) == (date(2024, 1, 18), date(2013, 9, 1), None)
    assert (row.religious_character, row.county) == ("", "")
    assert (row.postcode, row.website, row.telephone) == (
        "NG22 0EA", "http://www.alderlane.example.org/Home", "01632960123"
    )  # fmt: skip
    assert (row.gor, row.ward_code, row.gss_la_code) == ("Yorkshire and the Humber", "E05991001", "E08000991")
    assert row.ofsted == Inspection(date(2024, 2, 27), "Good")
    assert row.doubts == ()


def test_no_name_of_a_person_is_read_into_anything():
    reading = read_register(
        a_file(
            a_school(
                HeadTitlename="Dr",
                HeadFirstName="Quillfeather",
                HeadLastName="Oakapple",
                PropsName="Lady Brambleburr",
            )
        )
    )
    row = next(iter(reading))

    everything = repr(asdict(row)) + repr(reading.header) + " ".join(row.__slots__)

    for person in ("Quillfeather", "Oakapple", "Brambleburr"):
        assert person not in everything
    assert not [field for field in row.__slots__ if "head" in field]


@pytest.mark.parametrize("missing", [1, 3, 4, 60])
def test_cells_that_moved_never_carry_a_head_teachers_name_into_a_field(missing):
    """With cells lost before them, the heads' columns land in others; such a row is refused whole, without quoting it."""
    school = a_school(HeadFirstName="Quillfeather", HeadLastName="Oakapple", Postcode="NG22 0EA", GORcode="D")
    cells = [school.get(column, "") for column in FULL_EXTRACT]
    del cells[6 : 6 + missing]

    rows = list(read_register(a_file() + ",".join(cells).encode()))

    assert isinstance(rows[0], Refusal)
    assert "Quillfeather" not in repr(rows) and "Oakapple" not in repr(rows)


@pytest.mark.parametrize(
    "cell", ["01-09-2013", "1/9/2013", "2013-09-01", "01.09.2013", "2013-09-01 00:00:00"]
)
def test_dates_come_in_three_orders(cell):
    assert read_one(OpenDate=cell).open_date == date(2013, 9, 1)


@pytest.mark.parametrize("cell", ["01-01-1900", "1900-01-01", "01/01/1900", ""])
def test_the_first_day_of_1900_means_unknown(cell):
    row = read_one(OpenDate=cell)

    assert row.open_date is None
    assert row.doubts == ()


def test_an_impossible_value_is_left_out_and_noted():
    row = read_one(
        OpenDate="31-02-2020", NumberOfPupils="many", PercentageFSM="140", Postcode="Lane End", Gendername="?"
    )

    assert (row.open_date, row.pupils, row.percentage_fsm, row.postcode, row.gender_code) == (
        None,
        None,
        None,
        "",
        "",
    )
    assert [doubt.split()[0] for doubt in row.doubts] == [
        "NumberOfPupils", "PercentageFSM", "OpenDate", "Postcode", "Gender"
    ]  # fmt: skip


@pytest.mark.parametrize("cell", ["SUPP", "z", "c", "Not applicable", "NE", "-"])
def test_suppressed_figures_are_unknown_without_a_doubt(cell):
    row = read_one(NumberOfPupils=cell, PercentageFSM=cell)

    assert (row.pupils, row.percentage_fsm, row.doubts) == (None, None, ())


def test_lost_leading_zeros_are_put_back():
    row = read_one(
        TypeOfEstablishmentcode="2",
        EstablishmentNumber="38",
        TelephoneNum="1632960123",
        PhaseOfEducationcode="02",
    )

    assert (row.type_code, row.establishment_number, row.telephone, row.phase_code) == (
        "02",
        "0038",
        "01632960123",
        "2",
    )


def test_numbers_as_a_spreadsheet_leaves_them():
    row = read_one(URN="900101.0", NumberOfPupils="236.0", Easting="410000.0", Trustscode="17101.0")

    assert (row.urn, row.pupils, row.easting, row.trust_code) == (900101, 236, 410000, "17101")


@pytest.mark.parametrize(("easting", "northing"), [("0", "0"), ("", ""), ("410000", ""), ("", "430000")])
def test_a_school_without_a_grid_reference_has_neither_half(easting, northing):
    row = read_one(Easting=easting, Northing=northing)

    assert (row.easting, row.northing, row.point) == (None, None, None)


def test_a_grid_reference_outside_england_is_left_out():
    row = read_one(Easting="53", Northing="-1")

    assert row.easting is None
    assert row.doubts


def test_ages_the_wrong_way_round_are_left_out():
    row = read_one(StatutoryLowAge="11", StatutoryHighAge="4")

    assert (row.low_age, row.high_age) == (None, None)
    assert row.doubts == ("The ages don’t make sense; they were left out.",)


@pytest.mark.parametrize(
    ("cell", "website"),
    [
        ("http//alder.example.org", "http://alder.example.org"),
        ("https://https://alder.example.org/", "https://alder.example.org/"),
        ("http:alder.example.org", "http://alder.example.org"),
        ("alder.example.org.", "http://alder.example.org"),
        ("javascript:alert(1)", ""),
        ("office@alder.example.org", ""),
        ('http://alder.example.org/"><script>', ""),
    ],
)
def test_websites_are_mended_or_left_out(cell, website):
    assert read_one(SchoolWebsite=cell).website == website


@pytest.mark.parametrize("cell", ["+44 1632 960123", "441632960123", "00441632960123", "+44 (0)1632 960123"])
def test_telephone_numbers_lose_the_country_code(cell):
    assert read_one(TelephoneNum=cell).telephone == "01632960123"


def test_an_ofsted_grade_is_never_kept_without_its_date():
    assert read_one(OfstedRatingname="Good").ofsted is None
    assert read_one(OfstedLastInsp="27-02-2024", OfstedRatingname="").ofsted == Inspection(
        date(2024, 2, 27), ""
    )


@pytest.mark.parametrize(
    ("then", "now"),
    [("Special Measures", "Inadequate"), ("Serious Weaknesses", "Inadequate"), ("Not judged", "")],
)
def test_ofsted_words_of_earlier_years(then, now):
    assert read_one(OfstedLastInsp="19-09-2018", OfstedRatingname=then).ofsted.rating == now


def test_codes_count_more_than_names():
    row = read_one(
        TypeOfEstablishmentcode="34", TypeOfEstablishmentname="Community school", PhaseOfEducationcode="7"
    )

    assert (row.type_code, row.type_group_code, row.phase_code) == ("34", "10", "7")


@pytest.mark.parametrize(
    ("phase", "code"),
    [("All through", "7"), ("All-through", "7"), ("16 plus", "6"), ("Middle Deemed Primary", "3")],
)
def test_names_are_looked_up_where_codes_are_missing(phase, code):
    row = read_one(
        TypeOfEstablishmentcode="",
        TypeOfEstablishmentname="Academy 16-19 Sponsor Led",
        EstablishmentStatuscode="",
        EstablishmentStatusname="Open, but proposed to close",
        PhaseOfEducationcode="",
        PhaseOfEducationname=phase,
    )

    assert (row.type_code, row.type_group_code, row.status_code, row.phase_code) == ("46", "10", "3", code)
    assert row.is_open


def test_a_type_the_register_has_added_since_is_kept_by_its_code():
    row = read_one(
        TypeOfEstablishmentcode="58", TypeOfEstablishmentname="New sort", EstablishmentTypeGroupcode="10"
    )

    assert (row.type_code, row.legal_status) == ("58", "academy")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"URN": "NAT"}, "is a total, not a school"),
        ({"URN": "abc"}, "has a URN that isn’t a number of six digits"),
        ({"URN": "12345"}, "has a URN that isn’t a number of six digits"),
        ({"URN": ""}, "has no URN"),
        ({"EstablishmentName": " "}, "has no name"),
        ({"LAcode": "Leeds"}, "has a local authority code that isn’t a number of three digits"),
        ({"TypeOfEstablishmentcode": "", "TypeOfEstablishmentname": ""}, "has no type of establishment"),
        (
            {"TypeOfEstablishmentcode": "", "TypeOfEstablishmentname": "Castle"},
            "has a type of establishment that the register doesn’t use",
        ),
        ({"EstablishmentStatuscode": "9"}, "has no establishment status that the register uses"),
        ({"TypeOfEstablishmentcode": "47"}, "is a children’s centre, not a school"),
        ({"TypeOfEstablishmentcode": "48"}, "is a linked site of a children’s centre, not a school"),
        (
            {"TypeOfEstablishmentcode": "", "TypeOfEstablishmentname": "Children's Centre Linked Site"},
            "is a linked site of a children’s centre, not a school",
        ),
        ({"LAcode": "677", "TypeOfEstablishmentcode": "30"}, "is in Wales, outside England"),
        ({"LAcode": "665"}, "is in Wales, outside England"),
        ({"GORname": "Wales (pseudo)"}, "is in Wales, outside England"),
        ({"Countryname": "Jersey"}, "is in Jersey, outside England"),
        ({"TypeOfEstablishmentcode": "37", "LAcode": "000"}, "is overseas, outside England"),
        ({"LAcode": "702"}, "is under local authority code 702, outside England"),
        ({"GSSLACodename": "S12000036"}, "is in Scotland, outside England"),
    ],
)
def test_rows_that_are_no_school_of_ours_are_refused_with_a_reason(cells, reason):
    assert refused(**cells) == reason


def test_a_bad_row_stops_nothing_and_is_named_by_line():
    schools, refusals = read(
        a_file(
            a_school(),
            a_school(URN="x"),
            a_school(URN="900103"),
            a_school(URN="900104", EstablishmentName=""),
        )
    )

    assert [(school.line, school.urn) for school in schools] == [(2, 900101), (4, 900103)]
    assert [(refusal.line, refusal.urn) for refusal in refusals] == [(3, None), (5, 900104)]


def test_the_second_school_with_a_urn_is_refused_and_names_the_first():
    schools, refusals = read(a_file(a_school(), a_school(URN="900102"), a_school(EstablishmentName="Again")))

    assert len(schools) == 2
    assert refusals == [Refusal(4, 900101, "has the same URN as line 2; that one was taken")]


def test_line_numbers_hold_when_a_field_runs_over_lines():
    schools, refusals = read(
        a_file(
            a_school(Street="Alder Lane\r\nLane End\r\nBeckside"), a_school(URN="x"), a_school(URN="900103")
        )
    )

    assert schools[0].street == "Alder Lane Lane End Beckside"
    assert [school.line for school in schools] == [2, 6]
    assert refusals[0].line == 5


def test_a_quotation_mark_never_closed_costs_one_row_only():
    lines = a_file(*(a_school(URN=str(900101 + n)) for n in range(60))).split(b"\r\n")
    lines[3] = lines[3].replace(b'"Alder Lane Primary School"', b'"Alder Lane Primary School')
    lines[9] = lines[9].replace(b'"Alder Lane Primary School"', b'"Alder Lane Primary School')

    schools, refusals = read(b"\r\n".join(lines))

    assert len(schools) == 58
    assert [(refusal.line, refusal.reason) for refusal in refusals] == [
        (4, "has a quotation mark that is never closed"),
        (10, "has a quotation mark that is never closed"),
    ]


def test_a_stray_quotation_mark_inside_a_bare_field_is_text():
    data = a_file(a_school(EstablishmentName="QUOTE"), a_school(URN="900102"), quoting=0).replace(
        b"QUOTE", b'The 5" Bell'
    )

    schools, refusals = read(data)

    assert [school.name for school in schools] == ['The 5" Bell', "Alder Lane Primary School"]
    assert not refusals


def test_blank_lines_nul_bytes_and_a_missing_last_newline_do_no_harm():
    data = a_file(a_school(), a_school(URN="900102")).rstrip()
    data = data.replace(b"\r\n", b"\r\n\r\n , ,\r\n", 1).replace(b"Alder", b"Al\0der")

    schools, refusals = read(data)

    assert [(school.line, school.name) for school in schools] == [
        (4, "Alder Lane Primary School"), (5, "Alder Lane Primary School")
    ]  # fmt: skip
    assert not refusals


COLUMNS = [
    "URN",
    "LA (code)",
    "EstablishmentName",
    "TypeOfEstablishment (code)",
    "NumberOfPupils",
    "Town",
    "Easting",
    "Northing",
]


def ragged(*cells: str) -> tuple[list, list]:
    return read(",".join(COLUMNS).encode() + b"\n" + ",".join(cells).encode() + b"\n")


def test_a_row_cut_short_after_its_essentials_is_taken():
    schools, _ = ragged("900101", "991", "Alder Lane", "1", "236")

    assert (schools[0].pupils, schools[0].town, schools[0].easting) == (236, "", None)


def test_a_row_with_empty_cells_too_many_is_taken():
    schools, _ = ragged("900101", "991", "Alder Lane", "1", "236", "Calderbeck", "410000", "430000", "", " ")

    assert schools[0].northing == 430000


@pytest.mark.parametrize(
    "cells",
    [
        ("900101", "991", "Alder Lane"),
        ("900101", "991", "Alder Lane", "1", "Calderbeck", "410000", "430000"),
        ("900101", "991", "Alder Lane", " Calderbeck", "1", "236", "Calderbeck", "410000", "430000"),
        ("900101", "991", "Alder Lane", "1", "236", "Beck", "Calderbeck", "410000", "430000", ""),
    ],
)
def test_a_row_whose_cells_have_moved_is_refused(cells):
    schools, refusals = ragged(*cells)

    assert not schools
    assert refusals[0].reason.startswith(f"has {len(cells)} cells where the header has 8")


def test_only_the_areas_asked_for_are_read_and_the_rest_is_counted():
    reading = read_register(
        a_file(
            a_school(),
            a_school(URN="900102", LAcode="992"),
            a_school(URN="x", LAcode="992"),
            a_school(URN="900103", LAcode="?"),
        ),
        only_la_codes={"991"},
    )

    schools, refusals = parted(reading)

    assert [school.urn for school in schools] == [900101]
    assert [refusal.line for refusal in refusals] == [5]
    assert reading.left_out == 2


def test_without_a_status_column_a_closing_date_tells():
    columns = [column for column in FULL_EXTRACT if "Status" not in column]
    schools, _ = read(a_file(a_school(), a_school(URN="900102", CloseDate="31-08-2020"), columns=columns))

    assert [school.is_open for school in schools] == [True, False]
