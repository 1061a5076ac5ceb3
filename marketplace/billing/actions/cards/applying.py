"""What follows from a payment as the network has it: the only way to “paid”, once, whatever told us to look and in whatever order.

Nobody believes an event: it only says which payment to fetch again. What was fetched is applied under the payment's row lock, an end is
never left again, and each effect is noted under the network's own object, so that two events of one payment take effect once (I8).
"""

from django.utils import timezone

from marketplace.billing import rules
from marketplace.billing.actions.cards.starting import move
from marketplace.billing.actions.receipts import record_receipt
from marketplace.billing.events import CardObjectionMoved
from marketplace.billing.gateways import CURRENCY, Intent, IntentStatus
from marketplace.billing.models import AppliedEffect, CardPayment, CardPaymentStatus, ReceiptMethod
from marketplace.billing.network import environment
from marketplace.billing.postings import Entry, Purpose, book
from marketplace.billing.queries.cards import held_detail
from marketplace.billing.states import NEWS
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.money import pounds

CLEARING = (Purpose.CARD_CLEARING, "")


def payment_of(intent: Intent) -> int | None:
    """The key of our payment behind an intent, by the marks it carries; nothing where it is not ours."""
    if intent.metadata.get("exchange") != environment():
        return None
    reference = intent.metadata.get("payment", "")
    return CardPayment.objects.filter(reference=reference).values_list("pk", flat=True).first()


@action
def apply_intent(*, intent: Intent) -> CardPayment | None:
    """Bring our payment to where the network has it, and book what follows. Nothing where it is not ours.

    Paid means: fetched as succeeded, with our amount in our currency. Anything else succeeded is for a person to look at.
    """
    pk = payment_of(intent)
    if pk is None:
        return None
    payment = CardPayment.objects.select_for_update(no_key=True).get(pk=pk)
    CardPayment.objects.filter(pk=pk).update(looked_at=timezone.now())
    if intent.status == IntentStatus.SUCCEEDED:
        _succeeded(payment, intent)
    elif _is_current(payment, intent):
        _moved(payment, intent)
    _note_fee_and_objection(payment, intent)
    return payment


def first_time(object_id: str, effect: str) -> bool:
    """Whether an effect of an object of the network is applied for the first time: notes it if so."""
    _, is_new = AppliedEffect.objects.get_or_create(object_id=object_id, effect=effect)
    return is_new


def _is_current(payment: CardPayment, intent: Intent) -> bool:
    """News of an attempt given up before does not concern the payment any more."""
    return payment.is_open and intent.metadata.get("attempt") == str(payment.attempt)


def _moved(payment: CardPayment, intent: Intent) -> None:
    if payment.status == CardPaymentStatus.STARTED and payment.intent_id:
        return  # another card is to be tried: this attempt is being given up, and the answer to that goes on
    if payment.intent_id is None:
        payment.intent_id = intent.id
        payment.save(update_fields=["intent_id"])
    if intent.refusal and intent.refusal != payment.last_refusal:
        payment.last_refusal = intent.refusal[:300]
        payment.save(update_fields=["last_refusal"])
    verb = rules.news(intent.status, was_refused=bool(intent.refusal))
    if verb and NEWS[verb] != payment.status:
        move(payment, verb, actor=SYSTEM, note=intent.refusal if verb == "decline" else "")


def _succeeded(payment: CardPayment, intent: Intent) -> None:
    if (intent.pence, intent.currency) != (payment.pence, CURRENCY):
        if payment.is_open:
            note = f"The network took {intent.pence} {intent.currency}, {payment.pence} {CURRENCY} was asked for."
            move(payment, "mismatch", actor=SYSTEM, note=note, intent_id=intent.id)
        return
    if not first_time(intent.id, "paid"):
        return
    if not payment.is_open:
        _paid_once_more(payment, intent)
        return
    now = timezone.now()
    move(
        payment,
        "pay",
        actor=SYSTEM,
        paid_at=now,
        intent_id=intent.id,
        charge_id=intent.charge_id,
        last_refusal="",
    )
    if payment.document is not None:
        record_receipt(
            actor=SYSTEM,
            payee=payment.payee,
            payer=payment.payer,
            pence=payment.pence,
            method=ReceiptMethod.CARD,
            received_on=local(now).date(),
            reference=payment.reference,
            allocations=[(payment.document, payment.pence)],
            effect=f"card:{payment.pk}",
        )
    else:
        _book(
            payment,
            CLEARING,
            (Purpose.HELD, held_detail(payment)),
            payment.pence,
            "held until delivery",
            "held",
        )


def _paid_once_more(payment: CardPayment, intent: Intent) -> None:
    """An attempt thought over was paid after all: the money is the payer's, on account, and can be given back."""
    record_receipt(
        actor=SYSTEM,
        payee=payment.payee,
        payer=payment.payer,
        pence=intent.pence,
        method=ReceiptMethod.CARD,
        received_on=local(timezone.now()).date(),
        reference=f"{payment.reference}: paid again as {intent.id}",
        effect=f"card:{payment.pk}:{intent.id}",
    )
    history.write(
        payment, verb="receive_again", by=SYSTEM, note=f"{pounds(intent.pence)} on account: {intent.id}"
    )


def _note_fee_and_objection(payment: CardPayment, intent: Intent) -> None:
    if payment.status != CardPaymentStatus.PAID or payment.intent_id != intent.id:
        return
    if intent.fee_pence and first_time(intent.id, "fee"):
        payment.fee_pence = intent.fee_pence
        payment.save(update_fields=["fee_pence"])
        _book(payment, (Purpose.COST_OF_DELIVERY, ""), CLEARING, intent.fee_pence, "the network’s fee", "fee")
    # The network goes on to call a charge disputed after the bank has decided.
    if intent.is_disputed and first_time(intent.id, "objection"):
        payment.disputed_at = timezone.now()
        payment.save(update_fields=["disputed_at"])
        history.write(payment, verb="dispute", by=SYSTEM, note="The card’s holder objected at their bank.")
        events.publish(CardObjectionMoved(payment.pk, "raise"))


def _book(
    payment: CardPayment,
    source: tuple[Purpose, str],
    target: tuple[Purpose, str],
    pence: int,
    what: str,
    effect: str,
) -> None:
    entry = Entry(
        source, target, pence, f"Card payment {payment.reference}: {what}", f"card:{payment.pk}:{effect}"
    )
    book(actor=SYSTEM, owner_id=payment.payee_id, entries=[entry], on=local(timezone.now()).date())
