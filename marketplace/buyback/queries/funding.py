"""Pots of an area: read and kept by its convenors and finance officers."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q, QuerySet

from marketplace.buyback.models import FundingKind, FundingStream
from marketplace.buyback.rules import Budget, FundedSchool, why_not_funded
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.organisations.models import Area, Organisation, OrganisationKind

KEEPERS = (Role.CONVENOR, Role.FINANCE)


class StreamAccount(StrEnum):
    """The accounts of a pot. What was granted is below zero: money comes from there."""

    GRANTED = "granted"
    AVAILABLE = "available"
    COMMITTED = "committed"
    SPENT = "spent"


class Funding(NamedTuple):
    """Where the money for an order comes from: the kind for the document's lines, the pot, and who pays where not the school."""

    kind: str
    stream: FundingStream | None
    payer: Organisation | None


class FinancialYearInvalid(DomainError):
    """Not a financial year as councils write it."""

    code = "financial_year_invalid"


def streams_visible_to(actor: Actor) -> QuerySet[FundingStream]:
    """The pots of the areas the person convenes or keeps the money of."""
    rows = FundingStream.objects.select_related("area")
    return rows if actor.is_system else rows.filter(area__in=actor.in_area(*KEEPERS))


def stream_for(actor: Actor, reference: str) -> FundingStream:
    """One pot by its reference; `NotFound` where there is none for this person."""
    found = streams_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def may_manage_streams(actor: Actor, area: Area) -> bool:
    """Whether the person keeps the pots of the area: its convenors and finance officers."""
    return actor.is_system or area.pk in actor.in_area(*KEEPERS)


def budgets_of(streams: Iterable[FundingStream]) -> dict[int, Budget]:
    """What was granted, is left, committed and spent of each pot, by its id. One query."""
    details = {stream.account_detail: stream.pk for stream in streams}
    found: dict[int, dict[str, int]] = {pk: {} for pk in details.values()}
    for account in Account.objects.filter(ledger=Ledger.FUNDING, detail__in=details):
        found[details[account.detail]][account.purpose] = account.balance
    return {
        pk: Budget(
            granted=-balances.get(StreamAccount.GRANTED, 0),
            available=balances.get(StreamAccount.AVAILABLE, 0),
            committed=balances.get(StreamAccount.COMMITTED, 0),
            spent=balances.get(StreamAccount.SPENT, 0),
        )
        for pk, balances in found.items()
    }


def budget_of(stream: FundingStream) -> Budget:
    """What was granted, is left, committed and spent of a pot, in pence."""
    return budgets_of([stream])[stream.pk]


def movements_of(stream: FundingStream) -> QuerySet[Transfer]:
    """Every movement of a pot, newest first."""
    own = {"ledger": Ledger.FUNDING, "detail": stream.account_detail}
    accounts = Account.objects.filter(**own)
    return (
        Transfer.objects.filter(Q(source__in=accounts) | Q(target__in=accounts))
        .select_related("source", "target", "by")
        .order_by("-pk")
    )


def why_not_for(stream: FundingStream, school: Organisation) -> str:
    """Why the pot may not pay for the school, in a sentence; empty where it may."""
    register = getattr(school, "school", None)
    return why_not_funded(
        stream.kind,
        stream.area_id,
        FundedSchool(
            name=str(school),
            area_id=school.area_id,
            legal_status=school.legal_status,
            phases=register.phases if register else (),
        ),
    )


def funding_of(order: object) -> Funding:
    """Where the money for a booking or an agreement comes from, for the lines of its documents.

    Without a pot it is the school's own money (`traded`); with one the local authority of the pot's area pays.
    """
    stream: FundingStream | None = getattr(order, "funding_stream", None)
    if stream is None:
        return Funding(FundingKind.TRADED, None, None)
    return Funding(stream.kind, stream, authority_of(stream.area_id))


def authority_of(area_id: int) -> Organisation | None:
    """The local authority of an area, which pays from its pots."""
    return (
        Organisation.objects.filter(area=area_id, kind=OrganisationKind.LOCAL_AUTHORITY)
        .order_by("pk")
        .first()
    )


def check_financial_year(text: str) -> None:
    """Raise `FinancialYearInvalid` unless the text is a financial year: `2026-27`."""
    match = re.fullmatch(r"(20\d\d)-(\d\d)", text)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise FinancialYearInvalid(
            f"“{text[:20]}” is not a financial year.", remedy="Write it as 2026-27.", field="financial_year"
        )
