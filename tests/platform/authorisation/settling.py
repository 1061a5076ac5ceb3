"""What settling adds to the world: a statement, a claim for cover, a self-billing agreement, a journal run and what waits for the next."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from marketplace.billing.actions import run_journals
from marketplace.billing.models import BackfillClaim, SelfBillingAgreement, SettlementStatement
from marketplace.kernel.access import SYSTEM
from tests.builders.billing import a_document


def lay_out(world: Any) -> None:
    """A run of the journals so far and one paper more; between the provider and the releasing school a statement and a claim."""
    scene, today = world.scene, timezone.localdate()
    broker, supplier = scene.provider, scene.releasing.organisation
    a_document(supplier=broker, buyer=scene.school.organisation)
    world.journal_run = run_journals(actor=SYSTEM, area=world.area, month=today)
    a_document(supplier=broker, buyer=scene.school.organisation)
    world.settlement = SettlementStatement.objects.create(
        status="awaiting_invoice",
        broker=broker,
        supplier=supplier,
        period_from=today,
        period_to=today,
        net_pence=100,
    )
    world.self_billing = SelfBillingAgreement.objects.create(
        broker=broker,
        supplier=supplier,
        signed_name="Ada Head",
        signed_capacity="Headteacher",
        starts_on=today,
        ends_on=today + timedelta(days=100),
    )
    world.claimed = world._booking("delivered", -20)
    world.claim = BackfillClaim.objects.create(
        booking=world.claimed, cover="supply", cfr_code="E02", pence=100
    )


VALUES: dict[str, Any] = {
    "settling reference": lambda w: w.settlement.reference,
    "settling:new_statement broker": lambda w: w.scene.provider.reference,
    "settling:new_statement supplier": lambda w: w.scene.releasing.organisation.reference,
    "settling:step verb": lambda w: "dispute",
    "settling:end_self_billing reference": lambda w: w.self_billing.reference,
    "settling:claim reference": lambda w: w.delivered.reference,
    "settling:decide reference": lambda w: w.claim.reference,
    "settling:cost_centres code": lambda w: w.area.code,
    "settling:journal_run reference": lambda w: w.journal_run.reference,
    "settling:journal_file reference": lambda w: w.journal_run.reference,
    "settling:journal_file kind": lambda w: "csv",
    "settling:vat reference": lambda w: w.document.reference,
    "settlement reference": lambda w: w.settlement.reference,
    "journal reference": lambda w: w.journal_run.reference,
}


def _up_to_today(world: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {"up_to-day": today.day, "up_to-month": today.month, "up_to-year": today.year}


def _a_year(world: Any) -> dict[str, Any]:
    start = timezone.localdate() + timedelta(days=200)
    end = start + timedelta(days=100)
    days = {
        f"{name}-{part}": getattr(day, part)
        for name, day in (("starts_on", start), ("ends_on", end))
        for part in ("day", "month", "year")
    }
    return days | {
        "supplier": world.scene.releasing.organisation.reference,
        "broker": world.scene.provider.reference,
        "signed_name": "Ada Head",
        "signed_capacity": "Headteacher",
    }


def _this_month(world: Any) -> dict[str, Any]:
    return {"area": world.area.code, "month": timezone.localdate().replace(day=1).isoformat()}


BODIES: dict[str, Any] = {
    "billing:credit": lambda w: {"scope": "all", "reason": "Because"},
    "settling:vat": lambda w: {"treatment": "exempt_education", "reason": "Because"},
    "settling:new_statement": _up_to_today,
    "settling:self_billing": _a_year,
    "settling:claim": lambda w: {"amount": "10", "cover": "supply"},
    "settling:decide": lambda w: {"verb": "accept"},
    "settling:journals": _this_month,
    "settling:cost_centres": lambda w: {
        "organisation": w.scene.school.organisation.reference,
        "code": "12345",
    },
    "journal-run-list": _this_month,
}
