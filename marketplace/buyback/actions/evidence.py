"""Gathering quotes: who was asked, what they answered, which one is chosen and why. Complete evidence never changes again."""

from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.buyback.models import (
    AskedQuote,
    EvidenceStatus,
    PackageEdition,
    QuoteAnswer,
    QuotesEvidence,
)
from marketplace.buyback.queries import evidence as queries
from marketplace.buyback.queries import ladders
from marketplace.buyback.queries.prices import Wish, price_of
from marketplace.buyback.rules import missing_from
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import quotes
from marketplace.catalogue.models import Offer
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound, NotNow
from marketplace.kernel.money import MOST_PENCE, pounds
from marketplace.organisations.models import Organisation

MOST_ASKED = 20
LONGEST_TEXT = 2_000
LONGEST_SUBJECT = 200
LONGEST_SUPPLIER = 200
LONGEST_MINUTE = 80


class EvidenceInvalid(DomainError):
    """What was written about a quote can't be kept."""

    code = "evidence_invalid"


class EvidenceIncomplete(DomainError):
    """Something is missing. `missing` are sentences."""

    code = "evidence_incomplete"
    status = 409

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__("The evidence is not complete yet.", remedy=" ".join(missing))

    @property
    def extensions(self) -> dict[str, list[str]]:
        """What a program is told besides the message."""
        return {"missing": self.missing}


@action
def start_evidence(
    *, actor: Actor, organisation: Organisation, subject: str, need_pence: int
) -> QuotesEvidence:
    """Begin gathering quotes for something the organisation needs to buy for about `need_pence`, VAT included."""
    if not queries.may_gather(actor, organisation):
        raise NotAllowed(
            f"You can’t gather quotes for {organisation}.", remedy="Ask somebody who orders for it."
        )
    evidence = QuotesEvidence.objects.create(
        organisation=organisation,
        subject=_text(subject, LONGEST_SUBJECT, "subject", needed="Say what is to be bought."),
        need_pence=_pence(need_pence, "need_pence"),
        created_by_id=actor.user_id,
    )
    history.write(evidence, verb="start", after=EvidenceStatus.DRAFT, by=actor)
    return evidence


@action
def describe_evidence(
    *,
    actor: Actor,
    evidence: QuotesEvidence,
    subject: str,
    need_pence: int,
    reason_not_lowest: str = "",
    reason_fewer_quotes: str = "",
    conflicts: str = "",
    minute_reference: str = "",
) -> QuotesEvidence:
    """Write down the reasons, the declared conflicts of interest and the minute. Drafts may lack any of them."""
    row = _lock_draft(actor, evidence)
    row.subject = _text(subject, LONGEST_SUBJECT, "subject", needed="Say what is to be bought.")
    row.need_pence = _pence(need_pence, "need_pence")
    row.reason_not_lowest = _text(reason_not_lowest, LONGEST_TEXT, "reason_not_lowest")
    row.reason_fewer_quotes = _text(reason_fewer_quotes, LONGEST_TEXT, "reason_fewer_quotes")
    row.conflicts = _text(conflicts, LONGEST_TEXT, "conflicts")
    row.minute_reference = _text(minute_reference, LONGEST_MINUTE, "minute_reference")
    row.save()
    return row


@action
def ask_supplier(
    *,
    actor: Actor,
    evidence: QuotesEvidence,
    supplier_name: str,
    asked_on: date,
    supplier: Organisation | None = None,
) -> AskedQuote:
    """Note that somebody was asked for a price, on the exchange or elsewhere; the answer is recorded when it comes."""
    row = _lock_draft(actor, evidence)
    if asked_on > _today():
        raise EvidenceInvalid(
            "The day is still to come.", remedy="Write the day on which you asked.", field="asked_on"
        )
    name = str(supplier) if supplier else supplier_name
    return _add(
        actor,
        row,
        supplier=supplier,
        supplier_name=_text(name, LONGEST_SUPPLIER, "supplier_name", needed="Say who was asked."),
        asked_on=asked_on,
    )


@action
def ask_offer(*, actor: Actor, evidence: QuotesEvidence, offer: Offer, half_days: int) -> AskedQuote:
    """Take the price of an offer of the exchange for this school and so many half-days into the evidence.

    Raises `PriceCannotBeWorkedOut` where the offer has no price for it: then ask the provider, and record the answer.
    """
    row = _lock_draft(actor, evidence)
    school = getattr(row.organisation, "school", None)
    version = catalogue.offer_for(actor, offer.reference).current
    if school is None or version is None:
        raise EvidenceInvalid(
            "The exchange works out prices for schools, from offers that are published.",
            remedy="Ask the provider, and record the answer.",
        )
    if row.quotes.filter(offer_version__offer=offer).exists():
        raise EvidenceInvalid(
            f"“{version.title}” is in this evidence already.", remedy="Take it out first to price it again."
        )
    today = _today()
    price = quotes.quote(
        version.price_rule,
        version.brokerage_fee,
        catalogue.school_facts(school),
        on_date=today,
        half_days=half_days,
        minimum_half_days=version.minimum_half_days,
    )
    return _add(
        actor,
        row,
        supplier=offer.provider,
        supplier_name=str(offer.provider),
        asked_on=today,
        answer=QuoteAnswer.QUOTED,
        answered_on=today,
        price_pence=price.total_pence,
        offer_version=version,
        price=price.to_data(),
        comment=f"{version.title}: price on the exchange",
    )


@action
def ask_package(
    *, actor: Actor, evidence: QuotesEvidence, edition: PackageEdition, years: int, level: str = ""
) -> AskedQuote:
    """Take the price of a package on sale, for this school and so many years, into the evidence: the whole term before VAT.

    Raises `EvidenceInvalid` where the package has no price for the school, or is not sold for so long.
    """
    row = _lock_draft(actor, evidence)
    school = getattr(row.organisation, "school", None)
    today = _today()
    sold = queries.packages_matching(row.organisation, "", years=years, on=today)
    if school is None or not sold.filter(pk=edition.pk).exists():
        raise EvidenceInvalid(
            "The exchange works out prices for schools, from packages that are on sale for that long.",
            remedy="Choose another length, or ask the seller and record the answer.",
        )
    if row.quotes.filter(edition=edition).exists():
        raise EvidenceInvalid(
            f"“{edition.package}” is in this evidence already.", remedy="Take it out first to price it again."
        )
    price = price_of(Wish(edition, school, years, level), on=today)
    explained = price.term_explained()
    if not explained:
        raise EvidenceInvalid(price.problem, remedy="Ask the seller, and record the answer.")
    seller, length = edition.package.seller, f"{years} year{'s' * (years > 1)}"
    return _add(
        actor,
        row,
        supplier=seller,
        supplier_name=str(seller),
        asked_on=today,
        answer=QuoteAnswer.QUOTED,
        answered_on=today,
        price_pence=explained["total_pence"],
        edition=edition,
        price=explained,
        comment=f"{edition}{f', {level}' * bool(level)}, {length}: price on the exchange",
    )


@action
def record_answer(
    *,
    actor: Actor,
    quote: AskedQuote,
    answer: str,
    price_pence: int | None = None,
    answered_on: date | None = None,
    comment: str = "",
) -> AskedQuote:
    """Record what a supplier answered: a price before VAT, a no, or nothing."""
    evidence = _lock_draft(actor, quote.evidence)
    row = _quote_of(evidence, quote)
    if answer not in QuoteAnswer.values:
        raise EvidenceInvalid("Say what the answer was.", remedy="Choose one of the answers.", field="answer")
    if answer == QuoteAnswer.QUOTED and price_pence is None:
        raise EvidenceInvalid("Write the price.", remedy="In pounds, before VAT.", field="price_pence")
    if answered_on and not row.asked_on <= answered_on <= _today():
        raise EvidenceInvalid(
            "The answer came between the day of asking and today.",
            remedy="Check the day.",
            field="answered_on",
        )
    gave_price = answer == QuoteAnswer.QUOTED
    row.answer = QuoteAnswer(answer)
    row.price_pence = _pence(price_pence, "price_pence") if gave_price and price_pence is not None else None
    row.answered_on = (
        None if answer in (QuoteAnswer.WAITING, QuoteAnswer.NO_ANSWER) else answered_on or _today()
    )
    row.comment = _text(comment, LONGEST_TEXT, "comment")
    row.is_chosen = row.is_chosen and gave_price
    row.save()
    price = f" {pounds(row.price_pence)}" if row.price_pence is not None else ""
    history.write(evidence, verb="answer", by=actor, note=f"{row}: {row.get_answer_display().lower()}{price}")
    return row


@action
def choose_quote(*, actor: Actor, quote: AskedQuote) -> AskedQuote:
    """Choose one of the prices."""
    evidence = _lock_draft(actor, quote.evidence)
    row = _quote_of(evidence, quote)
    if row.answer != QuoteAnswer.QUOTED:
        raise EvidenceInvalid(f"{row} gave no price.", remedy="Choose one of the quotes.", field="quote")
    evidence.quotes.filter(is_chosen=True).update(is_chosen=False)
    row.is_chosen = True
    row.save(update_fields=["is_chosen"])
    history.write(evidence, verb="select", by=actor, note=str(row))
    return row


@action
def remove_quote(*, actor: Actor, quote: AskedQuote) -> None:
    """Take out a line written by mistake. The history keeps that it was there."""
    evidence = _lock_draft(actor, quote.evidence)
    row = _quote_of(evidence, quote)
    history.write(evidence, verb="remove", by=actor, note=str(row))
    row.delete()


@action
def complete_evidence(*, actor: Actor, evidence: QuotesEvidence) -> QuotesEvidence:
    """Close the evidence for ever. Raises `EvidenceIncomplete` with what is missing.

    What the ladder asks for now is kept with it.
    """
    row = _lock_draft(actor, evidence)
    needed = ladders.requirement_for(row.organisation, row.need_pence)
    if missing := missing_from(queries.pack_of(row), needed.quotes_needed):
        raise EvidenceIncomplete(missing)
    row.status = EvidenceStatus.COMPLETE
    row.requirement = needed._asdict()
    row.completed_by_id, row.completed_at = actor.user_id, timezone.now()
    row.save()
    history.write(
        row,
        verb="complete",
        before=EvidenceStatus.DRAFT,
        after=EvidenceStatus.COMPLETE,
        by=actor,
        note=needed.words,
    )
    return row


def _lock_draft(actor: Actor, evidence: QuotesEvidence) -> QuotesEvidence:
    row: QuotesEvidence = locked(queries.evidence_visible_to(actor), pk=evidence.pk)
    if not queries.may_gather(actor, row.organisation):
        raise NotAllowed(
            f"You can’t change the quotes evidence of {row.organisation}.",
            remedy="Ask somebody who orders for it.",
        )
    if row.status != EvidenceStatus.DRAFT:
        raise NotNow(
            f"The quotes evidence {row.reference} is complete and stays as it is.",
            remedy="Start new evidence if something has changed.",
        )
    return row


def _quote_of(evidence: QuotesEvidence, quote: AskedQuote) -> AskedQuote:
    row = evidence.quotes.filter(pk=quote.pk).first()
    if row is None:
        raise NotFound
    return row


def _add(actor: Actor, evidence: QuotesEvidence, **fields: Any) -> AskedQuote:
    if evidence.quotes.count() >= MOST_ASKED:
        raise EvidenceInvalid(
            f"{MOST_ASKED} suppliers were asked already.", remedy="Start evidence for another purchase."
        )
    quote = AskedQuote.objects.create(evidence=evidence, **fields)
    price = f" {pounds(quote.price_pence)}" if quote.price_pence is not None else ""
    history.write(evidence, verb="ask", by=actor, note=f"{quote}{price}")
    return quote


def _today() -> date:
    return local(timezone.now()).date()


def _text(text: str, longest: int, field: str, *, needed: str = "") -> str:
    text = text.strip()
    if needed and not text:
        raise EvidenceInvalid(needed, remedy="A few words are enough.", field=field)
    if len(text) > longest:
        raise EvidenceInvalid(
            "That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field
        )
    return text


def _pence(pence: int, field: str) -> int:
    if not 0 <= pence <= min(MOST_PENCE, 2**31 - 1):
        raise EvidenceInvalid(
            "That amount is out of range.", remedy="Check the number of digits.", field=field
        )
    return pence
