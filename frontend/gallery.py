"""Every component on one page, with made-up data: to look at while designing, and for the tests of accessibility.

Served under /_gallery/ in debug and in tests only.
"""

import datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from frontend.forms.fields import DaysField, GovukDateField, PoundsField
from frontend.forms.widgets import HintedRadios

MARCH = datetime.date(2027, 3, 1)


class EveryKindOfField(forms.Form):
    title = forms.CharField(
        label="What do you need help with?", help_text="A few words, for example early reading"
    )
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(label="Password", widget=forms.PasswordInput({"autocomplete": "new-password"}))
    detail = forms.CharField(label="What have you tried so far?", max_length=400, widget=forms.Textarea)
    school = forms.ChoiceField(
        label="School",
        choices=[("", "Choose a school"), ("1", "Ashdown Primary School"), ("2", "St Oswin Primary School")],
        widget=forms.Select(attrs={"data-autocomplete": ""}),
    )
    phase = forms.ChoiceField(label="Phase", choices=[("primary", "Primary"), ("secondary", "Secondary")])
    route = forms.ChoiceField(
        label="How will you pay?",
        choices=[("package", "From your package"), ("payg", "Pay as you go")],
        widget=HintedRadios(hints={"package": "You have 6 days left until 31 August 2027"}),
    )
    themes = forms.MultipleChoiceField(
        label="Themes",
        choices=[("reading", "Reading"), ("maths", "Mathematics"), ("send", "SEND")],
        widget=forms.CheckboxSelectMultiple,
    )
    starts = GovukDateField(label="Start date", help_text="For example, 27 3 2027")
    budget = PoundsField(label="Most you can spend", min_pence=100)
    length = DaysField(label="Length of support")
    letter = forms.FileField(label="Upload the register", help_text="A CSV, gzip or zip file")
    agree = forms.BooleanField(label="I have the authority to order for this school")


class Filters(forms.Form):
    q = forms.CharField(label="Search", required=False)
    theme = forms.MultipleChoiceField(
        label="Theme",
        choices=[("reading", "Reading"), ("maths", "Mathematics")],
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"}),
    )
    within = forms.ChoiceField(
        label="Within", choices=[("", "Any distance"), ("10", "10 km")], required=False
    )


def page(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Booking BK-7F3K9 is confirmed")
    messages.info(request, "The buy-back window opens on 1 December 2026")
    form = EveryKindOfField({"starts-day": "27", "starts-year": "2027", "email": "no", "budget": "lots"})
    blank = EveryKindOfField(prefix="blank", initial={"budget": 120050, "length": 3, "starts": MARCH})
    filters = Filters(request.GET)
    filters.is_valid()
    context = {"form": form, "blank": blank, "filters": filters, **_frame(), **_data()}
    return render(request, "frontend/gallery.html", context)


def _frame() -> dict[str, Any]:
    return {
        "navigation": [
            {"href": "/", "text": "Needs you", "current": True, "badge": 3},
            {"href": "/offers/", "text": "Find support"},
            {"href": "/bookings/", "text": "Bookings"},
            {"href": "/coverage/", "text": "Coverage"},
        ],
        "notifications": {"href": "/notifications/", "unread": 12},
        "environment_notice": "Demonstration area: every school and person here is made up.",
        "acting": {
            "label": "Ashdown Primary School",
            "role": "budget holder",
            "action": "/acting/",
            "choices": [
                {"value": "1", "text": "Ashdown Primary School", "selected": True},
                {"value": "2", "text": "Harbour Learning Trust"},
            ],
        },
    }


def _data() -> dict[str, Any]:
    now = timezone.now()
    return {
        "page": Paginator(range(53), 10).page(3),
        "rows": [
            {"key": "Reference", "value": "BK-7F3K9"},
            {"key": "Date", "value": "27 March 2027", "actions": [{"href": "#", "text": "Change"}]},
            {"key": "Purchase order", "value": ""},
        ],
        "sections": [{"title": "Who and when", "change_url": "#", "rows": [("Person", "A. Practitioner")]}],
        "states": [
            "draft",
            "published",
            "held",
            "awaiting_approval",
            "awaiting_release",
            "confirmed",
            "gap",
            "duplicated",
        ],
        "tasks": [
            {
                "text": "Approve BK-7F3K9",
                "href": "#",
                "hint": "£700.00 from your package",
                "status": "Due today",
                "colour": "red",
            },
            {"text": "Evaluate BK-2M4QT", "href": "#", "status": "Not started", "colour": "blue"},
            {"text": "Pay INV-0042", "status": "Cannot start yet"},
        ],
        "events": [
            SimpleNamespace(
                verb="approve",
                before="awaiting_approval",
                after="awaiting_release",
                by_name="J. Okafor",
                at=now,
                note="Within the governors’ limit.",
            ),
            SimpleNamespace(
                verb="book", before="held", after="awaiting_approval", by_name="M. Lindqvist", at=now, note=""
            ),
        ],
        "tabs": [
            {"href": "#", "text": "Coming up", "current": True, "count": 4},
            {"href": "#", "text": "Past", "count": 18},
            {"href": "#", "text": "Cancelled"},
        ],
        "lines": [
            {"text": "2 days at £350.00", "amount": 70000, "detail": "Flat price per day"},
            {"text": "Member rate, 10% off", "amount": -7000},
        ],
        "parts": {"met": 24, "brokerable": 6, "capacity_gap": 8, "reach_gap": 2},
        "columns": [
            {"title": "Early reading", "href": "#", "note": "Fell Hub"},
            {"title": "Phonics catch-up", "href": "#"},
        ],
        "compared": [
            {"label": "Price for your school", "cells": ["£630.00", "£705.54"]},
            {"label": "Next date", "cells": ["4 March", "12 March"]},
        ],
        "month": {
            "title": "March 2027",
            "previous_url": "?month=2027-02",
            "next_url": "?month=2027-04",
            "weeks": _weeks(),
        },
        "wards": _wards(),
    }


def _weeks() -> list[list[dict[str, Any] | None]]:
    def shown(number: int) -> dict[str, Any]:
        date = datetime.date(2027, 3, number)
        if date.weekday() >= 5:
            return {"date": date, "day": number, "state": "closed", "reason": "Weekend"}
        if number >= 29:
            return {"date": date, "day": number, "state": "closed", "reason": "Easter holiday"}
        if number in (9, 10):
            return {"date": date, "day": number, "state": "closed", "reason": "Booked"}
        few = number % 4 == 0
        return {
            "date": date,
            "day": number,
            "state": "few" if few else "open",
            "slots": ["am"] if few else ["am", "pm"],
        }

    days: list[dict[str, Any] | None] = [shown(number) for number in range(1, 32)]
    days += [None] * (-len(days) % 7)
    return [days[start : start + 7] for start in range(0, len(days), 7)]


def _wards() -> list[dict[str, Any]]:
    balances = [
        ("Holm", -0.7),
        ("Fellside", -0.3),
        ("Quay", 0.0),
        ("Marsh", 0.3),
        ("Moor", 0.8),
        ("Dale", None),
    ]
    return [
        {
            "code": f"E0500000{n}",
            "name": name,
            "balance": balance,
            "confidence": "C" if n == 1 else "A",
            "path": f"M{n % 3 * 60} {n // 3 * 50}h60v50h-60z",
        }
        for n, (name, balance) in enumerate(balances)
    ]


def areas(request: HttpRequest) -> HttpResponse:
    """The same wards as GeoJSON, for the island."""

    def square(n: int) -> list[list[float]]:
        x, y = n % 3 * 0.06 - 1.4, 53.4 - n // 3 * 0.03
        return [[x, y], [x + 0.06, y], [x + 0.06, y - 0.03], [x, y - 0.03], [x, y]]

    features = [
        {
            "type": "Feature",
            "properties": {"code": ward["code"], "name": ward["name"]},
            "geometry": {"type": "Polygon", "coordinates": [square(n)]},
        }
        for n, ward in enumerate(_wards())
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def schools(request: HttpRequest) -> HttpResponse:
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"School {n}"},
            "geometry": {
                "type": "Point",
                "coordinates": [-1.39 + (n * 37 % 160) / 1000, 53.35 + (n * 53 % 45) / 1000],
            },
        }
        for n in range(60)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def refreshed(request: HttpRequest) -> HttpResponse:
    """What the live part of the gallery becomes when a frame of the kind `gallery` arrives."""
    return HttpResponse('<p class="govuk-body" id="live-part">Refreshed by a live update</p>')


urlpatterns = [
    path("", page, name="gallery"),
    path("refreshed/", refreshed, name="gallery_refreshed"),
    path("areas.geojson", areas, name="gallery_areas"),
    path("schools.geojson", schools, name="gallery_schools"),
]
