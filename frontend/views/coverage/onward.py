"""Where a convenor goes on from a gap: ask for offers, commission, or try out what would help. The addresses live here alone."""

from math import ceil
from urllib.parse import urlencode

from django.urls import reverse

from marketplace.coverage.queries import ShownCell


def call_for_offers(cell: ShownCell) -> str:
    """Ask providers for the days that brokering cannot meet."""
    return onward("partnership:new_call", **_about(cell), days=_days(cell))


def commission(cell: ShownCell) -> str:
    """Commission those days."""
    return onward("partnership:new_commission", **_about(cell), days=_days(cell))


def try_out(cell: ShownCell) -> str:
    """See what a change would do, without changing anything."""
    return onward("coverage:new_whatif", **_about(cell))


def onward(name: str, **query: str) -> str:
    """The page of this name, filled in with what is known."""
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"


def _about(cell: ShownCell) -> dict[str, str]:
    return {"theme": cell.theme, "phase": cell.phase, "ward": cell.ward}


def _days(cell: ShownCell) -> str:
    """Whole days short of capacity or reach; of all that is unmet where brokering could meet it."""
    return str(ceil(cell.capacity_gap + cell.reach_gap - 0.005) or ceil(cell.unmet - 0.005) or "")
