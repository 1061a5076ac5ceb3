"""A package and its edition, section by section. Each form gives the part of the content it is about."""

from collections.abc import Iterator
from typing import Any

from django import forms

from frontend.forms.catalogue.offers import theme_choices
from frontend.forms.fields import DaysField
from frontend.forms.widgets import HintedRadios
from marketplace.buyback.editions import LENGTHS, LONGEST_TERM, MOST_INCLUSIONS, EditionContent, Inclusion
from marketplace.buyback.models import BuyBackWindow, CarryForward, InclusionKind, TermsVersion
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import ActivityBasis, ServiceKind, SupportType, Theme
from marketplace.kernel.days import parse_days
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Organisation

EMPTY_ROWS = 2
FEWEST_ROWS = 4


class AboutForm(forms.Form):
    """What the package is."""

    name = forms.CharField(
        label="Name of the package",
        max_length=120,
        help_text="The same every year, so that schools find it again.",
    )
    summary = forms.CharField(
        label="Summary",
        max_length=LENGTHS["summary"],
        widget=forms.Textarea({"rows": 3, "maxlength": LENGTHS["summary"]}),
        help_text="What a school gets for the year. It stands in the list of packages.",
    )
    description = forms.CharField(
        label="Description",
        required=False,
        widget=forms.Textarea({"rows": 8, "maxlength": LENGTHS["description"]}),
        help_text="How the service works, who gives it and when.",
    )
    core_note = forms.CharField(
        label="What is free to schools anyway",
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": LENGTHS["core_note"]}),
        help_text="Say which part of the service is core and not charged for, and which part this package pays for.",
    )
    service_kind = forms.ChoiceField(
        label="What kind of service is it?",
        choices=ServiceKind.choices,
        widget=forms.RadioSelect,
        help_text="It decides the VAT treatment and the CFR code.",
    )
    activity_basis = forms.ChoiceField(
        label="On what basis?",
        choices=ActivityBasis.choices,
        widget=HintedRadios(
            hints={
                ActivityBasis.STATUTORY: "A duty of the local authority",
                ActivityBasis.CORE: "Paid for already: the price is £0",
            }
        ),
    )

    def part(self) -> dict[str, Any]:
        """The part of the content this form is about."""
        return {name: value for name, value in self.cleaned_data.items() if name in ABOUT}

    @staticmethod
    def initial_of(content: EditionContent) -> dict[str, Any]:
        """What the form starts with."""
        return {name: getattr(content, name) for name in ABOUT}


ABOUT = ("summary", "description", "core_note", "service_kind", "activity_basis")


class NewPackageForm(AboutForm):
    """A new package: of which seller, for which window, and what it is."""

    window = forms.ChoiceField(label="For which buy-back window?", widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, sellers: list[Organisation], windows: list[BuyBackWindow], **kwargs: Any
    ) -> None:
        kwargs.setdefault(
            "initial", {"service_kind": ServiceKind.IMPROVEMENT, "activity_basis": ActivityBasis.TRADED}
        )
        super().__init__(*args, **kwargs)
        self.sellers = {seller.reference: seller for seller in sellers}
        self.windows = {window.reference: window for window in windows}
        self.fields["window"].choices = [(ref, window_label(each)) for ref, each in self.windows.items()]
        order = ["window"]
        if len(sellers) > 1:
            choices = [(seller.reference, seller.name) for seller in sellers]
            self.fields["seller"] = forms.ChoiceField(label="Who sells it?", choices=choices)
            order = ["seller", "window"]
        self.order_fields(order)

    @property
    def seller(self) -> Organisation:
        """The seller chosen, or the only one."""
        chosen = self.cleaned_data.get("seller")
        return self.sellers[chosen] if chosen else next(iter(self.sellers.values()))

    @property
    def window_chosen(self) -> BuyBackWindow:
        """The window chosen."""
        return self.windows[self.cleaned_data["window"]]


def window_label(window: BuyBackWindow) -> str:
    """A window on a list of choices."""
    return f"{window.area}: {window.year_label}, {window.get_calendar_display().lower()}"


class CopyForm(forms.Form):
    """Into which window an edition is copied."""

    window = forms.ChoiceField(label="Into which window?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, windows: list[BuyBackWindow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.windows = {window.reference: window for window in windows}
        self.fields["window"].choices = [(ref, window_label(each)) for ref, each in self.windows.items()]

    @property
    def window_chosen(self) -> BuyBackWindow:
        """The window chosen."""
        return self.windows[self.cleaned_data["window"]]


class IncludesForm(forms.Form):
    """What a package includes: a row for each thing. Rows without a number are passed over."""

    def __init__(self, data: Any = None, *, included: tuple[Inclusion, ...] = ()) -> None:
        super().__init__(data)
        self.themes = {theme.code: theme for theme in catalogue.themes()}
        self.support_types = {each.code: each for each in catalogue.support_types()}
        posted = self._rows_posted()
        self.count = min(max(FEWEST_ROWS, posted, len(included) + EMPTY_ROWS), MOST_INCLUSIONS)
        theme_list, type_list = self._choices()
        for number in range(self.count):
            given = included[number] if number < len(included) else None
            self._add_row(number, given, theme_list, type_list)

    def _choices(self) -> tuple[list[Any], list[Any]]:
        types = [
            ("", "Any kind of support"),
            *((each.code, each.name) for each in self.support_types.values()),
        ]
        return [("", "Any theme"), *theme_choices()], types

    def _add_row(
        self, number: int, given: Inclusion | None, theme_list: list[Any], type_list: list[Any]
    ) -> None:
        self.fields[f"kind-{number}"] = forms.ChoiceField(
            label="What", choices=InclusionKind.choices, required=False
        )
        self.fields[f"quantity-{number}"] = forms.CharField(
            label="How many",
            required=False,
            max_length=12,
            widget=forms.TextInput({"class": "govuk-input--width-4", "inputmode": "decimal"}),
        )
        self.fields[f"theme-{number}"] = forms.ChoiceField(label="For", choices=theme_list, required=False)
        self.fields[f"support-{number}"] = forms.ChoiceField(label="As", choices=type_list, required=False)
        if given is not None:
            self.initial.update(
                {
                    f"kind-{number}": given.kind,
                    f"quantity-{number}": _typed(given),
                    f"theme-{number}": given.theme.code if given.theme else "",
                    f"support-{number}": given.support_type.code if given.support_type else "",
                }
            )

    def _rows_posted(self) -> int:
        if not self.is_bound:
            return 0
        numbers = [
            int(key.removeprefix("quantity-"))
            for key in self.data
            if key.startswith("quantity-") and key.removeprefix("quantity-").isdigit()
        ]
        return max(numbers, default=-1) + 1 + (EMPTY_ROWS if self.asks_for_more else 0)

    @property
    def asks_for_more(self) -> bool:
        """Whether the button for more rows was pressed, which keeps what was typed and saves nothing."""
        return bool(self.data.get("more"))

    @property
    def rows(self) -> Iterator[list[Any]]:
        """The bound fields, row by row."""
        for number in range(self.count):
            yield [self[f"{name}-{number}"] for name in ("kind", "quantity", "theme", "support")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["inclusions"] = tuple(
            inclusion for number in range(self.count) if (inclusion := self._read(number, data))
        )
        return data

    def _read(self, number: int, data: dict[str, Any]) -> Inclusion | None:
        text = data.get(f"quantity-{number}", "").strip()
        if not text:
            return None
        kind = data.get(f"kind-{number}") or InclusionKind.DAYS
        try:
            quantity = parse_days(text) if kind == InclusionKind.DAYS else int(text)
        except DomainError as error:
            self.add_error(f"quantity-{number}", str(error))
            return None
        except ValueError:
            self.add_error(f"quantity-{number}", "Write a whole number, for example 2.")
            return None
        theme: Theme | None = self.themes.get(data.get(f"theme-{number}", ""))
        support: SupportType | None = self.support_types.get(data.get(f"support-{number}", ""))
        return Inclusion(kind, quantity, theme, support)

    def part(self) -> dict[str, Any]:
        """The part of the content this form is about."""
        return {"inclusions": self.cleaned_data["inclusions"]}


def _typed(given: Inclusion) -> str:
    if given.kind != InclusionKind.DAYS:
        return str(given.quantity)
    return f"{given.quantity // 2}.5" if given.quantity % 2 else str(given.quantity // 2)


class SellingTermsForm(forms.Form):
    """For how long it is sold, what becomes of unused days, and under which terms."""

    term_years = forms.TypedMultipleChoiceField(
        label="Lengths of agreement on offer",
        choices=[(years, f"{years} year{'s' if years > 1 else ''}") for years in range(1, LONGEST_TERM + 1)],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="A maintained school’s first agreement may run for three years at most.",
    )
    carry_forward = forms.ChoiceField(
        label="What becomes of days not used by the end of the contract year?",
        choices=CarryForward.choices,
        widget=forms.RadioSelect,
    )
    carry_cap = DaysField(
        label="Days carried at most",
        required=False,
        help_text="Only where some unused days are carried into the next year.",
    )
    exchange_rights = forms.BooleanField(
        label="Unused days may be turned into credits of the bank of days", required=False
    )
    terms = forms.ChoiceField(label="Terms", help_text="Publish terms first; drafts are not listed.")
    change_notice = forms.CharField(
        label="What changes from last year",
        required=False,
        widget=forms.Textarea({"rows": 4, "maxlength": LENGTHS["change_notice"]}),
        help_text="For schools that have it already: changes to the service, and why the price changes.",
    )

    def __init__(self, *args: Any, terms: list[TermsVersion], content: EditionContent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {str(each.pk): each for each in terms}
        self.fields["terms"].choices = [(key, str(each)) for key, each in self.versions.items()]
        self.fields["terms"].required = bool(self.versions)
        self.content = content

    def part(self) -> dict[str, Any]:
        """The part of the content this form is about."""
        data = self.cleaned_data
        capped = data["carry_forward"] == CarryForward.CAPPED
        return {
            "term_years": tuple(data["term_years"]),
            "carry_forward": data["carry_forward"],
            "carry_cap_half_days": (data["carry_cap"] or 0) if capped else 0,
            "exchange_rights": data["exchange_rights"],
            "terms": self.versions.get(data["terms"], self.content.terms),
            "change_notice": data["change_notice"],
        }

    @staticmethod
    def initial_of(content: EditionContent) -> dict[str, Any]:
        """What the form starts with."""
        return {
            "term_years": list(content.term_years),
            "carry_forward": content.carry_forward,
            "carry_cap": content.carry_cap_half_days or None,
            "exchange_rights": content.exchange_rights,
            "terms": str(content.terms.pk) if content.terms else "",
            "change_notice": content.change_notice,
        }
