"""Whose people led a course, and what of an order of places falls to each organisation."""

from collections import Counter

from marketplace.billing.rules import LedPart, parts_of
from marketplace.bookings.models import CourseEvent, CourseLead, LeadStatus, PlaceOrder


def led_by(event: CourseEvent) -> list[CourseLead]:
    """Those who led the course, in the order they were named; those kept at home left out."""
    return [lead for lead in event.leads.all() if lead.status == LeadStatus.RELEASED]


def parts_of_places(order: PlaceOrder, net_pence: int) -> list[LedPart]:
    """What of an amount billed (or drawn from a package) for an order falls to each organisation whose people led the course."""
    half_days: Counter[int] = Counter()
    for lead in led_by(order.event):
        half_days[lead.releasing_organisation_id] += lead.half_days
    return parts_of(net_pence, order.price["shares"], half_days)


def lent_parts(order: PlaceOrder, net_pence: int) -> list[LedPart]:
    """The same without what the provider's own people led, for which it owes nobody."""
    return [
        part for part in parts_of_places(order, net_pence) if part.organisation != order.event.provider_id
    ]
