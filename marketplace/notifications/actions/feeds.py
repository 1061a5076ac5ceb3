"""Making and taking back calendar addresses."""

import secrets
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound
from marketplace.notifications.models import CalendarFeed
from marketplace.notifications.queries import feeds as queries
from marketplace.organisations.models import Organisation, User
from marketplace.organisations.queries import actor_for

NOTED_EVERY = timedelta(hours=1)


@action
def issue_feed(
    *, actor: Actor, organisation: Organisation | None = None, shows_details: bool = False
) -> tuple[CalendarFeed, str]:
    """A new address for a calendar, and its token, which is kept nowhere. An earlier address of the same calendar stops working.

    A calendar of an organisation shows no details, whatever is asked for. `NotFound` for one that is not the person's.
    """
    organisation_id = organisation.pk if organisation else None
    if not queries.may_have(actor, organisation_id):
        raise NotFound
    user = locked(User.objects.all(), pk=actor.user_id)
    _revoke(CalendarFeed.objects.filter(user=user, organisation=organisation_id))
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        user=user,
        organisation_id=organisation_id,
        token_hash=queries.hash_of(token),
        shows_details=shows_details and organisation is None,
    )
    return feed, token


@action
def revoke_feed(*, actor: Actor, feed: CalendarFeed) -> None:
    """Take an address back: it stops working at once."""
    _revoke(CalendarFeed.objects.filter(pk=queries.feed_for(actor, feed.reference).pk))


@action
def show_details(*, actor: Actor, feed: CalendarFeed, shows: bool) -> None:
    """Whether one's own calendar says what a session is about, or only that one is busy."""
    own = queries.feed_for(actor, feed.reference)
    if own.organisation_id is not None:
        raise NotFound
    CalendarFeed.objects.filter(pk=own.pk).update(shows_details=shows)


@action
def revoke_of_departed(*, user_id: int) -> int:
    """Take back the addresses of calendars a person may have no longer; how many."""
    actor = actor_for(User.objects.get(pk=user_id))
    live = CalendarFeed.objects.filter(user=user_id, revoked_at__isnull=True)
    gone = [feed.pk for feed in live if not queries.may_have(actor, feed.organisation_id)]
    return _revoke(CalendarFeed.objects.filter(pk__in=gone))


def _revoke(rows: QuerySet[CalendarFeed]) -> int:
    return rows.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())


@action
def note_asked(*, feed: CalendarFeed) -> None:
    """Remember that a program asked for a feed, to the hour: its person sees whether the address is in use."""
    now = timezone.now()
    if feed.last_asked_at is None or now - feed.last_asked_at > NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_asked_at=now)
