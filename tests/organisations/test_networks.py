"""Who may make networks, bring schools in and take them out, and who sees what."""

from datetime import date
from typing import Any

import pytest

from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications.models import Notification
from marketplace.organisations import actions, queries
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.models import Area, Cluster, Network, NetworkMembership
from marketplace.organisations.network_file import FileRow, NetworkFile
from tests.builders import a_convenor, a_person, a_provider, a_school, actor_of, an_area, an_organisation
from tests.builders.networks import a_belonging, a_network

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    return an_area()


@pytest.fixture
def convenor(area: Area) -> Actor:
    return actor_of(a_convenor(area))


def members(network: Network) -> list[tuple[str, str]]:
    rows = NetworkMembership.objects.scoped().filter(network=network).order_by("pk")
    return [(row.school.organisation.name, row.status) for row in rows]


def test_a_convenor_makes_and_changes_a_network_of_their_area(area: Area, convenor: Actor) -> None:
    lead = a_provider(area)

    made = actions.create_network(
        actor=convenor, area=area, name=" East  Side ", kind="cluster", lead=lead, themes=["inclusion"]
    )
    actions.change_network(actor=convenor, network=made, name="East", kind="hub", active_to=date(2030, 1, 1))

    made.refresh_from_db()
    assert (made.name, made.kind, made.lead, made.themes) == ("East", "hub", None, [])
    assert [entry.note for entry in history.of(made)] == ["East Side", "East Side → East"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "Taken"}, "name"),
        ({"kind": "club"}, "kind"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"purpose": "x" * 1001}, "purpose"),
        ({"active_from": date(2026, 2, 1), "active_to": date(2026, 1, 1)}, "active_to"),
    ],
)
def test_details_that_cannot_be_used_name_their_field(
    area: Area, convenor: Actor, given: dict[str, Any], field: str
) -> None:
    a_network(area, name="Taken")

    with pytest.raises(InvalidDetails) as refused:
        actions.create_network(actor=convenor, area=area, **{"name": "New", "kind": "cluster"} | given)

    assert refused.value.field == field


def test_a_lead_from_elsewhere_is_refused(area: Area, convenor: Actor) -> None:
    with pytest.raises(InvalidDetails):
        actions.create_network(actor=convenor, area=area, name="New", kind="hub", lead=a_provider(an_area()))


def test_who_leads_a_network_changes_it_but_not_who_leads_it(area: Area) -> None:
    lead = a_provider(area)
    network = a_network(area, lead=lead)
    staff = actor_of(a_person(Role.STAFF, at=lead))

    actions.change_network(actor=staff, network=network, name="Ours", kind="hub", lead=lead)

    with pytest.raises(NotAllowed):
        actions.change_network(actor=staff, network=network, name="Ours", kind="hub", lead=None)


def test_others_of_the_area_see_a_network_and_change_nothing_and_outsiders_find_nothing(area: Area) -> None:
    network = a_network(area)
    head = actor_of(a_person(Role.HEADTEACHER, at=a_school(area)))
    outsider = actor_of(a_convenor(an_area()))

    with pytest.raises(NotAllowed):
        actions.change_network(actor=head, network=network, name="Mine", kind="hub")
    with pytest.raises(NotAllowed):
        actions.create_network(actor=head, area=area, name="Mine", kind="hub")
    with pytest.raises(NotFound):
        actions.change_network(actor=outsider, network=network, name="Mine", kind="hub")


def test_a_headteachers_own_word_makes_their_school_a_member_and_ends_it(area: Area) -> None:
    network, school = a_network(area), a_school(area, name="Holm")
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    row = actions.add_school(actor=head, network=network, school=school)
    assert members(network) == [("Holm", "active")]

    actions.leave_network(actor=head, belonging=row)
    actions.add_school(actor=head, network=network, school=school)
    assert members(network) == [("Holm", "left"), ("Holm", "active")]


def test_a_school_proposed_by_the_lead_belongs_once_its_head_has_said_yes(area: Area, run_jobs: Any) -> None:
    lead, school = a_provider(area), a_school(area, name="Holm")
    network = a_network(area, lead=lead, name="East")
    leader = actor_of(a_person(Role.PROVIDER_LEAD, at=lead))
    head, staff = (actor_of(a_person(role, at=school)) for role in (Role.HEADTEACHER, Role.STAFF))

    row = actions.add_school(actor=leader, network=network, school=school)
    run_jobs()

    assert members(network) == [("Holm", "proposed")]
    assert [each.title for each in Notification.objects.filter(user=head.user_id)] == [
        "East asks Holm to join"
    ]
    assert [item.title for item in queries.networks_to_answer(head)] == ["East asks Holm to join"]
    with pytest.raises(NotFound):
        actions.answer_proposal(actor=staff, belonging=row, accept=True)
    with pytest.raises(NotFound):
        actions.answer_proposal(actor=leader, belonging=row, accept=True)

    actions.answer_proposal(actor=head, belonging=row, accept=True)
    assert members(network) == [("Holm", "active")]


def test_who_has_nothing_to_do_with_a_proposal_does_not_see_it(area: Area) -> None:
    network, school = a_network(area, lead=a_provider(area)), a_school(area)
    a_belonging(network, school, status="proposed")
    other = actor_of(a_person(Role.HEADTEACHER, at=a_school(area)))

    assert not queries.members_of(other, network)
    assert len(queries.members_of(actor_of(a_person(Role.STAFF, at=school)), network)) == 1


def test_the_lead_takes_a_school_out_and_takes_back_a_proposal(area: Area) -> None:
    lead = a_provider(area)
    network = a_network(area, lead=lead)
    member, asked = (
        a_belonging(network, a_school(area)),
        a_belonging(network, a_school(area), status="proposed"),
    )
    leader = actor_of(a_person(Role.PROVIDER_LEAD, at=lead))

    actions.remove_school(actor=leader, belonging=member)
    actions.remove_school(actor=leader, belonging=asked)

    assert [status for _, status in members(network)] == ["left", "declined"]


def test_a_school_belongs_once_and_only_to_networks_of_its_area_that_run(area: Area, convenor: Actor) -> None:
    school = a_school(area)
    network = a_network(area, school)
    ended = a_network(area, active_to=date(2020, 1, 1))

    with pytest.raises(NotNow):
        actions.add_school(actor=convenor, network=network, school=school)
    with pytest.raises(NotNow):
        actions.add_school(actor=convenor, network=ended, school=school)
    with pytest.raises(InvalidDetails):
        actions.add_school(actor=convenor, network=network, school=a_school(area, status_code="2"))
    with pytest.raises(InvalidDetails):
        actions.add_school(actor=convenor, network=network, school=a_school(an_area()))


def test_a_file_makes_networks_and_members_once(area: Area, convenor: Actor) -> None:
    here, new, asked = (a_school(area) for _ in range(3))
    known = a_network(area, here, name="East")
    a_belonging(known, asked, status="proposed")
    rows = [FileRow(2 + n, "east", "cluster", school.urn) for n, school in enumerate((here, new, asked))]
    file = NetworkFile([*rows, FileRow(5, "West", "hub", new.urn)])

    assert actions.import_networks(actor=convenor, area=area, file=file) == (1, 3)
    assert actions.import_networks(actor=convenor, area=area, file=file) == (0, 0)
    assert [status for _, status in members(known)] == ["active"] * 3


def test_a_file_with_a_line_that_cannot_be_taken_changes_nothing(area: Area, convenor: Actor) -> None:
    stranger = a_school(an_area())
    file = NetworkFile(
        [FileRow(2, "East", "hub", a_school(area).urn), FileRow(3, "East", "hub", stranger.urn)]
    )

    plan = queries.plan_of(area, file)
    with pytest.raises(InvalidDetails):
        actions.import_networks(actor=convenor, area=area, file=file)

    assert [error.line for error in plan.errors] == [3]
    assert not Network.objects.scoped().exists()


def test_trusts_dioceses_and_clusters_count_as_belonging_without_anybody_entering_them(
    area: Area, convenor: Actor, django_assert_num_queries: Any
) -> None:
    trust, diocese = an_organisation("trust", name="Trust"), an_organisation("diocese", name="Diocese")
    schools = [a_school(area, trust=trust, diocese=diocese if n else None) for n in range(5)]
    cluster = Cluster.objects.create(area=area, name="Cluster")
    cluster.schools.set(schools[:2])
    for n in range(3):
        a_network(area, *schools[n:], name=f"Network {n}")
    a_network(area, *schools, name="Ended", active_to=date(2020, 1, 1))
    a_school(area, status_code="2", trust=trust)

    with django_assert_num_queries(6):
        found = queries.belongings_of(convenor, area)

    assert [(each.name, len(each.schools)) for each in found.groupings] == [
        ("Network 0", 5),
        ("Network 1", 4),
        ("Network 2", 3),
        ("Cluster", 2),
        ("Trust", 5),
        ("Diocese", 4),
    ]
