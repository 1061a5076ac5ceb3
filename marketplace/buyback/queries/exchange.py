"""The bank of days: who sees an organisation's credits, every movement, what a credit is worth, and the year's statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from marketplace.buyback.ledgers import CREDITS, Credit
from marketplace.buyback.models import CreditMovement, CreditValue, ExchangeStatement
from marketplace.buyback.queries.balances import AREA_READERS, HOLDER_READERS, SELLER_READERS
from marketplace.buyback.rules import exchange as rules
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import ACADEMIC, Period, academic_year, contract_year
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.supply import ServiceKind, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Area, Organisation, OrganisationKind

MOST_CREDITS_AT_ONCE = 400
"""More than a person's year of half-days is a slip of the keyboard."""

PASSED_ON = "passed_on:"
"""How the effects of movements to an academy begin, under which a school goes on."""

SPONSORS = frozenset(
    {OrganisationKind.LOCAL_AUTHORITY, OrganisationKind.LA_SERVICE, OrganisationKind.SCHOOL_COMPANY}
)
SPONSORING = frozenset({Role.CONVENOR, Role.PROVIDER_LEAD, Role.FINANCE})


def holders_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Organisations with an account in the bank of days whose credits the person may see, with `balance` and `reserved`.

    Their own, and for convenors and finance those of the area.
    """
    rows = Organisation.objects.select_related("school", "area").annotate(
        balance=Coalesce(_balance(Credit.BALANCE), Value(0)),
        reserved=Coalesce(_balance(Credit.RESERVED), Value(0)),
    )
    if actor.is_system:
        return rows
    own = actor.organisations(*HOLDER_READERS, *SELLER_READERS)
    return rows.filter(Q(pk__in=own) | Q(area__in=actor.in_area(*AREA_READERS)))


def with_credits(rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Those that ever had a credit."""
    ever = Account.objects.filter(ledger=Ledger.EXCHANGE, purpose=Credit.BALANCE).values("owner_id")
    return rows.filter(pk__in=ever)


def holder_for(actor: Actor, reference: str) -> Organisation:
    """An organisation by its reference, with its credits; `NotFound` where the person may not see them."""
    found = holders_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def credits_of(organisation_id: int) -> tuple[int, int]:
    """Balance and reserved credits."""
    rows = Account.objects.filter(ledger=Ledger.EXCHANGE, owner_id=organisation_id, unit=CREDITS, detail="")
    balances = dict(rows.values_list("purpose", "balance"))
    return balances.get(Credit.BALANCE, 0), balances.get(Credit.RESERVED, 0)


def _balance(purpose: Credit) -> Subquery:
    accounts = Account.objects.filter(
        ledger=Ledger.EXCHANGE, owner_id=OuterRef("pk"), purpose=str(purpose), detail="", unit=CREDITS
    )
    return Subquery(accounts.values("balance")[:1])


# Who may -------------------------------------------------------------------------------------------------------------


def may_sponsor(actor: Actor, sponsor: Organisation) -> bool:
    """Whether the person may give credits for the authority, its service or a school company."""
    return sponsor.kind in SPONSORS and actor.holds(*SPONSORING, at=sponsor.pk)


def sponsors_of(actor: Actor) -> QuerySet[Organisation]:
    """The organisations for which the person may give credits."""
    return Organisation.objects.filter(kind__in=SPONSORS, pk__in=actor.organisations(*SPONSORING))


def may_set_values(actor: Actor, area: Area) -> bool:
    """Whether the person may say what a credit is worth: the area's finance officers and convenors."""
    return actor.is_system or area.pk in actor.in_area(*AREA_READERS)


def areas_valued_by(actor: Actor) -> QuerySet[Area]:
    """The areas in which the person may say what a credit is worth."""
    return Area.objects.filter(pk__in=actor.in_area(*AREA_READERS))


def may_state(actor: Actor, organisation: Organisation) -> bool:
    """Whether the person may make the year's settlement statement: the area's finance officers and convenors."""
    return actor.is_system or organisation.area_id in actor.in_area(*AREA_READERS)


# Movements -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CreditStep:
    """One movement of an organisation's credits: `quantity` in (above zero) or out of what it may spend, and what was left."""

    transfer: Transfer
    verb: str
    quantity: int
    left: int


def credit_steps(organisation_id: int) -> list[CreditStep]:
    """Every movement of the organisation's credits, oldest first, with the balance after it."""
    steps, left = [], 0
    for transfer in _transfers(organisation_id):
        verb, quantity = _in_words(transfer, organisation_id)
        left += quantity
        steps.append(CreditStep(transfer, verb, quantity, left))
    return steps


def _in_words(transfer: Transfer, own: int) -> tuple[str, int]:
    """What happened, and what it did to the balance."""
    source, target = transfer.source, transfer.target
    incoming = target.owner_id == own and target.purpose == Credit.BALANCE
    if source.purpose == Credit.SPONSOR:
        return ("Received from a sponsor", transfer.amount) if incoming else ("Given as a sponsor", 0)
    if source.purpose == Credit.CONVERTED:
        return "From unused package days", transfer.amount
    if transfer.effect.startswith(PASSED_ON):
        return ("Taken over", transfer.amount) if incoming else ("Passed on", -transfer.amount)
    if source.owner_id == target.owner_id:
        reserving = target.purpose == Credit.RESERVED
        return ("Reserved", -transfer.amount) if reserving else ("Given back", transfer.amount)
    if source.purpose == Credit.RESERVED:
        return ("Earned", transfer.amount) if incoming else ("Spent", 0)
    return ("Charge given back", transfer.amount if incoming else -transfer.amount)


def _transfers(organisation_id: int) -> QuerySet[Transfer]:
    return (
        Transfer.objects.filter(
            Q(source__owner_id=organisation_id) | Q(target__owner_id=organisation_id),
            source__ledger=Ledger.EXCHANGE,
        )
        .select_related("source", "target", "by", "credit_movement__support_type")
        .order_by("pk")
    )


# Values and statements -----------------------------------------------------------------------------------------------


def values_of(area_id: int | None) -> list[rules.Valued]:
    """What credits were worth in an area, by type and day."""
    rows = CreditValue.objects.filter(area=area_id).values_list("support_type", "from_day", "pence")
    return [rules.Valued(*row) for row in rows]


def credit_values(area: Area) -> QuerySet[CreditValue]:
    """What a credit is worth in an area, newest first."""
    return (
        CreditValue.objects.filter(area=area)
        .select_related("support_type")
        .order_by(F("support_type__name").asc(nulls_first=True), "-from_day")
    )


def year_period(label: str) -> Period:
    """First and last day of an academic year written `2026/27` or `2026-27`. Raises `NotFound` for anything else."""
    first = label[:4]
    if not first.isdecimal() or not 1900 < int(first) < 2900 or label[4:] not in _ends(int(first)):
        raise NotFound
    return contract_year(ACADEMIC, date(int(first), ACADEMIC.first_month, 1))


def _ends(first: int) -> tuple[str, str]:
    return f"/{(first + 1) % 100:02d}", f"-{(first + 1) % 100:02d}"


def statement_so_far(organisation: Organisation, year: str) -> rules.Statement:
    """The settlement statement of an academic year, worked out from the ledger as it stands."""
    period = year_period(year)
    values = values_of(organisation.area_id)
    opening, found = 0, []
    transfers = [t for t in _transfers(organisation.pk) if t.on <= period.end]
    partners = _partners(transfers)
    for transfer in transfers:
        kind, amount = _settled(transfer, organisation.pk)
        if not kind:
            continue
        if transfer.on < period.start:
            opening += amount if kind != rules.GIVEN else 0
        else:
            found.append(_movement(transfer, kind, amount, organisation, partners, values))
    return rules.Statement(year=year.replace("-", "/"), opening=opening, movements=tuple(found))


def statement_made(organisation: Organisation, year: str) -> ExchangeStatement | None:
    """The statement as it was made after the year's end, where it was."""
    return ExchangeStatement.objects.filter(organisation=organisation, year=year.replace("-", "/")).first()


def statement_years(organisation: Organisation) -> list[str]:
    """The academic years in which the organisation's credits moved, newest first."""
    days = _transfers(organisation.pk).values_list("on", flat=True)
    return sorted({academic_year(day) for day in days}, reverse=True)


def _settled(transfer: Transfer, own: int) -> tuple[str, int]:
    """How a movement counts in a statement: reserving and giving back are no movements yet."""
    source, target = transfer.source, transfer.target
    if source.purpose == Credit.SPONSOR:
        return (rules.SPONSORED, transfer.amount) if target.owner_id == own else (rules.GIVEN, 0)
    if source.purpose == Credit.CONVERTED:
        return rules.CONVERTED, transfer.amount
    if transfer.effect.startswith(PASSED_ON):
        return rules.MOVED, transfer.amount if target.owner_id == own else -transfer.amount
    if source.owner_id == target.owner_id:
        return "", 0
    if source.purpose == Credit.RESERVED:
        return (rules.EARNED, transfer.amount) if target.owner_id == own else (rules.SPENT, -transfer.amount)
    # A charge given back undoes what was earned and spent.
    return (rules.SPENT, transfer.amount) if target.owner_id == own else (rules.EARNED, -transfer.amount)


def _movement(
    transfer: Transfer,
    kind: str,
    amount: int,
    organisation: Organisation,
    partners: dict[int, Organisation],
    values: Iterable[rules.Valued],
) -> rules.Movement:
    movement = getattr(transfer, "credit_movement", None)
    pence = rules.value_on(values, movement.support_type_id if movement else None, transfer.on)
    words, vat_pence = "", 0
    other = (
        transfer.source.owner_id if transfer.target.owner_id == organisation.pk else transfer.target.owner_id
    )
    partner = partners.get(other or 0)
    if kind in (rules.EARNED, rules.SPENT) and movement is not None and partner is not None:
        words, vat_pence = _vat(transfer, kind, movement, organisation, partner, (pence or 0) * abs(amount))
    given = kind == rules.GIVEN
    description = f"{transfer.amount} given to {partner}" if given else transfer.reason
    if partner is not None and kind in (rules.EARNED, rules.SPENT):
        description = f"{transfer.reason} ({'from' if kind == rules.EARNED else 'to'} {partner})"
    return rules.Movement(
        on=transfer.on,
        kind=kind,
        description=description,
        credits=amount,
        pence_each=pence,
        vat=words,
        vat_pence=vat_pence,
    )


def _vat(
    transfer: Transfer,
    kind: str,
    movement: CreditMovement,
    organisation: Organisation,
    partner: Organisation,
    pence: int,
) -> tuple[str, int]:
    supplier, buyer = (organisation, partner) if kind == rules.EARNED else (partner, organisation)
    service = ServiceKind(movement.support_type.service_kind)
    decision = vat_treatment(legal_facts(supplier), legal_facts(buyer), service, on=transfer.on)
    return decision.treatment.label, vat_on(pence, decision.basis_points)


def _partners(transfers: Iterable[Transfer]) -> dict[int, Organisation]:
    owners = {each.owner_id or 0 for transfer in transfers for each in (transfer.source, transfer.target)}
    rows = Organisation.objects.filter(pk__in=owners).select_related("school__trust", "area")
    return {row.pk: row for row in rows}
