"""All agreements of a school pass to the academy at once, or none does."""

from collections.abc import Sequence
from datetime import date

from marketplace.buyback.actions.agreement_steps import AgreementRef
from marketplace.buyback.actions.endings import convert_agreement
from marketplace.buyback.models import ServiceAgreement
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.organisations.models import Organisation


@action
def convert_agreements(
    *,
    actor: Actor,
    agreements: Sequence[AgreementRef],
    on: date,
    successor: Organisation | None = None,
    reason: str = "",
) -> list[ServiceAgreement]:
    """Say that the school becomes an academy on a day, for several of its agreements: what is in force then, in their order.

    Raises what `convert_agreement` raises for the first that can't pass, and then none has.
    """
    return [
        convert_agreement(actor=actor, agreement=agreement, on=on, successor=successor, reason=reason)
        for agreement in agreements
    ]
