"""Addresses of the pages: a module per capability, none of them by hand in a template."""

from django.urls import include, path

from frontend.views import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("", include("frontend.urls.home")),
    path("", include("frontend.urls.organisations")),
    path("", include("frontend.urls.catalogue")),
    path("", include("frontend.urls.bookings")),
    path("", include("frontend.urls.brokerage")),
    path("", include("frontend.urls.billing")),
    path("", include("frontend.urls.coverage")),
    path("", include("frontend.urls.notifications")),
]
