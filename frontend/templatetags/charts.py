"""Charts as SVG written by templates, each with its words beside it: `{% load charts %}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace.coverage.measures.wording import in_quarters
from marketplace.kernel.days import format_days

register = template.Library()


# -- The four parts of a need ---------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    name: str
    """Attribute or key of the measure."""

    words: str
    meaning: str
    fill: str


PARTS = (
    Part("met", "met", "met as things stand", "#0e4f5c"),
    Part("brokerable", "brokerable", "to be met by brokering capacity already offered", "#86bcbc"),
    Part("capacity_gap", "short of capacity", "short of capacity", "#f2a93b"),
    Part("reach_gap", "out of reach", "beyond every offer’s reach", "#a13d0b"),
)


@register.inclusion_tag("frontend/components/four_part_bar.html")
def four_part_bar(parts: Any, small: bool = False, half_days: bool = False) -> dict[str, Any]:
    """A need as met + brokerable + capacity gap + reach gap, as a bar and in words.

    `parts` has the four as attributes or keys, in days (a float of quarters is a measure, not money: it may be one), or
    in half-days with `half_days=True`. `small` leaves the words to a screen reader, for a cell of a table.
    """
    values = [_value(parts, part.name) for part in PARTS]
    shown = values if half_days else in_quarters(values)  # as the sentence of a cell says them
    total = sum(values)
    rows: list[dict[str, Any]] = []
    start = 0.0
    for part, value, words in zip(PARTS, values, shown, strict=True):
        width = 100 * value / total if total else 0.0
        rows.append(
            {
                "part": part,
                "days": _days(words, half_days),
                "x": round(start, 3),
                "width": round(width, 3),
                "any": value > 0,
            }
        )
        start += width
    sentence = ", ".join(f"{row['days']} {row['part'].words}" for row in rows)
    return {
        "rows": rows,
        "total": _days(sum(shown), half_days),
        "sentence": sentence,
        "small": small,
        "empty": not total,
    }


def _value(parts: Any, name: str) -> float:
    value = parts.get(name) if isinstance(parts, Mapping) else getattr(parts, name, None)
    return max(0, value or 0)


def _days(value: float, half_days: bool) -> str:
    if half_days:
        return format_days(int(value))
    number = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{number} {'day' if number == '1' else 'days'}"


# -- The balance of capacity and need -------------------------------------------------------------


@dataclass(frozen=True)
class Band:
    least: float
    """The band holds balances from this one up."""

    fill: str
    words: str


# The cuts −.20, .167 and .50 are where capacity is 0.8, 1.2 and 2 times the need; −.50 mirrors the last, so that the
# middle of the orange–white–purple scale is a balance. Colours: ColorBrewer PuOr, safe for colour-blind readers.
BANDS = (
    Band(-1.0, "#e66101", "less than half of the need"),
    Band(-0.50, "#fdb863", "half to four fifths of the need"),
    Band(-0.20, "#f7f7f7", "about as much as the need"),
    Band(0.167, "#b2abd2", "more than the need"),
    Band(0.50, "#5e3c99", "twice the need or more"),
)
NO_NEED = "#c9cfd0"


@register.filter
def balance_band(balance: float | None) -> Band | None:
    """The class of a balance b from −1 (no capacity) to 1 (no need); None where there is no need."""
    if balance is None:
        return None
    return next((band for band in reversed(BANDS) if balance >= band.least), BANDS[0])


@register.filter
def balance_fill(balance: float | None) -> str:
    """The colour of a balance on the map; grey where there is no need."""
    band = balance_band(balance)
    return band.fill if band else NO_NEED


@register.inclusion_tag("frontend/components/balance_legend.html")
def balance_legend(hides: bool = False) -> dict[str, Any]:
    """The key to the map of balance; `hides` where wards may be dotted because too few schools stand behind them."""
    return {"bands": BANDS, "no_need": NO_NEED, "hides": hides}


# -- Long work ------------------------------------------------------------------------------------


@register.inclusion_tag("frontend/components/progress_bar.html")
def progress_bar(
    value: int, maximum: int, label: str, refresh_url: str = "", every: int = 2, text: str = ""
) -> dict[str, Any]:
    """How far long work has come. With `refresh_url` it asks for its own next version until that carries no address."""
    share = 0 if maximum <= 0 else min(100, 100 * value // maximum)
    return {
        "share": share,
        "label": label,
        "text": text or f"{value:,} of {maximum:,}",
        "refresh_url": refresh_url,
        "every": every,
    }


@register.simple_tag
def auto_refresh(seconds: int = 5) -> SafeString:
    """For the head of a page that waits for long work: reloads where there is no script."""
    return format_html('<noscript><meta http-equiv="refresh" content="{}"></noscript>', seconds)
