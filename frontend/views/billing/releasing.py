"""Pages of releasing organisations: claims for cover, and self-billing agreements."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms import settling as settling_forms
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.billing import actions, queries
from marketplace.bookings import queries as bookings
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations.models import Organisation


@signed_in
def claims(request: HttpRequest) -> HttpResponse:
    """Claims for cover, and the delivered days for which one may still be made."""
    rows = queries.claims_visible_to(request.actor)
    context = {
        "page": page_of(request, rows),
        "claimable": queries.claimable_bookings(request.actor)[:20],
    }
    return render(request, "frontend/billing/settlement/claims.html", context)


@signed_in
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    """Claim cover for a delivered booking."""
    booking = bookings.booking_for(request.actor, reference)
    if not queries.claimable_bookings(request.actor).filter(pk=booking.pk).exists():
        raise NotFound
    form = settling_forms.ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.claim_backfill(
                actor=request.actor,
                booking=booking,
                pence=form.cleaned_data["amount"],
                cover=form.cleaned_data["cover"],
                note=form.cleaned_data["note"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Claim for {booking.reference} sent to {booking.provider}.")
            return redirect("settling:claims")
    context = {"form": form, "booking": booking, "share": booking.price["shares"]["releasing_school"]}
    return render(
        request, "frontend/billing/settlement/claim.html", context, status=422 if form.errors else 200
    )


@signed_in
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Accept or refuse a claim, or take one's own back."""
    found = queries.claim_for(request.actor, reference)
    verb = request.POST.get("verb", "")
    form = settling_forms.ReasonForm(request.POST if verb == "refuse" else None)
    if request.method == "POST":
        try:
            if verb == "accept":
                actions.accept_backfill(actor=request.actor, claim=found)
            elif verb == "withdraw":
                actions.withdraw_backfill(actor=request.actor, claim=found)
            elif verb == "refuse" and form.is_valid():
                actions.refuse_backfill(actor=request.actor, claim=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            if verb != "refuse":
                raise
            add_domain_error(form, error)
        if not form.errors:
            messages.success(request, f"Claim {found.reference}: done.")
            return redirect("settling:claims")
    context = {
        "form": form,
        "claim": found,
        "may_decide": found.status == "claimed" and queries.may_settle(request.actor, found.booking.provider),
        "may_withdraw": found.status == "claimed"
        and request.actor.holds(*queries.RELEASING_READERS, at=found.booking.releasing_organisation_id),
    }
    return render(
        request, "frontend/billing/settlement/decide.html", context, status=422 if form.errors else 200
    )


@signed_in
def self_billing(request: HttpRequest) -> HttpResponse:
    """Self-billing agreements of the person's organisations, and signing one."""
    suppliers = Organisation.objects.filter(pk__in=request.actor.organisations(*queries.SIGNATORIES))
    brokers = Organisation.objects.filter(bookings_as_provider__releasing_organisation__in=suppliers)
    today = local(timezone.now()).date()
    form = settling_forms.SelfBillingForm(
        request.POST or None,
        suppliers=suppliers.order_by("name"),
        brokers=brokers.exclude(pk__in=suppliers).distinct().order_by("name"),
        initial={"signed_name": request.actor.name, "starts_on": today},
    )
    if request.method == "POST" and form.is_valid():
        try:
            signed = actions.agree_self_billing(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{signed.broker} now writes the invoices of {signed.supplier} to it.")
            return redirect("settling:self_billing")
    rows: list[dict[str, Any]] = [
        {"agreement": row, "holds": row.holds_on(today)}
        for row in queries.self_billing_visible_to(request.actor)
    ]
    context = {"form": form, "agreements": rows, "may_sign": form.fields["broker"].queryset.exists()}
    return render(
        request, "frontend/billing/settlement/self_billing.html", context, status=422 if form.errors else 200
    )


@signed_in
@require_POST
def end_self_billing(request: HttpRequest, reference: str) -> HttpResponse:
    """End a self-billing agreement today."""
    found = queries.self_billing_visible_to(request.actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    actions.end_self_billing(actor=request.actor, agreement=found)
    messages.success(request, "The agreement ends today.")
    return redirect("settling:self_billing")
