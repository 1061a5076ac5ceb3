"""What is on sale: the area's windows, the sellers' terms, and each package's editions for this year and next."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from marketplace.buyback.actions.packages import (
    copy_edition,
    edit_edition,
    publish_edition,
    start_package,
)
from marketplace.buyback.actions.terms import draft_terms, publish_terms
from marketplace.buyback.actions.windows import open_window
from marketplace.buyback.editions import EditionContent, Inclusion, content_of
from marketplace.buyback.models import BuyBackWindow, LateRule, PackageEdition, TermsVersion
from marketplace.buyback.rules.windows import WindowDates
from marketplace.catalogue.models import Theme
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.buyback.packages import SALES, SERVICE, Sale
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.demo_area.words.buyback import CHANGE_NOTE, CORE_NOTE, TERMS, TERMS_NEXT, TERMS_TITLE
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, ContractCalendar, contract_year, to_utc
from marketplace.organisations.models import Organisation
from marketplace.organisations.queries import actor_for

LATE_CHARGE_PENCE = 5_000
BEFORE_THE_YEAR = {FINANCIAL: (75, 59, 1), ACADEMIC: (110, 92, 50)}
"""Days before the contract year on which prices are shown, orders are taken, and the window closes: January and June (domain 1.1)."""


@dataclass
class Shop:
    """What schools can buy: the windows of this contract year and the next by calendar, and each package's edition in them."""

    now: dict[ContractCalendar, BuyBackWindow] = field(default_factory=dict)
    coming: dict[ContractCalendar, BuyBackWindow] = field(default_factory=dict)
    editions: dict[tuple[str, int], PackageEdition] = field(default_factory=dict)

    def edition(self, key: str, window: BuyBackWindow) -> PackageEdition | None:
        """A package's edition in a window; None where its seller is not here."""
        return self.editions.get((key, window.pk))


def open_shop(place: Place, providers: Providers, people: People, today: Today) -> Shop:
    """The windows, with everything that is on sale in them."""
    shop = Shop()
    convenor = actor_for(people.convenors[0])
    for calendar in (FINANCIAL, ACADEMIC):
        dates = this_years(calendar, today)
        with clock_at(_morning(dates.prices_visible_from - timedelta(days=30))):
            shop.now[calendar] = open_window(actor=convenor, area=place.area, dates=dates)
        dates = next_years(calendar, today)
        with clock_at(_morning(min(dates.prices_visible_from, today.day) - timedelta(days=30))):
            shop.coming[calendar] = open_window(actor=convenor, area=place.area, dates=dates)
    for seller in dict.fromkeys(sale.seller for sale in SALES):
        lead = people.leads.get(providers[seller].pk) if seller in providers else None
        if lead:
            own = [sale for sale in SALES if sale.seller == seller]
            _stock(shop, providers[seller], actor_for(lead), own, today)
    return shop


# Windows -------------------------------------------------------------------------------------------------------------


def this_years(calendar: ContractCalendar, today: Today) -> WindowDates:
    """The window of the contract year that has begun: closed, with late orders pro rata."""
    first = contract_year(calendar, today.day).start
    shown, opened, closed = (first - timedelta(days=days) for days in BEFORE_THE_YEAR[calendar])
    return WindowDates(
        calendar=calendar,
        first_day=first,
        prices_visible_from=shown,
        orders_from=opened,
        closes_on=closed,
        late_rule=LateRule.PRO_RATA,
        late_charge_pence=LATE_CHARGE_PENCE,
    )


def next_years(calendar: ContractCalendar, today: Today) -> WindowDates:
    """The window of the next contract year: of the financial year open now, of the academic year with prices to look at."""
    first = contract_year(calendar, today.day).end + timedelta(days=1)
    shown, opened, closed = (first - timedelta(days=days) for days in BEFORE_THE_YEAR[calendar])
    if calendar == FINANCIAL:
        shown, opened, closed = (
            today + -24,
            today + -10,
            max(today + 28, min(closed, today + 110)),
        )
    else:
        shown, opened = today + -5, max(today + 30, opened)
        closed = max(opened + timedelta(days=42), closed)
    return WindowDates(
        calendar=calendar,
        first_day=first,
        prices_visible_from=shown,
        orders_from=opened,
        closes_on=closed,
        late_rule=LateRule.PRO_RATA,
        late_charge_pence=LATE_CHARGE_PENCE,
    )


# Packages ------------------------------------------------------------------------------------------------------------


def _stock(shop: Shop, seller: Organisation, actor: Actor, sales: Sequence[Sale], today: Today) -> None:
    first, then = sorted(shop.now.values(), key=lambda window: window.prices_visible_from)
    with clock_at(_morning(first.prices_visible_from - timedelta(days=12))):
        terms = _terms(actor, seller, TERMS)
        for sale in sales:
            _publish(shop, sale, start_package(
                actor=actor, seller=seller, name=sale.name, window=first, content=_content(sale, terms),
            ), actor)  # fmt: skip
            _copy(shop, sale, first, then, actor)
    coming = sorted(shop.coming.values(), key=lambda window: window.prices_visible_from)
    with clock_at(_morning(coming[0].prices_visible_from - timedelta(days=6))):
        if seller.kind == "la_service":
            _terms(actor, seller, (*TERMS, TERMS_NEXT))
        for window in coming:
            for sale in sales:
                _copy(shop, sale, shop.now[ContractCalendar(window.calendar)], window, actor, next_year=True)


def _terms(actor: Actor, seller: Organisation, paragraphs: Sequence[str]) -> TermsVersion:
    body = "\n\n".join(paragraphs).format(seller=seller.name)
    draft = draft_terms(actor=actor, seller=seller, title=TERMS_TITLE, body=body)
    return publish_terms(actor=actor, terms=draft)


def _content(sale: Sale, terms: TermsVersion) -> EditionContent:
    theme = Theme.objects.get(code=sale.theme) if sale.theme else None
    return EditionContent(
        summary=sale.summary,
        description=sale.description,
        core_note=CORE_NOTE if sale.seller == SERVICE else "",
        service_kind=sale.service_kind,
        price_rule=sale.price,
        term_years=sale.years,
        carry_forward=sale.carry,
        carry_cap_half_days=sale.cap,
        exchange_rights=sale.exchange,
        cancellation_tariff=sale.tariff,
        terms=terms,
        inclusions=tuple(Inclusion(kind, quantity, theme) for kind, quantity in sale.includes),
    )


def _copy(
    shop: Shop,
    sale: Sale,
    old: BuyBackWindow,
    new: BuyBackWindow,
    actor: Actor,
    *,
    next_year: bool = False,
) -> None:
    edition = copy_edition(actor=actor, edition=shop.editions[sale.key, old.pk], window=new)
    if next_year and sale.next_price:
        content = replace(
            content_of(edition),
            price_rule=sale.next_price,
            change_notice=CHANGE_NOTE.format(percent=sale.rise),
        )
        edition = edit_edition(actor=actor, edition=edition, content=content)
    _publish(shop, sale, edition, actor)


def _publish(shop: Shop, sale: Sale, edition: PackageEdition, actor: Actor) -> None:
    shop.editions[sale.key, edition.window_id] = publish_edition(actor=actor, edition=edition)


def _morning(day: date) -> datetime:
    return to_utc(day, time(9, 30))
