"""What an agreement takes from the funding stream it is paid from.

Every movement of an agreement has an effect that starts with `funding_effect(agreement)`, whoever makes it, so that what is still
committed for it can be told from the ledger.
"""

from django.db.models import Sum

from marketplace.buyback.actions.funding import (
    commit_funding,
    refund_funding,
    release_funding,
    spent_under,
)
from marketplace.buyback.models import FundingKind, ServiceAgreement
from marketplace.buyback.queries import agreements as queries
from marketplace.buyback.queries.funding import StreamAccount
from marketplace.kernel.access import Actor
from marketplace.kernel.models import Ledger, Transfer


def funding_effect(agreement: ServiceAgreement) -> str:
    """How the effects of an agreement's movements in its funding stream begin."""
    return f"agreement:{agreement.pk}:funding:"


def still_committed(agreement: ServiceAgreement) -> int:
    """What is committed for the agreement and neither spent nor released, in pence."""
    moved = Transfer.objects.filter(
        source__ledger=Ledger.FUNDING, effect__startswith=funding_effect(agreement)
    )
    came = moved.filter(target__purpose=StreamAccount.COMMITTED).aggregate(pence=Sum("amount"))["pence"] or 0
    went = moved.filter(source__purpose=StreamAccount.COMMITTED).aggregate(pence=Sum("amount"))["pence"] or 0
    return int(came - went)


def commit_for(actor: Actor, agreement: ServiceAgreement, pence: int | None = None) -> None:
    """Commit the first contract year with its late charge, before VAT (authorities and academies get VAT back), once."""
    amount = queries.year_pence(agreement) + agreement.late_charge_pence if pence is None else pence
    if agreement.funding_stream is not None and amount:
        commit_funding(
            actor=actor,
            stream=agreement.funding_stream,
            pence=amount,
            effect=f"{funding_effect(agreement)}commit",
            reason=f"Agreement {agreement} with {agreement.seller}",
        )


def release_for(actor: Actor, agreement: ServiceAgreement, pence: int | None = None) -> int:
    """Give the stream back, once, `pence` of what an early end saves: of what is still committed, and then of what was spent on a paper
    that is credited now. All that is still committed where nothing is said. How much it was."""
    stream = agreement.funding_stream
    if stream is None:
        return 0
    committed = still_committed(agreement)
    released = committed if pence is None else min(committed, pence)
    refunded = 0 if pence is None else min(spent_under(funding_effect(agreement)), pence - released)
    reason = f"Agreement {agreement} ended early"
    for verb, what, amount in (
        (release_funding, "release", released),
        (refund_funding, "refund:not_run", refunded),
    ):
        if amount:
            effect = f"{funding_effect(agreement)}{what}"
            verb(actor=actor, stream=stream, pence=amount, effect=effect, reason=reason)
    return released + refunded


def pass_on(actor: Actor, old: ServiceAgreement, academy: ServiceAgreement, pence: int) -> None:
    """Let the academy's agreement take over what was committed, or spent already, for the months it pays.

    De-delegated money is for maintained schools only (domain 1.8): it goes back, and the academy pays for itself.
    """
    stream = old.funding_stream
    if stream is None:
        return
    released = release_for(actor, old, pence)
    if stream.kind == FundingKind.DE_DELEGATED:
        return
    academy.funding_stream = stream
    academy.save(update_fields=["funding_stream"])
    commit_for(actor, academy, released)
