"""The page behind the signed link in an e-mail: what is asked, and one button. Opening it changes nothing, whoever or whatever opens it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from frontend.forms.bookings import DecisionForm
from frontend.views.bookings import presenting
from frontend.views.tools import add_domain_error
from marketplace.bookings import consent_links
from marketplace.kernel.errors import DomainError


@sensitive_variables("token")
@never_cache
def consent_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the person the link was sent to; on their word, decide as them. `LinkDead` where the link has no power."""
    question = consent_links.question_of(token)
    first = question.bookings[0]
    form = DecisionForm(
        request.POST or None,
        question="Do you consent?",
        yes="Yes, I consent",
        no="No",
        hint="A reason is needed if you say no. The school and the provider read it.",
    )
    context = {
        "form": form,
        "name": question.actor.name,
        "organisation": first.releasing_organisation,
        "who": ", ".join(dict.fromkeys(str(booking.practitioner) for booking in question.bookings)),
        "visits": [presenting.visit_rows(booking) for booking in question.bookings],
        "sign_in": reverse("bookings:consent", args=[first.reference]),
    }
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            if form.is_yes:
                consent_links.consent(token, note=note)
            else:
                consent_links.refuse(token, reason=note)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            context["done"] = "Released" if form.is_yes else "Not released"
    answer = render(
        request, "frontend/bookings/consent_link.html", context, status=422 if form.errors else 200
    )
    answer["Referrer-Policy"] = "same-origin"  # Django checks it on the POST over HTTPS
    return answer
