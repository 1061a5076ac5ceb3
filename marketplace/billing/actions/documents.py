"""Verbs of billing: issue the paper a delivered (or late cancelled) booking calls for, and owe the releasing organisation its share."""

from marketplace.billing import postings
from marketplace.billing.actions import papers
from marketplace.billing.actions.crediting import credit
from marketplace.billing.actions.papers import KIND_BY_ROUTE, Paper
from marketplace.billing.errors import AlreadyCredited
from marketplace.billing.models import Document
from marketplace.billing.postings import Entry, Posting, Purpose
from marketplace.billing.queries.crediting import current_of
from marketplace.billing.queries.unbilled import NOTHING_TO_PAY, billable_bookings
from marketplace.bookings.models import Booking, BookingMove, MoveWaiver, PaymentRoute, WaiverStatus
from marketplace.buyback.models import FundingKind
from marketplace.kernel import transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import Period, long_date
from marketplace.kernel.db import action
from marketplace.kernel.models import Transfer
from marketplace.kernel.money import pro_rata
from marketplace.kernel.supply import ServiceKind


@action
def issue_for_delivery(*, actor: Actor, booking: Booking) -> Document | None:
    """Issue the document for a delivered booking by the route it promised. Issued once, however often it is asked for.

    A commissioned booking is billed to the local authority. A booking drawn from a package calls for no paper, but the releasing
    organisation is owed its share all the same; one paid in credits is settled in credits on both sides.
    """
    shares = booking.price["shares"]
    effect = f"booking:{booking.pk}:delivered"
    if booking.route in NOTHING_TO_PAY:
        _owe_releasing(actor, booking, shares["releasing_school"], effect)
        return None
    return _issue(
        actor,
        booking,
        f"{booking.offer_version.title}: {booking.practitioner.name}, {long_date(booking.day)}",
        booking.net_pence,
        _shares(booking, shares["releasing_school"], shares["broker"]),
        effect,
    )


@action
def issue_for_cancellation(*, actor: Actor, booking: Booking) -> Document | None:
    """Issue the document for the charge of a late cancellation; nothing where the tariff charged nothing.

    The whole charge goes to the organisation that kept the time free. Where the tariff kept half-days of a package, that organisation is
    owed its share of them; a flat charge is owed in money however the session was paid (domain 1.3).
    """
    effect = f"booking:{booking.pk}:cancelled"
    kept = booking.cancellation_charge_half_days
    if booking.charge_waived_by_id or booking.refilled_by_id:
        return None
    if booking.route in NOTHING_TO_PAY and kept:
        share = pro_rata(booking.price["shares"]["releasing_school"], kept, booking.half_days)
        _owe_releasing(actor, booking, share, effect)
    charge = booking.cancellation_charge_pence
    if not charge:
        return None
    description = f"Late cancellation of {booking.reference}, {long_date(booking.day)}"
    return _issue(actor, booking, description, charge, _shares(booking, charge, 0), effect)


@action
def credit_waived_charge(*, actor: Actor, booking: Booking) -> Document | None:
    """Credit the document of a cancellation charge that is not owed after all, once; what a package's days cost goes back likewise."""
    effect = f"booking:{booking.pk}:cancelled"
    return _credit_charge(actor, effect, booking.charge_waiver_reason or "The charge was waived.")


@action
def credit_waived_move(*, actor: Actor, move: BookingMove, reason: str) -> Document | None:
    """The same for what moving a visit late cost."""
    return _credit_charge(actor, f"booking:{move.booking_id}:moved:{move.pk}", reason)


def _credit_charge(actor: Actor, effect: str, reason: str) -> Document | None:
    document = Document.objects.filter(effect=effect).first()
    if document is not None:
        return _credit_all_left(actor, current_of(document), reason, f"{effect}:waived")
    owed = Transfer.objects.filter(effect=f"{effect}:payable").select_related("target").first()
    if owed is not None and owed.target.balance >= owed.amount:  # else it was paid out: the broker bears it
        transfers.reverse(by=actor, transfer=owed, reason=reason[:200], on=papers.today())
    return None


def _credit_all_left(actor: Actor, document: Document, reason: str, effect: str) -> Document | None:
    try:
        return credit(actor=actor, document=document, reason=reason, effect=effect)
    except AlreadyCredited:
        return None  # somebody credited it by hand before: nothing of it is owed


@action
def issue_for_move(*, actor: Actor, move: BookingMove) -> Document | None:
    """Issue the document for what moving a visit late cost; nothing where the tariff charged nothing. As `issue_for_cancellation`."""
    booking = billable_bookings().get(pk=move.booking_id)
    if MoveWaiver.objects.filter(move=move, status=WaiverStatus.GRANTED).exists():
        return None
    effect = f"booking:{booking.pk}:moved:{move.pk}"
    if move.charge_half_days:
        share = pro_rata(
            booking.price["shares"]["releasing_school"], move.charge_half_days, booking.half_days
        )
        _owe_releasing(actor, booking, share, effect)
    if not move.charge_pence:
        return None
    description = (
        f"Late move of {booking.reference} from {long_date(move.from_day)} to {long_date(move.to_day)}"
    )
    shares = _shares(booking, move.charge_pence, 0)
    return _issue(actor, booking, description, move.charge_pence, shares, effect)


def _shares(booking: Booking, releasing: int, fee: int) -> list[Posting]:
    """Who earns what of the net price: the releasing organisation and the broker, or the provider itself."""
    if booking.releasing_organisation_id == booking.provider_id:
        return [Posting("income", "", releasing + fee)]
    return [
        Posting("payable", f"organisation:{booking.releasing_organisation_id}", releasing),
        Posting("fee_income", "", fee),
    ]


def _owe_releasing(actor: Actor, booking: Booking, pence: int, effect: str) -> None:
    """What a package's session costs the broker: nothing where it sends its own person, or where credits settle it."""
    if booking.releasing_organisation_id == booking.provider_id or booking.route == PaymentRoute.EXCHANGE:
        return
    entry = Entry(
        (Purpose.COST_OF_DELIVERY, ""),
        (Purpose.PAYABLE, f"organisation:{booking.releasing_organisation_id}"),
        pence,
        f"Drawn from a package: {booking.reference}",
        f"{effect}:payable",
    )
    postings.book(actor=actor, owner_id=booking.provider_id, entries=[entry], on=papers.today())


def _issue(
    actor: Actor, booking: Booking, description: str, pence: int, shares: list[Posting], effect: str
) -> Document:
    if issued := Document.objects.filter(effect=effect).first():
        return issued
    stream = booking.funding_stream
    is_commissioned = booking.route == PaymentRoute.COMMISSIONED
    school, supplier = booking.receiving_school, booking.provider
    buyer = papers.local_authority(stream.area if stream else school.area) if is_commissioned else school
    is_card = booking.route == PaymentRoute.CARD
    route = booking.route if is_card else papers.route_between(buyer, supplier)
    line = papers.a_line(
        supplier=supplier,
        buyer=buyer,
        service=ServiceKind(booking.offer_version.support_type.service_kind),
        description=description,
        net_pence=pence,
        activity_basis=booking.offer_version.activity_basis,
        funding=stream.kind if stream else _funding_without_stream(is_commissioned),
        period=Period(booking.day, booking.day),
    )
    document = papers.write(
        actor,
        Paper(
            kind=KIND_BY_ROUTE[route],
            supplier=supplier,
            buyer=buyer,
            route=route,
            lines=[line],
            effect=effect,
            booking=booking,
            purchase_order_number=booking.purchase_order_number,
            note=papers.why_rerouted(booking.route, route, buyer),
            parties=papers.parties(supplier, buyer, on_behalf_of=school if is_commissioned else None),
        ),
    )
    postings.post(actor=actor, document=document, postings=[*shares, Posting("vat", "", document.vat_pence)])
    return document


def _funding_without_stream(is_commissioned: bool) -> str:
    return FundingKind.COMMISSIONED if is_commissioned else FundingKind.TRADED
