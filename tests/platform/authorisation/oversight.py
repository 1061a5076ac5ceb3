"""What looking back on coverage adds to the world: a board meeting that was shown a snapshot."""

from typing import Any

from django.utils import timezone

from marketplace.coverage.models import BoardDate, Snapshot


def lay_out(world: Any) -> None:
    """The newest snapshot of the area was shown to a board today."""
    world.shown = BoardDate.objects.create(
        snapshot=Snapshot.objects.filter(area=world.area).latest("number"),
        day=timezone.localdate(),
        meeting="Board",
        marked_by_name="Convenor",
    )


VALUES: dict[str, Any] = {"coverage:take_back pk": lambda w: w.shown.pk}


def _meeting(world: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "meeting": "Board",
        "snapshot": world.shown.snapshot.number,
        "day-day": today.day,
        "day-month": today.month,
        "day-year": today.year,
    }


BODIES: dict[str, Any] = {"coverage:board": _meeting, "coverage:settings": lambda w: {"defaults": ""}}
