"""A provider's offers: the list, one offer with what can be done next, and its sections to fill in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.catalogue import (
    AboutForm,
    DeliveryForm,
    KindForm,
    NewOfferForm,
    OfferFilterForm,
    PriceForm,
    TermsForm,
)
from frontend.views.catalogue import presenting
from frontend.views.catalogue.cancelling import tariff_page
from frontend.views.catalogue.posting import posted
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.catalogue import actions, queries, rules
from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.content import OfferContent, OfferIncomplete, check_complete, content_of
from marketplace.catalogue.models import Offer, OfferStatus, OfferVersion, VersionStatus
from marketplace.catalogue.pricing import KINDS
from marketplace.catalogue.states import OFFER, VERSION
from marketplace.coverage import queries as coverage
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import Organisation

SORTS = {
    "status": "status",
    "provider": "provider__name",
    "confirmed": "confirmed_at",
    "started": "created_at",
}
SECTIONS = {
    "about": "What it is",
    "delivery": "How it is given, and by whom",
    "price": "Price",
    "terms": "Broker’s fee",
    "cancelling": "What cancelling costs",
}
SECTION_OF = {"summary": "about", "themes": "about", "phases": "about", "price_rule": "price"}
BUTTONS = {
    "resume": "Put it back on show",
    "pause": "Pause it",
    "withdraw": "Withdraw it for good",
}


@signed_in
def provide(request: HttpRequest) -> HttpResponseBase:
    """The offers of the providers one keeps, in every state."""
    filters = OfferFilterForm(request.GET)
    rows = _filtered(request, filters)
    if request.GET.get("format") == "csv":
        return csv_response(_csv(rows), "our-offers.csv")
    page = page_of(request, rows)
    page.object_list = [_line(offer) for offer in page.object_list]
    context = {
        "page": page,
        "filter_form": filters,
        "tabs": section_tabs("offers"),
        "may_add": bool(_providers(request)),
        "knows_wants": coverage.provides_somewhere(request.actor),
        "own_page": queries.own_page(request.actor),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/catalogue/provide.html", context)


@signed_in
def new_offer(request: HttpRequest) -> HttpResponse:
    """Start an offer: what it is."""
    providers = _providers(request)
    if not providers:
        raise NotFound
    form = NewOfferForm(posted(request), providers=providers)
    if request.method == "POST" and form.is_valid():
        try:
            offer = actions.draft_offer(
                actor=request.actor, provider=form.provider, content=OfferContent(**form.part())
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Draft saved. Fill in the rest, then hand it in.")
            return redirect("catalogue:my_offer", offer.reference)
    context = {
        "form": form,
        "heading": "New offer",
        "submit": "Save and continue",
        "back": reverse("catalogue:provide"),
    }
    return render(request, "frontend/catalogue/section.html", context, status=422 if form.errors else 200)


@signed_in
def my_offer(request: HttpRequest, reference: str) -> HttpResponse:
    """One offer for its provider: where it stands, what is still to do, what can be done, what has happened."""
    offer = _managed(request, reference)
    version = queries.version_in_work(offer)
    shown = version or offer.current or offer.versions.order_by("-number").first()
    assert shown is not None  # an offer is born with its first version
    confirmed_on = local(offer.confirmed_at).date() if offer.confirmed_at else None
    context = {
        "offer": offer,
        "version": version,
        "shown": shown,
        "is_next": version is not None and offer.current_id is not None,
        "tasks": _tasks(offer, version) if version and version.status != VersionStatus.SUBMITTED else [],
        "sections": _sections(offer, shown),
        "version_verbs": VERSION.verbs_from(version.status)
        if version and offer.status != OfferStatus.WITHDRAWN
        else (),
        "may_edit": offer.status != OfferStatus.WITHDRAWN
        and (version is None or version.status != "submitted"),
        "buttons": [(verb, BUTTONS[verb]) for verb in OFFER.verbs_from(offer.status) if verb in BUTTONS],
        "may_confirm": offer.status in (OfferStatus.PUBLISHED, OfferStatus.PAUSED),
        "is_confirmed": rules.is_confirmed(confirmed_on, timezone.localdate()),
        "rating": presenting.rating_in_words(offer.rating_total, offer.rating_count),
        "history": queries.history_of(offer),
    }
    return render(request, "frontend/catalogue/my_offer.html", context)


@signed_in
def section(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """One section of an offer to fill in."""
    if name not in SECTIONS or name == "price":
        raise NotFound
    offer = _managed(request, reference)
    content = content_of(_written(offer))
    if name == "cancelling":
        return _cancelling(request, offer, content)
    form = _section_form(name, posted(request), offer, content)
    if request.method == "POST" and form.is_valid():
        answer = _save(request, offer, form, lambda: replace(content, **form.part()))
        if answer:
            return answer
    context = {
        "form": form,
        "heading": SECTIONS[name],
        "caption": content.title,
        "submit": "Save",
        "back": reverse("catalogue:my_offer", args=[reference]),
        "people_hint": name == "delivery" and "practitioners" not in form.fields,
        "is_next": offer.current_id is not None,
    }
    return render(request, "frontend/catalogue/section.html", context, status=422 if form.errors else 200)


def _cancelling(request: HttpRequest, offer: Offer, content: OfferContent) -> HttpResponse:
    return tariff_page(
        request,
        title=content.title,
        tariff=content.cancellation_tariff,
        back=reverse("catalogue:my_offer", args=[offer.reference]),
        save=lambda form, tariff: _save(
            request, offer, form, lambda: replace(content, cancellation_tariff=tariff)
        ),
        is_next=offer.current_id is not None,
    )


@signed_in
def price_kind(request: HttpRequest, reference: str) -> HttpResponse:
    """First step of the price: which kind."""
    offer = _managed(request, reference)
    current = content_of(_written(offer)).price_rule.get("kind")
    form = KindForm(request.GET if "kind" in request.GET else None, initial={"kind": current})
    if form.is_bound and form.is_valid():
        return redirect("catalogue:price", reference, form.cleaned_data["kind"])
    context = {
        "form": form,
        "title": _written(offer).title,
        "back": reverse("catalogue:my_offer", args=[reference]),
    }
    return render(request, "frontend/catalogue/price_kind.html", context, status=422 if form.errors else 200)


@signed_in
def price(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Second step of the price: the fields of the kind, changes to it, and the days on which it holds."""
    if kind not in KINDS:
        raise NotFound
    offer = _managed(request, reference)
    content = content_of(_written(offer))
    form = PriceForm(posted(request), kind=kind, rule=content.price_rule)
    if request.method == "POST" and not form.asks_for_more and form.is_valid():
        answer = _save(request, offer, form, lambda: replace(content, price_rule=form.cleaned_data["rule"]))
        if answer:
            return answer
    more = form.asks_for_more
    if more:
        form.full_clean()
        form.errors.clear()
    context = {
        "form": form,
        "title": content.title,
        "kind": KINDS[kind],
        "back": reverse("catalogue:price_kind", args=[reference]),
        "cancel": reverse("catalogue:my_offer", args=[reference]),
    }
    return render(
        request, "frontend/catalogue/price.html", context, status=422 if form.errors and not more else 200
    )


@signed_in
@require_POST
def move(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """One of the things a provider does with an offer."""
    if verb not in MOVES:
        raise NotFound
    offer = _managed(request, reference)
    act, said = MOVES[verb]
    try:
        act(actor=request.actor, offer=offer)
    except OfferIncomplete as error:
        for problem in error.problems.values():
            messages.error(request, problem)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("catalogue:my_offer", reference)


MOVES: dict[str, tuple[Callable[..., Any], str]] = {
    "submit": (actions.submit_offer, "Handed in. A convenor of the area judges it next."),
    "take-back": (actions.take_back_offer, "Taken back. Change it and hand it in again."),
    "discard": (actions.discard_revision, "The new version is gone. What was on show stays."),
    "pause": (actions.pause_offer, "Paused. Bookings already made stand."),
    "resume": (actions.resume_offer, "Back on show."),
    "withdraw": (actions.withdraw_offer, "Withdrawn. Bookings already made stand."),
    "confirm": (actions.confirm_offer, "Thank you. The offer is shown as confirmed for the next 180 days."),
}


def section_tabs(current: str) -> list[dict[str, Any]]:
    """The parts of what a provider keeps."""
    return [
        {"text": "Offers", "href": reverse("catalogue:provide"), "current": current == "offers"},
        {"text": "People", "href": reverse("catalogue:people"), "current": current == "people"},
        {"text": "How we do", "href": reverse("quality:providers"), "current": current == "quality"},
    ]


# Reading -------------------------------------------------------------------------------------------------------------


def _providers(request: HttpRequest) -> list[Organisation]:
    own = organisations.organisations_of(request.actor, *MANAGERS)
    return [each for each in own.order_by("name") if each.is_provider_kind]


def _managed(request: HttpRequest, reference: str) -> Offer:
    offer = queries.offer_for(request.actor, reference)
    if not request.actor.holds(*MANAGERS, at=offer.provider_id):
        raise NotFound
    return offer


def _written(offer: Offer) -> OfferVersion:
    """The version a form starts from: the one in work, else the one on show."""
    version = queries.version_in_work(offer) or offer.current
    if version is None:
        raise NotFound
    return version


def _filtered(request: HttpRequest, filters: OfferFilterForm) -> QuerySet[Offer]:
    rows = queries.my_offers(request.actor)
    if filters.is_valid():
        if status := filters.cleaned_data["status"]:
            rows = rows.filter(status__in=status)
        if words := filters.cleaned_data["q"]:
            rows = rows.filter(versions__title__icontains=words).distinct()
    asked = request.GET.get("sort", "-started")
    column = SORTS.get(asked.removeprefix("-"), "created_at")
    return rows.order_by(f"-{column}" if asked.startswith("-") else column, "-pk")


def _line(offer: Offer) -> dict[str, Any]:
    """One offer on the list: its title, and how the version in work stands where that says more."""
    in_work = offer.in_work[0] if offer.in_work else None
    latest = offer.current or in_work
    return {
        "offer": offer,
        "title": latest.title if latest else offer.reference,
        "next": in_work if offer.current_id and in_work else None,
        "rating": presenting.rating_in_words(offer.rating_total, offer.rating_count),
        "is_confirmed": rules.is_confirmed(
            local(offer.confirmed_at).date() if offer.confirmed_at else None, timezone.localdate()
        ),
    }


def _csv(rows: QuerySet[Offer]) -> Iterator[list[object]]:
    yield ["Reference", "Title", "Provider", "Status", "New version", "On show since", "Confirmed", "Rating"]
    for line in map(_line, rows):
        offer = line["offer"]
        yield [
            offer.reference,
            line["title"],
            offer.provider.name,
            offer.get_status_display(),
            line["next"].get_status_display() if line["next"] else "",
            local(offer.published_at).date().isoformat() if offer.published_at else "",
            local(offer.confirmed_at).date().isoformat() if offer.confirmed_at else "",
            line["rating"],
        ]


def _sections(offer: Offer, version: OfferVersion) -> list[dict[str, Any]]:
    """What the version says, each section with its address."""
    rows = {
        "about": presenting.about_rows(version),
        "delivery": presenting.delivery_rows(version),
        "price": presenting.price_rows(version)[:1],
        "terms": presenting.price_rows(version)[1:],
        "cancelling": presenting.terms_rows(version),
    }
    return [
        {"title": title, "rows": rows[name], "change_url": _section_url(offer, name)}
        for name, title in SECTIONS.items()
    ]


def _section_url(offer: Offer, name: str) -> str:
    if name == "price":
        return reverse("catalogue:price_kind", args=[offer.reference])
    return reverse("catalogue:section", args=[offer.reference, name])


def _tasks(offer: Offer, version: OfferVersion) -> list[dict[str, Any]]:
    """What is done and what is missing before the version can be handed in."""
    problems: dict[str, list[str]] = {}
    try:
        check_complete(content_of(version), timezone.localdate())
    except OfferIncomplete as error:
        for field, problem in error.problems.items():
            problems.setdefault(SECTION_OF[field], []).append(problem)
    return [
        {
            "text": title,
            "href": _section_url(offer, name),
            "hint": " ".join(problems.get(name, ())),
            "status": "To do" if name in problems else "Done",
            "colour": "blue" if name in problems else "",
        }
        for name, title in SECTIONS.items()
    ]


# Writing -------------------------------------------------------------------------------------------------------------


def _section_form(name: str, data: Any, offer: Offer, content: OfferContent) -> Any:
    if name == "about":
        return AboutForm(data, initial=AboutForm.initial_of(content))
    if name == "delivery":
        return DeliveryForm(data, initial=DeliveryForm.initial_of(content), provider=offer.provider)
    return TermsForm(data, initial=TermsForm.initial_of(content))


FIELD_OF = {"capacity_half_days": "capacity", "minimum_half_days": "minimum"}


def _save(
    request: HttpRequest, offer: Offer, form: Any, content: Callable[[], OfferContent]
) -> HttpResponse | None:
    """Write the changed content; `None` where a rule said no, which then stands on the form."""
    try:
        actions.edit_offer(actor=request.actor, offer=offer, content=content())
    except DomainError as error:
        error.field = FIELD_OF.get(error.field, error.field)
        add_domain_error(form, error)
        return None
    messages.success(request, "Saved." if offer.current_id is None else "Saved in the next version.")
    return redirect("catalogue:my_offer", offer.reference)
