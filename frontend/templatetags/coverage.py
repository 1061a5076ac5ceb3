"""Words and colours of the coverage pages: `{% load coverage %}`."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontend.templatetags.charts import NO_NEED, balance_band
from marketplace.coverage.models import Snapshot
from marketplace.coverage.queries import HELD, ShownCell
from marketplace.kernel.dates import long_date

register = template.Library()

MATRIX_CLASSES = {
    "gap": "gap",
    "thin": "thin",
    "adequate": "covered",
    "duplicated": "duplicated",
}
HIDDEN = "url(#app-dots)"


@dataclass(frozen=True)
class Shade:
    """One class of a map: its colour and its words."""

    fill: str
    words: str


REACH = {
    0: Shade("#e66101", "no provider reaches most of the days needed"),
    1: Shade("#f7f7f7", "one provider reaches most of the days needed"),
    2: Shade("#b2abd2", "two or more providers reach most of the days needed"),
}
BROKERABLE = (
    (0.05, Shade("#f7f7f7", "nothing to be gained by brokering")),
    (5.0, Shade("#cfe3e3", "up to 5 days could be met by brokering")),
    (15.0, Shade("#86bcbc", "5 to 15 days could be met by brokering")),
    (float("inf"), Shade("#0e4f5c", "more than 15 days could be met by brokering")),
)


@register.filter
def number(days: float | None) -> str:
    """Days as people write them: `16`, `16.5`, at most one decimal; a dash for nothing known."""
    if days is None:
        return "–"
    rounded = round(days, 1) + 0.0
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.1f}"


@register.filter
def in_days(days: float) -> str:
    """A number of days with its word: `1 day`, `16.5 days`."""
    words = number(days)
    return f"{words} day{'' if words == '1' else 's'}"


@register.filter
def signed(days: float) -> str:
    """A change in days: `+3`, `−1.5`, `0`."""
    words = number(abs(days))
    return words if words == "0" else f"{'+' if days > 0 else '−'}{words}"


@register.filter
def quarters(days: float) -> str:
    """Days to a quarter, as the bar of the four parts has them: `16`, `16.25`, `1,016.5`."""
    return f"{round(4 * days) / 4 + 0.0:,.2f}".rstrip("0").rstrip(".")


@register.filter
def signed_quarters(days: float) -> str:
    """A change in quarters of days: `+3`, `−1.25`, `0`."""
    words = quarters(abs(days))
    return words if words == "0" else f"{'+' if days > 0 else '−'}{words}"


@register.filter
def round_pounds(pence: int | None) -> str:
    """Whole pence to the nearest pound: `£20,000`; a dash for nothing known."""
    return "–" if pence is None else f"£{(pence + 50) // 100:,}"


@register.filter
def in_percent(share: float | None) -> str:
    """A share from 0 to 1 in percent, cut and not rounded: what lies below a limit never seems to reach it."""
    return "–" if share is None else f"{int(share * 100 + 1e-9)}%"


@register.filter
def decimals(value: float | None, places: int = 2) -> str:
    return "–" if value is None else f"{value:.{places}f}"


@register.filter
def with_unit(field: BoundField) -> SafeString:
    """A control, with the unit of its number behind it if it has one; label and errors stand elsewhere in the table."""
    unit = getattr(field.field.widget, "suffix", "")
    if not unit:
        return format_html("{}", field)
    return format_html(
        '<div class="govuk-input__wrapper">{}<div class="govuk-input__suffix" aria-hidden="true">{}</div></div>',
        field,
        unit,
    )


@register.filter
def counted_for(snapshot: Snapshot) -> str:
    """The days a snapshot counts: `School year 2026/27`, with the days of a term where only these count."""
    year = f"School year {snapshot.academic_year}"
    if snapshot.term is None:
        return year
    return f"{year}, days from {long_date(snapshot.term.start)} to {long_date(snapshot.term.end)} only"


@register.filter
def matrix_class(cell: ShownCell | None) -> str:
    """The colour of a cell of the matrix, repeating what its words say."""
    return f"app-matrix--{MATRIX_CLASSES.get(cell.status if cell else '', 'no-need')}"


@register.filter
def shade(cell: ShownCell | None, show: str) -> Shade:
    """Colour and words of a ward on the map that shows balance, reach or brokerable days."""
    if cell is not None and cell.hidden:
        return Shade(HIDDEN, "hidden, because too few schools stand behind it")
    if cell is None or not cell.schools:
        return Shade(NO_NEED, "no need stated")
    if show == "brokerable":
        return next(each for most, each in BROKERABLE if cell.brokerable <= most)
    if cell.status == HELD:
        return Shade(HIDDEN, "held back until a later release")
    if show == "reach":
        return REACH[cell.reach or 0]
    band = balance_band(cell.balance)
    return Shade(band.fill, f"capacity is {band.words}") if band else Shade(NO_NEED, "no need stated")


@register.inclusion_tag("frontend/coverage/shades.html")
def shades_legend(show: str, hides: bool = False) -> dict[str, Any]:
    """The key to the map of reach or of brokerable days; `hides` as in `balance_legend`."""
    shades = list(REACH.values()) if show == "reach" else [each for _, each in BROKERABLE]
    return {"shades": shades, "no_need": NO_NEED, "hides": hides}


EXCLUDED = {
    "reach": "out of reach",
    "no_capacity": "no free days",
    "price": "dearer than the school would pay",
    "own_school": "the school’s own",
    "same_trust": "of the school’s own trust or federation",
    "other_trust": "kept to another trust",
    "conflict": "the school’s own",
    "unconfirmed": "not confirmed lately",
}


@register.filter
def excluded_words(counts: dict[str, int]) -> str:
    """Why offers for the theme and phase do not count for a need: `2 out of reach, 1 no free days`."""
    found: dict[str, int] = {}
    for reason, count in counts.items():
        words = EXCLUDED.get(reason, reason.replace("_", " "))
        found[words] = found.get(words, 0) + count
    return ", ".join(f"{count} {words}" for words, count in found.items()) or "none"
