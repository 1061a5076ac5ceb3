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
    path("", include("frontend.urls.quality")),  # before catalogue: quality/providers/ is no offer
    path("", include("frontend.urls.interests")),
    path("", include("frontend.urls.ranking")),
    path("", include("frontend.urls.catalogue")),
    path("", include("frontend.urls.requests")),  # before needs: needs/requests/ is no need
    path("", include("frontend.urls.courses")),
    path("", include("frontend.urls.brokerage")),
    path("", include("frontend.urls.deployments")),
    path("", include("frontend.urls.selling")),
    path("", include("frontend.urls.agreements")),
    path("", include("frontend.urls.balances")),
    path("", include("frontend.urls.approvals")),
    path("", include("frontend.urls.finance")),  # before documents: money/desk/ is no document
    path("", include("frontend.urls.settling")),
    path("", include("frontend.urls.cards")),
    path("", include("frontend.urls.billing")),
    path("", include("frontend.urls.partnership")),
    path("", include("frontend.urls.coverage")),
    path("", include("frontend.urls.networks")),
    path("", include("frontend.urls.notifications")),
    path("", include("frontend.urls.messages")),
]

if settings.DEBUG or settings.TESTING:
    urlpatterns.append(path("_gallery/", include("frontend.gallery")))
