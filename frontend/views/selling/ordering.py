"""The order page: every package on sale with the price for one's own school, and one package in full."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from frontend.forms.selling import OfferingsForm, PutForm
from frontend.forms.selling.ordering import length
from frontend.views.catalogue.posting import posted
from frontend.views.selling import presenting
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import BasketLine, BuyBackWindow, PackageEdition
from marketplace.buyback.queries import SchoolPrice, Wish, prices_for
from marketplace.buyback.rules.windows import standing
from marketplace.catalogue import queries as catalogue
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation, School

SINGLE_OFFERS_SHOWN = 5


@dataclass(frozen=True)
class Offering:
    """An edition with its price for each school of the buyer, one year long."""

    edition: PackageEdition
    prices: list[SchoolPrice]

    @property
    def priced(self) -> list[SchoolPrice]:
        """Those that have a price."""
        return [price for price in self.prices if price.explanation]

    @property
    def net_pence(self) -> int | None:
        """All schools together, a whole year each; `None` where no school has a price."""
        return sum(price.year_pence or 0 for price in self.priced) if self.priced else None

    @property
    def sort_pence(self) -> int:
        """For sorting: those without a price last."""
        return self.net_pence if self.net_pence is not None else 10**12


@signed_in
def order(request: HttpRequest) -> HttpResponseBase:
    """Every package on sale in a window, each with the price for the school or for all schools of the trust."""
    buyer = _buyer(request)
    windows = queries.windows_for(buyer, on=timezone.localdate())
    window = _window(request, windows)
    if window is None:
        coming = queries.next_windows_for(buyer, on=timezone.localdate())
        context = {"buyer": buyer, "buyers": _buyers(request, buyer), "coming": coming}
        return render(request, "frontend/selling/order_none.html", context)
    schools = queries.schools_to_buy_for(buyer, window)
    offerings = _offerings(window, schools)
    sellers = {each.edition.package.seller.reference: each.edition.package.seller.name for each in offerings}
    filters = OfferingsForm(request.GET, sellers=list(sellers.items()))
    offerings = _sorted(_filtered(offerings, filters), request.GET.get("sort", "name"))
    if request.GET.get("format") == "csv":
        return csv_response(_csv(offerings), f"buy-back-prices-{window.year_label.replace('/', '-')}.csv")
    page = page_of(request, offerings, per_page=30)
    page.object_list = [_card(each, buyer) for each in page.object_list]
    basket = queries.open_basket(buyer, window)
    context = {
        "buyer": buyer,
        "buyers": _buyers(request, buyer),
        "window": window,
        "stands": standing(window.dates, timezone.localdate()),
        "tabs": _tabs(request, windows, window),
        "filter_form": filters,
        "page": page,
        "schools": schools,
        "basket": basket,
        "in_basket": basket.lines.count() if basket else 0,
        "sorts": _sorts(request),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/selling/order.html", context)


@signed_in
def package(request: HttpRequest, package: str, window: str) -> HttpResponse:
    """One package in full, with the price of each length and level, and the form that puts it into the basket."""
    buyer = _buyer(request)
    edition = queries.edition_on_sale(package, window, on=timezone.localdate())
    schools = queries.schools_to_buy_for(buyer, edition.window)
    if not schools:
        raise NotFound
    first = [
        presenting.shown(price)
        for price in prices_for(
            [Wish(edition, school, edition.term_years[0]) for school in schools], on=timezone.localdate()
        )
    ]
    held = {each["price"].wish.school.pk for each in first if _is_held(each["price"])}
    free = [school for school in schools if school.pk not in held]
    in_basket = queries.lines_in_basket(buyer, edition)
    form = _put_form(request, edition, free, first, in_basket)
    if request.method == "POST" and form.is_valid() and free:
        try:
            basket = actions.put_in_basket(
                actor=request.actor,
                owner=buyer,
                edition=edition,
                schools=form.schools_chosen,
                years=form.cleaned_data["years"],
                level=form.chosen_level,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _put_words(edition, form, in_basket))
            return redirect("buyback:basket", basket.reference)
    stands = standing(edition.window.dates, timezone.localdate())
    context = {
        "buyer": buyer,
        "edition": edition,
        "window": edition.window,
        "stands": stands,
        "in_basket": in_basket,
        "form": form if stands.can_fill and free and queries.may_fill(request.actor, buyer) else None,
        "included": presenting.included(edition),
        "how_used": presenting.how_used(edition),
        "carry_forward": presenting.carry_forward(edition),
        "tariff": presenting.tariff(edition),
        "prices": first,
        "is_trust": len(schools) > 1,
        "total_pence": sum(each["price"].year_pence or 0 for each in first),
        "options": _options(edition, schools[0]) if len(schools) == 1 else [],
        "single": catalogue.published_offers(request.actor).filter(provider=edition.package.seller)[
            :SINGLE_OFFERS_SHOWN
        ],
        "back": reverse("buyback:order") + f"?for={buyer.reference}&window={edition.window.reference}",
    }
    return render(
        request,
        "frontend/selling/package.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


# Whose and which ------------------------------------------------------------------------------------------------------


def _buyer(request: HttpRequest) -> Organisation:
    buyer = queries.acting_buyer(request.actor, request.GET.get("for", ""))
    if buyer is None:
        raise NotFound
    return buyer


def _buyers(request: HttpRequest, buyer: Organisation) -> list[dict[str, Any]]:
    """Those one can choose between, for a person who buys for several."""
    found = [
        {"value": each.reference, "text": each.name, "selected": each.pk == buyer.pk}
        for each in queries.buyers_of(request.actor)
    ]
    return found if len(found) > 1 else []


def _window(request: HttpRequest, windows: list[BuyBackWindow]) -> BuyBackWindow | None:
    wanted = request.GET.get("window", "")
    return next((each for each in windows if each.reference == wanted), windows[0] if windows else None)


def _tabs(request: HttpRequest, windows: list[BuyBackWindow], current: BuyBackWindow) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{each.year_label} ({'April to March' if each.calendar == 'financial' else 'September to August'})",
            "href": "?" + query_string(request, window=each.reference, page=None),
            "current": each.pk == current.pk,
        }
        for each in windows
    ]


# Prices ---------------------------------------------------------------------------------------------------------------


def _offerings(window: BuyBackWindow, schools: list[School]) -> list[Offering]:
    editions = list(queries.editions_on_sale(on=timezone.localdate(), window=window))
    wishes = [Wish(edition, school) for edition in editions for school in schools]
    prices: dict[int, list[SchoolPrice]] = {edition.pk: [] for edition in editions}
    for price in prices_for(wishes, on=timezone.localdate()):
        prices[price.wish.edition.pk].append(price)
    return [Offering(edition, prices[edition.pk]) for edition in editions]


def _filtered(offerings: list[Offering], filters: OfferingsForm) -> list[Offering]:
    if not filters.is_valid():
        return offerings
    words = filters.cleaned_data["q"].casefold().split()
    sellers = filters.cleaned_data["seller"]
    return [
        each
        for each in offerings
        if (not sellers or each.edition.package.seller.reference in sellers)
        and all(word in _text(each.edition) for word in words)
    ]


def _text(edition: PackageEdition) -> str:
    return " ".join(
        (edition.package.name, edition.package.seller.name, edition.summary, edition.description)
    ).casefold()


def _sorts(request: HttpRequest) -> list[dict[str, Any]]:
    current = request.GET.get("sort", "name")
    return [
        {"text": by, "query": query_string(request, sort=by, page=None), "current": by == current}
        for by in ("name", "seller", "price")
    ]


def _sorted(offerings: list[Offering], by: str) -> list[Offering]:
    key = {
        "price": lambda each: (each.sort_pence, each.edition.package.name),
        "seller": lambda each: (each.edition.package.seller.name, each.edition.package.name),
    }.get(by, lambda each: (each.edition.package.name, each.edition.pk))
    return sorted(offerings, key=key)


def _card(offering: Offering, buyer: Organisation) -> dict[str, Any]:
    """One package on the order page."""
    edition, prices = offering.edition, offering.prices
    one = presenting.shown(prices[0]) if len(prices) == 1 else None
    amounts = sorted(price.year_pence or 0 for price in offering.priced)
    held = [price for price in prices if _is_held(price)]
    return {
        "edition": edition,
        "included": presenting.included(edition),
        "lengths": presenting.lengths(edition),
        "carry_forward": presenting.carry_forward(edition),
        "tariff": presenting.tariff(edition),
        "one": one,
        "net_pence": offering.net_pence,
        "least": amounts[0] if amounts else None,
        "most": amounts[-1] if amounts else None,
        "next_pence": sum(price.next_year.pence or 0 for price in offering.priced),
        "without": len(prices) - len(amounts),
        "has_levels": bool(queries.levels_of(edition)),
        "held": held,
        "in_force": any(price.held and price.held.is_in_force for price in held),
        "href": presenting.edition_url("package", edition) + f"?for={buyer.reference}",
    }


def _is_held(price: SchoolPrice) -> bool:
    return price.held is not None and price.held.covers_window


def _options(edition: PackageEdition, school: School) -> list[dict[str, Any]]:
    """The price of every level and length on offer."""
    levels = queries.levels_of(edition) or ("",)
    wishes = [Wish(edition, school, years, level) for level in levels for years in edition.term_years]
    return [presenting.shown(price) for price in prices_for(wishes, on=timezone.localdate())]


def _put_words(edition: PackageEdition, form: PutForm, before: list[BasketLine]) -> str:
    """What is in the basket now, and how that differs from what was."""
    chosen = {school.pk for school in form.schools_chosen}
    now = ", ".join(filter(None, [length(form.cleaned_data["years"]), form.chosen_level]))
    was = {
        ", ".join(filter(None, [length(line.years), line.level]))
        for line in before
        if line.school_id in chosen
    }
    changed = f", no longer for {' or '.join(sorted(was - {now}))}" if was - {now} else ""
    return f"{edition.package} is in the basket for {now}{changed}."


def _put_form(
    request: HttpRequest,
    edition: PackageEdition,
    schools: list[School],
    prices: list[dict[str, Any]],
    in_basket: list[BasketLine],
) -> PutForm:
    hints = {}
    for each in prices:
        price: SchoolPrice = each["price"]
        words = f"{pounds(price.year_pence)} a year" if price.year_pence is not None else price.problem
        hints[str(price.wish.school.urn)] = words
    initial = {
        "years": in_basket[0].years if in_basket else edition.term_years[0],
        "level": in_basket[0].level if in_basket else "",
        "schools": [str(school.urn) for school in schools],
    }
    return PutForm(posted(request), edition=edition, schools=schools, hints=hints, initial=initial)


def _csv(offerings: list[Offering]) -> Iterator[list[object]]:
    yield [
        "Package",
        "Reference",
        "Seller",
        "School",
        "URN",
        "Included",
        "Price a year before VAT",
        "VAT",
        "Paid by",
        "Next year",
        "This year",
        "Why there is no price",
    ]
    for offering in offerings:
        for price in offering.prices:
            edition, school = offering.edition, price.wish.school
            year = price.year_pence
            yield [
                edition.package.name,
                edition.package.reference,
                edition.package.seller.name,
                school.organisation.name,
                school.urn,
                ", ".join(presenting.included(edition)),
                _amount(year),
                _amount(price.vat_pence) if year is not None else "",
                presenting.ROUTES[price.route.kind],
                _amount(price.next_year.pence),
                _amount(price.held.year_pence) if price.held else "",
                price.problem,
            ]


def _amount(pence: int | None) -> str:
    """An amount a spreadsheet reads as a number: `1234.50`."""
    return "" if pence is None else f"{pence // 100}.{pence % 100:02d}"
