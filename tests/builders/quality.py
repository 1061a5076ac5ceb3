"""Complaints and designations of organisations."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from marketplace.bookings.models import Booking
from marketplace.brokerage.models import Complaint
from marketplace.brokerage.rules import answer_due_on
from marketplace.catalogue.models import ProviderDesignation
from marketplace.kernel.access import Role
from marketplace.organisations.models import Organisation
from tests.builders.bookings import a_booking
from tests.builders.organisations import a_person

__all__ = ["a_complaint", "a_provider_designation"]


def a_complaint(booking: Booking | None = None, **fields: Any) -> Complaint:
    """A complaint of today about a delivered booking, waiting for the provider's answer."""
    booking = booking or a_booking(status="delivered")
    school, provider = booking.receiving_school, booking.provider
    defaults: dict[str, Any] = {
        "school": school,
        "provider": provider,
        "booking": booking,
        "subject": "quality",
        "details": "Half of the morning was spent on slides.",
        "raised_at": timezone.now(),
        "answer_due_on": answer_due_on(timezone.localdate()),
    }
    if "raised_by" not in fields:
        fields["raised_by"] = a_person(Role.HEADTEACHER, at=school)
    complaint: Complaint = Complaint.objects.scoped().create(**defaults | fields)
    return complaint


def a_provider_designation(organisation: Organisation, **fields: Any) -> ProviderDesignation:
    """A designation of last year that runs for two more, with evidence nobody has looked at."""
    today = timezone.localdate()
    defaults: dict[str, Any] = {
        "scheme": "Teaching school hub",
        "awarded_by": "Department for Education",
        "valid_from": today - timedelta(days=365),
        "valid_to": today + timedelta(days=730),
        "evidence": "Letter of award",
    }
    return ProviderDesignation.objects.create(organisation=organisation, **defaults | fields)
