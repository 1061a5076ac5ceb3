"""What belongs to another year than its paper, at 31 March or 31 August: worked out anew each time, line by line."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.billing import rules
from marketplace.billing.models import Document, DocumentLine, Instalment, StatementLine
from marketplace.billing.postings import UNIT, Purpose
from marketplace.billing.queries.books import books_visible_to
from marketplace.billing.queries.documents import BUYER_READERS, SUPPLIER_READERS
from marketplace.billing.queries.settlement import OWN_EFFECTS
from marketplace.billing.rules import CfrPurpose
from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import Period, long_date
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Account, Ledger, Transfer
from marketplace.kernel.supply import ServiceKind
from marketplace.organisations.models import Organisation, OrganisationKind

ACCRUED_INCOME = "accrued_income"
DEFERRED_INCOME = "deferred_income"
ACCRUED_EXPENSE = "accrued_expense"
PREPAYMENT = "prepayment"

HEADINGS = {
    ACCRUED_INCOME: "Accrued income: delivered, not invoiced yet",
    DEFERRED_INCOME: "Income in advance: invoiced for months after the year’s end",
    ACCRUED_EXPENSE: "Accruals: received, not invoiced yet",
    PREPAYMENT: "Prepayments: paid or owed for months after the year’s end",
}
INVOICED = (PaymentRoute.JOURNAL, PaymentRoute.INVOICE, PaymentRoute.CARD)
DELIVERED = ("delivered", "evaluated", "completed")


class NoteLine(NamedTuple):
    """One line of the note. `pence` belongs to the year as `kind` says; `whole_pence` is what it is a part of. Net of VAT."""

    kind: str
    reference: str
    document: str
    party: str
    description: str
    code: str
    whole_pence: int
    pence: int
    explained: str


class NoteSection(NamedTuple):
    """The lines of one kind and what they add up to."""

    kind: str
    heading: str
    lines: list[NoteLine]
    pence: int


class YearEndNote(NamedTuple):
    """The note of an organisation for the day its books close."""

    organisation: Organisation
    on: date
    sections: list[NoteSection]


def year_end_organisations(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose note the person may read: where they read money, and the area's for its finance."""
    return Organisation.objects.filter(
        Q(pk__in=actor.organisations(*BUYER_READERS, *SUPPLIER_READERS))
        | Q(pk__in=books_visible_to(actor).order_by().values("pk"))
        | Q(area__in=actor.in_area(Role.FINANCE))
    ).order_by("name", "pk")


def year_end_note(actor: Actor, organisation_reference: str, on: date) -> YearEndNote:
    """The note of an organisation at 31 March or 31 August. Raises `NotFound`, `NotAYearEnd`."""
    rules.check_year_end(on)
    organisation = (
        year_end_organisations(actor).select_related("area").filter(reference=organisation_reference).first()
    )
    if organisation is None:
        raise NotFound
    lines = [
        *_of_documents(organisation, on),
        *_of_instalments(organisation, on),
        *_of_bookings(organisation, on),
        *_of_shares(organisation, on),
    ]
    sections = []
    for kind, heading in HEADINGS.items():
        of_kind = [line for line in lines if line.kind == kind]
        sections.append(NoteSection(kind, heading, of_kind, sum(line.pence for line in of_kind)))
    return YearEndNote(organisation, on, sections)


def _of_documents(organisation: Organisation, on: date) -> Iterator[NoteLine]:
    """Lines of papers issued by the day for a service that goes on after it."""
    rows = (
        DocumentLine.objects.filter(
            Q(document__supplier=organisation) | Q(document__buyer=organisation),
            document__issued_on__lte=on,
            service_to__gt=on,
        )
        .select_related("document__series", "document__supplier", "document__buyer")
        .order_by("document__issued_on", "pk")
    )
    for line in rows:
        assert line.service_from and line.service_to
        document = line.document
        is_seller = document.supplier_id == organisation.pk
        share = rules.share_at(line.net_pence, Period(line.service_from, line.service_to), on)
        if share.after_pence:
            yield NoteLine(
                DEFERRED_INCOME if is_seller else PREPAYMENT,
                document.full_number,
                document.reference,
                (document.buyer if is_seller else document.supplier).name,
                line.description,
                line.income_code if is_seller else line.cfr_code,
                line.net_pence,
                share.after_pence,
                f"{share.months_after} of {share.months} months lie after {long_date(on)}.",
            )


def _of_instalments(organisation: Organisation, on: date) -> Iterator[NoteLine]:
    """Months of agreements that ran by the day and were not billed by then."""
    rows = (
        Instalment.objects.filter(
            Q(agreement__seller=organisation)
            | Q(agreement__buyer=organisation, agreement__funding_stream__isnull=True)
            | _paid_by_area(organisation, "agreement__funding_stream__area"),
            Q(document__isnull=True) | Q(document__issued_on__gt=on),
            starts_on__lte=on,
            cancelled_at__isnull=True,
        )
        .select_related("agreement__seller", "agreement__buyer")
        .order_by("starts_on", "pk")
    )
    for row in rows:
        is_seller = row.agreement.seller_id == organisation.pk
        share = rules.share_at(sum(row.pence.values()), row.period, on)
        if share.before_pence:
            yield NoteLine(
                ACCRUED_INCOME if is_seller else ACCRUED_EXPENSE,
                row.agreement.reference,
                "",
                (row.agreement.buyer if is_seller else row.agreement.seller).name,
                f"Service agreement, {long_date(row.starts_on)} to {long_date(row.ends_on)}",
                _code(ServiceKind.IMPROVEMENT, is_seller, on),
                row.net_pence,
                share.before_pence,
                f"{share.months - share.months_after} of {share.months} months ran by {long_date(on)} and were not invoiced.",
            )


def _of_bookings(organisation: Organisation, on: date) -> Iterator[NoteLine]:
    """Days delivered by the day and invoiced later, or not yet."""
    invoiced = Document.objects.filter(booking=OuterRef("pk"), credits__isnull=True, issued_on__lte=on)
    rows = (
        Booking.objects.scoped()
        .filter(
            Q(provider=organisation)
            | Q(receiving_school=organisation, route__in=INVOICED)
            | _paid_by_area(organisation, "receiving_school__area", route=PaymentRoute.COMMISSIONED),
            route__in=(*INVOICED, PaymentRoute.COMMISSIONED),
            status__in=DELIVERED,
            day__lte=on,
        )
        .exclude(Exists(invoiced))
        .select_related("provider", "receiving_school", "practitioner", "offer_version__support_type")
        .order_by("day", "pk")
    )
    for booking in rows:
        is_seller = booking.provider_id == organisation.pk
        service = ServiceKind(booking.offer_version.support_type.service_kind)
        yield NoteLine(
            ACCRUED_INCOME if is_seller else ACCRUED_EXPENSE,
            booking.reference,
            "",
            (booking.receiving_school if is_seller else booking.provider).name,
            f"{booking.offer_version.title}: {booking.practitioner.name}, {long_date(booking.day)}",
            _code(service, is_seller, on),
            booking.net_pence,
            booking.net_pence,
            f"Delivered on {long_date(booking.day)}, not invoiced by {long_date(on)}.",
        )


def _of_shares(organisation: Organisation, on: date) -> Iterator[NoteLine]:
    """What brokers owe the organisation for people it released, and no invoice or statement's paper says yet."""
    accounts = Account.objects.filter(
        ledger=Ledger.MONEY, purpose=Purpose.PAYABLE, detail=f"organisation:{organisation.pk}", unit=UNIT
    )
    brokers = {account.pk: account.owner_id for account in accounts}
    on_paper = StatementLine.objects.filter(transfer=OuterRef("pk"), is_live=True).filter(
        Q(statement__document__issued_on__lte=on) | Q(statement__invoice_dated__lte=on)
    )
    rows = (
        Transfer.objects.filter(Q(target__in=brokers) | Q(source__in=brokers), on__lte=on)
        .exclude(effect__startswith=OWN_EFFECTS)
        .exclude(Exists(on_paper))
        .order_by("on", "pk")
    )
    names = Organisation.objects.in_bulk([pk for pk in brokers.values() if pk])
    for transfer in rows:
        is_in = transfer.target_id in brokers
        owner = brokers[transfer.target_id if is_in else transfer.source_id]
        pence = transfer.amount if is_in else -transfer.amount
        yield NoteLine(
            ACCRUED_INCOME,
            transfer.reason.rsplit(" ", 1)[-1],
            "",
            names[owner].name if owner else "",
            f"Share for a person released: {transfer.reason}",
            rules.cfr_code(CfrPurpose.PROVIDER_INCOME, on).code,
            pence,
            pence,
            f"Owed since {long_date(transfer.on)}, on no statement with an invoice by {long_date(on)}.",
        )


def _paid_by_area(organisation: Organisation, area: str, **also: object) -> Q:
    """Rows whose bill goes to the organisation because it is the local authority of their area."""
    if organisation.kind != OrganisationKind.LOCAL_AUTHORITY or organisation.area_id is None:
        return Q(pk__in=[])
    return Q(**{area: organisation.area_id}, **also)


def _code(service: ServiceKind, is_seller: bool, on: date) -> str:
    if is_seller:
        return rules.cfr_code(CfrPurpose.PROVIDER_INCOME, on).code
    return rules.cfr_code_for_service(service, on).code
