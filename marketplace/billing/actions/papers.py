"""Writing a paper: number it, store it with its lines, tell of it. Every document comes into being here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.billing import numbers, rules
from marketplace.billing.events import DocumentIssued
from marketplace.billing.models import Document, DocumentKind, DocumentLine
from marketplace.bookings.models import Booking, PlaceOrder
from marketplace.buyback.models import FundingKind, FundingStream, ServiceAgreement
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import Period, local
from marketplace.kernel.errors import DomainError
from marketplace.kernel.supply import RouteKind, ServiceKind, VatDecision, route_for, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Area, Organisation, OrganisationKind

COPIED = (
    "vat_basis_points",
    "vat_treatment",
    "vat_reason",
    "cfr_code",
    "income_code",
    "activity_basis",
    "funding",
    "service_from",
    "service_to",
)
"""What a credit note's line and a line issued again have in common with the first one."""

KIND_BY_ROUTE = {
    "journal": DocumentKind.JOURNAL,
    "invoice": DocumentKind.INVOICE,
    "card": DocumentKind.INVOICE,
}

ROUTE_WORDS = {RouteKind.JOURNAL: "by journal transfer", RouteKind.INVOICE: "by invoice"}


class NobodyToBill(DomainError):
    """The area has no local authority that a commissioned service could be billed to."""

    code = "nobody_to_bill"
    status = 409


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document about to be issued. `effect` names the business effect it is issued for, once."""

    kind: DocumentKind
    supplier: Organisation
    buyer: Organisation
    route: str
    lines: Sequence[DocumentLine]
    effect: str
    booking: Booking | None = None
    place_order: PlaceOrder | None = None
    agreement: ServiceAgreement | None = None
    credits: Document | None = None
    replaces: Document | None = None
    purchase_order_number: str = ""
    note: str = ""
    parties: dict[str, Any] | None = None
    has_terms: bool = True


def today() -> date:
    """The day a paper issued now carries."""
    return local(timezone.now()).date()


def write(actor: Actor, paper: Paper) -> Document:
    """Number and store a document with its lines; the number is taken last."""
    on = today()
    total = rules.totals(paper.lines)
    is_invoice = paper.kind in (DocumentKind.INVOICE, DocumentKind.SELF_BILL)
    series, number = numbers.next_number(paper.supplier, paper.kind, on)
    document = Document.objects.create(
        kind=paper.kind,
        series=series,
        number=number,
        supplier=paper.supplier,
        buyer=paper.buyer,
        booking=paper.booking,
        place_order=paper.place_order,
        agreement=paper.agreement,
        credits=paper.credits,
        replaces=paper.replaces,
        route=paper.route,
        issued_on=on,
        due_on=rules.due_date(on) if is_invoice and paper.route != RouteKind.JOURNAL else None,
        purchase_order_number=paper.purchase_order_number,
        note=paper.note[:300],
        parties=paper.parties or parties(paper.supplier, paper.buyer),
        net_pence=total.net_pence,
        vat_pence=total.vat_pence,
        gross_pence=total.gross_pence,
        issued_by_id=actor.user_id,
        effect=paper.effect,
    )
    for position, line in enumerate(paper.lines, start=1):
        line.document, line.position = document, position
    DocumentLine.objects.bulk_create(paper.lines)
    history.write(document, verb="issue", by=actor)
    events.publish(DocumentIssued(document.pk))
    return document


def a_line(
    *,
    supplier: Organisation,
    buyer: Organisation,
    service: ServiceKind,
    description: str,
    net_pence: int,
    activity_basis: str = "",
    funding: str = FundingKind.TRADED,
    period: Period | None = None,
) -> DocumentLine:
    """A line as the rules have it today: VAT by supplier, buyer and service, codes of today's financial year."""
    on = today()
    vat = vat_treatment(legal_facts(supplier), legal_facts(buyer), service, on=on)
    return DocumentLine(
        description=description[:300],
        net_pence=net_pence,
        **vat_fields(vat, net_pence),
        cfr_code=rules.cfr_code_for_service(service, on).code,
        income_code=rules.cfr_code(rules.CfrPurpose.PROVIDER_INCOME, on).code,
        activity_basis=activity_basis,
        funding=funding,
        service_from=period.start if period else None,
        service_to=period.end if period else None,
    )


def vat_fields(vat: VatDecision, net_pence: int) -> dict[str, Any]:
    """The VAT of a line: treatment, rate, reason and pence, rounded once."""
    return {
        "vat_basis_points": vat.basis_points,
        "vat_pence": vat_on(net_pence, vat.basis_points),
        "vat_treatment": vat.treatment,
        "vat_reason": vat.reason[:300],
    }


def a_copy(line: DocumentLine, **changes: Any) -> DocumentLine:
    """A line like another one, with changes."""
    fields = {name: getattr(line, name) for name in COPIED}
    return DocumentLine(**fields | {"description": line.description} | changes)


def parties(
    supplier: Organisation, buyer: Organisation, *, on_behalf_of: Organisation | None = None
) -> dict[str, Any]:
    """Both parties as they are today and, where another pays for a school, the school."""
    found = {"supplier": _party(supplier), "buyer": _party(buyer)}
    return found | {"school": _party(on_behalf_of)} if on_behalf_of else found


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


def payer(organisation: Organisation, stream: FundingStream | None) -> Organisation:
    """Who is billed: the school itself or, where a pot of the area pays, its local authority. Raises `NobodyToBill`."""
    return local_authority(stream.area) if stream else organisation


def local_authority(area: Area | None) -> Organisation:
    """The local authority of an area. Raises `NobodyToBill` where it has none on the exchange."""
    found = (
        Organisation.objects.filter(area=area, kind=OrganisationKind.LOCAL_AUTHORITY).order_by("pk").first()
    )
    if area is None or found is None:
        raise NobodyToBill(
            f"{area or 'This school'} has no local authority on the exchange to send the bill to.",
            remedy="Add the local authority’s organisation; the document is then issued by itself.",
        )
    return found


def route_between(buyer: Organisation, supplier: Organisation) -> str:
    """Journal or invoice, by who the two are today."""
    return route_for(legal_facts(buyer), legal_facts(supplier)).kind.value


def why_rerouted(promised: str, route: str, buyer: Organisation) -> str:
    """Why a paper comes by another route than was shown when the order was made; empty where it does not."""
    if {promised, route} != {RouteKind.JOURNAL, RouteKind.INVOICE}:
        return ""
    before, now = ROUTE_WORDS[RouteKind(promised)], ROUTE_WORDS[RouteKind(route)]
    return f"Ordered to be paid {before}. {buyer} has changed its status since, so it is paid {now}."
