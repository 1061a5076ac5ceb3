"""Setting from what amount on an order needs a second person."""

from marketplace.buyback import queries
from marketplace.buyback.models import ApprovalRule
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Area, Organisation

HIGHEST_THRESHOLD_PENCE = 10_000_000


class ThresholdInvalid(DomainError):
    """The amount can't be a threshold."""

    code = "threshold_invalid"


@action
def set_threshold(*, actor: Actor, owner: Organisation | Area, threshold_pence: int) -> ApprovalRule:
    """Say from how many pence, VAT included, orders need a budget holder other than the person ordering.

    An area's rule holds for its schools that have none of their own, a trust's for its schools. Zero means always. Raises
    `ThresholdInvalid` below zero or above £100,000.
    """
    _must_be_allowed(actor, owner)
    if not 0 <= threshold_pence <= HIGHEST_THRESHOLD_PENCE:
        raise ThresholdInvalid(
            "The threshold must be between £0 and £100,000.",
            remedy="Write an amount in pounds, for example 1000.",
            field="threshold",
        )
    kind = "area" if isinstance(owner, Area) else "organisation"
    rule, made = ApprovalRule.objects.select_for_update(no_key=True).get_or_create(
        **{kind: owner}, defaults={"threshold_pence": threshold_pence}
    )
    before = "" if made else pounds(rule.threshold_pence)
    if not made:
        rule.threshold_pence = threshold_pence
        rule.save(update_fields=["threshold_pence"])
    history.write(rule, verb="set", before=before, after=pounds(threshold_pence), by=actor)
    return rule


@action
def clear_threshold(*, actor: Actor, owner: Organisation | Area) -> None:
    """Go back to the rule of the trust, the area or the exchange."""
    _must_be_allowed(actor, owner)
    rule = queries.rule_of(owner)
    if rule is not None:
        history.write(rule, verb="clear", before=pounds(rule.threshold_pence), by=actor)
        rule.delete()


def _must_be_allowed(actor: Actor, owner: Organisation | Area) -> None:
    if not queries.may_set_rule(actor, owner):
        raise NotAllowed(
            f"You can’t set the approval rule of {owner}.",
            remedy="Ask the headteacher, a governor, the trust’s lead or, for an area, its convenor.",
        )
