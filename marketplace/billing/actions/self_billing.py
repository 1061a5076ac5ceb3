"""Agreeing that a broker writes a releasing organisation's invoices for it, and ending that."""

from datetime import date, timedelta

from marketplace.billing.actions import papers
from marketplace.billing.models import SelfBillingAgreement
from marketplace.billing.queries import settlement as queries
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotNow
from marketplace.organisations.models import Organisation

LONGEST = timedelta(days=365)


@action
def agree_self_billing(
    *,
    actor: Actor,
    broker: Organisation,
    supplier: Organisation,
    signed_name: str,
    signed_capacity: str,
    starts_on: date,
    ends_on: date,
) -> SelfBillingAgreement:
    """Sign, for the supplier, that the broker writes its invoices from `starts_on` to `ends_on`, twelve months at most.

    Signed by a person of the supplier; a period that overlaps an agreement in force is refused.
    """
    actor.must_hold(*queries.SIGNATORIES, at=supplier.pk, to=f"sign for {supplier.name}")
    supplier = locked(Organisation.objects.all(), pk=supplier.pk)
    if not signed_name.strip() or not signed_capacity.strip():
        raise DomainError(
            "Say who signs and in what capacity.",
            remedy="Write the name and the post, for example Business Manager.",
            field="signed_name",
        )
    if not starts_on < ends_on <= starts_on + LONGEST:
        raise DomainError(
            "A self-billing agreement is for up to twelve months.",
            remedy="Choose a last day within a year of the first.",
            field="ends_on",
        )
    for other in SelfBillingAgreement.objects.filter(broker=broker, supplier=supplier):
        if other.starts_on <= ends_on and starts_on <= (other.ended_on or other.ends_on):
            raise NotNow(
                f"There is an agreement until {other.ended_on or other.ends_on:%d/%m/%Y} already.",
                remedy="Start the new one after it, or end it first.",
            )
    signed = SelfBillingAgreement.objects.create(
        broker=broker,
        supplier=supplier,
        signed_name=signed_name.strip(),
        signed_capacity=signed_capacity.strip(),
        signed_by_id=actor.user_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    history.write(signed, verb="sign", by=actor)
    return signed


@action
def end_self_billing(*, actor: Actor, agreement: SelfBillingAgreement) -> SelfBillingAgreement:
    """End a self-billing agreement today; either side may. What was billed under it stays."""
    agreement = locked(queries.self_billing_visible_to(actor), pk=agreement.pk)
    if not queries.may_settle(actor, agreement.broker):
        actor.must_hold(*queries.SIGNATORIES, at=agreement.supplier_id, to="end this agreement")
    if agreement.ended_on is None:
        agreement.ended_on = papers.today()
        agreement.save(update_fields=["ended_on"])
        history.write(agreement, verb="end", by=actor)
    return agreement
