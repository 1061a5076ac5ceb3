"""Telling buyers, in time to look for something else, that they can't have a package again next year."""

import logging

from marketplace.buyback.actions.agreement_steps import lock_agreement, today
from marketplace.buyback.events import NotSoldAgainTold
from marketplace.buyback.models import ServiceAgreement
from marketplace.buyback.queries.not_sold import ending_where_notice_is_near, not_sold_again
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action

log = logging.getLogger(__name__)

VERB = "not_sold_again_told"


def notice_not_sold_again() -> int:
    """Each night, tell buyers once of what they can't have again; how many agreements. One that fails holds up no other."""
    told = 0
    for agreement in ending_where_notice_is_near(today()):
        try:
            told += _tell(agreement=agreement)
        except Exception:
            log.exception("The buyer of agreement %s could not be told what is not sold again.", agreement)
    return told


@action
def _tell(*, agreement: ServiceAgreement) -> bool:
    """Keep it in the agreement's history and announce it, where something stands to be told that was not told before."""
    row = lock_agreement(SYSTEM, agreement)
    note = " ".join(not_sold_again(row, on=today()))
    if not note or history.of(row).filter(verb=VERB, note=note).exists():
        return False
    entry = history.write(row, verb=VERB, by=SYSTEM, note=note)
    events.publish(NotSoldAgainTold(row.pk, entry.pk))
    return True
