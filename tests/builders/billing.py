"""Makers for billing: issued papers, with their movements in the books."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import transaction

from marketplace.billing import postings
from marketplace.billing.actions import papers
from marketplace.billing.actions.papers import KIND_BY_ROUTE, Paper
from marketplace.billing.models import Document
from marketplace.billing.postings import Posting
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.supply import ServiceKind
from marketplace.organisations.models import Organisation
from tests.builders.organisations import a_provider, a_school, an_area

__all__ = ["a_document"]


def a_document(
    nets: Sequence[int] = (35_000,),
    *,
    supplier: Organisation | None = None,
    buyer: Organisation | None = None,
    description: str = "A day of support",
    **paper: Any,
) -> Document:
    """An issued document with a line for each net amount, booked as income; by default an authority's invoice to an academy."""
    supplier = supplier or a_provider(an_area())
    buyer = buyer or a_school(supplier.area, academy=True).organisation
    route = papers.route_between(buyer, supplier)
    lines = [
        papers.a_line(
            supplier=supplier,
            buyer=buyer,
            service=ServiceKind.IMPROVEMENT,
            description=description,
            net_pence=pence,
        )
        for pence in nets
    ]
    fields = {"kind": KIND_BY_ROUTE[route], "route": route, "effect": f"test:{uuid4().hex}"} | paper
    with transaction.atomic():
        document = papers.write(SYSTEM, Paper(supplier=supplier, buyer=buyer, lines=lines, **fields))
        earned = [Posting("income", "", document.net_pence), Posting("vat", "", document.vat_pence)]
        postings.post(actor=SYSTEM, document=document, postings=earned)
    return document
