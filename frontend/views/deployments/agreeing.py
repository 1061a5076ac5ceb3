"""Agreeing a deployment: who, the text, sending, signing, changing, saying no, resting and ending."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from frontend.forms.deployments import SignForm, TermsForm, WhoForm, WhyForm
from frontend.views.deployments import presenting
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings import actions as bookings
from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import TextChanged
from marketplace.brokerage.models import Need, RequestResponse, SupportRequest
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer, OfferStatus, Practitioner
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import School

OFFERS_SHOWN = 20


# Writing it ------------------------------------------------------------------------------------------------------------


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Who is to be deployed: a person of an offer, for a need or without one."""
    schools = _schools(request)
    source = _source(request)
    need = source.need if source else _need(request)
    selected = queries.selected_response(source) if source else None
    people = queries.people_selected(request.actor, selected) if selected else _people(request, need)
    if people is None:
        needs = queries.needs_of_own_schools(request.actor).filter(status="open").order_by("-declared_at")
        return render(request, "frontend/deployments/begin.html", {"needs": needs[:50]})
    for_school = source.school_id if source else need.school_id if need else None
    if for_school is not None:
        schools = [school for school in schools if school.pk == for_school] or schools
    form = WhoForm(request.POST or None, schools=schools, people=people, selected=selected)
    if request.method == "POST" and form.is_valid():
        offer, person = form.people[form.cleaned_data["who"]]
        query = {"offer": offer.reference, "person": person.reference, "school": form.cleaned_data["school"]}
        if need is not None:
            query["need"] = need.reference
        if source is not None:
            query["source"] = source.reference
        return redirect(f"{reverse('deployments:write')}?{urlencode(query)}")
    context = {"form": form, "need": need, "people": people, "selected": selected}
    return render(request, "frontend/deployments/who.html", context, status=422 if form.errors else 200)


@signed_in
@not_repeated
def write(request: HttpRequest) -> HttpResponse:
    """The text, for the first time."""
    school, offer, person, need = _chosen(request)
    source = _source(request)
    selected = queries.selected_response(source) if source else None
    form = TermsForm(
        request.POST or None, is_new=True, initial=_answered(selected) if selected else _suggested(need)
    )
    if request.method == "POST" and form.is_valid():
        theme = need.theme if need else offer.shown.themes.all()[0]
        try:
            found = actions.draft_deployment(
                actor=request.actor,
                school=school,
                offer=offer,
                practitioner=person,
                theme=theme,
                phase=need.phase if need else _phase(offer, school),
                need=need,
                brokered_by=form.cleaned_data["brokered_by"],
                request=source,
                **form.text(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved. Nobody else sees the agreement until you send it.")
            return redirect("deployments:deployment", found.reference)
    context = {
        "form": form,
        "school": school,
        "offer": offer,
        "person": person,
        "need": need,
        "selected": selected,
        "back": reverse("deployments:list"),
    }
    return render(request, "frontend/deployments/terms.html", context, status=422 if form.errors else 200)


@signed_in
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Another text: before all have signed, or as a change of a running agreement."""
    found = queries.deployment_for(request.actor, reference)
    _must(request, found, "change")
    form = TermsForm(
        request.POST or None,
        is_new=False,
        terms=queries.agreement_terms_of(found),
        initial={"version": found.version},
    )
    signed = queries.signatures_of(found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_terms(
                actor=request.actor,
                deployment=found,
                version=form.cleaned_data["version"] or 0,
                **form.text(),
            )
        except TextChanged as error:
            typed: Any = form.data.copy()
            form.data = typed
            typed["version"] = queries.deployment_for(request.actor, reference).version
            form.add_error(None, f"{error} If you save again, your text takes its place.")
        except DomainError as error:
            add_domain_error(form, error)
        else:
            said = " Whoever had signed signs again." if signed and not found.version_in_force else ""
            messages.success(request, f"The text is changed.{said}")
            return redirect("deployments:deployment", reference)
    context = {
        "form": form,
        "deployment": found,
        "selected": queries.response_behind(found),
        "signed": signed if found.version_in_force is None else [],
        "back": reverse("deployments:deployment", args=[reference]),
    }
    return render(request, "frontend/deployments/terms.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def send(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask all four to sign."""
    found = queries.deployment_for(request.actor, reference)
    try:
        actions.send_deployment(actor=request.actor, deployment=found)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, "Sent. All four are asked to sign.")
    return redirect("deployments:deployment", reference)


@signed_in
def sign(request: HttpRequest, reference: str, capacity: str) -> HttpResponse:
    """Read the text, then sign it. The releasing head sees the person's year and whether the checks cover it."""
    found = queries.deployment_for(request.actor, reference)
    if capacity not in [each.value for each in Capacity]:
        raise NotFound
    wanted = Capacity(capacity)
    if wanted not in queries.capacities_of(request.actor, found):
        raise NotAllowed(
            f"You can’t sign as {wanted.label.lower()}.", remedy="That is for the person who holds this part."
        )
    if wanted not in queries.capacities_to_sign(request.actor, found):
        messages.info(request, "There is nothing for you to sign now.")
        return redirect("deployments:deployment", reference)
    version = queries.version_of(found)
    terms = queries.agreement_terms_of(found)
    releasing = wanted == Capacity.RELEASING_HEAD
    loads = presenting.load_rows(found, terms) if releasing else []
    beyond = any(row["left"] < 0 for row in loads)
    form = SignForm(request.POST or None, initial={"version": version.number})
    if not beyond:
        del form.fields["beyond_agreed"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            signed = actions.sign_deployment(
                actor=request.actor,
                deployment=found,
                capacity=capacity,
                version=data["version"],
                note=data["note"],
                beyond_agreed=data.get("beyond_agreed", False),
            )
        except TextChanged as error:
            messages.error(request, str(error))
            return redirect("deployments:sign", reference, capacity)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            done = (
                "Signed. All four have signed: it is in force."
                if not signed.waits_for_signatures
                else "Signed."
            )
            messages.success(request, done)
            return redirect("deployments:deployment", reference)
    context = {
        "form": form,
        "deployment": found,
        "capacity": wanted,
        "version": version,
        "parties": presenting.party_rows(found),
        "terms_rows": presenting.terms_rows(terms, with_background=True),
        "objectives": [(each, presenting.objective_rows(each)) for each in terms.objectives],
        "terms": terms,
        "price_lines": presenting.price_lines(terms),
        "loads": loads,
        "beyond": beyond,
        "gap": queries.first_day_without_assurance(found, terms) if releasing else None,
        "releasing": releasing,
        "changes": queries.changes_on_the_table(found),
    }
    return render(request, "frontend/deployments/sign.html", context, status=422 if form.errors else 200)


# Saying no, resting, ending ----------------------------------------------------------------------------------------------

WAYS: dict[str, tuple[str, str, str, Callable[..., Any], str]] = {
    "withdraw": (
        "Withdraw this agreement",
        "It comes to nothing. A scoping visit already booked stays booked unless you cancel it.",
        "Withdraw it",
        actions.withdraw_deployment,
        "Withdrawn.",
    ),
    "decline": (
        "Don’t agree",
        "The agreement does not come about. If only a detail is wrong, change the text instead.",
        "Say no",
        actions.decline_deployment,
        "You have said no. The school is told why.",
    ),
    "drop_change": (
        "Don’t agree to the change",
        "The agreement in force goes on as before.",
        "Drop the change",
        actions.drop_change,
        "The change is dropped.",
    ),
    "pause": (
        "Pause this deployment",
        "It can only be read until somebody resumes it. Visits already booked stand: cancel them one by one where they are not to take place.",
        "Pause it",
        actions.pause_deployment,
        "Paused.",
    ),
    "stop": (
        "Stop this deployment for good",
        "It ends without an evaluation, and days not booked are free again. Visits already booked stand: cancel them one by one where they are not to take place.",
        "Stop it",
        actions.stop_deployment,
        "Stopped.",
    ),
}


@signed_in
def end(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Withdraw, say no, drop a change, pause or stop, each with a reason."""
    found = queries.deployment_for(request.actor, reference)
    if verb not in WAYS:
        raise NotFound
    title, intro, button, action, done = WAYS[verb]
    _must(request, found, verb)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            action(actor=request.actor, deployment=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, done)
            return redirect("deployments:deployment", reference)
    context = {
        "form": form,
        "deployment": found,
        "title": title,
        "intro": intro,
        "button": button,
        "style": "warning",
    }
    return render(request, "frontend/deployments/form.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def resume(request: HttpRequest, reference: str) -> HttpResponse:
    """Go on with a paused deployment."""
    found = queries.deployment_for(request.actor, reference)
    actions.resume_deployment(actor=request.actor, deployment=found)
    messages.success(request, "It goes on.")
    return redirect("deployments:deployment", reference)


# Reading the address -----------------------------------------------------------------------------------------------------


def _must(request: HttpRequest, found: Any, verb: str) -> None:
    """Who may never do this here is refused before a form is shown; who may, but not now, is told by the action."""
    if not queries.may_in_deployment(request.actor, found, verb):
        raise NotAllowed(
            "You can’t do this with this deployment.", remedy="Its page says who signs for each side."
        )


def _schools(request: HttpRequest) -> list[School]:
    schools = list(organisations.schools_buying_for(request.actor))
    if not schools:
        raise NotAllowed(
            "You can’t agree a deployment for a school.",
            remedy="Ask a school to invite you as one of its people.",
        )
    return schools


def _need(request: HttpRequest) -> Need | None:
    reference = request.GET.get("need", "")
    return queries.need_for(request.actor, reference) if reference else None


def _source(request: HttpRequest) -> SupportRequest | None:
    """The request for support it comes from."""
    reference = request.GET.get("source", "")
    return queries.request_for(request.actor, reference) if reference else None


def _people(request: HttpRequest, need: Need | None) -> list[tuple[Offer, Practitioner]] | None:
    """The people of the offer named, or of those for the need; nothing where neither is named."""
    offers = _offers(request, need)
    if offers is None:
        return None
    return [(offer, person) for offer in offers for person in offer.shown.practitioners.all()]


def _offers(request: HttpRequest, need: Need | None) -> list[Offer] | None:
    """The offer named, or those for the need; nothing where neither is named."""
    if reference := request.GET.get("offer", ""):
        offer = catalogue.offer_for(request.actor, reference)
        if offer.status != OfferStatus.PUBLISHED:
            raise NotFound("This offer is not open.")
        bookings.must_be_sold_by_time(offer.shown)
        return [offer]
    if need is None:
        return None
    rows = catalogue.published_offers(request.actor).filter(
        current__themes=need.theme_id, current__phases__contains=[need.phase]
    )
    return list(rows.exclude(catalogue.SOLD_BY_THE_PLACE)[:OFFERS_SHOWN])


def _chosen(request: HttpRequest) -> tuple[School, Offer, Practitioner, Need | None]:
    offers = _offers(request, None)
    if offers is None:
        raise NotFound
    wanted = request.GET.get("person", "")
    person = next((p for p in offers[0].shown.practitioners.all() if p.reference == wanted), None)
    asked = request.GET.get("school", "")
    school = next((each for each in _schools(request) if str(each.urn) == asked), None)
    if person is None or school is None:
        raise NotFound
    return school, offers[0], person, _need(request)


def _suggested(need: Need | None) -> dict[str, Any]:
    """What the need already says."""
    return {"half_days": need.half_days_needed, "focus": f"{need.theme}"} if need else {}


def _answered(selected: RequestResponse) -> dict[str, Any]:
    """What the request and the response chosen already say."""
    return {
        "focus": selected.invitation.request.title,
        "half_days": selected.half_days,
        "starts_on": selected.first_day,
        "ends_on": selected.last_day,
    }


def _phase(offer: Offer, school: School) -> str:
    return next((each for each in offer.shown.phases if each in school.phases), offer.shown.phases[0])
