"""Addresses of the pages: a module per capability, none of them by hand in a template."""

from django.conf import settings
from django.urls import include, path

from frontend.views import health, home

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("cookies/", home.cookies, name="cookies"),
    path("privacy/", home.privacy, name="privacy"),
    path("", include("frontend.urls.home")),
    path("", include("frontend.urls.bookings")),  # before organisations: areas/term-dates/ is no area
    path("", include("frontend.urls.organisations")),
    path("", include("frontend.urls.catalogue")),
    path("", include("frontend.urls.brokerage")),
    path("", include("frontend.urls.billing")),
    path("", include("frontend.urls.coverage")),
    path("", include("frontend.urls.notifications")),
]

if settings.DEBUG or settings.TESTING:
    urlpatterns.append(path("_gallery/", include("frontend.gallery")))
