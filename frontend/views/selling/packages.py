"""What a seller sells by the year: its packages, one edition with what is still to do, and its sections to fill in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.catalogue import KindForm, PriceForm
from frontend.forms.selling import AboutForm, CopyForm, IncludesForm, NewPackageForm, SellingTermsForm
from frontend.views.catalogue.cancelling import tariff_page
from frontend.views.catalogue.posting import posted
from frontend.views.catalogue.presenting import EXAMPLE_SCHOOLS
from frontend.views.selling import presenting
from frontend.views.selling.presenting import edition_url
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.editions import EditionContent, content_of, problems_of
from marketplace.buyback.models import BuyBackWindow, EditionStatus, PackageEdition
from marketplace.buyback.queries.prices import example_price
from marketplace.buyback.rules.windows import standing
from marketplace.buyback.selling_errors import EditionIncomplete
from marketplace.catalogue.pricing import KINDS
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound

SECTIONS = {
    "about": "What it is",
    "includes": "What is included",
    "price": "Price",
    "cancelling": "What cancelling costs",
    "terms": "Lengths, unused days and terms",
}
FIELD_OF = {"inclusions": "quantity-0"}


@signed_in
def packages(request: HttpRequest) -> HttpResponse:
    """The packages one keeps, an edition a line, the latest contract year first."""
    sellers = queries.sellers_of(request.actor)
    if not sellers:
        raise NotFound
    today = timezone.localdate()
    rows = queries.editions_kept_by(request.actor)
    wanted = request.GET.get("window", "")
    windows = {edition.window.reference: edition.window for edition in rows}
    if wanted in windows:
        rows = rows.filter(window=windows[wanted])
    page = page_of(request, rows)
    page.object_list = [
        {"edition": each, "stands": standing(each.window.dates, today)} for each in page.object_list
    ]
    tabs = [
        {"text": "All", "href": "?", "current": wanted not in windows},
        *(
            {"text": window.year_label, "href": f"?window={ref}", "current": ref == wanted}
            for ref, window in windows.items()
        ),
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "many_sellers": len(sellers) > 1,
        "has_windows": bool(_windows(request)),
    }
    return render(request, "frontend/selling/packages.html", context)


@signed_in
def new_package(request: HttpRequest) -> HttpResponse:
    """Start a package in a window."""
    sellers, windows = list(queries.sellers_of(request.actor)), _windows(request)
    if not sellers:
        raise NotFound
    form = NewPackageForm(posted(request), sellers=sellers, windows=windows)
    if request.method == "POST" and form.is_valid():
        terms = form.seller.terms.filter(published_at__isnull=False).first()
        try:
            edition = actions.start_package(
                actor=request.actor,
                seller=form.seller,
                name=form.cleaned_data["name"],
                window=form.window_chosen,
                content=EditionContent(**form.part(), terms=terms),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Draft saved. Fill in the rest, then put it on sale.")
            return redirect(edition_url("my_edition", edition))
    context = {"form": form, "heading": "New package", "no_windows": not windows}
    return render(request, "frontend/selling/section.html", context, status=422 if form.errors else 200)


@signed_in
def my_edition(request: HttpRequest, package: str, window: str) -> HttpResponse:
    """One edition for its seller: what it says, what is missing, what can be done."""
    edition = queries.edition_kept_by(request.actor, package, window)
    today = timezone.localdate()
    rows = presenting.edition_rows(edition)
    is_draft = edition.status == EditionStatus.DRAFT
    context = {
        "edition": edition,
        "stands": standing(edition.window.dates, today),
        "is_draft": is_draft,
        "tasks": _tasks(edition) if is_draft else [],
        "sections": [
            {"title": title, "rows": rows[name], "change_url": edition_url("edition_section", edition, name)}
            for name, title in SECTIONS.items()
        ],
        "examples": [example_price(edition, school, on=today) for school in EXAMPLE_SCHOOLS]
        if edition.price_rule
        else [],
        "may_copy": bool(_copy_windows(request, edition)),
        "history": history.of(edition),
    }
    return render(request, "frontend/selling/my_edition.html", context)


@signed_in
def edition_section(request: HttpRequest, package: str, window: str, name: str) -> HttpResponse:
    """One section of a draft to fill in."""
    if name not in SECTIONS:
        raise NotFound
    edition = queries.edition_kept_by(request.actor, package, window)
    if name == "price":
        return redirect(edition_url("edition_price_kind", edition))
    content = content_of(edition)
    if name == "cancelling":
        return _cancelling(request, edition, content)
    form: Any = _section_form(name, posted(request), edition, content)
    more = name == "includes" and form.is_bound and form.asks_for_more
    if request.method == "POST" and form.is_valid() and not more:

        def save() -> None:
            if name == "about":
                actions.rename_package(
                    actor=request.actor, package=edition.package, name=form.cleaned_data["name"]
                )
            actions.edit_edition(
                actor=request.actor, edition=edition, content=replace(content, **form.part())
            )

        if _done(request, form, save):
            return redirect(edition_url("my_edition", edition))
    if more:
        form.errors.clear()
    context = {"form": form, "heading": SECTIONS[name], "edition": edition}
    template = "includes" if name == "includes" else "section"
    return render(
        request,
        f"frontend/selling/{template}.html",
        context,
        status=422 if form.errors and not more else 200,
    )


def _cancelling(request: HttpRequest, edition: PackageEdition, content: EditionContent) -> HttpResponse:
    here = edition_url("my_edition", edition)

    def save(form: Any, tariff: dict[str, Any]) -> HttpResponse | None:
        changed = replace(content, cancellation_tariff=tariff)
        saved = _done(
            request,
            form,
            lambda: actions.edit_edition(actor=request.actor, edition=edition, content=changed),
        )
        return redirect(here) if saved else None

    return tariff_page(
        request, title=edition.package.name, tariff=content.cancellation_tariff, back=here, save=save
    )


@signed_in
def edition_price_kind(request: HttpRequest, package: str, window: str) -> HttpResponse:
    """First step of the price: which kind."""
    edition = queries.edition_kept_by(request.actor, package, window)
    form = KindForm(
        request.GET if "kind" in request.GET else None, initial={"kind": edition.price_rule.get("kind")}
    )
    if form.is_bound and form.is_valid():
        return redirect(edition_url("edition_price", edition, form.cleaned_data["kind"]))
    context = {"form": form, "title": edition.package.name, "back": edition_url("my_edition", edition)}
    return render(request, "frontend/catalogue/price_kind.html", context, status=422 if form.errors else 200)


@signed_in
def edition_price(request: HttpRequest, package: str, window: str, kind: str) -> HttpResponse:
    """Second step of the price: its fields, the changes to it, the days on which it holds."""
    if kind not in KINDS:
        raise NotFound
    edition = queries.edition_kept_by(request.actor, package, window)
    form = PriceForm(posted(request), kind=kind, rule=edition.price_rule)
    more = form.is_bound and form.asks_for_more
    if request.method == "POST" and not more and form.is_valid():
        rule = form.cleaned_data["rule"]
        if _done(
            request,
            form,
            lambda: actions.set_price_rule(actor=request.actor, edition=edition, rule=rule),
        ):
            return redirect(edition_url("my_edition", edition))
    if more:
        form.full_clean()
        form.errors.clear()
    context = {
        "form": form,
        "kind": KINDS[kind],
        "title": f"{edition.package.name}: the price of one year",
        "back": edition_url("edition_price_kind", edition),
        "cancel": edition_url("my_edition", edition),
    }
    return render(
        request, "frontend/catalogue/price.html", context, status=422 if form.errors and not more else 200
    )


@signed_in
def copy_edition(request: HttpRequest, package: str, window: str) -> HttpResponse:
    """Start the edition of another window from this one."""
    edition = queries.edition_kept_by(request.actor, package, window)
    form = CopyForm(posted(request), windows=_copy_windows(request, edition))
    if request.method == "POST" and form.is_valid():
        try:
            copy = actions.copy_edition(actor=request.actor, edition=edition, window=form.window_chosen)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Copied. Check the price and the terms, then put it on sale.")
            return redirect(edition_url("my_edition", copy))
    context = {
        "form": form,
        "heading": "Copy into another window",
        "edition": edition,
        "submit": "Copy",
        "no_windows": not form.windows,
    }
    return render(request, "frontend/selling/section.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def move_edition(request: HttpRequest, package: str, window: str, verb: str) -> HttpResponse:
    """Put an edition on sale, take it off, or throw a draft away."""
    if verb not in MOVES:
        raise NotFound
    edition = queries.edition_kept_by(request.actor, package, window)
    act, said = MOVES[verb]
    try:
        act(actor=request.actor, edition=edition)
    except EditionIncomplete as error:
        for problem in error.problems.values():
            messages.error(request, problem)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
        if verb == "discard":
            return redirect("buyback:packages")
    return redirect("buyback:my_edition", package, window)


MOVES: dict[str, tuple[Callable[..., Any], str]] = {
    "publish": (actions.publish_edition, "On sale. Schools see it as soon as the window shows prices."),
    "withdraw": (actions.withdraw_edition, "Off sale. Agreements already made stand."),
    "discard": (actions.discard_edition, "The draft is gone."),
}


# Reading and writing --------------------------------------------------------------------------------------------------


def _windows(request: HttpRequest) -> list[BuyBackWindow]:
    """Windows whose contract year is not over, those of the sellers' own areas first."""
    today = timezone.localdate()
    own = {seller.area_id for seller in queries.sellers_of(request.actor)}
    current = [window for window in queries.windows() if window.dates.last_day >= today]
    return sorted(current, key=lambda window: (window.area_id not in own, window.first_day))


def _copy_windows(request: HttpRequest, edition: PackageEdition) -> list[BuyBackWindow]:
    """Where the package has no edition yet, or only one that was withdrawn."""
    taken = set(
        edition.package.editions.exclude(status=EditionStatus.WITHDRAWN).values_list("window", flat=True)
    )
    return [window for window in _windows(request) if window.pk not in taken]


def _section_form(name: str, data: Any, edition: PackageEdition, content: EditionContent) -> Any:
    if name == "about":
        return AboutForm(data, initial=AboutForm.initial_of(content) | {"name": edition.package.name})
    if name == "includes":
        return IncludesForm(data, included=content.inclusions)
    published = edition.package.seller.terms.filter(published_at__isnull=False)
    return SellingTermsForm(
        data, terms=list(published), content=content, initial=SellingTermsForm.initial_of(content)
    )


def _done(request: HttpRequest, form: Any, act: Callable[[], Any]) -> bool:
    """Whether it was written; a rule's refusal stands on the form."""
    try:
        act()
    except DomainError as error:
        error.field = FIELD_OF.get(error.field, error.field)
        add_domain_error(form, error)
        return False
    messages.success(request, "Saved.")
    return True


def _tasks(edition: PackageEdition) -> list[dict[str, Any]]:
    problems = dict(problems_of(edition, content_of(edition), on=timezone.localdate()))
    return [
        {
            "text": title,
            "href": edition_url("edition_section", edition, name),
            "hint": problems.get(name, ""),
            "status": "To do" if name in problems else "Done",
            "colour": "blue" if name in problems else "",
        }
        for name, title in SECTIONS.items()
    ]
