"""Approval ladders, quotes evidence and funding streams."""

from typing import Any

from django.utils import timezone

from marketplace.buyback import actions
from marketplace.buyback.models import (
    ApprovalLadder,
    AskedQuote,
    EvidenceStatus,
    FundingKind,
    FundingStream,
    QuoteAnswer,
    QuotesEvidence,
)
from marketplace.buyback.rules import Approver, Step
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import financial_year, local
from marketplace.organisations.models import Area, Organisation, School
from tests.builders.organisations import a_school, an_area

__all__ = ["a_ladder", "a_stream", "some_evidence"]


def a_ladder(
    owner: Organisation | School | Area, *steps: Step, second_person_from: int | None = None
) -> ApprovalLadder:
    """The ladder of an owner: of the steps given, or of one from which a second person is needed."""
    if isinstance(owner, School):
        owner = owner.organisation
    if second_person_from is not None:
        first = [Step(0, Approver.ANY_ORDERER)] if second_person_from else []
        steps = (*first, Step(second_person_from, Approver.SECOND_PERSON))
    return actions.set_ladder(actor=SYSTEM, owner=owner, steps=steps)


def some_evidence(
    organisation: Organisation | School | None = None,
    *,
    quotes: dict[str, int | None] | None = None,
    supplier: Organisation | None = None,
    complete: bool = True,
    **fields: Any,
) -> QuotesEvidence:
    """Complete evidence of three quotes (name: pence before VAT, None where declined), the lowest chosen.

    With `supplier` the chosen quote is that organisation's.
    """
    if isinstance(organisation, School):
        organisation = organisation.organisation
    quotes = (
        quotes
        if quotes is not None
        else {"Northside": 1_200_000, "Eastgate": 1_350_000, "Westway": 1_400_000}
    )
    today = local(timezone.now()).date()
    defaults: dict[str, Any] = {
        "subject": "Support with reading",
        "need_pence": 1_500_000,
        "conflicts": "None",
    }
    evidence = QuotesEvidence.objects.create(
        organisation=organisation or a_school().organisation, **defaults | fields
    )
    given = {name: pence for name, pence in quotes.items() if pence is not None}
    lowest = min(given, key=lambda name: given[name], default=None)
    for name, pence in quotes.items():
        AskedQuote.objects.create(
            evidence=evidence,
            supplier=supplier if name == lowest else None,
            supplier_name=str(supplier) if supplier and name == lowest else name,
            asked_on=today,
            answer=QuoteAnswer.DECLINED if pence is None else QuoteAnswer.QUOTED,
            answered_on=today,
            price_pence=pence,
            is_chosen=name == lowest,
        )
    if complete:
        QuotesEvidence.objects.filter(pk=evidence.pk).update(
            status=EvidenceStatus.COMPLETE, completed_at=timezone.now()
        )
        evidence.refresh_from_db()
    return evidence


def a_stream(
    area: Area | None = None, *, kind: str = FundingKind.COMMISSIONED, pence: int = 1_000_000, **fields: Any
) -> FundingStream:
    """An open stream of this financial year with £10,000 in it."""
    arguments: dict[str, Any] = {
        "name": "Commissioned support",
        "financial_year": financial_year(local(timezone.now()).date()),
    }
    return actions.create_stream(
        actor=SYSTEM, area=area or an_area(), kind=kind, budget_pence=pence, **arguments | fields
    )
