"""Who may commit an organisation's money, and from what amount on a second person is needed."""

from django.db.models import Q, QuerySet

from marketplace.buyback.models import ApprovalRule
from marketplace.buyback.rules import Threshold, first_threshold
from marketplace.kernel.access import Actor, Role
from marketplace.organisations.models import Area, Organisation

APPROVERS = frozenset({Role.BUDGET_HOLDER, Role.TRUST_LEAD})
RULE_MAKERS = frozenset({Role.HEADTEACHER, Role.GOVERNOR, Role.TRUST_LEAD})


def threshold_of(organisation: Organisation) -> Threshold:
    """The threshold that holds for an organisation and whose it is: its own, its trust's, its area's, or the default."""
    trust_id = organisation.school.trust_id if hasattr(organisation, "school") else None
    rules = ApprovalRule.objects.filter(
        Q(organisation__in=[organisation.pk, trust_id]) | Q(area=organisation.area_id, area__isnull=False)
    ).select_related("organisation", "area")
    by_owner: dict[int | str | None, Threshold] = {
        rule.organisation_id or "area": Threshold(rule.threshold_pence, _owner(rule)) for rule in rules
    }
    return first_threshold([by_owner.get(key) for key in (organisation.pk, trust_id, "area")])


def threshold_for(organisation: Organisation) -> int:
    """The amount in pence, VAT included, from which an order needs a budget holder other than the person ordering."""
    return threshold_of(organisation).pence


def may_approve(actor: Actor, organisation: Organisation | int) -> bool:
    """Whether the person may approve orders of the organisation: its budget holders, and the lead of its trust."""
    at = organisation if isinstance(organisation, int) else organisation.pk
    return actor.holds(*APPROVERS, at=at)


def may_set_rule(actor: Actor, owner: Organisation | Area) -> bool:
    """Whether the person may set the threshold: those who answer for the budget holders, not the budget holders themselves."""
    if isinstance(owner, Area):
        return actor.convenes(owner.pk)
    return actor.holds(*RULE_MAKERS, at=owner.pk)


def organisations_with_rules_of(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose threshold the person may set."""
    return Organisation.objects.filter(pk__in=actor.organisations(*RULE_MAKERS)).select_related(
        "school", "area", "approval_rule"
    )


def rule_of(owner: Organisation | Area) -> ApprovalRule | None:
    """The owner's own rule, where it made one."""
    return ApprovalRule.objects.filter(**_owned_by(owner)).first()


def _owned_by(owner: Organisation | Area) -> dict[str, Organisation | Area]:
    return {"area": owner} if isinstance(owner, Area) else {"organisation": owner}


def _owner(rule: ApprovalRule) -> str:
    return str(rule.organisation or rule.area)
