"""Documents to be paid, and money that comes in."""

import itertools
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from marketplace.billing import numbers, postings
from marketplace.billing.actions import record_receipt
from marketplace.billing.models import Document, DocumentKind, DocumentLine, Receipt
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.organisations.models import Organisation, School
from tests.builders.organisations import a_provider, a_school, an_area

__all__ = ["a_debt", "a_receipt"]

_count = itertools.count(1)
TODAY = date(2026, 11, 21)


def a_debt(
    pence: int = 42_000,
    *,
    supplier: Organisation | None = None,
    buyer: Organisation | School | None = None,
    due_on: date | None = None,
    **fields: Any,
) -> Document:
    """An issued invoice of so many pence (outside the scope of VAT), posted to the books; due in 30 days."""
    supplier = supplier or a_provider(an_area())
    buyer = buyer or a_school(supplier.area, academy=True)
    organisation = buyer.organisation if isinstance(buyer, School) else buyer
    kind = fields.pop("kind", DocumentKind.INVOICE)
    series, number = numbers.next_number(supplier, kind, TODAY)
    document = Document.objects.create(
        **{
            "kind": kind,
            "series": series,
            "number": number,
            "supplier": supplier,
            "buyer": organisation,
            "route": "invoice",
            "issued_on": TODAY,
            "due_on": due_on or TODAY + timedelta(days=30),
            "parties": {"supplier": {"name": supplier.name}, "buyer": {"name": organisation.name}},
            "net_pence": pence,
            "vat_pence": 0,
            "gross_pence": pence,
            "effect": f"test:{next(_count)}",
        }
        | fields
    )
    DocumentLine.objects.create(
        document=document,
        position=1,
        description="A day of support",
        net_pence=pence,
        vat_basis_points=0,
        vat_pence=0,
        vat_treatment="outside_scope",
        vat_reason="Both act for the same authority.",
        cfr_code="E27",
    )
    with transaction.atomic():
        postings.post(actor=SYSTEM, document=document, postings=[postings.Posting("income", "", pence)])
    return document


def a_receipt(
    pence: int = 42_000,
    *,
    payee: Organisation | None = None,
    payer: Organisation | None = None,
    actor: Actor = SYSTEM,
    **fields: Any,
) -> Receipt:
    """Money by bank transfer; unmatched unless a payer is named."""
    defaults = {"method": "bacs", "received_on": TODAY, "reference": "BACS", "effect": f"test:{next(_count)}"}
    return record_receipt(
        actor=actor, payee=payee or a_provider(an_area()), payer=payer, pence=pence, **defaults | fields
    )
