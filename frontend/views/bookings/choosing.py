"""Choosing a person, a session and a date; the date chosen is held."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.bookings import HOURS, DayForm, WishForm, session_hours
from frontend.views.bookings.calendar import month_asked_for, month_of, next_month, this_month
from frontend.views.tools import query_string, signed_in
from marketplace.bookings import actions, queries
from marketplace.bookings.errors import DatesInvalid, NotBookable, PartOfAnOrder
from marketplace.bookings.models import Session, session_words
from marketplace.bookings.rules import SESSIONS, times_of
from marketplace.brokerage import actions as brokerage
from marketplace.brokerage import queries as needs
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import tariffs
from marketplace.catalogue.models import DeliveryMode, Offer, OfferStatus, OfferVersion, Practitioner
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Phase, School


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Who, for which school, on what, how long and how. Passed over when there is nothing to choose."""
    offer, version = _offer(request)
    form = _wish_form(request, version, bound=False)
    return _render_choice(request, offer, version, form)


@signed_in
def dates(request: HttpRequest) -> HttpResponse:
    """The month with its free days and the reasons for the others; choosing a day, or several, holds it."""
    offer, version = _offer(request)
    form = _wish_form(request, version, bound=True)
    if not form.is_valid():
        return _render_choice(request, offer, version, form)
    wish = form.wish()
    several = request.GET.get("several") == "1"
    chosen = _days_chosen(request) if several else []
    error = ""
    if request.method == "POST":
        if several and "turn" in request.POST:
            days = [day.isoformat() for day in chosen]
            query = query_string(request, chosen=days, month=request.POST["turn"])
            return redirect(f"{request.path}?{query}")
        try:
            return _hold(request, offer, wish, chosen if several else None)
        except PartOfAnOrder as part:
            return redirect("bookings:order_dates", part.order)
        except DomainError as refusal:
            error = str(refusal)
    return _render_dates(request, offer, version, wish, error, chosen if several else None)


def _hold(request: HttpRequest, offer: Offer, wish: dict[str, Any], days: list[date] | None) -> HttpResponse:
    """Hold what was chosen, and go on to the order."""
    person, asked = wish["practitioner"], {k: v for k, v in wish.items() if k != "practitioner"}
    if days is not None:
        order = actions.hold_dates(actor=request.actor, offer=offer, practitioner=person, days=days, **asked)
        for booking in queries.order_for(request.actor, order.reference).bookings:
            _tie_to_need(request, booking)
        return redirect("bookings:order_dates", order.reference)
    form = DayForm(request.POST)
    if not form.is_valid():
        raise DatesInvalid(" ".join(str(problem) for problem in form.errors["day"]))
    day = form.cleaned_data["day"]
    if person is None:
        booking = actions.hold_any_person(actor=request.actor, offer=offer, day=day, **asked)
    else:
        booking = actions.hold_session(
            actor=request.actor, offer=offer, practitioner=person, day=day, **asked
        )
    _tie_to_need(request, booking)
    return redirect("bookings:order", booking.reference)


def _days_chosen(request: HttpRequest) -> list[date]:
    """The days chosen so far: in the form, or in the address when a page was turned."""
    given = request.POST.getlist("day") if request.method == "POST" else request.GET.getlist("chosen")
    found = set()
    for text in given:
        with suppress(ValueError):
            found.add(date.fromisoformat(text))
    return sorted(found)


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
    request: HttpRequest,
    offer: Offer,
    version: OfferVersion,
    wish: dict[str, Any],
    error: str,
    chosen: list[date] | None,
) -> HttpResponse:
    now = timezone.now()
    person, session, school = wish["practitioner"], wish["session"], wish["school"]
    people = [person] if person else list(queries.people_to_send(offer, school.pk))
    if not people:
        raise NotFound(
            "None of the offer’s people can come to this school.", remedy="Look for another offer."
        )
    where: dict[str, Any] = {"school": school, "remote": wish["mode"] == DeliveryMode.REMOTE}
    first_day = month_asked_for(request) or _first_month(people, session, where)
    last_day = next_month(first_day) - timedelta(days=1)
    answers = queries.free_sessions_of_any(people, first_day, last_day, now=now, sessions=(session,), **where)
    quote, price_problem = _quote(version, offer, wish, first_day)
    month = month_of(request, answers, session, people=[each.reference for each in people], chosen=chosen)
    context = {
        "offer": offer,
        "version": version,
        "person": person,
        "people": people,
        "wish": wish,
        "session_label": session_words(session),
        "hours": session_hours(session),
        "half_days": times_of(session).half_days,
        "sessions": _session_tabs(request, version, session),
        "month": month,
        "several": chosen is not None,
        "elsewhere": [day for day in chosen or () if not first_day <= day <= last_day],
        "switch": f"{request.path}?{query_string(request, several=None if chosen is not None else 1, chosen=None)}",
        "quote": quote,
        "price_problem": price_problem,
        "error": error,
        "terms_missing": any(
            queries.diary_of(each).term_time_only and queries.term_dates_missing(each, first_day)
            for each in people[:1]
        ),
        "back": f"{reverse('bookings:new')}?{query_string(request, month=None)}",
    }
    return render(request, "frontend/bookings/dates.html", context, status=422 if error else 200)


# Reading the address -------------------------------------------------------------------------------------------------


def _offer(request: HttpRequest) -> tuple[Offer, OfferVersion]:
    offer = catalogue.offer_for(request.actor, request.GET.get("offer", ""))
    if offer.status != OfferStatus.PUBLISHED or offer.current is None:
        raise NotFound("This offer is not open for bookings.", remedy="Look for another offer.")
    actions.must_be_sold_by_time(offer.current)
    return offer, offer.current


def _wish_form(request: HttpRequest, version: OfferVersion, *, bound: bool) -> WishForm:
    schools = list(organisations.schools_buying_for(request.actor))
    if not schools:
        raise NotAllowed(
            "You can’t order for a school.", remedy="Ask a school to invite you as one of its people."
        )
    schools = [school for school in schools if _has_a_phase_of(version, school)]
    if not schools:
        phases = ", ".join(Phase(phase).label.lower() for phase in version.phases)
        raise NotBookable(
            f"This offer is for {phases}, which your school does not have.", remedy="Look for another offer."
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


def _has_a_phase_of(version: OfferVersion, school: School) -> bool:
    return not school.phases or not set(school.phases).isdisjoint(version.phases)


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


def _first_month(people: list[Practitioner], session: str, where: dict[str, Any]) -> date:
    """The month in which that kind of session is first free for the school."""
    now = timezone.now()
    found = queries.next_free_sessions(people, session, after=local(now).date(), now=now, count=1, **where)
    return found[0].day.replace(day=1) if found else this_month()


# Words and rows ------------------------------------------------------------------------------------------------------


def _session_tabs(request: HttpRequest, version: OfferVersion, current: str) -> list[dict[str, Any]]:
    named = [
        {
            "text": label,
            "href": f"{request.path}?{query_string(request, session=value, starts=None, minutes=None)}",
            "current": value == current,
        }
        for value, label in Session.choices
        if SESSIONS[value].half_days >= version.minimum_half_days
    ]
    other = f"{reverse('bookings:new')}?{query_string(request, session=HOURS, month=None)}"
    return [*named, {"text": "Other times", "href": other, "current": current not in SESSIONS}]


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
