"""Networks: making and changing them, and schools that join and leave.

A convenor's word and the school's own head's make a school a member at once. Who leads the network proposes, and the head answers.
"""

from collections.abc import Collection
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations import queries
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.events import SchoolProposed
from marketplace.organisations.models import (
    Area,
    BelongingStatus,
    Network,
    NetworkKind,
    NetworkMembership,
    NetworkRole,
    Organisation,
    School,
)
from marketplace.organisations.network_file import LONGEST_NAME, NetworkFile
from marketplace.organisations.states import BELONGINGS

LONGEST_PURPOSE = 1000
NetworkRef = Network | str


@action
def create_network(
    *,
    actor: Actor,
    area: Area,
    name: str,
    kind: str,
    lead: Organisation | None = None,
    purpose: str = "",
    website: str = "",
    themes: Collection[str] = (),
    active_from: date | None = None,
    active_to: date | None = None,
) -> Network:
    """Make a network of the area, as its convenor. Raises `InvalidDetails`."""
    if not actor.convenes(area.pk):
        raise NotAllowed(f"You can’t make networks in {area}.", remedy="Ask a convenor of the area to do it.")
    row = Network(area=area)
    _fill(row, name, kind, lead, purpose, website, themes, active_from, active_to)
    history.write(row, verb="create", by=actor, note=row.name)
    return row


@action
def change_network(
    *,
    actor: Actor,
    network: NetworkRef,
    name: str,
    kind: str,
    lead: Organisation | None = None,
    purpose: str = "",
    website: str = "",
    themes: Collection[str] = (),
    active_from: date | None = None,
    active_to: date | None = None,
) -> Network:
    """Change what is said of a network, as convenor or as who leads it. Only a convenor gives it another lead."""
    row = _managed(actor, network)
    if (lead.pk if lead else None) != row.lead_id and not actor.convenes(row.area_id):
        raise NotAllowed("Only a convenor gives a network another lead.", remedy="Ask the convenor to do it.")
    before = row.name
    _fill(row, name, kind, lead, purpose, website, themes, active_from, active_to)
    history.write(
        row, verb="change", by=actor, note=row.name if row.name == before else f"{before} → {row.name}"
    )
    return row


@action
def add_school(
    *, actor: Actor, network: NetworkRef, school: School, role: str = NetworkRole.MEMBER
) -> NetworkMembership:
    """Bring an open school of the area into a network: a member at once by its own head's or a convenor's word, else proposed to its head.

    Raises `NotNow` where it belongs to it already, or the network has ended.
    """
    row = _visible(actor, network)
    speaks = queries.may_speak_for_school(actor, school)
    if not speaks and not queries.may_manage_network(actor, row):
        raise NotAllowed(
            f"You can’t bring {school.organisation} into {row}.",
            remedy="Its headteacher, who leads the network, or a convenor can.",
        )
    if school.area_id != row.area_id or not school.is_open:
        raise InvalidDetails(f"{school.organisation} is not an open school of {row.area}.", field="school")
    if role not in NetworkRole.values:
        raise InvalidDetails("Choose what the school is in the network.", field="role")
    today = local(timezone.now()).date()
    if row.active_to is not None and row.active_to < today:
        raise NotNow(f"{row} has ended.", remedy="Change its last day if it runs on.")
    belonging = _belonging(actor, row, school, role, today if speaks else None)
    if not speaks:
        events.publish(SchoolProposed(belonging.pk))
    return belonging


@action
def answer_proposal(*, actor: Actor, belonging: NetworkMembership | int, accept: bool) -> NetworkMembership:
    """Say for one's school whether it joins a network that has asked it."""
    row = _own(actor, belonging)
    if accept:
        BELONGINGS.move(row, "accept", by=actor, joined_on=local(timezone.now()).date())
    else:
        BELONGINGS.move(row, "decline", by=actor)
    return row


@action
def leave_network(*, actor: Actor, belonging: NetworkMembership | int) -> NetworkMembership:
    """Take one's school out of a network."""
    row = _own(actor, belonging)
    BELONGINGS.move(row, "leave", by=actor, left_on=local(timezone.now()).date())
    return row


@action
def remove_school(*, actor: Actor, belonging: NetworkMembership | int) -> NetworkMembership:
    """Take a school out of a network one leads or convenes, or take back that it was asked."""
    row = _belonging_of(actor, belonging)
    if not queries.may_manage_network(actor, row.network):
        raise NotAllowed(f"You can’t take schools out of {row.network}.", remedy="Ask who leads it.")
    if row.status == BelongingStatus.PROPOSED:
        BELONGINGS.move(row, "withdraw", by=actor)
    else:
        BELONGINGS.move(row, "remove", by=actor, left_on=local(timezone.now()).date())
    return row


@action
def import_networks(*, actor: Actor, area: Area, file: NetworkFile) -> tuple[int, int]:
    """Take a file of networks: those not here are made, schools not yet in theirs become members. How many of each comes back.

    Nothing is taken away. Raises `InvalidDetails` where a line can't be taken: the preview shows which.
    """
    if not actor.convenes(area.pk):
        raise NotAllowed(
            f"You can’t import networks of {area}.", remedy="Ask a convenor of the area to do it."
        )
    area = locked(Area.objects.all(), pk=area.pk)
    plan = queries.plan_of(area, file)
    if plan.errors:
        raise InvalidDetails(
            f"{len(plan.errors)} lines can’t be taken.",
            remedy="Put them right and look at the preview again.",
        )
    today = local(timezone.now()).date()
    for each in plan.networks:
        row = each.existing or Network(area=area)
        if each.existing is None:
            _fill(row, each.name, each.kind, None, "", "", (), None, None)
            history.write(row, verb="create", by=actor, note="From a file")
        _join_all(actor, row, each.joining, today)
    return sum(each.existing is None for each in plan.networks), sum(
        len(each.joining) for each in plan.networks
    )


def _join_all(actor: Actor, network: Network, schools: Collection[School], today: date) -> None:
    """Make the schools members; one that was asked already has its answer."""
    there = {
        row.school_id: row
        for row in NetworkMembership.objects.scoped().filter(network=network, status=BelongingStatus.PROPOSED)
    }
    for school in schools:
        if school.pk in there:
            BELONGINGS.move(there[school.pk], "accept", by=actor, joined_on=today)
    NetworkMembership.objects.scoped().bulk_create(
        new := [
            NetworkMembership(
                network=network,
                school=school,
                status=BelongingStatus.ACTIVE,
                proposed_by_id=actor.user_id,
                proposed_at=timezone.now(),
                joined_on=today,
            )
            for school in schools
            if school.pk not in there
        ]
    )
    history.write_many(new, verb="join", by=actor, after=BelongingStatus.ACTIVE, note="From a file")


def _belonging(
    actor: Actor, network: Network, school: School, role: str, joined_on: date | None
) -> NetworkMembership:
    status = BelongingStatus.ACTIVE if joined_on else BelongingStatus.PROPOSED
    try:
        with transaction.atomic():
            row: NetworkMembership = NetworkMembership.objects.scoped().create(
                network=network,
                school=school,
                role=role,
                status=status,
                proposed_by_id=actor.user_id,
                proposed_at=timezone.now(),
                joined_on=joined_on,
            )
    except IntegrityError as error:
        if constraint_of(error) != "a_school_belongs_once_to_a_network":
            raise
        raise NotNow(f"{school.organisation} belongs to {network} already, or has been asked.") from error
    verb = "join" if joined_on else "propose"
    history.write(row, verb=verb, after=status, by=actor)
    history.write(network, verb=verb, by=actor, note=school.organisation.name)
    return row


def _fill(
    row: Network,
    name: str,
    kind: str,
    lead: Organisation | None,
    purpose: str,
    website: str,
    themes: Collection[str],
    active_from: date | None,
    active_to: date | None,
) -> None:
    row.name, row.purpose, row.website = " ".join(name.split()), purpose.strip(), website.strip()
    if not 0 < len(row.name) <= LONGEST_NAME:
        raise InvalidDetails(f"Enter a name of up to {LONGEST_NAME} characters.", field="name")
    if kind not in NetworkKind.values:
        raise InvalidDetails("Choose what kind of network it is.", field="kind")
    if len(row.purpose) > LONGEST_PURPOSE:
        raise InvalidDetails(f"Say what it is for in up to {LONGEST_PURPOSE} characters.", field="purpose")
    if row.website and not row.website.startswith(("https://", "http://")):
        raise InvalidDetails(
            "Enter the whole address of the website, with https:// before it.", field="website"
        )
    if active_from and active_to and active_to < active_from:
        raise InvalidDetails("The last day can’t be before the first.", field="active_to")
    if lead is not None and not queries.possible_leads(row.area).filter(pk=lead.pk).exists():
        raise InvalidDetails(f"{lead} does not belong to {row.area}.", field="lead")
    row.kind, row.lead, row.themes = kind, lead, sorted(set(themes))
    row.active_from, row.active_to = active_from, active_to
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if constraint_of(error) != "network_names_are_unique_in_an_area":
            raise
        raise InvalidDetails(
            f"There is a network called {row.name} already.", remedy="Choose another name.", field="name"
        ) from error


def _visible(actor: Actor, network: NetworkRef) -> Network:
    reference = network if isinstance(network, str) else network.reference
    row: Network = locked(queries.networks_visible_to(actor), reference=reference)
    return row


def _managed(actor: Actor, network: NetworkRef) -> Network:
    row = _visible(actor, network)
    if not queries.may_manage_network(actor, row):
        raise NotAllowed(f"You can’t change {row}.", remedy="Ask who leads it, or a convenor.")
    return row


def _belonging_of(actor: Actor, belonging: NetworkMembership | int) -> NetworkMembership:
    pk = belonging if isinstance(belonging, int) else belonging.pk
    row: NetworkMembership = locked(queries.belongings_visible_to(actor), pk=pk)
    return row


def _own(actor: Actor, belonging: NetworkMembership | int) -> NetworkMembership:
    row = _belonging_of(actor, belonging)
    if not queries.may_speak_for_school(actor, row.school):
        raise NotFound
    return row
