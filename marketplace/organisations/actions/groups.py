"""The register's other files: groups of schools with their members, and links between schools. For operators."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.events import RegisterChanged
from marketplace.organisations.importing.record import Record
from marketplace.organisations.importing.standing import standing_records
from marketplace.organisations.importing.write import Writer, make_groups
from marketplace.organisations.models import (
    Area,
    LegalStatus,
    Organisation,
    OrganisationKind,
    School,
    SchoolLink,
)
from marketplace.organisations.register import (
    GroupRow,
    MembershipRow,
    Refusal,
    RegisterFileError,
    read_groups,
    read_links,
    read_memberships,
)
from marketplace.organisations.register.files import Upload

# Sponsors and umbrella trusts do not stand for a school, so they are not kept.
KIND_OF_GROUP = {
    "multi_academy_trust": OrganisationKind.TRUST,
    "single_academy_trust": OrganisationKind.TRUST,
    "secure_single_academy_trust": OrganisationKind.TRUST,
    "federation": OrganisationKind.FEDERATION,
}


@dataclass
class ExtrasOutcome:
    """What became of a file: rows read, rows that made a difference, rows that did not, refusals."""

    read: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)


@action
def import_groups(*, actor: Actor, upload: Upload) -> ExtrasOutcome:
    """Take names of groups and, where the file has them, which schools belong to them.

    Works for schools and groups that are here: a group without a school here is of no use. Closed groups and those that do not
    stand for a school are passed over. Raises `RegisterFileError`.
    """
    _check_operator(actor)
    try:
        rows: Iterable[MembershipRow | GroupRow | Refusal] = read_memberships(upload)
    except RegisterFileError:
        rows = read_groups(upload)
    outcome = ExtrasOutcome()
    groups: dict[tuple[str, str], str] = {}
    members: dict[str, dict[int, str]] = {"trust": {}, "federation": {}}
    for row in rows:
        outcome.read += 1
        if isinstance(row, Refusal):
            outcome.refusals.append(row)
            continue
        group = row.group if isinstance(row, MembershipRow) else row
        kind = KIND_OF_GROUP.get(group.kind)
        if kind is None or not group.is_open:
            continue
        groups[kind, str(group.uid)] = group.name[:200]
        if isinstance(row, MembershipRow):
            members[kind.value][row.urn] = str(group.uid)
    outcome.changed = _rename(groups)
    for relation, codes in members.items():
        outcome.changed += _join(actor, relation, codes, groups)
    outcome.unchanged = outcome.read - outcome.changed - len(outcome.refusals)
    return outcome


@action
def import_links(*, actor: Actor, upload: Upload) -> ExtrasOutcome:
    """Take the register's links between schools: predecessors, successors, mergers. Raises `RegisterFileError`."""
    _check_operator(actor)
    outcome = ExtrasOutcome()
    held = set(SchoolLink.objects.values_list("urn", "linked_urn", "link_type", "established_on"))
    links: dict[tuple[int, int, str], SchoolLink] = {}
    for row in read_links(upload):
        outcome.read += 1
        if isinstance(row, Refusal):
            outcome.refusals.append(row)
        elif (row.urn, row.linked_urn, row.link_type[:60], row.established) not in held:
            links[row.urn, row.linked_urn, row.link_type[:60]] = SchoolLink(
                urn=row.urn,
                linked_urn=row.linked_urn,
                kind=row.kind,
                link_type=row.link_type[:60],
                established_on=row.established,
            )
    SchoolLink.objects.bulk_create(
        links.values(),
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["urn", "linked_urn", "link_type"],
        update_fields=["kind", "established_on"],
    )
    outcome.changed = len(links)
    outcome.unchanged = outcome.read - outcome.changed - len(outcome.refusals)
    return outcome


def _check_operator(actor: Actor) -> None:
    if not actor.is_system:
        raise NotAllowed("Only an operator can import this file.")


def _rename(groups: dict[tuple[str, str], str]) -> int:
    codes = {code for _, code in groups}
    changed = []
    for organisation in Organisation.objects.filter(
        kind__in=set(KIND_OF_GROUP.values()), register_code__in=codes
    ):
        name = groups.get((organisation.kind, organisation.register_code))
        if name and name != organisation.name:
            organisation.name = name
            changed.append(organisation)
    return Organisation.objects.bulk_update(changed, ["name"], batch_size=500)


def _join(actor: Actor, relation: str, codes: dict[int, str], groups: dict[tuple[str, str], str]) -> int:
    """Give schools here their group, making the group where it is new."""
    schools = School.objects.filter(urn__in=codes, status_code__in=School.OPEN_STATUSES)
    if relation == "trust":
        schools = schools.filter(organisation__legal_status=LegalStatus.ACADEMY)
    urns = list(schools.values_list("urn", flat=True))
    changed: dict[int, Record] = {
        urn: record | {relation: codes[urn]}
        for urn, record in standing_records(urns).items()
        if record[relation] != codes[urn]
    }
    if not changed:
        return 0
    areas: dict[str, set[str]] = {}
    for record in changed.values():
        areas.setdefault(record[relation], set()).add(record["area"])
    make_groups(
        [
            {
                "kind": relation,
                "code": code,
                "name": groups[relation, code],
                "area": min(found) if len(found) == 1 else "",
            }
            for code, found in areas.items()
        ],
        by=actor,
    )
    Writer().change(changed)
    touched = Area.objects.filter(code__in=set().union(*areas.values())).order_by("pk")
    events.publish(RegisterChanged(batch_id=None, area_ids=tuple(touched.values_list("pk", flat=True))))
    return len(changed)
