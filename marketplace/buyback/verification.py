"""What must agree about agreements and what they include, asked by `manage.py verify`."""

from django.db.models import Count, F, Model, Q, QuerySet

from marketplace.buyback.ledgers import Drawdown
from marketplace.buyback.models import (
    AgreementEnding,
    AgreementStatus,
    AgreementYear,
    Entitlement,
    EvidenceStatus,
    FundingStream,
    QuotesEvidence,
    RecordedUse,
    ServiceAgreement,
)
from marketplace.buyback.queries import budgets_of, pack_of
from marketplace.buyback.rules import Approver, missing_from, years_of_term
from marketplace.kernel.dates import ContractCalendar
from marketplace.kernel.models import Account, HistoryEntry, Ledger, Transfer
from marketplace.kernel.verification import must_agree, status_disagreements

LADDER_NAMED = "(ladder of "
OWN_WORD_ENOUGH = Approver.ANY_ORDERER.label[1:]


@must_agree("An agreement’s status is its last history row (I6)")
def agreements_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return status_disagreements(ServiceAgreement)


@must_agree("The contract years of an agreement are numbered without gap and lie inside its term")
def contract_years_are_whole() -> list[str]:
    """One row per begun year: 1, 2, 3 … and none outside the agreement's own years."""
    wrong = []
    rows: QuerySet[ServiceAgreement] = ServiceAgreement._rows.filter(contract_years__isnull=False).distinct()
    for agreement in rows.prefetch_related("contract_years").order_by("pk").iterator(chunk_size=500):
        years = list(agreement.contract_years.all())
        term = {
            year.number: year.period
            for year in years_of_term(ContractCalendar(agreement.calendar), agreement.period)
        }
        if [year.number for year in years] != list(range(1, len(years) + 1)):
            wrong.append(f"Agreement {agreement}: its contract years have a gap.")
        for year in years:
            # The first year after a conversion inside a month is counted from the next whole month (or its last).
            period = term.get(year.number)
            if period is None or year.ends_on != period.end or year.ends_on < year.starts_on:
                wrong.append(f"Agreement {agreement}: year {year.number} is none of its term.")
    return wrong


@must_agree("Each contract year of an agreement has a price for each of its lines, and for no other")
def contract_years_price_every_line() -> list[str]:
    """`pence` has the ids of the agreement's lines as keys and no amount below zero."""
    wrong = []
    rows = AgreementYear.objects.select_related("agreement").prefetch_related("agreement__lines")
    for year in rows.order_by("pk").iterator(chunk_size=500):
        lines = {str(line.pk): line for line in year.agreement.lines.all()}
        if set(lines) != set(year.pence) or any(pence < 0 for pence in year.pence.values()):
            wrong.append(f"{year}: its prices are not those of its lines.")
        elif year.number == 1 and any(year.pence[pk] != line.year_pence for pk, line in lines.items()):
            wrong.append(f"{year}: it does not cost what was agreed.")
    return wrong


@must_agree("An agreement in force has begun its first year, and one that has not started has begun none")
def years_begin_with_the_agreement() -> list[str]:
    """Counted, not trusted."""
    counted = ServiceAgreement._rows.annotate(begun=Count("contract_years")).filter(
        Q(status=AgreementStatus.ACTIVE, begun=0) | Q(status=AgreementStatus.SUBMITTED, begun__gt=0)
    )
    return [
        f"Agreement {row} is {row.status} with {row.begun} years begun." for row in counted.order_by("pk")
    ]


@must_agree("What an ending gives back is at most the price of the year it ends in, line by line")
def endings_give_back_no_more_than_was_paid() -> list[str]:
    """And what a conversion takes from the maintained school's agreement is what the academy's first year costs."""
    wrong = []
    rows = AgreementEnding.objects.filter(carried_out_at__isnull=False).select_related("agreement")
    for ending in rows.order_by("pk").iterator(chunk_size=500):
        if ending.year_number is None:
            continue
        year = AgreementYear.objects.filter(agreement=ending.agreement, number=ending.year_number).first()
        if year is None or any(
            not 0 <= pence <= year.pence.get(pk, -1) for pk, pence in ending.not_run.items()
        ):
            wrong.append(f"{ending}: it gives back more than the year cost.")
        following = ServiceAgreement._rows.filter(
            supersedes=ending.agreement, succession="conversion"
        ).first()
        if following is not None:
            first = following.contract_years.filter(number=1).first()
            if first is None or sum(first.pence.values()) != ending.not_run_pence:
                wrong.append(f"{ending}: what it passes on is not what {following} costs.")
    return wrong


@must_agree("An agreement that follows another begins after it, with the same seller")
def successors_follow() -> list[str]:
    """Renewals begin on or after the day after, conversions on it."""
    rows = ServiceAgreement._rows.filter(supersedes__isnull=False).select_related("supersedes").order_by("pk")
    wrong = rows.exclude(seller=F("supersedes__seller")) | rows.filter(
        supersedes__ended_on__isnull=False, starts_on__lte=F("supersedes__ended_on")
    )
    return [f"Agreement {row} does not follow {row.supersedes} as it should." for row in wrong]


def _balances(purpose: Drawdown) -> dict[str, int]:
    accounts = Account.objects.filter(ledger=Ledger.ENTITLEMENT, purpose=purpose)
    return dict(accounts.values_list("detail", "balance"))


@must_agree("What an entitlement was granted lies in its accounts (I4)")
def grants_are_accounted_for() -> list[str]:
    """The source of an entitlement's accounts is below zero by exactly what the entitlement says was granted."""
    granted = _balances(Drawdown.GRANTED)
    return [
        f"Entitlement {row.pk}: {row.granted} {row.unit} granted, the ledger says {-granted.get(row.account_detail, 0)}."
        for row in Entitlement.objects.order_by("pk").iterator()
        if row.granted != -granted.get(row.account_detail, 0)
    ]


@must_agree("Days carried over arrive where they were carried to")
def carried_days_arrive() -> list[str]:
    """What left one entitlement by being carried is what its successor was granted, and nothing is carried nowhere."""
    carried = _balances(Drawdown.CARRIED)
    rows = Entitlement.objects.annotate(arrived=F("carried_into__granted")).order_by("pk")
    return [
        f"Entitlement {row.pk}: {carried.get(row.account_detail, 0)} {row.unit} carried over, {row.arrived or 0} arrived."
        for row in rows.iterator()
        if carried.get(row.account_detail, 0) != (row.arrived or 0)
    ]


@must_agree("Every penny granted to a funding stream is left, committed or spent, once")
def funding_is_accounted_for() -> list[str]:
    """Each stream's ledger: what was granted is the sum of the other three, and none of them is below zero."""
    streams = list(FundingStream.objects.order_by("pk"))
    budgets = budgets_of(streams)
    return [
        f"Funding stream {stream.reference}: {budget} does not add up."
        for stream in streams
        if not (budget := budgets[stream.pk]).agrees or min(budget) < 0
    ]


@must_agree("Complete quotes evidence lacks nothing that the ladder asked for")
def evidence_is_complete() -> list[str]:
    """Asked again of what was kept with it when it was completed."""
    rows = (
        QuotesEvidence.objects.filter(status=EvidenceStatus.COMPLETE)
        .prefetch_related("quotes")
        .order_by("pk")
    )
    return [
        f"Quotes evidence {row.reference}: {sentence}"
        for row in rows.iterator(chunk_size=500)
        for sentence in missing_from(pack_of(row), row.requirement.get("quotes_needed", 0))
    ]


@must_agree("Nobody approved an agreement of their own above the first step of the ladder (I8)")
def agreements_were_approved_by_others() -> list[str]:
    """By the step of the ladder that the history of the approval names."""
    return own_approvals(ServiceAgreement, "Agreement")


def own_approvals(model: type[Model], noun: str) -> list[str]:
    """Rows approved by the person who requested them, though the approval's own history line names a step that wants another."""
    lines = HistoryEntry.objects.filter(
        subject_type=model._meta.label_lower, verb="approve", note__contains=LADDER_NAMED
    ).exclude(note__contains=OWN_WORD_ENOUGH)
    # What another school took over since stands on that school's word, and its history says so.
    handed_over = HistoryEntry.objects.filter(subject_type=model._meta.label_lower, verb="hand_over")
    lines = lines.exclude(subject_id__in=handed_over.values("subject_id"))
    rows = model._base_manager.filter(
        pk__in=lines.values("subject_id"), approved_by=F("requested_by")
    ).order_by("pk")
    return [f"{noun} {row}: approved by the person who ordered it." for row in rows]


@must_agree("What a seller recorded as used is in the ledger, and what it took back is not")
def recorded_uses_are_in_the_ledger() -> list[str]:
    """One movement for each use, and one more for each that was taken back."""
    wrong = []
    moved = dict(Transfer.objects.filter(effect__startswith="recorded_use:").values_list("effect", "amount"))
    for use in (
        RecordedUse.objects.select_related("entitlement__line").order_by("pk").iterator(chunk_size=500)
    ):
        given_back = use.quantity if use.taken_back_at else 0
        found = [moved.get(f"recorded_use:{use.pk}:{verb}", 0) for verb in ("use", "take_back")]
        if found != [use.quantity, given_back]:
            wrong.append(f"{use}: the ledger does not have it so.")
    return wrong
