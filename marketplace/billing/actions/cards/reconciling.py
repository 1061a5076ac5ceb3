"""Not trusting that we were told: every ten minutes the network is asked what happened, and about everything that is not at its end."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Max, Q, Sum
from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.billing.actions.cards import starting
from marketplace.billing.actions.cards.asking import enqueue
from marketplace.billing.actions.cards.following import look_again
from marketplace.billing.actions.cards.inbox import JOB, keep_event, look_at_refund
from marketplace.billing.events import CardMoneyHeld
from marketplace.billing.gateways import Refused, Unsettled
from marketplace.billing.models import (
    OPEN_CARD_PAYMENT,
    CallAction,
    CallStatus,
    CardPayment,
    CardPaymentStatus,
    GatewayCall,
    GatewayEvent,
    LegStatus,
    NetworkBalance,
    RefundLeg,
)
from marketplace.billing.network import is_simulated, network, takes_cards
from marketplace.billing.postings import UNIT, Purpose
from marketplace.billing.queries.cards import held_over
from marketplace.billing.rules import ALERT_AFTER_DAYS
from marketplace.kernel import events
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.models import Account, Ledger

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=30)
FIRST_LOOK = timedelta(days=1)
ASKED_ABOUT_AFTER = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(hours=24)
FEE_KNOWN_WITHIN = timedelta(days=7)


def reconcile(*, now: datetime | None = None) -> int:
    """Take in events we were not sent, resume calls without an answer, and look again at all that is not at its end.

    How many events were new. One thing that fails keeps no other from being looked at.
    """
    if not takes_cards():
        return 0
    now = now or timezone.now()
    missed = _take_in_events(now)
    for call_id in _unanswered(now):
        _by_itself(f"call {call_id}", partial(_resume, call_id=call_id))
    for payment in _not_at_their_end(now):
        _by_itself(f"payment {payment.reference}", partial(_look, payment, now))
    for leg in RefundLeg.objects.filter(status=LegStatus.SENT).exclude(object_id=""):
        _by_itself(f"refund leg {leg.pk}", partial(look_at_refund, leg.object_id))
    return missed


def _take_in_events(now: datetime) -> int:
    seen = GatewayEvent.objects.aggregate(last=Max("happened_at"))["last"] or now - FIRST_LOOK
    found: list[bool] = []

    def take_in() -> None:
        found.extend(keep_event(event=event, source="reconcile") for event in network().since(seen - OVERLAP))

    _by_itself("events", take_in)
    waiting = GatewayEvent.objects.filter(handled_at__isnull=True, received_at__lt=now - ASKED_ABOUT_AFTER)
    for event_id in waiting.values_list("pk", flat=True):
        app.configure_task(JOB, queue="cards").defer(event_id=event_id)
    return sum(found)


def _unanswered(now: datetime) -> list[int]:
    """Calls asked for a while ago: their job may have died or given up."""
    pending = GatewayCall.objects.filter(status=CallStatus.PENDING, created_at__lt=now - ASKED_ABOUT_AFTER)
    return list(pending.values_list("pk", flat=True))


@action
def _resume(*, call_id: int) -> None:
    enqueue(call_id)


def _not_at_their_end(now: datetime) -> list[CardPayment]:
    recently = now - ASKED_ABOUT_AFTER
    is_due = Q(looked_at__isnull=True) | Q(looked_at__lt=recently)
    is_open = Q(status__in=OPEN_CARD_PAYMENT, started_at__lt=recently)
    # What the network keeps it may say a while after it took the money; until then nothing is passed on.
    wants_fee = Q(status=CardPaymentStatus.PAID, fee_pence=0, paid_at__gt=now - FEE_KNOWN_WITHIN)
    wanted = is_open if is_simulated() else is_open | wants_fee
    return list(CardPayment.objects.filter(is_due, wanted, intent_id__isnull=False).order_by("pk"))


def _look(payment: CardPayment, now: datetime) -> None:
    """See where a payment stands; one nobody finished within a day is given up, so that it can't be paid long after."""
    assert payment.intent_id is not None
    found = look_again(payment.intent_id)
    waits_for_payer = (CardPaymentStatus.AWAITING_CARD, CardPaymentStatus.DECLINED)
    if found and found.started_at < now - GIVEN_UP_AFTER:
        found.refresh_from_db()
        if found.status in waits_for_payer and not _is_being_given_up(found):
            starting.give_up(actor=SYSTEM, payment=found)


def _is_being_given_up(payment: CardPayment) -> bool:
    return GatewayCall.objects.filter(
        action=CallAction.CANCEL, subject_id=payment.pk, attempt=payment.attempt
    ).exists()


def _by_itself(what: str, look: Callable[[], object]) -> None:
    try:
        look()
    except (Unsettled, Refused) as error:
        log.warning("The card network gave no answer about %s: %s", what, error)
    except Exception:
        log.exception("Where %s stands could not be found out", what)


@action
def compare_balance(*, network_pence: int) -> NetworkBalance:
    """Keep what network and ledger say lies with the network today, once a day."""
    clearing = Account.objects.filter(ledger=Ledger.MONEY, purpose=Purpose.CARD_CLEARING, unit=UNIT)
    ledger_pence = -(clearing.aggregate(sum=Sum("balance"))["sum"] or 0) + _promised_back()
    row, _ = NetworkBalance.objects.get_or_create(
        day=local(timezone.now()).date(),
        defaults={"network_pence": network_pence, "ledger_pence": ledger_pence},
    )
    if row.difference_pence:
        log.error("Card network and ledger differ by %s pence.", row.difference_pence)
    return row


def compare_with_network() -> NetworkBalance | None:
    """Ask the network what lies with it, and compare; nothing where it can't tell. Bank transfers from it are left out on both sides."""
    if not takes_cards() or is_simulated():
        return None
    pence = network().balance()
    return None if pence is None else compare_balance(network_pence=pence)


def _promised_back() -> int:
    """Refunds that left the books when they were asked for, and are not yet carried out."""
    legs = RefundLeg.objects.filter(leg="refund").exclude(status=LegStatus.DONE)
    return legs.exclude(refund__status="done").aggregate(sum=Sum("pence"))["sum"] or 0


@action
def tell_of_held_money() -> int:
    """Announce money held for long; who is told, and that each is told once, is for those who listen."""
    found = held_over(ALERT_AFTER_DAYS)
    for each in found:
        events.publish(CardMoneyHeld(each.payment.pk, each.state.value))
    return len(found)
