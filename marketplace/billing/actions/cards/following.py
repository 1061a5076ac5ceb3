"""Looking again: fetch a payment from the network, outside any transaction, and apply what is found."""

from django.utils import timezone

from marketplace.billing import crash_points
from marketplace.billing.actions.cards.applying import apply_intent
from marketplace.billing.actions.cards.starting import move
from marketplace.billing.gateways import Unknown
from marketplace.billing.models import CardPayment
from marketplace.billing.network import is_simulated, network
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action


def look_again(intent_id: str) -> CardPayment | None:
    """Fetch the network's payment, and bring ours to where it is. Raises `Unsettled` where the network does not answer."""
    try:
        intent = network().get(intent_id)
    except Unknown:
        return _forgotten(intent_id=intent_id) if is_simulated() else _looked(intent_id=intent_id)
    crash_points.reached(crash_points.FETCHED)
    payment = apply_intent(intent=intent)
    crash_points.reached(crash_points.APPLIED)
    return payment


@action
def _forgotten(*, intent_id: str) -> CardPayment | None:
    """The stand-in forgets everything when it stops: what was open then comes to nothing."""
    payment = CardPayment.objects.select_for_update(no_key=True).filter(intent_id=intent_id).first()
    if payment and payment.is_open:
        move(payment, "cancel", actor=SYSTEM, note="The simulated card network was started anew.")
    return payment


@action
def _looked(*, intent_id: str) -> CardPayment | None:
    CardPayment.objects.filter(intent_id=intent_id).update(looked_at=timezone.now())
    return CardPayment.objects.filter(intent_id=intent_id).first()
