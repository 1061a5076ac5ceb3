"""Addresses of the API: one router filled by each capability, and the schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from api import billing, bookings, brokerage, catalogue, coverage, notifications, organisations

router = DefaultRouter()
for capability in (organisations, catalogue, bookings, brokerage, billing, coverage, notifications):
    capability.register(router)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="schema"),
    path("", include(router.urls)),
]
