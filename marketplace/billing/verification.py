"""What must agree in billing: totals with lines, numbers without gaps, the ledger with the papers."""

import hashlib
from collections import Counter, defaultdict
from typing import NamedTuple, TypeAlias

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum
from django.db.models.functions import Abs, Coalesce

from marketplace.billing import course_verification  # noqa: F401  (its checks are registered with these)
from marketplace.billing.journal_files import csv_of
from marketplace.billing.models import (
    Allocation,
    AllocationKind,
    BackfillClaim,
    BankLine,
    BankStatement,
    CardPayment,
    CardPaymentStatus,
    Dispute,
    Document,
    Instalment,
    JournalEntry,
    JournalRun,
    NumberSeries,
    Payout,
    Receipt,
    Refund,
    SettlementStatement,
    SettlementStatus,
    WriteOff,
    WriteOffStatus,
)
from marketplace.billing.postings import CHART, UNIT, Purpose
from marketplace.billing.queries.journals import rows_of
from marketplace.buyback.models import AgreementEnding
from marketplace.kernel.models import Account, HistoryEntry, Ledger, Transfer
from marketplace.kernel.verification import must_agree, status_disagreements
from marketplace.organisations.models import Organisation

Pair: TypeAlias = tuple[int | None, int | None]
"""Whose books, and which buyer in them."""


@must_agree("Document totals are the sums of their lines")
def totals_and_lines() -> list[str]:
    sums = Document.objects.annotate(net=Sum("lines__net_pence"), vat=Sum("lines__vat_pence"))
    wrong = sums.exclude(net=F("net_pence"), vat=F("vat_pence"))
    return [
        f"{d.full_number}: lines make {d.net} + {d.vat}, the document says {d.net_pence} + {d.vat_pence}"
        for d in wrong
    ]


@must_agree("Document numbers run without gaps")
def numbers_without_gaps() -> list[str]:
    series = NumberSeries.objects.annotate(count=Count("documents"), highest=Max("documents__number"))
    return [
        f"{s.prefix}: {s.count} documents, highest number {s.highest}, counter at {s.last_number}"
        for s in series
        if not s.count == (s.highest or 0) == s.last_number
    ]


@must_agree("Receivables are documents less credit notes, payments and write-offs")
def ledger_and_documents() -> list[str]:
    """What a buyer owes in a supplier's books is what its documents say is outstanding."""
    owed: Counter[Pair] = Counter()
    for row in Document.objects.values("supplier", "buyer").annotate(pence=Sum("gross_pence")).order_by():
        owed[row["supplier"], row["buyer"]] += row["pence"]
    paid = Allocation.objects.filter(kind=AllocationKind.DOCUMENT).values("receipt__payee", "buyer")
    for each in paid.annotate(total=Sum("pence")).order_by():
        owed[each["receipt__payee"], each["buyer"]] -= each["total"]
    written_off = WriteOff.objects.filter(status=WriteOffStatus.APPROVED)
    for gone in (
        written_off.values("document__supplier", "document__buyer").annotate(total=Sum("pence")).order_by()
    ):
        owed[gone["document__supplier"], gone["document__buyer"]] -= gone["total"]
    return _compare(Purpose.RECEIVABLE, owed, sign=-1, says="outstanding on its documents")


@must_agree("Money on account is what receipts put there, and never below zero")
def on_account() -> list[str]:
    rows = Allocation.objects.filter(kind=AllocationKind.ON_ACCOUNT).values("receipt__payee", "buyer")
    said: Counter[Pair] = Counter(
        {(r["receipt__payee"], r["buyer"]): r["total"] for r in rows.annotate(total=Sum("pence")).order_by()}
    )
    return _compare(Purpose.ON_ACCOUNT, said, sign=1, says="put on account by its receipts")


@must_agree("Receipts not yet matched are what the books hold in suspense")
def suspense() -> list[str]:
    said: Counter[Pair] = Counter()
    for row in Receipt.objects.values("payee").annotate(total=Sum("pence")).order_by():
        said[row["payee"], None] += row["total"]
    for used in Allocation.objects.values("receipt__payee").annotate(total=Sum("pence")).order_by():
        said[used["receipt__payee"], None] -= used["total"]
    return _compare(Purpose.SUSPENSE, said, sign=1, says="not matched")


@must_agree("No more of a receipt is used than it holds")
def receipts_and_allocations() -> list[str]:
    rows = Receipt.objects.annotate(used=Coalesce(Sum("allocations__pence"), 0)).order_by()
    over = rows.filter(Q(used__gt=F("pence")) | Q(used__lt=0)).select_related("payee")
    return [
        f"{r.reference}, books of {r.payee} ({r.payee.reference}): {r.used} pence used of {r.pence}"
        for r in over
    ]


@must_agree("Nothing is taken back from a document or an account that was not put there")
def allocations_below_zero() -> list[str]:
    below = (
        Allocation.objects.values(
            "receipt__reference", "receipt__payee__reference", "kind", "document", "buyer"
        )
        .annotate(total=Sum("pence"))
        .filter(total__lt=0)
        .order_by()
    )
    return [
        f"{row['receipt__reference']} ({row['receipt__payee__reference']}): {row['total']} pence {row['kind']}"
        for row in below
    ]


@must_agree("Every line of a bank statement is one receipt of the same amount")
def bank_lines_and_receipts() -> list[str]:
    wrong = BankLine.objects.exclude(receipt__pence=F("pence")).select_related("payee", "statement")
    return [
        f"{line.statement.reference} line {line.line}, books of {line.payee} ({line.payee.reference}): no receipt of "
        f"{line.pence} pence"
        for line in wrong
    ]


@must_agree("Each organisation’s books come to zero")
def books_come_to_zero() -> list[str]:
    sums = (
        Account.objects.filter(ledger=Ledger.MONEY)
        .values("owner_id")
        .annotate(total=Sum("balance"))
        .exclude(total=0)
        .order_by("owner_id")
    )
    names = _names({row["owner_id"] for row in sums})
    return [f"Books of {names[row['owner_id']]}: they come to {row['total']} pence" for row in sums]


@must_agree("No movement of money leads from one organisation’s books into another’s")
def movements_stay_in_their_books() -> list[str]:
    crossing = (
        Transfer.objects.filter(source__ledger=Ledger.MONEY)
        .exclude(source__owner_id=F("target__owner_id"))
        .select_related("source", "target")
    )
    names = _names({side.owner_id for t in crossing for side in (t.source, t.target)})
    return [
        f"Movement {t.pk} “{t.reason}”: from books of {names[t.source.owner_id]} to {names[t.target.owner_id]}"
        for t in crossing
    ]


def _compare(purpose: Purpose, said: Counter[Pair], *, sign: int, says: str) -> list[str]:
    """Accounts of a purpose against what the papers say, by owner and buyer; `sign` is -1 where a debt lies below zero."""
    booked: Counter[Pair] = Counter()
    accounts = Account.objects.filter(ledger=Ledger.MONEY, purpose=purpose, unit=UNIT)
    for owner, detail, balance in accounts.values_list("owner_id", "detail", "balance"):
        number = detail.partition(":")[2]
        booked[owner, int(number) if number else None] += sign * balance
    wrong = sorted((pair for pair in {*said, *booked} if said[pair] != booked[pair]), key=str)
    names = _names({pk for pair in wrong for pk in pair})
    return [
        f"Books of {names[owner]}{f', {names[buyer]}' if buyer else ''}: {said[owner, buyer]} pence {says}, "
        f"{CHART[purpose].label.lower()} {booked[owner, buyer]}"
        for owner, buyer in wrong
    ]


def _names(pks: set[int | None]) -> dict[int | None, str]:
    """`Name (reference)` of organisations: the finance desk shows a finding to those whose reference it names."""
    rows = Organisation.objects.filter(pk__in=[pk for pk in pks if pk]).values_list("pk", "name", "reference")
    found: dict[int | None, str] = {pk: f"{name} ({reference})" for pk, name, reference in rows}
    return {pk: found.get(pk, f"organisation {pk}") for pk in pks}


@must_agree("Card money held, refunded and passed on is what the ledger says")
def card_money() -> list[str]:
    """Held money belongs to a paid payment and is no more than is left of it; promised refunds are the sum of the refunds."""
    held = dict(
        Account.objects.filter(ledger=Ledger.MONEY, purpose=Purpose.HELD, balance__gt=0).values_list(
            "detail", "balance"
        )
    )
    found = []
    for payment in CardPayment.objects.annotate(promised=Sum("refunds__pence")).order_by("pk"):
        kept = held.pop(f"card:{payment.pk}", 0)
        if kept and (payment.status != CardPaymentStatus.PAID or kept > payment.left_pence):
            found.append(
                f"Card payment {payment}: {kept} pence are held, {payment.left_pence} are left of it."
            )
        if (payment.promised or 0) != payment.refunded_pence:
            found.append(
                f"Card payment {payment}: refunds make {payment.promised or 0}, it says {payment.refunded_pence}."
            )
    return found + [
        f"Account {detail} holds {pence} pence of no card payment." for detail, pence in held.items()
    ]


@must_agree("Every card payment, refund and payout stands where its history last led")
def card_states() -> list[str]:
    return [line for model in (CardPayment, Refund, Payout) for line in status_disagreements(model)]


@must_agree("Write-offs, questions of buyers and bank statements are where their history led them")
def collecting_states() -> list[str]:
    return [line for model in (WriteOff, Dispute, BankStatement) for line in status_disagreements(model)]


@must_agree("Settlement statements and claims for cover are where their history led them")
def settlement_statuses() -> list[str]:
    return [*status_disagreements(SettlementStatement), *status_disagreements(BackfillClaim)]


@must_agree("A statement’s lines make its net amount, and a journal run's papers its control totals")
def statements_and_runs() -> list[str]:
    statements = SettlementStatement.objects.annotate(lines_pence=Sum("lines__net_pence"))
    found = [
        f"{each.reference}: lines make {each.lines_pence}, the statement says {each.net_pence} pence"
        for each in statements.exclude(lines_pence=F("net_pence")).order_by("pk")
    ]
    lines = Sum(Abs("entries__document__lines__net_pence"))
    runs = JournalRun.objects.annotate(papers=Count("entries", distinct=True), lines=lines)
    found += [
        f"{run.reference}: {run.papers} papers of {run.lines} pence, the run says {run.count} of {run.debit_pence}"
        for run in runs.exclude(papers=F("count"), lines=F("debit_pence")).order_by("pk")
    ]
    return found + [
        f"{run.reference}: its file is not the one that was handed over"
        for run in JournalRun.objects.order_by("pk").iterator()
        if hashlib.sha256(csv_of(rows_of(run))).hexdigest() != run.sha256
    ]


@must_agree("What went to an authority’s ledger is what the journal runs hold")
def journal_clearing_and_runs() -> list[str]:
    """In the books of each supplier what its papers in runs come to, less, in a broker's, what its statements in runs come to."""
    said: Counter[tuple[int | None, str]] = Counter()
    papers = JournalEntry.objects.values("document__supplier", "run__area")
    for row in papers.annotate(pence=Sum("document__gross_pence")).order_by():
        said[row["document__supplier"], f"area:{row['run__area']}"] += row["pence"]
    paid = SettlementStatement.objects.filter(
        status=SettlementStatus.PAID, document__journal_entry__isnull=False
    ).values("broker", "document__journal_entry__run__area")
    for out in paid.annotate(pence=Sum("document__gross_pence")).order_by():
        said[out["broker"], f"area:{out['document__journal_entry__run__area']}"] -= out["pence"]
    accounts = Account.objects.filter(ledger=Ledger.MONEY, purpose=Purpose.JOURNAL_CLEARING)
    booked = Counter(
        {
            (owner, detail): -pence
            for owner, detail, pence in accounts.values_list("owner_id", "detail", "balance")
        }
    )
    wrong = sorted((key for key in {*said, *booked} if said[key] != booked[key]), key=str)
    names = _names({owner for owner, _ in wrong})
    return [
        f"Books of {names[owner]}: runs hold {said[owner, detail]} pence, the ledger {booked[owner, detail]}"
        for owner, detail in wrong
    ]


@must_agree("What is billed of a contract year is its price less what was for months not run")
def instalments_and_contract_years() -> list[str]:
    """Where somebody credited a paper by hand before, as much less may be left to take back."""
    ended = _not_run()
    papers = _papers_of_agreements()
    rows: dict[int, list[Instalment]] = defaultdict(list)
    for row in Instalment.objects.select_related("year__agreement").order_by("pk").iterator(chunk_size=500):
        rows[row.year_id].append(row)
    found = []
    for of_year in rows.values():
        year = of_year[0].year
        price = sum(year.pence.values()) - ended.get((year.agreement_id, year.number), 0)
        billed = sum(sum(row.pence.values()) - papers.not_run(row) for row in of_year)
        by_hand = sum(papers.credited_by_hand(row) for row in of_year)
        if not 0 <= billed - price <= by_hand:
            found.append(f"{year}: {billed} pence are billed or to be billed, it costs {price}.")
    return found


class _AgreementPapers(NamedTuple):
    """Net pence of the papers of agreements: of each by key, of its credit notes, and which one was issued in place of which."""

    net: dict[int, int]
    credited: Counter[int]
    replaced_by: dict[int, int]
    taken_back: Counter[str]

    def not_run(self, row: Instalment) -> int:
        """What was credited of an instalment for months not run."""
        return self.taken_back[f"instalment:{row.pk}:not_run"]

    def credited_by_hand(self, row: Instalment) -> int:
        """What was credited of it besides, papers issued again set against those they stand for."""
        if row.document_id is None:
            return 0
        key: int = row.document_id
        while key in self.replaced_by:
            key = self.replaced_by[key]
        left = self.net[key] - self.credited[key]
        return self.net[row.document_id] - left - self.not_run(row)


def _papers_of_agreements() -> _AgreementPapers:
    found = _AgreementPapers({}, Counter(), {}, Counter())
    rows = Document.objects.filter(agreement__isnull=False).order_by("pk")
    for pk, net, credits, replaces, effect in rows.values_list(
        "pk", "net_pence", "credits", "replaces", "effect"
    ).iterator():
        found.net[pk] = net
        if credits:
            found.credited[credits] -= net
            found.taken_back[effect] -= net
        if replaces:
            found.replaced_by[replaces] = pk
    return found


def _not_run() -> dict[tuple[int, int | None], int]:
    """What endings say was not run, by agreement and number of its year, once it was taken back."""
    done = HistoryEntry.objects.filter(
        subject_type=AgreementEnding._meta.label_lower, verb="take_back", subject_id=OuterRef("pk")
    )
    rows = AgreementEnding.objects.filter(Exists(done), year_number__isnull=False)
    return {(each.agreement_id, each.year_number): each.not_run_pence for each in rows}
