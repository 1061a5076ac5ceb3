"""What people are told of settlement: statements and their payment, disputes, claims for cover."""

from django.urls import reverse

from marketplace.billing.events import ClaimMoved, StatementMoved
from marketplace.billing.models import BackfillClaim, SettlementStatement
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.events import subscribe
from marketplace.kernel.models import HistoryEntry
from marketplace.kernel.money import pounds
from marketplace.notifications import people
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message, Recipient

RELEASING = {Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD, Role.FINANCE}
BROKER = {Role.PROVIDER_LEAD, Role.FINANCE}

STATEMENT_WORDS = {
    "make": "New settlement statement",
    "record_invoice": "Invoice recorded",
    "pay": "Settlement paid",
    "export": "Settlement in the journal",
    "dispute": "Settlement disputed",
    "clear_dispute": "Dispute settled",
    "withdraw": "Settlement withdrawn",
}
CLAIM_WORDS = {
    "claim": "Claim for cover",
    "accept": "Claim for cover accepted",
    "refuse": "Claim for cover refused",
}


@subscribe(StatementMoved)
def tell_of_statement(event: StatementMoved) -> None:
    """Tell both sides, but never whoever did it."""
    row = SettlementStatement.objects.select_related("broker", "supplier").get(pk=event.statement_id)
    entry = history.of(row).filter(verb=event.verb).last()
    message = Message(
        Kind.DOCUMENT_ISSUED,
        f"{STATEMENT_WORDS[event.verb]}: {row.reference}",
        f"{row.broker} to {row.supplier}, {pounds(row.gross_pence)}. {entry.note if entry else ''}".strip(),
        reverse("settling:statement", args=[row.reference]),
    )
    to = people.holders(row.supplier_id, RELEASING) + people.holders(row.broker_id, BROKER)
    effect = f"settlement:{row.pk}:{event.verb}:{entry.pk if entry else 0}"
    tell(to=_others(to, entry), message=message, effect=effect)


@subscribe(ClaimMoved)
def tell_of_claim(event: ClaimMoved) -> None:
    """Tell the broker of a claim, and the releasing school of the answer."""
    claim = BackfillClaim.objects.select_related("booking__provider", "booking__releasing_organisation").get(
        pk=event.claim_id
    )
    booking = claim.booking
    is_asked = event.verb == "claim"
    to = people.holders(
        booking.provider_id if is_asked else booking.releasing_organisation_id,
        BROKER if is_asked else RELEASING,
    )
    message = Message(
        Kind.DOCUMENT_ISSUED,
        f"{CLAIM_WORDS[event.verb]}: {booking.reference}",
        f"{booking.releasing_organisation}, {pounds(claim.pence)} under {claim.cfr_code}. {claim.decision_reason}".strip(),
        reverse("settling:decide", args=[claim.reference]),
    )
    tell(to=to, message=message, effect=f"claim:{claim.pk}:{event.verb}")


def _others(to: list[Recipient], entry: HistoryEntry | None) -> list[Recipient]:
    return [each for each in to if entry is None or each.user_id != entry.by_id]
