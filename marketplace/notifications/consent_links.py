"""The signed link in an e-mail that asks a releasing headteacher: made when the e-mail is sent, and kept nowhere."""

from django.conf import settings
from django.urls import Resolver404, resolve, reverse

from marketplace.bookings import consent_links
from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import Kind
from marketplace.organisations import queries as organisations


def words_with_link(row: Notification) -> str:
    """What is added to the e-mail: the link and how long it works. Nothing where the question no longer stands for this person."""
    if row.kind != Kind.RELEASE_WANTED:
        return ""
    actor = organisations.actor_for(row.user)
    token = consent_links.token_for(row.user_id, _asked(actor, row.path))
    if not token:
        return ""
    address = settings.SITE_URL + reverse("bookings:consent_link", args=[token])
    return (
        f"\n\nTo consent or say no without signing in, open this link. It works once, for {settings.CONSENT_LINK_DAYS} days"
        f" and for you only: don’t pass it on.\n{address}"
    )


def _asked(actor: Actor, path: str) -> list[Booking]:
    """The bookings a notification asks about: one, or the dates of an order that wait for this person."""
    try:
        match = resolve(path)
    except Resolver404:
        return []
    reference = str(match.kwargs.get("reference", ""))
    try:
        if match.view_name == "bookings:consent_dates":
            return bookings.order_for(actor, reference).to_release(actor)
        return [bookings.booking_for(actor, reference)] if match.view_name == "bookings:consent" else []
    except NotFound:
        return []
