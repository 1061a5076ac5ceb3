"""Posted forms of described rules: read whole, with every problem told at once."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from marketplace.catalogue.pricing.described import Described, Record, Rows
from marketplace.catalogue.pricing.fields import Choice, Flag, Unreadable
from marketplace.kernel.errors import DomainError


class FormReading(NamedTuple):
    """What a posted form says: JSON for `from_data`, and by field name what is wrong with the rest."""

    data: dict[str, Any]
    problems: dict[str, str]


def read_form(kind: type[Described], posted: Mapping[str, str], prefix: str = "") -> FormReading:
    """Read a posted form of one kind.

    Inputs are named as the fields; those of the rows of a list `bands-0-amount_pence`, `bands-1-…`, and a row left wholly
    empty is passed over. `prefix` stands before every name. Every problem is told at once, by input name.
    """
    data: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in kind.fields():
        name = prefix + field.name
        if isinstance(field.form, Rows):
            data[field.name], troubles = _read_rows(field.form, posted, name)
            problems |= troubles
        elif isinstance(field.form, Record):
            if any(posted.get(key, "").strip() for key in posted if key.startswith(f"{name}-")):
                data[field.name], troubles = read_form(field.form.row, posted, f"{name}-")
                problems |= troubles
            elif field.required:
                problems[name] = f"{field.label} is missing."
        elif isinstance(field.form, Flag):
            data[field.name] = field.form.from_text(posted.get(name, ""))
        elif text := posted.get(name, "").strip():
            try:
                value = field.form.from_text(text)
                field.form.check(value)
                data[field.name] = field.form.to_json(value)
            except (DomainError, Unreadable) as no:
                problems[name] = f"{no.message} {no.remedy}".strip()
        elif field.required:
            problems[name] = f"{field.label} is missing."
    return FormReading(data, problems)


def _read_rows(
    form: Rows, posted: Mapping[str, str], name: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows: list[dict[str, Any]] = []
    problems: dict[str, str] = {}
    for number in _row_numbers(form, posted, name):
        reading = read_form(form.row, posted, f"{name}-{number}-")
        rows.append(reading.data)
        problems |= reading.problems
    return rows, problems


def _row_numbers(form: Rows, posted: Mapping[str, str], name: str) -> Iterator[int]:
    """The rows in which something was typed: what is chosen from the start makes none."""
    chosen = {field.name for field in form.row.fields() if isinstance(field.form, Choice | Flag)}
    numbers = {
        int(place)
        for key, text in posted.items()
        if key.startswith(f"{name}-") and text.strip()
        for place, _, column in [key[len(name) + 1 :].partition("-")]
        if column not in chosen and place.isascii() and place.isdigit() and len(place) < 4
    }
    yield from sorted(numbers)
