"""Who owes what for how long, reminders that are due, write-offs and disputes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from marketplace.billing.models import (
    BankDetails,
    Dispute,
    DisputeStatus,
    Document,
    DocumentKind,
    Reminder,
    ReminderPolicy,
    WriteOff,
)
from marketplace.billing.postings import UNIT, Purpose
from marketplace.billing.queries.books import books_visible_to, may_keep_books
from marketplace.billing.queries.documents import BUYER_READERS, SUPPLIER_READERS
from marketplace.billing.queries.matching import PAYABLE
from marketplace.billing.queries.receipts import with_outstanding
from marketplace.billing.rules import ageing
from marketplace.billing.rules.ageing import Age, ReminderDays
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Account, Ledger
from marketplace.organisations.models import Organisation

MAY_DECIDE = frozenset({Role.HEADTEACHER, *SUPPLIER_READERS})


def owing_documents(documents: QuerySet[Document]) -> QuerySet[Any]:
    """Of these, invoices and journals with something outstanding (`outstanding_pence`) and whether they are `disputed`."""
    disputes = Dispute.objects.filter(document=OuterRef("pk"), status=DisputeStatus.OPEN)
    rows = with_outstanding(documents.filter(kind__in=PAYABLE)).annotate(disputed=Exists(disputes))
    return rows.exclude(outstanding_pence=0).select_related("series", "supplier", "buyer")


def may_question(actor: Actor, document: Document) -> bool:
    """Whether the person may ask the supplier about the document: for its buyer, and no question about it is open."""
    return (
        document.kind != DocumentKind.CREDIT_NOTE
        and actor.holds(*BUYER_READERS, at=document.buyer_id)
        and not document.disputes.filter(status=DisputeStatus.OPEN).exists()
    )


# Aged debt -----------------------------------------------------------------------------------------------------------


@dataclass
class Debtor:
    """What one buyer owes one supplier, by age; `on_account` is what it paid in advance."""

    supplier: Organisation
    buyer: Organisation
    ages: dict[Age, int] = field(default_factory=lambda: dict.fromkeys(Age, 0))
    documents: int = 0
    on_account: int = 0

    @property
    def total(self) -> int:
        """All that is outstanding."""
        return sum(self.ages.values())

    @property
    def overdue(self) -> int:
        """What is past its due date."""
        return self.total - self.ages[Age.NOT_DUE]

    @property
    def columns(self) -> list[int]:
        """The ages in order."""
        return [self.ages[age] for age in Age]


def aged_debt(suppliers: Iterable[int], today: date) -> list[Debtor]:
    """Buyers who owe something to these suppliers, the most overdue first, in two queries."""
    suppliers = list(suppliers)
    found: dict[tuple[int, int], Debtor] = {}
    for document in owing_documents(Document.objects.filter(supplier__in=suppliers)):
        key = (document.supplier_id, document.buyer_id)
        debtor = found.setdefault(key, Debtor(document.supplier, document.buyer))
        debtor.ages[ageing.age_of(document.due_on, today)] += document.outstanding_pence  # type: ignore[attr-defined]
        debtor.documents += 1
    held = on_account_balances(suppliers)
    for key, debtor in found.items():
        debtor.on_account = held.get(key, 0)
    return sorted(found.values(), key=lambda d: (-d.overdue, -d.total, d.buyer.name))


def on_account_balances(suppliers: Iterable[int]) -> dict[tuple[int, int], int]:
    """Pence on account by supplier and buyer."""
    rows = Account.objects.filter(
        ledger=Ledger.MONEY, unit=UNIT, purpose=Purpose.ON_ACCOUNT, owner_id__in=suppliers
    ).exclude(balance=0)
    return {
        (owner or 0, int(detail.partition(":")[2])): balance
        for owner, detail, balance in rows.values_list("owner_id", "detail", "balance")
    }


# What we owe ---------------------------------------------------------------------------------------------------------


def buyers_of(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose bills the person may see."""
    return Organisation.objects.filter(pk__in=actor.organisations(*BUYER_READERS)).order_by("name", "pk")


def pair_for(actor: Actor, supplier: str, buyer: str) -> tuple[Organisation, Organisation]:
    """A supplier and a buyer by reference, where the person may see either side; `NotFound` otherwise."""
    found = {o.reference: o for o in Organisation.objects.filter(reference__in=[supplier, buyer])}
    if supplier not in found or buyer not in found:
        raise NotFound
    pair = found[supplier], found[buyer]
    pays = actor.holds(*BUYER_READERS, at=pair[1].pk) or pair[1].area_id in actor.in_area(Role.FINANCE)
    known = Document.objects.filter(supplier=pair[0], buyer=pair[1]).exists()
    if not known or not (pays or books_visible_to(actor).filter(pk=pair[0].pk).exists()):
        raise NotFound
    return pair


def bank_details_of(supplier: Organisation) -> BankDetails | None:
    """Where the supplier wants bank transfers to go, where it said so."""
    return BankDetails.objects.filter(supplier=supplier).first()


# Reminders -----------------------------------------------------------------------------------------------------------


class DueReminder(NamedTuple):
    """A reminder that could be sent today."""

    document: Document
    level: str
    outstanding_pence: int
    days_overdue: int


def reminders_due(documents: QuerySet[Document], today: date) -> list[DueReminder]:
    """Reminders due on these documents: overdue, not disputed, and this level or a later one not sent yet. Longest overdue first."""
    rows = (
        owing_documents(documents.filter(due_on__lt=today))
        .filter(outstanding_pence__gt=0, disputed=False)
        .prefetch_related(Prefetch("reminders", Reminder.objects.only("document_id", "level")))
        .order_by("due_on", "pk")
    )
    policies: dict[int, ReminderDays] = defaultdict(ReminderDays)
    for policy in ReminderPolicy.objects.all():
        policies[policy.supplier_id] = ReminderDays(policy.first_days, policy.second_days, policy.final_days)
    found = []
    for row in rows:
        days = ageing.days_overdue(row.due_on, today)
        sent = [reminder.level for reminder in row.reminders.all()]
        if level := ageing.reminder_due(days, policies[row.supplier_id], sent):
            found.append(DueReminder(row, level, row.outstanding_pence, days))  # type: ignore[attr-defined]
    return found


def policy_of(supplier: Organisation) -> ReminderPolicy:
    """The supplier's reminders, or the usual ones."""
    return ReminderPolicy.objects.filter(supplier=supplier).first() or ReminderPolicy(supplier=supplier)


# Disputes and write-offs ---------------------------------------------------------------------------------------------


def dispute_for(actor: Actor, pk: int) -> Dispute:
    """A dispute about a document of the books the person may read."""
    rows = Dispute.objects.select_related("document__series", "document__supplier", "document__buyer")
    dispute = rows.filter(document__supplier__in=books_visible_to(actor).order_by(), pk=pk).first()
    if dispute is None:
        raise NotFound
    return dispute


def write_offs_visible_to(actor: Actor) -> QuerySet[WriteOff]:
    """Write-offs in the books the person may read; a headteacher sees those of the own school, to decide them."""
    rows = WriteOff.objects.select_related(
        "document__series", "document__supplier", "document__buyer", "requested_by", "decided_by"
    )
    if actor.is_system:
        return rows
    heads = Organisation.objects.filter(pk__in=actor.organisations(Role.HEADTEACHER))
    books = books_visible_to(actor).order_by()
    return rows.filter(document__supplier__in=books) | rows.filter(document__supplier__in=heads)


def write_off_for(actor: Actor, reference: str) -> WriteOff:
    """One write-off; `NotFound` where there is none for this person."""
    found = write_offs_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def may_decide_write_off(actor: Actor, write_off: WriteOff) -> bool:
    """Whether the person may approve or refuse it: somebody with authority at the supplier, never the one who asked."""
    supplier = write_off.document.supplier
    if actor.user_id is not None and actor.user_id == write_off.requested_by_id:
        return False
    return actor.holds(*MAY_DECIDE, at=supplier.pk) or may_keep_books(actor, supplier)
