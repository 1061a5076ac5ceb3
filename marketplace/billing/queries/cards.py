"""Card payments one may read, what can be paid by card, and what of them waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from marketplace.billing import rules
from marketplace.billing.models import (
    OPEN_CARD_PAYMENT,
    Allocation,
    AllocationKind,
    CallStatus,
    CardPayment,
    CardPaymentStatus,
    ConnectedAccount,
    Dispute,
    DisputeStatus,
    Document,
    DocumentLine,
    GatewayCall,
    NetworkBalance,
    Payout,
    PayoutStatus,
    Receipt,
    Refund,
    RefundStatus,
)
from marketplace.billing.network import takes_cards
from marketplace.billing.postings import UNIT, Purpose
from marketplace.billing.queries.books import books_visible_to, kept_by, may_keep_books
from marketplace.billing.queries.documents import BUYER_READERS, SUPPLIER_READERS
from marketplace.billing.queries.receipts import outstanding
from marketplace.billing.rules import Held
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.kernel.models import Account, Ledger
from marketplace.organisations.models import Organisation

STUCK_AFTER = timedelta(hours=1)
PAYERS = BUYER_READERS
PAYABLE_STATES = frozenset({BookingStatus.AWAITING_RELEASE, BookingStatus.CONFIRMED})
CARD_ROUTES = frozenset({PaymentRoute.CARD, PaymentRoute.INVOICE})


# What one may see and do ----------------------------------------------------------------------------------------------


def card_payments_visible_to(actor: Actor) -> QuerySet[CardPayment]:
    """Payments the person's organisations made or received; for area finance, those of the area."""
    rows = CardPayment.objects.select_related("payee", "payer", "document__series", "booking")
    if actor.is_system:
        return rows
    areas = actor.in_area(Role.FINANCE)
    return rows.filter(
        Q(payer__in=actor.organisations(*BUYER_READERS))
        | Q(payee__in=actor.organisations(*SUPPLIER_READERS))
        | Q(payee__area__in=areas)
        | Q(payer__area__in=areas)
    )


def card_payment_for(actor: Actor, reference: str) -> CardPayment:
    """One payment; `NotFound` where there is none for this person."""
    payment = card_payments_visible_to(actor).filter(reference=reference).first()
    if payment is None:
        raise NotFound
    return payment


def may_pay_for(actor: Actor, organisation_id: int) -> bool:
    """Whether the person may pay for the organisation: its head, budget holder, finance officer or trust's lead."""
    return actor.holds(*PAYERS, at=organisation_id)


def must_pay_for(actor: Actor, organisation_id: int) -> None:
    """Raise `NotAllowed` unless the person may pay for the organisation."""
    if not may_pay_for(actor, organisation_id):
        raise NotAllowed(
            "You can’t pay for this organisation.",
            remedy="Ask its headteacher, budget holder or finance officer.",
        )


def may_refund(actor: Actor, payment: CardPayment) -> bool:
    """Whether the person keeps the books of the payee."""
    return actor.is_system or may_keep_books(actor, payment.payee)


def keeps_any_books(actor: Actor) -> bool:
    """Whether there are books the person may read: the pages of card money for finance are theirs."""
    return books_visible_to(actor).exists()


def without_account(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose books the person keeps and that have no account with the network yet, where cards were taken for them."""
    rows = kept_by(actor).filter(connected_account__isnull=True)
    return rows.filter(pk__in=CardPayment.objects.order_by().values("payee"))


def refund_for(actor: Actor, reference: str) -> Refund:
    """One refund in books the person may read; `NotFound` otherwise."""
    rows = Refund.objects.filter(payment__in=card_payments_visible_to(actor)).select_related("payment__payee")
    refund = rows.filter(reference=reference).first()
    if refund is None:
        raise NotFound
    return refund


def objections(actor: Actor) -> QuerySet[CardPayment]:
    """Payments whose card's holder objected at their bank, and nobody has said yet what the bank decided; oldest first."""
    return card_payments_visible_to(actor).filter(disputed_at__isnull=False).order_by("disputed_at", "pk")


# What can be paid -----------------------------------------------------------------------------------------------------


def why_not_by_card(booking: Booking) -> str:
    """Why a booking can't be paid by card now, as a sentence; empty where it can."""
    if not takes_cards():
        return "This exchange does not take cards."
    if booking.route not in CARD_ROUTES:
        return f"This booking is paid another way: {booking.get_route_display().lower()}."
    if booking.status not in PAYABLE_STATES or booking.starts_at <= timezone.now():
        return "Only an approved booking still to come is paid in advance."
    if paid_for(booking):
        return "This booking is paid already."
    return ""


def can_pay_booking(actor: Actor, booking: Booking) -> bool:
    """Whether the person can pay the booking by card now: for pages that show only what works."""
    return (
        may_pay_for(actor, booking.receiving_school_id)
        and booking.gross_pence <= settings.CARD_LIMIT_PENCE
        and not why_not_by_card(booking)
    )


def can_pay_document(actor: Actor, document: Document) -> bool:
    """Whether the person can pay the document by card now: for pages that show only what works."""
    if not takes_cards() or document.kind != "invoice" or not may_pay_for(actor, document.buyer_id):
        return False
    return 0 < outstanding(document) <= settings.CARD_LIMIT_PENCE


def paid_for(booking: Booking) -> CardPayment | None:
    """The payment by which the school that has the booking paid it, where it was not given back whole."""
    rows = booking.card_payments.filter(status=CardPaymentStatus.PAID, payer=booking.receiving_school_id)
    return next((row for row in rows if row.left_pence), None)


# What a payment holds -------------------------------------------------------------------------------------------------


def held_pence(payment: CardPayment) -> int:
    """Pence of the payment that wait for delivery."""
    account = Account.objects.filter(
        ledger=Ledger.MONEY,
        owner_id=payment.payee_id,
        purpose=Purpose.HELD,
        detail=held_detail(payment),
        unit=UNIT,
    ).first()
    return account.balance if account else 0


def held_by_payment(payments: Iterable[CardPayment]) -> dict[int, int]:
    """Pence held, by the payment's key, for many payments in one query; those that hold nothing are left out."""
    details = {f"card:{payment.pk}": payment.pk for payment in payments}
    rows = Account.objects.filter(
        ledger=Ledger.MONEY, purpose=Purpose.HELD, detail__in=details, unit=UNIT, balance__gt=0
    )
    return {details[detail]: pence for detail, pence in rows.values_list("detail", "balance")}


def held_detail(payment: CardPayment) -> str:
    """What tells the payment's account of held money apart."""
    return f"card:{payment.pk}"


def receipts_of(payment: CardPayment) -> QuerySet[Receipt]:
    """What the payment was used for, once it was used."""
    effect = f"card:{payment.pk}"
    return Receipt.objects.filter(Q(effect=effect) | Q(effect__startswith=f"{effect}:")).order_by("pk")


def documents_paid_by(payment: CardPayment) -> QuerySet[Document]:
    """Documents the payment paid, wholly or in part."""
    paid = Q(allocations__receipt__in=receipts_of(payment), allocations__kind=AllocationKind.DOCUMENT)
    return Document.objects.filter(paid).distinct().select_related("series").order_by("pk")


def free_to_refund(payment: CardPayment) -> int:
    """Pence that can be given back: held, on account, or paid beyond what is owed after a credit note."""
    if payment.status != CardPaymentStatus.PAID:
        return 0
    on_account = sum(
        row.pence
        for receipt in receipts_of(payment)
        for row in receipt.allocations.filter(kind=AllocationKind.ON_ACCOUNT, buyer=payment.payer_id)
    )
    overpaid = sum(max(0, -outstanding(document)) for document in documents_paid_by(payment))
    return min(payment.left_pence, held_pence(payment) + on_account + overpaid)


def earned_pence(payment: CardPayment, today: date) -> int:
    """Pence of the payment that paid for what has been delivered: a booking's documents, or lines whose days are over."""
    to_come = DocumentLine.objects.filter(document=OuterRef("document"), service_to__gt=today)
    objected_to = Dispute.objects.filter(document=OuterRef("document"), status=DisputeStatus.OPEN)
    rows = Allocation.objects.filter(
        ~Exists(to_come), ~Exists(objected_to), receipt__in=receipts_of(payment), kind=AllocationKind.DOCUMENT
    )
    return sum(rows.values_list("pence", flat=True))


# What waits for a person ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HeldPayment:
    """Money held for delivery, and for how long."""

    payment: CardPayment
    pence: int
    days: int

    @property
    def state(self) -> Held:
        """How urgent it is."""
        return rules.held_state(self.days)


def held_over(days: int, *, actor: Actor | None = None, now: datetime | None = None) -> list[HeldPayment]:
    """Card money held for `days` or more, oldest first; only what the actor may read where one is given."""
    now = now or timezone.now()
    accounts = Account.objects.filter(
        ledger=Ledger.MONEY, purpose=Purpose.HELD, balance__gt=0, detail__startswith="card:"
    )
    held = {
        int(detail.removeprefix("card:")): pence
        for detail, pence in accounts.values_list("detail", "balance")
    }
    rows = (
        CardPayment.objects.select_related("payee", "payer", "booking")
        if actor is None
        else card_payments_visible_to(actor)
    )
    rows = rows.filter(pk__in=held, paid_at__isnull=False).order_by("paid_at")
    found = [HeldPayment(row, held[row.pk], (now - row.paid_at).days) for row in rows if row.paid_at]
    return [each for each in found if each.days >= days]


@dataclass(frozen=True)
class Stuck:
    """Something about card money that does not move by itself: which payment, what, since when."""

    payment: CardPayment
    what: str
    since: datetime


def stuck_sagas(*, actor: Actor | None = None, now: datetime | None = None) -> list[Stuck]:
    """Refunds, payouts and calls that do not come to an end, and payments that differ from what was asked, oldest first."""
    before = (now or timezone.now()) - STUCK_AFTER
    rows = CardPayment.objects.all() if actor is None else card_payments_visible_to(actor)
    found = [
        Stuck(payment, "The amount taken differs from the amount asked for.", payment.started_at)
        for payment in rows.filter(status=CardPaymentStatus.MISMATCHED).select_related("payee", "payer")
    ]
    refunds = Refund.objects.filter(payment__in=rows.order_by()).select_related(
        "payment__payee", "payment__payer"
    )
    for refund in refunds.filter(
        Q(status=RefundStatus.STUCK) | Q(status=RefundStatus.OPEN, asked_at__lt=before)
    ).prefetch_related("legs"):
        found.append(Stuck(refund.payment, _why_stuck(refund), refund.asked_at))
    payouts = Payout.objects.filter(payment__in=rows.order_by()).select_related(
        "payment__payee", "payment__payer"
    )
    is_refused = Q(status=PayoutStatus.REFUSED) & ~Exists(_passed_on_later()) & _is_left_to_pass_on()
    for payout in payouts.filter(is_refused | Q(status=PayoutStatus.ASKED, asked_at__lt=before)):
        found.append(Stuck(payout.payment, "Passing the money on has not come to an end.", payout.asked_at))
    unanswered = GatewayCall.objects.filter(
        status=CallStatus.PENDING,
        created_at__lt=before,
        action__in=("start", "cancel"),
        subject_id=OuterRef("pk"),
    )
    for payment in rows.filter(Exists(unanswered), status__in=OPEN_CARD_PAYMENT).select_related(
        "payee", "payer"
    ):
        found.append(Stuck(payment, "The card network does not answer.", payment.started_at))
    return sorted(found, key=lambda each: each.since)


def _passed_on_later() -> QuerySet[Payout]:
    later = Payout.objects.filter(payment=OuterRef("payment"), pk__gt=OuterRef("pk"))
    return later.order_by()


def _is_left_to_pass_on() -> Q:
    return Q(payment__pence__gt=F("payment__refunded_pence") + F("payment__fee_pence"))


def _why_stuck(refund: Refund) -> str:
    what = "Fetching back what an objection took" if refund.is_objection else f"Refund {refund.reference}"
    errors = [leg.error for leg in refund.legs.all() if leg.error]
    said = f": {errors[0]}" if errors else ""
    return (
        f"{what} {'was refused' if refund.status == RefundStatus.STUCK else 'has not come to an end'}{said}"
    )


def latest_balance() -> NetworkBalance | None:
    """What network and ledger said at the last comparison."""
    return NetworkBalance.objects.first()


def connected_accounts(actor: Actor) -> QuerySet[ConnectedAccount]:
    """Accounts with the network of organisations whose books the person may read."""
    return (
        ConnectedAccount.objects.filter(organisation__in=books_visible_to(actor).order_by())
        .select_related("organisation")
        .order_by("organisation__name")
    )
