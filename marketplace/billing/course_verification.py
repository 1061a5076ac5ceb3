"""What must agree between places and the papers issued for them, asked by `manage.py verify`."""

from collections.abc import Collection, Iterable

from django.db.models import Sum
from django.db.models.functions import Coalesce

from marketplace.billing.actions.courses import drawn
from marketplace.billing.models import Document
from marketplace.billing.postings import Purpose
from marketplace.billing.queries.leading import lent_parts
from marketplace.billing.queries.unbilled import BILLED
from marketplace.bookings.actions.courses.money import owed_pence
from marketplace.bookings.models import PaymentRoute, PlaceOrder
from marketplace.kernel.models import Ledger, Transfer
from marketplace.kernel.verification import must_agree

SOME = 500


@must_agree("What is billed for places, less what was credited, is what they cost")
def papers_follow_places() -> list[str]:
    """For each order with a document; one credited for another reason has been put right by a person and is left alone."""
    documents = Document.objects.filter(effect__startswith="places:", effect__endswith=":delivered")
    rows = {
        int(effect.split(":")[1]): (pk, net + credited)
        for pk, effect, net, credited in documents.annotate(
            credited=Coalesce(Sum("credit_notes__net_pence"), 0)
        ).values_list("pk", "effect", "net_pence", "credited")
    }
    by_hand = set(
        Document.objects.filter(credits__in=[pk for pk, _ in rows.values()])
        .exclude(effect__endswith=":waived")
        .values_list("credits", flat=True)
    )
    orders = PlaceOrder.objects.scoped().filter(pk__in=rows, status__in=BILLED).prefetch_related("places")
    return [
        f"{order.reference}: {rows[order.pk][1]} pence are billed, its places cost {owed_pence(order)}."
        for order in orders.iterator(chunk_size=500)
        if rows[order.pk][0] not in by_hand and rows[order.pk][1] != owed_pence(order)
    ]


@must_agree(
    "Who lent the people of a course is owed its share of what was billed for places, or drawn from packages"
)
def shares_follow_places() -> list[str]:
    """As documents were issued and places used: what is credited later goes back by the rules of credit.

    What is drawn from a package is looked at once it is booked; until then the morning's job is not through with it.
    """
    documents = (
        Document.objects.filter(effect__startswith="places:", place_order__isnull=False)
        .select_related("place_order__event")
        .prefetch_related("place_order__event__leads")
    )
    orders = (
        PlaceOrder.objects.scoped()
        .filter(route=PaymentRoute.ENTITLEMENT, status__in=BILLED)
        .select_related("event")
        .prefetch_related("event__leads", "places")
    )
    billed = _said_by_documents(documents.iterator(chunk_size=SOME))
    used = _said_by_places(orders.iterator(chunk_size=SOME))
    said, booked = billed | used, _booked({*billed, *used})
    return [
        f"{source}: organisations are owed {booked.get(source, {})} pence by number, their shares are {shares}."
        for source, shares in said.items()
        if booked.get(source, {} if source in billed else shares) != shares
    ]


def _said_by_documents(documents: Iterable[Document]) -> dict[str, dict[int, int]]:
    return {
        f"document:{document.pk}": _shares(document.place_order, document.net_pence)
        for document in documents
        if document.place_order is not None
    }


def _said_by_places(orders: Iterable[PlaceOrder]) -> dict[str, dict[int, int]]:
    return {effect: _shares(order, pence) for order in orders for effect, pence in drawn(order)}


def _shares(order: PlaceOrder, pence: int) -> dict[int, int]:
    return {part.organisation: part.share_pence for part in lent_parts(order, pence) if part.share_pence}


def _booked(sources: Collection[str]) -> dict[str, dict[int, int]]:
    """What movements brought organisations, by what they come from."""
    rows = Transfer.objects.filter(target__ledger=Ledger.MONEY, target__purpose=Purpose.PAYABLE)
    found: dict[str, dict[int, int]] = {}
    for effect, detail, pence in rows.values_list("effect", "target__detail", "amount").iterator(
        chunk_size=SOME
    ):
        source, is_share, _ = effect.partition(":payable")
        if is_share and source in sources:
            found.setdefault(source, {})[int(detail.partition(":")[2])] = pence
    return found
