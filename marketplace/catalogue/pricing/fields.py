"""The sorts of field a described rule can have. What they are for: `described`."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

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
