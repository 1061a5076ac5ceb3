"""The admin's view of the catalogue: to look things up. Changes are made by actions.

Assurances are shown without any text of their own, because none is kept.
"""

from django.contrib import admin

from marketplace.catalogue.models import (
    Designation,
    EmployerAssurance,
    Offer,
    OfferVersion,
    Practitioner,
    SupportType,
    Theme,
)
from marketplace.organisations.admin import ReadOnly


@admin.register(Theme)
class ThemeAdmin(ReadOnly):
    list_display = ("code", "name", "parent", "remote_fit", "max_km")
    list_select_related = ("parent",)
    search_fields = ("code", "name")


@admin.register(SupportType)
class SupportTypeAdmin(ReadOnly):
    list_display = ("code", "name", "service_kind")


@admin.register(Practitioner)
class PractitionerAdmin(ReadOnly):
    list_display = (
        "reference",
        "name",
        "releasing_organisation",
        "listed_by",
        "agreed_half_days",
        "is_active",
    )
    list_select_related = ("releasing_organisation", "listed_by")
    list_filter = ("is_active",)
    search_fields = ("reference", "name", "releasing_organisation__name")


@admin.register(Designation)
class DesignationAdmin(ReadOnly):
    list_display = ("practitioner", "scheme", "awarded_by", "valid_from", "valid_to")
    list_select_related = ("practitioner",)


@admin.register(EmployerAssurance)
class EmployerAssuranceAdmin(ReadOnly):
    list_display = ("practitioner", "scope", "valid_from", "valid_to", "confirmed_by_name", "withdrawn_at")
    list_select_related = ("practitioner",)


@admin.register(Offer)
class OfferAdmin(ReadOnly):
    list_display = ("reference", "current", "provider", "status", "confirmed_at")
    list_select_related = ("current", "provider")
    list_filter = ("status",)
    search_fields = ("reference", "versions__title", "provider__name")


@admin.register(OfferVersion)
class OfferVersionAdmin(ReadOnly):
    list_display = ("offer", "number", "title", "status", "submitted_at", "reviewed_by")
    list_select_related = ("offer", "reviewed_by")
    list_filter = ("status",)
    search_fields = ("title", "offer__reference")
