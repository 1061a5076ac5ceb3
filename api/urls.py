"""Addresses of the API: one router filled by each capability, and the schema."""

from django.urls import include, path
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from api import billing, bookings, brokerage, catalogue, coverage, notifications, organisations

router = DefaultRouter()
router.include_format_suffixes = False  # there is one format, and one address for each thing
for capability in (organisations, catalogue, bookings, brokerage, billing, coverage, notifications):
    capability.register(router)

# The same for everybody, and a second's work to write.
SCHEMA_KEPT_SECONDS = 60 * 60
schema = SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[])

urlpatterns = [
    path("schema/", cache_page(SCHEMA_KEPT_SECONDS)(schema), name="schema"),
    path("", include(router.urls)),
]
