"""What the network tells us: kept once per event, and looked into by a worker afterwards."""

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.billing import crash_points
from marketplace.billing import network as card_network
from marketplace.billing.actions.cards.answers import note_leg
from marketplace.billing.actions.cards.following import look_again
from marketplace.billing.actions.cards.paying_out import look_at_account
from marketplace.billing.actions.cards.refunding import leg_bounced
from marketplace.billing.gateways import Done, Event, Outcome
from marketplace.billing.models import CardPayment, GatewayEvent, LegStatus, RefundLeg
from marketplace.billing.network import environment, network
from marketplace.kernel.db import action

PROVIDER = "stripe"
JOB = "look_into_card_event"


def receive_event(*, body: bytes, signature: str) -> None:
    """Keep a webhook's event, once, and have it looked into. Raises `NotGenuine`."""
    keep_event(event=card_network.client().verify(body, signature), source="webhook")


@action
def keep_event(*, event: Event, source: str) -> bool:
    """Insert the event or leave it: one already in the inbox is not looked into twice. Whether it was new."""
    row, is_new = GatewayEvent.objects.get_or_create(
        provider=PROVIDER,
        event_id=event.id,
        defaults={
            "kind": event.kind[:80],
            "object_id": event.object_id[:80],
            "metadata": dict(event.metadata),
            "account_id": event.account_id[:80],
            "happened_at": event.happened_at,
            "source": source,
        },
    )
    if is_new:
        app.configure_task(JOB, queue="cards").defer(event_id=row.pk)
    return is_new


def look_into(event_id: int) -> None:
    """Fetch the object an event speaks of, where it is ours, and apply what is found. Running it again changes nothing."""
    crash_points.reached(crash_points.EVENT_STORED)
    event = GatewayEvent.objects.get(pk=event_id)
    if event.handled_at is None:
        _mark(event_id=event_id, is_ours=_look(event))


def _look(event: GatewayEvent) -> bool:
    """Whether the event was about something of ours, told by the marks we put on it."""
    if event.kind.startswith("account."):
        return look_at_account(event.account_id or event.object_id) is not None
    if event.object_id.startswith("re_"):
        return look_at_refund(event.object_id)
    if not event.object_id.startswith("pi_"):
        return False
    known = CardPayment.objects.filter(intent_id=event.object_id).exists()
    if not known and event.metadata.get("exchange") != environment():
        return False
    return look_again(event.object_id) is not None


def look_at_refund(refund_id: str) -> bool:
    """Fetch a refund again and bring its leg to where it is; whether it is ours. One that was carried out may still come back."""
    leg = RefundLeg.objects.filter(object_id=refund_id).first()
    if leg is None:
        return False
    if leg.status in (LegStatus.SENT, LegStatus.DONE):
        _note_refund(leg_id=leg.pk, done=network().refund_of(refund_id))
    return True


@action
def _note_refund(*, leg_id: int, done: Done) -> None:
    leg = RefundLeg.objects.select_related("refund__payment", "payout").get(pk=leg_id)
    CardPayment.objects.select_for_update(no_key=True).get(pk=leg.refund.payment_id)
    leg.refresh_from_db(fields=["status", "object_id"])
    leg.refund.refresh_from_db(fields=["status"])
    if leg.object_id != done.id:
        return  # it was sent anew meanwhile
    if leg.status == LegStatus.SENT:
        note_leg(leg, done)
    elif leg.status == LegStatus.DONE and done.outcome == Outcome.FAILED:
        leg_bounced(leg, done.error or "The bank of the card sent the money back.")


@action
def _mark(*, event_id: int, is_ours: bool) -> None:
    GatewayEvent.objects.filter(pk=event_id, handled_at__isnull=True).update(
        handled_at=timezone.now(), is_ours=is_ours
    )
