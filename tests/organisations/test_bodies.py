"""Organisations that convenors add."""

from typing import Any

import pytest

from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations import actions, queries
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.models import LinkKind, Organisation, OrganisationKind, SchoolLink
from tests.builders.organisations import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_organisation,
)

pytestmark = pytest.mark.django_db


def added(**details: Any) -> Organisation:
    given = {
        "actor": SYSTEM,
        "area": an_area(),
        "kind": "independent",
        "name": "Calder Learning",
        "legal_status": "company",
    }
    return actions.create_organisation(**given | details)


def test_a_convenor_adds_a_school_company_with_its_supervising_authority() -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    authority = Organisation.objects.get(area=area)

    company = added(
        actor=convenor,
        area=area,
        kind="school_company",
        legal_status="",
        supervising_authority=authority,
        vat_number="220 4302 31",
    )

    assert (company.legal_status, company.supervising_authority, company.vat_number) == (
        "company",
        authority,
        "GB220430231",
    )


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"kind": "school_company", "legal_status": ""}, "supervising_authority"),
        ({"kind": "school"}, "kind"),
        ({"kind": "trust"}, "kind"),
        ({"kind": "local_authority"}, "kind"),
        ({"name": " "}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"legal_status": ""}, "legal_status"),
        ({"legal_status": "academy"}, "legal_status"),
        ({"vat_number": "GB123"}, "vat_number"),
    ],
)
def test_what_can_not_be_right_is_refused_at_its_field(details: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidDetails) as refused:
        added(**details)

    assert refused.value.field == field


def test_the_same_organisation_is_not_added_twice() -> None:
    area = an_area()
    added(area=area)

    with pytest.raises(InvalidDetails, match="here already"):
        added(area=area, name="calder learning")


def test_a_code_of_the_register_belongs_to_one_organisation() -> None:
    added(kind="diocese", legal_status="", register_code="CE99")

    with pytest.raises(InvalidDetails) as refused:
        added(kind="diocese", legal_status="", register_code="CE99", name="Another")
    assert refused.value.field == "register_code"


def test_it_can_stand_where_a_school_stands() -> None:
    assert added(based_at=a_school(easting=411_000, northing=391_000)).easting == 411_000


def test_only_a_convenor_of_the_area_adds_organisations() -> None:
    with pytest.raises(NotAllowed):
        added(actor=actor_of(a_convenor(an_area())))
    with pytest.raises(NotAllowed):
        added(actor=actor_of(a_person(Role.HEADTEACHER, at=a_school())))


def test_its_lead_changes_its_details() -> None:
    provider = a_provider()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=provider))

    actions.change_organisation(
        actor=lead, organisation=provider.reference, name="New name", address="1 High Street"
    )

    provider.refresh_from_db()
    assert (provider.name, provider.address) == ("New name", "1 High Street")


def test_what_the_register_says_of_a_school_is_not_changed_here() -> None:
    school = a_school(name="Alder Lane")
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    actions.change_organisation(
        actor=head, organisation=school.organisation, name="Mine", vat_number="GB220430231"
    )

    school.organisation.refresh_from_db()
    assert (school.organisation.name, school.organisation.vat_number) == ("Alder Lane", "GB220430231")


def test_others_do_not_change_it() -> None:
    provider = a_provider()

    with pytest.raises(NotFound):
        actions.change_organisation(
            actor=actor_of(a_person(Role.STAFF, at=provider)), organisation=provider, name="Mine"
        )


def test_history_follows_a_school_through_its_numbers_and_not_to_its_siblings() -> None:
    def link(urn: int, linked: int, kind: LinkKind) -> None:
        SchoolLink.objects.create(urn=urn, linked_urn=linked, kind=kind, link_type=kind.label)

    # 1 and 2 merged into 3, which was split into 4 and 5; 4 became 6.
    link(3, 1, LinkKind.PREDECESSOR)
    link(2, 3, LinkKind.SUCCESSOR)
    link(3, 4, LinkKind.SUCCESSOR)
    link(5, 3, LinkKind.PREDECESSOR)
    link(4, 6, LinkKind.SUCCESSOR)
    link(6, 4, LinkKind.PREDECESSOR)
    link(6, 9, LinkKind.SIXTH_FORM_CENTRE)

    assert queries.history_urns(6) == [1, 2, 3, 4, 6] or queries.history_urns(6) == [2, 1, 3, 4, 6]
    assert 5 not in queries.history_urns(6)
    assert queries.history_urns(1) == [1, 3, 4, 5, 6]
    assert queries.history_urns(77) == [77]
    assert [link.urn for link in queries.links_of(6)["predecessors"]] == [4]


def test_links_that_go_in_a_circle_come_to_an_end() -> None:
    for urn, linked in ((1, 2), (2, 3), (3, 1)):
        SchoolLink.objects.create(urn=urn, linked_urn=linked, kind="successor", link_type="Successor")

    assert sorted(set(queries.history_urns(1))) == [1, 2, 3]


def test_a_trust_lead_manages_the_trust_and_its_schools() -> None:
    trust = an_organisation(OrganisationKind.TRUST)
    school = a_school(academy=True, trust=trust)
    a_school(academy=True)

    managed = queries.organisations_managed_by(actor_of(a_person(Role.TRUST_LEAD, at=trust)))

    assert set(managed) == {trust, school.organisation}
