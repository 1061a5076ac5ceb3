"""What quality adds to the world: complaints in two states, designations, and a provider to suspend."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tests.builders import a_provider, an_offer
from tests.builders.quality import a_complaint, a_provider_designation


def lay_out(world: Any) -> None:
    """A complaint to answer and one to decide, a designation of the provider and one of its person."""
    world.raised = a_complaint(world.delivered)
    world.overdue = a_complaint(world.over, answer_due_on=timezone.localdate() - timedelta(days=1))
    world.answered = a_complaint(
        world.charged,
        status="answered",
        answer="We are sorry.",
        answered_at=timezone.now(),
        answered_by_id=world.scene.provider_lead.user_id,
    )
    world.award = a_provider_designation(world.scene.provider)
    world.suspended = an_offer(a_provider(world.area)).provider
    world.suspended.suspended_at = timezone.now()
    world.suspended.save()


def _day(name: str, day: date) -> dict[str, Any]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


VALUES: dict[str, Any] = {
    "quality reference": lambda w: w.scene.provider.reference,
    "quality:lift reference": lambda w: w.suspended.reference,
    "quality number": lambda w: w.award.pk,
    "quality kind": lambda w: "provider",
    "quality:complain reference": lambda w: w.confirmed.reference,
    "quality:complaint reference": lambda w: w.raised.reference,
    "quality:answer reference": lambda w: w.raised.reference,
    "quality:withdraw reference": lambda w: w.raised.reference,
    "quality:settle reference": lambda w: w.answered.reference,
    "quality:decide reference": lambda w: w.overdue.reference,
    "complaint reference": lambda w: w.raised.reference,
}

BODIES: dict[str, Any] = {
    "quality:suspend": lambda w: {"reason": "Three complaints upheld"},
    "quality:lift": lambda w: {"reason": "A new lead"},
    "quality:new_designation": lambda w: {
        "scheme": "Research school",
        "awarded_by": "A foundation",
        **_day("valid_from", timezone.localdate()),
    },
    "quality:end_designation": lambda w: _day("ends", timezone.localdate() + timedelta(days=9)),
    "quality:complain": lambda w: {"subject": "quality", "details": "It was slides all day."},
    "quality:answer": lambda w: {"answer": "We are sorry."},
    "quality:withdraw": lambda w: {"note": "Settled by phone"},
    "quality:decide": lambda w: {"verb": "uphold", "finding": "It was so."},
}
