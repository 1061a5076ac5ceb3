"""Where a convenor goes on from a gap: ask for offers, commission, or try out what would help. The addresses live here alone."""

from math import ceil
from urllib.parse import urlencode

from django.urls import reverse

from marketplace.coverage.disclosure import PUBLIC_SCHOOLS, ROUNDED_TO
from marketplace.coverage.queries import ShownCell
from marketplace.organisations.models import Area


def call_for_offers(area: Area, cell: ShownCell) -> str:
    """Ask providers for the days that brokering cannot meet: in fives, and of a ward only where enough schools stand behind it.

    Providers read a call, and one school's need is not for them (`coverage.disclosure`). A convenor may still type it.
    """
    about = _about(area, cell)
    where = ", ".join(part for part in (cell.theme_name, cell.phase_label.lower(), cell.ward_name) if part)
    if (cell.schools or 0) < PUBLIC_SCHOOLS:
        about["ward"] = ""
    days = ROUNDED_TO * ceil(_days(cell) / ROUNDED_TO)
    return onward("partnership:new_call", **about, days=str(days or ""), origin=f"Coverage: {where}")


def commission(area: Area, cell: ShownCell) -> str:
    """Commission those days."""
    return onward("partnership:new_commission", **_about(area, cell), days=str(_days(cell) or ""))


def try_out(area: Area, cell: ShownCell) -> str:
    """See what a change would do, without changing anything."""
    return onward("coverage:new_whatif", **_about(area, cell))


def onward(name: str, **query: str) -> str:
    """The page of this name, filled in with what is known."""
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"


def _about(area: Area, cell: ShownCell) -> dict[str, str]:
    return {"area": area.code, "theme": cell.theme, "phase": cell.phase, "ward": cell.ward}


def _days(cell: ShownCell) -> int:
    """Whole days short of capacity or reach; of all that is unmet where brokering could meet it."""
    return ceil(cell.capacity_gap + cell.reach_gap - 0.005) or ceil(cell.unmet - 0.005)
