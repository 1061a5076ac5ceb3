"""Two fictional areas that Calderbeck compares itself with, taken in from files as their own exchanges would give them."""

from datetime import timedelta

from marketplace.coverage.benchmarks.actions import take_in
from marketplace.coverage.benchmarks.definitions import INDICATORS
from marketplace.coverage.benchmarks.files import Figures, written
from marketplace.demo_area.stage import Today
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import academic_year
from marketplace.organisations.models import Area

NEIGHBOURS = (
    (
        "997",
        "Overbeck",
        "About as many schools and as many of them academies, and the same teaching school hub",
        (0.66, 0.09, 11.2, 2.1, 0.7, 0.81, 0.86, 6.4, 42_000, 1.3),
    ),
    (
        "998",
        "Tarnshire",
        "As many pupils on free school meals, and a partnership board since the same year",
        (0.51, 0.14, 14.9, 3.8, 1.6, 0.64, 0.71, 4.1, 45_500, 0.9),
    ),
)


def compare(area: Area, today: Today) -> None:
    """Take in both areas' figures of a week and of two months ago."""
    for weeks in (8, 1):
        day = today.day - timedelta(weeks=weeks)
        for code, name, reason, figures in NEIGHBOURS:
            told: dict[str, float | None] = {
                each.key: value for each, value in zip(INDICATORS, figures, strict=True)
            }
            if weeks > 1:
                told |= {"met_share": round(figures[0] - 0.04, 2), "engaged_share": None}
            content = written(Figures(code, name, day, academic_year(day), told))
            take_in(actor=SYSTEM, area=area, content=content.encode(), reason=reason)
