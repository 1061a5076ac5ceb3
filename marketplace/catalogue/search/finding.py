"""A search: what was found, in which order, at which price, and what each other choice of filter would find.

The database picks and measures at most 500 candidates in one query (`candidates`); prices, dates, counts, scores and order are
worked out from them here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import BooleanField, ExpressionWrapper, Q, Value

from marketplace.catalogue import queries, rules
from marketplace.catalogue.models import DeliveryMode, Practitioner, SupportType, Theme
from marketplace.catalogue.pricing import SchoolFacts
from marketplace.catalogue.quotes import Priced, Quote, priced
from marketplace.catalogue.search.availability import availability_source
from marketplace.catalogue.search.candidates import Candidate, candidates
from marketplace.catalogue.search.criteria import Criteria, Sort
from marketplace.catalogue.search.text import CONFIG, search_query
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.organisations.models import OrganisationKind, School

MOST_COMPARED = 4
NO_SCHOOL = "Choose a school to see its price."


class Vocabulary:
    """The themes and support types of one search, and which themes the words name."""

    def __init__(self, q: str = "") -> None:
        query = search_query(q)
        named: Any = Value(False)
        if query is not None:
            vector = SearchVector("name", config=CONFIG)
            named = ExpressionWrapper(Q(name_vector=query), output_field=BooleanField())
            rows: Any = queries.themes().annotate(name_vector=vector)
        else:
            rows = queries.themes()
        self.themes = {theme.pk: theme for theme in rows.annotate(named=named)}
        self.support_types: dict[int, SupportType] = {kind.pk: kind for kind in queries.support_types()}
        self.named = {pk for pk, theme in self.themes.items() if theme.named}

    def with_children(self, ids: Collection[int]) -> set[int]:
        """These themes and those under them."""
        return {pk for pk, theme in self.themes.items() if pk in ids or theme.parent_id in ids}

    def chosen(self, codes: Collection[str]) -> set[int]:
        """The themes of these codes. A heading stands for all under it, unless some of those are chosen too."""
        ids = {pk for pk, theme in self.themes.items() if theme.code in codes}
        opened = {self.themes[pk].parent_id for pk in ids}
        return self.with_children(ids - opened)

    def adjacent(self, ids: Collection[int]) -> set[int]:
        """Other themes under the same headings, and the headings."""
        headings = {self.themes[pk].parent_id or pk for pk in ids}
        return self.with_children(headings) - set(ids)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One offer found, as a list shows it. `metres` is a straight line to the provider's nearest site."""

    offer: Candidate
    themes: tuple[Theme, ...]
    support_type: SupportType
    priced: Priced
    fit: rules.Fit
    is_own: bool
    is_confirmed: bool
    people: tuple[Practitioner, ...] = ()
    next_free: date | None = None

    @property
    def price(self) -> Quote | None:
        return self.priced.quote

    @property
    def price_pence(self) -> int | None:
        return self.price.total_pence if self.price else None

    @property
    def is_la_service(self) -> bool:
        """Whether the local authority itself provides it: then a banner says so."""
        return self.offer.provider_kind == OrganisationKind.LA_SERVICE

    @property
    def beyond_reach(self) -> bool:
        """Whether the school is farther than the provider says it travels, for support that is given in person only."""
        return rules.is_beyond_reach(
            self.offer.metres,
            reach_km=self.offer.reach_km,
            in_person_only=self.offer.mode == DeliveryMode.IN_PERSON,
        )

    @property
    def mode_words(self) -> str:
        return str(DeliveryMode(self.offer.mode).label)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The answer to a search. `facets` counts, by filter and value, what one would find with that value and all other filters;
    `widening` says how many there would be without each filter, where nothing was found. `cut` tells that more than 500 match."""

    criteria: Criteria
    school: School | None
    results: list[Result]
    facets: Mapping[str, Counter[str]]
    widening: Mapping[str, int]
    vocabulary: Vocabulary
    cut: bool


def find(
    actor: Actor,
    criteria: Criteria,
    *,
    school: School | None,
    today: date,
    vocabulary: Vocabulary | None = None,
) -> Found:
    """Search the offers on show to this person, with prices for `school`. A `vocabulary` already read for the words is used."""
    vocabulary = vocabulary or Vocabulary(criteria.q)
    rows, cut = _judged(actor, criteria, school, vocabulary, today)
    matching = [row for row in rows if all(row.offer.passes.values())]
    ordered = _ordered(_scored(matching, criteria, school, vocabulary), criteria.sort)
    widening = {} if ordered else _widening(actor, criteria, school, rows, vocabulary, today)
    return Found(
        criteria=criteria,
        school=school,
        results=ordered,
        facets=_facets(rows, vocabulary),
        widening=widening,
        vocabulary=vocabulary,
        cut=cut,
    )


def results_for(
    actor: Actor,
    references: Collection[str],
    *,
    school: School | None,
    today: date,
    half_days: int | None = None,
) -> list[Result]:
    """The offers on show with these references, in the order given, as a search would show them."""
    criteria, vocabulary = Criteria(half_days=half_days), Vocabulary()
    rows, _ = _judged(actor, criteria, school, vocabulary, today, references=references)
    places = {reference: place for place, reference in enumerate(references)}
    scored = _scored(rows, criteria, school, vocabulary)
    return with_people(sorted(scored, key=lambda result: places[result.offer.reference]))


def with_people(results: Iterable[Result]) -> list[Result]:
    """The results with their people and the first day one of them is free: for those that are shown, since it costs queries."""
    shown = list(results)
    ids = {pk for result in shown for pk in result.offer.people_ids}
    people = Practitioner.objects.in_bulk(ids)
    free = availability_source.next_free(ids)
    completed = []
    for result in shown:
        own = [people[pk] for pk in result.offer.people_ids if pk in people]
        days = [free[person.pk] for person in own if person.pk in free]
        completed.append(
            replace(
                result,
                people=tuple(sorted(own, key=lambda person: person.name)),
                next_free=min(days, default=None),
            )
        )
    return completed


# Judging -------------------------------------------------------------------------------------------------------------


def _judged(
    actor: Actor,
    criteria: Criteria,
    school: School | None,
    vocabulary: Vocabulary,
    today: date,
    references: Collection[str] | None = None,
) -> tuple[list[Result], bool]:
    """The candidates priced, with the filters added that only prices and diaries can judge."""
    chosen = vocabulary.chosen(criteria.themes)
    rows, cut = candidates(actor, criteria, school, theme_ids=chosen, references=references)
    facts = queries.school_facts(school) if school else None
    free = _free_people(criteria, rows)
    own = actor.organisations() | ({school.pk} if school else set())
    return [
        _result(row, _price(row, facts, criteria, today), criteria, vocabulary, free, own, today)
        for row in rows
    ], cut


def _result(
    row: Candidate,
    price: Priced,
    criteria: Criteria,
    vocabulary: Vocabulary,
    free: set[int] | None,
    own: Collection[int],
    today: date,
) -> Result:
    if criteria.max_price_pence is not None:
        quote = price.quote
        row.passes["max_price"] = quote is not None and quote.total_pence <= criteria.max_price_pence
    if free is not None:
        row.passes["free_from"] = not free.isdisjoint(row.people_ids)
    return Result(
        offer=row,
        themes=tuple(vocabulary.themes[pk] for pk in vocabulary.themes if pk in set(row.theme_ids)),
        support_type=vocabulary.support_types[row.support_type_id],
        priced=price,
        fit=rules.Fit(()),
        is_own=row.provider_id in own,
        is_confirmed=rules.is_confirmed(local(row.confirmed_at).date() if row.confirmed_at else None, today),
    )


def _price(row: Candidate, facts: SchoolFacts | None, criteria: Criteria, today: date) -> Priced:
    if facts is None:
        return Priced(None, NO_SCHOOL)
    return priced(
        row.price_rule,
        row.brokerage_fee,
        facts,
        on_date=today,
        half_days=criteria.half_days,
        minimum_half_days=row.minimum_half_days,
    )


def _free_people(criteria: Criteria, rows: Iterable[Candidate]) -> set[int] | None:
    """The people free between the days asked for; `None` where no days are asked for or nobody knows."""
    if (criteria.free_from is None and criteria.free_to is None) or not availability_source.knows_dates:
        return None
    first = criteria.free_from or criteria.free_to
    last = criteria.free_to or criteria.free_from
    assert first is not None and last is not None
    return availability_source.free_between({pk for row in rows for pk in row.people_ids}, first, last)


# Counting ------------------------------------------------------------------------------------------------------------

_FACETS: dict[str, Callable[[Result, Vocabulary], Iterable[str]]] = {
    "theme": lambda result, vocabulary: {
        code
        for theme in result.themes
        for code in (theme.code, theme.parent.code if theme.parent else theme.code)
    },
    "phase": lambda result, vocabulary: result.offer.phases,
    "type": lambda result, vocabulary: (result.support_type.code,),
    "mode": lambda result, vocabulary: (
        (DeliveryMode.IN_PERSON.value, DeliveryMode.REMOTE.value)
        if result.offer.mode == DeliveryMode.BOTH
        else (result.offer.mode,)
    ),
    "provider": lambda result, vocabulary: (result.offer.provider_kind,),
}


def _facets(rows: Iterable[Result], vocabulary: Vocabulary) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
    for row in rows:
        failed = [name for name, passes in row.offer.passes.items() if not passes]
        for name, values_of in _FACETS.items():
            if not failed or failed == [name]:
                counts[name].update(values_of(row, vocabulary))
    return counts


def _widening(
    actor: Actor,
    criteria: Criteria,
    school: School | None,
    rows: Iterable[Result],
    vocabulary: Vocabulary,
    today: date,
) -> dict[str, int]:
    """How many there would be without each filter in use; only those that would help."""
    failed = [[name for name, passes in row.offer.passes.items() if not passes] for row in rows]
    counts = {name: sum(1 for names in failed if names == [name]) for name in criteria.filters if name != "q"}
    if criteria.q:
        wider, _ = _judged(actor, criteria.without("q"), school, vocabulary, today)
        counts["q"] = sum(1 for row in wider if all(row.offer.passes.values()))
    return {name: count for name, count in counts.items() if count}


# Ordering ------------------------------------------------------------------------------------------------------------


def _scored(
    rows: list[Result], criteria: Criteria, school: School | None, vocabulary: Vocabulary
) -> Iterator[Result]:
    """The results with their fit, by the published weights."""
    wanted = vocabulary.chosen(criteria.themes) or vocabulary.with_children(vocabulary.named)
    adjacent = vocabulary.adjacent(wanted)
    phases = criteria.phases or (tuple(school.phases) if school else ())
    best = max((row.offer.rank for row in rows), default=0.0)
    prices = rules.price_shares(row.price_pence for row in rows)
    for row, price in zip(rows, prices, strict=True):
        offer = row.offer
        relevant = [theme for theme in row.themes if theme.pk in wanted] or row.themes
        remote = offer.mode != DeliveryMode.IN_PERSON
        yield replace(
            row,
            fit=rules.fit(
                text=offer.rank / best if best else None,
                theme=rules.theme_share(offer.theme_ids, wanted, adjacent),
                phase=rules.phase_share(offer.phases, phases),
                nearness=rules.nearness_share(
                    offer.metres,
                    reach_metres=offer.reach_km * 1000,
                    far_metres=max((theme.max_km for theme in relevant), default=40) * 1000,
                    remote_fit=max((theme.remote_fit for theme in relevant), default=0) if remote else None,
                ),
                quality=offer.quality / 100,
                price=price,
            ),
        )


def _ordered(results: Iterable[Result], sort: Sort) -> list[Result]:
    """By the fit and, among equals, the newest first; the other orders are laid over it.

    In all of them offers that the words find only through their people come later, and one's own offers last.
    """
    newest_first = sorted(results, key=lambda result: result.offer.offer_id, reverse=True)
    by_fit = sorted(newest_first, key=lambda result: round(result.fit.score, 6), reverse=True)
    return sorted(
        sorted(by_fit, key=_SORTS[sort]),
        key=lambda result: (result.is_own, not result.offer.by_its_own_words),
    )


_SORTS: dict[Sort, Callable[[Result], Any]] = {
    Sort.FIT: lambda result: 0,
    Sort.NEAREST: lambda result: (result.offer.metres is None, result.offer.metres),
    Sort.CHEAPEST: lambda result: (result.price_pence is None, result.price_pence),
    Sort.BEST_RATED: lambda result: -result.offer.quality,
    Sort.NEWEST: lambda result: -(result.offer.published_at.timestamp() if result.offer.published_at else 0),
}
