"""What cancelling costs, as a page: the same for an offer and for a package."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from frontend.forms.catalogue import TariffForm
from frontend.views.catalogue.posting import posted
from marketplace.catalogue.presets import STANDARD, TARIFFS


def tariff_page(
    request: HttpRequest,
    *,
    title: str,
    tariff: dict[str, Any],
    back: str,
    save: Callable[[TariffForm, dict[str, Any]], HttpResponse | None],
    is_next: bool = False,
) -> HttpResponse:
    """The form of a tariff, from the one it has or from the example asked for (`?start=`).

    `save` gets the form and the data, and gives the answer, or nothing where a rule's refusal now stands on the form.
    """
    start = TARIFFS.get(request.GET.get("start", ""))
    form = TariffForm(posted(request), tariff=start.data if start else tariff or TARIFFS[STANDARD].data)
    more = form.asks_for_more
    if request.method == "POST" and not more and form.is_valid():
        answer = save(form, form.cleaned_data["tariff"])
        if answer is not None:
            return answer
    if more:
        form.full_clean()
        form.errors.clear()
    context = {
        "form": form,
        "title": title,
        "back": back,
        "is_next": is_next,
        "start": start,
        "examples": TARIFFS.values(),
    }
    return render(
        request, "frontend/catalogue/tariff.html", context, status=422 if form.errors and not more else 200
    )
