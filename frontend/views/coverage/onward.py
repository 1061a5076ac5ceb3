"""Where a convenor goes on from a gap: ask for offers, commission, or try out what would help. The addresses live here alone."""

from urllib.parse import urlencode

from django.urls import reverse

from marketplace.coverage.queries import ShownCell, days_short, told_to_providers
from marketplace.organisations.models import Area


def call_for_offers(area: Area, cell: ShownCell) -> str:
    """Ask providers for the days that brokering cannot meet, as far as providers may be told. A convenor may still type more."""
    where = ", ".join(part for part in (cell.theme_name, cell.phase_label.lower(), cell.ward_name) if part)
    days, ward = told_to_providers(cell)
    about = _about(area, cell) | {"ward": ward}
    return onward("partnership:new_call", **about, days=str(days or ""), origin=f"Coverage: {where}")


def commission(area: Area, cell: ShownCell) -> str:
    """Commission those days."""
    return onward("partnership:new_commission", **_about(area, cell), days=str(days_short(cell) or ""))


def try_out(area: Area, cell: ShownCell) -> str:
    """See what a change would do, without changing anything."""
    return onward("coverage:new_whatif", **_about(area, cell))


def onward(name: str, **query: str) -> str:
    """The page of this name, filled in with what is known."""
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"


def _about(area: Area, cell: ShownCell) -> dict[str, str]:
    return {"area": area.code, "theme": cell.theme, "phase": cell.phase, "ward": cell.ward}
