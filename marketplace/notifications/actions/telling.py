"""Telling people, and their marking what they have read."""

from collections.abc import Iterable

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.notifications import live, queries
from marketplace.notifications.live import Audience
from marketplace.notifications.models import Choice, Notification
from marketplace.notifications.queries.preferences import chosen_by
from marketplace.notifications.rules import Message, Recipient
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import User


@action
def tell(*, to: Iterable[Recipient], message: Message, effect: str) -> list[Notification]:
    """Tell each of `to` once: a row, a live frame, and an e-mail to who has chosen (or not undone) to get it at once.

    `effect` names what happened (`booking:17:confirmed`): a job that runs twice tells once.
    """
    told = []
    for recipient in {r.user_id: r for r in to}.values():
        row, is_new = Notification.objects.get_or_create(
            user_id=recipient.user_id,
            effect=effect,
            defaults={
                "organisation_id": recipient.organisation_id,
                "kind": message.kind,
                "title": message.title[:200],
                "body": message.body,
                "path": message.path,
            },
        )
        if is_new:
            told.append(row)
    chosen = chosen_by([row.user_id for row in told], message.kind) if told else {}
    for row in told:
        if chosen[row.user_id] == Choice.AT_ONCE:
            app.configure_task("send_email", queue="notifications").defer(notification_id=row.pk)
    for row in told:
        live.broadcast(
            "notification", Audience(user=row.user_id, organisation=row.organisation_id), _hint(row)
        )
    return told


def _hint(row: Notification) -> dict[str, object]:
    actor = organisations.actor_for(User.objects.get(pk=row.user_id))
    return {"text": row.title, "unread": queries.unread_count(actor)}


@action
def mark_read(*, actor: Actor, notification: Notification) -> None:
    """Mark one of the person's notifications as read; `NotFound` where it is somebody else's."""
    row = queries.notification_for(actor, notification.reference)
    if row.read_at is None:
        row.read_at = timezone.now()
        row.save(update_fields=["read_at"])
        show_unread(actor)


@action
def mark_all_read(*, actor: Actor) -> int:
    """Mark all the person's notifications as read; how many there were."""
    changed = queries.visible_to(actor).filter(read_at__isnull=True).update(read_at=timezone.now())
    if changed:
        show_unread(actor)
    return changed


def show_unread(actor: Actor) -> None:
    """The badge of the person's other open pages follows."""
    live.broadcast("read", Audience(user=actor.user_id), {"unread": queries.unread_count(actor)})
