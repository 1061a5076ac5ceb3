"""Making the demo area: one fictional borough with a year behind it, or a region or a country around it.

    make_demo_area(schools=130, areas=1)       # Calderbeck, alive
    make_demo_area(schools=24_000, areas=150)  # a country, for measuring

Calderbeck has everything. The other areas of a region or a country have their schools, bodies, people to deploy, offers and
needs, all of them in proportion, but only a few accounts and no bookings: they are there to be counted and searched.

All of it is one transaction: an area is there whole or not at all. The same seed makes the same area on the same day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from django.db import connection, reset_queries, transaction
from django.utils import timezone

from marketplace.coverage import actions as coverage
from marketplace.coverage.models import Snapshot
from marketplace.demo_area import (
    advice,
    asking,
    bodies,
    conversations,
    courses,
    delivery,
    deployments,
    diaries,
    evidence,
    interests,
    needs,
    neighbours,
    networks,
    offers,
    oversight,
    partnership,
    people,
    practitioners,
    quality,
    requests,
    shapes,
    taking_part,
    told,
    waiting,
    whatif,
)
from marketplace.demo_area.bookings import book_a_year
from marketplace.demo_area.buyback import keep_books, order_next_year, sell_a_year
from marketplace.demo_area.listings import LISTINGS
from marketplace.demo_area.register_file import SEED, Borough, country, make_borough
from marketplace.demo_area.stage import Chance, Today, references_from, unannounced
from marketplace.demo_area.words.people import full_names
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import Area

SCHOOLS = 130
SCHOOLS_TO_AN_AREA = 160
BECAUSE = "The demo area was made"
WORKED_OUT_AT_ONCE = 10
"""Areas whose coverage is worked out here; in a country that takes minutes, so it is left to the workers for the others."""
Tell = Callable[[str], None]


class DemoAreaThere(NotNow):
    """The area to be made is here already."""

    code = "demo_area_there"


@dataclass
class Made:
    """What was made: the areas, and how many rows of each kind."""

    areas: list[Area] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)


def make_demo_area(
    *, schools: int = SCHOOLS, areas: int = 1, seed: int = SEED, tell: Tell = lambda line: None
) -> Made:
    """Make the area, or as many as asked for, with `schools` schools between them; `tell` hears how far it has come.

    Raises `DemoAreaThere` where one of them is here already, `DemoAreaImpossible` for numbers that can't be met.
    """
    boroughs = [make_borough(seed, schools)] if areas == 1 else country(schools, areas, seed)
    _refuse_twice(boroughs)
    made = Made()
    today = Today(timezone.now())
    names = full_names(Random(f"{seed}/names"))
    with transaction.atomic(), unannounced(), references_from(Chance.of(seed, "references")):
        tell(f"Schools, wards and groups of {_areas(len(boroughs))} through the register")
        made.areas = bodies.bring_in(boroughs)
        calderbeck = boroughs[0]
        del boroughs  # a country of maps
        for number, area in enumerate(made.areas):
            _fill(area, Chance.of(seed, area.code), names, today, whole=number == 0, tell=tell)
            if number == 0:
                waiting.import_to_look_at(area, calderbeck, today)
            elif number % 25 == 0:
                tell(f"{number} areas of {len(made.areas)}")
            reset_queries()  # in debug every statement is remembered, and these are long
        _analyse()
        tell("Coverage")
        whole = made.areas[0]
        oversight.look_back(whole, waiting.convenor_of(whole), Chance.of(seed, "oversight"), today)
        for number, area in enumerate(made.areas):
            if number < WORKED_OUT_AT_ONCE:
                made.snapshots.append(coverage.recompute(actor=SYSTEM, area=area, because=BECAUSE))
            else:
                coverage.ask_for_recompute(actor=SYSTEM, area=area, because=BECAUSE)
            if number == 0:
                advice.ask_about_gaps(area)
            reset_queries()
        whatif.try_to_close_the_worst_gap(made.snapshots[0])
        neighbours.compare(made.areas[0], today)
        coverage.show_to_public(actor=SYSTEM, area=made.areas[0], is_on=True)
    return made


def _refuse_twice(boroughs: list[Borough]) -> None:
    there = Area.objects.filter(code__in=[borough.la_code for borough in boroughs]).first()
    if there:
        raise DemoAreaThere(
            f"{there} ({there.code}) is here already.",
            remedy="To begin afresh, stop the exchange and empty this computer’s data with: make reset",
        )


def _fill(area: Area, chance: Chance, names: Iterator[str], today: Today, *, whole: bool, tell: Tell) -> None:
    """Everything but the schools: of the whole area, or of one that is only counted."""
    place = bodies.place_of(area)
    providers = bodies.found_providers(place)
    bodies.set_ladders(place, providers)
    diaries.write_calendar(place, providers, today)
    enrolment = people.Enrolment(chance, names, today, people.domain_of(str(area)))
    silent = people.silent_schools(place, providers, chance)
    if whole:
        tell(f"People of {area}")
        bodies.make_clusters(place)
        who = people.people_an_area(place, providers, enrolment, chance, silent=silent)
    else:
        who = people.a_few_people(place, providers, enrolment)
    enrolment.write()
    teams = practitioners.make_teams(
        place, providers, who, enrolment, LISTINGS, chance, today, with_accounts=whole
    )
    diaries.write_diaries(teams, chance, today)
    listed = offers.list_offers(place, providers, who, teams, LISTINGS, chance, today)
    wanted = needs.declare_needs(place, who, chance, today, silent=silent)
    if not whole:
        offers.state_days(listed, wanted, taken={}, met={})
        return
    tell(f"Buy-back of {area}")
    bought = sell_a_year(place, providers, who, chance, today)
    tell(f"A year of bookings in {area}")
    booked = book_a_year(place, who, teams, listed, wanted, chance, today, bought.prepaid.pay)
    evidence.write_records(booked, listed, chance)
    met = evidence.tie_to_needs(booked, wanted, chance, today)
    offers.state_days(listed, wanted, taken=evidence.days_taken(booked, today), met=met)
    evidence.write_unmet(place, who, chance, today)
    _analyse()
    tell(f"A year of money in {area}")
    documents = keep_books(bought, booked, today)
    order_next_year(bought, booked, today)
    asking.ask_for_waivers(booked, who, today)
    quality.judge_providers(providers, who, booked, chance, today)
    deployments.agree_deployments(booked, who, today)
    partnership.call_and_commission(place, providers, who, today)
    by_hand = waiting.order_by_hand(who, today)
    interests.declare_interests(who, providers, by_hand, today)
    asked = requests.ask_for_support(place, who, wanted, chance, today)
    shapes.book_in_shapes(who, booked.rows, today)
    courses.run_courses(area, who, chance, today)
    delivery.round_off(who, today)
    networks.form_networks(place, providers, who, Chance.of(chance.seed, "networks"), today)
    taking_part.take_part(place, who, enrolment, Chance.of(chance.seed, "taking part"), today)
    told.tell_the_cast(booked, by_hand, listed, documents, chance, today, also=asked.told)
    conversations.talk_about_bookings(booked, by_hand, Chance.of(chance.seed, "talk"), today)


def _analyse() -> None:
    """Thousands of rows came at once: tell the planner, before it is asked the first questions.

    Our own tables only: those the server shares between its databases stay locked until the transaction ends.
    """
    with connection.cursor() as cursor:
        ours = map(connection.ops.quote_name, connection.introspection.table_names(cursor))
        cursor.execute(f"ANALYZE {', '.join(ours)}")


def _areas(number: int) -> str:
    return "one area" if number == 1 else f"{number} areas"
