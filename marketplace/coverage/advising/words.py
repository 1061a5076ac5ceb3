"""What a line of advice means, in a sentence that a convenor can act on."""

from dataclasses import dataclass

from marketplace.coverage.measures.advice import Candidate, Costs, Kind
from marketplace.kernel.money import pounds

KINDS = {
    Kind.MORE_DAYS: "More days",
    Kind.WIDER_REACH: "Wider reach",
    Kind.REMOTE: "Remote support",
    Kind.REDIRECT: "Another theme",
    Kind.OUTSIDE: "New provider",
    Kind.PRACTITIONER: "New practitioner",
}


@dataclass(frozen=True)
class Names:
    """What the sentence calls things; empty where a candidate has none."""

    provider: str = ""
    offer: str = ""
    theme: str = ""
    phase: str = ""
    school: str = ""


def sentence(candidate: Candidate, blocks: int, names: Names) -> str:
    """What to do."""
    days = in_days(candidate.days * blocks)
    if candidate.kind is Kind.MORE_DAYS:
        return f"Ask {names.provider} for {days} more of “{names.offer}”."
    if candidate.kind is Kind.WIDER_REACH:
        return (
            f"Pay for {names.provider} to travel up to {candidate.reach_m / 1000:.0f} km with “{names.offer}”:"
            f" {days} offered already would otherwise go unused."
        )
    if candidate.kind is Kind.REMOTE:
        return (
            f"Help {names.provider} to give “{names.offer}” remotely too: {days} offered already would reach"
            " schools that are too far away now."
        )
    if candidate.kind is Kind.REDIRECT:
        return (
            f"Prepare {names.provider} to support {names.theme} as well: {days} of “{names.offer}”"
            " would otherwise go unused."
        )
    if candidate.kind is Kind.OUTSIDE:
        return f"Call for offers of {names.theme}, {names.phase}, from providers new to the area: {days}."
    return (
        f"Find a new practitioner for {names.theme}, {names.phase}, at {names.school}, which supports other"
        f" schools already: {days} a year."
    )


def reckoning(candidate: Candidate, blocks: int, costs: Costs) -> str:
    """How the cost comes about."""
    if candidate.kind in (Kind.MORE_DAYS, Kind.OUTSIDE):
        price = pounds(round(candidate.cost_pence / candidate.days))
        return f"{in_days(candidate.days * blocks)} at {price}"
    if candidate.kind is Kind.WIDER_REACH:
        journey = pounds(round(candidate.cost_pence / candidate.days))
        return f"{in_days(candidate.days)} with up to {journey} of travel each; schools pay for the days"
    if candidate.kind is Kind.REMOTE:
        return "equipment and a trial; schools pay for the days"
    if candidate.kind is Kind.REDIRECT:
        return "training and release, for straightforward cases to begin with (level 1); schools pay for the days"
    return (
        f"{in_days(candidate.days)} at {pounds(costs.day_pence)},"
        f" and {pounds(costs.practitioner_setup_pence)} to prepare"
    )


def in_days(days: float) -> str:
    """`1 day`, `2.5 days`."""
    number = f"{days:.1f}".rstrip("0").rstrip(".")
    return f"{number} day{'' if days == 1 else 's'}"


def figure(name: str, value: float, unit: str) -> str:
    """A figure of the costs as people read it."""
    if unit == "pence":
        return pounds(int(value))
    return f"{value:g} {unit}" if unit != "times" else f"× {value:g}"
