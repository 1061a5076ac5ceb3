"""Rules that are data: one description per field reads, checks, writes and shows it.

A price rule or a cancellation tariff is typed in by a provider, kept as JSON, copied into agreements as a snapshot and
shown to a school. So that these never disagree, each kind is a frozen dataclass whose fields carry their description:

    @dataclass(frozen=True, kw_only=True)
    class PerDay(Described):
        amount_pence: Annotated[int, Pence("Price a day")]

The description says what the field is called on a form, how it is read from JSON (`from_data`) or from typed text
(`forms.read_form`), which values it refuses and how it is written back (`to_data`). A field whose default is `None` may be left
out. Refusals are `DataInvalid` errors that name the field and say how to put it right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from dataclasses import fields as dataclass_fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, get_type_hints

from marketplace.catalogue.pricing.fields import Choice, DataInvalid, Field, Unreadable


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
    def _reading(cls, name: str, read: Callable[[Any], Any], value: Any) -> Any:
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
