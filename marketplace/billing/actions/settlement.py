"""Paying releasing organisations: a statement of what is owed, the paper that belongs to it, and the payment.

In the broker's books a statement moves nothing until its paper is there: then the paper's VAT joins what is payable, and the payment takes
both out. A payment can't be more than what is payable (I13): the account refuses.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.billing import postings
from marketplace.billing.actions import papers
from marketplace.billing.actions.crediting import credit_self_bill
from marketplace.billing.actions.papers import Paper
from marketplace.billing.actions.receipts import record_receipt
from marketplace.billing.errors import Disputed, NothingToSettle, Overtaken
from marketplace.billing.events import StatementMoved
from marketplace.billing.models import (
    Document,
    DocumentKind,
    DocumentLine,
    SettlementStatement,
    SettlementStatus,
    StatementLine,
)
from marketplace.billing.postings import Entry, Posting, Purpose
from marketplace.billing.queries import settlement as queries
from marketplace.billing.queries.settlement import OpenLine
from marketplace.billing.rules.days import check_day
from marketplace.billing.states import SETTLEMENT
from marketplace.bookings.models import PlaceOrder
from marketplace.catalogue.models import OfferVersion
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import Period, local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.kernel.money import percent_of, pounds
from marketplace.kernel.supply import RouteKind, ServiceKind
from marketplace.kernel.transfers import NotEnough
from marketplace.kernel.vat import VatTreatment, rate_on
from marketplace.organisations.models import Organisation

NO_SUPPLY_KIND = ServiceKind.IMPROVEMENT
"""What a share is taken for where the booking behind it isn't known: advice and support."""


@action
def make_statement(
    *, actor: Actor, broker: Organisation, supplier: Organisation, up_to: date
) -> SettlementStatement:
    """Put all that the broker owes the organisation up to a day, and that stands on no statement yet, on one.

    Inside one local authority the statement carries a journal; under a self-billing agreement it carries the invoice the broker writes for
    the organisation; else it asks for the organisation's own invoice. Raises `NotAllowed`, `NothingToSettle`.
    """
    _must_settle(actor, broker)
    last_day = min(up_to, papers.today())
    lines = queries.open_lines(broker, supplier, last_day)
    net = sum(line.pence for line in lines)
    if net <= 0:
        raise NothingToSettle(
            f"Nothing is owed to {supplier.name} that could go on a statement.",
            remedy="A delivered day appears here once its record of visit is written and no dispute is open.",
        )
    statement = SettlementStatement.objects.create(
        status=SettlementStatus.AWAITING_INVOICE,
        broker=broker,
        supplier=supplier,
        period_from=min(line.transfer.on for line in lines),
        period_to=last_day,
        net_pence=net,
        made_by_id=actor.user_id,
    )
    _store_lines(statement, lines)
    route = papers.route_between(broker, supplier)
    if route == RouteKind.JOURNAL or queries.self_billing_between(broker, supplier, papers.today()):
        _self_bill(actor, statement, lines, route)
    history.write(statement, verb="make", after=statement.status, by=actor)
    events.publish(StatementMoved(statement.pk, "make"))
    return statement


@action
def record_invoice(
    *, actor: Actor, statement: SettlementStatement, number: str, dated: date, vat_pence: int
) -> SettlementStatement:
    """Record the releasing organisation's own invoice for a statement: its number, date and VAT. The statement can then be paid."""
    statement = _locked(actor, statement)
    if not queries.may_answer(actor, statement):
        raise NotAllowed("You can’t record this invoice.", remedy="Ask a finance officer of either side.")
    check_day(dated, today=papers.today(), field="dated", not_before=statement.period_from)
    if not number.strip():
        raise DomainError("The invoice needs its number.", remedy="Copy it from the invoice.", field="number")
    most = percent_of(statement.net_pence, rate_on(VatTreatment.STANDARD, dated))
    if not 0 <= vat_pence <= most:
        raise DomainError(
            f"VAT on {pounds(statement.net_pence)} is between nothing and {pounds(most)}.",
            remedy="Check the amount of VAT on the invoice.",
            field="vat",
        )
    also = {"invoice_number": number.strip()[:40], "invoice_dated": dated, "vat_pence": vat_pence}
    SETTLEMENT.move(statement, "record_invoice", by=actor, note=number.strip(), **also)
    _book_vat(actor, statement, vat_pence)
    events.publish(StatementMoved(statement.pk, "record_invoice"))
    return statement


@action
def pay_statement(
    *, actor: Actor, statement: SettlementStatement, paid_on: date, reference: str = ""
) -> SettlementStatement:
    """Record that a statement was paid from the bank. Raises `Disputed`, `Overtaken` when less is payable by now."""
    statement = _locked(actor, statement)
    _must_settle(actor, statement.broker)
    check_day(paid_on, today=papers.today(), field="paid_on", not_before=statement.period_from)
    take_out(actor, statement, (Purpose.CASH, ""))
    also = {"paid_on": paid_on, "payment_reference": reference.strip()[:80]}
    SETTLEMENT.move(statement, "pay", by=actor, note=reference.strip(), **also)
    if statement.document:
        record_receipt(
            actor=on_behalf_of_the_other_side(actor),
            payee=statement.supplier,
            payer=statement.broker,
            pence=statement.gross_pence,
            method="bacs",
            received_on=paid_on,
            reference=reference.strip() or statement.reference,
            allocations=[(statement.document, statement.gross_pence)],
            effect=f"settlement:{statement.pk}",
        )
    events.publish(StatementMoved(statement.pk, "pay"))
    return statement


@action
def withdraw_statement(*, actor: Actor, statement: SettlementStatement, reason: str) -> SettlementStatement:
    """Take back a statement that isn't paid: its paper is credited, its lines are free for the next one, and a dispute of it is over."""
    statement = _locked(actor, statement)
    _must_settle(actor, statement.broker)
    if not reason.strip():
        raise DomainError("Say why you withdraw it.", remedy="Both sides see the reason.", field="reason")
    settled = {"disputed_at": None, "dispute_reason": ""}
    SETTLEMENT.move(statement, "withdraw", by=actor, note=reason.strip(), **settled)
    _book_vat(actor, statement, -statement.vat_pence)
    if statement.document:
        credit_self_bill(actor=actor, document=statement.document, reason=reason.strip())
    statement.lines.update(is_live=False)
    events.publish(StatementMoved(statement.pk, "withdraw"))
    return statement


@action
def dispute_statement(*, actor: Actor, statement: SettlementStatement, reason: str) -> SettlementStatement:
    """Say that a statement is wrong: it isn't paid until that is settled. Either side may."""
    statement = _locked(actor, statement)
    _must_answer(actor, statement)
    if not reason.strip():
        raise DomainError("Say what is wrong.", remedy="The other side sees the reason.", field="reason")
    if statement.status in (SettlementStatus.PAID, SettlementStatus.WITHDRAWN):
        raise NotNow(
            "This statement is closed.", remedy="Write to the other side; a credit goes on the next one."
        )
    statement.disputed_at, statement.dispute_reason = timezone.now(), reason.strip()[:300]
    statement.save(update_fields=["disputed_at", "dispute_reason"])
    history.write(statement, verb="dispute", by=actor, note=reason.strip())
    events.publish(StatementMoved(statement.pk, "dispute"))
    return statement


@action
def clear_dispute(*, actor: Actor, statement: SettlementStatement, note: str) -> SettlementStatement:
    """Say how a dispute was settled: the statement can be paid again."""
    statement = _locked(actor, statement)
    _must_answer(actor, statement)
    if not note.strip():
        raise DomainError("Say how it was settled.", remedy="Both sides see it.", field="reason")
    if statement.disputed_at:
        statement.disputed_at, statement.dispute_reason = None, ""
        statement.save(update_fields=["disputed_at", "dispute_reason"])
        history.write(statement, verb="clear_dispute", by=actor, note=note.strip())
        events.publish(StatementMoved(statement.pk, "clear_dispute"))
    return statement


def take_out(actor: Actor, statement: SettlementStatement, target: tuple[Purpose, str]) -> None:
    """Move the statement's total from what is payable to where the money goes. Raises `Disputed`, `Overtaken`."""
    if statement.disputed_at or queries.disputed_by_buyer(statement):
        raise Disputed(
            f"{statement.reference} is disputed, so it can’t be paid.",
            remedy="Settle the dispute first, or withdraw the statement and make a new one without that day.",
        )
    try:
        _book(actor, statement, _payable(statement), target, statement.gross_pence, "paid")
    except NotEnough as error:
        raise Overtaken(
            f"Something on {statement.reference} was credited since it was made, so less is owed.",
            remedy="Withdraw it and make a new statement.",
        ) from error


def on_behalf_of_the_other_side(actor: Actor) -> Actor:
    """The same person, writing the movement's other end into books that aren't theirs: what one side pays the other receives."""
    return Actor(user_id=actor.user_id, name=actor.name, is_system=True)


def _self_bill(actor: Actor, statement: SettlementStatement, lines: list[OpenLine], route: str) -> Document:
    broker, supplier = statement.broker, statement.supplier
    document = papers.write(
        actor,
        Paper(
            kind=DocumentKind.SELF_BILL,
            supplier=supplier,
            buyer=broker,
            route=route,
            lines=[_paper_line(statement, line) for line in lines],
            effect=f"settlement:{statement.pk}",
            note=f"Made by {broker.name} for {supplier.name}: statement {statement.reference}",
        ),
    )
    earned = [Posting("income", "", document.net_pence), Posting("vat", "", document.vat_pence)]
    postings.post(actor=actor, document=document, postings=earned)
    _book_vat(actor, statement, document.vat_pence)
    statement.document, statement.vat_pence = document, document.vat_pence
    statement.status = SettlementStatus.TO_JOURNAL if route == RouteKind.JOURNAL else SettlementStatus.TO_PAY
    statement.save(update_fields=["document", "vat_pence", "status"])
    return document


def _paper_line(statement: SettlementStatement, line: OpenLine) -> DocumentLine:
    version, period = _supplied(line)
    return papers.a_line(
        supplier=statement.supplier,
        buyer=statement.broker,
        service=ServiceKind(version.support_type.service_kind) if version else NO_SUPPLY_KIND,
        description=_describe(line),
        net_pence=line.pence,
        activity_basis=version.activity_basis if version else "",
        period=period,
    )


def _supplied(line: OpenLine) -> tuple[OfferVersion | None, Period | None]:
    """What the organisation's people gave, and on which days; nothing where that isn't known."""
    if line.booking:
        return line.booking.offer_version, Period(line.booking.day, line.booking.day)
    if line.order:
        event = line.order.event
        return event.offer_version, Period(local(event.starts_at).date(), local(event.ends_at).date())
    return None, None


def _store_lines(statement: SettlementStatement, lines: list[OpenLine]) -> None:
    rows = [_statement_line(statement, position, line) for position, line in enumerate(lines, start=1)]
    try:
        with transaction.atomic():
            StatementLine.objects.bulk_create(rows)
    except IntegrityError as error:
        raise NothingToSettle(
            "Somebody made a statement of these days a moment ago.", remedy="Open the list of statements."
        ) from error


def _statement_line(statement: SettlementStatement, position: int, line: OpenLine) -> StatementLine:
    _, period = _supplied(line)
    return StatementLine(
        statement=statement,
        position=position,
        transfer=line.transfer,
        booking=line.booking,
        place_order=line.order,
        source_document=line.document,
        description=_describe(line),
        on=period.start if period else line.transfer.on,
        net_pence=line.pence,
        buyer_pence=line.buyer_pence,
        fee_pence=line.fee_pence,
        backfill_pence=line.claim.pence if line.claim else 0,
        backfill_code=line.claim.cfr_code if line.claim else "",
    )


def _describe(line: OpenLine) -> str:
    if line.order:
        return _describe_course(line, line.order)
    booking = line.booking
    if booking is None:
        return line.transfer.reason
    what = f"{booking.reference}: {booking.practitioner.name} at {booking.receiving_school.name}, {long_date(booking.day)}"
    if line.pence < 0:
        return f"Credited: {what}"[:300]
    return f"{'Cancelled late' if ':cancelled' in _origin(line) else 'Delivered'}: {what}"[:300]


def _describe_course(line: OpenLine, order: PlaceOrder) -> str:
    event = order.event
    what = f"{order.reference}: {order.school.name} on “{event.title}”, {long_date(local(event.starts_at).date())}"
    return f"{'Credited' if line.pence < 0 else 'Course'}: {what}, led by {line.leaders}"[:300]


def _origin(line: OpenLine) -> str:
    return line.document.effect if line.document else line.transfer.effect


def _book_vat(actor: Actor, statement: SettlementStatement, pence: int) -> None:
    """The VAT of the organisation's paper: payable to it, and the broker's to reclaim; taken back where below zero."""
    pair = ((Purpose.VAT, ""), _payable(statement))
    source, target = pair if pence >= 0 else pair[::-1]
    _book(actor, statement, source, target, abs(pence), "vat" if pence >= 0 else "vat_back")


def _book(
    actor: Actor,
    statement: SettlementStatement,
    source: tuple[Purpose, str],
    target: tuple[Purpose, str],
    pence: int,
    what: str,
) -> None:
    entry = Entry(
        source, target, pence, f"Settlement {statement.reference}", f"settlement:{statement.pk}:{what}"
    )
    postings.book(actor=actor, owner_id=statement.broker_id, entries=[entry], on=papers.today())


def _payable(statement: SettlementStatement) -> tuple[Purpose, str]:
    return Purpose.PAYABLE, f"organisation:{statement.supplier_id}"


def _locked(actor: Actor, statement: SettlementStatement) -> SettlementStatement:
    return locked(queries.statements_visible_to(actor), pk=statement.pk)  # type: ignore[no-any-return]


def _must_settle(actor: Actor, broker: Organisation) -> None:
    if not queries.may_settle(actor, broker):
        raise NotAllowed(f"You can’t settle for {broker.name}.", remedy="Ask its lead or finance officer.")


def _must_answer(actor: Actor, statement: SettlementStatement) -> None:
    if not queries.may_answer(actor, statement):
        raise NotAllowed(
            "You can’t answer this statement.", remedy="Ask a head or finance officer of either side."
        )
