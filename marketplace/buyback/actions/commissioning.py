"""The authority pays for an agreement: it is put on a funding stream while it waits for approval, and comes off it again.

Its approval commits the first contract year, each document spends what it bills, an early end releases what is left
and gives back what is credited, as does a credit by hand.
"""

from marketplace.buyback.actions.agreement_steps import AgreementRef, lock_agreement
from marketplace.buyback.actions.funding import spend_funding
from marketplace.buyback.actions.paying import funding_effect, still_committed
from marketplace.buyback.models import AgreementStatus, FundingStream, ServiceAgreement
from marketplace.buyback.queries import commissioning as queries
from marketplace.buyback.queries.funding import stream_for, why_not_for
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError, NotAllowed


class AgreementNotCommissioned(DomainError):
    """The authority can't pay for this agreement, or not from this funding stream."""

    code = "cannot_be_commissioned"
    status = 409


@action
def commission_agreement(*, actor: Actor, agreement: AgreementRef, stream: FundingStream) -> ServiceAgreement:
    """Let a funding stream of the buyer's area pay for an agreement that waits for approval.

    Raises `AgreementNotCommissioned` where the stream may not pay for this school or this year, or the agreement is for more years.
    """
    row = _lock(actor, agreement)
    stream = stream_for(actor, stream.reference)
    if why_not := why_not_for(stream, row.buyer):
        raise AgreementNotCommissioned(why_not, remedy="Choose another funding stream.", field="stream")
    if why_not := queries.why_agreement_not_commissioned(row):
        raise AgreementNotCommissioned(
            why_not,
            remedy="Ask the school to order it for one year; the next is commissioned from next year’s stream.",
        )
    year = financial_year(row.starts_on)
    if stream.financial_year != year:
        raise AgreementNotCommissioned(
            f"“{stream}” is for {stream.financial_year}, and the agreement begins in {year}.",
            remedy="Choose a funding stream of that year.",
            field="stream",
        )
    row.funding_stream = stream
    row.save(update_fields=["funding_stream"])
    history.write(row, verb="commission", by=actor, note=f"{stream} pays, not the school")
    return row


@action
def uncommission_agreement(*, actor: Actor, agreement: AgreementRef) -> ServiceAgreement:
    """Let the school pay for the agreement itself again."""
    row = _lock(actor, agreement)
    if row.funding_stream is not None:
        history.write(row, verb="uncommission", by=actor, note=f"The school pays, not {row.funding_stream}")
        row.funding_stream = None
        row.save(update_fields=["funding_stream"])
    return row


@action
def spend_for_agreement(*, actor: Actor, agreement: ServiceAgreement, pence: int, effect: str) -> int:
    """Spend what a document bills (`pence` before VAT) of what is committed for the agreement, once per `effect`; how much it was.

    What later years cost beyond the first year's commitment is not the stream's.
    """
    stream = agreement.funding_stream
    amount = min(pence, still_committed(agreement)) if stream else 0
    if stream is not None and amount:
        spend_funding(
            actor=actor,
            stream=stream,
            pence=amount,
            effect=f"{funding_effect(agreement)}spend:{effect}",
            reason=f"Billed: agreement {agreement}, {agreement.buyer}",
        )
    return amount


def _lock(actor: Actor, agreement: AgreementRef) -> ServiceAgreement:
    row = lock_agreement(actor, agreement)
    if not queries.may_commission_agreement(actor, row):
        raise NotAllowed(
            "You can’t put this agreement on a funding stream.",
            remedy="Ask the convenor of the school’s area.",
        )
    if row.status != AgreementStatus.AWAITING_APPROVAL:
        raise AgreementNotCommissioned(
            "Only an agreement that waits for approval can be put on a funding stream or come off it.",
            remedy="Open it again to see where it stands.",
        )
    return row
