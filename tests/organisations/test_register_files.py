"""Whatever way the register comes (packed, encoded, cut), it is read; whatever isn't the register is named."""

import csv
import gzip
import io
import zipfile
from random import Random

import pytest

from marketplace.organisations.register import (
    Refusal,
    RegisterFileError,
    RegisterRow,
    read_groups,
    read_register,
)
from marketplace.organisations.register import files as register_files_module
from marketplace.organisations.register.layouts import FULL_EXTRACT_2018, STATE_FUNDED
from tests.organisations.register_files import a_file, a_school, parted, read

ACCENTED = "St Thomas à Becket’s Primary School"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("cp1252", "cp1252"),
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_names_survive_every_encoding(encoding, found):
    reading = read_register(a_file(a_school(EstablishmentName=ACCENTED), encoding=encoding))

    schools, refusals = parted(reading)

    assert reading.header.encoding == found
    assert [school.name for school in schools] == [ACCENTED]
    assert not refusals


def test_one_late_windows_1252_byte_decides_the_encoding_of_the_whole_file():
    plain = [a_school(URN=str(900101 + n)) for n in range(3000)]
    late = a_school(URN="909999", EstablishmentName="Ecole Société")

    reading = read_register(a_file(*plain, late))

    assert reading.header.encoding == "cp1252"
    assert list(reading)[-1].name == "Ecole Société"


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_every_kind_of_line_end_counts_lines_alike(line_end):
    schools, _ = read(a_file(a_school(), a_school(URN="900102"), line_end=line_end))

    assert [school.line for school in schools] == [2, 3]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quoted_or_bare_with_any_delimiter(quoting, delimiter):
    schools, _ = read(a_file(a_school(), quoting=quoting, delimiter=delimiter))

    assert schools[0].name == "Alder Lane Primary School"


def test_gzip_and_zip_are_known_by_content_not_name(tmp_path):
    data = a_file(a_school())
    packed = tmp_path / "register.txt"
    packed.write_bytes(gzip.compress(data))

    assert parted(read_register(packed))[0] == parted(read_register(str(packed)))[0] == read(data)[0]
    assert read(zipped(anything=data))[0] == read(data)[0]


def test_of_several_files_in_a_zip_the_fullest_list_of_schools_is_taken():
    full = a_file(a_school(EstablishmentName="From the full extract"))
    cut = a_file(a_school(EstablishmentName="From the cut"), columns=STATE_FUNDED)
    links = b'"URN","LinkURN","LinkName","LinkType","LinkEstablishedDate"\r\n'

    reading = read_register(
        zipped(
            **{
                "links.csv": links,
                "cut.csv": cut,
                "folder/full.csv": full,
                "readme.pdf": b"%PDF-1.7",
                "__MACOSX/full.csv": b"x",
            }
        )
    )

    assert reading.header.member == "folder/full.csv"
    assert [school.name for school in reading] == ["From the full extract"]


def test_an_open_file_may_be_read_again_and_stays_open():
    upload = io.BytesIO(a_file(a_school()))
    upload.seek(10)

    reading = read_register(upload)

    assert list(reading) == list(reading)
    assert not upload.closed


def test_a_stream_that_cannot_be_rewound_is_read_too():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *args):
            raise OSError("no seeking in a pipe")

    assert len(list(read_register(Pipe(a_file(a_school()))))) == 1


def test_layouts_are_recognised_whatever_the_order_of_columns():
    def layout(columns):
        return read_register(a_file(a_school(), columns=columns)).header.layout

    full = a_file(a_school()).decode("cp1252").splitlines()[0].replace('"', "").split(",")
    assert layout(full) == layout(full[::-1]) == "full-140"
    assert layout(FULL_EXTRACT_2018) == "full-133"
    assert layout(STATE_FUNDED) == "state-funded-33"
    assert layout(full[:20]) == "search-export"


def test_header_names_may_drift_in_case_space_and_punctuation():
    drifted = b"urn,la  (CODE),Establishment Name,type_of_establishment (name),  Easting \n900101,991,Alder Lane,Community School,410000\n"

    schools, _ = read(drifted)

    assert (schools[0].name, schools[0].type_code, schools[0].la_code) == ("Alder Lane", "01", "991")


def test_a_title_above_the_header_is_passed_over_and_counts_as_lines():
    schools, _ = read(b"Schools of Calderbeck\n\n" + a_file(a_school()))

    assert schools[0].line == 4


def test_the_header_tells_which_fields_the_file_knows_of():
    header = read_register(a_file(a_school(), columns=STATE_FUNDED)).header

    assert {"name", "la_code", "type_code", "type_group_code", "phase_code"} <= header.fields
    assert not {"easting", "ward_code", "trust_code", "ofsted"} & header.fields
    assert "Easting" in header.missing
    assert "HeadLastName" in header.unread


def test_optional_columns_may_be_missing():
    needed = ["URN", "LA (code)", "EstablishmentName", "TypeOfEstablishment (code)"]

    schools, refusals = read(a_file(a_school(), columns=needed))

    assert not refusals
    assert schools[0].status_code == "1"
    assert schools[0].easting is None


@pytest.mark.parametrize(
    ("dropped", "named"),
    [
        ("URN", "URN"),
        ("EstablishmentName", "EstablishmentName"),
        ("LA (code)", "LA (code)"),
        ("TypeOfEstablishment (code)", "TypeOfEstablishment (code) or TypeOfEstablishment (name)"),
    ],
)
def test_a_needed_column_that_is_missing_is_named(dropped, named):
    columns = [
        "URN", "EstablishmentName", "LA (code)", "TypeOfEstablishment (code)", "Easting", "Northing", "Postcode", "Town"
    ]  # fmt: skip
    columns.remove(dropped)

    with pytest.raises(RegisterFileError) as error:
        read_register(a_file(a_school(), columns=columns))

    assert error.value.message == f"The file lacks the column {named}."
    assert "Get Information About Schools" in error.value.remedy


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b'{"schools": []}', "JSON"),
        (b"BZh91AY&SY", "bzip2"),
        (bytes(range(256)) * 20, "not a text file"),
        (b"Dear all,\nplease find attached\n", "no header with the columns"),
        (b"\x1f\x8b\x08\x00garbage", "damaged"),
        (gzip.compress(b"URN,EstablishmentName\n" * 9000, mtime=0)[:200], "damaged"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (gzip.compress(gzip.compress(b"URN", mtime=0), mtime=0), "packed twice"),
        (b"URN,LinkURN,LinkName,LinkType\n", "list of links between schools"),
        (b"Group UID,Group Name,Group Type\n", "list of establishment groups"),
        (
            b"URN,Group UID,Group Name,EstablishmentName,TypeOfEstablishment (code),LA (code)\n",
            "list of schools and their groups",
        ),
        (a_file(a_school(Street="x" * 2_000_000)), "far longer"),
    ],
)
def test_a_file_that_is_no_register_gets_one_clear_error_with_a_remedy(data, words):
    with pytest.raises(RegisterFileError, match=words) as error:
        read_register(data)

    assert error.value.remedy


def test_an_excel_workbook_is_told_from_a_zip_of_csv():
    with pytest.raises(RegisterFileError, match="spreadsheet"):
        read_register(zipped(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}))


def test_zip_files_without_a_register_say_so():
    with pytest.raises(RegisterFileError, match="no file in it"):
        read_register(zipped())
    with pytest.raises(RegisterFileError, match="None of the 2 files"):
        read_register(zipped(a=b"one", b=b"two"))
    with pytest.raises(RegisterFileError, match="101 files"):
        read_register(zipped(**{f"file{n}": b"x" for n in range(101)}))


def test_a_locked_zip_asks_to_be_unlocked():
    locked = bytearray(zipped(register=a_file(a_school())))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + offset] |= 1

    with pytest.raises(RegisterFileError, match="password"):
        read_register(bytes(locked))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(register=data)])
def test_a_file_that_unpacks_to_a_mountain_is_refused(monkeypatch, pack):
    monkeypatch.setattr(register_files_module, "MAX_UNPACKED", 3_000_000)
    bomb = pack(a_file(a_school()) + b"\r\n" * 4_000_000)
    assert len(bomb) < 100_000

    with pytest.raises(RegisterFileError, match="once unpacked"):
        read_register(bomb)


def test_a_path_without_a_file_is_named(tmp_path):
    with pytest.raises(RegisterFileError, match=r"There is no file at .*nowhere\.csv"):
        read_register(tmp_path / "nowhere.csv")


def test_asked_for_groups_a_list_of_schools_is_named_as_such():
    with pytest.raises(RegisterFileError, match="list of schools"):
        read_groups(a_file(a_school()))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zipped(register=data)])
def test_damage_anywhere_is_refused_or_read_round_and_never_crashes(pack):
    whole = pack(a_file(*(a_school(URN=str(900101 + n)) for n in range(20))))
    rng = Random(1)

    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 5, 40))):
            place = rng.randrange(len(damaged))
            damaged[place : place + rng.choice((0, 1, 1, 30))] = rng.choice(
                (b'"', b"\0", b"\n", b"\xff", b",,")
            )
        try:
            outcome = list(read_register(bytes(damaged)))
        except RegisterFileError as error:
            outcome = [error]
        assert all(isinstance(each, RegisterRow | Refusal | RegisterFileError) for each in outcome)
