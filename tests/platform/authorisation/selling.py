"""What selling adds to the world: a window, packages on sale and in draft, terms in draft, baskets open and ordered."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from marketplace.buyback.models import BuyBackWindow
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, contract_year
from tests.builders import a_basket, a_package, a_window, an_edition, terms_of

ACCEPTANCE = {"accepted_name": "Jo Marsh", "accepted_capacity": "Headteacher"}


def lay_out(world: Any) -> None:
    """A window taking orders, what the provider sells in it, and baskets of the buying school."""
    provider, school = world.scene.provider, world.scene.school
    # Years ahead, so that no agreement of the world has this window already.
    coming = contract_year(FINANCIAL, timezone.localdate()).start
    world.order_window = a_window(world.area, first_day=coming.replace(year=coming.year + 4))
    following = world.order_window.dates.last_day + timedelta(days=1)
    world.window_after = a_window(world.area, first_day=following, state="hidden")
    world.on_sale = an_edition(a_package(provider), window=world.order_window)
    world.draft_edition = an_edition(a_package(provider), window=world.order_window, status="draft")
    world.draft_terms = terms_of(provider, published=False)
    world.ordered_basket = a_basket(
        school, window=world.order_window, status="submitted", submitted_at=timezone.now()
    )
    world.basket = a_basket(school, editions=[world.on_sale])
    world.basket_line = world.basket.lines.get()


def _day(name: str, day: date) -> dict[str, Any]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def _window_days(first_day: date) -> dict[str, Any]:
    return {
        **_day("prices_visible_from", first_day - timedelta(days=60)),
        **_day("orders_from", first_day - timedelta(days=30)),
        **_day("closes_on", first_day),
        "late_rule": "full_price",
    }


def _a_year_without_window(world: Any) -> dict[str, Any]:
    """A contract year on offer that nobody has laid out a window for, and days that suit it."""
    taken = set(BuyBackWindow.objects.values_list("calendar", "first_day"))
    running = contract_year(ACADEMIC, timezone.localdate()).start
    years = (running.replace(year=running.year + ahead) for ahead in (2, 1))
    first_day = next(day for day in years if (str(ACADEMIC), day) not in taken)
    return {"year": f"{ACADEMIC}:{first_day}"} | _window_days(first_day)


def _about(world: Any) -> dict[str, Any]:
    return {
        "name": "Another package",
        "summary": "Days through the year.",
        "service_kind": "improvement",
        "activity_basis": "traded",
    }


VALUES: dict[str, Any] = {
    "buyback reference": lambda w: w.basket.reference,
    "buyback:window reference": lambda w: w.order_window.reference,
    "buyback:ordered reference": lambda w: w.ordered_basket.reference,
    "buyback:change_line number": lambda w: w.basket_line.pk,
    "buyback seller": lambda w: w.scene.provider.reference,
    "buyback number": lambda w: w.draft_terms.number,
    "buyback package": lambda w: w.draft_edition.package.reference,
    "buyback:package package": lambda w: w.on_sale.package.reference,
    "buyback window": lambda w: w.order_window.reference,
    "buyback name": lambda w: "about",
    "buyback kind": lambda w: "fixed",
    "buyback verb": lambda w: "publish",
    "buy reference": lambda w: w.order_window.reference,
    "package pk": lambda w: w.on_sale.pk,
    "basket reference": lambda w: w.basket.reference,
}

BODIES: dict[str, Any] = {
    "buyback:new_window": _a_year_without_window,
    "buyback:window": lambda w: _window_days(w.order_window.first_day),
    "buyback:new_terms": lambda w: {"body": "We come on time."},
    "buyback:edit_terms": lambda w: {"body": "We come on time."},
    "buyback:new_package": lambda w: _about(w) | {"window": w.order_window.reference},
    "buyback:edition_section": _about,
    "buyback:edition_price": lambda w: {"amount_pence": "1200"},
    "buyback:copy_edition": lambda w: {"window": w.window_after.reference},
    "buyback:package": lambda w: {"years": "1", "schools": [w.scene.school.urn]},
    "buyback:change_line": lambda w: {"years": "2"},
    "buyback:submit_basket": lambda w: ACCEPTANCE | {"accepts": "on"},
    "basket-list": lambda w: {
        "owner": w.scene.school.organisation.reference,
        "package": w.on_sale.package.reference,
        "window": w.order_window.reference,
        "years": 1,
        "level": "",
    },
    "basket-remove": lambda w: {"lines": [w.basket_line.pk]},
    "basket-submit": lambda w: ACCEPTANCE,
}
