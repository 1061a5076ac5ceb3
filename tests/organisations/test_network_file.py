"""Reading files of networks: what is understood, and what is said of what is not."""

import pytest

from marketplace.organisations.network_file import NetworkFile, read_networks

KINDS = {"cluster": "Cluster or learning community", "hub": "Teaching school hub or alliance"}


def read(*lines: str, end: str = "\n") -> NetworkFile:
    return read_networks(end.join(lines), KINDS)


def test_each_row_is_a_school_in_a_network_and_columns_may_stand_in_any_order() -> None:
    file = read(
        "URN;Network name;Type",
        "100001; East  Side ;Cluster or Learning Community",
        "100002;East side;cluster",
    )

    assert [(row.line, row.network, row.kind, row.urn) for row in file.rows] == [
        (2, "East Side", "cluster", 100001),
        (3, "East side", "cluster", 100002),
    ]
    assert list(file.networks()) == ["East Side"]
    assert not file.errors


def test_a_school_named_twice_counts_once_and_empty_lines_are_passed_over() -> None:
    file = read("network,kind,urn", "East,cluster,100001", ",,", "East,cluster,100001", end="\r\n")

    assert [row.urn for row in file.rows] == [100001]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (",cluster,100001", "Give the network’s name"),
        (f"{'x' * 151},cluster,100001", "Give the network’s name"),
        ("East,club,100001", "“club” is not a kind of network"),
        ("East,cluster,12", "“12” is not a URN"),
        ("East,cluster,١٢٣٤٥٦", "is not a URN"),
        ("East,cluster", "“” is not a URN"),
    ],
)
def test_a_line_that_cannot_be_taken_is_told_with_its_number(line: str, message: str) -> None:
    file = read("network,kind,urn", "West,hub,100009", line)

    [error] = file.errors
    assert error.line == 3
    assert message in error.message
    assert len(file.rows) == 1


def test_one_network_has_one_kind() -> None:
    file = read("network,kind,urn", "East,cluster,100001", "east,hub,100002")

    assert [(error.line, "another kind" in error.message) for error in file.errors] == [(3, True)]


def test_a_file_without_the_columns_says_which_are_missing() -> None:
    assert "Missing: kind, urn" in read("network,school", "East,Holm").errors[0].message
    assert "Missing" in read("").errors[0].message


def test_what_is_not_csv_is_told() -> None:
    file = read_networks("network,kind,urn\n" + "x" * 200_000 + ",cluster,100001", KINDS)

    assert "not CSV" in file.errors[0].message
