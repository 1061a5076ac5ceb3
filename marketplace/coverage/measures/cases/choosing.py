"""Cases about choosing and telling: what may be told of small numbers, what to buy, whom to suggest, whom to send.

counts and values                            what is told of parts of a total to those who see k = 5 schools and more (or `k`)
need, pool, candidates and budget            commissioning advice: each candidate has `days`, `cost` in pounds and the `needs` it reaches
expertise and quality, one for each person   the published score; with `need` (days), `phase`, `distance`, `free`, `price`,
                                             `price_low`, `price_high`, `context`
scores and seats                             teams for reviews; null in `scores` (reviews x people) is a conflict, `leads` and `load` by person
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from marketplace.coverage.disclosure import PUBLIC_SCHOOLS, Part, hidden, rounded
from marketplace.coverage.measures.advice import Candidate, Kind, Problem, Question, exact, greedy
from marketplace.coverage.measures.facade import Result, measure
from marketplace.coverage.measures.inputs import (
    NONE,
    PHASES_OF_OFFERS,
    Inputs,
    Ints,
    Needs,
    Offers,
    Phase,
    Pools,
    Schools,
    Sites,
    Themes,
)
from marketplace.coverage.measures.teams import Reviews, assigned

from .read import Fields
from .shapes import weights_of_list, who_helps_whom

PENCE = 100
TOTAL = -1
"""The name of the total among its parts, which are numbered from 0."""


def told(fields: Fields) -> dict[str, Any]:
    """`shown`: each value to five days, null where it is hidden; the total is taken to be shown."""
    counts = fields.numbers("counts")
    values = fields.numbers("values", size=len(counts))
    least = int(fields.number("k", default=PUBLIC_SCHOOLS))
    fields.check()
    parts = {
        at: Part(int(schools), float(days))
        for at, (schools, days) in enumerate(zip(counts, values, strict=True))
    }
    parts[TOTAL] = Part(int(counts.sum()), float(values.sum()))
    gone = hidden(parts, [list(parts)], least=least)
    return {"shown": [None if at in gone else rounded(days) for at, days in enumerate(values)]}


def advice(fields: Fields) -> dict[str, Any]:
    """`base` days at best, what each candidate adds by itself, the greedy choice in its order, and the best there is."""
    days, pool = fields.numbers("need"), fields.numbers("pool")
    if not len(days):
        fields.problems.append("need must not be empty")
    fields.check()
    weight = who_helps_whom(fields, len(days), len(pool))
    budget = round(fields.number("budget") * PENCE)
    ways = [_candidate(fields, at, each, len(days)) for at, each in enumerate(_listed(fields, "candidates"))]
    fields.check()
    result = _reaching(days, pool, weight > 0, [reached for *_, reached in ways])
    candidates = [
        Candidate(
            kind=Kind.MORE_DAYS,
            days=more,
            cost_pence=cost,
            weeks=0,
            owner=len(pool) + at,
            offer=len(pool) + at,
            pool=len(pool) + at,
        )
        for at, (more, cost, _) in enumerate(ways)
    ]
    problem = Problem(result, candidates, Question())
    chosen, best = greedy(problem, budget), exact(problem, budget)
    return {
        "base": float(result.base.best.sum()),
        "single_gain": [
            problem.objective().gain(at, candidate.days) for at, candidate in enumerate(candidates)
        ],
        "greedy": list(chosen.order),
        "gain": chosen.days,
        "spend": chosen.cost_pence / PENCE,
        "optimal_gain": best.chosen.days if best.chosen else None,
        "bound": best.bound,
    }


def _listed(fields: Fields, name: str) -> list[Any]:
    values = fields.case[name]
    if isinstance(values, list):
        return values
    fields.problems.append(f"{name} must be a list")
    return []


def _candidate(fields: Fields, at: int, given: Any, needs: int) -> tuple[float, int, list[int]]:
    """Days, pence and the rows of the needs one candidate reaches."""
    where = f"candidates[{at}]"
    if not isinstance(given, Mapping) or not {"days", "cost", "needs"} <= given.keys():
        fields.problems.append(f"{where} must have days, cost and needs")
        return 0.0, 0, []
    inner = Fields(given)
    days, cost, reached = inner.number("days"), inner.number("cost"), inner.rows("needs", below=needs)
    fields.problems += [f"{where}: {problem}" for problem in inner.problems]
    if not inner.problems and min(days, cost) <= 0:
        fields.problems.append(f"{where} must have days and cost above 0")
    return days, round(cost * PENCE), reached.tolist()


def _reaching(days: Any, pool: Any, reached: Any, candidates: list[list[int]]) -> Result:
    """The area of a case, everybody at one place; each need is a theme of its own, so that offers cover just what they reach.

    Each candidate has its pool already, without days: such a pool changes nothing.
    """
    pools, needs = len(pool) + len(candidates), len(days)
    covers = np.zeros((pools, needs), dtype=np.bool_)
    covers[: len(pool)] = reached.T
    for at, rows in enumerate(candidates, start=len(pool)):
        covers[at, rows] = True
    return measure(
        Inputs(
            schools=Schools(x=np.zeros(needs), y=np.zeros(needs), phase=np.full(needs, Phase.PRIMARY)),
            themes=Themes(remote_fit=np.zeros(needs)),
            needs=Needs(school=np.arange(needs), theme=np.arange(needs), days=days),
            pools=Pools(
                owner=np.arange(pools), days_offered=np.concatenate([pool, np.zeros(len(candidates))])
            ),
            sites=Sites(pool=np.arange(pools), x=np.zeros(pools), y=np.zeros(pools)),
            offers=Offers(
                pool=np.arange(pools),
                themes=covers,
                phases=np.ones((pools, PHASES_OF_OFFERS), dtype=np.bool_),
            ),
        ),
        checks=False,
        empty_cells=False,
    )


_SHARES = ("expertise", "phase", "distance", "free", "quality", "price", "context")


def suggestions(fields: Fields) -> dict[str, Any]:
    """`score` of each person, from 0 to 1."""
    # What ranks people stands below coverage and, unlike the measures, on Django's tables of words.
    from marketplace.brokerage.rules.ranking import scoring

    size = len(fields.case["expertise"]) if isinstance(fields.case["expertise"], list) else 0
    missing = [name for name in (*_SHARES, "need") if not fields.has(name)]
    fields.problems += [f"{name} is missing" for name in missing]
    fields.check()
    columns = {name: fields.numbers(name, size=size) for name in _SHARES}
    need = fields.number("need")
    prices = columns["price"]
    low, high = (
        fields.number(name, default=default)
        for name, default in (("price_low", prices.min(initial=0)), ("price_high", prices.max(initial=0)))
    )
    if not need > 0:
        fields.problems.append("need must be above 0")
    columns["distance"] = weights_of_list(fields, columns["distance"])
    fields.check()
    columns["free"] = np.minimum(1.0, columns["free"] / need)
    columns["price"] = scoring.between(prices, low, high)
    return {"score": scoring.totals_of(np.stack([columns[name] for name in _SHARES]))}


def teams(fields: Fields) -> dict[str, Any]:
    """`teams` as rows of people, the `lead` of each (null = none), the `smallest` score of a team and the `total`."""
    rows = fields.case["scores"]
    count = len(rows) if isinstance(rows, list) else 0
    scores = fields.matrix("scores", rows=count, columns=None, blank=np.nan)
    people = scores.shape[1]
    if not scores.size:
        fields.problems.append("scores must have a row for each review and a number for each person")
    leads = np.zeros(people, dtype=np.bool_)
    leads[fields.rows("leads", below=people) if fields.has("leads") else slice(None)] = True
    seats, load = _whole(fields, "seats", count), _whole(fields, "load", people)
    trust = fields.labels("trust", people)[0] if fields.has("trust") else np.full(people, NONE)
    fields.check()
    found = assigned(
        Reviews(
            score=scores,
            seats=seats,
            leads=leads,
            most=load,
            trust=trust,
        )
    )
    return {
        "teams": [np.flatnonzero(row).tolist() for row in found.members],
        "lead": [None if lead == NONE else int(lead) for lead in found.lead],
        "team_score": found.score,
        "smallest": found.smallest,
        "total": found.total,
        "empty_seats": found.empty_seats,
    }


def _whole(fields: Fields, name: str, size: int) -> Ints:
    """Whole numbers, one for all or one for each; 1 where nothing is said."""
    numbers = fields.each(name, size, default=1)
    if (numbers != np.floor(numbers)).any():
        fields.problems.append(f"{name} must be whole numbers")
    return numbers.astype(np.int64)
