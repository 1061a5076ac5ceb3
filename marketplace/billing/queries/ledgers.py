"""An organisation's books: accounts by heading, every movement with its running balance and what stands behind it, trial balance."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce

from marketplace.billing.models import (
    Allocation,
    CardPayment,
    Document,
    Payout,
    Receipt,
    Refund,
    RefundLeg,
    SettlementStatement,
    WriteOff,
)
from marketplace.billing.postings import CHART, UNIT, Purpose
from marketplace.billing.queries.books import books_visible_to
from marketplace.bookings.models import Booking
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.organisations.models import Area, Organisation

# Accounts ------------------------------------------------------------------------------------------------------------


@dataclass
class LedgerAccount:
    """One account of the books: whose or for what it is, and what lies on it. Debit and credit are both zero or above."""

    account: Account
    name: str

    @property
    def debit(self) -> int:
        """Pence on the debit side."""
        return max(0, -self.account.balance)

    @property
    def credit(self) -> int:
        """Pence on the credit side."""
        return max(0, self.account.balance)


@dataclass
class HeadingTotal:
    """A heading of the chart with its accounts."""

    purpose: Purpose
    label: str
    accounts: list[LedgerAccount] = field(default_factory=list)

    @property
    def has_many(self) -> bool:
        """Whether the heading has an account for each buyer or organisation."""
        return len(self.accounts) > 1

    @property
    def standing(self) -> list[LedgerAccount]:
        """The accounts that do not stand at zero."""
        return [each for each in self.accounts if each.account.balance]

    @property
    def at_zero(self) -> list[LedgerAccount]:
        """The accounts that stand at zero."""
        return [each for each in self.accounts if not each.account.balance]

    @property
    def debit(self) -> int:
        """Sum of the debit balances."""
        return sum(each.debit for each in self.accounts)

    @property
    def credit(self) -> int:
        """Sum of the credit balances."""
        return sum(each.credit for each in self.accounts)


def chart_of(organisation: Organisation) -> list[HeadingTotal]:
    """The accounts of an organisation by heading, in the order of the chart; headings never used are left out."""
    rows = list(money_accounts().filter(owner_id=organisation.pk).order_by("purpose", "detail", "pk"))
    names = account_names(rows)
    found = {purpose: HeadingTotal(purpose, heading.label) for purpose, heading in CHART.items()}
    for row in rows:
        found[Purpose(row.purpose)].accounts.append(LedgerAccount(row, names[row.pk]))
    return [heading for heading in found.values() if heading.accounts]


def opened_books(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose books the person may read and in whose books something was ever booked."""
    return books_visible_to(actor).filter(pk__in=money_accounts().values("owner_id"))


def money_accounts() -> QuerySet[Account]:
    """Accounts of the money ledger."""
    return Account.objects.filter(ledger=Ledger.MONEY, unit=UNIT)


def accounts_visible_to(actor: Actor) -> QuerySet[Account]:
    """Accounts of the books the person may read."""
    accounts = money_accounts()
    if actor.is_system:
        return accounts
    return accounts.filter(owner_id__in=books_visible_to(actor).order_by().values("pk"))


def account_for(actor: Actor, organisation: Organisation, pk: int) -> LedgerAccount:
    """One account of an organisation's books; `NotFound` where there is none for this person."""
    row = accounts_visible_to(actor).filter(owner_id=organisation.pk, pk=pk).first()
    if row is None:
        raise NotFound
    return LedgerAccount(row, account_names([row])[row.pk])


def account_names(accounts: Iterable[Account]) -> dict[int, str]:
    """What accounts are called: the heading, or the organisation it is about. By primary key, in two queries."""
    accounts = list(accounts)
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in accounts:
        kind, _, pk = row.detail.partition(":")
        if pk.isdecimal():
            wanted["area" if kind == "area" else "organisation"].add(int(pk))
    organisations = dict(Organisation.objects.filter(pk__in=wanted["organisation"]).values_list("pk", "name"))
    areas = (
        dict(Area.objects.filter(pk__in=wanted["area"]).values_list("pk", "name")) if wanted["area"] else {}
    )
    return {row.pk: _name(row, organisations, areas) for row in accounts}


def _name(row: Account, organisations: dict[int, str], areas: dict[int, str]) -> str:
    heading = CHART[Purpose(row.purpose)].label
    kind, _, pk = row.detail.partition(":")
    if kind in {"buyer", "organisation"} and pk.isdecimal():
        return organisations.get(int(pk), heading)
    if kind == "area" and pk.isdecimal():
        return areas.get(int(pk), heading)
    return f"{heading}: {row.detail}" if row.detail else heading


# Movements -----------------------------------------------------------------------------------------------------------


def movements_of(account: Account) -> QuerySet[Transfer]:
    """Every movement of an account, oldest first, with `debit`, `credit` and the running `balance` after it (a credit above zero)."""
    came = Case(When(target=account, then=F("amount")), default=Value(0), output_field=BigIntegerField())
    went = Case(When(source=account, then=F("amount")), default=Value(0), output_field=BigIntegerField())
    rows = Transfer.objects.filter(Q(source=account) | Q(target=account)).annotate(credit=came, debit=went)
    order = [F("on").asc(), F("pk").asc()]
    return (
        rows.annotate(balance=Window(Sum(F("credit") - F("debit")), order_by=order))
        .select_related("source", "target", "by")
        .order_by("on", "pk")
    )


class Behind(NamedTuple):
    """What a movement comes from: the kind of record, its words and its reference."""

    kind: str
    label: str
    reference: str


def behind(transfers: Iterable[Transfer]) -> dict[int, Behind]:
    """The document, receipt, write-off, statement, card payment or booking behind movements, by the movement's primary key."""
    keys: dict[str, dict[int, int]] = defaultdict(dict)
    originals = dict[int, int]()
    rows = list(transfers)
    for row in rows:
        kind, _, rest = row.effect.partition(":")
        if kind == "reverse" and rest.isdecimal():
            originals[row.pk] = int(rest)
    first = (
        dict(Transfer.objects.filter(pk__in=originals.values()).values_list("pk", "effect"))
        if originals
        else {}
    )
    for row in rows:
        effect = first.get(originals.get(row.pk, 0), row.effect)
        kind, _, rest = effect.partition(":")
        number = rest.partition(":")[0]
        if number.isdecimal():
            keys[kind][row.pk] = int(number)
    return {
        **_documents(keys["document"]),
        **_by_reference("receipt", keys["receipt"], Receipt.objects.all()),
        **_by_reference("receipt", keys["allocation"], Allocation.objects.all(), "receipt__reference"),
        **_by_reference("write_off", keys["write_off"], WriteOff.objects.all()),
        **_by_reference("statement", keys["settlement"], SettlementStatement.objects.all()),
        **_by_reference("card", keys["card"], CardPayment.objects.all()),
        **_by_reference("card", keys["refund"], Refund.objects.all(), "payment__reference"),
        **_by_reference("card", keys["payout"], Payout.objects.all(), "payment__reference"),
        **_by_reference("card", keys["leg"], RefundLeg.objects.all(), "refund__payment__reference"),
        **_by_reference("booking", keys["booking"], Booking.objects.scoped()),
    }


def _documents(wanted: dict[int, int]) -> dict[int, Behind]:
    if not wanted:
        return {}
    rows = Document.objects.filter(pk__in=wanted.values()).select_related("series").in_bulk()
    return {
        pk: Behind("document", rows[key].full_number, rows[key].reference)
        for pk, key in wanted.items()
        if key in rows
    }


def _by_reference(
    kind: str, wanted: dict[int, int], rows: QuerySet[Any], reference: str = "reference"
) -> dict[int, Behind]:
    """What stands behind movements, by movement: the rows' own references or, by a path of names, those of what they belong to."""
    if not wanted:
        return {}
    found = dict(rows.filter(pk__in=wanted.values()).values_list("pk", reference))
    return {pk: Behind(kind, found[key], found[key]) for pk, key in wanted.items() if key in found}


# Trial balance -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrialRow:
    """One heading over a period, in pence: what it stood at before (a credit above zero), what moved, where it stands."""

    purpose: Purpose
    label: str
    opening: int
    debits: int
    credits: int

    @property
    def closing(self) -> int:
        """The balance at the end, a credit above zero."""
        return self.opening + self.credits - self.debits

    @property
    def closing_debit(self) -> int:
        """The end balance where it is a debit."""
        return max(0, -self.closing)

    @property
    def closing_credit(self) -> int:
        """The end balance where it is a credit."""
        return max(0, self.closing)


@dataclass(frozen=True)
class TrialBalance:
    """All headings of one organisation's books. `difference` is zero, or the books are wrong."""

    rows: tuple[TrialRow, ...]

    @property
    def opening(self) -> int:
        """Sum of the opening balances: zero."""
        return sum(row.opening for row in self.rows)

    @property
    def debits(self) -> int:
        """Sum of the debits of the period."""
        return sum(row.debits for row in self.rows)

    @property
    def credits(self) -> int:
        """Sum of the credits of the period."""
        return sum(row.credits for row in self.rows)

    @property
    def closing_debits(self) -> int:
        """Sum of the debit balances."""
        return sum(row.closing_debit for row in self.rows)

    @property
    def closing_credits(self) -> int:
        """Sum of the credit balances."""
        return sum(row.closing_credit for row in self.rows)

    @property
    def difference(self) -> int:
        """Debit balances less credit balances: zero."""
        return self.closing_debits - self.closing_credits


def trial_balance(organisation: Organisation, start: date, end: date) -> TrialBalance:
    """The trial balance of the organisation's books from `start` to `end`, both included, in two queries."""
    went = _sums("source", organisation.pk, start, end)
    came = _sums("target", organisation.pk, start, end)
    rows = []
    for purpose, heading in CHART.items():
        debit_before, debits = went.get(purpose, (0, 0))
        credit_before, credits = came.get(purpose, (0, 0))
        if any((debit_before, debits, credit_before, credits)):
            rows.append(TrialRow(purpose, heading.label, credit_before - debit_before, debits, credits))
    return TrialBalance(tuple(rows))


def _sums(side: str, owner_id: int, start: date, end: date) -> dict[str, tuple[int, int]]:
    rows = Transfer.objects.filter(
        **{f"{side}__owner_id": owner_id, f"{side}__ledger": Ledger.MONEY, f"{side}__unit": UNIT}, on__lte=end
    )
    zero = Value(0, output_field=BigIntegerField())
    summed = (
        rows.order_by()
        .values(f"{side}__purpose")
        .annotate(
            before=Coalesce(Sum("amount", filter=Q(on__lt=start)), zero),
            within=Coalesce(Sum("amount", filter=Q(on__gte=start)), zero),
        )
    )
    return {row[f"{side}__purpose"]: (row["before"], row["within"]) for row in summed}
