"""The bank of days when a school becomes an academy under another record: its credits pass to the academy."""

from django.db.models import F
from django.utils import timezone

from marketplace.buyback.ledgers import Credit, credit_accounts
from marketplace.buyback.models import AgreementEnding, EndingGround
from marketplace.buyback.queries.exchange import PASSED_ON
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action
from marketplace.kernel.models import Account, Ledger
from marketplace.kernel.transfers import Movement
from marketplace.organisations.models import Organisation


@action
def pass_on_credits(*, actor: Actor, school: Organisation, academy: Organisation) -> int:
    """Move what the school may spend to the academy; how many credits. What is reserved for its sessions follows if it comes back."""
    if school.pk == academy.pk:
        return 0
    accounts = credit_accounts(school, academy)
    source, target = accounts[school.pk, Credit.BALANCE], accounts[academy.pk, Credit.BALANCE]
    locked = {row.pk: row for row in _locked(source, target)}
    left = locked[source.pk].balance
    times = source.out.filter(effect__startswith=f"{PASSED_ON}{school.pk}:").count()
    reason = f"{school} became an academy: passed on to {academy}"
    effect = f"{PASSED_ON}{school.pk}:{times + 1}"
    transfers.move(
        by=actor,
        movements=[Movement(source, target, left, reason[:200], effect)],
        on=local(timezone.now()).date(),
    )
    return left


def pass_on_what_came_back() -> int:
    """Each night: credits that came back to schools whose agreements have passed to an academy follow; how many credits."""
    with_credits = Account.objects.filter(
        ledger=Ledger.EXCHANGE, purpose=Credit.BALANCE, balance__gt=0
    ).values("owner_id")
    endings = (
        AgreementEnding.objects.filter(
            ground=EndingGround.CONVERSION, carried_out_at__isnull=False, agreement__buyer__in=with_credits
        )
        .exclude(successor=F("agreement__buyer"))
        .select_related("agreement__buyer", "successor")
        .order_by("pk")
    )
    pairs = {each.agreement.buyer: each.successor for each in endings if each.successor is not None}
    return sum(
        pass_on_credits(actor=SYSTEM, school=school, academy=academy) for school, academy in pairs.items()
    )


def _locked(*accounts: Account) -> list[Account]:
    rows = Account.objects.filter(pk__in=[each.pk for each in accounts])
    return list(rows.select_for_update(no_key=True).order_by("pk"))
