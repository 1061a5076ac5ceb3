"""Whose word an order needs: the ladder of an organisation, and who may say yes under it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from marketplace.buyback.models import ApprovalLadder, ApprovalStep
from marketplace.buyback.rules import Approver, Ladder, Requirement, Step, first_ladder, step_for
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Organisation, OrganisationKind

ORDERERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})
"""Those who may commit an organisation's money (domain 1.4). Staff ask, and one of these says yes."""

READERS = SCHOOL_BUYERS | {Role.GOVERNOR, Role.FINANCE}
"""Those who read what their organisation's orders need, and the quotes gathered for them."""

LADDER_MAKERS = frozenset({Role.HEADTEACHER, Role.GOVERNOR, Role.TRUST_LEAD})

APPROVER_ROLES: dict[Approver, frozenset[Role]] = {
    Approver.ANY_ORDERER: ORDERERS,
    Approver.SECOND_PERSON: ORDERERS,
    Approver.HEADTEACHER: frozenset({Role.HEADTEACHER, Role.GOVERNOR, Role.TRUST_LEAD}),
    Approver.GOVERNORS: frozenset({Role.GOVERNOR, Role.TRUST_LEAD}),
    Approver.TRUST: frozenset({Role.TRUST_LEAD}),
}
"""Who can say yes at each step: those it names, and those above them."""

ALL_APPROVERS = frozenset().union(*APPROVER_ROLES.values())


def ladders_of(organisations: Iterable[Organisation]) -> dict[int, Ladder]:
    """The ladder of each organisation by its id: its own, its trust's, its area's, or the exchange's. One query."""
    wanted = {organisation.pk: organisation for organisation in organisations}
    trusts = {pk: trust_id_of(each) for pk, each in wanted.items()}
    areas = {each.area_id for each in wanted.values() if each.area_id}
    found: dict[tuple[str, int | None], Ladder] = {}
    steps = ApprovalStep.objects.filter(
        Q(ladder__organisation__in={*wanted, *filter(None, trusts.values())}) | Q(ladder__area__in=areas)
    ).select_related("ladder__organisation", "ladder__area")
    for row in steps.order_by("ladder", "from_pence"):
        owner = row.ladder
        key = ("area", owner.area_id) if owner.area_id else ("organisation", owner.organisation_id)
        so_far = found.get(key, Ladder((), str(owner.organisation or owner.area)))
        found[key] = so_far._replace(steps=(*so_far.steps, step_of(row)))
    return {
        pk: first_ladder(
            found.get(key)
            for key in (("organisation", pk), ("organisation", trusts[pk]), ("area", wanted[pk].area_id))
        )
        for pk in wanted
    }


def ladder_of(organisation: Organisation) -> Ladder:
    """The ladder that holds for an organisation, and whose it is."""
    return ladders_of([organisation])[organisation.pk]


def requirement_for(organisation: Organisation, gross_pence: int) -> Requirement:
    """What an order of `gross_pence` (VAT included) by the organisation needs."""
    return step_for(ladder_of(organisation), gross_pence)


def requirement_from_data(data: dict[str, Any]) -> Requirement:
    """A requirement as it was kept."""
    return Requirement(**data | {"approver": Approver(data["approver"])})


def amounts_for_governors(organisations: Iterable[int]) -> dict[int, int]:
    """The amount in pence (VAT included) from which a governor can approve, by the organisation's id. None asked, no query."""
    wanted = list(organisations)
    if not wanted:
        return {}
    rows = Organisation.objects.filter(pk__in=wanted).select_related("school")
    found = {}
    for pk, ladder in ladders_of(rows).items():
        steps = [step for step in ladder.steps if Role.GOVERNOR in APPROVER_ROLES[step.approver]]
        if steps:
            found[pk] = steps[0].from_pence
    return found


def may_approve_order(
    actor: Actor, organisation: Organisation, gross_pence: int, requested_by_id: int | None
) -> bool:
    """Whether the person may approve an order of this size which `requested_by_id` placed (I8).

    At the lowest step whoever may commit money may, the person ordering included; above it nobody approves their own order.
    """
    return may_approve_under(
        actor, organisation.pk, requirement_for(organisation, gross_pence), requested_by_id
    )


def may_approve_under(
    actor: Actor, organisation_id: int, requirement: Requirement, requested_by_id: int | None
) -> bool:
    """The same, where the requirement is known already."""
    return holds_approval(actor, organisation_id, requirement) and not is_own_order(
        actor, requirement, requested_by_id
    )


def holds_approval(actor: Actor, organisation_id: int, requirement: Requirement) -> bool:
    """Whether the person's roles let them approve under this requirement, whoever ordered."""
    return actor.holds(*APPROVER_ROLES[requirement.approver], at=organisation_id)


def is_own_order(actor: Actor, requirement: Requirement, requested_by_id: int | None) -> bool:
    """Whether the person ordered this themselves and the requirement wants somebody else."""
    return (
        requirement.approver != Approver.ANY_ORDERER
        and actor.user_id is not None
        and requested_by_id == actor.user_id
    )


def may_set_ladder(actor: Actor, owner: Organisation | Area) -> bool:
    """Whether the person may set the ladder: those who answer for the budget holders, not the budget holders themselves."""
    if isinstance(owner, Area):
        return actor.convenes(owner.pk)
    return actor.holds(*LADDER_MAKERS, at=owner.pk)


def may_name_trust(owner: Organisation | Area) -> bool:
    """Whether “the trust” means anything on the owner's ladder: for a trust and for its schools."""
    if isinstance(owner, Area):
        return False
    return owner.kind == OrganisationKind.TRUST or trust_id_of(owner) is not None


def organisations_with_ladders_of(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose ladder the person may set."""
    return Organisation.objects.filter(pk__in=actor.organisations(*LADDER_MAKERS)).select_related(
        "school", "area"
    )


def own_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose ladder and quotes the person may read."""
    return Organisation.objects.filter(pk__in=actor.organisations(*READERS)).select_related("school", "area")


def own_organisation(actor: Actor, reference: str) -> Organisation:
    """One of these by its reference; `NotFound` where it is none of them."""
    found: Organisation | None = own_organisations(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def own_ladder(owner: Organisation | Area) -> ApprovalLadder | None:
    """The owner's own ladder, where it ever made one; without steps where it took them away again."""
    return ApprovalLadder.objects.filter(**owned_by(owner)).prefetch_related("steps").first()


def own_steps(owner: Organisation | Area) -> tuple[Step, ...]:
    """The steps the owner made itself; none where a ladder above counts."""
    ladder = own_ladder(owner)
    return tuple(step_of(row) for row in ladder.steps.all()) if ladder else ()


def ladder_in_force(owner: Organisation | Area) -> Ladder:
    """The ladder that holds for an organisation, or for the schools of an area that have none nearer."""
    if isinstance(owner, Organisation):
        return ladder_of(owner)
    return first_ladder([Ladder(own_steps(owner), str(owner))])


def owned_by(owner: Organisation | Area) -> dict[str, Any]:
    """The lookup for the ladder of an owner."""
    return {"area": owner} if isinstance(owner, Area) else {"organisation": owner}


def trust_id_of(organisation: Organisation) -> int | None:
    """The trust of a school, where it has one."""
    return organisation.school.trust_id if hasattr(organisation, "school") else None


def step_of(row: ApprovalStep) -> Step:
    """The value of a step's row."""
    return Step(row.from_pence, Approver(row.approver), row.quotes_needed, row.minute_needed)
