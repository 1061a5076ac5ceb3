"""What must agree in billing: totals with lines, numbers without gaps, the ledger with the papers."""

from django.db.models import Count, F, Max, Sum

from marketplace.billing.models import Document, NumberSeries
from marketplace.billing.postings import UNIT
from marketplace.kernel.models import Account, Ledger
from marketplace.kernel.verification import must_agree


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


@must_agree("Receivables in the money ledger are the documents' totals")
def ledger_and_documents() -> list[str]:
    """Until receipts are recorded, each receivable is exactly minus what its documents sum to."""
    found = []
    for row in Document.objects.values("supplier", "buyer").annotate(owed=Sum("gross_pence")):
        account = Account.objects.filter(
            ledger=Ledger.MONEY,
            purpose="receivable",
            owner_id=row["supplier"],
            detail=f"buyer:{row['buyer']}",
            unit=UNIT,
        ).first()
        balance = account.balance if account else 0
        if balance != -row["owed"]:
            found.append(
                f"Supplier {row['supplier']}, buyer {row['buyer']}: documents {row['owed']}, ledger {-balance} pence"
            )
    return found
