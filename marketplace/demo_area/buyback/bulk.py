"""Agreements by the dozen: the rows that ordering, approval and the first day would have left, written table by table.

Prices, ladders, parties, grants and history come from the functions the actions call, so that an agreement made here differs in
nothing from one ordered by hand (which the tests hold to it).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import groupby

from django.db import models

from marketplace.buyback import ledgers
from marketplace.buyback.ledgers import Drawdown
from marketplace.buyback.models import (
    UNITS,
    AgreementLine,
    AgreementStatus,
    AgreementYear,
    Basket,
    BasketLine,
    BasketStatus,
    BuyBackWindow,
    Entitlement,
    InclusionKind,
    PackageEdition,
    ServiceAgreement,
)
from marketplace.buyback.parties import parties_of
from marketplace.buyback.queries.ladders import ladders_of
from marketplace.buyback.queries.prices import SchoolPrice, Wish, prices_for
from marketplace.buyback.rules import Approver, Ladder, step_for
from marketplace.buyback.rules.drawing import grant_words
from marketplace.demo_area.stage import clock_at, write, write_history
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import contract_year, local, long_date, to_utc
from marketplace.kernel.models import HistoryEntry
from marketplace.kernel.money import pounds
from marketplace.kernel.transfers import Movement
from marketplace.kernel.vat import vat_on
from marketplace.organisations.models import Organisation, School, User


@dataclass(kw_only=True)
class Draft:
    """An order to be: a school's packages of one window, who orders them when, and who approves what needs a second person."""

    school: School
    editions: Sequence[PackageEdition]
    window: BuyBackWindow
    years: int
    orders: User
    approves: User
    at: datetime
    approved_at: datetime
    capacity: str
    purchase_order_number: str
    basket: Basket | None = None
    prices: list[SchoolPrice] = field(default_factory=list)


def agree_in_bulk(drafts: Sequence[Draft]) -> list[ServiceAgreement]:
    """Agreements for orders of windows whose contract year has begun: all in force, with their days granted."""
    _price(drafts)
    kept = [draft for draft in drafts if draft.prices]
    _fill_baskets(kept)
    rows: list[ServiceAgreement] = []
    lines: list[AgreementLine] = []
    history: list[HistoryEntry] = []
    for draft in kept:
        for row, prices in _agreements_of(draft):
            rows.append(row)
            lines += _lines_of(row, prices)
    write(rows)
    write(lines)
    by_agreement: dict[int, list[AgreementLine]] = {}
    for line in lines:
        by_agreement.setdefault(line.agreement_id, []).append(line)
    drafts_of = {draft.basket.pk: draft for draft in kept if draft.basket}
    years = []
    for row in rows:
        assert row.basket_id is not None
        year = _first_year(row, by_agreement[row.pk])
        years.append(year)
        history += _history(row, drafts_of[row.basket_id], year)
    write(years)
    history += _grant(rows, by_agreement)
    write_history(history)
    return rows


# Prices --------------------------------------------------------------------------------------------------------------


def _price(drafts: Sequence[Draft]) -> None:
    """Price what each order holds, all of a window at once; fewer years, then fewer packages, where quotes would be needed."""
    for _, group in groupby(sorted(drafts, key=_by_window), key=_by_window):
        of_window = list(group)
        wishes = [
            Wish(edition, draft.school, max(each for each in edition.term_years if each <= draft.years))
            for draft in of_window
            for edition in draft.editions
        ]
        single = [Wish(wish.edition, wish.school) for wish in wishes]
        on = of_window[0].window.orders_from
        ladders = ladders_of({draft.school.pk: draft.school.organisation for draft in of_window}.values())
        whole, short = iter(prices_for(wishes, on=on)), iter(prices_for(single, on=on))
        for draft in of_window:
            ladder = ladders[draft.school.pk]
            long, one = ([next(each) for _ in draft.editions] for each in (whole, short))
            choices = (long, one, *(one[:n] for n in range(len(one) - 1, 0, -1)))
            draft.prices = next((each for each in choices if not _wants_quotes(each, ladder)), [])


def _by_window(draft: Draft) -> int:
    return draft.window.pk


def _wants_quotes(prices: Sequence[SchoolPrice], ladder: Ladder) -> bool:
    """Whether one of the agreements would need quotes; also where a price can't be worked out."""
    if any(price.explanation is None for price in prices):
        return True
    values: dict[tuple[int, int], int] = {}
    for price in prices:
        values[_key(price)] = values.get(_key(price), 0) + price.commitment_pence
    return any(step_for(ladder, value).quotes_needed for value in values.values())


def _key(price: SchoolPrice) -> tuple[int, int]:
    """One agreement for each seller and length."""
    return price.wish.edition.package.seller_id, price.wish.years


# Rows ----------------------------------------------------------------------------------------------------------------


def _fill_baskets(drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        draft.basket = Basket(
            owner=draft.school.organisation,
            window=draft.window,
            status=BasketStatus.SUBMITTED,
            created_by=draft.orders,
            created_at=draft.at,
            submitted_at=draft.at,
        )
    write([draft.basket for draft in drafts if draft.basket])
    write(
        BasketLine(
            basket=draft.basket,
            school=draft.school.organisation,
            edition=price.wish.edition,
            years=price.wish.years,
        )
        for draft in drafts
        for price in draft.prices
    )
    lines = []
    for draft in drafts:
        assert draft.basket is not None
        filled = ", ".join(str(price.wish.edition.package) for price in draft.prices)
        lines.append(_line(draft.basket, "put", "", "", draft.orders, draft.at, filled))
        lines.append(
            _line(draft.basket, "submit", BasketStatus.OPEN, BasketStatus.SUBMITTED, draft.orders, draft.at)
        )
    write_history(lines)


def _agreements_of(draft: Draft) -> Iterable[tuple[ServiceAgreement, list[SchoolPrice]]]:
    buyer, window = draft.school.organisation, draft.window
    ladder = ladders_of([buyer])[buyer.pk]
    groups: dict[tuple[int, int], list[SchoolPrice]] = {}
    for price in draft.prices:
        groups.setdefault(_key(price), []).append(price)
    for (_, years), prices in groups.items():
        first = prices[0]
        seller: Organisation = first.wish.edition.package.seller
        step = step_for(ladder, sum(price.commitment_pence for price in prices))
        alone = step.approver == Approver.ANY_ORDERER
        last_day = window.dates.last_day
        yield (
            ServiceAgreement(
                status=AgreementStatus.ACTIVE,
                buyer=buyer,
                seller=seller,
                ordered_by=buyer,
                window=window,
                basket=draft.basket,
                calendar=window.calendar,
                starts_on=window.first_day,
                ends_on=last_day.replace(year=last_day.year + years - 1),
                years=years,
                terms=first.wish.edition.terms,
                accepted_by=draft.orders,
                accepted_name=draft.orders.name,
                accepted_capacity=draft.capacity,
                accepted_at=draft.at,
                parties=parties_of(buyer=buyer, seller=seller, ordered_by=buyer),
                route=first.route.kind.value,
                route_reason=first.route.reason[:300],
                purchase_order_number=draft.purchase_order_number,
                requested_by=draft.orders,
                approved_by=draft.orders if alone else draft.approves,
                approved_at=draft.at if alone else draft.approved_at,
                created_at=draft.at,
            ),
            prices,
        )


def _lines_of(row: ServiceAgreement, prices: Sequence[SchoolPrice]) -> list[AgreementLine]:
    lines = []
    for position, price in enumerate(prices, start=1):
        edition = price.wish.edition
        assert price.explanation is not None
        year = price.explanation.total_pence
        lines.append(
            AgreementLine(
                agreement=row,
                position=position,
                edition=edition,
                description=f"{edition.package.name} {row.window.year_label}"[:200],
                price=price.explanation.to_data() | {"months": 12},
                year_pence=year,
                vat_pence=vat_on(year, price.vat.basis_points),
                cancellation_tariff=edition.cancellation_tariff,
            )
        )
    return lines


def _first_year(row: ServiceAgreement, lines: Sequence[AgreementLine]) -> AgreementYear:
    return AgreementYear(
        agreement=row,
        number=1,
        starts_on=row.starts_on,
        ends_on=contract_year(row.window.dates.calendar, row.starts_on).end,
        pence={str(line.pk): line.year_pence for line in lines},
        explained={str(line.pk): line.price for line in lines},
    )


# What they bring -----------------------------------------------------------------------------------------------------


def began_at(row: ServiceAgreement) -> datetime:
    """When it came into force: on its first day, or when it was approved after that."""
    assert row.approved_at is not None
    return max(to_utc(row.starts_on, time()), row.approved_at)


def _grant(rows: Sequence[ServiceAgreement], lines: dict[int, list[AgreementLine]]) -> Iterable[HistoryEntry]:
    granted: list[tuple[ServiceAgreement, Entitlement]] = []
    for row in rows:
        for line in lines[row.pk]:
            for inclusion in line.edition.inclusions.all():
                entitlement = Entitlement(
                    agreement=row,
                    line=line,
                    holder=row.buyer,
                    kind=inclusion.kind,
                    unit=UNITS[InclusionKind(inclusion.kind)],
                    granted=inclusion.quantity,
                    theme_id=inclusion.theme_id,
                    support_type_id=inclusion.support_type_id,
                    valid_from=row.starts_on,
                    valid_to=contract_year(row.window.dates.calendar, row.starts_on).end,
                )
                granted.append((row, entitlement))
    write([entitlement for _, entitlement in granted])
    ledgers.open_accounts(entitlement for _, entitlement in granted)
    history = []
    for at, group in groupby(sorted(granted, key=_by_beginning), key=_by_beginning):
        movements = []
        for _, entitlement in group:
            accounts = ledgers.accounts_of(entitlement)
            reason = (
                f"{entitlement.line.description}: {grant_words(entitlement.granted, 12, entitlement.unit)}"
            )
            movements.append(
                Movement(
                    accounts[Drawdown.GRANTED],
                    accounts[Drawdown.AVAILABLE],
                    entitlement.granted,
                    reason[:200],
                    f"{entitlement.account_detail}:grant",
                )
            )
            history.append(_line(entitlement, "grant", "", "", None, at, reason))
        with clock_at(at):
            transfers.move(by=SYSTEM, movements=movements, on=local(at).date())
    return history


def _by_beginning(pair: tuple[ServiceAgreement, Entitlement]) -> datetime:
    return began_at(pair[0])


def _history(row: ServiceAgreement, draft: Draft, year: AgreementYear) -> Iterable[HistoryEntry]:
    S = AgreementStatus
    began = began_at(row)
    note = (
        f"Year 1, {long_date(year.starts_on)} to {long_date(year.ends_on)}: "
        f"{pounds(sum(year.pence.values()))} before VAT"
    )
    assert row.approved_at is not None
    yield _line(row, "draft", "", S.DRAFT, draft.orders, draft.at, f"{draft.basket}, {row.window.first_day}")
    yield _line(row, "submit", S.DRAFT, S.AWAITING_APPROVAL, draft.orders, draft.at)
    yield _line(row, "approve", S.AWAITING_APPROVAL, S.SUBMITTED, row.approved_by, row.approved_at)
    in_force = f"In force from {long_date(row.starts_on)}"
    yield _line(row, "activate", S.SUBMITTED, S.ACTIVE, None, began, in_force)
    yield _line(row, "year_begun", "", "", None, began, note)


def _line(
    subject: models.Model, verb: str, before: str, after: str, by: User | None, at: datetime, note: str = ""
) -> HistoryEntry:
    return HistoryEntry(
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        verb=verb,
        before=before,
        after=after,
        by=by,
        by_name=by.name if by else SYSTEM.name,
        note=note,
        at=at,
    )
