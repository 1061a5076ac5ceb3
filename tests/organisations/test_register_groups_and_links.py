"""Groups, memberships and links: the register's other files."""

from datetime import date

import pytest

from marketplace.organisations.register import (
    LinkRow,
    Refusal,
    Succession,
    read_groups,
    read_links,
    read_memberships,
    successions,
)

GROUP_HEADER = (
    "Group UID,Group ID,Group Name,Companies House Number,Group Type (code),Group Type,Closed Date,Open date,"
    "Incorporated on (open date),Group Status (code),Group Status"
)
A_TRUST = "17101,TR01904,BECKSIDE LEARNING TRUST,7595434,6,Multi-academy trust,,,07/04/2011,OPEN,Open"


def rows_of(reader, *lines):
    return list(reader("\r\n".join(lines).encode()))


def test_a_group_has_its_kind_and_its_numbers_with_their_zeros():
    [trust] = rows_of(read_groups, GROUP_HEADER, A_TRUST)

    assert (trust.uid, trust.group_id, trust.kind, trust.type_code) == (
        17101,
        "TR01904",
        "multi_academy_trust",
        "06",
    )
    assert trust.companies_house == "07595434"
    assert trust.opened == date(2011, 4, 7)
    assert trust.is_open


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (A_TRUST.replace("17101,", ",", 1), "has no group UID"),
        (A_TRUST.replace("17101", "TR1", 1), "has a group UID that isn’t a number"),
        (A_TRUST.replace("BECKSIDE LEARNING TRUST", ""), "has no group name"),
        (
            A_TRUST.replace(",6,Multi-academy trust", ",8,Children's Centres Group"),
            "is a group of children’s centres, not of schools",
        ),
        (A_TRUST.replace(",6,Multi-academy trust", ",,Guild"), "has no type of group that the register uses"),
        (A_TRUST + ",extra", "has 12 cells where the header has 11"),
    ],
)
def test_groups_that_are_none_are_refused(line, reason):
    assert rows_of(read_groups, GROUP_HEADER, line) == [Refusal(2, None, reason)]


def test_a_membership_carries_its_group_and_the_day_of_joining():
    [academy] = rows_of(
        read_memberships, GROUP_HEADER + ",Joined date,Academy URN", A_TRUST + ",01/05/2011,900101"
    )
    [federated] = rows_of(
        read_memberships,
        "URN,Group UID,Group Name,Group Type (code),Joined date",
        "900102,1700,Two Mills Federation,1,1900-01-01",
    )

    assert (academy.urn, academy.group.uid, academy.joined) == (900101, 17101, date(2011, 5, 1))
    assert (federated.urn, federated.group.kind, federated.joined) == (900102, "federation", None)


LINK_HEADER = "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate"


@pytest.mark.parametrize(
    ("link_type", "kind"),
    [
        ("Predecessor", "predecessor"),
        ("Predecessor - Split School", "predecessor"),
        ("Result of Amalgamation", "predecessor"),
        ("Successor - merged", "successor"),
        ("Sixth Form Centre Link", "sixth_form_centre"),
        ("Closure", "other"),
        ("Merged - change in age range", "other"),
    ],
)
def test_the_seventeen_link_types_fall_into_four_kinds(link_type, kind):
    [link] = rows_of(read_links, LINK_HEADER, f"900101,900202,Alder Lane,{link_type},01-01-2022")

    assert link == LinkRow(2, 900101, 900202, kind, link_type, date(2022, 1, 1))


def test_a_succession_written_from_both_sides_is_one():
    links = rows_of(
        read_links,
        LINK_HEADER,
        "900202,900101,Alder Lane Primary School,Predecessor,",
        "900101,900202,Alder Lane Academy,Successor,01-09-2023",
        "900101,900303,Sixth form,Sixth Form Centre Link,",
    )

    assert successions(links) == [Succession(900101, 900202, date(2023, 9, 1))]


def test_bad_links_are_refused():
    refusals = rows_of(
        read_links, LINK_HEADER, "x,900202,,Successor,", "900101,y,,Successor,", "900101,900101,,Successor,"
    )

    assert [(refusal.line, refusal.reason) for refusal in refusals] == [
        (2, "has a URN that isn’t a number of six digits"),
        (3, "links to a URN that isn’t a number of six digits"),
        (4, "links a school to itself"),
    ]
