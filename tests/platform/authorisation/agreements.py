"""What agreements add to the world: one to accept, one to approve, one in force, one with notice given, one to order again."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from marketplace.buyback.actions import terminate_agreement
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, FINANCIAL
from tests.builders.buyback import a_package, a_window, an_agreement, an_edition


def lay_out(world: Any) -> None:
    """All between the school and the provider of the scene."""
    parties: dict[str, Any] = {"school": world.scene.school, "seller": world.scene.provider}
    unaccepted: dict[str, Any] = {"accepted_by": None, "accepted_name": "", "accepted_at": None}
    world.to_accept = an_agreement(status="awaiting_approval", **parties, **unaccepted)
    world.to_decide = an_agreement(status="awaiting_approval", requested_by=world.people["staff"], **parties)
    world.running = an_agreement(years=3, calendar=FINANCIAL, **parties)
    world.noticed = an_agreement(years=3, calendar=FINANCIAL, **parties)
    terminate_agreement(
        actor=SYSTEM, agreement=world.noticed, ground="buyer_notice", last_day=_later(), reason="Because"
    )
    package = a_package(world.scene.provider)
    world.again = an_agreement(calendar=ACADEMIC, **parties)
    world.again.lines.update(edition=an_edition(package, window=world.again.window))
    following = a_window(
        world.area, calendar=ACADEMIC, first_day=world.again.ends_on + timedelta(days=1), state="open"
    )
    an_edition(package, window=following)


def _later() -> date:
    """Well after three months' notice, well within three years."""
    return timezone.localdate() + timedelta(days=120)


def _date(name: str, day: date) -> dict[str, Any]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


_DECIDED = ("approve", "refuse", "withdraw")

VALUES: dict[str, Any] = {
    "agreements reference": lambda w: w.running.reference,
    "agreement reference": lambda w: w.running.reference,
    "agreements:accept reference": lambda w: w.to_accept.reference,
    "agreement-accept-terms reference": lambda w: w.to_accept.reference,
    **{f"agreements:{name} reference": lambda w: w.to_decide.reference for name in ("approve", "withdraw")},
    **{f"agreement-{name} reference": lambda w: w.to_decide.reference for name in _DECIDED},
    "agreements:take_back reference": lambda w: w.noticed.reference,
    "agreements:renew reference": lambda w: w.again.reference,
}

QUERIES: dict[str, Any] = {
    "agreements:end": lambda w: (
        {"ground": "buyer_notice"} | _date("told_on", timezone.localdate()) | _date("last_day", _later())
    ),
    "agreements:convert": lambda w: (
        {"successor": w.scene.school.organisation.reference} | _date("on", _later())
    ),
    "agreement-ending-cost": lambda w: {"ground": "agreed", "last_day": _later().isoformat()},
}

BODIES: dict[str, Any] = {
    "agreements:accept": lambda w: {"capacity": "Headteacher", "agree": "on"},
    "agreement-accept-terms": lambda w: {"capacity": "Headteacher"},
}
