"""The components of pages say what they are given, escaped, and keep the rest of the query string."""

import datetime
import re
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from frontend.forms.fields import GovukDateField
from frontend.templatetags import charts
from frontend.templatetags.states import WORDS_AND_COLOURS, done, label_and_colour
from frontend.templatetags.ui import words as reading

LONDON = ZoneInfo("Europe/London")
COLOURS = {"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"}


def render(source: str, path: str = "/", **context: Any) -> str:
    request = RequestFactory().get(path)
    return Template("{% load ui charts %}" + source).render(Context({"request": request, **context}))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def hrefs(html: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'href="([^"]*)"', html)]


# -- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filtered", "shown"),
    [
        (reading.pounds(123450), "£1,234.50"),
        (reading.pounds(-5), "−£0.05"),
        (reading.pounds(0), "£0.00"),
        (reading.pounds(None), ""),
        (reading.days(3), "1½ days"),
        (reading.days(None), ""),
        (reading.day(datetime.date(2027, 3, 26)), "Friday 26 March 2027"),
        (reading.short_day(datetime.date(2027, 3, 6)), "6 March 2027"),
        (reading.moment(datetime.datetime(2027, 3, 27, 14, 5, tzinfo=LONDON)), "27 March 2027 at 2:05pm"),
        (reading.moment(datetime.datetime(2027, 3, 27, 9, 0, tzinfo=LONDON)), "27 March 2027 at 9am"),
        (reading.moment(None), ""),
        (reading.of_five(70), "3.5"),
        (reading.of_five(73), "3.7"),
        (reading.of_five(100), "5.0"),
    ],
)
def test_money_days_and_dates_are_written_as_people_read_them(filtered: str, shown: str):
    assert filtered == shown


def test_times_are_shown_as_clocks_in_london_show_them():
    in_summer = datetime.datetime(2027, 7, 1, 11, 30, tzinfo=datetime.UTC)

    assert reading.moment(in_summer) == "1 July 2027 at 12:30pm"
    assert reading.day(datetime.datetime(2027, 6, 30, 23, 30, tzinfo=datetime.UTC)) == "Thursday 1 July 2027"


def test_every_state_has_words_and_a_colour_of_the_design_system():
    for state, (label, colour) in WORDS_AND_COLOURS.items():
        assert colour in COLOURS, state
        assert "_" not in label


def test_a_state_nobody_listed_still_reads():
    assert label_and_colour("on_hold") == ("On hold", "grey")


@pytest.mark.parametrize(
    ("verb", "past"),
    [
        ("approve", "Approved"),
        ("hold", "Held"),
        ("submit", "Submitted"),
        ("cancel", "Cancelled"),
        ("deny", "Denied"),
        ("pay", "Paid"),
        ("return", "Returned"),
        ("booked", "Booked"),
        ("cancel_by_buyer", "Cancel by buyer"),
    ],
)
def test_a_verb_of_the_history_reads_as_done(verb: str, past: str):
    assert done(verb) == past


def test_text_given_to_a_component_is_never_markup():
    nasty = "<script>alert(1)</script>"
    sources = [
        "{% tag x %}",
        "{% status_tag x label=x %}",
        "{% details x %}{{ x }}{% enddetails %}",
        "{% inset %}{{ x }}{% endinset %}",
        "{% warning %}{{ x }}{% endwarning %}",
        "{% empty_state x %}{{ x }}{% endempty_state %}",
        "{% breadcrumbs x x %}",
        "{% summary_list rows card=x %}",
        "{% price_explanation lines 100 caption=x %}",
        "{% compare_columns columns compared x %}",
        "{% task_list tasks %}",
        "{% timeline events %}",
        "{% tabs tabs label=x %}",
        "{% figures x x %}",
        "{% progress_bar 1 2 x text=x %}",
        "{% post_button x x hidden=x name=x value=x %}",
    ]
    context = {
        "x": nasty,
        "rows": [(nasty, nasty), {"key": nasty, "value": 1, "actions": [{"href": nasty, "text": nasty}]}],
        "lines": [{"text": nasty, "amount": 100, "detail": nasty}],
        "columns": [{"title": nasty, "note": nasty, "href": nasty}],
        "compared": [{"label": nasty, "cells": [nasty]}],
        "tasks": [{"text": nasty, "href": nasty, "hint": nasty, "status": nasty, "colour": nasty}],
        "events": [
            {"title": nasty, "by": nasty, "text": nasty, "at": datetime.datetime(2027, 3, 1, tzinfo=LONDON)}
        ],
        "tabs": [{"text": nasty, "href": nasty}],
    }

    for source in sources:
        html = render(source, **context)
        assert "<script" not in html, source
        assert "&lt;script&gt;" in html, source


# -- Lists ----------------------------------------------------------------------------------------


def test_pages_are_linked_with_the_rest_of_the_query_kept():
    page = Paginator(range(53), 10).page(3)

    html = render("{% pagination page %}", "/offers/?theme=reading&theme=maths&page=3", page=page)

    assert "?theme=reading&theme=maths&page=2" in hrefs(html)
    assert "?theme=reading&theme=maths&page=4" in hrefs(html)
    assert 'aria-label="Page 3" aria-current="page"' in html


def test_one_page_needs_no_links():
    assert "<nav" not in render("{% pagination page %}", page=Paginator(range(5), 10).page(1))


@pytest.mark.parametrize(
    ("total", "shown"),
    [(0, "No offers"), (1, "1 offer"), (9, "9 offers"), (1053, "Showing 11 to 20 of 1,053 offers")],
)
def test_the_number_of_results_is_said(total: int, shown: str):
    page = Paginator(range(total), 10).page(2 if total > 10 else 1)

    assert words(render('{% result_count page "offer" %}', page=page)) == shown


def test_a_heading_sorts_one_way_then_the_other_from_the_first_page():
    unsorted = render('{% sort_header "Price" "price" %}', "/?q=a&page=4")
    rising = render('{% sort_header "Price" "price" %}', "/?q=a&sort=price")
    falling = render('{% sort_header "Price" "price" %}', "/?q=a&sort=-price")

    assert (hrefs(unsorted), 'aria-sort="none"' in unsorted) == (["?q=a&sort=price"], True)
    assert (hrefs(rising), 'aria-sort="ascending"' in rising) == (["?q=a&sort=-price"], True)
    assert (hrefs(falling), 'aria-sort="descending"' in falling) == (["?q=a&sort=price"], True)


class Search(forms.Form):
    q = forms.CharField(label="Words", required=False)
    theme = forms.MultipleChoiceField(
        label="Theme",
        required=False,
        choices=[("Teaching", [("reading", "Early reading"), ("maths", "Mathematics")])],
    )
    remote = forms.BooleanField(label="Remote support", required=False)
    since = GovukDateField(label="Free from", required=False)


def test_each_chosen_filter_is_a_link_that_takes_it_away():
    path = "/?theme=reading&theme=maths&remote=on&since-day=1&since-month=3&since-year=2027&sort=price&page=2"
    request = RequestFactory().get(path)

    html = render("{% filter_panel form %}", path, form=Search(request.GET))

    chosen = html[html.index("app-filter__tags") : html.index("Clear all")]
    assert words(chosen).count("Remove this filter:") == 4
    for text in ("Theme: Early reading", "Theme: Mathematics", "Remote support", "Free from: 1 3 2027"):
        assert text in words(chosen)
    without_reading, without_maths, _, without_date = hrefs(chosen)[:4]
    assert "theme=maths" in without_reading
    assert "theme=reading" not in without_reading
    assert "page=" not in without_maths
    assert "since" not in without_date


def test_filtering_keeps_the_order_of_the_list():
    request = RequestFactory().get("/?sort=price&q=phonics")

    html = render("{% filter_panel form %}", "/?sort=price&q=phonics", form=Search(request.GET))

    assert '<input type="hidden" name="sort" value="price">' in html
    assert "?sort=price" in hrefs(html)


# -- Records --------------------------------------------------------------------------------------


def test_an_answer_that_was_not_given_says_so_but_nought_is_an_answer():
    html = render("{% summary_list rows %}", rows=[("Purchase order", ""), ("Days left", 0)])

    assert words(html) == "Purchase order Not given Days left 0"


def test_a_link_to_change_says_what_it_changes():
    rows = [{"key": "Date", "value": "1 March", "actions": [{"href": "#", "text": "Change"}]}]

    assert "Change Date" in words(render("{% summary_list rows %}", rows=rows))


def test_a_price_shows_its_lines_and_its_total():
    lines = [{"text": "2 days at £350.00", "amount": 70000}, {"text": "Member rate", "amount": -7000}]

    html = render("{% price_explanation lines 63000 %}", lines=lines)

    assert words(html).endswith("2 days at £350.00 £700.00 Member rate −£70.00 Total £630.00")


def test_a_history_says_who_did_what_when_and_the_state_it_came_to():
    entry = SimpleNamespace(
        verb="approve",
        before="awaiting_approval",
        after="awaiting_release",
        by_name="J. Okafor",
        note="Within the limit",
        at=datetime.datetime(2027, 3, 27, 14, 5, tzinfo=LONDON),
    )

    html = render("{% history entries %}", entries=[entry])

    assert words(html) == "Approved by J. Okafor Awaiting release 27 March 2027 at 2:05pm Within the limit"


def test_a_task_that_cannot_start_is_no_link():
    html = render(
        "{% task_list tasks %}",
        tasks=[
            {"text": "Approve", "href": "/x/", "status": "Due"},
            {"text": "Pay", "status": "Cannot start yet"},
        ],
    )

    assert hrefs(html) == ["/x/"]


def month(*days: dict[str, Any] | None) -> dict[str, Any]:
    return {"title": "March 2027", "weeks": [list(days)]}


def test_a_closed_day_cannot_be_chosen_and_says_why():
    first = datetime.date(2027, 3, 1)
    days = [
        {"date": first, "day": 1, "state": "closed", "reason": "Training day"},
        {"date": first.replace(day=2), "day": 2, "state": "open", "slots": ["am", "pm"]},
        {"date": first.replace(day=3), "day": 3, "state": "few", "slots": ["am"]},
        None,
    ]

    html = render("{% month_calendar month chosen='2027-03-03' %}", month=month(*days))

    assert re.findall(r'type="radio"[^>]* value="([^"]+)"', html) == ["2027-03-02", "2027-03-03"]
    assert re.findall(r'value="([^"]+)" checked', html) == ["2027-03-03"]
    assert "Tuesday 2 March 2027: am, pm" in words(html).replace(" :", ":")
    assert words(html).endswith("Training day : 1")


def test_the_summary_can_lead_to_the_first_day_that_is_open():
    days = [
        {"date": datetime.date(2027, 3, 1), "state": "closed"},
        {"date": datetime.date(2027, 3, 2), "state": "open"},
        {"date": datetime.date(2027, 3, 3), "state": "open"},
    ]

    html = render("{% month_calendar month name='on' error='Choose a date' %}", month=month(*days))

    assert re.findall(r'type="radio" name="on" id="([^"]+)"', html) == ["id_on_0", "id_on_2027-03-03"]
    assert 'aria-describedby="on-error"' in html


# -- Charts ---------------------------------------------------------------------------------------


def test_the_four_parts_fill_the_bar_and_stand_in_words_beside_it():
    html = render(
        "{% four_part_bar parts %}", parts={"met": 24, "brokerable": 6, "capacity_gap": 8, "reach_gap": 2.25}
    )

    bars = html[: html.index("</svg>")]
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"', bars)]
    assert sum(widths[:4]) == pytest.approx(100, abs=0.01)
    assert "40.25 days needed" in words(html)
    assert "24 days met as things stand" in words(html)


def test_a_part_of_nothing_is_not_drawn_and_no_need_is_said():
    html = render("{% four_part_bar parts small=True %}", parts=SimpleNamespace(met=0, brokerable=0))

    assert "<rect" not in html
    assert 'aria-label="No need"' in html


def test_parts_in_half_days_are_said_in_half_days():
    html = render("{% four_part_bar parts half_days=True %}", parts={"met": 3, "brokerable": 1})

    assert "2 days needed" in words(html)
    assert "1½ days met as things stand" in words(html)


@pytest.mark.parametrize(
    ("balance", "number"),
    [
        (-1, 0),
        (-0.51, 0),
        (-0.5, 1),
        (-0.21, 1),
        (-0.2, 2),
        (0.166, 2),
        (0.167, 3),
        (0.499, 3),
        (0.5, 4),
        (1, 4),
    ],
)
def test_the_map_has_five_classes_with_the_published_cuts(balance: float, number: int):
    assert charts.balance_band(balance) is charts.BANDS[number]


def test_no_need_is_grey():
    assert charts.balance_fill(None) == charts.NO_NEED


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_colours_of_the_brand_can_be_read(settings: Any):
    styles = (settings.BASE_DIR / "frontend/assets/src/styles/_brand.scss").read_text()
    brand = dict(re.findall(r"\$([\w-]+): (#[0-9a-f]{6})", styles))

    assert contrast(brand["brand"], "#ffffff") >= 4.5
    assert contrast(brand["link"], "#ffffff") >= 4.5
    assert contrast(brand["link"], brand["surface"]) >= 4.5
    assert contrast(brand["ink"], brand["accent"]) >= 4.5


def test_progress_asks_for_its_next_version_until_it_is_done():
    running = render('{% progress_bar 1300 4000 "Reading" refresh_url="/jobs/7/" %}')
    finished = render('{% progress_bar 4000 4000 "Reading" %}')

    assert 'hx-get="/jobs/7/"' in running
    assert 'value="32"' in running
    assert "hx-get" not in finished
    assert 'value="100"' in finished
    assert 'value="0"' in render('{% progress_bar 0 0 "Reading" %}')


# -- The frame ------------------------------------------------------------------------------------


def test_a_message_is_announced_by_what_it_means():
    request = RequestFactory().get("/")
    request.session = {}
    request._messages = messages.storage.default_storage(request)
    messages.error(request, "That slot was taken")

    html = Template('{% include "frontend/components/messages.html" %}').render(
        Context({"messages": messages.get_messages(request)})
    )

    assert 'role="alert"' in html
    assert words(html) == "There is a problem That slot was taken"


def test_the_page_of_a_fault_depends_on_nothing(settings: Any):
    source = (settings.BASE_DIR / "frontend/templates/500.html").read_text()

    assert "{%" not in source
    assert "{{" not in source
