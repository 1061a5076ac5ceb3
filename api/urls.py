"""Addresses of the API: one router filled by each capability, and the schema."""

from django.urls import include, path
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from api import (
    advice,
    agreements,
    approvals,
    balances,
    billing,
    bookings,
    brokerage,
    calls,
    catalogue,
    concerns,
    conversations,
    courses,
    coverage,
    coverage_scenarios,
    deployments,
    finance,
    networks,
    notifications,
    organisations,
    quality,
    ranking,
    requests,
    selling,
    settling,
    subscriptions,
)

router = DefaultRouter()
router.include_format_suffixes = False  # there is one format, and one address for each thing
for capability in (
    balances,
    agreements,
    approvals,
    organisations,
    networks,
    catalogue,
    bookings,
    courses,
    brokerage,
    deployments,
    concerns,
    ranking,
    requests,
    calls,
    billing,
    finance,
    selling,
    settling,
    coverage,
    advice,
    coverage_scenarios,
    notifications,
    quality,
    conversations,
    subscriptions,
):
    capability.register(router)

# The same for everybody, and a second's work to write.
SCHEMA_KEPT_SECONDS = 60 * 60
schema = SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[])

urlpatterns = [
    path("schema/", cache_page(SCHEMA_KEPT_SECONDS)(schema), name="schema"),
    path("", include(router.urls)),
]
