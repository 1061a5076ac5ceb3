"""What a convenor does with a commission: decide, tell, start, rest, review, end; the category, and who may read."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.partnership import (
    CategoryForm,
    ExitForm,
    NoticeForm,
    ReaderForm,
    ReasonForm,
    ReviewForm,
    StartForm,
)
from frontend.views.repeats import not_repeated
from frontend.views.tools import add_domain_error, signed_in
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.transitions import words
from marketplace.organisations.models import User
from marketplace.partnership import actions, queries
from marketplace.partnership.actions import FIRST_REVIEW_AFTER
from marketplace.partnership.models import Commission

NOBODY = "Nobody has an account with that address."


@signed_in
@require_POST
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """The authority has decided, for a maintained school."""
    return _at_once(request, reference, "decide", actions.decide_commission, "Decided. It is ready to start.")


@signed_in
@require_POST
def resume(request: HttpRequest, reference: str) -> HttpResponse:
    """Go on."""
    return _at_once(request, reference, "resume", actions.resume_commission, "It goes on.")


@signed_in
@not_repeated
def tell(request: HttpRequest, reference: str) -> HttpResponse:
    """Record who was told."""
    found = _kept(request, reference, "record who was told about")
    form = NoticeForm(
        request.POST or None, bodies=queries.bodies_of(found), initial={"informed_on": _today()}
    )
    return _step(
        request,
        found,
        form,
        verb="tell",
        title="Record who was told",
        button="Record it",
        act=lambda data: actions.record_notice(actor=request.actor, commission=found, **data),
        done="Recorded.",
        intro=(
            "An academy’s responsible body is told before anything begins, and decides with you. Record whom you told, and when."
            if found.is_academy
            else "The governing body is told of what the authority has decided."
        ),
    )


@signed_in
def start(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin, and set the money aside."""
    found = _kept(request, reference, "start")
    form = StartForm(request.POST or None, initial={"next_review_on": _today() + FIRST_REVIEW_AFTER})
    return _step(
        request,
        found,
        form,
        verb="start",
        title="Start the support",
        button="Start it",
        act=lambda data: actions.start_commission(actor=request.actor, commission=found, **data),
        done="Started. The money is set aside.",
        intro="The price of all days is set aside in the funding stream.",
    )


@signed_in
def pause(request: HttpRequest, reference: str) -> HttpResponse:
    """Rest it."""
    found = _kept(request, reference, "pause")
    form = ReasonForm(request.POST or None, label="Why is it paused?")
    return _step(
        request,
        found,
        form,
        verb="pause",
        title="Pause the support",
        button="Pause it",
        act=lambda data: actions.pause_commission(actor=request.actor, commission=found, **data),
        done="Paused.",
        intro="The money stays set aside, and bookings stay booked.",
    )


@signed_in
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Put away one that has not started."""
    found = _kept(request, reference, "withdraw")
    form = ReasonForm(request.POST or None, label="Why does it not go ahead?")
    return _step(
        request,
        found,
        form,
        verb="withdraw",
        title="Withdraw the commission",
        button="Withdraw it",
        act=lambda data: actions.withdraw_commission(actor=request.actor, commission=found, **data),
        done="Withdrawn.",
    )


@signed_in
@not_repeated
def review(request: HttpRequest, reference: str) -> HttpResponse:
    """A progress review."""
    found = _kept(request, reference, "review")
    initial = {"reviewed_on": _today(), "next_review_on": _today() + FIRST_REVIEW_AFTER}
    form = ReviewForm(request.POST or None, initial=initial)
    return _step(
        request,
        found,
        form,
        verb="review",
        title="Review progress",
        button="Save the review",
        act=lambda data: actions.review_commission(actor=request.actor, commission=found, **data),
        done="The review is saved.",
    )


@signed_in
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """End the support."""
    found = _kept(request, reference, "end")
    form = ExitForm(request.POST or None, initial={"ended_on": _today()})
    return _step(
        request,
        found,
        form,
        verb="exit",
        title="End the support",
        button="End it",
        act=lambda data: actions.exit_commission(actor=request.actor, commission=found, **data),
        done="Ended. What was not used went back to the funding stream.",
        intro="What is still set aside goes back to the funding stream. The deployment goes on or is stopped on its own page.",
    )


@signed_in
@not_repeated
def category(request: HttpRequest, reference: str) -> HttpResponse:
    """The school's support category from a day on."""
    found = _kept(request, reference, "record a category on")
    form = CategoryForm(request.POST or None, is_academy=found.is_academy, initial={"since": _today()})
    return _step(
        request,
        found,
        form,
        verb="",
        title="Record the support category",
        button="Record it",
        act=lambda data: actions.set_category(actor=request.actor, commission=found, **data),
        done="Recorded. The one before stays in its history.",
        intro="Only convenors of the area and those named on this commission read it. No message, file or other page says it.",
    )


@signed_in
def people(request: HttpRequest, reference: str) -> HttpResponse:
    """Name somebody who needs to know."""
    found = _kept(request, reference, "name readers of")
    form = ReaderForm(request.POST or None)

    def name(data: dict[str, Any]) -> None:
        user = User.objects.filter(email__iexact=data["email"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(NOBODY)
        actions.name_reader(actor=request.actor, commission=found, user=user, why=data["why"])

    return _step(
        request,
        found,
        form,
        verb="name",
        title="Name somebody who needs to know",
        button="Let them read it",
        act=name,
        done="They can read this commission now.",
        intro="They read all of this page, the support category with it. Providers, people of other schools, board members and scrutiny "
        "can’t be named.",
    )


@signed_in
@require_POST
def remove_person(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Take the sight away."""
    found = _kept(request, reference, "change readers of")
    reader = queries.readers_of(found).filter(pk=number).first()
    if reader is None:
        raise NotFound
    actions.unname_reader(actor=request.actor, commission=found, reader=reader)
    messages.success(request, f"{reader.user} can’t read it any more.")
    return redirect("partnership:commission", reference)


def _kept(request: HttpRequest, reference: str, verb: str) -> Commission:
    found = queries.commission_for(request.actor, reference)
    if not queries.may_keep(request.actor, found):
        raise NotAllowed(f"You can’t {verb} this commission.", remedy="Ask a convenor of the area.")
    return found


def _at_once(
    request: HttpRequest, reference: str, verb: str, act: Callable[..., Any], done: str
) -> HttpResponse:
    found = _kept(request, reference, words(verb))
    try:
        act(actor=request.actor, commission=found)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("partnership:commission", reference)


def _step(
    request: HttpRequest,
    found: Commission,
    form: forms.Form,
    *,
    verb: str,
    title: str,
    button: str,
    act: Callable[[dict[str, Any]], Any],
    done: str,
    intro: str = "",
) -> HttpResponse:
    """Show the form of a step, carry it out and go back to the commission; one that can't be done now leads back, unless it was filled in."""
    may = not verb or verb in queries.verbs_for(request.actor, found)
    if not may and request.method != "POST":
        return redirect("partnership:commission", found.reference)
    if not may:
        form.add_error(
            None, f"The commission is {found.get_status_display().lower()} by now. Nothing was saved."
        )
    elif request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        except forms.ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, done)
            return redirect("partnership:commission", found.reference)
    context = {"form": form, "commission": found, "title": title, "button": button, "intro": intro}
    return render(
        request, "frontend/partnership/commission_step.html", context, status=422 if form.errors else 200
    )


def _today() -> Any:
    return local(timezone.now()).date()
