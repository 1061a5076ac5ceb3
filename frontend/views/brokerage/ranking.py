"""What is suggested for a need, who is left out and why, why not another offer, and how all are ranked."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from frontend.views.brokerage import ranking_words as words
from frontend.views.tools import page_of, signed_in
from marketplace.brokerage import queries
from marketplace.brokerage.models import Need, NeedStatus
from marketplace.brokerage.queries import ranking
from marketplace.brokerage.rules import ranking as rules
from marketplace.catalogue import rules as catalogue
from marketplace.kernel.access import SCHOOL_BUYERS
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound

MOST_CHOICES = 20


@signed_in
def suggested(request: HttpRequest, reference: str) -> HttpResponse:
    """The five that fit a need best, each with its seven bars, and how many were left out for what reason."""
    need, found = _ranked(request, reference)
    context = {
        "need": need,
        "ranking": found,
        "suggestions": [
            {
                "shown": words.shown(found.asked, placed),
                "book_url": _book_url(request, need, placed.candidate),
            }
            for placed in found.suggested
        ],
        "request_url": _request_url(request, need),
        "left_out": [
            {"reason": reason, "count": count, "label": reason.label, "sentence": reason.sentence}
            for reason, count in found.left_out.items()
        ],
    }
    return render(request, "frontend/ranking/suggested.html", context)


@signed_in
def left_out(request: HttpRequest, reference: str, reason: str) -> HttpResponse:
    """The offers that a reason leaves out."""
    if reason not in list(rules.HardReason):
        raise NotFound
    need, found = _ranked(request, reference)
    why = rules.HardReason(reason)
    context = {
        "need": need,
        "why": why,
        "page": page_of(request, ranking.offers_left_out(found, why), per_page=25),
    }
    return render(request, "frontend/ranking/left_out.html", context)


@signed_in
def why_not(request: HttpRequest, reference: str) -> HttpResponse:
    """Why an offer is not the first: chosen by `?offer=`, or looked for by `?q=`."""
    need, found = _ranked(request, reference)
    q = request.GET.get("q", "").replace("\x00", " ").strip()[:100]
    context: dict[str, Any] = {"need": need, "ranking": found, "q": q}
    if chosen := request.GET.get("offer", "").replace("\x00", ""):
        standing = ranking.standing_of(found, chosen)
        context |= {
            "standing": standing,
            "told": words.standing_in_words(standing),
            "shown": words.shown(found.asked, standing.placed),
            "first": standing.first,
        }
    elif q:
        choices = list(ranking.offers_to_ask_about(found.asked, q)[: MOST_CHOICES + 1])
        context |= {"choices": choices[:MOST_CHOICES], "more": len(choices) > MOST_CHOICES}
    return render(request, "frontend/ranking/why_not.html", context)


def how_we_rank(request: HttpRequest) -> HttpResponse:
    """The published formula, printed from the constants the scores are worked out from. Open to everybody."""
    context = {
        "weights": rules.WEIGHTS,
        "reasons": rules.HARD_REASONS,
        "conflicts": rules.CONFLICTS,
        "shown": rules.SHOWN,
        "road_factor": catalogue.ROAD_FACTOR,
        "confirmed_days": catalogue.CONFIRMED_FOR_DAYS,
    }
    return render(request, "frontend/ranking/how_we_rank.html", context)


def _ranked(request: HttpRequest, reference: str) -> tuple[Need, ranking.Ranking]:
    need = queries.need_for(request.actor, reference)
    return need, ranking.rank(ranking.asked_of(need, today=local(timezone.now()).date()))


def _book_url(request: HttpRequest, need: Need, candidate: ranking.Candidate) -> str:
    """Where a day of it can be booked for the need by somebody who orders for the school; empty where that can't be."""
    if not _may_order(request, need) or not candidate.people:
        return ""
    wish = {
        "offer": candidate.reference,
        "need": need.reference,
        "school": str(need.school.school.urn),
        "theme": need.theme.code,
        "phase": need.phase,
    }
    return f"{reverse('bookings:new')}?{urlencode(wish)}"


def _may_order(request: HttpRequest, need: Need) -> bool:
    return need.status == NeedStatus.OPEN and request.actor.holds(*SCHOOL_BUYERS, at=need.school_id)


def _request_url(request: HttpRequest, need: Need) -> str:
    """Where a request for support can be made for the need; empty where this person can't."""
    return (
        f"{reverse('requests:new')}?{urlencode({'need': need.reference})}"
        if _may_order(request, need)
        else ""
    )
