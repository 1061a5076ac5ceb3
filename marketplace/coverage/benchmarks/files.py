"""The file one installation gives and another takes: JSON with its form, an area, a day, and a value for each indicator.

    {"form": "school-support-exchange/benchmark", "form_version": 1, "definitions_version": 1,
     "area": {"code": "372", "name": "…"}, "as_of": "2026-11-30", "academic_year": "2026/27", "counts": "year",
     "indicators": {"met_share": 0.61, "median_price": null, …}}

A value that is hidden or not known is null. `counts` is "term" where the days are those of a term, not of the school year; a file that does
not say counts the year. Indicators this version does not know are left out, missing ones are null.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.coverage.benchmarks.definitions import BY_KEY, INDICATORS, VERSION, Unit
from marketplace.coverage.errors import BenchmarkFileInvalid
from marketplace.coverage.measures.choices import TERM, YEAR

FORM = "school-support-exchange/benchmark"
FORM_VERSION = 1
MOST = 1_000_000_000
Values = dict[str, float | None]


@dataclass(frozen=True)
class Figures:
    """An area's indicators on a day; `of_a_term` where days are those of a term instead of the school year."""

    code: str
    name: str
    as_of: date
    academic_year: str
    values: Values
    definitions_version: int = VERSION
    of_a_term: bool = False


def written(figures: Figures) -> str:
    """The file."""
    return json.dumps(
        {
            "form": FORM,
            "form_version": FORM_VERSION,
            "definitions_version": figures.definitions_version,
            "area": {"code": figures.code, "name": figures.name},
            "as_of": figures.as_of.isoformat(),
            "academic_year": figures.academic_year,
            "counts": TERM if figures.of_a_term else YEAR,
            "indicators": {each.key: figures.values.get(each.key) for each in INDICATORS},
        },
        indent=2,
        ensure_ascii=False,
    )


def read(content: bytes, *, today: date) -> Figures:
    """The figures in a file. Raises `BenchmarkFileInvalid`, which says what is wrong with it."""
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BenchmarkFileInvalid(
            "The file is not JSON.", remedy="Take the file as the other area’s exchange gave it."
        ) from error
    if not isinstance(told, dict) or told.get("form") != FORM:
        raise BenchmarkFileInvalid(
            "The file does not hold an area’s indicators.",
            remedy="On the other area’s page of comparisons choose “Download our indicators”.",
        )
    _must_be_known(told)
    code, name = _area(told.get("area"))
    year = told.get("academic_year")
    if not isinstance(year, str) or not re.fullmatch(r"\d{4}/\d{2}", year):
        raise _wrong("The school year", "2026/27")
    counts = told.get("counts", YEAR)
    if counts not in (YEAR, TERM):
        raise _wrong("What the days count", YEAR)
    values = _values(told.get("indicators"))
    return Figures(code, name, _day(told.get("as_of"), today), year, values, of_a_term=counts == TERM)


def _must_be_known(told: Mapping[str, Any]) -> None:
    for key, known, words in (
        ("form_version", FORM_VERSION, "form"),
        ("definitions_version", VERSION, "definitions"),
    ):
        if told.get(key) != known or isinstance(told.get(key), bool):
            raise BenchmarkFileInvalid(
                f"The file’s {words} are version {str(told.get(key))[:20]}, and this exchange knows version {known}.",
                remedy="Bring both exchanges to the same version, and ask for the file again.",
            )


def _area(told: Any) -> tuple[str, str]:
    code, name = (told.get("code"), told.get("name")) if isinstance(told, dict) else (None, None)
    if not isinstance(code, str) or not re.fullmatch(r"[0-9]{3}", code):
        raise _wrong("The area’s code", "372")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 100 or "\x00" in name:
        raise _wrong("The area’s name", "Calderbeck")
    return code, name.strip()


def _day(told: Any, today: date) -> date:
    try:
        day = date.fromisoformat(told)
    except (TypeError, ValueError) as error:
        raise _wrong("The day", "2026-11-30") from error
    if day > today:
        raise BenchmarkFileInvalid(
            f"The file is of {day:%d %B %Y}, which is yet to come.",
            remedy="Ask the other area for a new file.",
        )
    return day


def _values(told: Any) -> Values:
    if not isinstance(told, dict):
        raise BenchmarkFileInvalid("The file has no indicators.", remedy="Ask the other area for a new file.")
    values: Values = {}
    for key, indicator in BY_KEY.items():
        value = told.get(key)
        if value is None:
            values[key] = None
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= _most(indicator.unit):
            raise BenchmarkFileInvalid(
                f"“{indicator.name}” is {str(value)[:30]}, which can’t be.",
                remedy=f"It must be a number from 0 to {_most(indicator.unit):,}. Ask the other area for a new file.",
            )
        values[key] = float(value)
    return values


def _most(unit: Unit) -> int:
    return 1 if unit == Unit.SHARE else MOST


def _wrong(what: str, example: str) -> BenchmarkFileInvalid:
    return BenchmarkFileInvalid(
        f"{what} in the file can’t be read.", remedy=f"It should be like “{example}”. Ask for a new file."
    )
