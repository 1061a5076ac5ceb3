"""An area's parameters of coverage: read with the reason for each number, tried out, saved as a version, set back."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from frontend.forms.coverage_settings import ParametersForm, in_words
from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import add_domain_error
from marketplace.coverage import actions, queries
from marketplace.coverage.models import CoverageSettings
from marketplace.coverage.options import OPTIONS, answer_of
from marketplace.coverage.parameters import PARAMETERS, PRIORITY_THEMES, value_of
from marketplace.kernel.errors import DomainError, NotFound

PREVIEW, SAVE, DEFAULTS = "preview", "save", "defaults"


@looking
def settings(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The form of all parameters; a preview of what a change would do comes before it is saved."""
    if not look.sight.exact:
        raise NotFound
    versions = queries.versions_of(look.sight)
    now = versions[0].values if versions else {}
    area = look.sight.area
    if request.method != "POST":
        return _page(request, look, ParametersForm(area=area, now=now), versions)
    if DEFAULTS in request.POST:
        return _page(
            request, look, ParametersForm(area=area, now={}), versions, queries.preview(look.sight, {})
        )
    form = ParametersForm(request.POST, area=area, now=now)
    if not form.is_valid():
        return _page(request, look, form, versions)
    try:
        if SAVE in request.POST:
            return _saved(request, look, form)
        found = queries.preview(look.sight, form.values())
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, look, form, versions)
    return _page(request, look, form, versions, found)


def _saved(request: HttpRequest, look: Look, form: ParametersForm) -> HttpResponse:
    changed = actions.change_settings(
        actor=request.actor,  # type: ignore[attr-defined]
        area=look.sight.area,
        values=form.values(),
    )
    messages.success(
        request, f"Saved as version {changed.version}. Coverage is being worked out again with it."
    )
    return redirect(look.link("settings"))


def _page(
    request: HttpRequest,
    look: Look,
    form: ParametersForm,
    versions: list[CoverageSettings],
    found: queries.Preview | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "tabs": tabs(look, "settings"),
        "preview": found,
        "versions": list(_with_changes(versions, {each.code: each.name for each in form.themes}, form.wards)),
        "post_url": look.link("settings"),
    }
    answer = page(request, look, "frontend/coverage/settings.html", context, fragments={})
    answer.status_code = 422 if form.errors else 200
    return answer


def _with_changes(
    versions: list[CoverageSettings], themes: Mapping[str, str], wards: Mapping[str, str]
) -> Iterator[tuple[CoverageSettings, list[str]]]:
    """Each version with what it changed, in words."""
    before = [*(each.values for each in versions[1:]), {}]
    for version, earlier in zip(versions, before, strict=False):
        yield version, list(_changed(earlier, version.values, {**themes, **wards}))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    for each in PARAMETERS:
        was, becomes = value_of(before, each), value_of(after, each)
        if was != becomes:
            yield f"{each.label}: {in_words(each, was)} → {in_words(each, becomes)}"
    for option in OPTIONS:
        said, says = answer_of(before, option), answer_of(after, option)
        if said != says:
            yield f"{option.label}: {option.words(said)} → {option.words(says)}"
    for key, what, times, unit in (
        ("remote_fit", "worth at a distance", 100, "%"),
        ("theme_radius_km", "no visits beyond", 1, " km"),
        ("latent_days", "modelled where nothing is said", 1, " days for each 100 pupils"),
        ("sides", "group cut off by water", 1, ""),
    ):
        was, becomes = before.get(key, {}), after.get(key, {})
        for code in sorted({*was, *becomes}):
            if was.get(code) != becomes.get(code):
                value = f"{becomes[code] * times:g}{unit}" if code in becomes else "as by default"
                yield f"{names.get(code, code)}, {what}: {value}"
    first, then = set(before.get(PRIORITY_THEMES, [])), set(after.get(PRIORITY_THEMES, []))
    for code in sorted(then - first):
        yield f"{names.get(code, code)}: now a priority"
    for code in sorted(first - then):
        yield f"{names.get(code, code)}: no longer a priority"
