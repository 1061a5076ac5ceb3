"""A person's work: what waits for them, from every capability that keeps something waiting, and what comes up."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from marketplace.billing.queries import desk as finance
from marketplace.bookings import queries as bookings
from marketplace.bookings.queries import courses
from marketplace.brokerage import queries as brokerage
from marketplace.buyback import queries as buyback
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.access import Actor
from marketplace.kernel.work import WorkItem
from marketplace.notifications import queries as notifications
from marketplace.organisations import queries as organisations
from marketplace.partnership import queries as partnership


def awaiting(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Everything that waits for the person, in whatever role: what has a date first, the soonest on top."""
    items = [
        *bookings.awaiting(actor, now=now),
        *courses.awaiting(actor, now=now),
        *brokerage.awaiting(actor, now=now),
        *buyback.awaiting(actor, now=now),
        *finance.awaiting(actor, now=now),
        *catalogue.awaiting(actor),
        *partnership.awaiting(actor, now=now),
        *organisations.awaiting(actor),
        *organisations.interests_to_confirm(actor),
        *organisations.networks_to_answer(actor),
        *notifications.awaiting(actor),
    ]
    return sorted(items, key=lambda item: item.sort_key)


def coming_up(actor: Actor, *, now: datetime) -> QuerySet[Any]:
    """Confirmed sessions the person has to do with, soonest first."""
    return bookings.upcoming(actor, now=now)
