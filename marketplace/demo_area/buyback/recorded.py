"""What sellers recorded by hand as used: places on courses and peer reviews of this year's packages."""

from datetime import timedelta

from marketplace.buyback.actions.recording import record_use, take_back_use
from marketplace.buyback.ledgers import Drawdown, accounts_of
from marketplace.buyback.models import Entitlement, InclusionKind, RecordedUse
from marketplace.demo_area.buyback.bulk import began_at
from marketplace.demo_area.buyback.orders import Buying
from marketplace.demo_area.stage import clock_at
from marketplace.kernel.dates import local
from marketplace.organisations.queries import actor_for

COURSES = (
    (74, 2, "Phonics for teaching assistants, two came"),
    (46, 1, "Safeguarding for governors, the chair came"),
    (18, 1, "New to headship: first evening"),
)
"""How many days ago, how many places, and what for."""
REVIEW = (32, 1, "Peer review of mathematics")
MISTAKEN = "Another school of that name came"


def record_uses(buying: Buying) -> None:
    """Each school with places used some of them; the first use of one school was a mistake and taken back."""
    rows = (
        Entitlement.objects.filter(agreement__in=buying.ordered.rows, closed_at=None, carried_from=None)
        .exclude(kind=InclusionKind.DAYS)
        .select_related("agreement", "line", "holder")
        .order_by("pk")
    )
    made = []
    for number, row in enumerate(rows):
        uses = (REVIEW,) if row.kind == InclusionKind.PEER_REVIEW else COURSES[: 1 + number % len(COURSES)]
        made += [use for days, quantity, what in uses if (use := _record(buying, row, days, quantity, what))]
    if made:
        lead = buying.people.leads[made[-1].entitlement.agreement.seller_id]
        with clock_at(made[-1].recorded_at + timedelta(days=1)):
            take_back_use(actor=actor_for(lead), use=made[-1], reason=MISTAKEN)


def _record(buying: Buying, row: Entitlement, days: int, quantity: int, what: str) -> RecordedUse | None:
    moment = buying.today.ago(days) + timedelta(hours=10)
    lead = buying.people.leads.get(row.agreement.seller_id)
    left = accounts_of(row)[Drawdown.AVAILABLE].balance
    begun = began_at(row.agreement) < moment and row.valid_from < local(moment).date()
    if lead is None or not begun or left < quantity:
        return None
    with clock_at(moment):
        return record_use(
            actor=actor_for(lead),
            entitlement=row,
            quantity=quantity,
            used_on=local(moment).date() - timedelta(days=1),
            what=what,
        )
