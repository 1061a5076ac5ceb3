"""What one may read of notifications: one's own, as long as one has to do with the organisation they are about."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.notifications import live
from marketplace.notifications.models import Notification


@dataclass(frozen=True)
class Badge:
    """What the frame of a page shows and counts on from."""

    unread: int
    last_frame: int


def visible_to(actor: Actor) -> QuerySet[Notification]:
    """The person's notifications, newest first. Those about an organisation they have left are gone with it."""
    if actor.user_id is None:
        return Notification.objects.none()
    here = Q(organisation=None) | Q(organisation__in=list(actor.roles))
    return Notification.objects.filter(here, user=actor.user_id).select_related("organisation")


def notification_for(actor: Actor, reference: str) -> Notification:
    """One of the person's notifications; `NotFound` where it is somebody else's."""
    found = visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def unread_count(actor: Actor) -> int:
    """How many notifications the person has not read."""
    return visible_to(actor).filter(read_at__isnull=True).count()


def badge_of(actor: Actor) -> Badge:
    """The badge's number and the newest frame's."""
    return Badge(unread=unread_count(actor), last_frame=live.last_frame())
