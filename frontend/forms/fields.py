"""Fields that read what people type: dates in three boxes, pounds, days. Errors say how to put it right."""

import datetime
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from frontend.forms.widgets import PARTS, AffixInput, GovukDateWidget, PoundsWidget
from marketplace.kernel.days import format_days, parse_days
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import parse_pounds, pounds


class GovukDateField(forms.DateField):
    """A date from three boxes. Its errors name the field (`label`) and the box that is missing or wrong."""

    widget = GovukDateWidget

    @property
    def _subject(self) -> str:
        return str(self.label or "The date")

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values or isinstance(value, datetime.date):
            return super().to_python(value)
        year, month, day = [*str(value).split("-", 2), "", "", ""][:3]
        typed = {"day": day, "month": month, "year": year}
        missing = [part for part in PARTS if not typed[part]]
        if missing:
            raise ValidationError(
                [
                    ValidationError(
                        f"{self._subject} must include a {' and a '.join(missing)}",
                        code=f"missing_{missing[0]}",
                    )
                ]
            )
        if not re.fullmatch(r"\d{4}", year):
            raise ValidationError(
                f"{self._subject}: the year must have 4 digits, for example 2027", code="missing_year"
            )
        try:
            return datetime.date(int(year), int(month), int(day))
        except ValueError:
            raise ValidationError(
                f"{self._subject} must be a real date, for example 27 3 2027", code="invalid"
            ) from None


class LongTextField(forms.CharField):
    """A text of several lines. A line break counts as one character of `max_length`, as it does beside the box."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class PoundsField(forms.CharField):
    """An amount of money. Cleans to whole pence (`int`), or None when left empty; `initial` is in pence too."""

    widget = PoundsWidget

    def __init__(self, *, min_pence: int = 0, max_pence: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_pence = min_pence
        self.max_pence = max_pence

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        pence = _domain(parse_pounds, text)
        if pence < self.min_pence:
            raise ValidationError(f"Enter {pounds(self.min_pence)} or more", code="min_value")
        if self.max_pence is not None and pence > self.max_pence:
            raise ValidationError(f"Enter {pounds(self.max_pence)} or less", code="max_value")
        return pence


class DaysField(forms.CharField):
    """A number of days. Cleans to half-days (`int`: 3 is a day and a half), or None; `initial` is in half-days too."""

    def __init__(self, *, min_half_days: int = 1, max_half_days: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", AffixInput({"class": "govuk-input--width-3", "inputmode": "decimal"}, suffix="days")
        )
        super().__init__(**kwargs)
        self.min_half_days = min_half_days
        self.max_half_days = max_half_days

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return f"{value // 2}.5" if value % 2 else str(value // 2)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        half_days = _domain(parse_days, text)
        if half_days < self.min_half_days:
            raise ValidationError(f"Enter {format_days(self.min_half_days)} or more", code="min_value")
        if self.max_half_days is not None and half_days > self.max_half_days:
            raise ValidationError(f"Enter {format_days(self.max_half_days)} or fewer", code="max_value")
        return half_days


def _domain(parse: Any, text: str) -> int:
    """Read `text` by a parser of the domain; its error, with the way out, becomes the field's."""
    try:
        return int(parse(text))
    except DomainError as error:
        raise ValidationError(str(error), code="invalid") from None
