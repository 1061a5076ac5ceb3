"""Courses on paper: once a course has taken place, each order of places gets one document for what it owes.

Nothing is billed before: a place that was given back late may still be taken by somebody who waited. Who leads a course takes days of
their employer, which is owed its share of the price as for a visit: of every document and, where a package pays, of every place used.
"""

import logging

from django.db.models import Exists, OuterRef

from marketplace.billing import postings
from marketplace.billing.actions import papers
from marketplace.billing.actions.crediting import credit
from marketplace.billing.actions.papers import KIND_BY_ROUTE, Paper
from marketplace.billing.models import Document, DocumentLine
from marketplace.billing.postings import Entry, Posting, Purpose
from marketplace.billing.queries.crediting import current_lines, current_of, lines_left
from marketplace.billing.queries.leading import lent_parts
from marketplace.billing.queries.unbilled import BILLED
from marketplace.bookings.models import (
    EventStatus,
    PaymentRoute,
    Place,
    PlaceOrder,
    PlaceStatus,
)
from marketplace.buyback.models import FundingKind
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import Period, local, long_date
from marketplace.kernel.db import action
from marketplace.kernel.models import Transfer
from marketplace.kernel.supply import ServiceKind

logger = logging.getLogger(__name__)


def effect_of(order: PlaceOrder) -> str:
    """The business effect an order's document is issued for."""
    return f"places:{order.pk}:delivered"


def drawn(order: PlaceOrder) -> list[tuple[str, int]]:
    """The net pence of the places a package paid for, by business effect: those who came as one, each the tariff kept by itself."""
    came = [place.net_pence for place in order.places.all() if place.status == PlaceStatus.ATTENDED]
    kept = [place for place in order.places.all() if place.keeps_place and place.is_charged]
    return [(effect_of(order), sum(came)), *((kept_effect_of(place), place.net_pence) for place in kept)]


def kept_effect_of(place: Place) -> str:
    """The business effect the share of a package's place is owed for that the tariff kept although nobody came."""
    return f"places:{place.order_id}:kept:{place.pk}"


def document_of(order: PlaceOrder) -> Document | None:
    """The document of an order, once it is issued. The caller has shown that the actor may see the order."""
    return Document.objects.select_related("series").filter(effect=effect_of(order)).first()


def bill_courses(*, event_id: int | None = None) -> int:
    """Bill orders whose course took place and that have brought nothing yet, each in a transaction of its own; how many documents came out."""
    orders = PlaceOrder.objects.scoped().filter(event__status=EventStatus.DELIVERED, status__in=BILLED)
    if event_id is not None:
        orders = orders.filter(event=event_id)
    done = Document.objects.filter(place_order=OuterRef("pk"))
    issued = 0
    for pk, reference in orders.exclude(Exists(done)).order_by("pk").values_list("pk", "reference"):
        try:
            issued += issue_for_places(actor=SYSTEM, order_id=pk) is not None
        except Exception:
            logger.exception("%s could not be billed", reference)
    return issued


@action
def issue_for_places(*, actor: Actor, order_id: int) -> Document | None:
    """Issue the document of one order, once, and owe those who lent the people who led; no document where nothing is owed.

    Where a package pays only flat charges are billed, and each place used owes its share.
    """
    order = (
        PlaceOrder.objects.scoped()
        .select_related(
            "event__provider__area",
            "event__offer_version__support_type",
            "school__school",
            "school__area",
            "funding_stream__area",
        )
        .prefetch_related("event__leads", "places")
        .get(pk=order_id)
    )
    if issued := document_of(order):
        return issued
    if order.is_prepaid:
        _owe_for_package(actor, order)
    return _issue(actor, order)


def _issue(actor: Actor, order: PlaceOrder) -> Document | None:
    is_commissioned = order.route == PaymentRoute.COMMISSIONED
    supplier, stream = order.event.provider, order.funding_stream
    area = stream.area if stream else order.school.area
    buyer = papers.local_authority(area) if is_commissioned else order.school
    route = papers.route_between(buyer, supplier)
    untied = FundingKind.COMMISSIONED if is_commissioned else FundingKind.TRADED
    lines = [
        papers.a_line(
            supplier=supplier,
            buyer=buyer,
            service=ServiceKind(order.event.offer_version.support_type.service_kind),
            description=description,
            net_pence=pence,
            activity_basis=order.event.offer_version.activity_basis,
            funding=stream.kind if stream else untied,
            period=Period(local(order.event.starts_at).date(), local(order.event.ends_at).date()),
        )
        for description, pence in _owed(order)
    ]
    if not lines:
        return None
    document = papers.write(
        actor,
        Paper(
            kind=KIND_BY_ROUTE[route],
            supplier=supplier,
            buyer=buyer,
            route=route,
            lines=lines,
            effect=effect_of(order),
            place_order=order,
            purchase_order_number=order.purchase_order_number,
            note=f"Order {order.reference}. {papers.why_rerouted(order.route, route, buyer)}".strip(),
            parties=papers.parties(supplier, buyer, on_behalf_of=order.school if is_commissioned else None),
        ),
    )
    postings.post(actor=actor, document=document, postings=_earned(order, document))
    return document


@action
def credit_waived_place(*, actor: Actor, place_id: int) -> Document | None:
    """Credit what is left of the line of a place whose charge is not owed after all, where it was billed already; once.

    It may have been issued again since, or credited by hand. What a package's place cost goes back likewise; what was paid out by then
    the provider bears.
    """
    place = Place.objects.select_related("order").get(pk=place_id)
    if not place.charge_waiver_reason:
        return None
    owed = Transfer.objects.filter(effect__startswith=f"{kept_effect_of(place)}:payable:")
    for transfer in owed.select_related("target").order_by("pk"):
        if transfer.target.balance >= transfer.amount:
            transfers.reverse(
                by=actor, transfer=transfer, reason=place.charge_waiver_reason[:200], on=papers.today()
            )
    document = document_of(place.order)
    if document is None:
        return None
    left = _left_of_charge(document, place)
    if not left:
        return None
    return credit(
        actor=actor,
        document=current_of(document),
        reason=place.charge_waiver_reason,
        amounts=left,
        effect=f"place:{place.pk}:waived",
    )


def _left_of_charge(document: Document, place: Place) -> dict[int, int]:
    """What the paper that stands for the document now still asks for a place: net pence by line."""
    line = DocumentLine.objects.filter(document=document, description__startswith=_place_words(place)).first()
    now = current_lines(document).get(line.pk) if line else None
    left = {each.line: each.left.net_pence for each in lines_left(current_of(document))}
    return {now.pk: left[now]} if now and left[now] else {}


def _earned(order: PlaceOrder, document: Document) -> list[Posting]:
    """Who earns the document: the employers of those who led their shares, the provider its fee and all that its own people led."""
    lent = lent_parts(order, document.net_pence)
    return [
        *(Posting(Purpose.PAYABLE, f"organisation:{part.organisation}", part.share_pence) for part in lent),
        Posting(Purpose.FEE_INCOME, "", sum(part.fee_pence for part in lent)),
        Posting(Purpose.INCOME, "", document.net_pence - sum(part.part_pence for part in lent)),
        Posting(Purpose.VAT, "", document.vat_pence),
    ]


def _owe_for_package(actor: Actor, order: PlaceOrder) -> None:
    """What the places drawn from a package cost the provider."""
    entries = [
        Entry(
            (Purpose.COST_OF_DELIVERY, ""),
            (Purpose.PAYABLE, f"organisation:{part.organisation}"),
            part.share_pence,
            f"Drawn from a package: {order.reference}",
            f"{effect}:payable:{part.organisation}",
        )
        for effect, pence in drawn(order)
        for part in lent_parts(order, pence)
    ]
    postings.book(actor=actor, owner_id=order.event.provider_id, entries=entries, on=papers.today())


def _owed(order: PlaceOrder) -> list[tuple[str, int]]:
    """The lines of an order's document: those who came as one, each charge by itself so that it can be credited."""
    event, places = order.event, list(order.places.all())
    day = long_date(local(event.starts_at).date())
    came = [place for place in places if place.status == PlaceStatus.ATTENDED]
    found = []
    if came and not order.is_prepaid:
        count = "1 place" if len(came) == 1 else f"{len(came)} places"
        found.append((f"{count} on “{event.title}”, {day}", sum(place.net_pence for place in came)))
    for place in places:
        if place.is_charged and place.charge_pence:
            why = "nobody came" if place.status == PlaceStatus.ABSENT else "late cancellation"
            found.append((f"{_place_words(place)}“{event.title}”, {day}: {why}", place.charge_pence))
    return [(words, pence) for words, pence in found if pence]


def _place_words(place: Place) -> str:
    return f"Place {place.number} of {place.order.reference}, "
