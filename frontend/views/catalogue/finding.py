"""Find support: the search, offers side by side, how results are ordered, and one offer with its price for the school."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.catalogue import FindForm, QuantityForm
from frontend.views.catalogue import presenting
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.catalogue import actions, queries, rules, search
from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.models import DeliveryMode, Offer
from marketplace.catalogue.pricing import is_by_the_place
from marketplace.catalogue.quotes import priced
from marketplace.catalogue.search import (
    MOST_COMPARED,
    SORT_WORDS,
    Criteria,
    Found,
    Result,
    Sort,
    availability_source,
)
from marketplace.kernel.access import SCHOOL_BUYERS
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import OrganisationKind, School

PER_PAGE = 10
PASSED_ON = ("need", "school", "days")


@signed_in
def find(request: HttpRequest) -> HttpResponseBase:
    """The search, with filters in the query string."""
    schools = _schools(request)
    vocabulary = search.Vocabulary(request.GET.get("q", ""))
    form = FindForm(
        request.GET, vocabulary=vocabulary, schools=schools, knows_dates=availability_source.knows_dates
    )
    school = _school(request, schools)
    criteria = _criteria(request, form) if form.is_valid() else Criteria()
    found = search.find(
        request.actor, criteria, school=school, today=timezone.localdate(), vocabulary=vocabulary
    )
    if request.GET.get("format") == "csv":
        return csv_response(_csv(found), "offers.csv")
    page = page_of(request, found.results, per_page=PER_PAGE)
    page.object_list = [_card(result) for result in search.with_people(page.object_list)]
    if not found.results and form.is_valid():
        _note_empty(request, criteria, school)
    form.show_counts(found)
    context = {
        "filter_form": form,
        "form": form,
        "found": found,
        "page": page,
        "school": school,
        "sorts": _sorts(request, criteria.sort),
        "widening": list(_widening(request, form, found)),
        "passed_on": _passed_on(request),
        "kept": "sort need" if "school" in form.fields else "sort need school",
        "search_query": query_string(request, page=None, format=None),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/catalogue/find.html", context, status=422 if form.errors else 200)


@signed_in
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four offers side by side."""
    references = list(dict.fromkeys(each for each in request.GET.getlist("offer") if each.isprintable()))
    if len(references) > MOST_COMPARED:
        messages.warning(
            request, f"Only {MOST_COMPARED} offers fit side by side: here are the first {MOST_COMPARED}."
        )
    quantity = QuantityForm(request.GET)
    half_days = quantity.cleaned_data["days"] if quantity.is_valid() else None
    school = _school(request)
    results = search.results_for(
        request.actor,
        references[:MOST_COMPARED],
        school=school,
        today=timezone.localdate(),
        half_days=half_days,
    )
    context = {
        "results": results,
        "school": school,
        "form": quantity,
        "columns": [
            {
                "title": r.offer.title,
                "href": _offer_url(request, r.offer.reference),
                "note": r.offer.provider_name,
            }
            for r in results
        ],
        "rows": list(_comparison(results)),
        "removals": [
            {
                "title": r.offer.title,
                "href": "?" + query_string(request, offer=[o for o in references if o != r.offer.reference]),
            }
            for r in results
        ],
    }
    return render(request, "frontend/catalogue/compare.html", context, status=422 if quantity.errors else 200)


def ordering(request: HttpRequest) -> HttpResponse:
    """How results are ordered: printed from the constants the scores are worked out from. Open to everybody."""
    context = {
        "weights": rules.WEIGHTS,
        "pseudo_ratings": rules.PSEUDO_RATINGS,
        "near_km": rules.NEAR_METRES // 1000,
        "far_km": rules.FAR_METRES // 1000,
        "most_ranked": search.MOST_RANKED,
        "confirmed_days": rules.CONFIRMED_FOR_DAYS,
        "road_factor": rules.ROAD_FACTOR,
    }
    return render(request, "frontend/catalogue/ordering.html", context)


@signed_in
def offer(request: HttpRequest, reference: str) -> HttpResponse:
    """One offer, with the price for the school line by line and what cancelling costs, before anything is bought."""
    shown = queries.offer_for(request.actor, reference)
    version = shown.current
    if version is None:
        raise NotFound
    school = _school(request)
    form = QuantityForm(request.GET)
    half_days = form.cleaned_data["days"] if form.is_valid() else None
    price = None
    if school is not None:
        price = priced(
            version.price_rule,
            version.brokerage_fee,
            queries.school_facts(school),
            on_date=timezone.localdate(),
            half_days=half_days,
            minimum_half_days=version.minimum_half_days,
        )
    quote = price.quote if price else None
    metres = search.metres_to(shown, school)
    people = list(version.practitioners.all())
    next_free = availability_source.next_free({person.pk for person in people})
    context = {
        "offer": shown,
        "version": version,
        "school": school,
        "form": form,
        "problem": price.problem if price else "",
        "quote": quote,
        "price_lines": presenting.price_lines(quote),
        "price_total": presenting.total_in_words(quote) if quote else "",
        "price_for": presenting.priced_for(quote) if quote else "",
        "price_in_words": presenting.price_in_words(version.price_rule),
        "terms": presenting.cancellation_terms(version),
        "delivery": _delivery_rows(shown),
        "people": [{"person": person, "next_free": next_free.get(person.pk)} for person in people],
        "knows_dates": availability_source.knows_dates,
        "rating": presenting.rating_in_words(shown.rating_total, shown.rating_count),
        "distance": presenting.distance_in_words(metres),
        "beyond_reach": rules.is_beyond_reach(
            metres, reach_km=version.reach_km, in_person_only=version.mode == DeliveryMode.IN_PERSON
        ),
        "is_own": _is_own(request, shown, school),
        "may_manage": request.actor.holds(*MANAGERS, at=shown.provider_id),
        "may_book": request.actor.holds(*SCHOOL_BUYERS, at=school.pk if school else None),
        "by_the_place": is_by_the_place(version.price_rule),
        "book_url": _booking_url(request, shown),
    }
    return render(request, "frontend/catalogue/offer.html", context, status=422 if form.errors else 200)


# The search ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A result in the words of the page."""

    result: Result
    price_lines: list[dict[str, Any]]
    price_total: str
    price_for: str
    distance: str
    rating: str
    parts: list[dict[str, Any]]


def _card(result: Result) -> Card:
    return Card(
        result=result,
        price_lines=presenting.price_lines(result.price),
        price_total=presenting.total_in_words(result.price) if result.price else "",
        price_for=presenting.priced_for(result.price) if result.price else "",
        distance=presenting.distance_in_words(result.offer.metres),
        rating=presenting.rating_in_words(result.offer.rating_total, result.offer.rating_count),
        parts=[
            {"name": part.weight.name, "weight": part.weight.hundredths, "share": round(part.share * 100)}
            for part in result.fit.parts
        ],
    )


def _schools(request: HttpRequest) -> list[School]:
    """The schools prices can be shown for: those the person buys for."""
    return sorted(
        organisations.schools_buying_for(request.actor), key=lambda school: school.organisation.name
    )


def _school(request: HttpRequest, own: Sequence[School] = ()) -> School | None:
    """The school asked for by URN, where it makes sense, else the one the person acts for. `own` schools already read are used."""
    asked = request.GET.get("school", "")
    urn = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    if own and urn is None:
        return next((school for school in own if school.pk == request.actor.current), own[0])
    return next((school for school in own if school.urn == urn), None) or queries.acting_school(
        request.actor, urn
    )


def _criteria(request: HttpRequest, form: FindForm) -> Criteria:
    asked = request.GET.get("sort", "")
    sort = asked if asked in set(Sort) else Sort.FIT
    return Criteria.from_parameters(form.cleaned_data | {"sort": sort})


def _sorts(request: HttpRequest, current: Sort) -> list[dict[str, Any]]:
    return [
        {
            "text": words,
            "href": "?" + query_string(request, sort=sort.value, page=None),
            "current": sort == current,
        }
        for sort, words in SORT_WORDS.items()
    ]


def _passed_on(request: HttpRequest) -> str:
    """What the page of an offer has to know of the search."""
    return query_string(request, **{name: None for name in request.GET if name not in PASSED_ON})


def _widening(request: HttpRequest, form: FindForm, found: Found) -> Iterator[dict[str, Any]]:
    """What to take away to find something."""
    for name, count in found.widening.items():
        gone = {key: None for key in request.GET if key == name or key.startswith((f"{name}-", "free_to"))}
        label = form.fields[name].label if name in form.fields else name
        yield {
            "label": "the dates" if name == "free_from" else f"“{label}”",
            "count": count,
            "href": "?" + query_string(request, page=None, **(gone if name == "free_from" else {name: None})),
        }


def _note_empty(request: HttpRequest, criteria: Criteria, school: School | None) -> None:
    if school is not None and request.actor.holds(*SCHOOL_BUYERS, at=school.pk):
        actions.note_empty_search(
            actor=request.actor, school=school, query=criteria.to_query(), today=timezone.localdate()
        )


def _csv(found: Found) -> Iterator[list[object]]:
    yield [
        "Reference", "Title", "Provider", "Kind of provider", "Support type", "Themes", "Phases", "How it is given",
        "Price", "Why there is no price", "Metres away", "Rating in hundredths", "Evaluations", "Fit out of 100",
    ]  # fmt: skip
    for result in found.results:
        offer = result.offer
        yield [
            offer.reference,
            offer.title,
            offer.provider_name,
            OrganisationKind(offer.provider_kind).label,
            result.support_type.name,
            "; ".join(theme.name for theme in result.themes),
            presenting.phases_in_words(offer.phases),
            result.mode_words,
            pounds(result.price_pence) if result.price_pence is not None else "",
            result.priced.problem,
            offer.metres,
            offer.quality,
            offer.rating_count,
            round(result.fit.score),
        ]


# Side by side --------------------------------------------------------------------------------------------------------


def _comparison(results: list[Result]) -> Iterator[dict[str, Any]]:
    def row(label: str, cells: Any) -> dict[str, Any]:
        return {"label": label, "cells": [cells(result) or "–" for result in results]}

    yield row("Price for your school", lambda r: _price_cell(r))
    yield row(
        "How it is worked out",
        lambda r: "; ".join(f"{x.sentence}: {pounds(x.pence)}" for x in r.price.lines) if r.price else "",
    )
    yield row("Summary", lambda r: r.offer.summary)
    yield row("Support type", lambda r: r.support_type.name)
    yield row("Themes", lambda r: ", ".join(theme.name for theme in r.themes))
    yield row("Phases", lambda r: presenting.phases_in_words(r.offer.phases))
    yield row("How it is given", lambda r: r.mode_words)
    yield row(
        "Provider", lambda r: f"{r.offer.provider_name} ({OrganisationKind(r.offer.provider_kind).label})"
    )
    yield row("Distance", lambda r: _distance_cell(r))
    yield row("Rating", lambda r: presenting.rating_in_words(r.offer.rating_total, r.offer.rating_count))
    yield row("People", lambda r: ", ".join(person.name for person in r.people))
    if availability_source.knows_dates:
        yield row("Next free", lambda r: f"{r.next_free:%-d %B %Y}" if r.next_free else "")
    yield row("Cancelling", lambda r: " ".join(presenting.tariff_in_words(r.offer.cancellation_tariff)[:4]))
    yield row(
        "Still stands", lambda r: "Confirmed within 180 days" if r.is_confirmed else "Not confirmed lately"
    )


def _price_cell(result: Result) -> str:
    quote = result.price
    if quote is None:
        return result.priced.problem
    return f"{presenting.total_in_words(quote)} {presenting.priced_for(quote)}"


def _distance_cell(result: Result) -> str:
    words = presenting.distance_in_words(result.offer.metres)
    return f"{words}, farther than it travels" if words and result.beyond_reach else words


# One offer -----------------------------------------------------------------------------------------------------------


def _delivery_rows(shown: Offer) -> list[tuple[str, Any]]:
    version = shown.current
    assert version is not None
    hidden = {"People"}
    return [
        ("Support type", version.support_type.name),
        ("Themes", ", ".join(theme.name for theme in version.themes.all())),
        ("Phases", presenting.phases_in_words(version.phases)),
        *(row for row in presenting.delivery_rows(version) if row[0] not in hidden),
    ]


def _is_own(request: HttpRequest, shown: Offer, school: School | None) -> bool:
    return shown.provider_id in request.actor.organisations() or (
        school is not None and shown.provider_id == school.pk
    )


def _offer_url(request: HttpRequest, reference: str) -> str:
    passed_on = _passed_on(request)
    return reverse("catalogue:offer", args=[reference]) + (f"?{passed_on}" if passed_on else "")


def _booking_url(request: HttpRequest, shown: Offer) -> str:
    passed_on = query_string(
        request, **{name: None for name in request.GET if name not in ("need", "school")}
    )
    return f"{reverse('bookings:new')}?offer={shown.reference}" + (f"&{passed_on}" if passed_on else "")
