"""The tabs over all pages of money: where else there is something for this person."""

from typing import Any, NamedTuple

from django import template
from django.urls import NoReverseMatch, reverse

from marketplace.billing.models import CardPayment, Document
from marketplace.billing.queries import BUYER_READERS, SUPPLIER_READERS, cards
from marketplace.bookings.models import Booking
from marketplace.kernel.access import Role

register = template.Library()


class Tab(NamedTuple):
    """A tab: its words, its page, the first parts of the addresses under it, and who has something there."""

    text: str
    url_name: str
    prefixes: tuple[str, ...]
    roles: frozenset[Role]


SELLING = frozenset(SUPPLIER_READERS)
ALL = frozenset(BUYER_READERS | SUPPLIER_READERS)
TABS = (
    Tab("Documents", "billing:documents", (), ALL),
    Tab("Receipts", "finance:receipts", ("/money/receipts/",), SELLING),
    Tab("Owed", "finance:owed", ("/money/owed/",), ALL),
    Tab("Cards", "cards:list", ("/money/card/",), ALL),
    Tab("Settlement", "settling:statements", ("/money/settlement/", "/money/backfill/"), ALL),
    Tab("Journals", "settling:journals", ("/money/journals/",), frozenset({Role.FINANCE})),
    Tab("Year end", "settling:year_end", ("/money/year-end/",), ALL),
    Tab("Desk", "finance:desk", ("/money/desk/", "/money/ledger/"), SELLING),
)


@register.simple_tag(takes_context=True)
def money_tabs(context: dict[str, Any]) -> list[dict[str, Any]]:
    """The tabs of this person, the one of this page marked; a page under no other tab is a document's."""
    request = context["request"]
    held = frozenset().union(*request.actor.roles.values())
    runs_journals = bool(request.actor.in_area(Role.FINANCE))
    shown = [
        (tab, _address(tab))
        for tab in TABS
        if held & tab.roles and (runs_journals or tab.url_name != "settling:journals")
    ]
    under = next((tab for tab, _ in shown if tab.prefixes and request.path.startswith(tab.prefixes)), TABS[0])
    return [{"href": href, "text": tab.text, "current": tab is under} for tab, href in shown if href]


def _address(tab: Tab) -> str:
    try:
        return reverse(tab.url_name)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def card_address(
    context: dict[str, Any], *, document: Document | None = None, booking: Booking | None = None
) -> str:
    """Where this person can pay a document or a booking by card now; nothing where they can't."""
    actor = context["request"].actor
    if document is not None and cards.can_pay_document(actor, document):
        return reverse("cards:pay_document", args=[document.reference])
    if booking is not None and cards.can_pay_booking(actor, booking):
        return reverse("cards:pay_booking", args=[booking.reference])
    return ""


@register.simple_tag(takes_context=True)
def card_payments_of(context: dict[str, Any], booking: Booking) -> list[CardPayment]:
    """Card payments of a booking that this person may see, the latest first."""
    return list(cards.card_payments_visible_to(context["request"].actor).filter(booking=booking))
