"""The card network is Stripe. This is the only module that knows it.

Version 16 of Stripe's library: nothing is tried again unless told, and an answer is waited for 80 seconds unless told; a conflict (409)
arrives as a plain `APIError`; objects are not dictionaries. Since API version 2026-09-30 the kinds of payment are not named in a request.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe

from marketplace.billing.gateways import (
    Done,
    Event,
    Intent,
    IntentStatus,
    NotGenuine,
    Outcome,
    Params,
    PayeeAccount,
    Refused,
    Unknown,
    Unsettled,
)

CONNECT_SECONDS, ANSWER_SECONDS = 3.05, 20.0
RETRIES = 2
PAGE = 100
# Conflict with a request under way, too many requests: the outcome is open. From 500 on too.
OPEN_ANSWERS = frozenset({409, 429})

R = TypeVar("R")


class StripeNetwork:
    """Cards, payouts and events by Stripe, or by a server that speaks like it at `base` on this computer."""

    def __init__(
        self,
        secret_key: str,
        *,
        webhook_secrets: tuple[str, ...] = (),
        base: str = "",
        http_client: stripe.HTTPClient | None = None,
    ) -> None:
        addresses: Any = {"api": base, "files": base, "connect": base, "meter_events": base} if base else None
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses=addresses,
            max_network_retries=RETRIES,
            http_client=http_client or stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
        )
        self._v1 = self._stripe.v1
        self._webhook_secrets = webhook_secrets
        self.is_simulated = bool(base)

    # Cards ------------------------------------------------------------------------------------------------------------

    def start(self, params: Params, *, key: str) -> Intent:
        return _intent(_settled(lambda: self._v1.payment_intents.create(_as(params), _keyed(key))))

    def get(self, intent_id: str) -> Intent:
        expand: Any = {"expand": ["latest_charge.balance_transaction"]}
        return _intent(_settled(lambda: self._v1.payment_intents.retrieve(intent_id, expand)))

    def cancel(self, params: Params, *, key: str) -> Intent:
        return _intent(
            _settled(lambda: self._v1.payment_intents.cancel(params["payment_intent"], {}, _keyed(key)))
        )

    def refund(self, params: Params, *, key: str) -> Done:
        return _refund(_settled(lambda: self._v1.refunds.create(_as(params), _keyed(key))))

    def refund_of(self, refund_id: str) -> Done:
        return _refund(_settled(lambda: self._v1.refunds.retrieve(refund_id)))

    def find(self, action: str, params: Params, *, since: datetime) -> str | None:
        window: Any = {"limit": PAGE}
        if not self.is_simulated:  # the stand-in can't narrow a list by time
            window["created"] = {"gte": int(since.timestamp())}
        lists: dict[str, Callable[[], Any]] = {
            "start": lambda: self._v1.payment_intents.list(window),
            "refund": lambda: self._v1.refunds.list(window),
            "pay_out": lambda: self._v1.transfers.list(window),
            "reverse": lambda: self._v1.transfers.reversals.list(params["transfer"], {"limit": PAGE}),
        }
        marks = dict(params["metadata"])
        rows = _settled(lambda: list(lists[action]().auto_paging_iter()))
        return next((row.id for row in rows if _marks(row) == marks), None)

    def balance(self) -> int | None:
        movements = _settled(
            lambda: list(self._v1.balance_transactions.list({"limit": PAGE}).auto_paging_iter())
        )
        # Money that left for the bank, or came from it, is told by the bank.
        return sum(each.net for each in movements if each.type not in ("payout", "topup"))

    # Payouts ----------------------------------------------------------------------------------------------------------

    def open_account(self, *, name: str, metadata: Mapping[str, str], key: str) -> PayeeAccount:
        params: Any = {
            "country": "GB",
            "business_profile": {"name": name},
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "metadata": dict(metadata),
        }
        return _account(_settled(lambda: self._v1.accounts.create(params, _keyed(key))))

    def onboarding_url(self, account_id: str, *, back: str, again: str) -> str:
        params: Any = {
            "account": account_id,
            "type": "account_onboarding",
            "return_url": back,
            "refresh_url": again,
        }
        return str(_settled(lambda: self._v1.account_links.create(params)).url)

    def account(self, account_id: str) -> PayeeAccount:
        return _account(_settled(lambda: self._v1.accounts.retrieve(account_id)))

    def pay(self, params: Params, *, key: str) -> Done:
        return Done(_settled(lambda: self._v1.transfers.create(_as(params), _keyed(key))).id)

    def reverse(self, params: Params, *, key: str) -> Done:
        rest: Any = {name: value for name, value in params.items() if name != "transfer"}
        return Done(
            _settled(lambda: self._v1.transfers.reversals.create(params["transfer"], rest, _keyed(key))).id
        )

    # Events -----------------------------------------------------------------------------------------------------------

    def verify(self, body: bytes, signature: str) -> Event:
        for secret in self._webhook_secrets:
            try:
                return _event(self._stripe.construct_event(body, signature, secret))
            except stripe.SignatureVerificationError:
                continue
            except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
                raise NotGenuine("The body or its signature can’t be read.") from error
        raise NotGenuine("The signature is not the network’s.")

    def since(self, moment: datetime) -> Iterator[Event]:
        asked: Any = {"limit": PAGE, "created": {"gte": int(moment.timestamp())}}
        rows = _settled(lambda: list(self._v1.events.list(asked).auto_paging_iter()))
        return (_event(row) for row in rows)

    # The payer, where no money is moved -------------------------------------------------------------------------------

    def pretend_to_pay(self, intent_id: str, method: str) -> Intent:
        """Do what Stripe's own script does in the payer's browser: give a card and confirm. Only with the stand-in."""
        self._only_simulated()
        if method == NEEDS_BANK_CHECK:
            card: Any = {"type": "card", "card": CARD_THAT_NEEDS_A_CHECK}
            method = _settled(lambda: self._v1.payment_methods.create(card)).id
        _settled(lambda: self._v1.payment_intents.update(intent_id, {"payment_method": method}))
        return _intent(_settled(lambda: self._v1.payment_intents.confirm(intent_id)))

    def pretend_bank_check(self, intent_id: str, *, passed: bool) -> None:
        """Answer the bank's question, as its page in the payer's browser would. Only with the stand-in."""
        self._only_simulated()
        secret = self.get(intent_id).client_secret
        _settled(
            lambda: self._stripe.raw_request(
                "post",
                f"/v1/payment_intents/{intent_id}/_authenticate",
                client_secret=secret,
                success="true" if passed else "false",
            )
        )

    def _only_simulated(self) -> None:
        if not self.is_simulated:
            raise RuntimeError("Nobody pretends to pay on the real network.")


ACCEPTED_CARD = "pm_card_visa"
DECLINED_CARD = "pm_card_chargeCustomerFail"
NEEDS_BANK_CHECK = "needs_bank_check"
CARD_THAT_NEEDS_A_CHECK = {"number": "4000002500003155", "exp_month": 12, "exp_year": 2035, "cvc": "123"}


def _settled(call: Callable[[], R]) -> R:
    """Make the call, and tell its ending apart: answered, refused for good, or open."""
    try:
        return call()
    except stripe.APIConnectionError as error:
        raise Unsettled(str(error)) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        said = error.user_message or str(error)
        if status == 404:
            raise Unknown(said, code=error.code or "") from error
        if status in OPEN_ANSWERS or status >= 500 or not status:
            raise Unsettled(said) from error
        raise Refused(said, code=error.code or "") from error


def _keyed(key: str) -> Any:
    return {"idempotency_key": key}


def _as(params: Params) -> Any:
    return dict(params)


def _marks(row: Any) -> dict[str, str]:
    metadata = getattr(row, "metadata", None)
    return {str(name): str(value) for name, value in metadata.to_dict().items()} if metadata else {}


def _id(value: Any) -> str:
    """The id of an object given whole or by its id."""
    return value if isinstance(value, str) else str(getattr(value, "id", "") or "")


def _intent(row: Any) -> Intent:
    refusal = getattr(row, "last_payment_error", None)
    charge = getattr(row, "latest_charge", None)
    movement = getattr(charge, "balance_transaction", None)
    fee = getattr(movement, "fee", 0)
    return Intent(
        id=row.id,
        status=IntentStatus(row.status),
        pence=row.amount,
        currency=row.currency,
        metadata=_marks(row),
        refusal=str(getattr(refusal, "message", "") or ""),
        charge_id=_id(charge),
        fee_pence=fee if isinstance(fee, int) else 0,
        is_disputed=bool(getattr(charge, "disputed", False)),
        client_secret=str(getattr(row, "client_secret", "") or ""),
    )


def _refund(row: Any) -> Done:
    outcome = {"succeeded": Outcome.SUCCEEDED, "failed": Outcome.FAILED, "canceled": Outcome.FAILED}
    return Done(
        id=row.id,
        outcome=outcome.get(str(row.status), Outcome.PENDING),
        error=str(getattr(row, "failure_reason", "") or ""),
    )


def _account(row: Any) -> PayeeAccount:
    capability = getattr(getattr(row, "capabilities", None), "transfers", None)
    wants = getattr(getattr(row, "requirements", None), "currently_due", None) or []
    return PayeeAccount(
        id=row.id, takes_payouts=capability == "active", wants=tuple(str(each) for each in wants)
    )


def _event(row: Any) -> Event:
    subject = row.data.object
    return Event(
        id=row.id,
        kind=row.type,
        object_id=_subject_id(subject),
        happened_at=datetime.fromtimestamp(row.created, UTC),
        metadata=_marks(subject),
        account_id=str(getattr(row, "account", "") or ""),
    )


def _subject_id(subject: Any) -> str:
    """Which object to look at: of a charge or a dispute the payment it belongs to."""
    if getattr(subject, "object", "") in ("charge", "dispute"):
        return _id(getattr(subject, "payment_intent", None)) or _id(subject)
    return _id(subject)
