"""A basket: what is in it and what it comes to, changing it, and ordering it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.selling import LineForm, SubmitForm
from frontend.views.catalogue.posting import posted
from frontend.views.selling import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.models import Basket, BasketStatus
from marketplace.buyback.queries import PricedBasket
from marketplace.buyback.queries.baskets import PricedLine
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import Organisation


@signed_in
def basket(request: HttpRequest, reference: str) -> HttpResponse:
    """What is in the basket, with totals per school and in all, and whose word each order needs."""
    row = queries.basket_for(request.actor, reference)
    if row.status == BasketStatus.SUBMITTED:
        return redirect("buyback:ordered", reference)
    priced = queries.priced_basket(row, on=timezone.localdate())
    may_fill = queries.may_fill(request.actor, row.owner) and row.status == BasketStatus.OPEN
    context = _shown(priced) | {
        "may_fill": may_fill,
        "may_order": may_fill and priced.stands.can_submit and priced.orders and not priced.problems,
        "packages_url": _packages_url(row),
        "tariffs": _tariffs(priced),
        "history": history.of(row),
    }
    return render(request, "frontend/selling/basket.html", context)


@signed_in
@require_POST
def change_line(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Another length or level for a line; or out of the basket with it."""
    row = queries.basket_for(request.actor, reference)
    line = row.lines.filter(pk=number).select_related("edition", "basket").first()
    if line is None:
        raise NotFound
    try:
        if "take_out" in request.POST:
            actions.take_out_of_basket(actor=request.actor, basket=row, lines=[line])
            messages.success(request, "Taken out of the basket.")
        else:
            form = LineForm(request.POST, edition=line.edition)
            if not form.is_valid():
                raise NotFound
            actions.change_basket_line(
                actor=request.actor, line=line, years=form.cleaned_data["years"], level=form.chosen_level
            )
            messages.success(request, "Changed.")
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        messages.error(request, str(error))
    return redirect("buyback:basket", reference)


@signed_in
@require_POST
def empty(request: HttpRequest, reference: str) -> HttpResponse:
    """Empty the basket."""
    row = queries.basket_for(request.actor, reference)
    try:
        actions.empty_basket(actor=request.actor, basket=row)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("buyback:basket", reference)
    messages.success(request, "The basket is empty.")
    return redirect(_packages_url(row))


@signed_in
def submit(request: HttpRequest, reference: str) -> HttpResponse:
    """Check the orders, accept the terms, and order."""
    row = queries.basket_for(request.actor, reference)
    if row.status == BasketStatus.SUBMITTED:
        return redirect("buyback:ordered", reference)
    if not queries.may_fill(request.actor, row.owner):
        raise NotFound
    priced = queries.priced_basket(row, on=timezone.localdate())
    accepts = queries.may_accept_for(request.actor, row.owner)
    form = SubmitForm(
        posted(request),
        orders=priced.orders,
        evidence=_evidence(request, priced),
        accepts=accepts,
        initial={"accepted_name": request.actor.name},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.submit_basket(actor=request.actor, basket=row, **form.arguments())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("buyback:ordered", reference)
    context = _shown(priced) | {
        "form": form,
        "accepts": accepts,
        "terms": priced.terms,
        "tariffs": _tariffs(priced),
    }
    return render(request, "frontend/selling/submit.html", context, status=422 if form.errors else 200)


@signed_in
def ordered(request: HttpRequest, reference: str) -> HttpResponse:
    """What became of the basket: its agreements, and what happens next."""
    row = queries.basket_for(request.actor, reference)
    if row.status != BasketStatus.SUBMITTED:
        return redirect("buyback:basket", reference)
    rows = queries.with_lines(queries.agreements_visible_to(request.actor).filter(basket=row))
    found = list(rows.order_by("buyer__name", "pk"))
    requirements = queries.requirements_of(found)
    context = {
        "basket": row,
        "agreements": [
            {
                "agreement": each,
                "net_pence": queries.first_year_pence(each),
                "waits": each.status == "awaiting_approval",
                "approver": requirements[each.pk].approver.in_full,
            }
            for each in found
        ],
        "is_trust": len({each.buyer_id for each in found}) > 1,
    }
    return render(request, "frontend/selling/ordered.html", context)


def _shown(priced: PricedBasket) -> dict[str, Any]:
    """The basket as its pages show it."""
    return {
        "basket": priced.basket,
        "window": priced.basket.window,
        "stands": priced.stands,
        "priced": priced,
        "is_trust": len(priced.schools) > 1 or priced.basket.owner.kind == "trust",
        "schools": [
            {
                "total": total,
                "orders": [
                    {
                        "order": order,
                        "lines": [_line(line) for line in order.lines],
                        "part": presenting.shown(order.lines[0].price)["part"],
                        "route": presenting.ROUTES[order.lines[0].price.route.kind],
                    }
                    for order in total.orders
                ],
            }
            for total in priced.schools
        ],
    }


def _line(priced: PricedLine) -> dict[str, Any]:
    line = priced.line
    form = LineForm(
        edition=line.edition,
        initial={"years": line.years, "level": line.level},
        auto_id=f"id_{line.pk}_%s",
    )
    return {
        "line": line,
        "priced": priced,
        "shown": presenting.shown(priced.price),
        "form": form,
        "can_change": len(form.fields["years"].choices) > 1 or "level" in form.fields,
    }


def _tariffs(priced: PricedBasket) -> list[dict[str, Any]]:
    """What cancelling costs: each tariff once, with the packages it is for."""
    found: dict[tuple[str, ...], list[str]] = {}
    for each in priced.lines:
        names = found.setdefault(tuple(presenting.tariff(each.line.edition)), [])
        if each.line.edition.package.name not in names:
            names.append(each.line.edition.package.name)
    return [{"packages": ", ".join(names), "sentences": sentences} for sentences, names in found.items()]


def _evidence(request: HttpRequest, priced: PricedBasket) -> list[Any]:
    """Complete quotes evidence of the schools that need it, and of their trust."""
    found: dict[int, Any] = {}
    for order in priced.orders:
        if order.requirement.quotes_needed:
            buyer: Organisation = order.school.organisation
            found |= {each.pk: each for each in queries.complete_evidence_of(request.actor, buyer)}
    return list(found.values())


def _packages_url(row: Basket) -> str:
    return reverse("buyback:order") + f"?for={row.owner.reference}&window={row.window.reference}"
