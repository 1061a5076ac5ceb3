"""Forms are written as GOV.UK Frontend writes them: held against the official HTML that its package carries."""

import datetime
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from frontend.forms.fields import DaysField, GovukDateField, LongTextField, PoundsField
from frontend.forms.widgets import AffixInput, GovukDateWidget, HintedCheckboxes, HintedRadios
from frontend.gallery import EveryKindOfField

OFFICIAL = Path(settings.BASE_DIR) / "frontend/assets/node_modules/govuk-frontend/dist/govuk/components"

TEXT = {"label", "hint", "errorMessage", "id", "name", "classes", "value", "autocomplete", "disabled"}
UNDERSTOOD = {
    "input": TEXT | {"prefix", "suffix", "inputmode", "pattern", "spellcheck", "autocapitalize"},
    "textarea": TEXT | {"rows", "spellcheck"},
    "character-count": (TEXT - {"disabled"}) | {"rows", "maxlength"},
    "select": TEXT | {"items"},
    "password-input": TEXT,
    "file-upload": TEXT - {"value", "autocomplete"},
    "radios": {"fieldset", "hint", "errorMessage", "idPrefix", "name", "items", "classes", "value"},
    "checkboxes": {"fieldset", "hint", "errorMessage", "idPrefix", "name", "items", "classes", "values"},
    "date-input": {"fieldset", "hint", "errorMessage", "id", "values", "day", "month", "year"},
}
WORDS_ONLY = {"label": {"text", "classes", "isPageHeading"}, "hint": {"text"}, "errorMessage": {"text"}}


# -- Reading HTML as a tree -----------------------------------------------------------------------

VOID = {"input", "br", "hr", "img"}


class Tree(HTMLParser):
    """Tags with their attributes and text; spaces, the order of attributes and of classes make no difference."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.top: list[Any] = []
        self.open: list[list[Any]] = [self.top]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shaped = {name: (value or "") for name, value in attrs}
        if "class" in shaped:
            shaped["class"] = " ".join(sorted(shaped["class"].split()))
        inside: list[Any] = []
        self.open[-1].append((tag, shaped, inside))
        if tag not in VOID:
            self.open.append(inside)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.open[-1].append(words)


def tree(html: str) -> list[Any]:
    return Tree(html).top


# -- From the options of a fixture to a Django form -----------------------------------------------


def fixtures() -> Iterator[Any]:
    for component, keys in UNDERSTOOD.items():
        path = OFFICIAL / component / "fixtures.json"
        if not path.exists():
            continue
        for fixture in json.loads(path.read_text())["fixtures"]:
            if understood(component, fixture["options"], keys):
                yield pytest.param(component, fixture, id=f"{component}: {fixture['name']}")


def understood(component: str, options: dict[str, Any], keys: set[str]) -> bool:
    """A Django form can say all that this fixture asks for."""
    words = all(set(options.get(name) or {}) <= allowed for name, allowed in WORDS_ONLY.items())
    affixes = all(set(options.get(name) or {}) <= {"text"} for name in ("prefix", "suffix"))
    items = options.get("items")
    if component in ("radios", "checkboxes", "date-input"):
        fieldset = options.get("fieldset") or {}
        words = words and set(fieldset) == {"legend"} and set(fieldset["legend"]) <= WORDS_ONLY["label"]
    elif not (options.get("label") or {}).get("text"):
        return False
    if component in ("radios", "checkboxes"):
        plain = {"value", "text", "checked"}
        words = words and all(
            item and set(item) - {"hint"} <= plain and set(item.get("hint") or {}) <= {"text"}
            for item in items or ()
        )
    if component == "select":
        words = words and all(item and set(item) <= {"value", "text", "selected"} for item in items or ())
        words = words and all(type(item.get("value")) in (str, int) for item in items or ())
        words = words and not any(item.get("selected") is False for item in items or ())
    if component == "character-count":
        words = words and "maxlength" in options
    if component == "date-input":
        boxes = [options[part] for part in ("day", "month", "year") if part in options]
        words = words and all(box == {"error": True} for box in boxes)
        words = words and (not boxes or (len(boxes) == 1 and "errorMessage" in options))
    return words and affixes and set(options) <= keys


def field_for(component: str, options: dict[str, Any]) -> forms.Field:
    attrs = {
        name: str(options[name]).lower() if isinstance(options[name], bool) else options[name]
        for name in (
            "rows",
            "autocomplete",
            "inputmode",
            "pattern",
            "spellcheck",
            "autocapitalize",
            "maxlength",
        )
        if name in options
    }
    if options.get("classes"):
        attrs["class"] = options["classes"]
    legend = (options.get("fieldset") or {}).get("legend") or {}
    words = {
        "label": (options.get("label") or legend)["text"],
        "help_text": (options.get("hint") or {}).get("text", ""),
        "disabled": bool(options.get("disabled")),
        "required": False,
    }
    items = options.get("items") or []
    choices = [(item["value"], item["text"]) for item in items]
    hints = {item["value"]: item["hint"]["text"] for item in items if item.get("hint")}
    match component:
        case "input":
            affixes = {name: options[name]["text"] for name in ("prefix", "suffix") if name in options}
            return forms.CharField(widget=AffixInput(attrs, **affixes), **words)
        case "textarea" | "character-count":
            return forms.CharField(widget=forms.Textarea(attrs), **words)
        case "select":
            return forms.ChoiceField(choices=choices, widget=forms.Select(attrs), **words)
        case "password-input":
            widget = forms.PasswordInput({"autocomplete": "current-password", **attrs}, render_value=True)
            return forms.CharField(widget=widget, **words)
        case "file-upload":
            return forms.FileField(widget=forms.FileInput(attrs), **words)
        case "radios":
            return forms.ChoiceField(choices=choices, widget=HintedRadios(attrs, hints=hints), **words)
        case "checkboxes":
            return forms.MultipleChoiceField(
                choices=choices, widget=HintedCheckboxes(attrs, hints=hints), **words
            )
        case _:
            return forms.DateField(widget=GovukDateWidget, **words)


def rendered(component: str, options: dict[str, Any]) -> str:
    name = options.get("name") or options["id"]
    items = options.get("items") or []
    value: Any = options.get("value")
    if component == "checkboxes":
        value = options.get("values") or [item["value"] for item in items if item.get("checked")]
    elif component == "date-input":
        typed = options.get("values") or {}
        value = "-".join(str(typed.get(part, "")) for part in ("year", "month", "day")) if typed else None
    elif items:
        value = value or next(
            (each["value"] for each in items if each.get("checked") or each.get("selected")), None
        )
    form = forms.Form(initial={name: value}, auto_id="%s")
    form.fields[name] = field_for(component, options)
    if options.get("errorMessage"):
        at_fault = [part for part in ("day", "month", "year") if part in options]
        form._errors = forms.utils.ErrorDict()
        form.cleaned_data = {}
        code = f"missing_{at_fault[0]}" if component == "date-input" and at_fault else "other"
        form.add_error(name, forms.ValidationError(options["errorMessage"]["text"], code=code))
    bound = form[name]
    label = options.get("label") or (options.get("fieldset") or {}).get("legend") or {}
    bound.label_size = (re.findall(r"--(\w+)", label.get("classes") or "") or [""])[0]
    bound.is_page_heading = bool(label.get("isPageHeading"))
    return str(bound.as_field_group())


def official(component: str, fixture: dict[str, Any]) -> str:
    """The fixture's HTML with ids as Django makes them: from the field's name, the items of a group counted from 0."""
    html, options = fixture["html"], fixture["options"]
    name = options.get("name") or options["id"]
    prefix = options.get("id") or options.get("idPrefix") or name

    def of_django(token: str) -> str:
        found = re.fullmatch(rf"{re.escape(prefix)}(?:-(\d+))?(-.*)?", token)
        if not found:
            return token
        grouped = component in ("radios", "checkboxes") and (found[2] or "-item-hint") == "-item-hint"
        number = f"_{int(found[1] or 1) - 1}" if grouped else ""
        return f"{name}{number}{found[2] or ''}"

    html = re.sub(
        r'(id|for|aria-describedby|aria-controls)="([^"]*)"',
        lambda attribute: f'{attribute[1]}="{" ".join(map(of_django, attribute[2].split()))}"',
        html,
    )
    if component == "date-input":
        html = re.sub(r'name="(day|month|year)"', rf'name="{name}-\1"', html)
    return html


FIXTURES = list(fixtures())


@pytest.mark.skipif(not FIXTURES, reason="govuk-frontend is not installed: run npm ci in frontend/assets")
def test_enough_of_the_official_html_is_compared():
    by_component = dict.fromkeys(UNDERSTOOD, 0)
    for parameter in FIXTURES:
        by_component[parameter.values[0]] += 1

    assert all(count >= 3 for count in by_component.values()), by_component
    assert sum(by_component.values()) >= 60


@pytest.mark.parametrize(("component", "fixture"), FIXTURES)
def test_a_field_is_written_as_govuk_frontend_writes_it(component: str, fixture: dict[str, Any]):
    assert tree(rendered(component, fixture["options"])) == tree(official(component, fixture))


# -- The error summary ----------------------------------------------------------------------------


@pytest.mark.skipif(not FIXTURES, reason="govuk-frontend is not installed: run npm ci in frontend/assets")
@pytest.mark.parametrize("name", ["default", "without links", "mixed with and without links"])
def test_the_error_summary_is_written_as_govuk_frontend_writes_it(name: str):
    found = json.loads((OFFICIAL / "error-summary/fixtures.json").read_text())["fixtures"]
    fixture = next(each for each in found if each["name"] == name)
    errors = [(each["text"], each.get("href", "").lstrip("#")) for each in fixture["options"]["errorList"]]

    html = Template("{% include 'frontend/components/error_summary_box.html' %}").render(
        Context({"found": errors})
    )

    assert tree(html) == tree(fixture["html"])


def links(form: forms.Form) -> dict[str, str]:
    html = Template("{% load ui %}{% error_summary form %}").render(Context({"form": form}))
    return {text: target for target, text in re.findall(r'<a href="#([^"]+)">([^<]+)</a>', html)}


def ids(html: str) -> set[str]:
    return set(re.findall(r'(?:<input|<select|<textarea)[^>]* id="([^"]+)"', html))


def test_every_link_of_the_summary_leads_to_a_control_that_is_there():
    form = EveryKindOfField({})

    assert len(links(form)) == len(form.fields)
    assert set(links(form).values()) <= ids(str(form))


def test_the_error_of_a_group_leads_to_its_first_control():
    form = EveryKindOfField({})

    assert links(form)["How will you pay? Choose an answer"] == "id_route_0"
    assert links(form)["Themes: choose at least one answer"] == "id_themes_0"
    assert links(form)["Start date: enter a date"] == "id_starts-day"


def test_the_error_of_a_date_leads_to_the_box_at_fault():
    form = EveryKindOfField({"starts-day": "27", "starts-year": "2027"})

    assert links(form)["Start date must include a month"] == "id_starts-month"


def test_errors_of_the_whole_form_and_of_hidden_fields_are_said_without_a_link():
    class Order(forms.Form):
        token = forms.CharField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("The window closed on 31 March")

    html = str(Order({}))

    assert "<li>The window closed on 31 March</li>" in html
    assert "<li>Token: enter an answer</li>" in html


def test_a_page_that_showed_the_summary_does_not_get_it_twice():
    form = EveryKindOfField({})

    html = Template("{% load ui %}{% error_summary form %}<h1>Order</h1>{{ form }}").render(
        Context({"form": form})
    )

    assert html.count("There is a problem") == 1
    assert html.index("There is a problem") < html.index("<h1>")


def test_what_people_typed_is_never_markup():
    form = EveryKindOfField({"title": "<script>alert(1)</script>", "budget": "<b>"})

    assert "<script>" not in str(form)
    assert "<b>" not in str(form)


def test_a_single_checkbox_keeps_its_label_and_its_hint_together():
    class Consent(forms.Form):
        agree = forms.BooleanField(label="I agree", help_text="To the terms of 2027")

    html = str(Consent())

    assert 'aria-describedby="id_agree-hint"' in html
    assert '<label class="govuk-label govuk-checkboxes__label" for="id_agree">I agree</label>' in html


def test_browsers_do_not_speak_before_the_server():
    form = EveryKindOfField()

    assert not re.search(r"\srequired\b", str(form))
    assert " maxlength" not in str(form["detail"]), "a long text may be pasted and then cut down"


# -- Fields ---------------------------------------------------------------------------------------


class Visit(forms.Form):
    on = GovukDateField(label="The date of the visit")
    price = PoundsField(min_pence=1, max_pence=100_000)
    length = DaysField()


def visit(**data: str) -> Visit:
    return Visit({"on-day": "27", "on-month": "3", "on-year": "2027", "price": "350", "length": "1", **data})


@pytest.mark.parametrize("month", ["3", "03", "mar", "March"])
def test_a_month_may_be_a_number_or_a_name(month: str):
    form = visit(**{"on-month": month})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["on"] == datetime.date(2027, 3, 27)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"on-day": ""}, "The date of the visit must include a day"),
        ({"on-day": "", "on-month": ""}, "The date of the visit must include a day and a month"),
        ({"on-year": "27"}, "The date of the visit: the year must have 4 digits, for example 2027"),
        (
            {"on-day": "31", "on-month": "2"},
            "The date of the visit must be a real date, for example 27 3 2027",
        ),
        ({"on-day": "x"}, "The date of the visit must be a real date, for example 27 3 2027"),
    ],
)
def test_a_wrong_date_is_told_what_is_wrong_and_keeps_what_was_typed(typed: dict[str, str], message: str):
    form = visit(**typed)

    assert form.errors["on"] == [message]
    for name, value in typed.items():
        if value:
            assert f'name="{name}"' in str(form["on"])
            assert f'value="{value}"' in str(form["on"])


def test_a_date_comes_back_in_its_boxes():
    html = str(Visit(initial={"on": datetime.date(2027, 3, 4)})["on"])

    assert re.findall(r'value="(\d+)"', html) == ["4", "3", "2027"]


def test_pounds_are_pence_inside():
    form = visit(price="£350.50")
    assert form.is_valid()
    assert form.cleaned_data["price"] == 35050
    assert 'value="350.50"' in str(Visit(initial={"price": 35050})["price"])


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("lots", "is not an amount of money"),
        ("0", "Enter £0.01 or more"),
        ("1,000.01", "Enter £1,000.00 or less"),
    ],
)
def test_an_amount_out_of_reason_is_refused_in_words(typed: str, message: str):
    assert message in visit(price=typed).errors["price"][0]


def test_days_are_half_days_inside():
    form = visit(length="1½ days")

    assert form.is_valid(), form.errors
    assert form.cleaned_data["length"] == 3
    assert 'value="1.5"' in str(Visit(initial={"length": 3})["length"])


@pytest.mark.parametrize("typed", ["a while", "0", "1.25"])
def test_a_length_that_cannot_be_bought_is_refused(typed: str):
    assert "length" in visit(length=typed).errors


class Measured(forms.Form):
    share = forms.IntegerField(label="The share", min_value=1, max_value=99)
    text = LongTextField(label="What changed?", max_length=1_000, required=False)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"share": "150"}, "The share: enter 99 or less"),
        ({"share": "0"}, "The share: enter 1 or more"),
        ({"share": "a third"}, "The share: enter a whole number, in digits"),
        ({"share": ""}, "The share: enter an answer"),
        ({"share": "5", "text": "a" * 1_001}, "What changed? Use 1,000 characters or fewer"),
    ],
)
def test_sizes_and_lengths_are_refused_in_words_that_name_the_field(typed: dict[str, str], message: str):
    form = Measured(typed)

    assert [each for field in form for each in field.messages] == [message]


def test_a_line_break_counts_as_one_character_and_the_box_counts_to_the_limit():
    form = Measured({"share": "5", "text": "\r\n".join("a" * 500)})

    assert form.is_valid() and form.cleaned_data["text"].count("\n") == 499
    assert 'data-maxlength="1000"' in str(form["text"].as_field_group())
