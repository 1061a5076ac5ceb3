"""What an area chooses between a few ways of counting, where `parameters` has what it sets as a number.

    {"pool_the_region": true, "decay": "gaussian"}

`OPTIONS` lists each with its answers in words, its default and the reason for it; a settings page is written from it. An option
has the name of the field of the measures' `Settings`, or of their `Choices`, that it fills.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.coverage.errors import CoverageSettingsInvalid
from marketplace.coverage.measures import Settings

Answer = bool | str


@dataclass(frozen=True)
class Option:
    """One choice. `answers` are what is kept, each with its words; the default is the measures' own."""

    name: str
    group: str
    label: str
    reason: str
    answers: tuple[tuple[Answer, str], ...]

    @property
    def is_choice(self) -> bool:
        """Whether it goes into what is counted (`Choices`) and not into how that is measured."""
        return hasattr(_USUAL.choices, self.name)

    @property
    def default(self) -> Answer:
        answer: Answer = getattr(_USUAL.choices if self.is_choice else _USUAL, self.name)
        return answer

    def words(self, answer: Answer) -> str:
        return dict(self.answers)[answer]


_USUAL = Settings()

_DISTANCE = "How far support reaches"

OPTIONS = (
    Option(
        "window", "What counts, and for how long", "Needs and days offered count for",
        "In a term needs for this term count whole, those for the year and days offered with the term’s part of the year’s school days,"
        " those that can wait not at all. In holidays it is the term to come; without term dates it is the year.",
        (("year", "the school year"), ("term", "the term")),
    ),
    Option(
        "decay", _DISTANCE, "Between the two, the weight of a day falls",
        "In a straight line anybody can work it out again. Along a bell curve support a little farther off counts nearly in full, and"
        " then less and less. In steps it counts 68% up to half way and 22% after it.",
        (("linear", "in a straight line"), ("gaussian", "along a bell curve"), ("stepped", "in steps")),
    ),
    Option(
        "pool_the_region", _DISTANCE, "What the best case takes of neighbours’ providers",
        "Neighbours keep what falls to their own schools, so that the best case takes nothing from them. Pool the region"
        " where you have agreed with them to plan together.",
        ((False, "what comes here as things stand"), (True, "all their days: pool the region")),
    ),
)  # fmt: skip
BY_OPTION = {option.name: option for option in OPTIONS}


def answer_of(values: Mapping[str, Any], option: Option) -> Answer:
    """What `values` say to an option: its default where they say nothing."""
    answer: Answer = values.get(option.name, option.default)
    return answer


def checked(option: Option, value: Any) -> Answer:
    """The answer that `value` is. Raises `CoverageSettingsInvalid` where it is none of them."""
    for answer, _ in option.answers:
        if type(value) is type(answer) and value == answer:
            return answer
    known = ", ".join(str(answer).lower() for answer, _ in option.answers)
    raise CoverageSettingsInvalid(
        f"“{option.name}” must be one of: {known}.", remedy="Choose one of them.", field=option.name
    )
