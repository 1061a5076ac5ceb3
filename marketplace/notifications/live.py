"""Frames to open pages: stored first, pushed second.

A frame says that something changed, never what: the page asks the server again, and so each person sees what they may. Its
`Audience` is checked against live memberships whenever the frame is handed out, once more for every push and every poll,
so somebody who lost a role yesterday, or a second ago, hears nothing.
"""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction
from django.db.models import Max, Q

from marketplace.kernel.access import Actor, Role
from marketplace.notifications.models import LiveFrame
from marketplace.organisations.models import Membership, OrganisationKind, User

log = logging.getLogger(__name__)

# Every web process listens on this one group and hands out to its own sockets.
GROUP = "live"
AREA_HEARERS = (Role.CONVENOR, Role.BOARD_MEMBER)
MOST_FRAMES_AT_ONCE = 50
# Any number: it names the lock under which frames get their numbers, so that numbers become visible in order.
_NUMBERING = 7_301_542


@dataclass(frozen=True)
class Audience:
    """Those who satisfy all that is set: the person, a role at the organisation, convenor or board member of the area."""

    user: int | None = None
    organisation: int | None = None
    area: int | None = None


def broadcast(kind: str, audience: Audience, payload: dict[str, Any] | None = None) -> LiveFrame:
    """Store a frame for `audience` and push it when the transaction commits. `payload` is small: `text` is read out."""
    [frame] = broadcast_all(kind, [audience], payload)
    return frame


def broadcast_all(
    kind: str, audiences: Iterable[Audience], payload: dict[str, Any] | None = None
) -> list[LiveFrame]:
    """The same frame for several audiences. A page of somebody who belongs to two of them asks twice, which does no harm."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
        frames = [
            LiveFrame.objects.create(
                kind=kind,
                payload=payload or {},
                user_id=a.user,
                organisation_id=a.organisation,
                area_id=a.area,
            )
            for a in audiences
        ]
        for frame in frames:
            transaction.on_commit(partial(_push, {"type": "live.frame"} | _audience_and_frame(frame)))
    return frames


def tell_watchers(kind: str, subject: str) -> None:
    """Push a frame to the pages that look at `subject` (a person’s calendar) when the transaction commits. It is not stored.

    It says only that something about the subject may have changed, which whoever has the page open could find out by loading it again:
    no more than the subject’s own reference, which the page shows. A page without a socket loads its calendar again every half minute.
    """
    message = {
        "type": "live.watched",
        "topic": topic(kind, subject),
        "frame": {"kind": kind, "subject": subject},
    }
    transaction.on_commit(partial(_push, message))


def topic(kind: str, subject: str) -> str:
    """What a page names when it opens its socket, to hear of a subject: `slot:PR-7F3K9X`."""
    return f"{kind}:{subject}"


def may_watch(user_ids: Iterable[int]) -> set[int]:
    """Of these people, those who may look at calendars at this moment: active, with a role anywhere. One query."""
    held = Membership.objects.filter(ended_at__isnull=True).values("user")
    people = User.objects.filter(is_active=True, pk__in=list(user_ids)).filter(pk__in=held)
    return set(people.values_list("pk", flat=True))


def close_sockets(user_id: int) -> None:
    """Close every socket of a person; their pages come back and are let in by what they hold now."""
    _push({"type": "live.close", "user": user_id})


def frame_of(row: LiveFrame) -> dict[str, Any]:
    """The frame as a page receives it."""
    return {"kind": row.kind, "id": row.pk, **row.payload}


def hearers(audience: Audience) -> set[int]:
    """Ids of the people who may hear a frame for `audience` at this moment. One query."""
    people = User.objects.filter(is_active=True)
    if audience.user is not None:
        people = people.filter(pk=audience.user)
    if audience.organisation is not None:
        people = people.filter(pk__in=_with_a_role_at(audience.organisation))
    if audience.area is not None:
        people = people.filter(pk__in=_overseeing(audience.area))
    return set(people.values_list("pk", flat=True)) if audience != Audience() else set()


def frames_for(actor: Actor, *, since: int) -> list[LiveFrame]:
    """The frames after number `since` that the person may hear, oldest first, the newest 50 of them."""
    if actor.user_id is None:
        return []
    mine = (
        (Q(user=None) | Q(user=actor.user_id))
        & (Q(organisation=None) | Q(organisation__in=list(actor.roles)))
        & (Q(area=None) | Q(area__in=actor.in_area(*AREA_HEARERS)))
    )
    newest = LiveFrame.objects.filter(mine, pk__gt=since).order_by("-pk")[:MOST_FRAMES_AT_ONCE]
    return list(reversed(newest))


def last_frame() -> int:
    """The number of the newest frame, from which a page opened now counts on."""
    return LiveFrame.objects.aggregate(last=Max("pk"))["last"] or 0


def _with_a_role_at(organisation_id: int) -> Any:
    """People with a role there; a trust's lead has one at each of its schools (`organisations.queries.actor_for`)."""
    held = Membership.objects.filter(ended_at__isnull=True)
    there = Q(organisation=organisation_id)
    leads = Q(role=Role.TRUST_LEAD, organisation__trust_schools=organisation_id)
    return held.filter(there | leads).values("user")


def _overseeing(area_id: int) -> Any:
    return Membership.objects.filter(
        ended_at__isnull=True,
        role__in=AREA_HEARERS,
        organisation__kind=OrganisationKind.LOCAL_AUTHORITY,
        organisation__area=area_id,
    ).values("user")


def _audience_and_frame(row: LiveFrame) -> dict[str, Any]:
    audience = Audience(user=row.user_id, organisation=row.organisation_id, area=row.area_id)
    return {"audience": asdict(audience), "frame": frame_of(row)}


def _push(message: dict[str, Any]) -> None:
    """Hand a message to the channel layer. A page that misses it asks within half a minute, so a failure is only noted."""
    layer = get_channel_layer()
    try:
        async_to_sync(layer.group_send)(GROUP, message)
    except Exception:  # whatever the layer's server does wrong, what was stored stays
        log.exception("A live update could not be pushed; open pages will ask for it.")
