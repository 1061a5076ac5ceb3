"""Rules of requests for support, as plain functions of values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.brokerage.errors import AskMore, RequestInvalid, SelectionIncomplete, TooLate
from marketplace.brokerage.rules.needs import MAX_NEED_HALF_DAYS
from marketplace.kernel.dates import long_date
from marketplace.kernel.money import pounds

ASKED_ABOVE_THRESHOLD = 3
"""At least so many providers are asked where the school's ladder wants quotes at all (domain 1.7)."""

MOST_ASKED = 12
"""More responses than that nobody reads with care."""

LONGEST_TEXT = 5_000
LONGEST_TITLE = 120
LONGEST_LINE = 300
LONGEST_OPEN_DAYS = 120
MOST_PRICE_PENCE = 100_000_000
"""A million pounds: more than that is tendered, not asked for here."""


@dataclass(frozen=True, kw_only=True)
class RequestTerms:
    """What a request says, apart from its school, theme and phase. Days in half-days; the budget in pence, VAT included."""

    title: str
    wanted: str
    outcomes: str
    half_days: int
    first_day: date
    last_day: date
    questions_close_on: date
    responses_close_on: date
    remote_ok: bool = False
    budget_pence: int | None = None
    budget_shown: bool = False
    closes_when_all_answered: bool = False


@dataclass(frozen=True, kw_only=True)
class ResponseTerms:
    """What a response says, apart from people and offer. The price is for the whole, in pence before VAT."""

    half_days: int
    first_day: date
    last_day: date
    price_pence: int
    approach: str
    dates: str = ""
    other_people: str = ""


def check_terms(terms: RequestTerms, *, today: date) -> None:
    """Raise `RequestInvalid`, naming the field, unless the request can be sent today."""
    _text(terms.title, "title", "Give the request a title.", LONGEST_TITLE)
    _text(terms.wanted, "wanted", "Say what support you want.")
    _text(terms.outcomes, "outcomes", "Say what should have changed afterwards.")
    _half_days(terms.half_days)
    if terms.budget_pence is not None and not 0 < terms.budget_pence <= MOST_PRICE_PENCE:
        raise RequestInvalid(
            "The budget must be more than £0.", remedy="Leave it blank to give none.", field="budget"
        )
    _days(terms, today)


def _days(terms: RequestTerms, today: date) -> None:
    if terms.questions_close_on < today:
        raise RequestInvalid(
            "The last day for questions has passed.", remedy="Choose a later day.", field="questions_close_on"
        )
    if terms.responses_close_on <= terms.questions_close_on:
        raise RequestInvalid(
            "Responses must close after questions, so that the answers can be used.",
            remedy="Leave at least a day between them.",
            field="responses_close_on",
        )
    if terms.responses_close_on > today + timedelta(days=LONGEST_OPEN_DAYS):
        raise RequestInvalid(
            f"A request is open for {LONGEST_OPEN_DAYS} days at most.",
            remedy="Choose an earlier day.",
            field="responses_close_on",
        )
    if terms.last_day < terms.first_day:
        raise RequestInvalid(
            "The support can’t end before it starts.", remedy="Check the two days.", field="last_day"
        )
    if terms.last_day <= terms.responses_close_on:
        raise RequestInvalid(
            "The support would be over before you can choose who gives it.",
            remedy="Close responses earlier, or let the support run later.",
            field="last_day",
        )


def check_response(terms: ResponseTerms, *, people: int, today: date) -> None:
    """Raise `RequestInvalid`, naming the field, unless the response is whole."""
    _half_days(terms.half_days)
    _text(terms.approach, "approach", "Say how you would go about it.")
    for words, field in ((terms.other_people, "other_people"), (terms.dates, "dates")):
        if len(words) > LONGEST_LINE:
            raise RequestInvalid(
                "That is too long.", remedy=f"Use {LONGEST_LINE} characters or fewer.", field=field
            )
    if not people and not terms.other_people.strip():
        raise RequestInvalid(
            "Say who would come.", remedy="Choose at least one person, or write a name.", field="people"
        )
    if terms.last_day < terms.first_day:
        raise RequestInvalid(
            "The last day can’t be before the first.", remedy="Check the two days.", field="last_day"
        )
    if terms.first_day < today:
        raise RequestInvalid("The first day has passed.", remedy="Choose a day to come.", field="first_day")
    if not 0 <= terms.price_pence <= MOST_PRICE_PENCE:
        raise RequestInvalid(
            "That price is out of range.", remedy="Check the number of digits.", field="price"
        )


def fewest_to_ask(quotes_needed: int) -> int:
    """How many providers have to be asked where the ladder wants so many quotes: nobody's rule asks for fewer than three."""
    return max(ASKED_ABOVE_THRESHOLD, quotes_needed) if quotes_needed else 1


def check_asked(
    asked: int, *, quotes_needed: int, from_pence: int, source: str, budget_pence: int | None, reason: str
) -> None:
    """Raise `AskMore` where too few are asked and no reason is given, `RequestInvalid` where nobody or too many are."""
    if asked == 0:
        raise AskMore("Nobody is asked yet.", remedy="Choose at least one provider.", field="providers")
    if asked > MOST_ASKED:
        raise RequestInvalid(
            f"At most {MOST_ASKED} providers are asked at once.", remedy="Choose fewer.", field="providers"
        )
    fewest = fewest_to_ask(quotes_needed)
    if asked >= fewest or reason.strip():
        return
    why = (
        f"Your budget of {pounds(budget_pence)} reaches the step"
        if budget_pence is not None
        else "You gave no budget, so the request counts as reaching the step"
    )
    raise AskMore(
        f"{asked} of at least {fewest} providers {'is' if asked == 1 else 'are'} asked. {why} from {pounds(from_pence)} on,"
        f" which needs quotes (ladder of {source}).",
        remedy=f"Choose {fewest - asked} more, or say why there are no more to ask.",
        field="fewer_reason",
    )


def is_over(last_day: date, today: date) -> bool:
    """Whether a last day has passed: all of the day itself counts."""
    return today > last_day


def check_in_time(last_day: date, today: date, *, what: str) -> None:
    """Raise `TooLate` once the last day for `what` has passed."""
    if is_over(last_day, today):
        raise TooLate(
            f"{what} were taken until {long_date(last_day)}.",
            remedy="Tell the school if you could still help: it may ask again.",
        )


def unmet_cause(*, responded: int, declined: int, asked: int) -> str:
    """Why a request that closed got nothing; empty where somebody responded."""
    if responded:
        return ""
    return "all_declined" if asked and declined == asked else "no_responses"


def is_lowest(price_pence: int, others: Collection[int]) -> bool:
    """Whether a price is the lowest of those given, or as low."""
    return all(price_pence <= other for other in others)


def check_reason(price_pence: int, others: Collection[int], reason: str) -> None:
    """Raise `SelectionIncomplete` where another asks for less and it is not said why this one is chosen."""
    if not is_lowest(price_pence, others) and not reason.strip():
        raise SelectionIncomplete(
            f"The lowest price is {pounds(min(others))}, and you chose {pounds(price_pence)}.",
            remedy="Say why: the reason goes into the quotes evidence.",
            field="reason",
        )


def _half_days(half_days: int) -> None:
    if not 0 < half_days <= MAX_NEED_HALF_DAYS:
        raise RequestInvalid(
            "The days must be between half a day and 200 days.", remedy="Write a number.", field="days"
        )


def _text(text: str, field: str, message: str, longest: int = LONGEST_TEXT) -> None:
    if not text.strip():
        raise RequestInvalid(message, remedy="A sentence or two is enough.", field=field)
    if len(text) > longest:
        raise RequestInvalid("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)
