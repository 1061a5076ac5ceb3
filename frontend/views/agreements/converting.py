"""A school becomes an academy: the two halves of its agreement, what else passes with it, and what stays behind."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.agreements import ConvertForm, PassOnForm
from frontend.views.agreements import presenting
from frontend.views.tools import add_domain_error, query_string, signed_in
from marketplace.bookings import queries as bookings
from marketplace.bookings.models import LIVE
from marketplace.buyback import actions, queries
from marketplace.buyback.models import ServiceAgreement
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation

MOST_BOOKINGS_SHOWN = 50


@signed_in
def convert(request: HttpRequest, reference: str) -> HttpResponse:
    """First the date and who goes on; then the two halves, what else there is at the school, and the confirmation."""
    agreement = queries.agreement_for(request.actor, reference)
    today = local(timezone.now()).date()
    if "convert" not in queries.agreement_verbs_for(request.actor, agreement, today=today):
        return redirect("agreements:agreement", reference)
    successors = queries.successors_of(agreement)
    form = ConvertForm(request.GET or None, successors=successors, buyer=agreement.buyer)
    standing = _standing(form, agreement) if form.is_bound and form.is_valid() else None
    why = _pass_on_form(request, agreement, standing, today)
    if request.method == "POST" and standing is not None and why.is_valid():
        on, successor = form.chosen()
        try:
            now, *_ = actions.convert_agreements(
                actor=request.actor,
                agreements=[agreement.reference, *why.references],
                on=on,
                successor=successor,
                reason=why.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(why, error)
        else:
            messages.success(request, _done(1 + len(why.references), on, has_passed=now.pk != agreement.pk))
            return redirect("agreements:agreement", now.reference if _sees(request, now) else reference)
    context = {
        "form": form,
        "why": why,
        "standing": standing,
        "agreement": agreement,
        "rows": presenting.party_rows(agreement),
        "is_to_come": standing is not None and standing.conversion.first_day > today,
        "query": query_string(request),
    }
    if standing is not None:
        context |= _left_behind(
            request.actor, agreement.buyer, standing.successor, max(form.chosen()[0], today)
        )
    wrong = form.errors or (request.method == "POST" and why.errors)
    return render(request, "frontend/agreements/convert.html", context, status=422 if wrong else 200)


def _standing(form: ConvertForm, agreement: ServiceAgreement) -> queries.ConversionStanding | None:
    on, successor = form.chosen()
    try:
        return queries.conversion_standing(agreement, on, successor)
    except DomainError as error:
        add_domain_error(form, error)
        return None


def _pass_on_form(
    request: HttpRequest,
    agreement: ServiceAgreement,
    standing: queries.ConversionStanding | None,
    today: date,
) -> PassOnForm:
    others = []
    if standing is not None:
        others = queries.also_convertible(
            request.actor, agreement, standing.conversion.first_day, standing.successor, today=today
        )
    choices = [(each.agreement.reference, _in_words(each)) for each in others]
    return PassOnForm(request.POST if request.method == "POST" else None, others=choices)


def _in_words(each: queries.AlsoConvertible) -> str:
    parts = each.standing.conversion.parts
    return (
        f"{each.agreement.reference}, {each.agreement.seller}: {pounds(parts.before_pence)} maintained,"
        f" {pounds(parts.after_pence)} academy"
    )


def _left_behind(actor: Actor, school: Organisation, successor: Organisation, since: date) -> dict[str, Any]:
    """What does not pass with an agreement: bookings to come and baskets, as far as the person may see them; and the credits that do."""
    coming = bookings.visible_to(actor).filter(receiving_school=school, status__in=LIVE, day__gte=since)
    goes_on = school.pk == successor.pk
    return {
        "goes_on": goes_on,
        "coming": coming.order_by("starts_at", "pk")[:MOST_BOOKINGS_SHOWN],
        "baskets": queries.baskets_being_filled(actor, school),
        "credits": 0 if goes_on or not _sees_credits(actor, school) else queries.credits_of(school.pk)[0],
    }


def _sees_credits(actor: Actor, school: Organisation) -> bool:
    return queries.holders_visible_to(actor).filter(pk=school.pk).exists()


def _done(many: int, on: date, *, has_passed: bool) -> str:
    what = "The agreement" if many == 1 else f"{many} agreements"
    if has_passed:
        return f"{what} passed to the academy. This is the academy’s agreement."
    return f"It is noted: {what[0].lower()}{what[1:]} pass{'es' if many == 1 else ''} to the academy on {long_date(on)}."


def _sees(request: HttpRequest, agreement: ServiceAgreement) -> bool:
    return queries.agreements_visible_to(request.actor).filter(pk=agreement.pk).exists()
