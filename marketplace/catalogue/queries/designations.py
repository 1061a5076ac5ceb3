"""Designations that end soon, for those who keep them and for the convenors who check them."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.models import Designation, ProviderDesignation
from marketplace.kernel.access import Actor, Role
from marketplace.organisations.models import Organisation

DAYS_BEFORE = 60
"""How long before its end a designation is asked about: renewing one takes a term."""


def designations_convened_by(actor: Actor) -> QuerySet[Designation]:
    """Designations of the people whom providers of the convenor's areas list or release."""
    rows = Designation.objects.select_related(
        "practitioner__releasing_organisation", "practitioner__listed_by", "checked_by"
    )
    areas = actor.in_area(Role.CONVENOR)
    if actor.is_system:
        return rows
    return rows.filter(
        Q(practitioner__releasing_organisation__area__in=areas) | Q(practitioner__listed_by__area__in=areas)
    )


def provider_designations_convened_by(actor: Actor) -> QuerySet[ProviderDesignation]:
    """Designations of the organisations of the convenor's areas."""
    rows = ProviderDesignation.objects.select_related("organisation", "checked_by")
    return rows if actor.is_system else rows.filter(organisation__area__in=actor.in_area(Role.CONVENOR))


def provider_designations_managed_by(actor: Actor) -> QuerySet[ProviderDesignation]:
    """Designations of the organisations the person keeps."""
    rows = ProviderDesignation.objects.select_related("organisation", "checked_by")
    return rows if actor.is_system else rows.filter(organisation__in=actor.organisations(*MANAGERS))


def designations_managed_by(actor: Actor) -> QuerySet[Designation]:
    """Designations of the people whose page the person keeps."""
    rows = Designation.objects.select_related(
        "practitioner__releasing_organisation", "practitioner__listed_by"
    )
    own = actor.organisations(*MANAGERS)
    if actor.is_system:
        return rows
    return rows.filter(Q(practitioner__releasing_organisation__in=own) | Q(practitioner__listed_by__in=own))


def designations_of_provider(organisation: Organisation) -> QuerySet[ProviderDesignation]:
    """The designations of one organisation, which everybody may read."""
    return organisation.designations.select_related("checked_by")


def ending_by(last_day: date, *, today: date) -> Q:
    """In force today, with their last day on or before `last_day`."""
    return Q(valid_from__lte=today, valid_to__gte=today, valid_to__lte=last_day)


def ending_soon(today: date) -> Q:
    """In force today, and ending within `DAYS_BEFORE` days."""
    return ending_by(today + timedelta(days=DAYS_BEFORE), today=today)


def in_force(today: date) -> Q:
    """In force today."""
    return Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))
