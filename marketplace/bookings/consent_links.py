"""Signed links with which a releasing headteacher decides from an e-mail, without signing in.

A link says which person may decide about which bookings, and the line of each booking's history that asked for it. It has power as long as
all of that still stands: the person holds the role, every booking waits for release since that very line, and the link is young
enough. So it dies when it was used, when the booking moved on or was moved to another day, and when the person left. Nothing is
stored: what a link is good for is read from the booking itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils import timezone

from marketplace.bookings import actions
from marketplace.bookings.errors import LinkDead
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries import scopes
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import User

SALT = "bookings.consent_links"


@dataclass(frozen=True)
class Question:
    """What a link asks of whom: the bookings of one releasing organisation, and the person as they stand now."""

    actor: Actor
    bookings: tuple[Booking, ...]


def token_for(user_id: int, bookings: Sequence[Booking]) -> str:
    """A link's token for a person about bookings that wait for release; empty where one of them does not."""
    asked = {str(booking.pk): _asked_by(booking) for booking in bookings}
    if not asked or None in asked.values():
        return ""
    return signing.dumps({"user": user_id, "asked": asked}, salt=SALT, compress=True)


def question_of(token: str) -> Question:
    """What a token asks now. Raises `LinkDead` for one that is forged, old, used, or about what has moved on. Changes nothing."""
    try:
        said = signing.loads(token, salt=SALT, max_age=timedelta(days=settings.CONSENT_LINK_DAYS))
    except signing.BadSignature as error:
        raise LinkDead from error
    user = User.objects.filter(pk=said["user"], is_active=True).first()
    if user is None:
        raise LinkDead
    actor = organisations.actor_for(user)
    rows = list(
        scopes.visible_to(actor).filter(pk__in=[int(pk) for pk in said["asked"]]).order_by("starts_at")
    )
    stands = len(rows) == len(said["asked"]) and all(_stands(actor, row, said["asked"]) for row in rows)
    if not stands:
        raise LinkDead
    return Question(actor, tuple(rows))


def consent(token: str, *, note: str = "") -> Question:
    """Let the person go for every booking of the link; as `consent_to_release`, and never beyond the days that were agreed."""
    question = question_of(token)
    said = "\n".join(filter(None, [note.strip(), "By the link in the e-mail"]))
    first, *others = question.bookings
    if others and first.order is not None:
        actions.consent_together(actor=question.actor, order=first.order, note=said)
    else:
        actions.consent_to_release(actor=question.actor, booking=first, note=said)
    return question


def refuse(token: str, *, reason: str) -> Question:
    """Keep the person, with the reason."""
    question = question_of(token)
    first, *others = question.bookings
    if others and first.order is not None:
        actions.refuse_release_together(actor=question.actor, order=first.order, reason=reason)
    else:
        actions.refuse_release(actor=question.actor, booking=first, reason=reason)
    return question


def _stands(actor: Actor, booking: Booking, asked: dict[str, int]) -> bool:
    return (
        booking.status == BookingStatus.AWAITING_RELEASE
        and booking.starts_at > timezone.now()
        and _asked_by(booking) == asked[str(booking.pk)]
        and scopes.may(actor, booking, "consent")
    )


def _asked_by(booking: Booking) -> int | None:
    """The line of its history since which it waits for release as it now stands."""
    if booking.status != BookingStatus.AWAITING_RELEASE:
        return None
    lines = history.of(booking).filter(after=BookingStatus.AWAITING_RELEASE)
    return lines.values_list("pk", flat=True).last()
