"""What a visit costs by the agreement it belongs to: its part of the price all four have signed."""

from typing import Any, NamedTuple

from marketplace.brokerage.rules.deployments import Terms
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY, HalfDays, format_days
from marketplace.kernel.money import pounds, pro_rata


class VisitPrice(NamedTuple):
    """The price of a visit before VAT, with the snapshot the booking keeps of it."""

    net_pence: int
    data: dict[str, Any]


def price_per_day(terms: Terms) -> int | None:
    """Pence a day before VAT; `None` where the price does not grow with the days, so that no visit has a part of it."""
    counted = terms.price.get("inputs", {}).get("quantity", {}).get("half_days")
    return pro_rata(terms.net_pence, HALF_DAYS_IN_A_DAY, terms.half_days) if counted else None


def price_of_visit(terms: Terms, half_days: HalfDays, agreement: str) -> VisitPrice | None:
    """The part of the agreed price that a visit of so many half-days has, and who gets what of it; `None` as in `price_per_day`."""
    per_day = price_per_day(terms)
    if per_day is None:
        return None
    shares = terms.price["shares"]
    buyer = pro_rata(terms.net_pence, half_days, terms.half_days)
    releasing = pro_rata(shares["releasing_school"], half_days, terms.half_days)
    sentence = f"{format_days(half_days).capitalize()} at {pounds(per_day)} a day, as agreed in {agreement}"
    return VisitPrice(
        buyer,
        dict(terms.price)
        | {
            "lines": [{"sentence": sentence, "pence": buyer}],
            "total_pence": buyer,
            "shares": {"buyer": buyer, "releasing_school": releasing, "broker": buyer - releasing},
        },
    )
