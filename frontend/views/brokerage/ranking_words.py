"""The ranking in words: each part of a score, what costs an offer most, and what would change it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from frontend.views.catalogue import presenting
from marketplace.brokerage.queries.ranking import Asked, Candidate, Placed, Standing
from marketplace.brokerage.rules.ranking import ADJACENT_EXPERTISE, MAIN_PHASE, Change, Effect
from marketplace.catalogue.rules import PSEUDO_RATING
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds


class ShownPart(NamedTuple):
    """One bar: its name, its weight and share in hundredths, the points it gives, and why."""

    name: str
    weight: int
    share: int
    points: float
    why: str


class Shown(NamedTuple):
    """A suggestion as a page shows it."""

    placed: Placed
    parts: list[ShownPart]
    notes: list[dict[str, str]]
    distance: str
    price: str


def shown(asked: Asked, placed: Placed) -> Shown:
    """A placed candidate in the words of the page."""
    candidate = placed.candidate
    return Shown(
        placed,
        [
            ShownPart(
                part.weight.name,
                part.weight.hundredths,
                round(100 * part.share),
                part.weight.hundredths * part.share,
                _WHY[part.weight.key](asked, candidate, part.share),
            )
            for part in placed.parts
        ],
        notes(candidate),
        presenting.distance_in_words(candidate.metres),
        _price(asked, candidate, 0),
    )


_COLOURS = {Effect.WARN: "yellow", Effect.STRENGTH: "green", Effect.BAR_PERSON: "orange"}
_TAGS = {
    Effect.WARN: "Take note",
    Effect.STRENGTH: "Knows the school",
    Effect.BAR_PERSON: "Interest declared",
}


def notes(candidate: Candidate) -> list[dict[str, str]]:
    """What the conflicts table and the offer's own facts want the person deciding to know."""
    found = [
        {"tag": _TAGS[each.effect], "colour": _COLOURS[each.effect], "text": each.sentence}
        for each in candidate.conflicts
        if each.effect in _TAGS
    ]
    if candidate.set_aside and candidate.people:
        people = "person" if candidate.set_aside == 1 else "people"
        found.append(
            {
                "tag": "Take note",
                "colour": "yellow",
                "text": f"{candidate.set_aside} of its {people} can’t come to this school for a tie to it; "
                f"{candidate.people} could.",
            }
        )
    if candidate.facts.free_half_days is None:
        found.append(
            {
                "tag": "Days not stated",
                "colour": "grey",
                "text": "The provider has not said how many days it has: ask before you count on it.",
            }
        )
    if not candidate.is_confirmed:
        found.append(
            {
                "tag": "Not confirmed lately",
                "colour": "yellow",
                "text": "The provider has not said for 180 days that this still stands.",
            }
        )
    return found


def _expertise(asked: Asked, candidate: Candidate, share: float) -> str:
    if candidate.is_exact:
        return f"It is for this theme: {asked.theme}."
    return (
        "It is for another theme under the same heading."
        if share >= ADJACENT_EXPERTISE
        else "It is for another theme."
    )


def _phase(asked: Asked, candidate: Candidate, share: float) -> str:
    if not share:
        return "It is not for this phase."
    return "This is its main phase." if share >= MAIN_PHASE else "It takes this phase on beside others."


def _distance(asked: Asked, candidate: Candidate, share: float) -> str:
    far = presenting.distance_in_words(candidate.metres)
    if candidate.by_distance and (candidate.metres is None or candidate.mode == "remote"):
        return "It is given at a distance, by video call."
    if candidate.by_distance:
        return f"{far}; it can be given at a distance, too."
    return f"{far}." if far else "Nobody knows how far it is."


def _availability(asked: Asked, candidate: Candidate, share: float) -> str:
    free = candidate.facts.free_half_days
    if free is None:
        return "It does not say how many days it has."
    return f"{format_days(free)} free this school year, {format_days(asked.half_days)} needed."


def _quality(asked: Asked, candidate: Candidate, share: float) -> str:
    if not candidate.facts.rating_count:
        return f"No ratings yet: it starts with {PSEUDO_RATING / 20:.1f} out of 5."
    return presenting.rating_in_words(candidate.facts.rating_total, candidate.facts.rating_count) + "."


def _price(asked: Asked, candidate: Candidate, share: float) -> str:
    pence = candidate.facts.price_pence
    if pence is None:
        return candidate.priced.problem or "No price can be worked out."
    quote = candidate.priced.quote
    what = presenting.priced_for(quote) if quote else ""
    return f"{pounds(pence)} before VAT {what}".strip() + "."


def _context(asked: Asked, candidate: Candidate, share: float) -> str:
    return f"{100 * share:.0f}% alike in size, free school meals and type, as far as it is known."


_WHY: dict[str, Callable[[Asked, Candidate, float], str]] = {
    "expertise": _expertise,
    "phase": _phase,
    "distance": _distance,
    "availability": _availability,
    "quality": _quality,
    "price": _price,
    "context": _context,
}


def change_in_words(change: Change) -> str:
    """A change as something a provider could do."""
    amount = change.amount
    return {
        "expertise": "be for this very theme",
        "phase": "have somebody who works in this phase",
        "distance": f"come from {amount / 1000:.1f} km away or nearer",
        "availability": f"have {format_days(amount)} more free this school year",
        "quality": f"earn {amount} more {'rating' if amount == 1 else 'ratings'} of 5 out of 5",
        "price": f"cost {pounds(amount)} or less before VAT",
    }[change.weight.key]


def standing_in_words(standing: Standing) -> dict[str, Any]:
    """The answer to “why not first?” in the words of the page."""
    costly = [loss for loss in standing.losses if loss.points > 0]
    gains = [loss for loss in reversed(standing.losses) if loss.points < 0]
    return {
        "reason": standing.reason,
        "other_reasons": standing.other_reasons,
        "is_first": standing.reason is None and standing.placed.place == 1,
        "costliest": costly[0] if costly else None,
        "costs": costly,
        "gains": gains,
        "alone": [change_in_words(change) for change in standing.changes.alone],
        "together": [change_in_words(change) for change in standing.changes.together],
    }
