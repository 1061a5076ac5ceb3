"""A seller's terms: to write, to publish, to read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from frontend.forms.selling import TermsForm
from frontend.views.catalogue.posting import posted
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.buyback import actions, queries
from marketplace.kernel.errors import DomainError, NotFound


@signed_in
def terms_list(request: HttpRequest) -> HttpResponse:
    """The terms of the organisations one sells for, in all versions."""
    sellers = queries.sellers_of(request.actor)
    if not sellers:
        raise NotFound
    rows = queries.terms_visible_to(request.actor).filter(seller__in=sellers)
    page = page_of(request, rows.order_by("seller__name", "-number"))
    return render(
        request, "frontend/selling/terms_list.html", {"page": page, "many_sellers": len(sellers) > 1}
    )


@signed_in
def new_terms(request: HttpRequest) -> HttpResponse:
    """Start the next version, from the words of the latest."""
    sellers = list(queries.sellers_of(request.actor))
    if not sellers:
        raise NotFound
    latest = (
        queries.terms_visible_to(request.actor).filter(seller__in=sellers).order_by("-number").first()
        if len(sellers) == 1
        else None
    )
    initial = {"title": latest.title, "body": latest.body} if latest else {}
    form = TermsForm(posted(request), sellers=sellers, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            terms = actions.draft_terms(
                actor=request.actor, seller=form.seller, title=data["title"], body=data["body"]
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Draft saved. Read it through, then publish it.")
            return redirect("buyback:terms", terms.seller.reference, terms.number)
    context = {"form": form, "heading": "New version of your terms"}
    return render(request, "frontend/selling/terms_form.html", context, status=422 if form.errors else 200)


@signed_in
def terms(request: HttpRequest, seller: str, number: int) -> HttpResponse:
    """Read a version."""
    row = queries.terms_by(request.actor, seller, number)
    context = {"terms": row, "may_keep": queries.may_sell_for(request.actor, row.seller_id)}
    return render(request, "frontend/selling/terms.html", context)


@signed_in
def edit_terms(request: HttpRequest, seller: str, number: int) -> HttpResponse:
    """Change a draft."""
    row = queries.terms_by(request.actor, seller, number)
    if not queries.may_sell_for(request.actor, row.seller_id):
        raise NotFound
    form = TermsForm(posted(request), initial={"title": row.title, "body": row.body})
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_terms(actor=request.actor, terms=row, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Draft saved.")
            return redirect("buyback:terms", seller, number)
    context = {"form": form, "heading": f"Change version {number}"}
    return render(request, "frontend/selling/terms_form.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def publish_terms(request: HttpRequest, seller: str, number: int) -> HttpResponse:
    """Publish a draft: it never changes again."""
    row = queries.terms_by(request.actor, seller, number)
    try:
        actions.publish_terms(actor=request.actor, terms=row)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Version {number} is published. You can choose it for your packages.")
    return redirect("buyback:terms", seller, number)
