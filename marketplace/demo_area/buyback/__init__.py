"""A year of buy-back and money: what was sold, who bought it, what was drawn from it, billed, paid and is still owed.

* `packages`, `selling` – what is on sale this year and next.
* `orders`, `bulk` – who holds which agreement this year; `coming` – what is ordered for the next.
* `approving` – ladders, funding streams, quotes. `drawing` – bookings drawn from packages or paid in credits; `recorded` – places used.
* `books` – papers and payments in the order of time; `changes`, `settling`, `collecting` – what else stands on that agenda.
"""

from dataclasses import dataclass
from datetime import time

from marketplace.billing.models import Document
from marketplace.buyback.models import FundingStream, ServiceAgreement
from marketplace.demo_area.agenda import Agenda
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.buyback.approving import commission_some, open_streams, set_own_ladder
from marketplace.demo_area.buyback.books import Books, first_years
from marketplace.demo_area.buyback.changes import Changes
from marketplace.demo_area.buyback.collecting import Collecting
from marketplace.demo_area.buyback.coming import Coming
from marketplace.demo_area.buyback.drawing import Prepaid, fill_the_bank
from marketplace.demo_area.buyback.orders import Buying
from marketplace.demo_area.buyback.recorded import record_uses
from marketplace.demo_area.buyback.selling import open_shop
from marketplace.demo_area.buyback.settling import Settling
from marketplace.demo_area.ledgers import books_in_bulk
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today
from marketplace.kernel.dates import to_utc


@dataclass
class Buyback:
    """What came of it, for the parts of the area made after it."""

    buying: Buying
    prepaid: Prepaid
    streams: list[FundingStream]


def sell_a_year(place: Place, providers: Providers, people: People, chance: Chance, today: Today) -> Buyback:
    """Windows, packages, and the agreements of this contract year, with their days granted and credits in the bank."""
    own = Chance.of(chance.seed, "buyback")
    set_own_ladder(people, place)
    streams = open_streams(place, people, today)
    shop = open_shop(place, providers, people, today)
    buying = Buying(place, providers, people, shop, own, today)
    prepaid = Prepaid(buying.this_year(), own)
    fill_the_bank(prepaid, place, providers, people, today)
    return Buyback(buying, prepaid, streams)


def keep_books(bought: Buyback, booked: Booked, today: Today) -> list[Document]:
    """Everything that was issued and paid in the year; the documents come back in the order they were issued."""
    buying = bought.buying
    place, providers, people = buying.place, buying.providers, buying.people
    agenda = Agenda(today.now)
    books = Books(place, providers, people, agenda, buying.chance, today)
    books.enter(booked)
    for year in first_years(buying.ordered.rows):
        approved = year.agreement.approved_at
        books.bill(year, max(to_utc(year.starts_on, time()), approved) if approved else today.now)
    books.run_journals_each_month()
    Changes(buying, books, agenda, today).plan()
    Settling(providers["company"], books, people, agenda, today).plan(booked)
    Collecting(providers, books, people, agenda, today).plan()
    with books_in_bulk():
        agenda.run()
    return books.documents


def order_next_year(bought: Buyback, booked: Booked, today: Today) -> list[ServiceAgreement]:
    """Orders of the last days for the next contract year, and the bookings the authority has put on its pots."""
    made = Coming(bought.buying).fill()
    record_uses(bought.buying)
    commission_some(booked.rows, bought.streams, bought.buying.people, today)
    return made
