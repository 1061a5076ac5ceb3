"""Whether an order has what the ladder asks for beside somebody's word: the quotes and the minute."""

from marketplace.buyback.models import AskedQuote, EvidenceStatus, QuotesEvidence
from marketplace.buyback.queries import ladders
from marketplace.buyback.rules import Requirement
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation


class EvidenceMissing(DomainError):
    """The ladder asks for quotes or a minute, and the order lacks them."""

    code = "evidence_missing"
    status = 409


def check_evidence(
    organisation: Organisation,
    gross_pence: int,
    evidence: QuotesEvidence | None,
    minute_reference: str = "",
    *,
    supplier: Organisation | None = None,
) -> None:
    """Raise `EvidenceMissing` unless an order of `gross_pence` (VAT included) has the quotes and the minute its ladder asks for.

    `supplier` is whom the order goes to: where the evidence chose somebody else, it is no evidence for this order.
    """
    needed = ladders.requirement_for(organisation, gross_pence)
    check_quotes(organisation, needed, evidence, gross_pence=gross_pence, supplier=supplier)
    check_minute(needed, evidence, minute_reference)


def check_quotes(
    organisation: Organisation,
    needed: Requirement,
    evidence: QuotesEvidence | None,
    *,
    gross_pence: int,
    supplier: Organisation | None = None,
) -> None:
    """The part of `check_evidence` about quotes: for when an order is placed. Evidence given though none is asked for is checked too."""
    if evidence is None:
        if needed.quotes_needed:
            raise EvidenceMissing(
                f"Orders of {pounds(needed.from_pence)} or more (VAT included) need {needed.quotes_needed} quotes or the"
                f" reason why there are fewer (ladder of {needed.source}), and none are attached.",
                remedy="Choose completed quotes evidence, or start some.",
                field="evidence",
            )
        return
    _check_belongs(organisation, evidence)
    if evidence.status != EvidenceStatus.COMPLETE:
        raise EvidenceMissing(
            f"The quotes evidence {evidence.reference} is not complete yet.",
            remedy="Complete it first: its page says what is missing.",
            field="evidence",
        )
    _check_enough(evidence, needed.quotes_needed)
    _check_amount(evidence, gross_pence)
    _check_supplier(evidence, supplier)


def check_minute(needed: Requirement, evidence: QuotesEvidence | None, minute_reference: str = "") -> None:
    """The part of `check_evidence` about the minute: for when an order is approved."""
    named = minute_reference.strip() or (evidence.minute_reference.strip() if evidence else "")
    if needed.minute_needed and not named:
        raise EvidenceMissing(
            f"Orders of {pounds(needed.from_pence)} or more (VAT included) need the reference of the minute that approved them"
            f" (ladder of {needed.source}).",
            remedy="Write the meeting’s date and the number of the minute, for example FGB 12/11/2026, 7.2.",
            field="minute_reference",
        )


def _check_belongs(organisation: Organisation, evidence: QuotesEvidence) -> None:
    own = {organisation.pk, ladders.trust_id_of(organisation)}
    if evidence.organisation_id not in own:
        raise EvidenceMissing(
            f"The quotes evidence {evidence.reference} is of another organisation.",
            remedy=f"Choose evidence of {organisation} or of its trust.",
            field="evidence",
        )


def _check_enough(evidence: QuotesEvidence, quotes_needed: int) -> None:
    quotes = [quote for quote in evidence.quotes.all() if quote.answer == "quoted"]
    if len(quotes) < quotes_needed and not evidence.reason_fewer_quotes.strip():
        raise EvidenceMissing(
            f"The quotes evidence {evidence.reference} has {len(quotes)} of {quotes_needed} quotes and does not say why.",
            remedy="Choose evidence with enough quotes, or gather new evidence.",
            field="evidence",
        )


def _check_amount(evidence: QuotesEvidence, gross_pence: int) -> None:
    if gross_pence > evidence.need_pence:
        raise EvidenceMissing(
            f"The quotes evidence {evidence.reference} is for {pounds(evidence.need_pence)} in all, and this order costs"
            f" {pounds(gross_pence)} (VAT included).",
            remedy="Choose evidence for an amount that covers the order, or order less.",
            field="evidence",
        )


def _check_supplier(evidence: QuotesEvidence, supplier: Organisation | None) -> None:
    pick = next((quote for quote in evidence.quotes.all() if quote.is_chosen), None)
    if supplier and pick and not _is(pick, supplier):
        raise EvidenceMissing(
            f"The quotes evidence {evidence.reference} chose {pick.supplier_name}, and this order goes to {supplier}.",
            remedy=f"Choose evidence in which {supplier} was chosen.",
            field="evidence",
        )


def _is(quote: AskedQuote, supplier: Organisation) -> bool:
    """Whether a quote is an organisation's; one whose name was only typed is, where the name is the same."""
    if quote.supplier_id:
        return bool(quote.supplier_id == supplier.pk)
    return quote.supplier_name.strip().casefold() == supplier.name.strip().casefold()
