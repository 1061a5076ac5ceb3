"""What the pages of balances share: the tabs, and the bookings behind movements."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from marketplace.bookings import queries as bookings
from marketplace.buyback import queries
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.models import Transfer

SELLING = (Role.PROVIDER_LEAD, Role.FINANCE, Role.CONVENOR)


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The pages of balances that have something for this person."""
    actor: Actor = request.actor
    entries = [("index", "Packages", True), ("credits", "Bank of days", True)]
    if actor.organisations(*SELLING):
        entries.insert(1, ("sold", "What was sold", True))
    if queries.areas_valued_by(actor).exists():
        entries.append(("credit_values", "What a credit is worth", True))
    return [
        {"text": text, "href": reverse(f"balances:{name}"), "current": name == current}
        for name, text, _ in entries
    ]


def bookings_behind(actor: Actor, transfers: Iterable[Transfer]) -> dict[int, str]:
    """References of the bookings that transfers were for, by key: those the person may see."""
    wanted = queries.bookings_of(transfers)
    return dict(bookings.visible_to(actor).filter(pk__in=wanted).values_list("pk", "reference"))
