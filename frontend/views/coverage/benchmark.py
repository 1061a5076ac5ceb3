"""The area beside those it compares itself with: a table, a strip for each indicator, and files to give and to take."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from frontend.forms.coverage import NeighbourFileForm, ReasonForm
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response
from marketplace.coverage.benchmarks import actions, queries
from marketplace.coverage.benchmarks.definitions import Indicator, Unit
from marketplace.coverage.benchmarks.files import written
from marketplace.coverage.benchmarks.queries import Comparison, Line
from marketplace.kernel.errors import DomainError, NotFound

LEFT, WIDTH = 10, 580


@looking
def benchmark(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The comparison; for a convenor with a form to take in another area's file."""
    return _shown(request, look, NeighbourFileForm())


@require_POST
@looking
def take_in(request: HttpRequest, look: Look) -> HttpResponseBase:
    """Take in another area's file."""
    _must_be_convenor(look)
    form = NeighbourFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            taken = actions.take_in(
                actor=request.actor,
                area=look.sight.area,
                content=form.cleaned_data["file"].read(),
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            form.add_error(error.field or "file", str(error))
        else:
            messages.success(request, f"You compare with {taken.neighbour} of {taken.as_of:%-d %B %Y} now.")
            return redirect(look.link("benchmark"))
    return _shown(request, look, form)


@looking
def reason(request: HttpRequest, look: Look, code: str) -> HttpResponseBase:
    """Say anew why an area is compared with, or stop comparing."""
    _must_be_convenor(look)
    found = [each for each in queries.comparison(look.sight).neighbours if each.neighbour.code == code]
    if not found:
        raise NotFound
    form = ReasonForm(request.POST or None, initial={"reason": found[0].neighbour.reason})
    if request.method == "POST" and "stop" in request.POST:
        actions.stop_comparing(actor=request.actor, area=look.sight.area, code=code)
        messages.success(request, f"You no longer compare with {found[0].neighbour}.")
        return redirect(look.link("benchmark"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_reason(
                actor=request.actor, area=look.sight.area, code=code, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, "The reason has been changed.")
            return redirect(look.link("benchmark"))
    context = {"form": form, "each": found[0], "back_url": look.link("benchmark")}
    answer = page(request, look, "frontend/coverage/benchmark_reason.html", context, fragments={})
    answer.status_code = 422 if form.errors else 200
    return answer


@looking
def given(request: HttpRequest, look: Look) -> HttpResponse:
    """The area's own indicators as a file for others."""
    figures = queries.to_give(look.sight)
    answer = HttpResponse(written(figures), content_type="application/json")
    answer["Content-Disposition"] = (
        f'attachment; filename="indicators-{figures.code}-{figures.as_of.isoformat()}.json"'
    )
    return answer


def _must_be_convenor(look: Look) -> None:
    if not look.sight.exact:
        raise NotFound


def _shown(request: HttpRequest, look: Look, form: NeighbourFileForm) -> HttpResponseBase:
    found = queries.comparison(look.sight)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(look, found), "comparison.csv")
    context = {
        "tabs": tabs(look, "benchmark"),
        "form": form,
        "found": found,
        "strips": [_strip(line, found) for line in found.lines],
        "take_in_url": look.link("take_in"),
        "give_url": look.link("given"),
        "neighbours": [(each, look.link("reason", each.neighbour.code)) for each in found.neighbours],
    }
    answer = page(request, look, "frontend/coverage/benchmark.html", context, fragments={})
    answer.status_code = 422 if form.errors else 200
    return answer


@dataclass(frozen=True)
class Mark:
    """A value on a strip."""

    name: str
    x: float
    own: bool

    @property
    def left(self) -> float:
        """Where the bar of our own value begins."""
        return self.x - 5


@dataclass(frozen=True)
class Strip:
    """An indicator as a strip from 0 to the largest value or 100 %, and its values in words."""

    indicator: Indicator
    own: str
    others: list[str]
    marks: list[Mark]
    end: str


def _strip(line: Line, found: Comparison) -> Strip:
    names = [each.neighbour.name for each in found.neighbours]
    known = [value for value in (line.own, *line.others) if value is not None]
    most = 1.0 if line.indicator.unit == Unit.SHARE else max(known, default=0) or 1.0
    marks = [
        Mark(name, LEFT + WIDTH * value / most, own)
        for name, value, own in [
            *zip(names, line.others, [False] * len(names), strict=True),
            ("This area", line.own, True),
        ]
        if value is not None
    ]
    words = [in_words(value, line.indicator.unit) for value in line.others]
    return Strip(
        line.indicator,
        in_words(line.own, line.indicator.unit),
        words,
        marks,
        in_words(most, line.indicator.unit),
    )


def in_words(value: float | None, unit: Unit) -> str:
    """A value as people write it: `61%`, `£350`, `4.5`."""
    if value is None:
        return "Hidden or not known"
    if unit == Unit.SHARE:
        return f"{value:.0%}"
    if unit == Unit.PENCE:
        return f"£{value / 100:,.0f}"
    return f"{value:,.1f}"


def _csv(look: Look, found: Comparison) -> Iterator[list[object]]:
    yield [
        "Indicator",
        "Meaning",
        "Formula",
        "Unit",
        look.sight.area.name,
        *(str(e.neighbour) for e in found.neighbours),
    ]
    own = found.own.as_of.isoformat() if found.own else ""
    yield [
        "As of",
        "",
        "",
        "",
        own,
        *(e.newest.as_of.isoformat() if e.newest else "" for e in found.neighbours),
    ]
    for line in found.lines:
        each = line.indicator
        values = ["" if value is None else value for value in (line.own, *line.others)]
        yield [each.name, each.meaning, each.formula, each.unit.value, *values]
