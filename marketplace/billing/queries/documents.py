"""What one may read of money: the buyer's and the supplier's own papers, and for the local authority's finance all of its area."""

from django.db.models import Q, QuerySet

from marketplace.billing.models import Document
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound

BUYER_READERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD, Role.FINANCE})
SUPPLIER_READERS = frozenset({Role.PROVIDER_LEAD, Role.FINANCE})


def documents_visible_to(actor: Actor) -> QuerySet[Document]:
    """Documents the person's organisations issued or received; for area finance, those of the area."""
    documents = Document.objects.select_related(
        "series", "supplier", "buyer", "booking", "place_order", "agreement"
    )
    if actor.is_system:
        return documents
    areas = actor.in_area(Role.FINANCE)
    return documents.filter(
        Q(buyer__in=actor.organisations(*BUYER_READERS))
        | Q(supplier__in=actor.organisations(*SUPPLIER_READERS))
        | Q(supplier__area__in=areas)
        | Q(buyer__area__in=areas)
    )


def document_for(actor: Actor, reference: str) -> Document:
    """One document with its lines; `NotFound` where there is none for this person."""
    document = (
        documents_visible_to(actor)
        .select_related("credits__series", "replaces__series")
        .prefetch_related("lines", "credit_notes__series")
        .filter(reference=reference)
        .first()
    )
    if document is None:
        raise NotFound
    return document
