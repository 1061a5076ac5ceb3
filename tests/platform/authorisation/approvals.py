"""What approvals add to the world: evidence that could be completed, a funding stream that could pay, and what to send."""

from typing import Any

from django.utils import timezone

from marketplace.kernel.dates import financial_year
from tests.builders import a_stream, an_agreement, some_evidence


def lay_out(world: Any) -> None:
    """Evidence of the buying school, a stream of its area, and an agreement waiting for approval in the stream's year."""
    scene = world.scene
    world.evidence = some_evidence(scene.school, complete=False)
    world.quote = world.evidence.quotes.last()
    world.stream = a_stream(world.area, financial_year=financial_year(world.to_approve.day))
    world.waiting = an_agreement(status="awaiting_approval", school=scene.school, seller=scene.provider)
    world.later_stream = a_stream(
        world.area, name="Later", financial_year=financial_year(world.waiting.starts_on)
    )


def _a_stream_of(world: Any) -> dict[str, Any]:
    return {"put": "", "stream": world.stream.reference}


def _need(world: Any) -> dict[str, Any]:
    return {
        "organisation": world.scene.school.organisation.reference,
        "subject": "Reading",
        "need_pence": "100",
        "conflicts": "None",
        "interest": "none",
    }


VALUES: dict[str, Any] = {
    "approvals reference": lambda w: w.evidence.reference,
    "approvals number": lambda w: w.quote.pk,
    "approvals:fund_booking reference": lambda w: w.to_approve.reference,
    "approvals:fund_agreement reference": lambda w: w.waiting.reference,
    **{
        f"approvals:{name} reference": lambda w: w.stream.reference
        for name in ("stream", "change_budget", "close_stream")
    },
    "quotes reference": lambda w: w.evidence.reference,
    "approval reference": lambda w: w.scene.school.organisation.reference,
    "funding reference": lambda w: w.stream.reference,
}

BODIES: dict[str, Any] = {
    "bookings:order": lambda w: {"evidence": "", "pay_by": "standard"},
    "booking-order": lambda w: {"evidence": ""},
    "approvals:ladder": lambda w: {
        "from_0": "0",
        "approver_0": "any_orderer",
        "quotes_0": "",
        "minute_0": "",
    },
    "approvals:new_evidence": _need,
    "approvals:evidence_details": _need,
    "approvals:ask_supplier": lambda w: {"supplier_name": "Eastgate", "asked_on": timezone.localdate()},
    "approvals:ask_offers": lambda w: {"offer": w.scene.offer.reference},
    "approvals:ask_packages": lambda w: {
        "package": f"{w.on_sale.package.reference} {w.on_sale.window.reference}"
    },
    "approvals:answer": lambda w: {"answer": "declined"},
    "approvals:new_stream": lambda w: {
        "area": w.area.code,
        "kind": "grant",
        "financial_year": financial_year(timezone.localdate()),
        "budget_pence": "10",
    },
    "approvals:change_budget": lambda w: {"way": "add", "pence": "10"},
    "approvals:fund_booking": _a_stream_of,
    "approvals:fund_agreement": lambda w: {"put": "", "stream": w.later_stream.reference},
    "quotes-evidence-list": _need,
    "quotes-evidence-detail": _need,
    "quotes-evidence-ask": lambda w: {"supplier_name": "Eastgate"},
    "quotes-evidence-answer": lambda w: {"number": w.quote.pk, "answer": "declined"},
    "quotes-evidence-choose": lambda w: {"number": w.quote.pk},
}
