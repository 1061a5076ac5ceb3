"""Verbs of billing: issue the paper a delivered (or late cancelled) booking calls for, and credit it."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from marketplace.billing import numbers, postings, queries, rules
from marketplace.billing.errors import AlreadyCredited
from marketplace.billing.events import DocumentIssued
from marketplace.billing.models import Document, DocumentKind, DocumentLine
from marketplace.billing.postings import Posting
from marketplace.bookings.models import Booking
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.models import Transfer
from marketplace.kernel.supply import ServiceKind, vat_treatment
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Organisation

KIND_BY_ROUTE = {"journal": DocumentKind.JOURNAL, "invoice": DocumentKind.INVOICE}


@action
def issue_for_delivery(*, actor: Actor, booking: Booking) -> Document:
    """Issue the document for a delivered booking by the route it promised. Issued once, however often it is asked for."""
    shares = booking.price["shares"]
    line = (
        f"{booking.offer_version.title}: {booking.practitioner.name}, {long_date(booking.day)}",
        booking.net_pence,
    )
    return _issue(
        actor=actor,
        booking=booking,
        lines=[line],
        shares=_shares(booking, shares["releasing_school"], shares["broker"]),
        effect=f"booking:{booking.pk}:delivered",
    )


@action
def issue_for_cancellation(*, actor: Actor, booking: Booking) -> Document | None:
    """Issue the document for the charge of a late cancellation; nothing where the tariff charged nothing.

    The whole charge goes to the organisation that kept the time free.
    """
    charge = booking.cancellation_charge_pence
    if not charge:
        return None
    line = (f"Late cancellation of {booking.reference}, {long_date(booking.day)}", charge)
    return _issue(
        actor=actor,
        booking=booking,
        lines=[line],
        shares=_shares(booking, charge, 0),
        effect=f"booking:{booking.pk}:cancelled",
    )


@action
def credit(*, actor: Actor, document: Document, reason: str) -> Document:
    """Issue a credit note that mirrors the document line by line, to the penny. Raises `AlreadyCredited` the second time."""
    document = locked(queries.documents_visible_to(actor), pk=document.pk)
    if not queries.may_credit(actor, document):
        raise NotAllowed(
            "You can’t credit this document.", remedy="Ask a lead or finance officer of the supplier."
        )
    if document.kind == DocumentKind.CREDIT_NOTE:
        raise NotAllowed("A credit note can’t be credited.", remedy="Issue a new document instead.")
    if not reason.strip():
        raise DomainError(
            "Say why you credit this document.", remedy="The reason is kept in its history.", field="reason"
        )
    if document.credit_notes.exists():
        raise AlreadyCredited(
            "This document is credited already.", remedy="Open its credit note to see what was put right."
        )
    note = _write(
        actor=actor,
        like=document,
        kind=DocumentKind.CREDIT_NOTE,
        lines=[_mirrored(line) for line in document.lines.all()],
        effect=f"document:{document.pk}:credited",
    )
    history.write(document, verb="credit", by=actor, note=reason.strip())
    posted = [Posting(*key, -pence) for key, pence in _posted(document).items()]
    postings.post(actor=actor, document=note, postings=posted)
    return note


def _shares(booking: Booking, releasing: int, fee: int) -> list[Posting]:
    """Who earns what of the net price: the releasing organisation and the broker, or the provider itself."""
    if booking.releasing_organisation_id == booking.provider_id:
        return [Posting("income", "", releasing + fee)]
    return [
        Posting("payable", f"organisation:{booking.releasing_organisation_id}", releasing),
        Posting("fee_income", "", fee),
    ]


def _issue(
    *, actor: Actor, booking: Booking, lines: Sequence[tuple[str, int]], shares: list[Posting], effect: str
) -> Document:
    if issued := Document.objects.filter(effect=effect).first():
        return issued
    today = local(timezone.now()).date()
    kind = KIND_BY_ROUTE[booking.route]
    draft = Document(
        kind=kind,
        supplier=booking.provider,
        buyer=booking.receiving_school,
        booking=booking,
        route=booking.route,
        issued_on=today,
        due_on=rules.due_date(today) if kind == DocumentKind.INVOICE else None,
        purchase_order_number=booking.purchase_order_number,
        parties={"supplier": _party(booking.provider), "buyer": _party(booking.receiving_school)},
    )
    rows = [_line(booking, description, pence, today) for description, pence in lines]
    document = _write(actor=actor, like=draft, kind=kind, lines=rows, effect=effect)
    postings.post(actor=actor, document=document, postings=[*shares, Posting("vat", "", document.vat_pence)])
    return document


def _write(
    *, actor: Actor, like: Document, kind: DocumentKind, lines: list[DocumentLine], effect: str
) -> Document:
    """Number and store a document with its lines; the number is taken last."""
    today = local(timezone.now()).date()
    net, vat = sum(line.net_pence for line in lines), sum(line.vat_pence for line in lines)
    series, number = numbers.next_number(like.supplier, kind, today)
    document = Document.objects.create(
        kind=kind,
        series=series,
        number=number,
        supplier=like.supplier,
        buyer=like.buyer,
        booking=like.booking,
        credits=like if like.pk else None,
        route=like.route,
        issued_on=today,
        due_on=like.due_on if not like.pk else None,
        purchase_order_number=like.purchase_order_number,
        parties=like.parties,
        net_pence=net,
        vat_pence=vat,
        gross_pence=net + vat,
        issued_by_id=actor.user_id,
        effect=effect,
    )
    for position, line in enumerate(lines, start=1):
        line.document, line.position = document, position
    DocumentLine.objects.bulk_create(lines)
    history.write(document, verb="issue", by=actor)
    events.publish(DocumentIssued(document.pk))
    return document


def _line(booking: Booking, description: str, net_pence: int, on: date) -> DocumentLine:
    service = ServiceKind(booking.offer_version.support_type.service_kind)
    vat = vat_treatment(legal_facts(booking.provider), legal_facts(booking.receiving_school), service, on=on)
    line = rules.DocumentLine(description=description, net_pence=net_pence, vat=vat)
    return DocumentLine(
        description=description,
        net_pence=net_pence,
        vat_basis_points=vat.basis_points,
        vat_pence=line.vat_pence,
        vat_treatment=vat.treatment,
        vat_reason=vat.reason,
        cfr_code=rules.cfr_code_for_service(service, on).code,
        income_code=rules.cfr_code(rules.CfrPurpose.PROVIDER_INCOME, on).code,
        activity_basis=booking.offer_version.activity_basis,
    )


def _mirrored(line: DocumentLine) -> DocumentLine:
    return DocumentLine(
        description=f"Credit: {line.description}"[:300],
        net_pence=-line.net_pence,
        vat_pence=-line.vat_pence,
        **{
            name: getattr(line, name)
            for name in (
                "vat_basis_points",
                "vat_treatment",
                "vat_reason",
                "cfr_code",
                "income_code",
                "activity_basis",
            )
        },
    )


def _posted(document: Document) -> dict[tuple[str, str], int]:
    """What the document credited to each account, by purpose and detail."""
    written = Transfer.objects.filter(effect__startswith=f"document:{document.pk}:").select_related("target")
    return {(transfer.target.purpose, transfer.target.detail): transfer.amount for transfer in written}


def _party(organisation: Organisation) -> dict[str, str]:
    """Name, address and numbers of a party as they are today, for the paper."""
    school = getattr(organisation, "school", None)
    return {
        "name": organisation.name,
        "address": ", ".join(organisation.address.splitlines())
        or (", ".join(filter(None, (school.street, school.town, school.postcode))) if school else ""),
        "urn": str(school.urn) if school else "",
        "vat_number": organisation.vat_number,
    }
