"""Commissions: who decides, who is told before anything begins, what is missing before the start, what a review and an end need.

The authority decides for a maintained school. For an academy it doesn't: the responsible body (its trust, or the diocese where the register
names one) is told first, and no word here says that the authority intervenes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from marketplace.kernel.money import pounds
from marketplace.partnership.errors import CommissionInvalid

LONGEST_TEXT = 5_000
LONGEST_LINE = 150
MOST_HALF_DAYS = 400
MOST_PENCE_A_DAY = 1_000_000
LONGEST_UNTIL_REVIEW = timedelta(days=366)

MAINTAINED, ACADEMY = "la_maintained", "academy"
GOVERNING_BODY, TRUST, DIOCESE, OTHER = "governing_body", "trust", "diocese", "other"


class Held(NamedTuple):
    """A role somebody holds, where, and what kind of organisation that is."""

    role: str
    organisation: int
    kind: str


class Body(NamedTuple):
    """A body that can be told, by kind and name."""

    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class CommissionTerms:
    """What is commissioned beside school, theme, phase, provider and stream. Days in half-days, pence a day before VAT or none yet."""

    half_days: int
    pence_a_day: int | None
    reason: str


def check_commission(terms: CommissionTerms) -> None:
    """Raise `CommissionInvalid`, naming the field, unless the terms can be kept."""
    if not 0 < terms.half_days <= MOST_HALF_DAYS:
        raise CommissionInvalid(
            "The days must be between half a day and 200 days.", remedy="Write a number.", field="days"
        )
    if terms.pence_a_day is not None and not 0 <= terms.pence_a_day <= MOST_PENCE_A_DAY:
        raise CommissionInvalid(
            "That price is out of range.",
            remedy=f"Give the price of one day, at most {pounds(MOST_PENCE_A_DAY)}.",
            field="price",
        )
    needed(terms.reason, "reason", "Say why the support is commissioned.")


def who_decides(legal_status: str) -> bool:
    """Whether the school is an academy. Raises `CommissionInvalid` for schools that are neither that nor maintained."""
    if legal_status not in (MAINTAINED, ACADEMY):
        raise CommissionInvalid(
            "Support is commissioned for maintained schools and academies.",
            remedy="Other schools can ask for support themselves.",
            field="school",
        )
    return legal_status == ACADEMY


def bodies_to_inform(*, school: str, is_academy: bool, trust: str, diocese: str) -> list[Body]:
    """Whom a convenor can record as told, the one that counts first. The last is any other body, by its name."""
    first = [] if is_academy else [Body(GOVERNING_BODY, f"Governing body of {school}")]
    named = [
        Body(kind, name) for kind, name in ((TRUST, trust if is_academy else ""), (DIOCESE, diocese)) if name
    ]
    return [*first, *named, Body(OTHER, "")]


def first_to_inform(*, is_academy: bool, trust: str, diocese: str) -> frozenset[str]:
    """Kinds of body of which one has to be told before an academy’s commission may begin; none for a maintained school.

    Its trust, or the diocese where the register names one; where it names neither, whoever is responsible.
    """
    if not is_academy:
        return frozenset()
    named = {kind for kind, name in ((TRUST, trust), (DIOCESE, diocese)) if name}
    return frozenset(named or {OTHER})


def missing_to_start(*, provider: bool, stream: bool, price: bool, category: bool) -> list[str]:
    """What still has to be said before a commission can begin, a short sentence each."""
    found = {
        "Choose the provider.": provider,
        "Choose the funding stream that pays.": stream,
        "Set the price of a day.": price,
        "Record the school’s support category.": category,
    }
    return [words for words, there in found.items() if not there]


def check_notice(*, name: str, person: str, informed_on: date, today: date) -> None:
    """Raise `CommissionInvalid` unless it says which body was told, whom there, and on a day that has come."""
    _line(name, "body_name", "Name the body that was told.", 200)
    _line(person, "person", "Name the person who was told.", LONGEST_LINE)
    if informed_on > today:
        raise CommissionInvalid(
            "That day has not come yet.", remedy="Record it once they have been told.", field="informed_on"
        )


def check_review(*, reviewed_on: date, next_review_on: date | None, today: date) -> None:
    """Raise `CommissionInvalid` unless the review has taken place and the next one follows within a year."""
    if reviewed_on > today:
        raise CommissionInvalid(
            "That day has not come yet.",
            remedy="Record the review once it has taken place.",
            field="reviewed_on",
        )
    if next_review_on is not None:
        check_next_review(next_review_on, after=reviewed_on)


def check_next_review(next_review_on: date, *, after: date) -> None:
    """Raise `CommissionInvalid` unless the review follows a day, within a year."""
    if not after < next_review_on <= after + LONGEST_UNTIL_REVIEW:
        raise CommissionInvalid(
            "The next review has to follow within a year.",
            remedy="Choose another day.",
            field="next_review_on",
        )


def check_exit(*, reason: str, evidence: str, ended_on: date, started_on: date, today: date) -> None:
    """Raise `CommissionInvalid` unless the end is explained, shown by evidence, and neither before the start nor to come."""
    needed(reason, "reason", "Say why the support ends.")
    needed(evidence, "evidence", "Say what shows that it can end.")
    if not started_on <= ended_on <= today:
        raise CommissionInvalid(
            "The support ended between its start and today.", remedy="Choose another day.", field="ended_on"
        )


def needed(text: str, field: str, message: str) -> str:
    """The text without spaces around it; `CommissionInvalid` where there is none or too much."""
    text = text.strip()
    if not text:
        raise CommissionInvalid(message, remedy="A sentence or two is enough.", field=field)
    if len(text) > LONGEST_TEXT:
        raise CommissionInvalid(
            "That is too long.", remedy=f"Use {LONGEST_TEXT:,} characters or fewer.", field=field
        )
    return text


def _line(text: str, field: str, message: str, longest: int) -> None:
    if not text.strip():
        raise CommissionInvalid(message, remedy="A name is enough.", field=field)
    if len(text) > longest:
        raise CommissionInvalid(
            "That is too long.", remedy=f"Use {longest} characters or fewer.", field=field
        )


_WORDS = {
    "low": "Low: no more than every school is offered",
    "medium": "Medium: some concern, focused support",
    "high": "High: serious concern, intensive support",
}


def level_words(level: str, *, is_academy: bool) -> str:
    """What a level is called. An authority intervenes only in schools it maintains: of an academy the highest says who acts."""
    if level == "intervention":
        return (
            "Highest: raised with the responsible body, which decides"
            if is_academy
            else "Intervention: the authority uses its formal powers"
        )
    return _WORDS[level]


NEVER_KNOW = frozenset({"provider_lead", "practitioner", "board_member", "scrutiny"})
OF_A_SCHOOL = frozenset({"staff", "headteacher", "budget_holder", "governor"})


def why_may_not_know(held: list[Held], *, school: int, trust: int | None) -> str:
    """Why somebody holding these roles can’t be one who needs to know of a commission, in a sentence; empty where they can.

    Providers, people who are deployed, other schools, the board and scrutiny never read a category. What is left are the authority’s own
    officers, and people of the school itself or of its trust.
    """
    if not held:
        return "They hold no role here."
    for each in held:
        if each.role in NEVER_KNOW:
            return "Providers, practitioners, board members and scrutiny never read a school’s category."
        own = each.organisation == school and each.role in OF_A_SCHOOL
        of_trust = each.organisation == trust and each.role == "trust_lead"
        if not (own or of_trust or each.kind == "local_authority"):
            return "They work for another school, trust or provider."
    return ""
