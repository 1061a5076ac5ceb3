"""What each day brings for agreements: first days, endings told before, new contract years, last days."""

import logging

from marketplace.buyback.actions.agreement_steps import today
from marketplace.buyback.actions.endings import carry_out_ending
from marketplace.buyback.actions.running import activate_agreement, begin_years, end_agreement
from marketplace.buyback.queries import agreements as queries
from marketplace.kernel.access import SYSTEM

log = logging.getLogger(__name__)

VERBS = (activate_agreement, carry_out_ending, begin_years, end_agreement)


def run_agreements() -> int:
    """Bring every agreement to this day; how many.

    Each is a transaction of its own: one that fails is logged, tried again tomorrow, and holds up no other.
    """
    done = 0
    for row in list(queries.due_on(today())):
        try:
            for verb in VERBS:
                verb(actor=SYSTEM, agreement=row)
            done += 1
        except Exception:
            log.exception("Agreement %s could not be brought to this day.", row.reference)
    return done
