"""The admin's view of areas, organisations, schools and people: to look things up. Changes are made by actions.

The one thing done here is to switch a person off (`is_active`), which ends their access at once.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marketplace.organisations.models import (
    Area,
    Cluster,
    Invitation,
    Membership,
    Organisation,
    RegisterImport,
    School,
    SchoolLink,
    User,
    Ward,
)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Area)
class AreaAdmin(ReadOnly):
    list_display = ("code", "name", "gss_code")
    search_fields = ("code", "name")


@admin.register(Ward)
class WardAdmin(ReadOnly):
    list_display = ("code", "name", "area")
    list_select_related = ("area",)
    exclude = ("geometry",)
    search_fields = ("code", "name")


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly):
    list_display = ("reference", "name", "kind", "legal_status", "area")
    list_filter = ("kind", "legal_status")
    list_select_related = ("area",)
    search_fields = ("reference", "name", "register_code")


@admin.register(School)
class SchoolAdmin(ReadOnly):
    list_display = ("urn", "organisation", "area", "status_code")
    list_filter = ("status_code",)
    list_select_related = ("organisation", "area")
    search_fields = ("urn", "organisation__name", "postcode")


@admin.register(SchoolLink)
class SchoolLinkAdmin(ReadOnly):
    list_display = ("urn", "link_type", "linked_urn", "established_on")
    search_fields = ("urn", "linked_urn")


@admin.register(Cluster)
class ClusterAdmin(ReadOnly):
    list_display = ("reference", "name", "area")
    list_select_related = ("area",)


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    readonly_fields = ("email", "name", "is_staff", "is_superuser", "date_joined", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ("user", "role", "organisation", "started_at", "ended_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__email", "organisation__name")


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("reference", "email", "role", "organisation", "sent_at", "accepted_at", "revoked_at")
    list_select_related = ("organisation",)
    exclude = ("token_hash",)
    search_fields = ("email", "organisation__name")


@admin.register(RegisterImport)
class RegisterImportAdmin(ReadOnly):
    list_display = (
        "reference",
        "file_name",
        "area",
        "status",
        "added",
        "changed",
        "closed",
        "refused",
        "created_at",
    )
    list_filter = ("status",)
    list_select_related = ("area",)
    exclude = ("newcomers",)
