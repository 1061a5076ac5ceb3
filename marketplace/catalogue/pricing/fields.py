"""Rules that are data: one description per field reads, checks, writes and shows it.

A price rule or a cancellation tariff is typed in by a provider, kept as JSON, copied into agreements as a snapshot and
shown to a school. So that these never disagree, each kind is a frozen dataclass whose fields carry their description:

    @dataclass(frozen=True, kw_only=True)
    class PerDay(Described):
        amount_pence: Annotated[int, Pence("Price a day")]

The description says what the field is called on a form, how it is read from JSON (`from_data`) or from typed text
(`read_form`), which values it refuses and how it is written back (`to_data`). A field whose default is `None` may be left
out. Refusals are `DataInvalid` errors that name the field and say how to put it right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass
from dataclasses import fields as dataclass_fields
from datetime import date
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, get_type_hints

from marketplace.kernel.days import format_days, parse_days
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import BASIS_POINTS, parse_pounds, percent, pounds

MOST_IN_A_FIELD_PENCE = 1_000_000_000
"""£10,000,000.00: no single price of school support comes near it."""


class DataInvalid(DomainError):
    """A rule is incomplete or contradicts itself. `field` names the field as a form does: `bands-0-amount_pence`."""

    code = "rule_invalid"


class Unreadable(Exception):
    """Inside this module: a value is refused; the caller knows the field's name."""

    def __init__(self, message: str, remedy: str, *, within: str = "") -> None:
        super().__init__(message)
        self.message, self.remedy, self.within = message, remedy, within


@dataclass(frozen=True)
class Field:
    """What one value of a rule means to the person who fills it in."""

    label: str
    hint: str = ""

    form_type: ClassVar[str] = "text"

    def check(self, value: Any) -> None:
        """Raise `Unreadable` for a value this field refuses."""
        raise NotImplementedError

    def from_json(self, raw: Any) -> Any:
        """The value that stands for a piece of JSON; `check` then judges it."""
        return raw

    def to_json(self, value: Any) -> Any:
        """A piece of JSON from which `from_json` gives the value back."""
        return value

    def from_text(self, text: str) -> Any:
        """The value that a person typed. Raises `DomainError` or `Unreadable`."""
        return text.strip()


@dataclass(frozen=True)
class Whole(Field):
    """A whole number."""

    minimum: int = 0
    maximum: int = 1_000_000

    form_type: ClassVar[str] = "integer"

    def check(self, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unreadable(
                f"{self.label} must be a whole number.", f"Give a number such as {self.example}."
            )
        if value < self.minimum:
            raise Unreadable(
                f"{self.label} must be {self.shown(self.minimum)} or more.", "Give a larger number."
            )
        if value > self.maximum:
            raise Unreadable(
                f"{self.label} must be {self.shown(self.maximum)} or less.", "Give a smaller number."
            )

    def from_text(self, text: str) -> Any:
        digits = text.strip().replace(",", "")
        if not (digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) < 19):
            raise Unreadable(
                f"{self.label} must be a whole number.", f"Write a number such as {self.example}."
            )
        return int(digits)

    @property
    def example(self) -> str:
        """A number this field would take, for the remedy of an error."""
        return str(max(self.minimum, 3))

    def shown(self, number: int) -> str:
        """A number of this field in words."""
        return f"{number:,}"


@dataclass(frozen=True)
class Pence(Whole):
    """An amount of money in whole pence, typed as pounds."""

    maximum: int = MOST_IN_A_FIELD_PENCE

    form_type: ClassVar[str] = "pence"

    def from_text(self, text: str) -> Any:
        return parse_pounds(text)

    @property
    def example(self) -> str:
        return "35000 for £350.00"

    def shown(self, number: int) -> str:
        return pounds(number)


@dataclass(frozen=True)
class HalfDayCount(Whole):
    """A number of half-days, typed as days."""

    minimum: int = 1
    maximum: int = 10_000

    form_type: ClassVar[str] = "half_days"

    def from_text(self, text: str) -> Any:
        return parse_days(text)

    @property
    def example(self) -> str:
        return "6 for 3 days"

    def shown(self, number: int) -> str:
        return format_days(number)


@dataclass(frozen=True)
class Percent(Whole):
    """A percentage in basis points, typed as a percentage with up to two decimals."""

    minimum: int = 1
    maximum: int = BASIS_POINTS

    form_type: ClassVar[str] = "percent"

    def from_text(self, text: str) -> Any:
        whole, _, decimals = text.strip().removesuffix("%").strip().partition(".")
        if not (whole + decimals).isdecimal() or not text.isascii() or len(decimals) > 2 or len(whole) > 6:
            raise Unreadable(f"{self.label} must be a percentage.", "Write a percentage such as 15 or 12.5%.")
        return int(whole or "0") * 100 + int(decimals.ljust(2, "0"))

    @property
    def example(self) -> str:
        return "1500 for 15%"

    def shown(self, number: int) -> str:
        return percent(number)


@dataclass(frozen=True)
class Day(Field):
    """A calendar date; ISO 8601 in JSON."""

    form_type: ClassVar[str] = "date"

    def check(self, value: Any) -> None:
        if type(value) is not date:
            raise Unreadable(f"{self.label} must be a date.", "Give a date such as 2027-01-31.")

    def from_json(self, raw: Any) -> Any:
        return self.from_text(raw) if isinstance(raw, str) else raw

    def to_json(self, value: Any) -> Any:
        return value.isoformat()

    def from_text(self, text: str) -> Any:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            raise Unreadable(
                f"{self.label} is not a date that exists.", "Give a date such as 2027-01-31."
            ) from None


@dataclass(frozen=True)
class Text(Field):
    """A short name."""

    longest: int = 80

    def check(self, value: Any) -> None:
        if not isinstance(value, str) or not value.strip():
            raise Unreadable(f"{self.label} is missing.", "Write a few words.")
        if len(value) > self.longest:
            raise Unreadable(f"{self.label} is too long.", f"Use {self.longest} letters or fewer.")


@dataclass(frozen=True)
class Choice(Field):
    """One of a few values, each with its words."""

    options: tuple[tuple[str, str], ...] = ()

    form_type: ClassVar[str] = "choice"

    def check(self, value: Any) -> None:
        values = [option for option, _ in self.options]
        if value not in values:
            raise Unreadable(
                f"{self.label} is not one of the choices.", f"Choose one of: {', '.join(values)}."
            )


@dataclass(frozen=True)
class Flag(Field):
    """Yes or no."""

    form_type: ClassVar[str] = "flag"

    def check(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise Unreadable(f"{self.label} must be yes or no.", "Give true or false.")

    def from_text(self, text: str) -> Any:
        return text.strip().lower() in {"on", "yes", "true", "1"}


@dataclass(frozen=True)
class Rows(Field):
    """A list of records of one kind, in an order that matters."""

    of: "type[Described] | None" = None
    fewest: int = 1
    most: int = 50

    form_type: ClassVar[str] = "rows"

    @property
    def row(self) -> "type[Described]":
        """The class of each record."""
        assert self.of is not None
        return self.of

    def check(self, value: Any) -> None:
        if not isinstance(value, tuple) or not all(isinstance(row, self.row) for row in value):
            raise Unreadable(f"{self.label} must be a list.", "Give a list, one record for each row.")
        if len(value) < self.fewest:
            raise Unreadable(f"{self.label}: there must be at least {self.fewest}.", "Add a row.")
        if len(value) > self.most:
            raise Unreadable(f"{self.label}: there can be at most {self.most}.", "Remove some rows.")

    def from_json(self, raw: Any) -> Any:
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            return raw
        return tuple(self._row(number, data) for number, data in enumerate(raw))

    def _row(self, number: int, data: Any) -> "Described":
        try:
            return self.row.from_data(data)
        except DataInvalid as refused:
            place = f"{number}-{refused.field}" if refused.field else str(number)
            raise Unreadable(
                f"{self.label}, row {number + 1}: {refused.message}", refused.remedy, within=place
            ) from None

    def to_json(self, value: Any) -> Any:
        return [row.to_data() for row in value]


@dataclass(frozen=True)
class Record(Field):
    """One record of another kind inside this one."""

    of: "type[Described] | None" = None

    form_type: ClassVar[str] = "record"

    @property
    def row(self) -> "type[Described]":
        """The class of the record."""
        assert self.of is not None
        return self.of

    def check(self, value: Any) -> None:
        if not isinstance(value, self.row):
            raise Unreadable(f"{self.label} is incomplete.", "Fill in its fields.")

    def from_json(self, raw: Any) -> Any:
        try:
            return self.row.from_data(raw)
        except DataInvalid as refused:
            raise Unreadable(
                f"{self.label}: {refused.message}", refused.remedy, within=refused.field
            ) from None

    def to_json(self, value: Any) -> Any:
        return value.to_data()


class FieldDescription(NamedTuple):
    """One field of a kind: enough to draw it on a form."""

    name: str
    form: Field
    required: bool
    default: Any

    @property
    def label(self) -> str:
        """What the field is called."""
        return self.form.label

    @property
    def hint(self) -> str:
        """A sentence of help, or empty."""
        return self.form.hint

    @property
    def type(self) -> str:
        """`pence`, `integer`, `half_days`, `percent`, `date`, `text`, `choice`, `flag`, `rows` or `record`."""
        return self.form.form_type

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Values and words of a `choice`; empty for other types."""
        return self.form.options if isinstance(self.form, Choice) else ()

    @property
    def columns(self) -> "tuple[FieldDescription, ...]":
        """The fields of each record of `rows` or of a `record`; empty for other types."""
        return self.form.row.fields() if isinstance(self.form, Rows | Record) else ()


class Described:
    """Base of frozen dataclasses whose fields are described. See the module."""

    INVALID: ClassVar[type[DataInvalid]] = DataInvalid

    @classmethod
    def fields(cls) -> tuple[FieldDescription, ...]:
        """The described fields in the order of the form."""
        return _fields_of(cls)  # type: ignore[arg-type]  # mypy looks at the hash of instances

    def __post_init__(self) -> None:
        for name, form, required, _ in self.fields():
            value = getattr(self, name)
            if value is not None or required:
                self._reading(name, form.check, value)
        self.check()

    def check(self) -> None:
        """Judge the fields against one another; raise through `self.refuse`."""

    @classmethod
    def refuse(cls, message: str, remedy: str, *, field: str = "") -> DataInvalid:
        """The error of this family of rules, to be raised."""
        return cls.INVALID(message, remedy=remedy, field=field)

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The rule that a piece of JSON stands for. Raises the family's `DataInvalid` naming field and remedy."""
        if not isinstance(data, Mapping):
            raise cls.refuse("This part of the rule is not a record.", "Give an object with named fields.")
        described = {field.name: field for field in cls.fields()}
        for name in data:
            if name not in described:
                raise cls.refuse(
                    f"There is no field called “{name}” here.",
                    f"Use one of: {', '.join(described)}.",
                    field=str(name),
                )
        values = {}
        for name, form, required, _ in described.values():
            if data.get(name) is not None:
                values[name] = cls._reading(name, form.from_json, data[name])
            elif required:
                raise cls.refuse(f"{form.label} is missing.", f"Give the field “{name}”.", field=name)
        return cls(**values)

    def to_data(self) -> dict[str, Any]:
        """JSON from which `from_data` gives an equal rule back; fields left out stay out."""
        values = ((name, form, getattr(self, name)) for name, form, _, _ in self.fields())
        return {name: form.to_json(value) for name, form, value in values if value is not None}

    @classmethod
    def _reading(cls, name: str, read: Any, value: Any) -> Any:
        try:
            return read(value)
        except Unreadable as no:
            raise cls.refuse(
                no.message, no.remedy, field=f"{name}-{no.within}" if no.within else name
            ) from None


@cache
def _fields_of(cls: Any) -> tuple[FieldDescription, ...]:
    forms = {
        name: note
        for name, hint in get_type_hints(cls, include_extras=True).items()
        for note in getattr(hint, "__metadata__", ())
        if isinstance(note, Field)
    }
    return tuple(
        FieldDescription(
            own.name, forms[own.name], own.default is MISSING, None if own.default is MISSING else own.default
        )
        for own in dataclass_fields(cls)
        if own.name in forms
    )


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
    for number in _row_numbers(posted, name):
        reading = read_form(form.row, posted, f"{name}-{number}-")
        rows.append(reading.data)
        problems |= reading.problems
    return rows, problems


def _row_numbers(posted: Mapping[str, str], name: str) -> Iterator[int]:
    numbers = {
        int(place)
        for key, text in posted.items()
        if key.startswith(f"{name}-") and text.strip()
        for place in [key[len(name) + 1 :].partition("-")[0]]
        if place.isascii() and place.isdigit() and len(place) < 4
    }
    yield from sorted(numbers)
