"""What waits for a person in the buy-back: agreements to accept and to approve, requests to carry days forward."""

from datetime import datetime

from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.buyback.queries.agreements import (
    agreements_visible_to,
    first_year_pence,
    has_authority,
    order_value,
    with_lines,
)
from marketplace.buyback.queries.balances import carrying_to_decide
from marketplace.buyback.queries.ladders import ALL_APPROVERS, ladders_of, may_approve_under
from marketplace.buyback.rules import step_for
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.money import pounds
from marketplace.kernel.work import WorkItem
from marketplace.organisations.queries import organisations_of_interest


def awaiting(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Orders to accept or approve as the school's ladder says, and requests to carry unused days forward."""
    return [*_orders(actor, now), *carrying_to_decide(actor)]


def _orders(actor: Actor, now: datetime) -> list[WorkItem]:
    rows = list(
        with_lines(agreements_visible_to(actor)).filter(
            status=AgreementStatus.AWAITING_APPROVAL,
            buyer__in=actor.organisations(*ALL_APPROVERS),
            ends_on__gte=local(now).date(),
        )
    )
    ladders = ladders_of({row.buyer_id: row.buyer for row in rows}.values())
    tied = organisations_of_interest(actor.user_id) if rows else frozenset()
    items = []
    for row in rows:
        requirement = step_for(ladders[row.buyer_id], order_value(row))
        if row.accepted_at is None and has_authority(actor, row):
            items.append(_item("Accept the terms", row, "agreements:accept"))
        elif row.seller_id in tied:
            continue
        elif row.accepted_at and may_approve_under(actor, row.buyer_id, requirement, row.requested_by_id):
            items.append(_item("Approve", row, "agreements:approve"))
    return items


def _item(verb: str, agreement: ServiceAgreement, url_name: str) -> WorkItem:
    what = ", ".join(line.description for line in agreement.lines.all())
    return WorkItem(
        verb=verb,
        title=f"{agreement.seller} for {agreement.buyer}",
        detail=f"{what}, from {long_date(agreement.starts_on)}: {pounds(first_year_pence(agreement))} before VAT for the first year.",
        due_on=agreement.starts_on,
        url_name=url_name,
        url_args=(agreement.reference,),
    )
