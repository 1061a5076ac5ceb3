"""How a booking is put into words and rows on its pages."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from frontend.forms.bookings import session_hours
from marketplace.bookings import tariffs
from marketplace.bookings.models import Booking
from marketplace.bookings.tariffs import CancellationTariff
from marketplace.catalogue.models import DeliveryMode
from marketplace.kernel.dates import long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds

PAGES: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "order": ("Finish the booking", "bookings:order", (), ""),
    "approve": ("Approve or refuse", "bookings:approve", (), ""),
    "consent": ("Decide on the release", "bookings:consent", (), ""),
    "deliver": ("Write the record of visit", "brokerage:record", (), ""),
    "evaluate": ("Evaluate the support", "brokerage:evaluate", (), ""),
    "withdraw": ("Withdraw", "bookings:withdraw", (), "secondary"),
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


def buttons(booking: Booking, verbs: Iterable[str]) -> list[dict[str, str]]:
    """The ways on from a booking: one for each verb that works now."""
    return [
        {"text": text, "href": reverse(page, args=[booking.reference, *arguments]), "style": style}
        for verb, (text, page, arguments, style) in PAGES.items()
        if verb in verbs
    ]


def when(booking: Booking) -> str:
    """`Tuesday 12 January 2027, full day, 9am to 3:30pm`."""
    hours = session_hours(booking.session)
    label = booking.get_session_display().lower()
    return f"{booking.day:%A} {long_date(booking.day)}, {label}, {hours}"


def visit_rows(booking: Booking) -> list[tuple[str, Any]]:
    """Who comes, when, where and what for."""
    remote = booking.mode == DeliveryMode.REMOTE
    where = f"Remote, for {booking.receiving_school}" if remote else f"At {booking.receiving_school}"
    rows = [
        ("Who", f"{booking.practitioner}, {booking.releasing_organisation}"),
        ("When", when(booking)),
        ("Where", where),
        ("What", f"{booking.offer_version.title}: {booking.theme}, {booking.get_phase_display().lower()}"),
        ("Provider", str(booking.provider)),
    ]
    return rows + ([("Focus", booking.focus)] if booking.focus else [])


def payment_rows(booking: Booking) -> list[tuple[str, Any]]:
    """What is paid and by which route."""
    rows: list[tuple[str, Any]] = [
        ("Price", f"{pounds(booking.net_pence)} before VAT, {format_days(booking.half_days)}"),
        ("VAT", vat_words(booking)),
        ("Paid by", f"{booking.get_route_display()}. {booking.route_reason}"),
    ]
    if booking.purchase_order_number:
        rows.append(("Purchase order", booking.purchase_order_number))
    if booking.cancellation_charge_pence is not None:
        charge = pounds(booking.cancellation_charge_pence)
        rows.append(("Charge", f"{charge} before VAT. {booking.cancellation_explanation}".strip()))
    return rows


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
