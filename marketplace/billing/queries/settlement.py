"""What brokers owe releasing organisations: what is open, the statements made of it, self-billing agreements, claims for cover."""

from datetime import date
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marketplace.billing.models import (
    BackfillClaim,
    ClaimStatus,
    Dispute,
    DisputeStatus,
    Document,
    SelfBillingAgreement,
    SettlementStatement,
    StatementLine,
)
from marketplace.billing.postings import UNIT, Purpose
from marketplace.billing.queries.books import books_visible_to, may_keep_books
from marketplace.billing.queries.documents import BUYER_READERS, SUPPLIER_READERS
from marketplace.billing.queries.leading import led_by, parts_of_places
from marketplace.bookings.models import Booking, PlaceOrder
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.organisations.models import Organisation

RELEASING_READERS = BUYER_READERS | SUPPLIER_READERS
SIGNATORIES = frozenset(
    {Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD, Role.FINANCE, Role.PROVIDER_LEAD}
)
OWN_EFFECTS = "settlement:"
"""Movements of a payable account that settle it, rather than make it up."""


SOURCES = ("document", "booking", "places")
"""What a movement of a payable account comes from: a buyer's paper, or a visit or an order of places drawn from a package."""


class OpenLine(NamedTuple):
    """A movement of a payable account that stands on no statement yet, and what it comes from. Net pence, below zero where credited.

    It comes of a visit (`booking`) or of places on a course (`order`), which the organisation's people (`leaders`) led. `buyer_pence` is
    what the buyer's paper asks for it, nothing where a package pays.
    """

    transfer: Transfer
    pence: int
    document: Document | None
    booking: Booking | None
    claim: BackfillClaim | None
    order: PlaceOrder | None
    leaders: str
    buyer_pence: int

    @property
    def fee_pence(self) -> int:
        """What of the buyer's price the broker keeps."""
        return self.buyer_pence - self.pence if self.document else 0


class OpenBalance(NamedTuple):
    """What a broker owes one organisation that stands on no statement yet."""

    broker: Organisation
    supplier: Organisation
    pence: int
    lines: int


def payable_account(broker_id: int, supplier_id: int) -> Account | None:
    """The account in the broker's books for what it owes the organisation; None where nothing was ever owed."""
    return Account.objects.filter(
        ledger=Ledger.MONEY,
        owner_id=broker_id,
        purpose=Purpose.PAYABLE,
        detail=f"organisation:{supplier_id}",
        unit=UNIT,
    ).first()


def open_lines(broker: Organisation, supplier: Organisation, up_to: date) -> list[OpenLine]:
    """What may go on the next statement, oldest first. What the buyer disputes waits until that is settled."""
    account = payable_account(broker.pk, supplier.pk)
    if account is None:
        return []
    transfers = list(_open_transfers([account.pk]).filter(on__lte=up_to).order_by("on", "pk"))
    documents = _documents(transfers)
    bookings, orders = _bookings(transfers, documents), _orders(transfers, documents)
    claims = {
        claim.booking_id: claim
        for claim in BackfillClaim.objects.filter(booking__in=bookings, status=ClaimStatus.ACCEPTED)
    }
    disputed = _disputed(documents)
    lines = []
    for transfer in transfers:
        kind, key = _effect_of(transfer)
        document = documents.get(key) if kind == "document" else None
        booking_id = document.booking_id if document else key if kind == "booking" else None
        order_id = document.place_order_id if document else key if kind == "places" else None
        order = orders.get(order_id or 0)
        if document and (document.credits_id or document.pk) in disputed:
            continue
        is_in = transfer.target_id == account.pk
        claim = claims.get(booking_id or 0) if is_in else None
        lines.append(
            OpenLine(
                transfer,
                transfer.amount if is_in else -transfer.amount,
                document,
                bookings.get(booking_id or 0),
                claim,
                order,
                _leaders(order, supplier),
                _asked_of_buyer(document, order, supplier),
            )
        )
    return lines


def _leaders(order: PlaceOrder | None, supplier: Organisation) -> str:
    leads = led_by(order.event) if order else []
    return ", ".join(
        lead.practitioner.name for lead in leads if lead.releasing_organisation_id == supplier.pk
    )


def _asked_of_buyer(document: Document | None, order: PlaceOrder | None, supplier: Organisation) -> int:
    """The net pence of the buyer's paper; of a course, what of it falls to the people of the organisation."""
    if document is None:
        return 0
    if order is None:
        return document.net_pence
    parts = parts_of_places(order, document.net_pence)
    return sum(part.part_pence for part in parts if part.organisation == supplier.pk)


def open_balances(actor: Actor, up_to: date) -> list[OpenBalance]:
    """What brokers whose books the person may read owe and have put on no statement, by releasing organisation."""
    brokers = {each.pk: each for each in books_visible_to(actor)}
    accounts = {
        account.pk: account
        for account in Account.objects.filter(
            ledger=Ledger.MONEY, purpose=Purpose.PAYABLE, unit=UNIT, owner_id__in=brokers
        )
    }
    sums: dict[int, list[int]] = {}
    for transfer in _open_transfers(list(accounts)).filter(on__lte=up_to):
        is_in = transfer.target_id in accounts
        row = sums.setdefault(transfer.target_id if is_in else transfer.source_id, [0, 0])
        row[0] += transfer.amount if is_in else -transfer.amount
        row[1] += 1
    suppliers = Organisation.objects.in_bulk([_supplier_id(accounts[pk]) for pk in sums])
    found = [
        OpenBalance(brokers[accounts[pk].owner_id or 0], suppliers[_supplier_id(accounts[pk])], pence, count)
        for pk, (pence, count) in sums.items()
        if pence
    ]
    return sorted(found, key=lambda row: (row.broker.name, row.supplier.name, row.supplier.pk))


def _open_transfers(accounts: list[int]) -> QuerySet[Transfer]:
    on_statement = StatementLine.objects.filter(transfer=OuterRef("pk"), is_live=True)
    return (
        Transfer.objects.filter(Q(target__in=accounts) | Q(source__in=accounts))
        .exclude(effect__startswith=OWN_EFFECTS)
        .exclude(Exists(on_statement))
    )


def _supplier_id(account: Account) -> int:
    return int(account.detail.removeprefix("organisation:"))


def _effect_of(transfer: Transfer) -> tuple[str, int]:
    """`document:17:payable` → (`document`, 17); (`""`, 0) for what comes from elsewhere."""
    kind, _, rest = transfer.effect.partition(":")
    key = rest.partition(":")[0]
    return (kind, int(key)) if kind in SOURCES and key.isdecimal() else ("", 0)


def _documents(transfers: list[Transfer]) -> dict[int, Document]:
    keys = [key for kind, key in map(_effect_of, transfers) if kind == "document"]
    return Document.objects.select_related("series", "booking").in_bulk(keys)


def _bookings(transfers: list[Transfer], documents: dict[int, Document]) -> dict[int, Booking]:
    keys = {key for kind, key in map(_effect_of, transfers) if kind == "booking"}
    keys |= {document.booking_id for document in documents.values() if document.booking_id}
    rows = Booking.objects.scoped().select_related(
        "practitioner", "receiving_school", "offer_version__support_type"
    )
    return rows.in_bulk(keys)


def _orders(transfers: list[Transfer], documents: dict[int, Document]) -> dict[int, PlaceOrder]:
    keys = {key for kind, key in map(_effect_of, transfers) if kind == "places"}
    keys |= {document.place_order_id for document in documents.values() if document.place_order_id}
    rows = PlaceOrder.objects.scoped().select_related("school", "event__offer_version__support_type")
    return rows.prefetch_related("event__leads__practitioner").in_bulk(keys)


def _disputed(documents: dict[int, Document]) -> set[int]:
    keys = [document.credits_id or document.pk for document in documents.values()]
    open_ones = Dispute.objects.filter(document__in=keys, status=DisputeStatus.OPEN)
    return set(open_ones.values_list("document_id", flat=True))


def disputed_by_buyer(statement: SettlementStatement) -> bool:
    """Whether the buyer of something on the statement disputes its document."""
    papers = statement.lines.annotate(original=F("source_document__credits"))
    keys = {row.original or row.source_document_id for row in papers}
    return Dispute.objects.filter(document__in=keys - {None}, status=DisputeStatus.OPEN).exists()


def statements_visible_to(actor: Actor) -> QuerySet[SettlementStatement]:
    """Statements of brokers whose books the person may read, and of the organisations for which it reads money."""
    rows = SettlementStatement.objects.select_related("broker", "supplier", "document__series")
    if actor.is_system:
        return rows
    return rows.filter(
        Q(broker__in=books_visible_to(actor).order_by())
        | Q(supplier__in=actor.organisations(*RELEASING_READERS))
        | Q(supplier__area__in=actor.in_area(Role.FINANCE))
    )


def statement_for(actor: Actor, reference: str) -> SettlementStatement:
    """One statement; `NotFound` where there is none for this person."""
    found = statements_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def may_settle(actor: Actor, broker: Organisation) -> bool:
    """Whether the person may make, pay and withdraw statements: whoever keeps the broker's books."""
    return may_keep_books(actor, broker)


def may_answer(actor: Actor, statement: SettlementStatement) -> bool:
    """Whether the person may record the releasing organisation's invoice or dispute the statement."""
    return actor.holds(*RELEASING_READERS, at=statement.supplier_id) or may_settle(actor, statement.broker)


def self_billing_visible_to(actor: Actor) -> QuerySet[SelfBillingAgreement]:
    """Self-billing agreements of the person's organisations."""
    rows = SelfBillingAgreement.objects.select_related("broker", "supplier")
    if actor.is_system:
        return rows
    return rows.filter(
        Q(broker__in=books_visible_to(actor).order_by())
        | Q(supplier__in=actor.organisations(*RELEASING_READERS))
    )


def self_billing_between(
    broker: Organisation, supplier: Organisation, on: date
) -> SelfBillingAgreement | None:
    """The agreement that lets the broker write the organisation's invoices on a day."""
    rows = SelfBillingAgreement.objects.filter(broker=broker, supplier=supplier)
    return next((each for each in rows if each.holds_on(on)), None)


def claims_visible_to(actor: Actor) -> QuerySet[BackfillClaim]:
    """Claims for cover of the person's organisations, as releasing school or as broker."""
    rows = BackfillClaim.objects.select_related(
        "booking__provider", "booking__releasing_organisation", "booking__practitioner"
    )
    if actor.is_system:
        return rows
    return rows.filter(
        Q(booking__releasing_organisation__in=actor.organisations(*RELEASING_READERS))
        | Q(booking__provider__in=books_visible_to(actor).order_by())
    )


def claim_for(actor: Actor, reference: str) -> BackfillClaim:
    """One claim; `NotFound` where there is none for this person."""
    found = claims_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def claimable_bookings(actor: Actor) -> QuerySet[Booking]:
    """Delivered bookings for which a releasing organisation of the person may still claim cover."""
    live = BackfillClaim.objects.filter(
        booking=OuterRef("pk"), status__in=[ClaimStatus.CLAIMED, ClaimStatus.ACCEPTED]
    )
    settled = StatementLine.objects.filter(booking=OuterRef("pk"), is_live=True)
    return (
        Booking.objects.scoped()
        .filter(
            releasing_organisation__in=actor.organisations(*RELEASING_READERS),
            status__in=["delivered", "evaluated", "completed"],
        )
        .exclude(releasing_organisation=F("provider"))
        .exclude(Exists(live))
        .exclude(Exists(settled))
        .select_related("practitioner", "receiving_school", "provider")
        .order_by("-day", "-pk")
    )
