"""How a booking is put into words and rows on its pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from frontend.forms.bookings import session_hours
from frontend.views import tools
from marketplace.bookings import queries
from marketplace.bookings.models import Booking, BookingStatus, MoveWaiver, WaiverRequest, WaiverStatus
from marketplace.brokerage import queries as brokerage
from marketplace.catalogue import tariffs
from marketplace.catalogue.models import DeliveryMode
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds

PAGES: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "order": ("Finish the booking", "bookings:order", (), ""),
    "approve": ("Approve or refuse", "bookings:approve", (), ""),
    "consent": ("Decide on the release", "bookings:consent", (), ""),
    "deliver": ("Write the record of visit", "brokerage:record", (), ""),
    "evaluate": ("Evaluate the support", "brokerage:evaluate", (), ""),
    "withdraw": ("Withdraw", "bookings:withdraw", (), "secondary"),
    "reschedule": ("Move to another time", "bookings:reschedule", (), "secondary"),
    "decline": ("Decline", "bookings:decline", (), "secondary"),
    "no_show_buyer": ("The school was not ready", "bookings:no_show", ("buyer",), "secondary"),
    "no_show_provider": ("Nobody came", "bookings:no_show", ("provider",), "secondary"),
    "cancel_by_buyer": ("Cancel for the school", "bookings:cancel", ("buyer",), "warning"),
    "cancel_by_provider": ("Cancel for the provider", "bookings:cancel", ("provider",), "warning"),
    "cancel_by_releasing_school": (
        "Cancel for the releasing organisation",
        "bookings:cancel",
        ("releasing_school",),
        "warning",
    ),
}
"""For each verb the words of its button, the page behind it, that page's further arguments, and the button's style."""


PAGES_OF_DATES: dict[str, tuple[str, str, str]] = {
    "order": ("Finish the order", "bookings:order_dates", ""),
    "approve": ("Approve or refuse all dates", "bookings:approve_dates", ""),
    "consent": ("Decide on the release", "bookings:consent_dates", ""),
    "withdraw": ("Withdraw the dates", "bookings:withdraw_dates", "secondary"),
}
"""The same for what is done to all dates of an order as one."""


def buttons(booking: Booking, verbs: Iterable[str]) -> list[dict[str, str]]:
    """The ways on from a booking: one for each verb that works now."""
    return [
        {"text": text, "href": reverse(page, args=[booking.reference, *arguments]), "style": style}
        for verb, (text, page, arguments, style) in PAGES.items()
        if verb in verbs and not _is_done_elsewhere(booking, verb)
    ] + _buttons_of_its_order(booking, verbs)


def _is_done_elsewhere(booking: Booking, verb: str) -> bool:
    """Dates of an order are decided together, and visits of a deployment evaluated with it."""
    if verb == "evaluate":
        return not brokerage.is_evaluated_alone(booking)
    return bool(booking.order_id) and verb in PAGES_OF_DATES


def _buttons_of_its_order(booking: Booking, verbs: Iterable[str]) -> list[dict[str, str]]:
    if booking.order is None:
        return []
    order = booking.order.reference
    pages = [
        {"text": text, "href": reverse(page, args=[order]), "style": style}
        for verb, (text, page, style) in PAGES_OF_DATES.items()
        if verb in verbs
    ]
    whole = reverse("bookings:dates_together", args=[order])
    return [*pages, {"text": f"See order {order}", "href": whole, "style": "secondary"}]


def more_buttons(actor: Actor, booking: Booking, *, now: datetime) -> list[dict[str, str]]:
    """What can be done beside moving the booking: hand the session over, answer such an offer, let a charge go."""
    to_come = booking.status == BookingStatus.CONFIRMED and booking.starts_at > now
    found = []
    if to_come and queries.may(actor, booking, "cancel_by_buyer") and queries.may_change_hands(booking):
        on_offer = queries.open_hand_over(booking)
        text = "See the offer to another school" if on_offer else "Hand over to another school"
        found.append({"text": text, "page": "bookings:hand_over"})
    if booking.is_charged:
        found += _about_the_charge(actor, booking)
    if brokerage.may_complain(actor, booking):
        found.append({"text": "Complain", "page": "quality:complain"})
    return [
        {"text": each["text"], "href": reverse(each["page"], args=[booking.reference]), "style": "secondary"}
        for each in found
    ] + _about_moves(actor, booking)


def _about_moves(actor: Actor, booking: Booking) -> list[dict[str, str]]:
    """For each late move whose charge is owed: the provider waives it or answers who asked; the school asks, once."""
    may_waive, may_ask = queries.may_waive(actor, booking), queries.may_ask_waiver(actor, booking)
    found = []
    for number, move, waiver in queries.charged_moves_of(booking) if may_waive or may_ask else ():
        when_ = f"moving from {long_date(move.from_day)}"
        page = ""
        if may_waive and (waiver is None or waiver.status == WaiverStatus.WAITING):
            page = "bookings:decide_move_waiver" if waiver else "bookings:waive_move"
            text = "Decide on waiving" if waiver else "Waive"
        elif may_ask and waiver is None:
            page, text = "bookings:ask_move_waiver", "Ask to waive"
        if page:
            href = reverse(page, args=[booking.reference, number])
            found.append({"text": f"{text} the charge for {when_}", "href": href, "style": "secondary"})
    return found


def _about_the_charge(actor: Actor, booking: Booking) -> list[dict[str, str]]:
    """The provider waives it or answers who asked; the school asks, once."""
    asked = queries.waiver_request_of(booking)
    if queries.may_waive(actor, booking):
        if asked is not None and asked.status == WaiverStatus.WAITING:
            return [{"text": "Decide on waiving the charge", "page": "bookings:decide_waiver"}]
        return [{"text": "Waive the charge", "page": "bookings:waive"}]
    if asked is None and queries.may_ask_waiver(actor, booking):
        return [{"text": "Ask for the charge to be waived", "page": "bookings:ask_waiver"}]
    return []


def when(booking: Booking) -> str:
    """`Tuesday 12 January 2027, full day, 9am to 3:30pm`."""
    hours = session_hours(booking.session)
    label = booking.get_session_display().lower()
    return f"{booking.day:%A} {long_date(booking.day)}, {label}, {hours}"


def too_late(request: HttpRequest, booking: Booking, done: str) -> HttpResponse:
    """Back to the booking, for whoever comes when nothing can be `done` any more."""
    stands = f"this booking is {booking.get_status_display().lower()}, {when(booking)}"
    return tools.too_late(request, done, stands, "bookings:booking", booking.reference)


def visit_rows(booking: Booking) -> list[tuple[str, Any]]:
    """Who comes, when, where and what for, with the school's own words."""
    return visit_facts(booking) + ([("Focus", booking.focus)] if booking.focus else [])


def visit_facts(booking: Booking) -> list[tuple[str, Any]]:
    """Who comes, when, where and what for, without what the school wrote."""
    remote = booking.mode == DeliveryMode.REMOTE
    where = f"Remote, for {booking.receiving_school}" if remote else f"At {booking.receiving_school}"
    return [
        ("Who", f"{booking.practitioner}, {booking.releasing_organisation}"),
        ("When", when(booking)),
        ("Where", where),
        ("What", f"{booking.offer_version.title}: {booking.theme}, {booking.get_phase_display().lower()}"),
        ("Provider", str(booking.provider)),
    ]


def payment_rows(booking: Booking) -> list[tuple[str, Any]]:
    """What is paid and by which route."""
    rows: list[tuple[str, Any]] = [
        ("Price", _price_words(booking)),
        *([] if booking.is_prepaid else [("VAT", vat_words(booking))]),
        ("Paid by", f"{booking.get_route_display()}. {booking.route_reason}"),
    ]
    if booking.purchase_order_number:
        rows.append(("Purchase order", booking.purchase_order_number))
    if booking.cancellation_charge_pence is not None:
        rows.append(("Charge", f"{_charge_words(booking)} {booking.cancellation_explanation}".strip()))
    rows += _move_charges(booking)
    asked = queries.waiver_request_of(booking) if booking.cancellation_charge_pence is not None else None
    if asked is not None:
        rows.append(("Waiver asked for", _asked_words(asked)))
    if booking.charge_waiver_reason:
        who = str(booking.charge_waived_by or "The exchange")
        rows.append(("Charge waived", f"{who}: {booking.charge_waiver_reason} Nothing is owed."))
    return rows


def _move_charges(booking: Booking) -> list[tuple[str, Any]]:
    """What late moves cost, each with what became of the charge."""
    rows: list[tuple[str, Any]] = []
    for _, move, waiver in queries.charged_moves_of(booking):
        what = f"{pounds(move.charge_pence)} before VAT." if move.charge_pence else "No money."
        rows.append(
            (f"Charge for moving from {long_date(move.from_day)}", f"{what} {move.explanation}".strip())
        )
        if waiver is not None and waiver.status == WaiverStatus.GRANTED:
            rows.append(
                (
                    "Charge waived",
                    f"{waiver.decided_by or 'The provider'}: {waiver.decision_note} Nothing is owed.",
                )
            )
        elif waiver is not None:
            rows.append(("Waiver asked for", _asked_words(waiver)))
    return rows


def _asked_words(asked: WaiverRequest | MoveWaiver) -> str:
    who = f"{asked.asked_by or 'The school'}, {long_date(local(asked.asked_at).date())}: {asked.reason}"
    if asked.status == WaiverStatus.WAITING:
        return f"{who} The provider has still to decide."
    if asked.status == WaiverStatus.REFUSED:
        return f"{who} Not waived by {asked.decided_by or 'the provider'}: {asked.decision_note}"
    return who


def _price_words(booking: Booking) -> str:
    days = format_days(booking.half_days)
    if booking.is_prepaid:
        return f"Nothing to pay for {days}, worth {pounds(booking.net_pence)} before VAT"
    return f"{pounds(booking.net_pence)} before VAT, {days}"


def _charge_words(booking: Booking) -> str:
    if booking.is_prepaid and not booking.cancellation_charge_pence:
        return "No money."
    return f"{pounds(booking.cancellation_charge_pence or 0)} before VAT."


def vat_words(booking: Booking) -> str:
    """What is known of VAT before the document is issued."""
    if not booking.vat_pence:
        return "None as things stand"
    return f"{pounds(booking.vat_pence)} as things stand; the document says what is due, and why"


def price_lines(booking: Booking) -> list[dict[str, Any]]:
    """The lines of the price the booking kept, for the component that shows them."""
    return [{"text": line["sentence"], "amount": line["pence"]} for line in booking.price.get("lines", [])]


def cancellation_terms(booking: Booking) -> list[str]:
    """The tariff the booking kept, in sentences."""
    return tariffs.describe(CancellationTariff.from_data(booking.cancellation_tariff))


def package_terms(ways: Iterable[queries.WayToPay], booking: Booking) -> list[dict[str, Any]]:
    """Packages the booking can be drawn from whose tariff is another than the booking's own, each with its sentences."""
    found = []
    for way in ways:
        data = way.entitlement.line.cancellation_tariff if way.entitlement else None
        sentences = tariffs.describe(CancellationTariff.from_data(data)) if data else []
        if way.entitlement and sentences and sentences != cancellation_terms(booking):
            found.append({"package": way.entitlement.line.description, "sentences": sentences})
    return found
