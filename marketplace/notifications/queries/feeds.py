"""A person's calendar addresses, and what is behind one when a program asks for it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.notifications.errors import FeedGone
from marketplace.notifications.feeds import calendars
from marketplace.notifications.feeds.entries import Entry, Span
from marketplace.notifications.feeds.sources import SOURCES
from marketplace.notifications.models import CalendarFeed
from marketplace.organisations.models import Organisation
from marketplace.organisations.queries import actor_for, organisations_of

PAST = timedelta(days=90)
FUTURE = timedelta(days=550)
"""What a feed covers: the last three months, so that what was cancelled is taken out of calendars, and a year and a half to come."""


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def feeds_of(actor: Actor) -> QuerySet[CalendarFeed]:
    """The person's calendar addresses that work, their own first."""
    rows = CalendarFeed.objects.filter(user=actor.user_id, revoked_at__isnull=True)
    return rows.select_related("organisation").order_by("organisation__name", "pk")


def feed_for(actor: Actor, reference: str) -> CalendarFeed:
    """One of the person's addresses; `NotFound` where it is somebody else's."""
    found = feeds_of(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class CalendarChoice:
    """A calendar the person can have: their own (no organisation) or that of one of theirs, with its address if there is one."""

    organisation: Organisation | None
    feed: CalendarFeed | None


def calendars_of(actor: Actor) -> list[CalendarChoice]:
    """The calendars the person can have. A few queries."""
    feeds = {feed.organisation_id: feed for feed in feeds_of(actor)}
    places: list[Organisation | None] = [None, *organisations_of(actor)]
    return [CalendarChoice(each, feeds.get(each.pk if each else None)) for each in places]


def calendar_at(token: str, *, now: datetime) -> tuple[CalendarFeed, bytes]:
    """The calendar behind an address, for who has it now: roles are read anew each time it is asked for.

    Raises `FeedGone` where the address was taken back, `NotFound` where there is none or its person has left.
    """
    feed = (
        CalendarFeed.objects.select_related("user", "organisation").filter(token_hash=hash_of(token)).first()
    )
    if feed is None:
        raise NotFound
    if feed.revoked_at is not None:
        raise FeedGone("This calendar address was taken back.", remedy="Make a new one under Calendars.")
    actor = actor_for(feed.user)
    if not may_have(actor, feed.organisation_id):
        raise NotFound
    return feed, calendars.write(name_of(feed), entries_of(actor, feed, now=now), details=feed.shows_details)


def may_have(actor: Actor, organisation_id: int | None) -> bool:
    """Whether the person may have their own calendar (with any role anywhere), or that of an organisation (with one there)."""
    return bool(actor.roles) if organisation_id is None else organisation_id in actor.roles


def entries_of(actor: Actor, feed: CalendarFeed, *, now: datetime) -> list[Entry]:
    """What is in a feed, the earliest first."""
    span = Span(now - PAST, now + FUTURE)
    found: list[Entry] = []
    for source in SOURCES:
        if feed.organisation_id is None:
            found += source.of_person(actor, span)
        else:
            found += source.of_organisation(actor, feed.organisation_id, span)
    return sorted(found, key=lambda entry: (entry.starts_at, entry.uid))


def name_of(feed: CalendarFeed) -> str:
    """What the calendar is called in the reader's program."""
    return f"Support: {feed.organisation}" if feed.organisation else "Support: my own sessions"
