"""Passing card money on to the payee's own account with the network, after delivery: only where `STRIPE_CONNECT` is on.

Each payout is tied to the payment it comes from (`source_transaction`), so that it waits for that payment's money and for no other.
"""

from django.conf import settings
from django.utils import timezone

from marketplace.billing import rules
from marketplace.billing.actions.cards.asking import ask, marks
from marketplace.billing.actions.receipts import must_keep_books
from marketplace.billing.errors import NoCards, PayoutBlocked
from marketplace.billing.gateways import CURRENCY
from marketplace.billing.models import (
    CallAction,
    CardPayment,
    CardPaymentStatus,
    ConnectedAccount,
    Payout,
    RefundStatus,
)
from marketplace.billing.network import is_simulated, network
from marketplace.billing.postings import Entry, Purpose, book
from marketplace.billing.queries import cards as queries
from marketplace.billing.states import PAYOUT
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation

CLEARING = (Purpose.CARD_CLEARING, "")
CASH = (Purpose.CASH, "")
NOT_OPEN = "Money is not passed on by the card network here: the switch STRIPE_CONNECT is off."


@action
def pay_out(*, actor: Actor, payment: CardPayment) -> Payout:
    """Pass on what a payment has earned, once. Raises `NoCards` while the switch is off, `PayoutBlocked`, `NotAllowed`."""
    payment = locked(queries.card_payments_visible_to(actor), pk=payment.pk)
    must_keep_books(actor, payment.payee)
    _must_be_on()
    account = _account_ready(payment)
    _must_not_be_blocked(payment)
    pence = rules.largest_payout(
        paid=payment.pence,
        refunded=payment.refunded_pence,
        fee=payment.fee_pence,
        earned=queries.earned_pence(payment, local(timezone.now()).date()),
    )
    if not pence:
        raise PayoutBlocked(
            "Nothing of this payment has been earned yet.", remedy="Wait until the visit has taken place."
        )
    payment.paid_out_pence += pence
    payment.save(update_fields=["paid_out_pence"])
    payout = Payout.objects.create(
        payment=payment, pence=pence, account_id=account.account_id, asked_by_id=actor.user_id
    )
    history.write(payout, verb="ask", after=payout.status, by=actor)
    history.write(payment, verb="pass_on", by=actor, note=pounds(pence))
    ask(
        action=CallAction.PAY_OUT,
        model="payout",
        subject_id=payout.pk,
        attempt=1,
        params={
            "amount": pence,
            "currency": CURRENCY,
            "destination": account.account_id,
            "source_transaction": payment.charge_id,
            "transfer_group": payment.reference,
            "metadata": marks(payout=payout.reference),
        },
    )
    return payout


def payout_done(payout: Payout, transfer_id: str) -> None:
    """Note that the money was passed on. The payment's row is locked."""
    PAYOUT.move(payout, "complete", by=SYSTEM, transfer_id=transfer_id)
    words = f"{payout.reference}: {payout.payment.reference} passed on"
    entry = Entry(CASH, CLEARING, payout.pence, words, f"payout:{payout.pk}")
    book(actor=SYSTEM, owner_id=payout.payment.payee_id, entries=[entry], on=local(timezone.now()).date())


def payout_refused(payout: Payout, error: str) -> None:
    """The network will not pass the money on: it stays where it is. The payment's row is locked."""
    PAYOUT.move(payout, "refuse", by=SYSTEM, note=error)
    payment = payout.payment
    payment.paid_out_pence -= payout.pence
    payment.save(update_fields=["paid_out_pence"])


def open_account(*, actor: Actor, organisation: Organisation) -> ConnectedAccount:
    """Open an account with the network for an organisation whose books the person keeps; one opened before comes back.

    Asks the network, so it is no transaction; the key makes it one account however often it is asked for.
    """
    must_keep_books(actor, organisation)
    _must_be_on()
    if opened := ConnectedAccount.objects.filter(organisation=organisation).first():
        return opened
    account = network().open_account(
        name=organisation.name,
        metadata=marks(organisation=organisation.reference),
        key=f"{marks()['exchange']}/organisation/{organisation.pk}/open_account/1",
    )
    kept, _ = ConnectedAccount.objects.get_or_create(
        organisation=organisation, defaults={"account_id": account.id, "opened_by_id": actor.user_id}
    )
    return look_at_account(kept.account_id) or kept


def onboarding_url(*, actor: Actor, organisation: Organisation, back: str) -> str:
    """Where a lead of the organisation tells the network what it wants to know."""
    account = open_account(actor=actor, organisation=organisation)
    return network().onboarding_url(account.account_id, back=back, again=back)


def look_at_account(account_id: str) -> ConnectedAccount | None:
    """Fetch a payee's account again and keep whether it takes payouts; nothing where it is not ours."""
    if not ConnectedAccount.objects.filter(account_id=account_id).exists():
        return None
    found = network().account(account_id)
    return _keep_account(account_id=account_id, takes_payouts=found.takes_payouts, wants=list(found.wants))


@action
def _keep_account(*, account_id: str, takes_payouts: bool, wants: list[str]) -> ConnectedAccount:
    row: ConnectedAccount = locked(ConnectedAccount.objects.all(), account_id=account_id)
    row.takes_payouts, row.wants, row.looked_at = takes_payouts, wants, timezone.now()
    row.save()
    return row


def _account_ready(payment: CardPayment) -> ConnectedAccount:
    account = ConnectedAccount.objects.filter(organisation=payment.payee_id).first()
    if account is None or not account.takes_payouts:
        raise PayoutBlocked(
            f"{payment.payee} has no account that takes money from the card network.",
            remedy="Open one on the page of payouts and tell the network what it wants to know.",
        )
    return account


def _must_not_be_blocked(payment: CardPayment) -> None:
    why = ""
    if payment.status != CardPaymentStatus.PAID:
        why = "Nothing was paid."
    elif payment.disputed_at:
        why = "The card’s holder objected to this payment at their bank."
    elif not (payment.fee_pence or is_simulated()):
        why = "The card network has not said yet what it keeps of this payment."
    elif payment.refunds.exclude(status=RefundStatus.DONE).exists():
        why = "A refund of this payment is not at its end."
    elif payment.paid_out_pence:
        why = "This payment was passed on already."
    if why:
        raise PayoutBlocked(why, remedy="Open the payment to see where it stands.")


def _must_be_on() -> None:
    if not settings.STRIPE_CONNECT:
        raise NoCards(NOT_OPEN, remedy="Money is paid out by bank transfer, with the settlement statement.")
