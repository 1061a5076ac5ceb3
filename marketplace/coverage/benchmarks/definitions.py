"""The indicators areas are compared by, each in words and as a formula. They are data: the page, the file and the CSV read them.

Change a meaning and `VERSION` goes up, so that nobody compares two things that only share a name.
"""

from dataclasses import dataclass
from enum import StrEnum

VERSION = 1


class Unit(StrEnum):
    """How a value is written. Shares run from 0 to 1, money is pence."""

    SHARE = "share"
    DAYS = "days"
    NUMBER = "number"
    PENCE = "pence"


@dataclass(frozen=True)
class Indicator:
    """What is measured, the formula, and the step its values are told in."""

    key: str
    name: str
    meaning: str
    formula: str
    unit: Unit
    step: float


INDICATORS = (
    Indicator(
        "met_share",
        "Met as things stand",
        "How much of what schools need falls to them from the days already offered.",
        "days met ÷ days needed",
        Unit.SHARE,
        0.01,
    ),
    Indicator(
        "brokerable_share",
        "Could be met by brokering",
        "How much more could be met by moving days that are offered already, without any money.",
        "brokerable days ÷ days needed",
        Unit.SHARE,
        0.01,
    ),
    Indicator(
        "need_per_1000",
        "Days needed per 1,000 pupils",
        "How much support schools say they need for their size.",
        "days needed × 1,000 ÷ pupils of open schools",
        Unit.DAYS,
        0.1,
    ),
    Indicator(
        "capacity_gap_per_1000",
        "Short of capacity per 1,000 pupils",
        "Days that offers reach, but that nobody has free.",
        "capacity gap in days × 1,000 ÷ pupils of open schools",
        Unit.DAYS,
        0.1,
    ),
    Indicator(
        "reach_gap_per_1000",
        "Out of reach per 1,000 pupils",
        "Days needed where no offer reaches.",
        "reach gap in days × 1,000 ÷ pupils of open schools",
        Unit.DAYS,
        0.1,
    ),
    Indicator(
        "reply_rate",
        "Schools that replied",
        "How many schools said within a year what they need, or that they need nothing.",
        "schools that replied ÷ open schools",
        Unit.SHARE,
        0.01,
    ),
    Indicator(
        "engaged_share",
        "Schools engaged",
        "How many schools declared a need or confirmed their list this school year, or had a session in it.",
        "schools with a need, a confirmed list or a session ÷ open schools",
        Unit.SHARE,
        0.01,
    ),
    Indicator(
        "n_eff",
        "Providers that share the supply",
        "How many providers of equal size would share the days out as they are shared out now: 1 is one provider for all.",
        "1 ÷ sum over owners of (share of days)²",
        Unit.NUMBER,
        0.1,
    ),
    Indicator(
        "median_price",
        "Price of a day",
        "The middle price of a day of support booked this school year, before VAT.",
        "median over sessions confirmed or delivered of net price ÷ days",
        Unit.PENCE,
        500,
    ),
    Indicator(
        "delivered_per_school",
        "Days delivered per school",
        "Days of support that took place this school year.",
        "days delivered ÷ open schools",
        Unit.DAYS,
        0.1,
    ),
)
BY_KEY = {indicator.key: indicator for indicator in INDICATORS}
