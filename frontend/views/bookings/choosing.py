"""Choosing a person, a session and a date; the date chosen is held."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.bookings import DayForm, WishForm, session_hours
from frontend.views.tools import query_string, signed_in
from marketplace.bookings import actions, queries, tariffs
from marketplace.bookings.models import Session
from marketplace.bookings.rules import PAST, SESSIONS, DayAnswer
from marketplace.brokerage import actions as brokerage
from marketplace.brokerage import queries as needs
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer, OfferStatus, OfferVersion, Practitioner
from marketplace.kernel.dates import local, long_date, month_and_year
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations

MONTHS_AHEAD = 12


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Who, for which school, on what, how long and how. Passed over when there is nothing to choose."""
    offer, version = _offer(request)
    form = _wish_form(request, version, bound=False)
    return _render_choice(request, offer, version, form)


@signed_in
def dates(request: HttpRequest) -> HttpResponse:
    """The month with its free days and the reasons for the others; choosing a day holds it."""
    offer, version = _offer(request)
    form = _wish_form(request, version, bound=True)
    if not form.is_valid():
        return _render_choice(request, offer, version, form)
    wish = form.wish()
    error = ""
    if request.method == "POST":
        chosen = DayForm(request.POST)
        if chosen.is_valid():
            try:
                booking = actions.hold_session(
                    actor=request.actor, offer=offer, day=chosen.cleaned_data["day"], **wish
                )
            except DomainError as refusal:
                error = str(refusal)
            else:
                _tie_to_need(request, booking)
                return redirect("bookings:order", booking.reference)
        else:
            error = " ".join(str(problem) for problem in chosen.errors["day"])
    return _render_dates(request, offer, version, wish, error)


def _render_choice(request: HttpRequest, offer: Offer, version: OfferVersion, form: WishForm) -> HttpResponse:
    context = {
        "form": form,
        "offer": offer,
        "version": version,
        "terms": _terms(version),
        "passed_on": {name: request.GET[name] for name in ("offer", "need") if name in request.GET},
    }
    return render(request, "frontend/bookings/new.html", context)


def _render_dates(
    request: HttpRequest, offer: Offer, version: OfferVersion, wish: dict[str, Any], error: str
) -> HttpResponse:
    now = timezone.now()
    person, session = wish["practitioner"], wish["session"]
    first_day = _month_asked_for(request) or _first_month(person, session)
    last_day = _next_month(first_day) - timedelta(days=1)
    answers = queries.free_sessions(person, first_day, last_day, now=now)
    quote, price_problem = _quote(version, offer, wish, first_day)
    context = {
        "offer": offer,
        "version": version,
        "person": person,
        "wish": wish,
        "session_label": Session(session).label,
        "hours": session_hours(session),
        "sessions": _session_tabs(request, version, session),
        "month": _month(request, answers, session),
        "quote": quote,
        "price_problem": price_problem,
        "error": error,
        "terms_missing": queries.diary_of(person).term_time_only
        and queries.term_dates_missing(person, first_day),
        "back": f"{reverse('bookings:new')}?{query_string(request, month=None)}",
    }
    return render(request, "frontend/bookings/dates.html", context, status=422 if error else 200)


# Reading the address -------------------------------------------------------------------------------------------------


def _offer(request: HttpRequest) -> tuple[Offer, OfferVersion]:
    offer = catalogue.offer_for(request.actor, request.GET.get("offer", ""))
    if offer.status != OfferStatus.PUBLISHED or offer.current is None:
        raise NotFound("This offer is not open for bookings.", remedy="Look for another offer.")
    return offer, offer.current


def _wish_form(request: HttpRequest, version: OfferVersion, *, bound: bool) -> WishForm:
    schools = list(organisations.schools_buying_for(request.actor))
    if not schools:
        raise NotAllowed(
            "You can’t order for a school.", remedy="Ask a school to invite you as one of its people."
        )
    people = list(version.practitioners.all())
    if not people:
        raise NotFound(
            "Nobody is named in this offer, so no date can be booked.", remedy="Ask the provider for a date."
        )
    initial = {
        "session": Session.DAY,
        "school": str(next((s.urn for s in schools if s.pk == request.actor.current), schools[0].urn)),
    }
    return WishForm(
        request.GET if bound else None,
        initial=initial | request.GET.dict(),
        version=version,
        people=people,
        hints=_hints(people),
        schools=schools,
    )


def _hints(people: list[Practitioner]) -> dict[str, str]:
    """What stands under each person: title, school, next free day."""
    free = queries.next_free([person.pk for person in people])
    hints = {}
    for person in people:
        day = free.get(person.pk)
        next_free = f"Next free on {long_date(day)}" if day else "Nothing free in the next three months"
        who = ", ".join(part for part in (person.job_title, str(person.releasing_organisation)) if part)
        hints[person.reference] = f"{who}. {next_free}."
    return hints


def _month_asked_for(request: HttpRequest) -> date | None:
    """The first day of `?month=2027-01`, kept between this month and a year on."""
    this_month = _this_month()
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return min(max(asked, this_month), _last_month(this_month))


def _first_month(person: Practitioner, session: str) -> date:
    """The month in which that kind of session is first free."""
    now = timezone.now()
    found = queries.next_free_sessions(person, session, after=local(now).date(), now=now, count=1)
    return found[0].day.replace(day=1) if found else _this_month()


def _this_month() -> date:
    return local(timezone.now()).date().replace(day=1)


def _next_month(first_day: date) -> date:
    return (first_day + timedelta(days=31)).replace(day=1)


def _last_month(first_day: date) -> date:
    return first_day.replace(year=first_day.year + MONTHS_AHEAD // 12)


# Words and rows ------------------------------------------------------------------------------------------------------


def _month(request: HttpRequest, answers: tuple[DayAnswer, ...], session: str) -> dict[str, Any]:
    first_day = answers[0].day
    cells: list[dict[str, Any] | None] = [None] * first_day.weekday()
    for answer in answers:
        asked = next(each for each in answer.sessions if each.session == session)
        state = "open" if asked.is_free else "closed"
        reason = "" if asked.reason == PAST else asked.reason
        cells.append({"date": answer.day, "day": answer.day.day, "state": state, "reason": reason})
    cells += [None] * (-len(cells) % 7)
    earlier = first_day > _this_month()
    later = first_day < _last_month(_this_month())
    return {
        "title": month_and_year(first_day),
        "weeks": [cells[n : n + 7] for n in range(0, len(cells), 7)],
        "previous_url": _turned(request, first_day - timedelta(days=1)) if earlier else "",
        "next_url": _turned(request, _next_month(first_day)) if later else "",
    }


def _turned(request: HttpRequest, day: date) -> str:
    return f"{request.path}?{query_string(request, month=f'{day:%Y-%m}')}"


def _session_tabs(request: HttpRequest, version: OfferVersion, current: str) -> list[dict[str, Any]]:
    return [
        {
            "text": label,
            "href": f"{request.path}?{query_string(request, session=value)}",
            "current": value == current,
        }
        for value, label in Session.choices
        if SESSIONS[value].half_days >= version.minimum_half_days
    ]


def _quote(
    version: OfferVersion, offer: Offer, wish: dict[str, Any], day: date
) -> tuple[queries.Quote | None, str]:
    """What a session of that month costs, or why that can't be told."""
    try:
        quote = queries.quote(
            version,
            school=wish["school"],
            provider=offer.provider,
            session=wish["session"],
            day=day,
            today=local(timezone.now()).date(),
        )
    except DomainError as problem:
        return None, str(problem)
    return quote, ""


def _terms(version: OfferVersion) -> list[str]:
    return tariffs.describe(tariffs.CancellationTariff.from_data(version.cancellation_tariff))


def _tie_to_need(request: HttpRequest, booking: Any) -> None:
    """Where the search came from a need, the booking is tied to it; a need of another school is passed over."""
    reference = request.GET.get("need", "")
    if not reference:
        return
    try:
        need = needs.need_for(request.actor, reference)
        brokerage.link_booking(actor=request.actor, need=need, booking=booking)
    except DomainError:
        return
