"""Conversations about bookings: between the receiving school, the provider, the releasing organisation and the person who comes.

Each school a session was handed to has its own conversation (the key is the school's id): what the first one wrote is not for the second.
Convenors, governors and finance see a booking and take no part in what its parties write to each other.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.queries.scopes import OTHER_RELEASERS, PROVIDER_SIDE, RELEASERS_OF_SCHOOLS
from marketplace.kernel.access import SCHOOL_BUYERS, SYSTEM, Actor
from marketplace.kernel.errors import NotFound
from marketplace.notifications.conversations.sides import Place, Side, Standing, merged
from marketplace.notifications.models import Conversation
from marketplace.organisations.models import OrganisationKind

OPEN_AFTER_THE_DAY = timedelta(days=90)
"""How long after the session its parties can still write to each other."""


class BookingConversations:
    """The entry of bookings."""

    label = "Booking"

    def find(self, actor: Actor, reference: str, key: str) -> Place:
        booking = bookings.booking_for(actor, reference)
        if not any(side.includes(actor) for side in _sides(booking)):
            raise NotFound
        return Place(booking.pk, str(booking.receiving_school_id))

    def readable(self, actor: Actor) -> Q:
        visible = bookings.visible_to(actor).order_by()
        buying = actor.organisations(*SCHOOL_BUYERS)
        to_schools = Q(releasing_organisation__kind=OrganisationKind.SCHOOL)
        providing = (
            Q(provider__in=actor.organisations(*PROVIDER_SIDE))
            | (to_schools & Q(releasing_organisation__in=actor.organisations(*RELEASERS_OF_SCHOOLS)))
            | (~to_schools & Q(releasing_organisation__in=actor.organisations(*OTHER_RELEASERS)))
            | Q(practitioner__user=actor.user_id)
        )
        bought = visible.filter(receiving_school__in=buying).values("pk")
        return Q(subject_id__in=visible.filter(providing).values("pk")) | Q(
            key__in=[str(pk) for pk in buying], subject_id__in=bought
        )

    def standing(self, conversations: Sequence[Conversation]) -> dict[int, Standing]:
        found = bookings.visible_to(SYSTEM).in_bulk([each.subject_id for each in conversations])
        return {
            each.pk: _standing(found[each.subject_id], each.key)
            for each in conversations
            if each.subject_id in found
        }


def _standing(booking: Booking, key: str) -> Standing:
    handed_on = key != str(booking.receiving_school_id)
    sides = _sides(booking)
    if handed_on:  # the school that had it first reads no more; the others keep what was said
        sides = tuple(side for side in sides if side.organisation_id != booking.receiving_school_id)
    return Standing(
        title=f"{booking.practitioner} at {booking.receiving_school}, {booking.day:%-d %B %Y}",
        path=reverse("bookings:booking", args=[booking.reference]),
        sides=sides,
        closed=_closed(booking, handed_on=handed_on),
    )


def _closed(booking: Booking, *, handed_on: bool) -> str:
    if handed_on:
        return "The session was handed over to another school, which has a conversation of its own."
    if timezone.now() > booking.ends_at + OPEN_AFTER_THE_DAY:
        return f"The session was more than {OPEN_AFTER_THE_DAY.days} days ago."
    return ""


def _sides(booking: Booking) -> tuple[Side, ...]:
    releasing = booking.releasing_organisation
    is_school = releasing.kind == OrganisationKind.SCHOOL
    person = booking.practitioner.user_id
    return merged(
        [
            Side(booking.receiving_school_id, str(booking.receiving_school), SCHOOL_BUYERS),
            Side(booking.provider_id, str(booking.provider), PROVIDER_SIDE),
            Side(
                releasing.pk,
                str(releasing),
                RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS,
                frozenset({person}) if person else frozenset(),
            ),
        ]
    )
